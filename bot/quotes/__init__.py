"""The quotes engine: an answer of verbatim sentences, steps and rows, without a model.

It is what Footnote answers with when there is no chat model, and when there is one that is down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers import Draft, Kind
from bot.closeness import PASSAGES, Closeness
from bot.evidence import Evidence
from bot.quotes.fit import Fit, fits
from bot.quotes.units import Unit, units
from bot.spans import Span
from bot.wording import unmarked
from ingest.lexicon import language_of, stems

PARTS = 6  # statements, unless a procedure is longer
CLOSE = 0.9  # of the best unit's fit, to be quoted beside it
ELSEWHERE = 0.9  # the same for the best unit of another article
SENTENCES = 3  # of one paragraph, at most
TWICE = 0.8  # of the words of the shorter of two texts: the same said again


@dataclass(frozen=True, slots=True)
class Quote:
    """A draft with the exact characters it was taken from."""

    draft: Draft
    n: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What of a unit is quoted."""

    unit: Unit
    spans: tuple[Span, ...]


def compose(evidence: Evidence, close: Closeness) -> list[Quote]:
    """Quotes that answer, article by article and in their order; empty without words to quote.

    For each question asked, the unit that fits best; beside those, what fits nearly as well.
    """
    found = [unit for passage in evidence.passages[:PASSAGES] for unit in units(passage)]
    if not found:
        return []
    chosen: list[_Chosen] = []
    ranked = fits(close, found)
    for number, fitting in enumerate(ranked, start=1):
        share = max(1, _room(chosen) - (len(ranked) - number))  # one at least for each to come
        _add(chosen, _whole_or_best(max(fitting, key=lambda fit: fit.whole), share), always=True)
    for fitting in ranked:
        for fit in _beside(fitting):
            _add(chosen, _whole_or_best(fit, PARTS), always=False)
    order = {
        passage: at for at, passage in enumerate(dict.fromkeys(e.unit.passage for e in chosen))
    }
    chosen.sort(key=lambda each: (order[each.unit.passage], each.unit.position))
    return [_quote(each.unit, span) for each in chosen for span in each.spans]


def _beside(fitting: Sequence[Fit]) -> list[Fit]:
    """What fits nearly as well as the best: in its passage, then the best of another article."""
    ranked = sorted(fitting, key=lambda fit: -fit.whole)
    best = ranked[0]
    near = [
        fit
        for fit in ranked[1:]
        if fit.whole >= CLOSE * best.whole and fit.unit.passage is best.unit.passage
    ]
    others = (fit for fit in ranked if fit.unit.passage.article != best.unit.passage.article)
    other = next(others, None)
    if other is not None and other.whole >= ELSEWHERE * best.whole:
        near.append(other)
    return near


def _whole_or_best(fit: Fit, room: int) -> _Chosen:
    """A procedure whole; of a longer paragraph or list what fits best, with its lead-in."""
    unit = fit.unit
    listed = unit.first_step < len(unit.spans)
    if unit.is_procedure or len(unit.spans) <= min(room, PARTS if listed else SENTENCES):
        return _Chosen(unit, unit.spans)
    if listed:
        return _Chosen(unit, _items(fit, room))
    best = max(range(len(fit.spans)), key=fit.spans.__getitem__)
    size = min(room, SENTENCES, len(fit.spans))
    windows = (range(at, at + size) for at in range(len(fit.spans) - size + 1))
    window = max((w for w in windows if best in w), key=lambda w: sum(fit.spans[at] for at in w))
    return _Chosen(unit, tuple(unit.spans[at] for at in window))


def _items(fit: Fit, room: int) -> tuple[Span, ...]:
    """The lead-in of a long list and its best items, each with what stands below it."""
    spans = fit.unit.spans
    lead = max(fit.unit.first_step - 1, 0)
    whole: list[list[int]] = []
    for at in range(fit.unit.first_step, len(spans)):
        if (spans[at].kind == "item" and spans[at].depth <= 1) or not whole:
            whole.append([at])
        else:
            whole[-1].append(at)
    kept = set(range(lead, fit.unit.first_step))
    for item in sorted(whole, key=lambda item: -max(fit.spans[at] for at in item)):
        if len(kept) + len(item) <= room or len(kept) <= 1:
            kept.update(item)
    return tuple(spans[at] for at in sorted(kept))


def _room(chosen: Sequence[_Chosen]) -> int:
    return PARTS - sum(len(each.spans) for each in chosen)


def _add(chosen: list[_Chosen], new: _Chosen, *, always: bool) -> None:
    """Take it up unless it is there, says the same again, or is too much."""
    if any(new.unit is each.unit for each in chosen):
        return
    if any(_same(new, each) for each in chosen):
        return
    if always or len(new.spans) <= _room(chosen):
        chosen.append(new)


def _same(one: _Chosen, two: _Chosen) -> bool:
    said, other = (_stems(each) for each in (one, two))
    return len(said & other) >= TWICE * min(len(said), len(other))


def _stems(chosen: _Chosen) -> set[int]:
    text = " ".join(unmarked(span.text) for span in chosen.spans)
    return stems(text, language_of(chosen.unit.passage.locale))


def _quote(unit: Unit, span: Span) -> Quote:
    n = unit.passage.n
    return Quote(Draft(span.text, (n,), _kind(unit, span)), n, span.start, span.end)


def _kind(unit: Unit, span: Span) -> Kind:
    """Steps count on; whatever stands between two of them stands below the first."""
    if span.numbered and span.depth <= 1:
        return Kind.STEP
    if span.kind in ("row", "item") or (
        unit.is_procedure and unit.spans.index(span) > unit.first_step
    ):
        return Kind.ITEM
    return Kind.STATEMENT
