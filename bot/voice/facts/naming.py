"""Naming: whether the names, labels, menu paths and addresses of two texts are the same."""

import re
from collections import Counter

from bot.grounding.facts import Facts
from bot.wording import unmarked
from ingest.lexicon import words

_PATH = re.compile(r"[\w&'’ -]*\w\s*(?:[>›→»]\s*[\w&'’ -]*\w\s*)+")
_STEP_OF_PATH = re.compile(r"\s*[>›→»]\s*")
_IN_TURN = re.compile(
    r"\b(?:then|next|after(?:wards)?|finally|before|first|danach|dann|anschließend|zuerst"
    r"|luego|después|antes|ensuite|puis|avant|depois)\b",
    re.IGNORECASE,
)


def renamed(
    neutral: str, wording: str, before: Facts, after: Facts, known: frozenset[str]
) -> str | None:
    """What was done to a name, in a few words; `known` are names of the articles."""
    if Counter(before.addresses) != Counter(after.addresses):
        return "changed an address"
    if any(label not in wording for label in before.set_apart):
        return "changed a name on screen"
    if set(after.set_apart) - set(before.set_apart) - set(before.labels):
        return "added a name on screen"
    mine, theirs = set(words(unmarked(neutral))), set(words(unmarked(wording)))
    lost = (before.names | (before.openers & known)) - theirs
    new = (after.names | (after.openers & known)) - mine
    if lost or new:
        return "changed a name" if lost else "added a name"
    if _paths(neutral) and not _led_along(_paths(neutral), wording):
        return "changed a menu path"
    return "changed the order" if _turned(neutral, wording, before) else None


def _paths(text: str) -> list[list[str]]:
    return [
        [next(iter(words(place)[-1:]), "") for place in _STEP_OF_PATH.split(match.group())]
        for match in _PATH.finditer(unmarked(text))
    ]


def _led_along(paths: list[list[str]], wording: str) -> bool:
    """Whether the places of each menu path come one after the other in a wording."""
    said = words(unmarked(wording))
    for path in paths:
        at = 0
        for place in path:
            if place not in said[at:]:
                return False
            at = said.index(place, at) + 1
    return True


def _turned(neutral: str, wording: str, before: Facts) -> bool:
    """Whether what is to be done in turn is told in another order."""
    labels = list(dict.fromkeys(before.set_apart))
    if not _IN_TURN.search(unmarked(neutral)) or len(labels) < 2:  # noqa: PLR2004 - an order of two
        return False
    told = sorted(labels, key=wording.index)
    # "Press B once you have opened A" is the same order.
    saying = Counter(match.group().casefold() for match in _IN_TURN.finditer(unmarked(wording)))
    return told != labels and not (saying["after"] or saying["before"] or "once" in words(wording))
