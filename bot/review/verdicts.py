"""What people made of an answer: an agent's vote, a lead's review.

Slack and the console both come through here, so the same verdict leaves the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot import records
from bot.answers import Answer, render
from bot.errors import ReviewedMeanwhile, ReviewError
from bot.review import audit
from bot.review.queue import requeue
from ingest.database import Database, Row, Session


class ReviewVerdict(StrEnum):
    """A lead's judgement of an answer."""

    APPROVE = "approve"
    AMEND = "amend"
    REJECT = "reject"
    ARTICLE_WRONG = "article_wrong"


GOOD = (ReviewVerdict.APPROVE, ReviewVerdict.AMEND)


class Reason(StrEnum):
    """Why an answer did not help, or is rejected."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    WRONG_SOURCE = "wrong_source"
    INCOMPLETE = "incomplete"
    TONE = "tone"


@dataclass(frozen=True, slots=True)
class Review:
    """A review as it is kept. `wordings` are those of amended parts, by position."""

    id: int
    reviewer: str
    verdict: ReviewVerdict
    reviewed_at: datetime
    wording: str | None = None
    reason: Reason | None = None
    note: str | None = None
    undone_at: datetime | None = None
    undone_by: str | None = None
    wordings: Mapping[int, str] = field(default_factory=dict)

    @classmethod
    def from_row(cls, row: Row) -> "Review":
        """Read a row of the query `reviews`."""
        names = ("id", "reviewer", "reviewed_at", "wording", "note", "undone_at", "undone_by")
        return cls(
            verdict=ReviewVerdict(row["verdict"]),
            reason=Reason(row["reason"]) if row["reason"] else None,
            **{name: row[name] for name in names},
        )


async def vote(database: Database, answer_id: int, voter: str, *, helpful: bool) -> bool:
    """Keep a vote; a changed one replaces the old one and its reasons. False: no such answer."""
    async with database.transaction() as session:
        kept = await session.run("vote", answer=answer_id, voter=voter, helpful=helpful)
        await requeue(session, answer_id)
    return kept > 0


async def explain(
    database: Database, answer_id: int, voter: str, reasons: Sequence[Reason], comment: str | None
) -> None:
    """Keep why an answer did not help, beside the vote that said so."""
    await database.run(
        "explain_vote",
        answer=answer_id,
        voter=voter,
        reasons=[reason.value for reason in reasons],
        comment=comment,
    )


async def review(
    database: Database,
    answer_id: int,
    reviewer: str,
    verdict: ReviewVerdict,
    *,
    wordings: Mapping[int, str] | None = None,
    reason: Reason | None = None,
    note: str | None = None,
    seen: int | None = None,
) -> int:
    """Keep a review and return its id.

    `wordings` are those of amended parts by position; a part given no words is left out. `seen` is
    the review the reviewer knew of, 0 for none: another one that came meanwhile raises
    ReviewedMeanwhile. ReviewError is raised for an answer that is gone and for an amendment that
    changes nothing or leaves nothing.
    """
    answer = await records.load(database, answer_id)
    if answer is None:
        raise ReviewError("That answer is gone; it was erased or never kept.")
    changed: Mapping[int, str] = {}
    wording = None
    if verdict is ReviewVerdict.AMEND:
        changed = changes(answer, wordings or {})
        wording = _checked(answer, changed)
    async with database.transaction() as session:
        await session.row("lock_answer", answer=answer_id)
        await _refuse_if_reviewed(session, answer_id, reviewer, seen)
        row = await session.row(
            "add_review",
            answer=answer_id,
            reviewer=reviewer,
            verdict=verdict.value,
            wording=wording,
            reason=reason.value if reason and verdict is ReviewVerdict.REJECT else None,
            note=note,
        )
        assert row is not None
        for position, text in changed.items():
            await session.run("add_review_part", review=row["id"], position=position, wording=text)
        await session.run("release_claim", answer=answer_id)
        await requeue(session, answer_id)
        await audit.note(session, reviewer, verdict.value, answer_id, review=row["id"])
    return int(row["id"])


async def _refuse_if_reviewed(
    session: Session, answer_id: int, reviewer: str, seen: int | None
) -> None:
    first = await standing(session, answer_id)
    if seen is None or first is None or first.id == seen or first.reviewer == reviewer:
        return
    raise ReviewedMeanwhile(first.id, first.reviewer, first.verdict, first.reviewed_at)


async def standing(database: Database | Session, answer_id: int) -> Review | None:
    """The review of an answer that counts: the latest that was not undone."""
    row = await database.row("standing_review", answer=answer_id)
    return Review.from_row(row) if row else None


async def undo(database: Database, review_id: int, person: str, *, of_anyone: bool = False) -> int:
    """Take a review back; whichever stood before it stands again. Returns the answer's id.

    One's own, unless `of_anyone`. Raises ReviewError where there is nothing to take back.
    """
    async with database.transaction() as session:
        row = await session.row("undo_review", review=review_id, person=person, any=of_anyone)
        if row is None:
            raise ReviewError("There is nothing to undo: it is undone already, or another lead's.")
        await requeue(session, row["answer_id"])
        await audit.note(session, person, "undo", row["answer_id"], review=review_id)
    return int(row["answer_id"])


async def history(database: Database, answer_id: int) -> list[Review]:
    """Every review an answer had, the latest first; those that were undone too."""
    found = []
    for row in await database.rows("reviews", answer=answer_id):
        parts = await database.rows("review_parts", review=row["id"])
        wordings = {part["position"]: part["wording"] for part in parts}
        found.append(replace(Review.from_row(row), wordings=wordings))
    return found


async def pick_golden(database: Database, answer_id: int, person: str, *, picked: bool) -> None:
    """Put an answer's question into the golden set, or take it out."""
    async with database.transaction() as session:
        if picked:
            await session.run("pick_golden", answer=answer_id, person=person)
        else:
            await session.run("unpick_golden", answer=answer_id)
        await audit.note(session, person, "golden" if picked else "not_golden", answer_id)


# Amendments, as values


def changes(answer: Answer, wordings: Mapping[int, str]) -> dict[int, str]:
    """The wordings that differ from the parts they are for, on one line each."""
    lines = {at: " ".join(wording.split()) for at, wording in wordings.items()}
    return {
        at: line
        for at, line in sorted(lines.items())
        if 0 <= at < len(answer.parts) and line != answer.parts[at].text
    }


def amended(answer: Answer, wordings: Mapping[int, str]) -> Answer:
    """The answer as it reads with some parts worded anew: each keeps its citations."""
    parts = tuple(
        replace(part, text=wordings.get(at, part.text)) for at, part in enumerate(answer.parts)
    )
    return replace(answer, parts=tuple(part for part in parts if part.text))


def _checked(answer: Answer, changed: Mapping[int, str]) -> str:
    """The amended answer's text. Raises ReviewError."""
    if not changed:
        raise ReviewError("This is the answer as it is; change a statement, or approve it.")
    parts = amended(answer, changed).parts
    if not parts:
        raise ReviewError("Every statement is taken out; reject the answer instead.")
    return render(parts, marker=lambda n: f"[{n}]")
