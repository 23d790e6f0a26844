"""Sense: whether two texts deny, demand, limit and condition the same."""

import re

from bot.grounding.polarity import ONLY, demands, denials, polarity
from bot.wording import unmarked
from ingest.lexicon import words

# What makes a statement hold in some cases only or from a time on, and words that may say the same.
_CONDITIONS = frozenset(
    "if unless provided providing falls wenn sofern si sauf excepto salvo caso".split()
)
_OCCASIONS = _CONDITIONS | frozenset("when whenever cuando lorsque quand quando".split())
_CONDITIONAL = _OCCASIONS | frozenset(
    "once should where for assuming after while soon case bei sobald für para pour por".split()
)
_PLACED = frozenset("on with in at auf mit in en con sur avec com em".split())
_HEDGES = frozenset(
    """
    usually normally typically generally often sometimes most mostly some approximately roughly
    nearly almost few several many partly probably possibly likely
    meist meistens normalerweise oft manchmal etwa ungefähr einige viele
    normalmente suele suelen generalmente algunos algunas casi
    généralement souvent parfois environ presque quelques certains
    geralmente alguns algumas quase
    """.split()
)
_ABOUT = re.compile(r"\b(?:about|around|circa|some|ca\.)\s+(?=[\d€$£]|\w+ty\b|two|three|five|ten)")
_ALL = frozenset(
    """
    all always every everyone everything everywhere any entire entirely whole fully completely
    guaranteed
    alle allen immer jede jeder jedes todos todas siempre cada tous toutes toujours chaque sempre
    """.split()
)
_ALL_ALIKE = _ALL | frozenset("each both anyone anything no none never jeden throughout".split())
_MAY = re.compile(r"\b(?:may|can|could|might|allowed|able|option|optional|darf|kann|puede|peut)\b")


def otherwise(neutral: str, wording: str, language: str, *, step: bool = False) -> str | None:
    """What a wording does to the sense, in a few words; None when it stands.

    A `step` is to be done, so a wording may say that it has to be.
    """
    mine, theirs = unmarked(neutral), unmarked(wording)
    before, after = frozenset(words(mine)), frozenset(words(theirs))
    asked = step and not _MAY.search(mine.casefold())
    if (
        denials(mine) != denials(theirs)
        or _only(before) != _only(after)
        or (demands(mine) != demands(theirs) and not asked)
        or polarity(mine, language).contradicts(polarity(theirs, language))
    ):
        return "changed a negation or limit"
    if _hedged(mine, before) != _hedged(theirs, after):
        return "changed how certain it is"
    if (after & _ALL and not before & _ALL_ALIKE) or (before & _ALL and not after & _ALL_ALIKE):
        return "changed whom or what it holds for"
    return _conditioned(before, after)


def _conditioned(before: frozenset[str], after: frozenset[str]) -> str | None:
    if before & _OCCASIONS and not after & _CONDITIONAL:
        return "dropped a condition"
    if after & _CONDITIONS and not before & (_CONDITIONAL | _PLACED):
        return "added a condition"
    return None


def _only(found: frozenset[str]) -> bool:
    return not found.isdisjoint(ONLY)


def _hedged(text: str, found: frozenset[str]) -> bool:
    return not found.isdisjoint(_HEDGES) or bool(_ABOUT.search(text.casefold()))
