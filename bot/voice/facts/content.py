"""Content: whether a wording still says what the statement says, and no more.

A synonym takes a word away and puts one in its place; a statement that is added or left out does
only one of the two. And each wording has to be of its own statement rather than of another one.
"""

import functools
from collections.abc import Sequence

from bot.grounding.polarity import naming_words
from bot.voice.facts.courtesies import COURTESIES
from bot.wording import unmarked
from ingest.lexicon import number
from ingest.markup.sentences import sentences

KEPT = 0.3  # of a statement's words, at least
MORE = 0.5  # of a statement's words that a wording may have more than it
FEWER = 0.25  # that it may have fewer
SPARE = 2  # words that make no difference
OWN = 0.25  # of a sentence's words that have to be the statement's
FOREIGN = 0.6  # of another statement's words that make a wording say that one too
FEWEST = 2  # words a statement must have to be told from another
_FILLERS = frozenset(
    """
    simply just really actually order also then now first next afterwards finally once again
    following follow go ahead want wish like need make sure ensure able use using via through
    take takes get gets
    einfach dann nun jetzt zunächst simplemente luego ahora simplement ensuite
    """.split()
)


@functools.lru_cache(maxsize=512)
def terms(text: str, language: str) -> frozenset[int]:
    """The stemmed words of a text that name something."""
    found = naming_words(unmarked(text))
    return frozenset(number(word, language) for word in found if word not in _FILLERS)


@functools.cache
def _courtesy_terms(language: str) -> frozenset[int]:
    return frozenset(number(word, language) for word in COURTESIES)


def resaid(neutral: str, wording: str, language: str) -> str | None:
    """What became of a statement's content, in a few words; None when it is still there."""
    mine = terms(neutral, language)
    theirs = terms(wording, language)
    lost, new = mine - theirs, theirs - mine - _courtesy_terms(language)
    if len(mine) > FEWEST and len(mine - lost) < KEPT * len(mine):
        return "said something else"
    if len(new) - len(lost) > max(SPARE, MORE * len(mine)):
        return "added something"
    if any(_strange(said, mine, language) for said in _sentences(wording)):
        return "added a statement"
    if len(lost) - len(new) > max(SPARE - 1, FEWER * len(mine)):
        return "left something out"
    return None


def _sentences(text: str) -> list[str]:
    found = [text[start:end] for start, end in sentences(text, 0, len(text))]
    return found if len(found) > 1 else []


def _strange(said: str, mine: frozenset[int], language: str) -> bool:
    """Whether a sentence of a wording says something that the statement does not."""
    found = terms(said, language) - _courtesy_terms(language)
    return bool(found) and len(found & mine) < OWN * len(found)


def astray(neutral: Sequence[str], at: int, wording: str, language: str) -> str | None:
    """Whether the wording of the statement at a place says another one of the answer, too."""
    own, said = terms(neutral[at], language), terms(wording, language)
    for other, text in enumerate(neutral):
        meant = terms(text, language) - own
        if other == at or len(meant) < FEWEST:
            continue
        foreign = _share(meant, said)
        if foreign > _share(own, said):
            return "changed the order of the statements"
        if foreign >= FOREIGN:
            return "merged two statements"
    return None


def _share(meant: frozenset[int], said: frozenset[int]) -> float:
    return len(meant & said) / len(meant) if meant else 1.0
