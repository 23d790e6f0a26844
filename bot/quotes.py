"""The quotes engine: an answer of verbatim sentences, steps and rows, without a model.

It is what Footnote answers with when there is no chat model, and when there is one that is down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.answers import Draft, Kind
from bot.evidence import Evidence, Passage
from bot.spans import Span, spans
from bot.wording import unmarked
from ingest.embeddings import Embedder
from ingest.lexicon import content_words, language_of, number, terms

PASSAGES = 4  # passages quoted from, at most
STATEMENTS = 3  # sentences quoted beside a procedure or alone
CLOSE = 0.82  # of the best sentence's score, to be quoted beside it
RANK_WEIGHT = 0.35  # how much a passage's rank counts against how well one sentence fits


@dataclass(frozen=True, slots=True)
class Quote:
    """A draft with the exact characters it was taken from."""

    draft: Draft
    n: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: Passage
    span: Span
    position: int  # among the spans of its passage
    score: float


async def compose(
    question: str,
    vector: npt.NDArray[np.float32],
    evidence: Evidence,
    embedder: Embedder,
) -> list[Quote]:
    """Quotes that answer, in the article's order; empty when the evidence has no words to quote.

    The best-fitting span decides. If it is a numbered step, or leads in to numbered steps, the
    whole procedure is quoted with its lead-in; else it and the spans of its passage that fit
    nearly as well.
    """
    passages = evidence.passages[:PASSAGES]
    spans_of = {passage.n: spans(passage) for passage in passages}
    candidates = await _scored(question, vector, passages, spans_of, embedder)
    if not candidates:
        return []
    best = max(candidates, key=lambda candidate: candidate.score)
    own = spans_of[best.passage.n]
    procedure = _procedure(own, best.position)
    if procedure:
        return [_quote(best.passage, span) for span in procedure]
    chosen = sorted(
        (
            candidate
            for candidate in candidates
            if candidate.passage is best.passage and candidate.score >= CLOSE * best.score
        ),
        key=lambda candidate: -candidate.score,
    )[:STATEMENTS]
    ordered = sorted(chosen, key=lambda candidate: candidate.position)
    return [_quote(best.passage, candidate.span) for candidate in ordered]


async def _scored(
    question: str,
    vector: npt.NDArray[np.float32],
    passages: Sequence[Passage],
    spans_of: dict[int, list[Span]],
    embedder: Embedder,
) -> list[_Candidate]:
    """Every quotable span with how well it fits: similarity, shared words, rank of its passage."""
    pairs = [
        (passage, span, position)
        for passage in passages
        for position, span in enumerate(spans_of[passage.n])
    ]
    if not pairs:
        return []
    # A sentence is read under its heading, as a reader would.
    vectors = await embedder.embed(
        [f"{passage.heading}\n{unmarked(span.text)}" for passage, span, _ in pairs]
    )
    similarity = vectors @ vector
    top = max(passage.score for passage in passages) or 1.0
    return [
        _Candidate(
            passage,
            span,
            position,
            float(close) + _shared(question, passage, span) + RANK_WEIGHT * passage.score / top,
        )
        for (passage, span, position), close in zip(pairs, similarity, strict=True)
    ]


def _shared(question: str, passage: Passage, span: Span) -> float:
    """The share of the question's words that the span, with its heading, holds; at most ½."""
    language = language_of(passage.locale)
    asked = {number(word, language) for word in content_words(question)}
    held = set(terms(unmarked(span.text), language))
    headed = held | set(terms(passage.heading, language))
    if not asked:
        return 0.0
    return (0.35 * len(asked & held) + 0.15 * len(asked & headed)) / len(asked)


def _procedure(own: Sequence[Span], position: int) -> list[Span]:
    """The whole numbered list the span belongs or leads in to, and its lead-in; else nothing."""
    span = own[position]
    group = span.group if span.numbered else 0
    if not group and span.kind == "paragraph":
        following = own[position + 1] if position + 1 < len(own) else None
        group = following.group if following is not None and following.numbered else 0
    if not group:
        return []
    steps = [step for step in own if step.group == group]
    first = own.index(steps[0])
    lead = own[first - 1 : first] if first and own[first - 1].kind == "paragraph" else []
    return [*lead, *steps]


def _quote(passage: Passage, span: Span) -> Quote:
    kind = Kind.STATEMENT
    if span.kind == "item":
        kind = Kind.STEP if span.numbered and span.depth <= 1 else Kind.ITEM
    return Quote(Draft(span.text, (passage.n,), kind), passage.n, span.start, span.end)
