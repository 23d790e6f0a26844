"""What people made of an answer: an agent's vote, a lead's review."""

from enum import StrEnum

from ingest.database import Database


class ReviewVerdict(StrEnum):
    """A lead's judgement of an answer."""

    APPROVE = "approve"
    AMEND = "amend"
    REJECT = "reject"
    ARTICLE_WRONG = "article_wrong"


async def vote(database: Database, answer_id: int, voter: str, *, helpful: bool) -> None:
    """Keep a vote; a changed one replaces the old one."""
    await database.run("vote", answer=answer_id, voter=voter, helpful=helpful)


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
