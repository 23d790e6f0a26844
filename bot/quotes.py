"""The quotes engine: an answer of verbatim sentences, steps and rows, without a model.

It is what Footnote answers with when there is no chat model, and when there is one that is down.
"""

import re
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
PARTS = 6  # statements, unless a procedure is longer
CLOSE = 0.85  # of the best unit's score, to be quoted beside it
RANK_WEIGHT = 0.3  # of the reciprocal of its passage's rank, beside how well its words fit
PROCEDURE_BONUS = 0.1  # for numbered steps, when the question asks how

_ASKS_HOW = re.compile(
    r"\bhow (?:do|can|to|should|would)\b|\bwhere (?:do|can) (?:i|we)\b"
    r"|\bwhat (?:should|can|do) (?:i|we)\b"
    r"|\bwie (?:kann|muss|soll|mache|richte|ändere)|\bcómo\b|\bcomment\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Quote:
    """A draft with the exact characters it was taken from."""

    draft: Draft
    n: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """What is quoted as a whole: a paragraph, a list with its lead-in, a table row."""

    passage: Passage
    position: int  # among the units of its passage
    spans: tuple[Span, ...]

    @property
    def is_procedure(self) -> bool:
        """Whether it is a list of numbered steps."""
        return any(span.numbered for span in self.spans)


async def compose(
    question: str,
    vector: npt.NDArray[np.float32],
    evidence: Evidence,
    embedder: Embedder,
) -> list[Quote]:
    """Quotes that answer, in the article's order; empty when the evidence has no words to quote.

    The unit with the best-fitting span is quoted, and beside it those of the same passage that
    fit nearly as well.
    """
    found = [unit for passage in evidence.passages[:PASSAGES] for unit in units(passage)]
    if not found:
        return []
    scores = await _scores(question, vector, found, embedder)
    best = max(range(len(found)), key=scores.__getitem__)
    beside = sorted(
        (
            index
            for index, unit in enumerate(found)
            if index != best
            and unit.passage is found[best].passage
            and scores[index] >= CLOSE * scores[best]
        ),
        key=lambda index: -scores[index],
    )
    chosen = [found[best]]
    for index in beside:
        if sum(len(unit.spans) for unit in chosen) + len(found[index].spans) <= PARTS:
            chosen.append(found[index])
    chosen.sort(key=lambda unit: unit.position)
    return [_quote(unit.passage, span) for unit in chosen for span in unit.spans]


def units(passage: Passage) -> list[Unit]:
    """A passage's units in order."""
    runs: list[list[Span]] = []
    for span in spans(passage):
        if runs and _belongs(span, runs[-1]):
            runs[-1].append(span)
        else:
            runs.append([span])
    return [Unit(passage, position, tuple(run)) for position, run in enumerate(runs)]


def _belongs(span: Span, run: list[Span]) -> bool:
    """Whether a span continues a unit: the same paragraph, the same list, what a ":" leads in."""
    last = run[-1]
    if span.block == last.block:
        return True
    if span.kind == "item":
        listed = [each for each in run if each.kind == "item" and each.depth == 1]
        if not listed:
            return last.kind == "paragraph" and (span.numbered or unmarked(last.text).endswith(":"))
        return span.depth > 1 or span.group == listed[-1].group
    return span.kind == "code" and (last.kind == "item" or unmarked(last.text).endswith(":"))


async def _scores(
    question: str, vector: npt.NDArray[np.float32], found: Sequence[Unit], embedder: Embedder
) -> list[float]:
    """How well each unit fits: similarity and shared words of its best span, its passage's rank."""
    # A sentence is read under its heading, as a reader would.
    texts = [
        f"{unit.passage.heading}\n{unmarked(span.text)}" for unit in found for span in unit.spans
    ]
    close = iter((await embedder.embed(texts)) @ vector)
    how = _ASKS_HOW.search(question) is not None
    return [
        max(float(next(close)) + _shared(question, unit.passage, span) for span in unit.spans)
        + RANK_WEIGHT / unit.passage.n
        + (PROCEDURE_BONUS if how and unit.is_procedure else 0.0)
        for unit in found
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


def _quote(passage: Passage, span: Span) -> Quote:
    kind = Kind.ITEM if span.kind == "row" else Kind.STATEMENT
    if span.kind == "item":
        kind = Kind.STEP if span.numbered and span.depth <= 1 else Kind.ITEM
    return Quote(Draft(span.text, (passage.n,), kind), passage.n, span.start, span.end)
