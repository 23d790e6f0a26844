"""Facts: what a rewording must not touch."""

import re
from collections import Counter

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>()\[\]]+|[\w.+-]+@[\w-]+\.[\w.-]+")
_LABEL = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")
_LIMIT = re.compile(
    r"\b(?:not|no|never|none|cannot|without|only|unless|must|except|"
    r"nicht|kein\w*|nie|ohne|nur|muss|müssen|außer|"
    r"nunca|sin|solo|sólo|debe|deben|excepto)\b|n[’']t\b",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"[$€£¥]|\b(?:USD|EUR|GBP)\b")
LONGEST = 3.0  # times the neutral wording's length, plus room for a courtesy
COURTESY = 80  # characters


def altered(neutral: str, wording: str) -> str | None:
    """What a rewording changed that it must not, in a word; None when the facts stand."""
    if not wording.strip():
        return "nothing left"
    if _found(_NUMBER, neutral) != _found(_NUMBER, wording):
        return "a number"
    if _found(_CURRENCY, neutral) != _found(_CURRENCY, wording):
        return "a currency"
    if _found(_ADDRESS, neutral) != _found(_ADDRESS, wording):
        return "an address"
    if any(label not in wording for label in _labels(neutral)):
        return "a name on screen"
    if bool(_LIMIT.search(neutral)) != bool(_LIMIT.search(wording)):
        return "a negation or limit"
    if len(wording) > LONGEST * len(neutral) + COURTESY:
        return "something added"
    return None


def _found(pattern: re.Pattern[str], text: str) -> Counter[str]:
    return Counter(match.rstrip(".,:;") for match in pattern.findall(text))


def _labels(text: str) -> list[str]:
    return [bold or code for bold, code in _LABEL.findall(text)]
