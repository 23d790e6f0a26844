"""Whether a rewording keeps the facts: the same quantities, addresses, labels and polarity."""

from collections import Counter

from bot.grounding.facts import Facts, facts
from bot.grounding.polarity import ONLY, demands, denies
from bot.grounding.quantities import Quantity
from bot.grounding.units import CURRENCIES
from bot.wording import unmarked
from ingest.lexicon import words

LONGEST = 3.0  # times the neutral wording's length, plus room for a courtesy
COURTESY = 80  # characters


def altered(neutral: str, wording: str) -> str | None:
    """What a rewording did that it must not, in a few words; None when the facts stand."""
    before, after = facts(neutral), facts(wording)
    changed = _recounted(before, after)
    if changed:
        return changed
    if Counter(before.addresses) != Counter(after.addresses):
        return "changed an address"
    if any(label not in wording for label in before.set_apart):
        return "changed a name on screen"
    if _polarity(neutral) != _polarity(wording):
        return "changed a negation or limit"
    if len(wording) > LONGEST * len(neutral) + COURTESY:
        return "added something"
    return None if wording.strip() else "left nothing"


def _recounted(before: Facts, after: Facts) -> str | None:
    """How the quantities differ."""
    if _values(before) != _values(after):
        return "changed a number"
    mine, theirs = Counter(map(_key, before.stated)), Counter(map(_key, after.stated))
    if mine == theirs:
        return None
    money = set(CURRENCIES.values())
    differing = (mine - theirs) + (theirs - mine)
    return "changed a currency" if any(u in money for _, u in differing) else "changed a unit"


def _values(found: Facts) -> Counter[frozenset[str]]:
    return Counter(each.values for each in found.stated)


def _key(quantity: Quantity) -> tuple[frozenset[str], str]:
    return quantity.values, quantity.unit


def _polarity(text: str) -> tuple[bool, bool, bool]:
    """Whether it denies, says "only", and demands."""
    said = unmarked(text)
    found = set(words(said))
    return denies(said), not found.isdisjoint(ONLY), demands(said)
