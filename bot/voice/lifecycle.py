"""The life of a voice: draft → evaluated → live → retired, each change with who and why.

    add ──→ draft ──test──→ evaluated ──promote──→ live ──retire──→ retired
                                ↑                   │
                                └─── rollback ──────┘

One voice is live for each channel, or for all that have none of their own. The neutral one is live
where no other is.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from bot.errors import VoiceError
from bot.settings import VoiceSettings
from bot.voice.voices import NEUTRAL, Voices
from ingest.database import Database, Session

EVERYWHERE = ""  # the channel that stands for all without a voice of their own
ITSELF = "footnote"  # who did it when nobody did


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes something, and why."""

    who: str
    why: str


@dataclass(frozen=True, slots=True)
class Live:
    """What is live in a channel; below a `share` of 1 other answers come in the voice before."""

    channel: str
    voice: str
    before: str
    share: float

    @property
    def where(self) -> str:
        """The channel, in words."""
        return f"in {self.channel}" if self.channel else "everywhere"


class Lifecycle:
    """What is done to voices."""

    def __init__(self, database: Database, voices: Voices) -> None:
        """Changes are kept in `database`."""
        self._database = database
        self._voices = voices

    async def add(self, name: str, defined: VoiceSettings, by: Author) -> None:
        """Add a draft. Raises VoiceError when the name is taken."""
        if name == NEUTRAL or self._voices.written(name):
            raise VoiceError(f"There is a voice named {name} already; choose another name.")
        definition = Jsonb(defined.model_dump(mode="json", exclude_defaults=True))
        async with self._changing() as session:
            added = await session.row("add_voice", voice=name, definition=definition)
            if added is None:
                raise VoiceError(f"There is a voice named {name} already; choose another name.")
            await _note(session, name, by, "added")

    async def evaluated(
        self, name: str, figures: Mapping[str, Any], refused: str | None, by: Author
    ) -> None:
        """Keep what a test found. Unless it was `refused`, a draft has been evaluated by it."""
        async with self._changing() as session:
            await session.run("know_voice", voice=name)
            await session.run("add_evaluation", voice=name, kind="test", figures=Jsonb(figures))
            row = await session.row("voice_row", voice=name)
            if refused is None and row and row["state"] == "draft":
                await session.run("set_voice_state", voice=name, state="evaluated")
            await _note(session, name, by, f"tested: {refused or 'it passed'}")

    async def promote(self, name: str, channel: str, share: float, by: Author) -> Live:
        """Make a voice live; neutral takes the place of any. Raises VoiceError."""
        async with self._changing() as session:
            if name != NEUTRAL:
                await self._check_promotable(session, name)
            row = await session.row("live_in", channel=channel)
            same = row is not None and _name(row["voice"]) == name
            # Promoted further, a canary keeps what it would return to.
            before = _name(row["before" if same else "voice"]) if row else NEUTRAL
            live = Live(channel, name, before, share)
            await _set(session, live)
            what = f"live {live.where}" + (f" for {share:.0%} of answers" if share < 1 else "")
            await _note(session, name, by, what, channel)
        return live

    async def _check_promotable(self, session: Session, name: str) -> None:
        await self._voices.choose(name)
        row = await session.row("voice_row", voice=name)
        state = row["state"] if row else "draft"
        if state == "draft":
            raise VoiceError(
                f"The voice {name} was not evaluated yet.\nRun: footnote voice test {name}"
            )
        if state == "retired":
            raise VoiceError(f"The voice {name} was retired; add it anew under another name.")

    async def rollback(self, channel: str, by: Author) -> Live:
        """Return to the voice before. Raises VoiceError when none is live there."""
        async with self._changing() as session:
            row = await session.row("live_in", channel=channel)
            if row is None or row["channel"] != channel:
                raise VoiceError("No voice was promoted there, so there is nothing to return from.")
            live = Live(channel, _name(row["before"]), NEUTRAL, 1.0)
            await _set(session, live)
            await _note(session, _name(row["voice"]), by, f"rolled back to {live.voice}", channel)
        return live

    async def retire(self, name: str, by: Author) -> list[Live]:
        """Use a voice no more; where it was live the one before is. Raises VoiceError."""
        await self._voices.choose(name)
        async with self._changing() as session:
            await session.run("know_voice", voice=name)
            returned = await _withdraw(session, name)
            await session.run("set_voice_state", voice=name, state="retired")
            await _note(session, name, by, "retired")
        return returned

    async def withdraw(self, name: str, by: Author) -> list[Live]:
        """Take a voice off wherever it is live, without retiring it."""
        async with self._changing() as session:
            returned = await _withdraw(session, name)
            for live in returned:
                await _note(session, name, by, f"returned to {live.voice}", live.channel)
        return returned

    async def live_in(self, channel: str | None) -> Live:
        """What is live in a channel."""
        row = await self._database.row("live_in", channel=channel or EVERYWHERE)
        if row is None:
            return Live(EVERYWHERE, NEUTRAL, NEUTRAL, 1.0)
        return Live(row["channel"], _name(row["voice"]), _name(row["before"]), row["share"])

    @contextlib.asynccontextmanager
    async def _changing(self) -> AsyncIterator[Session]:
        """A transaction in which nobody else changes voices."""
        async with self._database.transaction() as session:
            await session.row("lock_voices")
            yield session


async def _set(session: Session, live: Live) -> None:
    await session.run(
        "make_live",
        channel=live.channel,
        voice=_named(live.voice),
        before=_named(live.before),
        share=live.share,
    )
    await session.run("settle_states")


async def _withdraw(session: Session, name: str) -> list[Live]:
    rows = await session.rows("withdraw_voice", voice=name)
    await session.run("settle_states")
    return [Live(row["channel"], _name(row["voice"]), NEUTRAL, 1.0) for row in rows]


async def _note(
    session: Session, voice: str, by: Author, what: str, channel: str | None = None
) -> None:
    await session.run(
        "note_change", voice=voice, who=by.who, why=by.why, what=what, channel=channel
    )


def _name(row: str | None) -> str:
    return row or NEUTRAL


def _named(name: str) -> str | None:
    return None if name == NEUTRAL else name
