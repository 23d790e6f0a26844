"""Matching, splits and JSON lines of datasets, on values."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import DatasetError
from bot.voice.dataset import jsonl
from bot.voice.dataset.approved import Approved
from bot.voice.dataset.duplicates import without_duplicates
from bot.voice.dataset.matching import matched
from bot.voice.dataset.splits import TEST, TRAIN, VALIDATION, split
from bot.voice.pairs import Pair

NEUTRAL = ("Open **Billing** and choose the year.", "Refunds take 5 days.")


def example(
    review: int, *families: str, said: str = "Here you go.", rejected: str = ""
) -> Approved:
    pair = Pair((f"Neutral {review}.",), (f"{said} {review}",))
    return Approved(review, f"Q{review}?", pair, families, datetime.now(UTC), rejected or None)


# Matching


def test_as_many_statements_belong_together_in_order() -> None:
    said = "Just open **Billing** and pick the year. [1]\n\nYour refund takes 5 days. [2]"
    assert matched(NEUTRAL, said) == (
        "Just open **Billing** and pick the year.",
        "Your refund takes 5 days.",
    )


def test_further_sentences_go_to_the_statement_they_are_about() -> None:
    said = (
        "Thanks for asking! Open **Billing**. Then choose the year. [1]"
        " Refunds take 5 days. [2] Take care!"
    )
    assert matched(NEUTRAL, said) == (
        "Thanks for asking! Open **Billing**. Then choose the year.",
        "Refunds take 5 days. Take care!",
    )


def test_fewer_sentences_than_statements_cannot_be_matched() -> None:
    assert matched(NEUTRAL, "It is under **Billing**.") is None
    assert matched(NEUTRAL, "") is None


# Splits

FAMILIES = st.lists(
    st.lists(st.integers(0, 30).map(lambda n: f"1:{n}"), min_size=1, max_size=2, unique=True),
    max_size=80,
)


@given(FAMILIES)
def test_a_family_is_in_one_split(families: list[list[str]]) -> None:
    examples = [example(number, *each) for number, each in enumerate(families)]

    parts = split(examples)

    assert sorted(one.review for part in parts.values() for one in part) == list(
        range(len(examples))
    )
    seen = {
        name: {family for one in part for family in one.families} for name, part in parts.items()
    }
    assert seen[TRAIN].isdisjoint(seen[TEST] | seen[VALIDATION])
    assert seen[TEST].isdisjoint(seen[VALIDATION])
    assert parts == split(examples)
    if len(examples) >= 10:
        assert len(parts[TRAIN]) >= 10


def test_a_tenth_each_validates_and_tests() -> None:
    parts = split([example(number, f"1:{number}") for number in range(60)])
    assert {name: len(part) for name, part in parts.items()} == {
        TRAIN: 48,
        VALIDATION: 6,
        TEST: 6,
    }


def test_of_near_duplicates_the_latest_is_kept() -> None:
    first = example(1, "1:a", said="We are glad to help you with this today, here you go.")
    twin = Approved(2, "Other?", first.pair, first.families, first.reviewed_at)
    other = Approved(3, "Q?", first.pair, ("1:b",), first.reviewed_at)
    assert without_duplicates([first, twin, other]) == [twin, other]


# JSON lines


def test_lines_have_the_form_of_chat_fine_tuning() -> None:
    one = example(1, "1:a", rejected="1. Neutral 1.")
    line = json.loads(jsonl.supervised(one, "Be warm."))
    assert [turn["role"] for turn in line["messages"]] == ["system", "user", "assistant"]
    better = json.loads(jsonl.preference(one, "Be warm."))
    assert better["input"]["messages"] == line["messages"][:2]
    assert better["non_preferred_output"] == [{"role": "assistant", "content": "1. Neutral 1."}]
    text = f"{jsonl.supervised(one, 'Be warm.')}\n{jsonl.preference(one, 'Be warm.')}\n"
    jsonl.check("train", text)
    assert jsonl.tokens(text) > 100


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("{", "not JSON"),
        ('{"turns": []}', "not JSON of the form"),
        ('{"messages": []}', "its roles are"),
        ('{"messages": [{"role": "user", "content": "a"}]}', "its roles are user instead"),
        (
            json.dumps(
                {
                    "messages": [
                        {"role": role, "content": " "} for role in ("system", "user", "assistant")
                    ]
                }
            ),
            "a message is empty",
        ),
        (
            json.dumps(
                {
                    "messages": [
                        {"role": "system", "content": "a" * 300_000},
                        {"role": "user", "content": "b"},
                        {"role": "assistant", "content": "c"},
                    ]
                }
            ),
            "more than 65,536 tokens",
        ),
    ],
)
def test_what_a_service_would_refuse_is_named(line: str, wrong: str) -> None:
    good = jsonl.supervised(example(1, "1:a"), "Be warm.")
    with pytest.raises(DatasetError, match=rf"train, line 2: .*{wrong}"):
        jsonl.check("train", f"{good}\n{line}\n")
