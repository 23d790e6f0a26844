"""Facts: what a rewording must not touch."""

import re
from collections import Counter

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>‹›()\[\]]+|[\w.+-]+@[\w-]+\.[\w.-]+")
_LABEL = re.compile(r"\*\*(.+?)\*\*|`(.+?)`")
# Each is there or not there, in whatever words.
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|neither|nor|nobody|nothing|cannot|without|unless|except|"
    r"nicht|kein\w*|nie|niemand|nichts|ohne|außer|"
    r"nunca|nadie|nada|sin|excepto|ningun[oa]?|ningún)\b|n[’']t\b",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"\b(?:only|solely|exclusively|nur|lediglich|solo|sólo|solamente)\b", re.IGNORECASE
)
_DUTY = re.compile(
    r"\b(?:must|ha(?:ve|s) to|needs? to|required?|requires|necessary|make sure|be sure|"
    r"muss|müssen|nötig|debe[ns]?|tiene[ns]? que|necesari[oa])\b",
    re.IGNORECASE,
)
# A number and what it counts: five minutes are not five days.
_MEASURE = re.compile(
    r"(\d+(?:[.,:]\d+)*)[\s -]?"
    r"(ms|sec|min|hour|day|week|month|year|business|working|[kmgt]b\b|[gm]hz|%|percent|°\s?[cf]|"
    r"met(?:re|er)|cm|mm|times|"
    r"sekund|minut|stunde|tag|woche|monat|jahr|prozent|"
    r"segundo|hora|día|semana|mes|año)",
    re.IGNORECASE,
)
_CURRENCY = re.compile(r"[$€£¥]|\b(?:USD|EUR|GBP)\b")
_COUNTED = {
    "a number": _NUMBER,
    "a unit": _MEASURE,
    "a currency": _CURRENCY,
    "an address": _ADDRESS,
}
LONGEST = 3.0  # times the neutral wording's length, plus room for a courtesy
COURTESY = 80  # characters


def altered(neutral: str, wording: str) -> str | None:
    """What a rewording did that it must not, in a few words; None when the facts stand."""
    for name, pattern in _COUNTED.items():
        if _found(pattern, neutral) != _found(pattern, wording):
            return f"changed {name}"
    if any(label not in wording for label in _labels(neutral)):
        return "changed a name on screen"
    for pattern in (_NEGATION, _ONLY, _DUTY):
        if bool(pattern.search(neutral)) != bool(pattern.search(wording)):
            return "changed a negation or limit"
    if len(wording) > LONGEST * len(neutral) + COURTESY:
        return "added something"
    return None if wording.strip() else "left nothing"


def _found(pattern: re.Pattern[str], text: str) -> Counter[str]:
    """What a pattern finds and how often, in lower case."""
    return Counter(
        " ".join(filter(None, match.groups() or [match.group()])).lower().rstrip(".,:;!?")
        for match in pattern.finditer(text)
    )


def _labels(text: str) -> list[str]:
    return [bold or code for bold, code in _LABEL.findall(text)]
