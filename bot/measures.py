"""The field's measures.

Of a ranking by document (Järvelin & Kekäläinen 2002 for nDCG), of telling true from false, and of
a grouping (Hubert & Arabie 1985).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any


def ndcg(ranked: Sequence[str], relevant: Mapping[str, float], k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `k`, from 0 to 1."""
    gained = sum(
        relevant.get(document, 0.0) / math.log2(rank + 1)
        for rank, document in enumerate(ranked[:k], start=1)
    )
    ideal = sum(
        gain / math.log2(rank + 1)
        for rank, gain in enumerate(sorted(relevant.values(), reverse=True)[:k], start=1)
    )
    return gained / ideal if ideal else 0.0


def recall(ranked: Sequence[str], relevant: Mapping[str, float], k: int) -> float:
    """The share of the relevant documents among the first `k`."""
    return len(set(ranked[:k]) & relevant.keys()) / len(relevant)


def reciprocal_rank(ranked: Sequence[str], relevant: Mapping[str, float], k: int = 10) -> float:
    """One over the rank of the first relevant document among the first `k`, else 0."""
    for rank, document in enumerate(ranked[:k], start=1):
        if document in relevant:
            return 1 / rank
    return 0.0


def scores(
    rankings: Mapping[str, Sequence[str]], judged: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Means over all judged questions."""
    pairs = [(ranked, judged[query]) for query, ranked in rankings.items()]
    return {
        "ndcg@10": fmean(ndcg(ranked, relevant) for ranked, relevant in pairs),
        "recall@5": fmean(recall(ranked, relevant, 5) for ranked, relevant in pairs),
        "recall@20": fmean(recall(ranked, relevant, 20) for ranked, relevant in pairs),
        "mrr@10": fmean(reciprocal_rank(ranked, relevant) for ranked, relevant in pairs),
        "hit@1": fmean(float(ranked[:1] != [] and ranked[0] in rel) for ranked, rel in pairs),
    }


def auroc(values: Sequence[float], truth: Sequence[bool]) -> float:
    """The chance that a true one is valued above a false one; ties count half."""
    ordered = sorted(zip(values, truth, strict=True))
    positives = sum(truth)
    rank_sum, at = 0.0, 0
    while at < len(ordered):
        tied = at
        while tied < len(ordered) and ordered[tied][0] == ordered[at][0]:
            tied += 1
        rank_sum += (at + 1 + tied) / 2 * sum(true for _, true in ordered[at:tied])
        at = tied
    negatives = len(ordered) - positives
    return (rank_sum - positives * (positives + 1) / 2) / (positives * negatives)


def balanced_accuracy(found: Sequence[bool], truth: Sequence[bool]) -> float:
    """The mean of the shares of the true and of the false ones that were told."""
    true = [each for each, right in zip(found, truth, strict=True) if right]
    false = [each for each, right in zip(found, truth, strict=True) if not right]
    return (fmean(true) + fmean(not each for each in false)) / 2


def adjusted_rand(found: Sequence[object], truth: Sequence[object]) -> float:
    """How far two groupings of the same things agree: 1 is wholly, 0 as by chance."""
    both = _pairs(Counter(zip(found, truth, strict=True)))
    ours, theirs = _pairs(Counter(found)), _pairs(Counter(truth))
    chance = ours * theirs / math.comb(len(found), 2)
    most = (ours + theirs) / 2
    return (both - chance) / (most - chance) if most != chance else 1.0


def _pairs(sizes: Counter[Any]) -> int:
    return sum(math.comb(size, 2) for size in sizes.values())
