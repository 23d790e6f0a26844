"""Canary: a voice that does badly is taken off by itself, and the leads are told.

One whose model is gone is taken off wherever it is live; one that is tried on a share of the
answers, when too many of them stay neutral, are voted down, or take too long.
"""

import logging

from bot.settings import CanarySettings
from bot.voice.lifecycle import ITSELF, Author, Lifecycle, Live
from bot.voice.rewrite import Use
from ingest.database import Database, Row

log = logging.getLogger("footnote.voice")


class Canary:
    """Looks at how voices do."""

    def __init__(self, database: Database, lifecycle: Lifecycle, limits: CanarySettings) -> None:
        """`limits` say what is too bad."""
        self._database = database
        self._lifecycle = lifecycle
        self._limits = limits

    async def look(self, use: Use) -> None:
        """Look at a voice after it was used."""
        if use.gone:
            await self._return(use.voice, use.reason or "its model is gone.")
        else:
            await self._look_at_shares(use.voice)

    async def look_at_all(self) -> None:
        """Look at every voice that is tried: votes come in without a use."""
        await self._look_at_shares(None)

    async def _look_at_shares(self, voice: str | None) -> None:
        for row in await self._database.rows("live_voices"):
            if row["voice"] is None or row["share"] == 1 or voice not in (None, row["voice"]):
                continue
            figures = await self._database.row(
                "voice_figures", voice=row["voice"], since=row["since"]
            )
            assert figures is not None
            reason = crossed(figures, self._limits)
            if reason is not None:
                await self._return(row["voice"], reason)

    async def _return(self, voice: str, reason: str) -> None:
        returned = await self._lifecycle.withdraw(voice, Author(ITSELF, reason))
        if not returned:
            return  # it was not live, or another process was quicker
        log.warning("the voice %s was taken off: %s", voice, reason)
        lines = [f"The voice {voice} was taken off: {reason}", *map(_now, returned)]
        again = f"  To use it again: footnote voice test {voice}"
        async with self._database.session() as session:
            change = await session.row("last_change", voice=voice)
            await session.run(
                "add_notice",
                about=f"returned {change['id'] if change else voice}",
                lines=[*lines, again],
            )


def crossed(figures: Row, limits: CanarySettings) -> str | None:
    """Which limit a voice's figures cross, in words; None while there are too few to tell."""
    uses, votes = figures["uses"], figures["votes"]
    fell_back = figures["fell_back"] / uses if uses else 0.0
    down = figures["down"] / votes if votes else 0.0
    if uses >= limits.answers and fell_back > limits.fell_back:
        return f"{fell_back:.0%} of its answers stayed neutral, {limits.fell_back:.0%} may."
    if votes >= limits.votes and down > limits.voted_down:
        return f"{down:.0%} of the votes on its answers were 👎, {limits.voted_down:.0%} may be."
    seconds = figures["p95_ms"] / 1000
    if uses >= limits.answers and seconds > limits.seconds:
        return f"one in twenty answers took {seconds:.1f} s or more, {limits.seconds:g} s may be."
    return None


def _now(live: Live) -> str:
    return f"  {live.where.capitalize()} answers come in the {live.voice} voice again."
