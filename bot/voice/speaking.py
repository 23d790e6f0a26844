"""Speaking: which voice an answer comes in, and the answer in it.

Each attempt is kept as a use of the voice, by which it is watched.
"""

import hashlib
from typing import TYPE_CHECKING

from bot import records
from bot.answers import Answer
from bot.voice.canary import Canary
from bot.voice.lifecycle import Lifecycle, Live
from bot.voice.pairs import Pair
from bot.voice.rewrite import Telling, Use, reword
from bot.voice.voices import Voice, Voices
from ingest.database import Database

if TYPE_CHECKING:
    from bot.voice.exemplars import Exemplars

_SHARES = 10_000


class Speaking:
    """Words kept neutral answers."""

    def __init__(
        self, database: Database, voices: Voices, exemplars: "Exemplars", canary: Canary
    ) -> None:
        """`exemplars` finds approved answers for voices that are shown the nearest ones."""
        self._database = database
        self._voices = voices
        self._exemplars = exemplars
        self._canary = canary
        self._lifecycle = Lifecycle(database, voices)

    async def in_voice(
        self,
        neutral: Answer,
        name: str,
        on_progress: Telling | None = None,
    ) -> Answer | None:
        """A kept neutral answer in a voice, as far as that keeps the facts; it is kept beside it.

        None when there is no such voice.
        """
        voice = await self._voices.get(name)
        if voice is None:
            return None
        assert neutral.id is not None
        worded = await reword(neutral, voice, await self._shown(voice, neutral), on_progress)
        if worded.use is not None:
            await self._note(worded.use, neutral.id)
            await self._canary.look(worded.use)
        return await records.keep_wording(self._database, neutral.id, worded.answer)

    async def voice_for(self, channel: str | None, question_id: int) -> str:
        """The voice that is live in a channel; of one on trial a question's id decides."""
        live = await self._lifecycle.live_in(channel)
        return live.voice if _falls_to(live, question_id) else live.before

    async def _shown(self, voice: Voice, neutral: Answer) -> tuple[Pair, ...] | None:
        nearest = voice.settings.nearest
        if not nearest:
            return None
        found = await self._exemplars.nearest(neutral.standalone or neutral.question, nearest)
        return (*voice.exemplars, *found)

    async def _note(self, use: Use, answer_id: int) -> None:
        await self._database.run(
            "add_use",
            voice=use.voice,
            answer=answer_id,
            outcome=use.outcome.value,
            reason=use.reason,
            parts=use.parts,
            passed=use.passed,
            cost_usd=use.cost_usd,
            ms=use.ms,
        )


def _falls_to(live: Live, question_id: int) -> bool:
    digest = hashlib.sha256(b"%d" % question_id).digest()
    return int.from_bytes(digest[:4], "big") % _SHARES < live.share * _SHARES
