"""Support: how well a ground bears a claim, as one number, and the verdict drawn on it.

Words say how much of the claim is there, the embedded model how near it comes; a fact that is not
there, or is there otherwise, caps both.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answers import Support
from bot.grounding.quantities import Quantity
from bot.grounding.reading import Reading, Sentence, pairs
from ingest.lexicon import words

SUPPORTED = 0.6
PARTLY = 0.35
# Chosen, not fitted: on ExpertQA's claims .2 to .4 give AUROC .65–.66, similarity alone .64.
WORDS = 0.4  # weight of the words beside similarity
FALSE = 0.3  # of the score is left to a claim with a fact that is not so
DOUBTFUL = 0.9  # of SUPPORTED is the most for one with a limit or a name that may not be so
CLOSE_WORDING = 0.75  # of a claim's words in a sentence: then what differs is not the wording
ALIGNED = 3  # sentences a claim is compared with, at most
FRESH = 0.5  # weight of further words for which another sentence is taken beside the best
CONCISE = 0.02  # a word: of two sentences that hold the same, the one that says less else is meant
FEWEST_PAIRS = 3  # of neighbouring words, for their order to tell anything


@dataclass(frozen=True, slots=True)
class Judged:
    """A claim against a ground: the share of its words there, and what caps it (1: nothing).

    `at` is the place of the best-matching sentence, None when none shares a word.
    """

    share: float
    cap: float
    verbatim: bool
    at: int | None

    def score(self, similarity: float | None = None) -> float:
        """One number from 0 to 1; without the model's similarity the words decide alone."""
        if self.verbatim:
            return 1.0
        near = self.share
        if similarity is not None:
            near = WORDS * self.share + (1 - WORDS) * max(0.0, similarity)
        if self.cap == FALSE:
            return near * FALSE
        most = DOUBTFUL * SUPPORTED
        if self.cap == DOUBTFUL:
            near *= DOUBTFUL  # and what is above the most still counts a little, to keep the order
            return near if near < most else most + (near - most) * (1 - DOUBTFUL)
        return near


def verdict(score: float) -> Support:
    """The verdict at a score."""
    if score >= SUPPORTED:
        return Support.SUPPORTED
    return Support.PARTLY if score >= PARTLY else Support.UNSUPPORTED


def judge(claim: Sentence, ground: Reading) -> Judged:
    """Compare a claim with a ground, without the embedding model."""
    order = _aligned(claim, ground)
    exact = next((i for i in order if _same(claim, ground.sentences[i])), None)
    if exact is not None:
        return Judged(1.0, 1.0, verbatim=True, at=exact)
    near = [ground.sentences[i] for i in order]
    held = frozenset().union(*(one.weights for one in near))
    counts = _counts(claim, ground)
    anywhere, there = _share(claim, ground.terms, counts), _share(claim, held, counts)
    share = (2 * anywhere + 2 * there + _order(claim, ground, anywhere)) / 5
    close = _share(claim, held) >= CLOSE_WORDING
    return Judged(
        share,
        _cap(claim, ground, near, close=close),
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


def _cap(claim: Sentence, ground: Reading, near: Sequence[Sentence], *, close: bool) -> float:
    """What is left of the score when facts differ."""
    if any(_false(claim, ground, near)):
        return FALSE
    if _contradicted(claim, near):
        return FALSE if close else DOUBTFUL
    if _missing_names(claim, ground):
        return FALSE if close else DOUBTFUL
    if near and claim.polarity.limits(near[0].polarity) and close:
        return DOUBTFUL
    return 1.0


def _false(claim: Sentence, ground: Reading, near: Sequence[Sentence]) -> Iterator[bool]:
    """Quantities and addresses that are not there, or not where the claim has them."""
    yield not claim.facts.addresses <= ground.addresses and any(
        address not in ground.addresses and not _within(address, ground)
        for address in claim.facts.addresses
    )
    for quantity in claim.stated:
        yield not any(quantity.agrees(other) for other in ground.quantities)
        yield _displaced(quantity, claim, near)


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
