"""A passage as it is checked against: its sentences with their facts, read once."""

import functools
import itertools
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence import Passage
from bot.grounding.facts import Facts, addresses, facts
from bot.grounding.polarity import Polarity, naming_words, polarity
from bot.grounding.quantities import STEP, Quantity, blanked, quantities
from bot.spans import spans_in
from bot.wording import unmarked
from ingest.lexicon import language_of, number, words
from ingest.markup import plain_text

CONTEXT = 1_000  # characters read with a sentence, about; 256 tokens are read
_ORDINAL = re.compile(r"^\s*(\d{1,2})[.)]\s", re.MULTILINE)
_RARE = 8  # letters from which a word is taken to be informative; the shorter, the commoner


@dataclass(frozen=True)
class Sentence:
    """One sentence, step or row, or a claim: what it says in a form that can be compared.

    `bare` is its text without its quantities, `terms` its content words in order with how much
    each tells. What few sentences are asked for is found when it is asked for.
    """

    markdown: str
    language: str
    text: str
    bare: str
    words: tuple[str, ...]
    terms: tuple[tuple[int, float], ...]
    quantities: tuple[Quantity, ...]

    @functools.cached_property
    def weights(self) -> dict[int, float]:
        """Content word → how much it tells."""
        return dict(self.terms)

    @functools.cached_property
    def facts(self) -> Facts:
        """Its addresses, labels and names."""
        return facts(self.markdown, self.language)

    @functools.cached_property
    def polarity(self) -> Polarity:
        """What it denies and limits."""
        return polarity(self.bare, self.language)

    @property
    def stated(self) -> list[Quantity]:
        """The quantities that are written as such."""
        return [each for each in self.quantities if each.stated]


@dataclass(frozen=True)
class Reading:
    """A passage, or several taken together."""

    language: str
    sentences: tuple[Sentence, ...]
    terms: frozenset[int]
    pairs: frozenset[tuple[int, int]]
    words: frozenset[str]
    addresses: frozenset[str]
    quantities: tuple[Quantity, ...]
    text: str  # its words, in order, between blanks

    def context(self, at: int) -> str:
        """The sentence at a place with those around it: its share of the text, cut evenly.

        All its sentences have the same, so that it is read once.
        """
        return self._contexts[self._shares[at]]

    @property
    def contexts(self) -> list[str]:
        """All its contexts."""
        return [*self._contexts.values()]

    @functools.cached_property
    def _shares(self) -> list[int]:
        """Which context each sentence is in."""
        total = sum(len(one.text) for one in self.sentences)
        size = total / max(1, math.ceil(total / CONTEXT))
        ends = itertools.accumulate(len(one.text) for one in self.sentences)
        return [
            int((end - len(one.text) / 2) / size)
            for end, one in zip(ends, self.sentences, strict=True)
        ]

    @functools.cached_property
    def _contexts(self) -> dict[int, str]:
        each = itertools.groupby(
            zip(self._shares, self.sentences, strict=True), key=lambda pair: pair[0]
        )
        return {share: " ".join(one.text for _, one in pairs) for share, pairs in each}


def sentence(text: str, language: str) -> Sentence:
    """Read one sentence in the Markdown of parts."""
    said = unmarked(text)
    counted = tuple(quantities(said))
    bare = blanked(said, ((each.start, each.end) for each in counted)) if counted else said
    return Sentence(
        text, language, said, bare, tuple(words(said)), tuple(_terms(bare, language)), counted
    )


def _terms(text: str, language: str) -> list[tuple[int, float]]:
    return [(number(word, language), min(len(word), _RARE) / _RARE) for word in naming_words(text)]


def read(passage: Passage) -> Reading:
    """Everything a passage says, with its heading and title."""
    language = language_of(passage.locale)
    return _read(passage.text, passage.start, f"{passage.heading}\n{passage.title}", language)


@functools.lru_cache(maxsize=512)  # what it is to one question is nothing to what it says
def _read(text: str, start: int, headed: str, language: str) -> Reading:
    plain = plain_text(text)
    read_ = tuple(sentence(span.text, language) for span in spans_in(text, start))
    whole = f"{headed}\n{plain}"
    bare = _ORDINAL.sub("\n", whole)
    said, terms = words(bare), [number(word, language) for word in naming_words(bare)]
    steps = (
        Quantity(frozenset({match[1]}), STEP, *match.span()) for match in _ORDINAL.finditer(text)
    )
    counted = (each for one in read_ for each in one.quantities)
    raw = frozenset(words(text))
    return Reading(
        language,
        read_,
        frozenset(terms).union(*(one.weights for one in read_)),
        frozenset(itertools.pairwise(terms)).union(*(pairs(one) for one in read_)),
        raw | frozenset(said) | frozenset(map("".join, itertools.pairwise(said))),
        frozenset(addresses(text)) | frozenset(addresses(plain)),
        (*quantities(bare), *counted, *steps),
        f" {' '.join(said)} {' '.join(word for one in read_ for word in one.words)} ",
    )


def together(readings: Sequence[Reading]) -> Reading:
    """Several passages as one ground."""
    if len(readings) == 1:
        return readings[0]
    return Reading(
        readings[0].language,
        tuple(one for reading in readings for one in reading.sentences),
        frozenset().union(*(reading.terms for reading in readings)),
        frozenset().union(*(reading.pairs for reading in readings)),
        frozenset().union(*(reading.words for reading in readings)),
        frozenset().union(*(reading.addresses for reading in readings)),
        tuple(each for reading in readings for each in reading.quantities),
        "".join(reading.text for reading in readings),
    )


def pairs(one: Sentence) -> set[tuple[int, int]]:
    """Its neighbouring content words."""
    return set(itertools.pairwise(term for term, _ in one.terms))
