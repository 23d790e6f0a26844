"""Asks: the questions in a question, and what kind of answer each of them wants."""

import functools
import re
from dataclasses import dataclass

from ingest.lexicon import content_words

LONGEST = 4  # questions taken from one text

_HOW = re.compile(
    r"\bhow (?:do|can|to|should|would|could|does one)\b|\bwhere (?:do|can|should) (?:i|we|you)\b"
    r"|\b(?:wie|wo) (?:kann|muss|soll|mach|richt|änder|stell|find|bekomm|setz)"
    r"|\b(?:cómo|dónde|comment|où)\b",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"\bhow (?:much|many|long|often|far|soon|late|old|big|large|fast|high|low)\b"
    r"|\b(?:prices?|costs?|fees?|limits?|deadline|when|until|maximum|minimum|expires?)\b"
    r"|\bat what (?:time|age|price)\b"
    r"|\b(?:wie (?:lange|viele?|oft|hoch|teuer)|wann|kostet|kosten)\b"
    r"|\b(?:cuántos?|cuántas?|cuándo|cuesta|combien|quand|coûte)\b",
    re.IGNORECASE,
)
_WH = (
    r"how|what|when|where|which|who|whom|why|wie|was|wann|wo|welche[rsnm]?|wer|warum"
    r"|cómo|qué|cuándo|dónde|cuánto|cuántos|cuántas|cuál|comment|quand|combien|où|quel|quelle"
)
_QUESTION_WORD = rf"(?:{_WH}|do|does|did|is|are|can|could|will|would|should|may|kann|muss|ist|sind)"
_APART = re.compile(
    rf"(?<=[?!.])\s+|,?\s+(?:and|or|und|oder|y|o|et|ou)\s+(?:also\s+)?(?={_QUESTION_WORD}\b)"
    rf"|[,;]\s+(?={_QUESTION_WORD}\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"\b{_QUESTION_WORD}\b|\?", re.IGNORECASE)
_IS_QUESTION = re.compile(rf"\A\W*{_QUESTION_WORD}\b|\b(?:{_WH})\b|\?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: `how` wants a procedure, `amount` a number.

    Who only tells what happens ("I forgot my password", an error's text) wants to know what to do.
    """

    text: str
    how: bool
    amount: bool


@functools.lru_cache(maxsize=64)
def asks(question: str) -> tuple[Ask, ...]:
    """The questions a text asks; the whole text as one where they cannot be told apart.

    What only tells of the situation is left to the whole, which is compared beside each of them.
    """
    pieces = [piece.strip() for piece in _APART.split(question) if piece.strip()]
    asking = [piece for piece in pieces if _ASKS.search(piece) and _names_something(piece)]
    if not 1 < len(asking) <= LONGEST:
        return (_ask(question),)
    return tuple(_ask(piece) for piece in asking)


def _names_something(piece: str) -> bool:
    return content_words(f"{piece} x") != ["x"]


def _ask(text: str) -> Ask:
    how = _HOW.search(text) is not None or _IS_QUESTION.search(text) is None
    return Ask(text, how, _AMOUNT.search(text) is not None)
