"""Support: how well a ground bears a claim, as one number, and the verdict drawn on it.

Words say how much of the claim is there, the local model how near the rest comes; a fact that is
not there, or is there otherwise, forbids a good verdict whatever the number.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from bot.answers import Support
from bot.grounding.quantities import Quantity
from bot.grounding.reading import Reading, Sentence, pairs
from ingest.lexicon import words

SUPPORTED = 0.55
PARTLY = 0.3
# Chosen, not fitted: on ExpertQA's claims .2 to .4 give the same AUROC.
WORDS = 0.4  # weight of the words beside what the model says
PLAIN = 0.8  # from this share of the words on, with the facts so, the wording is not in question
CLOSE_WORDING = 0.75  # of a claim's words in a sentence: then what differs is not the wording
ALIGNED = 3  # sentences a claim is compared with, at most
FRESH = 0.5  # weight of further words for which another sentence is taken beside the best
CONCISE = 0.02  # a word: of two sentences that hold the same, the one that says less else is meant
FEWEST_PAIRS = 3  # of neighbouring words, for their order to tell anything


class Truth(Enum):
    """Whether a claim's facts are so; the value is what is left of the score."""

    SO = 1.0
    DOUBTFUL = 0.9  # a limit or a name that may not be so
    ABSENT = 0.8  # a number that is nowhere there: it may be so, but not for what is cited
    FALSE = 0.3  # a number, an address, a name or a negation that is otherwise there


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim against a ground: the share of its words there, and whether its facts are so.

    `at` is the place of the best-matching sentence, None when none shares a word.
    """

    share: float
    facts: Truth
    verbatim: bool
    at: int | None

    @property
    def decided(self) -> bool:
        """Whether its words settle that it is borne, so that the local model need not read."""
        return self.verbatim or (self.facts is Truth.SO and self.share >= PLAIN)

    def score(self, near: float | None = None) -> float:
        """One number from 0 to 1; without what the model says the words decide alone."""
        if self.verbatim:
            return 1.0
        mixed = self.share if near is None else WORDS * self.share + (1 - WORDS) * near
        return mixed * self.facts.value

    def verdict(self, near: float | None = None) -> Support:
        """What follows from the score, if the facts are so."""
        score = self.score(near)
        if self.facts in (Truth.FALSE, Truth.ABSENT) or score < PARTLY:
            return Support.UNSUPPORTED
        if self.facts is Truth.DOUBTFUL or score < SUPPORTED:
            return Support.PARTLY
        return Support.SUPPORTED


def coverage(claim: Sentence, ground: Reading) -> float:
    """The share of a claim's words and quantities that a ground has somewhere: a first look."""
    return _share(claim, ground.terms, _counts(claim, ground))


def judge(claim: Sentence, ground: Reading) -> Judged:
    """Compare a claim with a ground, without the embedding model."""
    order = _aligned(claim, ground)
    exact = next((i for i in order if _same(claim, ground.sentences[i])), None)
    if exact is not None:
        return Judged(1.0, Truth.SO, verbatim=True, at=exact)
    near = [ground.sentences[i] for i in order]
    held = frozenset().union(*(one.weights for one in near))
    counts = _counts(claim, ground)
    anywhere, there = _share(claim, ground.terms, counts), _share(claim, held, counts)
    share = (2 * anywhere + 2 * there + _order(claim, ground, anywhere)) / 5
    close = _share(claim, held) >= CLOSE_WORDING
    return Judged(
        share,
        _facts(claim, ground, near, close=close),
        verbatim=False,
        at=order[0] if order else None,
    )


def _same(claim: Sentence, one: Sentence) -> bool:
    """Whether two sentences are the same but for their marks; $5 and €5 have the same words."""
    return claim.words == one.words and [(each.values, each.unit) for each in claim.quantities] == [
        (each.values, each.unit) for each in one.quantities
    ]


def _counts(claim: Sentence, ground: Reading) -> tuple[int, int]:
    """How many quantities of the claim the ground has, and how many there are."""
    stated = claim.stated
    return sum(any(o.agrees(one) for o in ground.quantities) for one in stated), len(stated)


def _share(claim: Sentence, held: frozenset[int], counts: tuple[int, int] = (0, 0)) -> float:
    """The share of the claim's content words that are held, by how much they tell.

    A quantity counts as a word that tells much.
    """
    total = sum(claim.weights.values()) + counts[1]
    found = sum(w for term, w in claim.weights.items() if term in held) + counts[0]
    return found / total if total else 1.0


def _order(claim: Sentence, ground: Reading, otherwise: float) -> float:
    """The share of its neighbouring words that are neighbours there, where it has some."""
    found = pairs(claim)
    return len(found & ground.pairs) / len(found) if len(found) >= FEWEST_PAIRS else otherwise


def _aligned(claim: Sentence, ground: Reading) -> list[int]:
    """The sentences that bear the claim's words, best first: each adds some to those before."""
    left = dict(claim.weights)
    found: list[int] = []
    while len(found) < ALIGNED and left:
        best, gain = -1, 0.0
        for i, one in enumerate(ground.sentences):
            shared = sum(w for term, w in left.items() if term in one.weights)
            value = shared - CONCISE * len(one.weights) if shared else 0.0
            if one.words == claim.words:
                value = shared + 1
            if i not in found and value > gain:
                best, gain = i, value
        if best < 0 or (found and gain < FRESH):
            break
        found.append(best)
        left = {t: w for t, w in left.items() if t not in ground.sentences[best].weights}
    if not left and not found:
        found = [i for i, one in enumerate(ground.sentences) if one.words == claim.words][:1]
    return found


def _facts(claim: Sentence, ground: Reading, near: Sequence[Sentence], *, close: bool) -> Truth:
    """Where the wording is close, what differs is the fact."""
    if not _has_addresses(claim, ground) or any(_displaced(q, claim, near) for q in claim.stated):
        return Truth.FALSE
    differs = _contradicted(claim, near) or _missing_names(claim, ground)
    if differs and close:
        return Truth.FALSE
    if not all(any(q.agrees(other) for other in ground.quantities) for q in claim.stated):
        return Truth.ABSENT
    if differs or (near and claim.polarity.limits(near[0].polarity) and close):
        return Truth.DOUBTFUL
    return Truth.SO


def _has_addresses(claim: Sentence, ground: Reading) -> bool:
    return all(
        address in ground.addresses or _within(address, ground) for address in claim.facts.addresses
    )


def _within(address: str, ground: Reading) -> bool:
    return any(longer.startswith(f"{address}/") for longer in ground.addresses)


def _displaced(quantity: Quantity, claim: Sentence, near: Sequence[Sentence]) -> bool:
    """Whether the sentences that bear the claim have another quantity in this one's place."""
    there = [other for one in near for other in one.stated]
    if not near or any(quantity.agrees(o) for one in near for o in one.quantities):
        return False
    return any(
        other.scale == quantity.scale and not any(other.agrees(q) for q in claim.quantities)
        for other in there
    )


def _contradicted(claim: Sentence, near: Sequence[Sentence]) -> bool:
    """Whether the sentence that bears most of the claim denies it, and no other denies the same."""
    if not near or not claim.polarity.contradicts(near[0].polarity):
        return False
    denied = claim.polarity.all_denied
    return all(denied.isdisjoint(one.polarity.all_denied) for one in near[1:])


def _missing_names(claim: Sentence, ground: Reading) -> bool:
    """Whether the claim names what the ground does not."""
    names = {name for name in claim.facts.names if not _named(name, ground)}
    labels = [label for label in claim.facts.labels if not _labelled(label, ground)]
    return bool(names or labels)


def _named(name: str, ground: Reading) -> bool:
    return name in ground.words or name.removesuffix("s") in ground.words


def _labelled(label: str, ground: Reading) -> bool:
    found = words(label)
    return f" {' '.join(found)} " in ground.text or all(w in ground.words for w in found)
