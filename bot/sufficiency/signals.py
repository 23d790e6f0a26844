"""Signals: what a search's rows say about how well a question is covered.

Each has a reason of its own, none is fitted to one help centre. Cosines tell strangers' questions
apart, and so does the lexical side; a heading that asks the same is worth half as much again; and
a question whose article is missing finds many articles about equally far away, while one that is
answered has an article that stands out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Self

from ingest.database import Row

OTHERS = 10  # articles that the best one's cosine is compared with
RIVALS = 5  # articles that the best one's rank is compared with


@dataclass(frozen=True, slots=True)
class Signals:
    """`similarity` is the best cosine of a passage or heading, `heading` that of a heading.

    `words` is the best BM25 for each unit of the question's IDF; `ahead` and `apart` are the
    distances from the best article to the next ones, in cosine and in the mixed score.
    """

    similarity: float = 0.0
    heading: float = 0.0
    words: float = 0.0
    ahead: float = 0.0
    apart: float = 0.0

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Self:
        """Read rows of the query `retrieve`, best first."""
        if not rows:
            return cls()
        cosines = _by_article(rows, "dense")
        asked = rows[0]["asked"]
        return cls(
            similarity=cosines[0],
            heading=max((row["head"] for row in rows if row["head"] is not None), default=0.0),
            words=max(row["bm25"] for row in rows) / asked if asked else 0.0,
            ahead=_lead(cosines, OTHERS),
            apart=_lead(_by_article(rows, "score"), RIVALS),
        )

    @property
    def score(self) -> float:
        """From about 0 (nothing) to about 1."""
        return (
            0.5 * self.similarity
            + 0.25 * self.heading
            + 0.05 * self.words
            + 0.25 * self.ahead
            + 0.2 * self.apart
        )


def _by_article(rows: Sequence[Row], column: str) -> list[float]:
    """Each article's best value, best first."""
    best: dict[int, float] = {}
    for row in rows:
        article, value = row["article_id"], row[column]
        best[article] = max(best.get(article, value), value)
    return sorted(best.values(), reverse=True)


def _lead(values: Sequence[float], others: int) -> float:
    """How far the first is ahead of the next ones; 0 if it is alone."""
    rest = values[1 : others + 1]
    return values[0] - fmean(rest) if rest else 0.0
