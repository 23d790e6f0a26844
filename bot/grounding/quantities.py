"""Quantities: the numbers of a text with what they count, in one form however they are written.

1,000 is 1000, two is 2, 5MB is 5 MB, 24 hours are a day, 3 January 2025 is 2025-01-03, €5 is 5 EUR.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from bot.grounding.units import (
    CURRENCIES,
    FACTORS,
    IMPLIED_WORDS,
    MONTHS,
    MULTIPLES,
    NUMBER_WORDS,
    ONE,
    UNITS,
)

DATE, MONTH, TIME, ORDINAL, VERSION, STEP = "date", "month of year", "clock", "nth", "v", "step"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as it may be read (`1.200` is either), and its unit; "" when it names none.

    `start` and `end` are its place in the text; `stated` tells what is written as a number from
    what only implies one ("a month", "both").
    """

    values: frozenset[str]
    unit: str
    start: int
    end: int
    stated: bool = True

    @property
    def scale(self) -> str:
        """What it measures: time, data, a currency… or the unit itself."""
        return FACTORS[self.unit][0] if self.unit in FACTORS else self.unit

    @property
    def amounts(self) -> frozenset[str]:
        """The values in the scale's smallest unit."""
        if self.unit not in FACTORS:
            return self.values
        factor = FACTORS[self.unit][1]
        return frozenset(str(Fraction(value) * factor) for value in self.values)

    def agrees(self, other: "Quantity") -> bool:
        """Whether both say the same, or may: one without a unit agrees with one that has it."""
        one, two = self.scale, other.scale
        if one and two and ORDINAL not in (one, two):
            return one == two and not self.amounts.isdisjoint(other.amounts)
        return not self.values.isdisjoint(other.values)


def quantities(text: str) -> list[Quantity]:
    """The quantities of a text in order; addresses and names with digits in them are none."""
    found: list[Quantity] = []
    for pattern, read in _passes(text):
        taken = []
        for match in pattern.finditer(text):
            said = list(read(match))
            if said or read is _nothing:
                taken.append(match.span())
            found.extend(said)
        if taken:
            text = blanked(text, [*taken, *((each.start, each.end) for each in found)])
    found.sort(key=lambda each: (each.start, each.end))
    return found


def _passes(text: str) -> Iterator[tuple[re.Pattern[str], "_Read"]]:
    """The patterns that may find something; they are slow, and most sentences have no number."""
    if "@" in text or "//" in text or "www." in text.casefold():
        yield ADDRESS, _nothing
    if _DIGIT.search(text):
        yield from _IN_DIGITS
    found = set(_WORD.findall(text.casefold()))
    if not found.isdisjoint(_COUNTING) or not (
        found.isdisjoint(IMPLIED_WORDS) or found.isdisjoint(UNITS)
    ):
        yield _IN_WORDS


def blanked(text: str, stretches: Iterable[tuple[int, int]]) -> str:
    """The text, as long as it was, with stretches made blank."""
    characters = list(text)
    for start, end in stretches:
        characters[start:end] = "\0" * (end - start)
    return "".join(characters)


_Read = Callable[[re.Match[str]], Iterator[Quantity]]


def _nothing(match: re.Match[str]) -> Iterator[Quantity]:
    del match
    yield from ()


def _day(match: re.Match[str]) -> Iterator[Quantity]:
    """The day of the year, its month, and the year on its own."""
    found = {name: value or "" for name, value in match.groupdict().items()}
    span, year = match.span(), found.get("year", "")
    month, day = found.get("month", ""), found.get("day", "")
    months = {int(month)} if month.isdigit() else {MONTHS.get(month.casefold().rstrip("."), 0)}
    days = {(each, int(day)) for each in months} if day else set()
    if "mark" in found:  # 01/03/2025 may be read either way
        days |= {(int(day), int(month))}
        months |= {int(day)}
    if year:
        yield Quantity(frozenset({f"20{year}" if len(year) == len("25") else year}), "", *span)
    if days:
        yield Quantity(frozenset(f"{a}-{b}" for a, b in days), DATE, *span)
    yield Quantity(frozenset(map(str, months)), MONTH, *span, stated=not days)


def _clock(match: re.Match[str]) -> Iterator[Quantity]:
    half = (match["half"] or "").casefold()[:1]
    hour, minute = int(match["hour"]), match["minute"] or "00"
    hours = {hour % 12 + 12 * (half == "p")} if half else {hour, hour + 12}
    yield Quantity(frozenset(f"{each}:{minute}" for each in hours), TIME, *match.span())


def _named(unit: str) -> Callable[[re.Match[str]], Iterator[Quantity]]:
    def read(match: re.Match[str]) -> Iterator[Quantity]:
        yield Quantity(frozenset({match[1].lower()}), unit, *match.span())

    return read


def _numbers(match: re.Match[str]) -> Iterator[Quantity]:
    """A number with its unit, or two of a range that share one."""
    unit = _unit(match["unit"]) or CURRENCIES.get((match["money"] or "").casefold(), "")
    times = MULTIPLES.get((match["times"] or "").casefold(), 1)
    if match["nth"]:
        unit = ORDINAL
    end = match.end() if unit or match["times"] else match.end("last" if match["last"] else "first")
    if match["last"]:
        yield Quantity(_values(match["first"], times), unit, match.start(), match.end("first"))
        yield Quantity(_values(match["last"], times), unit, match.start("last"), end)
    else:
        yield Quantity(_values(match["first"], times), unit, match.start(), end)


def _worded(match: re.Match[str]) -> Iterator[Quantity]:
    """A number in words."""
    word, ones = match["word"].casefold(), (match["ones"] or "").casefold()
    unit = _unit(match["unit"])
    times = MULTIPLES.get((match["times"] or "").casefold(), 1)
    stated = word in NUMBER_WORDS or bool(match["times"]) or (word in ONE and bool(unit))
    number = NUMBER_WORDS.get(word, IMPLIED_WORDS.get(word, 0)) + NUMBER_WORDS.get(ones, 0)
    end = match.end() if unit or match["times"] else match.end("ones" if ones else "word")
    yield Quantity(frozenset({str(number * times)}), unit, match.start(), end, stated)


def _unit(name: str | None) -> str:
    return UNITS.get(name or "") or UNITS.get((name or "").casefold(), "")


def _values(written: str, times: int) -> frozenset[str]:
    """What digits with separators may mean: a dot before three digits groups or divides."""
    bare = re.sub(r"[\s'’]", "", unicodedata.normalize("NFKC", written)).replace("−", "-")
    marks = [each for each in bare if each in ".,:"]
    if not marks:
        readings = {bare}
    elif len(set(marks)) > 1:  # 1,200.50 and 1.200,50
        whole, _, tail = bare.rpartition(marks[-1])
        readings = {f"{re.sub('[.,:]', '', whole)}.{tail}"}
    else:
        joined = bare.replace(marks[0], "")
        grouped = len(bare.rpartition(marks[0])[2]) == len("000")
        readings = {joined} if grouped or len(marks) > 1 else set()
        if len(marks) == 1 and (marks[0] == "." or not grouped):
            readings.add(bare.replace(marks[0], "."))
    return frozenset(str(Fraction(each) * times) for each in readings)


def _either(names: Iterable[str]) -> str:
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


_DIGIT = re.compile(r"\d")
_WORD = re.compile(r"[^\W\d_]+")
_ARTICLES = frozenset("a an ein eine einen einem einer un una uno une um uma".split())
_COUNTING = frozenset((*NUMBER_WORDS, *IMPLIED_WORDS)) - _ARTICLES
ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>‹›()\[\]]+|[\w.+-]+@[\w-]+\.[\w.-]+")
_MONTH = rf"(?P<month>{_either(MONTHS)})\b\.?"
_CAPITAL = rf"(?-i:(?=[A-Z])){_MONTH}"  # "may" is no month, "May" is
_YEAR = r"(?:,?\s+(?:del?\s+)?(?P<year>\d{4})\b)?"
_BETWEEN = r"[\s\u00a0-]|[\s-](?:business|working|calendar|full|more)[\s-]"
_AFTER = rf"(?:(?:{_BETWEEN})?(?P<unit>{_either(UNITS)})(?!\w))?"
_TIMES = rf"(?:[\s-]?(?P<times>{_either(MULTIPLES)})(?![^\W\d_]))?"
_NUMBER = r"\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,:]\d+)*"
_WORDS = _either([*NUMBER_WORDS, *IMPLIED_WORDS])
_DAY_MONTH = r"(?<![\w.,])(?P<day>\d{1,2})(?:\.|st|nd|rd|th|er|º)?\s+(?:of\s+|de\s+)?"
_NUMERIC_DAY = (
    r"(?<![\w.,/-])(?P<month>\d{1,2})(?P<mark>[./-])(?P<day>\d{1,2})(?P=mark)"
    r"(?P<year>\d{4}|(?<=/)\d\d)(?![\w/-]|\.\d)"
)
_HOUR = r"(?<![\w.,:])(?P<hour>[01]?\d|2[0-4])"
_TO = r"(?:[-–—]|to|or|and|bis|oder|und|a|o|y|à|ou|et|e)"
_COUNTED = (
    r"(?=[-−$€£¥\d]|us|eur|gbp|chf|jpy|r\$)"  # or every letter would be tried
    rf"(?P<money>{_either(CURRENCIES)})?\s?(?<![^\W_])"
    rf"(?P<first>(?:(?<![\w)\].])[-−])?(?:{_NUMBER}))"
    rf"(?:%?\s?{_TO}\s?(?P<last>(?<![^\W_])(?:{_NUMBER})))?"
    rf"(?P<nth>(?:st|nd|rd|th|º|ª)(?!\w))?{_TIMES}{_AFTER}"
)
_IN_DIGITS: tuple[tuple[re.Pattern[str], _Read], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), read)
    for pattern, read in (
        (r"(?<![\w.-])(?P<year>\d{4})-(?P<month>0?\d|1[0-2])-(?P<day>\d{1,2})(?!\w)", _day),
        (rf"(?<!\w){_CAPITAL}\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?![\w:]|[.,]\d){_YEAR}", _day),
        (rf"{_DAY_MONTH}{_MONTH}{_YEAR}", _day),
        (rf"(?<!\w){_CAPITAL},?\s+(?:de\s+)?(?P<year>\d{{4}})(?!\w)", _day),
        (_NUMERIC_DAY, _day),
        (rf"{_HOUR}(?:[:.h](?P<minute>[0-5]\d))?\s*(?P<half>[ap]\.?m\b\.?)", _clock),
        (rf"{_HOUR}[:h](?P<minute>[0-5]\d)(?P<half>)(?![\w:])", _clock),
        (r"(?<![\w.])(?:version\s+v?|v\.?)(\d+(?:\.\d+)*)(?![\w%])", _named(VERSION)),
        (r"(?<![\w.])(\d+(?:\.\d+){2,})(?!\w)", _named(VERSION)),
        (r"(?<!\w)(?:step|schritt|paso|étape|passo)\s+(\d{1,2})(?![\w.,]\d)", _named(STEP)),
        (r"(?<!\w)(?=\w*\d)[^\W\d_][^\W_]*", _nothing),
        (_COUNTED, _numbers),
    )
)
_IN_WORDS: tuple[re.Pattern[str], _Read] = (
    re.compile(
        rf"(?<!\w)(?P<word>{_WORDS})(?:(?<=ty)[\s-](?P<ones>{_either(NUMBER_WORDS)}))?"
        rf"(?!\w){_TIMES}{_AFTER}",
        re.IGNORECASE,
    ),
    _worded,
)
