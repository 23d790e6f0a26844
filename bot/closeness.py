"""Closeness: how near the words of a question come to the sentences that were found for it.

A passage's vector tells what it is about; whether it has what is asked is told by its words. So
the local model reads the likeliest sentences token by token, and each word of the question is
compared with the nearest word of a passage (MaxSim; Khattab & Zaharia, "ColBERT", 2020), the rare
ones weighing most. Of several sentences of a question the best counts: the others tell what
happened. The quotes engine takes its sentences from the same reading.
"""

import functools
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.asks import Ask, asks
from bot.evidence import Evidence, Passage
from bot.spans import Span, spans
from bot.wording import unmarked
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.embeddings.minilm import Tokens
from ingest.lexicon import asked_words, content_words, language_of, number, terms, words
from ingest.markup import sentences

PASSAGES = 5  # passages read, at most
READ = 10  # sentences read of them: those that share most with the question
WORDS_WEIGHT = 0.4  # of the share of the question's words beside likeness
HEADING_SHARE = 0.3  # of that, for the words its heading has as well

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Place:
    """A span with the passage it stands in."""

    passage: Passage
    span: Span


@dataclass(frozen=True, slots=True)
class Closeness:
    """How near the question's words come to a passage's, and how well each place answers.

    `words` is MaxSim, `headed` the share of the words that a heading has, both from 0 to 1; `asks`
    are the questions in the question, `fits` says how well each place answers each of them.
    """

    words: float = 0.0
    headed: float = 0.0
    asks: tuple[Ask, ...] = ()
    fits: tuple[Mapping[Place, float], ...] = ()


async def closeness(question: str, evidence: Evidence, local: EmbeddedEmbedder) -> Closeness:
    """Read what was found. Raises EmbeddingModelError."""
    passages = evidence.passages[:PASSAGES]
    places = [Place(passage, span) for passage in passages for span in spans(passage)]
    if not places:
        return Closeness()
    asked = asks(question)
    shared = _shares(asked, places)
    first = sorted(range(len(places)), key=lambda at: -shared[:, at].max())[:READ]
    texts = [
        f"{place.passage.heading}\n{unmarked(place.span.text)}"
        for place in (places[at] for at in first)
    ]
    whole, *others = await local.read(
        [question, *texts, *(ask.text for ask in asked if len(asked) > 1)]
    )
    read, pieces = others[: len(texts)], others[len(texts) :]
    rarity = dict(zip(dict.fromkeys(asked_words(question)), evidence.idfs, strict=False))
    near: dict[int, list[Tokens]] = {}
    for at, tokens in zip(first, read, strict=True):
        near.setdefault(places[at].passage.n, []).append(tokens)
    weights = _weights(question, whole, rarity)
    fitting = shared + _likeness(whole, pieces, read, first, len(places))
    return Closeness(
        max(_nearness(question, whole, weights, found) for found in near.values()),
        max(_headed(rarity, passage) for passage in passages),
        asked,
        tuple(dict(zip(places, map(float, row), strict=True)) for row in fitting),
    )


def _nearness(question: str, asked: Tokens, weights: Scores, found: Sequence[Tokens]) -> float:
    """How near the words of the question's best sentence come to those of a passage."""
    every = np.concatenate([tokens.vectors for tokens in found])
    if not len(every) or not len(asked.vectors):
        return 0.0
    nearest = (asked.vectors @ every.T).max(axis=1)
    starts = np.array([start for start, _ in asked.places])
    best = 0.0
    for start, end in sentences(question, 0, len(question)):
        inside = weights * ((start <= starts) & (starts < end))
        if inside.sum():
            best = max(best, float(inside @ nearest / inside.sum()))
    return best


def _weights(question: str, asked: Tokens, rarity: Mapping[str, float]) -> Scores:
    """What each token of the question weighs: its word's rarity; words that only ask weigh none."""
    found = np.zeros(len(asked.places))
    for match in _WORD.finditer(question):
        weight = max((rarity.get(word, 0.0) for word in words(match.group())), default=0.0)
        for at, (start, end) in enumerate(asked.places):
            if start < match.end() and end > match.start():
                found[at] = weight
    return found


def _headed(rarity: Mapping[str, float], passage: Passage) -> float:
    """The share of the question's words that a passage's heading and title have."""
    language = language_of(passage.locale)
    said = set(terms(f"{passage.heading} {passage.title}", language))
    total = sum(rarity.values())
    held = sum(idf for word, idf in rarity.items() if number(word, language) in said)
    return held / total if total else 0.0


def _likeness(
    whole: Tokens,
    pieces: Sequence[Tokens],
    read: Sequence[Tokens],
    first: Sequence[int],
    count: int,
) -> Scores:
    """For each ask how like it each place is; what was not read, as like as the least that was."""
    found = []
    for piece in pieces or [whole]:
        # A part of a question has lost its subject; the whole has it.
        target = whole.whole if piece is whole else (whole.whole + piece.whole) / 2
        close = np.array([tokens.whole @ target for tokens in read])
        row = np.full(count, close.min())
        row[list(first)] = close
        found.append(row)
    return np.array(found)


def _shares(asked: Sequence[Ask], places: Sequence[Place]) -> Scores:
    """For each ask the share of its words, weighed by rarity, that each place and its heading hold.

    Rare is what few of the places have, for all of them are about what is asked.
    """
    own, headed = [], []
    for place in places:
        language = language_of(place.passage.locale)
        said = _terms(place.span.text, language)
        own.append(said)
        headed.append(said | _terms(place.passage.heading, language))
    counts = Counter(term for said in own for term in said)
    rarity = {term: math.log(1 + len(own) / count) for term, count in counts.items()}
    shares = np.zeros((len(asked), len(places)))
    for row, ask in enumerate(asked):
        naming = content_words(ask.text)
        for at, place in enumerate(places):
            language = language_of(place.passage.locale)
            wanted = {number(word, language) for word in naming}
            weights = {term: rarity[term] for term in wanted if term in rarity}
            if total := sum(weights.values()):
                here = sum(weight for term, weight in weights.items() if term in own[at])
                above = sum(weight for term, weight in weights.items() if term in headed[at])
                mixed = (1 - HEADING_SHARE) * here + HEADING_SHARE * above
                shares[row, at] = WORDS_WEIGHT * mixed / total
    return shares


@functools.lru_cache(maxsize=4_096)
def _terms(text: str, language: str) -> frozenset[int]:
    return frozenset(terms(unmarked(text), language))
