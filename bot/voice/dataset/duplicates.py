"""Duplicates: of examples that say nearly the same about the same article, the latest is kept."""

from collections import defaultdict
from collections.abc import Sequence

from bot.voice.dataset.approved import Approved
from ingest.lexicon import words

ALIKE = 0.8  # share of words in common, of the neutral text and of the wording


def without_duplicates(examples: Sequence[Approved]) -> list[Approved]:
    """The examples, the oldest first, without near-duplicates."""
    kept: list[Approved] = []
    by_family: defaultdict[str, list[tuple[frozenset[str], frozenset[str]]]] = defaultdict(list)
    for example in reversed(examples):
        neutral = frozenset(words(" ".join(example.pair.neutral)))
        wording = frozenset(words(" ".join(example.pair.wording)))
        others = [other for family in example.families for other in by_family[family]]
        if any(_alike(neutral, one) and _alike(wording, two) for one, two in others):
            continue
        kept.append(example)
        for family in example.families:
            by_family[family].append((neutral, wording))
    return kept[::-1]


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= ALIKE * len(one | other)
