"""Fit: how well what could be quoted answers a question. Closeness, rank, kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.asks import Ask
from bot.closeness import Closeness, Place
from bot.grounding.facts import facts
from bot.quotes.units import Unit
from bot.spans import Span
from bot.wording import unmarked
from ingest.lexicon import language_of, stems

RANK_WEIGHT = 0.3  # of the reciprocal of its passage's rank
PROCEDURE_BONUS = 0.12  # for numbered steps, when the question asks how
AMOUNT_BONUS = 0.08  # for a number, when the question asks for one
SIGNPOST_MALUS = 0.5  # for what only says where to read on
ECHO_MALUS = 1.0  # for an error's text or the question's own words, when it asks how
MORE = 2  # words that a unit has to have beside the question's, not to be an echo of it


@dataclass(frozen=True, slots=True)
class Fit:
    """A unit with how well each of its spans fits, and how well the whole does."""

    unit: Unit
    spans: tuple[float, ...]
    whole: float


def fits(close: Closeness, found: Sequence[Unit]) -> list[list[Fit]]:
    """For each ask how well each unit fits, in the order of the units."""
    return [
        [_fit(ask, unit, places) for unit in found]
        for ask, places in zip(close.asks, close.fits, strict=True)
    ]


def _fit(ask: Ask, unit: Unit, places: Mapping[Place, float]) -> Fit:
    own = tuple(
        places[Place(unit.passage, span)]
        + (AMOUNT_BONUS if ask.amount and _has_amount(span) else 0.0)
        for span in unit.spans
    )
    bonus = PROCEDURE_BONUS if ask.how and unit.is_procedure else 0.0
    malus = SIGNPOST_MALUS if unit.is_signpost else 0.0
    if ask.how and (unit.is_code or _echoes(ask, unit)):
        malus += ECHO_MALUS
    return Fit(unit, own, max(own) + RANK_WEIGHT / unit.passage.n + bonus - malus)


def _echoes(ask: Ask, unit: Unit) -> bool:
    language = language_of(unit.passage.locale)
    said = " ".join(unmarked(span.text) for span in unit.spans)
    return len(stems(said, language) - stems(ask.text, language)) < MORE


def _has_amount(span: Span) -> bool:
    return bool(facts(span.text).stated)
