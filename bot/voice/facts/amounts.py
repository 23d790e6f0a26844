"""Amounts: whether the numbers of two texts are the same, and count the same things."""

import re
from collections import Counter
from collections.abc import Iterator

from bot.grounding.facts import Facts
from bot.grounding.quantities import Quantity, quantities
from bot.grounding.units import CURRENCIES, UNITS
from bot.wording import unmarked
from ingest.lexicon import stems, words

_MONEY = frozenset(CURRENCIES.values())
_PERIODS = frozenset(("day", "week", "month", "year", "hour", "minute", "second"))
_BY_PERIOD = {
    "hourly": "hour", "daily": "day", "everyday": "day", "nightly": "day", "weekly": "week",
    "monthly": "month", "annual": "year", "annually": "year", "yearly": "year",
    "täglich": "day", "wöchentlich": "week", "monatlich": "month", "jährlich": "year",
    "diario": "day", "semanal": "week", "mensual": "month", "anual": "year",
    "quotidien": "day", "hebdomadaire": "week", "mensuel": "month", "annuel": "year",
}  # fmt: skip
# How often, where it is not written as a number.
_TIMES = {"once": 1, "twice": 2, "both": 2, "double": 2, "half": 0.5, "thrice": 3, "triple": 3}
_MORE = (
    r"at least|a minimum of|minimum|no (?:less|fewer) than|not (?:less|fewer) than|more than|over"
    r"|mindestens|al menos|como mínimo|au moins|no mínimo"
)
_LESS = (
    r"at most|a maximum of|maximum|up to|no more than|not more than|no later than|less than|under"
    r"|fewer than|höchstens|bis zu|como máximo|hasta|au plus|jusqu['’]à|no máximo|até"
)
_WITHIN = r"within|inside of|innerhalb von|binnen|dentro de|en menos de|sous|dans les"
_BOUND = re.compile(
    rf"\b(?:(?P<more>{_MORE})|(?P<less>{_LESS})|(?P<within>{_WITHIN}))\s+(?:\w+\s+)?$",
    re.IGNORECASE,
)
_BOUND_AFTER = re.compile(
    r"^\s*(?:\w+\s+)?"
    r"(?:or (?:(?P<more>more|longer|above|higher)|(?P<less>less|fewer|below|earlier))"
    r"|(?P<least>minimum|at least)|(?P<most>maximum|at most))\b",
    re.IGNORECASE,
)
_LOOK_AHEAD = 24  # characters after a number that may bound it
_CLAUSE = re.compile(
    r"[;:!?()\n]|[.,](?=\s|$)|\s[–—-]\s"
    r"|\b(?:and|while|but|whereas|und|während|aber|y|pero|et|mais|e|mas)\b",
    re.IGNORECASE,
)


def recounted(neutral: str, wording: str, before: Facts, after: Facts) -> str | None:
    """How the quantities differ, in a few words; None when they are the same."""
    if _values(before) != _values(after):
        return "changed a number"
    mine, theirs = Counter(map(_key, before.stated)), Counter(map(_key, after.stated))
    if mine != theirs:
        differing = (mine - theirs) + (theirs - mine)
        money = any(unit in _MONEY for _, unit in differing)
        return "changed a currency" if money else "changed a unit"
    if _often(neutral) != _often(wording):
        return "changed how often"
    if _bounds_differ(neutral, wording):
        return "changed a limit"
    return "moved a number" if _moved(neutral, wording) else None


def _values(found: Facts) -> Counter[frozenset[str]]:
    return Counter(each.values for each in found.stated)


def _key(quantity: Quantity) -> tuple[frozenset[str], str]:
    return quantity.values, quantity.unit


def _often(text: str) -> tuple[frozenset[str], frozenset[float]]:
    """The periods a text speaks of, and its "once" and "twice"."""
    found = words(unmarked(text))
    periods = {_BY_PERIOD.get(word) or UNITS.get(word) for word in found} & _PERIODS
    # "Once" is "as soon as" more often than "one time".
    times = {_TIMES[word] for word in found if word in _TIMES} - {1}
    return frozenset(each for each in periods if each), frozenset(times)


def _bounds_differ(neutral: str, wording: str) -> bool:
    mine, theirs = dict(_bounds(neutral)), dict(_bounds(wording))
    return any(
        {mine[each], theirs.get(each, "")} not in ({mine[each]}, {"within", ""}, {"within", "less"})
        for each in mine
    )


def _bounds(text: str) -> Iterator[tuple[frozenset[str], str]]:
    """Each number of a text with the side on which it bounds."""
    said = unmarked(text)
    for each in quantities(said):
        if not each.stated:
            continue
        before = _BOUND.search(said[: each.start])
        after = _BOUND_AFTER.match(said[each.end : each.end + _LOOK_AHEAD])
        kind = (before.lastgroup if before else None) or (after.lastgroup if after else None) or ""
        yield each.values, {"least": "more", "most": "less"}.get(kind, kind)


def _moved(neutral: str, wording: str) -> bool:
    """Whether a number stands beside the words that another one stood beside."""
    mine, theirs = _beside(neutral), _beside(wording)
    for value, own in mine.items():
        others = set[int]().union(*(found for other, found in mine.items() if other != value))
        strangers = set[int]().union(*(found for other, found in theirs.items() if other != value))
        here = theirs.get(value, frozenset())
        for anchor in own - others:
            if anchor in strangers and anchor not in here:
                return True
    return False


def _beside(text: str) -> dict[frozenset[str], frozenset[int]]:
    """For each number that is alone in its clause, the terms of the clause."""
    found: dict[frozenset[str], frozenset[int]] = {}
    at, said = 0, unmarked(text)
    for seam in [*_CLAUSE.finditer(said), None]:
        clause = said[at : seam.start() if seam else None]
        at = seam.end() if seam else at
        stated = [each for each in quantities(clause) if each.stated]
        if len(stated) == 1:
            around = f"{clause[: stated[0].start]} {clause[stated[0].end :]}"
            found[stated[0].values] = frozenset(stems(around, "en"))
    return found if len(found) > 1 else {}
