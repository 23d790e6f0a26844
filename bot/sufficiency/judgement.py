"""Judgement: what the evidence is worth to one help centre, and so whether to answer.

Few signals, each with a reason of its own, none fitted to one help centre: what is found is about
it (cosines), stands out among its likes, and has the words of the question or near ones.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from bot.closeness import Closeness
from bot.evidence import Evidence
from ingest.database import Row

ENOUGH = 0.65  # of a question's words; a near miss has as many as an answer, so more tell nothing


class Decision(StrEnum):
    """What to do with a question, from what was found for it."""

    ANSWER = "answer"
    WARN = "warn"  # answer, and say that this is the closest article only
    NOT_COVERED = "not_covered"


@dataclass(frozen=True, slots=True)
class Calibration:
    """Where one help centre's line is: below `threshold` not covered, from `sure` on no warning.

    The defaults are for a help centre that has not been calibrated yet: they refuse strangers'
    questions on every help centre measured, and few others. Without a calibration nothing is known
    of what is doubtful, so nothing is warned of.
    """

    threshold: float = 0.465
    sure: float = 0.465

    @classmethod
    def from_row(cls, row: Row) -> Self:
        """Read a row of the query `retrieve`; the default where none is stored."""
        return cls() if row["threshold"] is None else cls(row["threshold"], row["sure"])


@dataclass(frozen=True, slots=True)
class Sufficiency:
    """The score of the evidence, and what follows from it."""

    score: float
    decision: Decision


def judge(evidence: Evidence, close: Closeness, calibration: Calibration) -> Sufficiency:
    """What evidence is worth under a help centre's calibration. No passages cover nothing."""
    score = worth(evidence, close)
    if not evidence.passages or score < calibration.threshold:
        return Sufficiency(score, Decision.NOT_COVERED)
    return Sufficiency(score, Decision.ANSWER if score >= calibration.sure else Decision.WARN)


def worth(evidence: Evidence, close: Closeness) -> float:
    """The score: from about 0 (nothing) to about .9."""
    signals = evidence.signals
    return (
        0.25 * signals.similarity
        + 0.0625 * signals.heading
        + 0.125 * signals.apart
        + 0.05 * close.headed
        + 0.5 * min(close.words, ENOUGH)
    )
