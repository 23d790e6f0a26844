"""What voices there are, and all that is known of one: for the command line."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bot.voice.evaluation import as_lines
from bot.voice.lifecycle import EVERYWHERE
from bot.voice.voices import NEUTRAL, Voices
from ingest.database import Database, Row

_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Listed:
    """A voice in a line. A voice of footnote.toml has no state until something is done to it."""

    name: str
    kind: str
    state: str
    model: str
    channels: tuple[str, ...] = ()
    shutdown_date: str | None = None

    @property
    def where(self) -> str:
        """Where it is live."""
        return ", ".join(each or "everywhere" for each in self.channels)

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice list --json` prints."""
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Shown:
    """All that is known of a voice."""

    listed: Listed
    definition: dict[str, Any]
    figures: Row
    tested: Row | None
    changes: list[Row] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice show --json` prints."""
        return self.listed.as_json() | {
            "definition": self.definition,
            "uses": dict(self.figures),
            "tested": dict(self.tested) if self.tested else None,
            "changes": [dict(change) for change in self.changes],
        }


async def listed(database: Database, voices: Voices) -> list[Listed]:
    """Every voice, the neutral one first."""
    rows = {row["name"]: row for row in await database.rows("voice_rows")}
    live = await database.rows("live_voices")
    neutral = [row["channel"] for row in live if row["voice"] is None]
    if EVERYWHERE not in {row["channel"] for row in live}:
        neutral.insert(0, EVERYWHERE)
    found = [Listed(NEUTRAL, "neutral", "live" if neutral else "", "", tuple(neutral))]
    for name in await voices.names():
        voice, row = await voices.choose(name), rows.get(name)
        found.append(
            Listed(
                name,
                voice.settings.kind,
                row["state"] if row else "in footnote.toml",
                voice.settings.model,
                tuple(row["channels"]) if row else (),
                str(voice.settings.shutdown_date) if voice.settings.shutdown_date else None,
            )
        )
    return found


async def shown(database: Database, voices: Voices, name: str) -> Shown:
    """All that is known of a voice. Raises VoiceError."""
    voice = await voices.choose(name)
    one = next(each for each in await listed(database, voices) if each.name == name)
    figures = await database.row("voice_figures", voice=name, since=_EVER)
    assert figures is not None
    return Shown(
        one,
        voice.settings.model_dump(mode="json", exclude_defaults=True),
        figures,
        await database.row("last_evaluation", voice=name, kind="test"),
        await database.rows("voice_changes", voice=name),
    )


def print_listed(found: list[Listed]) -> None:
    """A table of voices."""
    from rich.console import Console  # noqa: PLC0415 - for a command
    from rich.table import Table  # noqa: PLC0415

    drawn = Table("voice", "kind", "state", "live", "model", "ends")
    for each in found:
        drawn.add_row(
            each.name, each.kind, each.state, each.where, each.model, each.shutdown_date or ""
        )
    Console().print(drawn)


def print_shown(found: Shown) -> None:
    """A voice on a terminal."""
    one, figures = found.listed, found.figures
    said = [f"{one.name}: {one.kind}, {one.state}{f', live {one.where}' if one.where else ''}"]
    said += [f"  {name}: {value}" for name, value in found.definition.items()]
    if figures["uses"]:
        said.append(
            f"used {figures['uses']} times: {figures['fell_back']} stayed neutral,"
            f" {figures['partly']} in part; p50 {figures['p50_ms']:.0f} ms,"
            f" p95 {figures['p95_ms']:.0f} ms; ${figures['cost_usd']:.6f} an answer;"
            f" {figures['down']} of {figures['votes']} votes 👎"
        )
    if found.tested:
        said.append(f"tested on {found.tested['at']:%Y-%m-%d}:")
        said += [f"  {line}" for line in as_lines(found.tested["figures"])]
    said += [
        f"{change['at']:%Y-%m-%d %H:%M}  {change['who']}: {change['what']} ({change['why']})"
        for change in found.changes
    ]
    print("\n".join(said))  # noqa: T201 - for a command
