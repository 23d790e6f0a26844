"""Splits: which examples are trained on, which validate, which test; a family is in one alone.

Examples that cite a common article, in whatever language, belong together: what is learned from one
is no test of another. Which group goes where depends on nothing but its articles' names.
"""

import hashlib
from collections.abc import Sequence

from bot.voice.dataset.approved import Approved

TRAIN, VALIDATION, TEST = "train", "validation", "test"
MINIMUM = 10  # examples to train on, which OpenAI asks for
RECOMMENDED = (50, 100)
_SHARE = 0.1  # of the examples that each of the others gets


def split(examples: Sequence[Approved]) -> dict[str, list[Approved]]:
    """The examples by split, in their order. Training comes first where there are few."""
    room = max(0, len(examples) - MINIMUM)
    wanted = min(round(_SHARE * len(examples)), room // 2)
    left = {TEST: wanted, VALIDATION: wanted}
    found: dict[str, list[Approved]] = {TRAIN: [], VALIDATION: [], TEST: []}
    for group in sorted(groups(examples), key=_order):
        where = next((name for name in (TEST, VALIDATION) if len(group) <= left[name]), TRAIN)
        left[where] = left.get(where, 0) - len(group)
        found[where] += group
    return {name: sorted(each, key=lambda one: one.review) for name, each in found.items()}


def groups(examples: Sequence[Approved]) -> list[list[Approved]]:
    """The examples that are tied by their articles."""
    parent: dict[str, str] = {}

    def root(family: str) -> str:
        parent.setdefault(family, family)
        while parent[family] != family:
            parent[family] = parent[parent[family]]
            family = parent[family]
        return family

    for example in examples:
        first, *others = example.families
        for other in others:
            parent[root(other)] = root(first)
    tied: dict[str, list[Approved]] = {}
    for example in examples:
        tied.setdefault(root(example.families[0]), []).append(example)
    return list(tied.values())


def _order(group: list[Approved]) -> str:
    names = min(family for example in group for family in example.families)
    return hashlib.sha256(names.encode()).hexdigest()
