"""Whether a rewording keeps the facts, decided by code, part by part.

Courtesies are taken off first; what is left has to have the same numbers, names, addresses, limits
and conditions, and to say what the statement says. It is strict where a fact may be at stake: a
wording too many that stays neutral does less harm than one that is wrong.
"""

import re
from collections.abc import Sequence

from bot.grounding.facts import facts
from bot.voice import languages
from bot.voice.facts import content
from bot.voice.facts.amounts import recounted
from bot.voice.facts.courtesies import core
from bot.voice.facts.naming import renamed
from bot.voice.facts.sense import otherwise
from bot.wording import unmarked

LONGEST = 3.0  # times the neutral wording's length, plus room for a courtesy
COURTESY = 80  # characters
_SMALL = re.compile(r"\b[a-zß-öø-ÿ]\w*")


def altered(
    neutral: str,
    wording: str,
    *,
    known: frozenset[str] = frozenset(),
    own: frozenset[str] = frozenset(),
    step: bool = False,
) -> str | None:
    """What a rewording did that it must not, in a few words; None when the facts stand.

    `known` are names of the articles, `own` words the voice may greet with, both folded.
    """
    if not wording.strip():
        return "left nothing"
    if len(wording) > LONGEST * len(neutral) + COURTESY:
        return "added something"
    left = core(wording, neutral, own)
    if languages.other_language(neutral, left or wording):
        return "changed the language"
    if not left:
        return "left something out"
    language = languages.language(neutral) or "en"
    before, after = facts(neutral, language), facts(left, language)
    return (
        recounted(neutral, left, before, after)
        or renamed(neutral, left, before, after, known)
        or otherwise(neutral, left, language, step=step)
        or content.resaid(neutral, left, language)
    )


def astray(neutral: Sequence[str], at: int, wording: str) -> str | None:
    """Whether the wording of the statement at a place says another one of the answer, too."""
    language = languages.language(" ".join(neutral)) or "en"
    return content.astray(neutral, at, wording, language)


def names(*texts: str) -> frozenset[str]:
    """The names that texts hold, folded: what has a capital within a sentence, and nowhere none."""
    found = frozenset[str]().union(*(facts(text).names for text in texts))
    common = {word.casefold() for text in texts for word in _SMALL.findall(unmarked(text))}
    return found - common
