"""Drift: whether a live voice still words and keeps facts as it did when it was tested."""

from dataclasses import dataclass

from psycopg.types.json import Jsonb

from bot.settings import StyleSettings
from bot.voice.style.desk import desk_profile
from ingest.database import Database, Row

DAYS = 7
FEWEST = 10  # answers from which something can be said
STYLE = 0.07  # of agreement that a voice may lose
FACTS = 0.1  # of the statements kept to their facts that it may lose


@dataclass(frozen=True, slots=True)
class Drift:
    """A voice that has changed, and how."""

    voice: str
    changes: tuple[str, ...]

    def lines(self) -> list[str]:
        """What leads are told."""
        return [
            f"The voice {self.voice} is not what it was when it was tested.",
            *(f"  {change}" for change in self.changes),
            f"  Look at it again: footnote voice test {self.voice}",
        ]


async def drifted(database: Database, terms: StyleSettings) -> list[Drift]:
    """Look at every live voice, keep what was found, and return those that have drifted."""
    live = {row["voice"] for row in await database.rows("live_voices") if row["voice"]}
    profile = await desk_profile(database, terms) if live else None
    found = []
    for voice in sorted(live):
        tested = await database.row("last_evaluation", voice=voice, kind="test")
        rows = await database.rows("recent_wordings", voice=voice, days=DAYS)
        use = await database.row("recent_uses", voice=voice, days=DAYS)
        if tested is None or use is None or len(rows) < FEWEST:
            continue
        texts = [row["said"] for row in rows]
        now = {
            "answers": len(texts),
            "style": profile.agreement(texts).overall if profile else None,
            "kept": use["kept"],
        }
        await database.run("add_evaluation", voice=voice, kind="drift", figures=Jsonb(now))
        changes = _changes(tested, now["style"], use["kept"])
        if changes:
            found.append(Drift(voice, tuple(changes)))
    return found


def _changes(tested: Row, style: float | None, kept: float | None) -> list[str]:
    before, parts = tested["figures"], tested["figures"].get("parts") or 0
    found = []
    if style is not None and before.get("style") is not None and before["style"] - style > STYLE:
        found.append(f"agreement with the desk's style: {before['style']:.2f} → {style:.2f}")
    if kept is not None and parts:
        was = before["passed"] / parts
        if was - kept > FACTS:
            found.append(f"statements kept to their facts: {was:.0%} → {kept:.0%}")
    return found
