"""The writers' list: articles that leads called wrong, with the questions they spoiled."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ingest.database import Database, Row

SHOWN = 40  # articles
REPORTS = 6  # of each


@dataclass(frozen=True, slots=True)
class Report:
    """What a lead said of an article, on the occasion of which question."""

    answer: int
    question: str
    note: str | None
    reviewer: str
    at: datetime

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "Report":
        """Read one of the `reports` of a row."""
        return cls(**value | {"at": datetime.fromisoformat(value["at"])})


@dataclass(frozen=True, slots=True)
class ArticleToMend:
    """An article with what was said of it; `spoiled` answers of the last thirty days cite it."""

    article: str
    title: str
    url: str
    told: int  # how often
    told_at: datetime
    gone: bool
    changed_since: bool
    spoiled: int
    reports: tuple[Report, ...]

    @classmethod
    def from_row(cls, row: Row) -> "ArticleToMend":
        """Read a row of the query `articles_to_mend`."""
        reports = tuple(Report.from_json(report) for report in row["reports"])
        return cls(**{name: row[name] for name in cls.__slots__} | {"reports": reports})


async def articles_to_mend(database: Database) -> list[ArticleToMend]:
    """Those that were not changed since come first, then by how much they spoil."""
    rows = await database.rows("articles_to_mend", limit=SHOWN, reports=REPORTS)
    return [ArticleToMend.from_row(row) for row in rows]
