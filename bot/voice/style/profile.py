"""A style profile: fitted on approved answers, it tells how well other answers agree."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.settings import StyleSettings
from bot.voice.style.features import Features, features
from bot.wording import unmarked
from ingest.lexicon import words

FEWEST = 10  # answers from which a profile can be fitted
_READING = 20.0  # points of LIX that make no agreement
_INFORMAL = 12.0  # as many for informality, per hundred words


@dataclass(frozen=True, slots=True)
class Agreement:
    """How well answers agree with a profile, each figure from 0 to 1."""

    function_words: float
    sentence_lengths: float
    reading_level: float
    formality: float
    salutation: float
    sign_off: float
    terms: float

    @property
    def overall(self) -> float:
        """The mean of the seven."""
        figures = self.as_json()
        return sum(figures.values()) / len(figures)

    def as_json(self) -> dict[str, float]:
        """The form reports keep."""
        return {name: round(getattr(self, name), 4) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Profile:
    """How approved answers are worded, with the terms the desk asks for and those it bans."""

    features: Features
    answers: int
    terms: StyleSettings

    def agreement(self, texts: Sequence[str]) -> Agreement:
        """How well some answers agree."""
        mine, theirs = self.features, features(texts)
        return Agreement(
            1 - _distance(mine.function_words, theirs.function_words),
            1 - _distance(_numbered(mine.lengths), _numbered(theirs.lengths)),
            _near(mine.reading_level, theirs.reading_level, _READING),
            _near(mine.informality, theirs.informality, _INFORMAL),
            1 - abs(mine.greeted - theirs.greeted),
            1 - abs(mine.closed - theirs.closed),
            _kept(self.terms, texts),
        )

    def as_json(self) -> dict[str, Any]:
        """What is known of the style, for people."""
        own = self.features
        common = sorted(own.function_words, key=lambda word: -own.function_words[word])[:12]
        return {
            "answers": self.answers,
            "common_words": common,
            "sentence_lengths": [round(each, 3) for each in own.lengths],
            "reading_level": round(own.reading_level, 1),
            "informality": round(own.informality, 1),
            "salutation": round(own.greeted, 3),
            "sign_off": round(own.closed, 3),
            "required": list(self.terms.required),
            "banned": list(self.terms.banned),
        }


def fit(texts: Sequence[str], terms: StyleSettings) -> Profile | None:
    """A profile of approved answers; None where there are too few."""
    return Profile(features(texts), len(texts), terms) if len(texts) >= FEWEST else None


def _distance(one: Mapping[Any, float], other: Mapping[Any, float]) -> float:
    """Jensen–Shannon distance of two distributions, from 0 to 1."""
    total_one, total_other = sum(one.values()) or 1.0, sum(other.values()) or 1.0
    divergence = 0.0
    for key in one.keys() | other.keys():
        p, q = one.get(key, 0.0) / total_one, other.get(key, 0.0) / total_other
        middle = (p + q) / 2
        divergence += sum(x * math.log2(x / middle) for x in (p, q) if x) / 2
    return math.sqrt(max(0.0, min(1.0, divergence)))


def _numbered(shares: Sequence[float]) -> dict[int, float]:
    return dict(enumerate(shares))


def _near(one: float, other: float, apart: float) -> float:
    return max(0.0, 1 - abs(one - other) / apart)


def _kept(terms: StyleSettings, texts: Sequence[str]) -> float:
    """The share of answers without a banned term, times that with a required one where wanted."""
    if not texts:
        return 1.0
    said = [f" {' '.join(words(unmarked(text)))} " for text in texts]
    banned = [f" {' '.join(words(term))} " for term in terms.banned]
    required = [f" {' '.join(words(term))} " for term in terms.required]
    clean = sum(not any(term in text for term in banned) for text in said) / len(said)
    met = sum(any(term in text for term in required) for text in said) / len(said)
    return clean * (met if required else 1.0)
