"""Approved wordings: what leads said an answer should read like, as pairs a voice can learn from.

An approved answer in a voice is a wording of its neutral one; so is an amended answer. A neutral
answer that was approved says that it is right, not how the desk would say it, and is no example. An
amendment that changes numbers or names mends the facts, and is none either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.grounding.facts import facts
from bot.privacy import masked
from bot.voice.dataset.matching import matched
from bot.voice.facts.amounts import recounted
from bot.voice.facts.courtesies import core
from bot.voice.facts.naming import renamed
from bot.voice.pairs import Pair, numbered
from bot.voice.voices import NEUTRAL
from ingest.database import Database, Row


class Unfit(StrEnum):
    """Why a review is no example."""

    REJECTED = "rejected, or its article is wrong"
    SAME = "approved as it was, so there is no wording to learn"
    STALE = "what it cites has changed"
    UNMATCHED = "its statements could not be told apart"
    FACTS = "it was amended for its facts"
    UNCITED = "it cites nothing"


@dataclass(frozen=True, slots=True)
class Approved:
    """A question, its neutral statements and how a lead would have them worded."""

    review: int
    question: str
    pair: Pair
    families: tuple[str, ...]  # the articles cited, each in all its languages
    reviewed_at: datetime
    rejected: str | None = None  # a wording a lead liked less, as numbered lines


async def approved(database: Database) -> tuple[list[Approved], dict[Unfit, int]]:
    """Every approved wording, the oldest first, and how many reviews are none, by reason.

    An answer has at most one; personal data is masked.
    """
    found: list[Approved] = []
    unfit: dict[Unfit, int] = {}
    rows = await database.rows("approved_wordings")
    by_answer: dict[int, list[Row]] = {}
    for row in rows:
        by_answer.setdefault(row["neutral"], []).append(row)
    for reviewed in by_answer.values():
        example = read(reviewed)
        if isinstance(example, Approved):
            found.append(example)
        else:
            unfit[example] = unfit.get(example, 0) + 1
    return sorted(found, key=lambda each: each.review), unfit


def read(rows: Sequence[Row]) -> Approved | Unfit:
    """Read the rows of the query `approved_wordings` that are of one answer."""
    rejected = [row for row in rows if row["verdict"] in ("reject", "article_wrong")]
    if any(row["voice"] == NEUTRAL for row in rejected) or len(rejected) == len(rows):
        return Unfit.REJECTED
    worded = [
        row
        for row in rows
        if row["verdict"] == "amend" or (row["verdict"] == "approve" and row["voice"] != NEUTRAL)
    ]
    if not worded:
        return Unfit.SAME
    return _example(max(worded, key=lambda row: row["review"]), rejected)


def _example(row: Row, rejected: Sequence[Row]) -> Approved | Unfit:
    neutral, reviewed = tuple(row["neutral_parts"]), tuple(row["reviewed_parts"])
    amended = row["verdict"] == "amend"
    said = amendment(row) if amended else reviewed
    if not row["families"]:
        return Unfit.UNCITED
    if row["stale"]:
        return Unfit.STALE
    if said is None or len(said) != len(neutral):
        return Unfit.UNMATCHED
    if any(mends_facts(*each) for each in zip(neutral, said, strict=True)):
        return Unfit.FACTS
    if said == neutral:
        return Unfit.SAME
    liked_less = reviewed if amended else next((r["reviewed_parts"] for r in rejected), None)
    return Approved(
        row["review"],
        masked(row["question"]),
        Pair(tuple(map(masked, neutral)), tuple(map(masked, said))),
        tuple(row["families"]),
        row["reviewed_at"],
        numbered(tuple(map(masked, liked_less))) if liked_less else None,
    )


def amendment(row: Row) -> tuple[str, ...] | None:
    """What a lead would have each statement say; None where one has no wording of its own.

    Amendments are kept by statement; older ones only as one text.
    """
    if row["wordings"] is None:
        return matched(row["neutral_parts"], row["wording"])
    said = tuple(
        row["wordings"].get(str(place), text) for place, text in enumerate(row["reviewed_parts"])
    )
    return said if all(said) else None


def mends_facts(neutral: str, said: str) -> bool:
    """Whether a wording of a statement has other numbers, names or addresses."""
    said = core(said, neutral)
    before, after = facts(neutral), facts(said)
    return bool(
        recounted(neutral, said, before, after)
        or renamed(neutral, said, before, after, frozenset())
    )
