"""Claims: whether two sentences give different amounts of the same thing. Words decide.

They do when they speak of it in the same terms and give different amounts of the same unit. What
tells two things apart (a plan's name, a platform, a period, a version, a lower and an upper bound)
makes them harmless: a false alarm costs more trust than a contradiction that is not noticed.
"""

import difflib
import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.answers import Citation, Part, Support
from bot.evidence import Passage
from bot.grounding.facts import facts
from bot.grounding.quantities import DATE, MONTH, ORDINAL, STEP, TIME, VERSION, Quantity, blanked
from bot.spans import Span
from bot.wording import unmarked
from ingest.lexicon import content_words, language_of, number, words

SAME = 0.6  # of the fewer content words of two sentences, both of which are about one thing
ALIKE = 0.34  # of the content words of both
_LONGEST_SWAP = 3  # words; "on the Home plan", "on the Pro plan"
_WINDOW = 3  # words before a number in which its bound stands

_LEAST = re.compile(
    r"\b(?:at least|minimum|min\.?|no (?:less|fewer) than|more than|over|from|mindestens|al menos"
    r"|mínimo|au moins)\W*$",
    re.IGNORECASE,
)
_MOST = re.compile(
    r"\b(?:at most|maximum|max\.?|up to|no (?:more|longer) than|less than|fewer than|under|within"
    r"|höchstens|maximal|bis zu|hasta|como máximo|jusqu'à|au plus)\W*$",
    re.IGNORECASE,
)
_PERIODS = {
    name: period
    for period, names in {
        "day": "day daily", "week": "week weekly", "month": "month monthly",
        "year": "year yearly annual annually",
    }.items()
    for name in names.split()
}  # fmt: skip
# Words of one line tell two things apart where the sentences do not have the same of them.
_CONTRASTS = tuple(
    frozenset(line.split())
    for line in (
        "ios android windows mac macos linux iphone ipad chromebook browser desktop mobile",
        "domestic international national abroad overseas europe european american eu us usa uk",
        "free trial basic premium pro plus standard express enterprise starter",
        "business personal private household family team individual company student students",
        "minimum maximum lowest highest least most shortest longest",
        "day daily week weekly month monthly year yearly annual annually hourly",
        "admin owner member agent lead manager guest viewer editor",
        "sms text email e-mail phone call chat voice letter mail post",
        "upload download uploads downloads import export incoming outgoing inbound outbound",
        "new existing first second third initial renewed renewal old former previous",
        "adult adults child children senior seniors infant infants",
        "credit debit cash cheque paypal bank",
        "warm cold hot indoor outdoor wet dry",
        "weekday weekdays weekend weekends monday friday saturday sunday holiday holidays",
        "summer winter",
        "before after until since",
        "lost stolen damaged defective faulty",
        "password invitation confirmation verification",
        "test live sandbox production",
    )
)
_CONTRASTING = frozenset().union(*_CONTRASTS)


@dataclass(frozen=True, slots=True)
class Side:
    """What one article says: its words, and where they stand in its version."""

    passage: Passage
    span: Span

    @property
    def citation(self) -> Citation:
        """The words, as cited."""
        return Citation(self.passage.n, self.span.start, self.span.end, Support.SUPPORTED)

    @property
    def quote(self) -> Part:
        """Its words as a part of their own."""
        return Part(self.span.text, (self.citation,), support=Support.SUPPORTED)


def contradict(one: Side, two: Side) -> bool:
    """Whether two sentences say different amounts of the same thing."""
    first, second = _claim(one), _claim(two)
    if not _same_thing(first, second):
        return False
    return any(
        _differ(amount, other, first, second)
        for amount in first.amounts
        for other in second.amounts
    )


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence as it is compared: what it speaks of, under which heading, and its amounts."""

    text: str
    language: str
    terms: frozenset[int]
    headed: frozenset[int]
    names: frozenset[str]
    named: frozenset[str]  # every word of it and of its heading
    contrasts: frozenset[str]
    tokens: tuple[str, ...]
    quantities: tuple[Quantity, ...]

    @property
    def amounts(self) -> list[Quantity]:
        """The amounts that can be contradicted."""
        return [q for q in self.quantities if q.stated and q.unit not in _NAMING]

    def of_scale(self, scale: str, counted: str) -> list[Quantity]:
        """The amounts on a scale; without a unit, those that count the same."""
        same = [each for each in self.amounts if each.scale == scale]
        return same if scale else [each for each in same if _counted(self, each) == counted]

    @property
    def periods(self) -> frozenset[str]:
        """How often what is spoken of happens: "a month"."""
        implied = {q.unit for q in self.quantities if not q.stated and q.unit in _PERIODS}
        return frozenset(implied | {_PERIODS[w] for w in self.contrasts if w in _PERIODS})


_NAMING = frozenset({VERSION, STEP, ORDINAL, MONTH})


def _claim(side: Side) -> _Claim:
    heading = f"{side.passage.title} {side.passage.heading}"
    return _read(side.span.text, heading, language_of(side.passage.locale))


@functools.lru_cache(maxsize=2_048)  # the same sentences are found time and again
def _read(said: str, heading: str, language: str) -> _Claim:
    found = facts(said, language)
    text = unmarked(said)
    bare = blanked(text, ((each.start, each.end) for each in found.quantities))
    tokens = tuple(_naming(bare))
    return _Claim(
        text,
        language,
        frozenset(number(word, language) for word in tokens),
        frozenset(number(word, language) for word in _naming(heading)),
        found.names,
        frozenset(words(text)) | frozenset(words(heading)),
        frozenset(words(text)) & _CONTRASTING,
        tokens,
        found.quantities,
    )


def _naming(text: str) -> list[str]:
    return content_words(f"{text} x")[:-1]


def _same_thing(one: _Claim, two: _Claim) -> bool:
    """Whether two sentences are about one thing: words of both, and nothing that tells apart."""
    if not one.amounts or not two.amounts or not one.terms or not two.terms:
        return False
    shared = one.terms & two.terms
    # What one says and the other's heading says is shared as well.
    credited = shared | (one.terms & two.headed) | (two.terms & one.headed)
    fewer = min(len(one.terms), len(two.terms))
    if len(credited) < SAME * fewer or len(shared) < ALIKE * len(one.terms | two.terms - credited):
        return False
    whole_one, whole_two = one.terms | one.headed, two.terms | two.headed
    if not whole_one & whole_two & (one.headed | two.headed):
        return False
    return not (_told_apart(one, two) or _swapped(one, two))


def _told_apart(one: _Claim, two: _Claim) -> bool:
    """Whether a name, a version, a period or a word of a pair like iOS and Android differs."""
    if one.names - two.named or two.names - one.named:
        return True
    if _of(one, VERSION) != _of(two, VERSION):
        return True
    return any(
        group & one.contrasts != group & two.contrasts
        and (group & one.contrasts - two.named or group & two.contrasts - one.named)
        for group in _CONTRASTS
    )


def _of(claim: _Claim, unit: str) -> set[str]:
    return {value for each in claim.quantities if each.unit == unit for value in each.values}


def _swapped(one: _Claim, two: _Claim) -> bool:
    """Whether one short stretch of words stands where the other has another: two things."""
    matcher = difflib.SequenceMatcher(None, _stemmed(one), _stemmed(two), autojunk=False)
    if matcher.ratio() < SAME:
        return False
    return any(
        tag == "replace" and max(b - a, d - c) <= _LONGEST_SWAP
        for tag, a, b, c, d in matcher.get_opcodes()
    )


def _stemmed(claim: _Claim) -> list[int]:
    return [number(word, claim.language) for word in claim.tokens]


def _differ(amount: Quantity, other: Quantity, first: _Claim, second: _Claim) -> bool:
    """Whether two amounts are of one kind and cannot both hold."""
    scale, counted = amount.scale, _counted(first, amount)
    if scale != other.scale or counted != _counted(second, other) or not scale + counted:
        return False
    ours, theirs = first.of_scale(scale, counted), second.of_scale(scale, counted)
    if any(one.agrees(two) for one in ours for two in theirs):
        return False
    if not (_is_one(ours, first.text) and _is_one(theirs, second.text)):
        return False
    if {_bound(amount, first.text), _bound(other, second.text)} == {"least", "most"}:
        return False
    if scale in (DATE, TIME):
        return True
    return first.periods == second.periods and not _within(ours, theirs)


def _is_one(amounts: Sequence[Quantity], text: str) -> bool:
    """Whether a sentence gives one amount of a kind, or one range; more are of several things."""
    if len(amounts) == 1:
        return True
    if len(amounts) != 2:  # noqa: PLR2004 - the ends of a range
        return False
    between = text[amounts[0].end : amounts[1].start].strip().casefold()
    return between in {"-", "–", "—", "to", "and", "bis", "und", "a", "y", "à", "et"}


def _within(one: Sequence[Quantity], two: Sequence[Quantity]) -> bool:
    """Whether what one says lies in the range the other gives."""
    for inner, outer in ((one, two), (two, one)):
        if len(outer) == 2 and len(inner) == 1:  # noqa: PLR2004 - the ends of a range
            low, high = (_least(each) for each in outer)
            if low <= _least(inner[0]) <= high:
                return True
    return False


def _least(quantity: Quantity) -> float:
    return min(_value(each) for each in quantity.amounts)


def _value(written: str) -> float:
    over, _, under = written.partition("/")
    return float(over) / float(under or 1)


def _counted(claim: _Claim, quantity: Quantity) -> str:
    """What a number without a unit counts: the next word's stem."""
    if quantity.scale:
        return ""
    following = _naming(claim.text[quantity.end : quantity.end + 40].partition(".")[0])
    return str(number(following[0], claim.language)) if following else ""


def _bound(quantity: Quantity, text: str) -> str:
    before = " ".join(text[: quantity.start].split()[-_WINDOW:])
    if _LEAST.search(before):
        return "least"
    return "most" if _MOST.search(before) else ""
