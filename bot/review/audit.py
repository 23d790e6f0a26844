"""The audit log: who did what, and when. It is only ever added to, and tells when it was not.

No words of questions or answers stand in it: what a person asks to have erased is not in here.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from ingest.database import Database, Row, Session


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was done."""

    id: int
    at: datetime
    actor: str
    action: str
    answer_id: int | None
    detail: dict[str, Any]

    @classmethod
    def from_row(cls, row: Row) -> "Entry":
        """Read a row of the query `audit_entries`."""
        return cls(**{name: row[name] for name in cls.__slots__})


async def note(
    session: Session, actor: str, action: str, answer_id: int | None = None, **detail: object
) -> None:
    """Add an entry, in the transaction of what it tells of."""
    await session.run(
        "add_audit", actor=actor, action=action, answer=answer_id, detail=Jsonb(detail)
    )


async def entries(
    database: Database, answer_id: int | None = None, limit: int = 200
) -> list[Entry]:
    """The latest entries, those of one answer if it is named."""
    rows = await database.rows("audit_entries", answer=answer_id, limit=limit)
    return [Entry.from_row(row) for row in rows]


async def broken_at(database: Database) -> int | None:
    """The number of the first entry that was changed or follows one that is gone; None is whole.

    Entries cut off at the end leave nothing after them that could tell.
    """
    row = await database.row("broken_audit")
    return int(row["id"]) if row else None
