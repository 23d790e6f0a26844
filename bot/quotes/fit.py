"""Fit: how well what could be quoted answers a question. Likeness, shared words, rank, kind."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.evidence import Passage
from bot.grounding.facts import facts
from bot.quotes.asks import Ask
from bot.quotes.units import Unit
from bot.spans import Span
from bot.wording import unmarked
from ingest.embeddings import Embedder
from ingest.lexicon import content_words, language_of, number, terms

EMBEDDED = 10  # spans that are embedded: those that share most with the question
RANK_WEIGHT = 0.3  # of the reciprocal of its passage's rank
WORDS_WEIGHT = 0.4  # of the share of the question's words
HEADING_SHARE = 0.3  # of that, for the words its heading has as well
PROCEDURE_BONUS = 0.12  # for numbered steps, when the question asks how
AMOUNT_BONUS = 0.08  # for a number, when the question asks for one

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Fit:
    """A unit with how well each of its spans fits, and how well the whole does."""

    unit: Unit
    spans: tuple[float, ...]
    whole: float


@dataclass(frozen=True, slots=True)
class _Words:
    """What a span says and what its heading says, as terms."""

    own: frozenset[int]
    headed: frozenset[int]


async def fits(
    vector: Vector, asked: Sequence[Ask], found: Sequence[Unit], embedder: Embedder
) -> list[list[Fit]]:
    """For each ask how well each unit fits, in the order of the units. Embeds once.

    Raises what the embedder raises.
    """
    spans = [(unit, span) for unit in found for span in unit.spans]
    said = [_words(unit.passage, span) for unit, span in spans]
    rarity = _rarity(said)
    alone = len(asked) == 1
    shared = [
        [
            _shared(ask.text, unit.passage, each, rarity)
            for (unit, _), each in zip(spans, said, strict=True)
        ]
        for ask in asked
    ]
    first = sorted(range(len(spans)), key=lambda at: -max(of[at] for of in shared))[:EMBEDDED]
    texts = [
        f"{unit.passage.heading}\n{unmarked(span.text)}"
        for unit, span in (spans[at] for at in first)
    ]
    vectors = await embedder.embed(texts + ([] if alone else [ask.text for ask in asked]))
    likeness = []
    for index in range(len(asked)):
        # A part of a question has lost its subject; the whole has it.
        target = vector if alone else (vector + vectors[len(texts) + index]) / 2
        close = vectors[: len(texts)] @ target
        row = np.full(len(spans), float(close.min()) if texts else 0.0, dtype=np.float32)
        row[first] = close
        likeness.append(row)
    return [
        _of_units(ask, found, [float(a) + b for a, b in zip(close, words, strict=True)])
        for ask, close, words in zip(asked, likeness, shared, strict=True)
    ]


def _of_units(ask: Ask, found: Sequence[Unit], scores: Sequence[float]) -> list[Fit]:
    """The spans' scores by unit, with what speaks for the unit as a whole."""
    fitting, at = [], 0
    for unit in found:
        own = tuple(
            score + (AMOUNT_BONUS if ask.amount and _has_amount(span) else 0.0)
            for score, span in zip(scores[at : at + len(unit.spans)], unit.spans, strict=True)
        )
        at += len(unit.spans)
        bonus = PROCEDURE_BONUS if ask.how and unit.is_procedure else 0.0
        fitting.append(Fit(unit, own, max(own) + RANK_WEIGHT / unit.passage.n + bonus))
    return fitting


def _has_amount(span: Span) -> bool:
    return bool(facts(span.text).stated)


def _words(passage: Passage, span: Span) -> _Words:
    language = language_of(passage.locale)
    own = frozenset(terms(unmarked(span.text), language))
    return _Words(own, own | frozenset(terms(passage.heading, language)))


def _rarity(said: Sequence[_Words]) -> dict[int, float]:
    """How much a term tells apart among what was found; one that nothing has tells most."""
    counts = Counter(term for each in said for term in each.own)
    return {term: math.log(1 + len(said) / count) for term, count in counts.items()}


def _shared(question: str, passage: Passage, said: _Words, rarity: dict[int, float]) -> float:
    """The share of the question's words, weighed by rarity, that a span and its heading hold."""
    language = language_of(passage.locale)
    asked = {number(word, language) for word in content_words(question)}
    weights = {term: rarity[term] for term in asked if term in rarity}
    total = sum(weights.values())
    if not total:
        return 0.0
    own = sum(weight for term, weight in weights.items() if term in said.own)
    headed = sum(weight for term, weight in weights.items() if term in said.headed)
    return WORDS_WEIGHT * ((1 - HEADING_SHARE) * own + HEADING_SHARE * headed) / total
