"""Signals: what a search's rows say about how well a question is covered.

Cosines tell strangers' questions apart, a heading that asks the same is worth half as much again,
and a question whose article is missing finds many articles about equally near, while one that is
answered has an article that stands out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Self

from ingest.database import Row

RIVALS = 5  # articles that the best one is compared with


@dataclass(frozen=True, slots=True)
class Signals:
    """`similarity` is the best cosine of a passage or heading, `heading` that of a heading.

    `apart` is the distance from the best article to the next ones in the mixed score.
    """

    similarity: float = 0.0
    heading: float = 0.0
    apart: float = 0.0

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Read rows of the query `retrieve`, best first."""
        if not rows:
            return cls()
        return cls(
            similarity=max(row["dense"] for row in rows),
            heading=max((row["head"] for row in rows if row["head"] is not None), default=0.0),
            apart=_lead(rows),
        )


def _lead(rows: Sequence[Row]) -> float:
    """How far the best article is ahead of the next ones; 0 if it is alone."""
    best: dict[int, float] = {}
    for row in rows:
        best.setdefault(row["article_id"], row["score"])
    first, *rest = best.values()
    return first - fmean(rest[:RIVALS]) if rest else 0.0
