"""Features of wording: what a text's style is measured by, whatever it is about.

Function words tell a writer's hand (Mosteller & Wallace, 1964). Reading level is LIX (Björnsson,
1968), which needs no syllables and so works across languages: words a sentence plus the percentage
of words longer than six letters.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bot.voice.facts.courtesies import core
from bot.voice.languages import function_words, language
from bot.wording import unmarked
from ingest.lexicon import words
from ingest.markup.sentences import sentences

LENGTHS = (6, 10, 14, 18, 24, 32)  # words up to which a sentence is in a bin
_LONG = 6  # letters beyond which a word is long
_CONTRACTION = re.compile(r"\b\w+['’](?:s|re|ll|ve|d|t|m)\b", re.IGNORECASE)
_NEAR = frozenset(
    "you your we our us i du dir dein wir uns tú te tu nosotros vous nous você".split()
)
_FORMAL = frozenset("sie ihnen ihr usted ustedes sir madam dear kindly hereby please".split())


@dataclass(frozen=True, slots=True)
class Features:
    """Of a set of answers: shares and means."""

    function_words: dict[str, float]  # of all words, by word
    lengths: tuple[float, ...]  # shares of sentences by length
    reading_level: float
    informality: float  # contractions, near pronouns and exclamations a hundred words
    greeted: float  # the share of answers that begin with a courtesy
    closed: float  # the share that end with one


def features(texts: Sequence[str]) -> Features:
    """Read texts of answers, each the statements of one, a line each."""
    bare = [unmarked(text) for text in texts]
    found = [word for text in bare for word in words(text)]
    spoken = language(" ".join(bare)) or "en"
    counts = Counter(word for word in found if word in function_words(spoken))
    total = max(1, len(found))
    said = [len(words(text[a:b])) for text in bare for a, b in sentences(text, 0, len(text))]
    said = [length for length in said if length]
    long = sum(len(word) > _LONG for word in found)
    greeted = [_courteous(text) for text in texts]
    answers = max(1, len(texts))
    return Features(
        {word: count / total for word, count in counts.items()},
        tuple(_binned(said)),
        len(found) / max(1, len(said)) + 100 * long / total,
        100 * sum(map(_informal, bare)) / total,
        sum(first for first, _ in greeted) / answers,
        sum(last for _, last in greeted) / answers,
    )


def _binned(lengths: Sequence[int]) -> list[float]:
    counts = [0] * (len(LENGTHS) + 1)
    for length in lengths:
        counts[sum(length > limit for limit in LENGTHS)] += 1
    return [count / max(1, len(lengths)) for count in counts]


def _informal(text: str) -> int:
    found = words(text)
    near = sum(word in _NEAR for word in found) - sum(word in _FORMAL for word in found)
    return len(_CONTRACTION.findall(text)) + near + text.count("!")


def _courteous(text: str) -> tuple[bool, bool]:
    """Whether it begins, and whether it ends, with what says nothing of the matter."""
    pieces = [text[a:b] for a, b in sentences(text, 0, len(text))]
    if not pieces:
        return False, False
    return _begins(pieces[0]), len(pieces) > 1 and not core(pieces[-1], "")


def _begins(sentence: str) -> bool:
    kept = core(sentence, "")
    return kept != sentence.strip() and not sentence.strip().startswith(kept[:12] or "\0")
