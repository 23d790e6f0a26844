"""Measures of a ranking against values worked out by hand."""

import math

import pytest

from bot.measures import ndcg, recall, reciprocal_rank, scores


def test_ndcg_discounts_by_rank() -> None:
    assert ndcg(["a", "b"], {"a": 1}) == 1
    assert ndcg(["b", "a"], {"a": 1}) == pytest.approx(1 / math.log2(3))
    assert ndcg(["x", "y"], {"a": 1}) == 0


def test_ndcg_weighs_degrees_of_relevance() -> None:
    best = 2 + 1 / math.log2(3)

    assert ndcg(["a", "b"], {"a": 2, "b": 1}) == pytest.approx(1)
    assert ndcg(["b", "a"], {"a": 2, "b": 1}) == pytest.approx((1 + 2 / math.log2(3)) / best)


def test_only_the_first_k_count() -> None:
    ranked = [*"bcdefghijk", "a"]

    assert ndcg(ranked, {"a": 1}) == 0
    assert reciprocal_rank(ranked, {"a": 1}) == 0
    assert recall(ranked, {"a": 1, "b": 1}, 5) == 0.5
    assert recall(ranked, {"a": 1, "b": 1}, 20) == 1


def test_scores_are_means_over_questions() -> None:
    found = scores(
        {"q1": ["a"], "q2": ["b", "a"], "q3": []}, {q: {"a": 1} for q in ("q1", "q2", "q3")}
    )

    assert found["hit@1"] == pytest.approx(1 / 3)
    assert found["mrr@10"] == pytest.approx((1 + 0.5 + 0) / 3)
    assert found["recall@5"] == pytest.approx(2 / 3)
