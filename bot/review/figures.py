"""Figures: what a desk wants to know of the last weeks, each as a table that can be drawn."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.review.gaps import gaps
from ingest.database import Database, Row

PERIODS = (7, 30, 90)  # days
FRESH = 120.0  # seconds
Cell = object
Chart = Literal["days", "ranks", "none"]


@dataclass(frozen=True, slots=True)
class Figure:
    """A table: the first column names, the others count. `chart` is how it is drawn."""

    key: str
    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    chart: Chart
    unit: str = ""


@dataclass(frozen=True, slots=True)
class _Kind:
    query: str
    title: str
    about: str
    chart: Chart
    unit: str = ""


_KINDS: Mapping[str, _Kind] = {
    "questions": _Kind(
        "questions_by_day",
        "Questions",
        "Each day's questions by how they ended.",
        "days",
    ),
    "times": _Kind(
        "times_by_stage",
        "Time to answer",
        "Half of the answers took no longer than p50, 95 in 100 no longer than p95.",
        "ranks",
        "ms",
    ),
    "votes": _Kind("votes_by_day", "Votes", "What agents said of answers.", "days"),
    "verdicts": _Kind("verdicts_by_day", "Verdicts", "What leads said of answers.", "days"),
    "weak": _Kind(
        "weak_by_day",
        "Grounding failures",
        "Statements that were shown although what they cite bears them out in part, or not.",
        "days",
    ),
    "stale": _Kind(
        "stale_by_day",
        "Answers gone stale",
        "By the day on which what they cite was found changed, removed, or gone with its article.",
        "days",
    ),
    "cited": _Kind("most_cited", "Most cited articles", "By the answers that cite them.", "ranks"),
    "spoiling": _Kind(
        "most_spoiling",
        "Most spoiling articles",
        "Cited by answers that were voted down, rejected, or blamed on the article.",
        "ranks",
    ),
    "cost": _Kind(
        "cost_per_approved",
        "Cost per approved answer",
        "What all answers of a model in a voice cost, for each that a lead approved or amended.",
        "none",
    ),
    "runs": _Kind("recent_runs", "Ingest runs", "The latest thirty.", "none"),
}
KEYS = (*(key for key in _KINDS if _KINDS[key].chart != "none"), "gaps", "cost", "runs")


async def figure(database: Database, key: str, days: int) -> Figure:
    """One figure over the last `days`. `key` is one of KEYS."""
    if key == "gaps":
        return await _gaps(database)
    kind = _KINDS[key]
    rows = await database.rows(kind.query, days=days)
    columns = tuple(rows[0]) if rows else ()
    cells = _every_day(rows, columns, days) if kind.chart == "days" else _cells(rows)
    return Figure(key, kind.title, kind.about, columns, cells, kind.chart, kind.unit)


class Figures:
    """Figures as they were within the last FRESH seconds.

    Older ones are given once more, and found anew behind that: nobody waits but the first.
    """

    def __init__(self, database: Database) -> None:
        """Nothing is found before it is asked for."""
        self._database = database
        self._known: dict[tuple[str, int], tuple[float, asyncio.Task[Figure]]] = {}
        self._next: dict[tuple[str, int], asyncio.Task[Figure]] = {}

    async def all(self, days: int) -> list[Figure]:
        """Every figure, in the order of KEYS."""
        return list(await asyncio.gather(*(self.one(key, days) for key in KEYS)))

    async def one(self, key: str, days: int) -> Figure:
        """One figure. Raises what finding it raises."""
        place = key, days
        now = time.monotonic()
        found = self._known.get(place)
        if found is None or (found[1].done() and found[1].exception()):
            found = now, asyncio.create_task(figure(self._database, key, days))
            self._known[place] = found
        elif now - found[0] > FRESH:
            newer = asyncio.create_task(figure(self._database, key, days))
            newer.add_done_callback(lambda task: self._take(place, task))
            self._next[place] = newer
            self._known[place] = now, found[1]  # not asked for again meanwhile
        return await asyncio.shield(found[1])

    def _take(self, place: tuple[str, int], task: asyncio.Task[Figure]) -> None:
        if not task.cancelled() and task.exception() is None:
            self._known[place] = time.monotonic(), task


async def _gaps(database: Database) -> Figure:
    found = await gaps(database, fewest=2)
    rows = tuple((gap.label, gap.lately, gap.before) for gap in found[:10])
    return Figure(
        "gaps",
        "Content gaps",
        "What is asked and not covered: in the last thirty days, and in the thirty before.",
        ("question", "last_30_days", "30_days_before"),
        rows,
        "ranks",
    )


def _cells(rows: Sequence[Row]) -> tuple[tuple[Cell, ...], ...]:
    return tuple(tuple(row.values()) for row in rows)


def _every_day(
    rows: Sequence[Row],
    columns: Sequence[str],
    days: int,
    today: Callable[[], date] = date.today,
) -> tuple[tuple[Cell, ...], ...]:
    """The rows with those days filled in on which nothing was."""
    if not rows:
        return ()
    known = {row["day"]: tuple(row.values()) for row in rows}
    last = max(today(), *known)
    span = [last - timedelta(days=back) for back in range(days - 1, -1, -1)]
    nothing = (0,) * (len(columns) - 1)
    return tuple(known.get(day, (day, *nothing)) for day in span)
