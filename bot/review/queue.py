"""The queue: which answers a lead looks at first, and who has one open."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from typing import Self

from bot.review import audit
from ingest.database import Database, Row, Session

PAGE = 40  # answers
CLAIM_MINUTES = 15  # that an answer stays with who has opened it


class Why(IntEnum):
    """Why an answer waits for a verdict, the most pressing first."""

    VOTED_DOWN = 1
    WEAK = 2
    NOT_COVERED = 3
    STALE = 4
    CLOSE = 5
    NEW_VOICE = 6
    SAMPLE = 7

    @property
    def label(self) -> str:
        """The reason in a word or two."""
        return _LABELS[self]


_LABELS = {
    Why.VOTED_DOWN: "Voted down",
    Why.WEAK: "Weakly supported",
    Why.NOT_COVERED: "Not covered",
    Why.STALE: "Out of date",
    Why.CLOSE: "Barely found",
    Why.NEW_VOICE: "New voice",
    Why.SAMPLE: "Sample",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a lead wants to see; None is everything. Dates are days, both included."""

    channel: str | None = None
    agent: str | None = None
    article: str | None = None
    voice: str | None = None
    verdict: str | None = None
    since: str | None = None
    until: str | None = None
    why: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """Read what an address or a form says; what makes no sense is no filter."""
        found = {
            each.name: value for each in fields(cls) if (value := given.get(each.name, "").strip())
        }
        why = found.pop("why", "")
        days = {name: found.pop(name) for name in ("since", "until") if name in found}
        return cls(
            **found,
            **{name: day for name, day in days.items() if _day(day)},
            why=int(why) if why in {str(each.value) for each in Why} else None,
        )

    def given(self) -> dict[str, str]:
        """Those that are set, as an address says them."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: str(value) for name, value in values.items() if value is not None}

    def parameters(self) -> dict[str, object]:
        """What the queries take, without `why`."""
        until = _day(self.until)
        return {
            **{
                name: getattr(self, name)
                for name in ("channel", "agent", "article", "voice", "verdict")
            },
            "since": _day(self.since),
            "until": until + timedelta(days=1) if until else None,
        }


def _day(written: str | None) -> datetime | None:
    try:
        return datetime.combine(datetime.fromisoformat(written or "").date(), time(), UTC)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """An answer in the queue. `held_by` is another lead who has it open."""

    id: int
    why: Why | None
    question: str
    asked_at: datetime
    asker: str | None
    channel: str | None
    voice: str
    verdict: str
    held_by: str | None = None
    review: str | None = None  # of those that are done: the verdict, and whose
    reviewer: str | None = None

    @classmethod
    def from_row(cls, row: Row) -> "Waiting":
        """Read a row of the queries `waiting_answers` or `reviewed_answers`."""
        names = ("id", "question", "asked_at", "asker", "channel", "voice", "verdict", "held_by")
        return cls(
            why=Why(row["reason"]) if row["reason"] else None,
            **{name: row[name] for name in names},
            review=row.get("review"),
            reviewer=row.get("reviewer"),
        )


@dataclass(frozen=True, slots=True)
class Queue:
    """A page of the queue, and how many answers wait for each reason on all its pages."""

    answers: tuple[Waiting, ...] = ()
    counts: dict[Why, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many wait."""
        return sum(self.counts.values())

    def after(self, answer_id: int | None) -> Waiting | None:
        """The next one that nobody else has open, in the order of the page; the first after it."""
        ids = [each.id for each in self.answers]
        at = ids.index(answer_id) + 1 if answer_id in ids else 0
        turned = [*self.answers[at:], *self.answers[:at]]
        free = (each for each in turned if each.held_by is None and each.id != answer_id)
        return next(free, None)


async def queue(
    database: Database, reviewer: str, filters: Filters | None = None, *, page: int = 1
) -> Queue:
    """What waits for a verdict, as this reviewer sees it: without what they skipped lately."""
    filters = filters or Filters()
    rows = await database.rows(
        "waiting_answers",
        **filters.parameters(),
        reason=filters.why,
        reviewer=reviewer,
        limit=PAGE,
        offset=(page - 1) * PAGE,
    )
    counts = {Why(int(why)): count for why, count in (rows[0]["counts"] or {}).items()}
    waiting = tuple(Waiting.from_row(row) for row in rows if row["id"] is not None)
    return Queue(waiting, dict(sorted(counts.items())))


@dataclass(frozen=True, slots=True)
class VotesAgainst:
    """How many did not find an answer helpful, their reasons, and what one of them wrote."""

    count: int
    reasons: tuple[str, ...] = ()
    comment: str | None = None


async def votes_against(database: Database, *answer_ids: int) -> dict[int, VotesAgainst]:
    """By answer, for those that have any."""
    rows = await database.rows("votes_against", answers=list(answer_ids))
    return {
        row["answer_id"]: VotesAgainst(row["count"], tuple(row["reasons"]), row["comment"])
        for row in rows
    }


async def reviewed(database: Database, filters: Filters | None = None, *, page: int = 1) -> Queue:
    """What has been reviewed, the latest first."""
    rows = await database.rows(
        "reviewed_answers",
        **(filters or Filters()).parameters(),
        limit=PAGE,
        offset=(page - 1) * PAGE,
    )
    return Queue(tuple(Waiting.from_row(row) for row in rows))


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has an answer open, since when."""

    reviewer: str
    claimed_at: datetime


async def claim(database: Database, answer_id: int, reviewer: str) -> Claim | None:
    """Take an answer, unless another lead has it open: then who that is."""
    mine = await database.row(
        "claim_answer", answer=answer_id, reviewer=reviewer, minutes=CLAIM_MINUTES
    )
    if mine is not None:
        return None
    row = await database.row("claim", answer=answer_id)
    return Claim(row["reviewer"], row["claimed_at"]) if row else None


async def requeue(session: Session, *answer_ids: int) -> None:
    """Find anew whether answers wait for a verdict: after what was said, voted or changed."""
    if answer_ids:
        await session.run("queue_answers", answers=list(answer_ids))


async def skip(database: Database, answer_id: int, reviewer: str) -> None:
    """Leave an answer to another lead, or to oneself in a week."""
    async with database.transaction() as session:
        await session.run("skip_answer", answer=answer_id, reviewer=reviewer)
        await session.run("release_claim", answer=answer_id)
        await audit.note(session, reviewer, "skip", answer_id)


async def unskip(database: Database, answer_id: int, reviewer: str) -> None:
    """Take a skipped answer back."""
    async with database.transaction() as session:
        await session.run("unskip_answer", answer=answer_id, reviewer=reviewer)
        await audit.note(session, reviewer, "unskip", answer_id)
