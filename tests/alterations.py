"""Alterations, by rule: what a voice must not do to a sentence. None where a rule finds no hold."""

import re
from collections.abc import Callable, Mapping

from bot.evaluation.perturbations import negation_flipped, number_changed

Altering = Callable[[str, int], str | None]

_UNITS = (
    ("minutes?", "hours"), ("days?", "weeks"), ("hours?", "days"), ("months?", "years"),
)  # fmt: skip
_DUTIES = ((r"\bmust\b", "may"), (r"\bmay\b", "must"), (r"\bcan\b", "must"), ("needs? to", "may"))
_BOUNDS = (
    (" all ", " some "), (" every ", " some "), (" always ", " sometimes "),
    ("at least", "at most"), ("up to", "at least"), (" or more", " or fewer"),
    (" before ", " after "), (" after ", " before "),
)  # fmt: skip
_STRANGE = (
    " This also works while the device is offline.",
    " You can use it on every phone.",
    " We store a copy in the cloud.",
)


def _first(rules: tuple[tuple[str, str], ...], said: str) -> str | None:
    for old, new in rules:
        if re.search(old, said):
            return re.sub(old, new, said, count=1)
    return None


def unit(said: str, _turn: int) -> str | None:
    if "€" in said:
        return said.replace("€", "$")
    return _first(tuple((rf"\b{old}\b", new) for old, new in _UNITS), said)


def label(said: str, _turn: int) -> str | None:
    found = re.search(r"\*\*[^*]+\*\*", said)
    return said.replace(found[0], "**Advanced**", 1) if found else None


def condition_dropped(said: str, _turn: int) -> str | None:
    found = re.match(r"^(?:If|When|Unless) [^,]{5,}, (.)(.+)$", said)
    return found[1].upper() + found[2] if found else None


def condition_added(said: str, _turn: int) -> str | None:
    return None if "Owner" in said else f"If you are the Owner, {said[0].lower()}{said[1:]}"


def statement_dropped(said: str, _turn: int) -> str | None:
    found = re.match(r"^(.{20,}?)(?:,| and) [^,]{12,}\.$", said)
    return f"{found[1]}." if found else None


BY_RULE: Mapping[str, Altering] = {
    "number": number_changed,
    "negation": negation_flipped,
    "unit": unit,
    "label": label,
    "only": lambda said, _: said.replace(" only ", " ", 1),
    "must and may": lambda said, _: _first(_DUTIES, said),
    "bound": lambda said, _: _first(_BOUNDS, said),
    "condition dropped": condition_dropped,
    "condition added": condition_added,
    "statement added": lambda said, turn: said + _STRANGE[turn % len(_STRANGE)],
    "statement dropped": statement_dropped,
}
