"""Trials: what questions score, and what they would score if some articles were not there."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.closeness import closeness
from bot.evidence import evidence_from_rows
from bot.retrieval import CANDIDATES, PASSAGES, SECTIONS, Retriever
from bot.sufficiency.judgement import worth
from ingest.database import Row
from ingest.progress import Progress


@dataclass(frozen=True, slots=True)
class TrialQuestion:
    """A question with the external ids of the articles that answer it; none for a stranger's."""

    text: str
    articles: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Trial:
    """What a question scores, and without its articles, where it has any."""

    score: float
    held_out: float | None = None


async def trials(
    retriever: Retriever, questions: Sequence[TrialQuestion], stage: str, progress: Progress
) -> list[Trial]:
    """Ask each question once. Raises what the embedder raises, and DatabaseUnavailable."""
    found: list[Trial] = []
    embedder = retriever.served.embedder
    vectors = await embedder.embed([each.text for each in questions], bulk=True)
    for number, (each, vector) in enumerate(zip(questions, vectors, strict=True), start=1):
        rows = await retriever.rows(each.text, vector, k=CANDIDATES if each.articles else PASSAGES)
        score = await _worth(retriever, each.text, rows[:PASSAGES])
        left = _without(rows, each.articles) if each.articles else None
        held_out = None if left is None else await _worth(retriever, each.text, left)
        found.append(Trial(score, held_out))
        progress(stage, number, len(questions))
    return found


async def _worth(retriever: Retriever, question: str, rows: Sequence[Row]) -> float:
    evidence = evidence_from_rows(rows, SECTIONS)
    return worth(evidence, await closeness(question, evidence, retriever.local))


def _without(rows: Sequence[Row], articles: Collection[str]) -> list[Row]:
    """What the query `retrieve` returns when these articles are not among its candidates."""
    left = [row for row in rows if row["external_id"] not in articles]
    sides = zip(left, _scaled(left, "dense"), _scaled(left, "bm25"), strict=True)
    mixed = [{**row, "score": 0.6 * dense + 0.4 * lexical} for row, dense, lexical in sides]
    return sorted(mixed, key=lambda row: -row["score"])[:PASSAGES]


def _scaled(rows: Sequence[Row], column: str) -> list[float]:
    values = [row[column] for row in rows]
    low, high = min(values, default=0.0), max(values, default=0.0)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]
