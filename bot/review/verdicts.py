"""What people made of an answer: an agent's vote, a lead's review."""

from collections.abc import Sequence
from enum import StrEnum

from ingest.database import Database


class ReviewVerdict(StrEnum):
    """A lead's judgement of an answer."""

    APPROVE = "approve"
    AMEND = "amend"
    REJECT = "reject"
    ARTICLE_WRONG = "article_wrong"


class Reason(StrEnum):
    """Why an answer did not help."""

    WRONG = "wrong"
    OUTDATED = "outdated"
    WRONG_SOURCE = "wrong_source"
    INCOMPLETE = "incomplete"
    TONE = "tone"


async def vote(database: Database, answer_id: int, voter: str, *, helpful: bool) -> bool:
    """Keep a vote; a changed one replaces the old one and its reasons. False: no such answer."""
    return await database.run("vote", answer=answer_id, voter=voter, helpful=helpful) > 0


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
    wording: str | None = None,
    note: str | None = None,
) -> int:
    """Keep a review and return its id. `wording` is kept where the answer is amended."""
    row = await database.row(
        "add_review",
        answer=answer_id,
        reviewer=reviewer,
        verdict=verdict.value,
        wording=wording if verdict is ReviewVerdict.AMEND else None,
        note=note,
    )
    assert row is not None
    return int(row["id"])
