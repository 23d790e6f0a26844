"""How good and how fast retrieval is, on anyone's labelled questions.

The corpus is ingested by the production path into a scratch database of its own, found again by
its content, and asked through the production query.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import quantiles
from typing import Any

from bot.evaluation.beir import Dataset
from bot.evaluation.corpus import ingested
from bot.measures import scores
from bot.retrieval import CANDIDATES, Retriever
from ingest.database import Row
from ingest.embeddings import Embedder
from ingest.settings import Settings

RRF_K = 60  # Cormack, Clarke & Büttcher 2009

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table: a way of ranking, its scores, its size and its latencies in ms."""

    ranking: str
    scores: Mapping[str, float]
    queries: int
    documents: int
    passages: int
    p50_ms: float | None = None  # of the query alone
    p95_ms: float | None = None
    asked_p50_ms: float | None = None  # with embedding the question
    asked_p95_ms: float | None = None

    def as_json(self) -> dict[str, Any]:
        """The form `footnote eval retrieval --json` prints."""
        return {
            "ranking": self.ranking,
            **{name: round(value, 4) for name, value in self.scores.items()},
            "queries": self.queries,
            "documents": self.documents,
            "passages": self.passages,
            "p50_ms": self.p50_ms,
            "p95_ms": self.p95_ms,
            "with_embedding_p50_ms": self.asked_p50_ms,
            "with_embedding_p95_ms": self.asked_p95_ms,
        }


async def evaluate(
    settings: Settings, embedder: Embedder, dataset: Dataset, progress: Progress, *, ablate: bool
) -> list[Measured]:
    """Score the shipped ranking, and with `ablate` those it was chosen over, shipped first.

    Raises DatabaseError where no scratch database can be made, and what ingest raises.
    """
    async with ingested(settings, embedder, dataset, progress) as (database, retriever):
        asked = await _ask(retriever, dataset, progress)
        articles = await database.row("served_articles")
        corpus = await database.row("corpus")
    assert articles is not None
    assert corpus is not None
    wanted = RANKINGS if ablate else {"shipped": RANKINGS["shipped"]}
    size = (len(dataset.queries), articles["articles"], corpus["passages"])
    found = []
    for name, key in wanted.items():
        rankings = {query: _documents(key(one.rows), one.rows) for query, one in asked.items()}
        latencies = _latencies(list(asked.values())) if name == "shipped" else ()
        found.append(Measured(name, scores(rankings, dataset.judged), *size, *latencies))
    return found


@dataclass(frozen=True, slots=True)
class _Asked:
    rows: Sequence[Row]
    retrieve_ms: float
    embed_ms: float


async def _ask(retriever: Retriever, dataset: Dataset, progress: Progress) -> dict[str, _Asked]:
    """Every question once as in production, for the clock, and once for all its candidates."""
    asked: dict[str, _Asked] = {}
    for number, (query, text) in enumerate(dataset.queries.items(), start=1):
        timed = await retriever.retrieve(text)
        rows = await retriever.rows(text, timed.vector, k=CANDIDATES)
        asked[query] = _Asked(rows, timed.retrieve_ms, timed.embed_ms)
        progress("asked", number, len(dataset.queries))
    return asked


def _documents(order: Sequence[float], rows: Sequence[Row]) -> list[str]:
    """Documents by their best passage; `order` holds a score for each row."""
    ranked = sorted(zip(order, rows, strict=True), key=lambda pair: -pair[0])
    return list(dict.fromkeys(row["external_id"] for _, row in ranked))


def _column(name: str) -> Callable[[Sequence[Row]], list[float]]:
    return lambda rows: [row[name] for row in rows]


def _reciprocal_ranks(rows: Sequence[Row]) -> list[float]:
    fused = [0.0] * len(rows)
    for column in ("dense", "bm25"):
        best_first = sorted(range(len(rows)), key=lambda index: -rows[index][column])
        for rank, index in enumerate(best_first, start=1):
            fused[index] += 1 / (RRF_K + rank)
    return fused


def _convex_half(rows: Sequence[Row]) -> list[float]:
    """Passage vectors and BM25 alone, min-max normalised, half and half."""
    return [
        0.5 * dense + 0.5 * lexical
        for dense, lexical in zip(_scaled(rows, "own"), _scaled(rows, "bm25"), strict=True)
    ]


def _scaled(rows: Sequence[Row], column: str) -> list[float]:
    values = [row[column] for row in rows]
    low, high = min(values, default=0.0), max(values, default=0.0)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


RANKINGS: Mapping[str, Callable[[Sequence[Row]], list[float]]] = {
    "shipped": _column("score"),
    "dense only": _column("dense"),
    "BM25 only": _column("bm25"),
    "reciprocal ranks": _reciprocal_ranks,
    "convex ½, passages only": _convex_half,
}


def _latencies(asked: Sequence[_Asked]) -> tuple[float, float, float, float]:
    alone = [one.retrieve_ms for one in asked]
    together = [one.retrieve_ms + one.embed_ms for one in asked]
    return (*_p50_p95(alone), *_p50_p95(together))


def _p50_p95(values: list[float]) -> tuple[float, float]:
    if len(values) == 1:
        return round(values[0], 2), round(values[0], 2)
    cuts = quantiles(values, n=20, method="inclusive")
    return round(cuts[9], 2), round(cuts[18], 2)
