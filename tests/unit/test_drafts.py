"""However a model writes its markers, code reads which statement cites what."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Kind
from bot.drafts import drafts


def read(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(draft.text, draft.cites) for draft in drafts(text)]


@pytest.mark.parametrize(
    "marker",
    ["[1][2]", "[1] [2]", "[1, 2]", "[1,2]", "[1; 2]", "[^1][^2]", "[^1, ^2]",
     "【1】【2】", "［1］［2］",
     "【1†source】【2†page 4】", "[1-2]", "[1–2]", "[1 and 2]", "[1](#a)[2](https://evil.example)"],
)  # fmt: skip
@pytest.mark.parametrize("shape", ["Refunds take five days {}.", "Refunds take five days. {}",
                                   "Refunds take five days.{}", "Refunds{} take five days.",
                                   "Refunds take five days.\n{}"])  # fmt: skip
def test_every_way_to_write_a_marker(shape: str, marker: str) -> None:
    assert read(shape.format(marker)) == [("Refunds take five days.", (1, 2))]


def test_a_marker_belongs_to_the_sentence_before_it() -> None:
    assert read("Refunds take five days. [1] They go to the card [2]. Ask us.") == [
        ("Refunds take five days.", (1,)),
        ("They go to the card.", (2,)),
        ("Ask us.", ()),
    ]
    assert read("First.[1] Second.[2]") == [("First.", (1,)), ("Second.", (2,))]


def test_steps_and_items_are_one_part_each() -> None:
    found = drafts(
        "Do this:\n1. Open **Billing**. Wait. [1]\n2) Press `OK` [2]\n\n- one [1]\n• two [3]"
    )

    assert [(draft.kind, draft.text, draft.cites) for draft in found] == [
        (Kind.STATEMENT, "Do this:", ()),
        (Kind.STEP, "Open **Billing**. Wait.", (1,)),
        (Kind.STEP, "Press `OK`", (2,)),
        (Kind.ITEM, "one", (1,)),
        (Kind.ITEM, "two", (3,)),
    ]


def test_what_stands_below_a_step_belongs_to_it() -> None:
    found = drafts(
        "1. Hold the button. [1]\n   It takes 5 s. [2]\n\nDon't let go. [3]\n2. Wait. [1]"
    )

    assert [(draft.text, draft.cites) for draft in found] == [
        ("Hold the button. It takes 5 s. Don't let go.", (1, 2, 3)),
        ("Wait.", (1,)),
    ]


def test_a_second_procedure_begins_anew() -> None:
    found = drafts("Android:\n1. Tap A [1]\niPhone:\n1. Tap B [1]")

    assert [draft.text for draft in found] == ["Android:", "Tap A", "iPhone:", "Tap B"]


@pytest.mark.parametrize(
    "text",
    ["Open [Settings] now.", "Fill in [Invoice Number] and [2 copies].", "Wait [5 minutes].",
     "Use `data[0]` or `x = [1]`.", "Choose [1a].", "It costs [€5]."],
)  # fmt: skip
def test_other_brackets_are_words(text: str) -> None:
    assert read(text) == [(text, ())]


def test_nothing_is_made_of_nothing() -> None:
    assert read("") == []
    assert read("[1]\n\n . [2]") == []
    assert read("\n\n---\n") == []


def test_links_and_headings_of_a_model_are_reduced_to_words() -> None:
    assert read("## Answer\nSee [our page](https://evil.example) [1].") == [
        ("Answer", ()),
        ("See our page.", (1,)),
    ]


def test_a_long_range_is_not_followed_for_ever() -> None:
    assert len(drafts("All of it [1-999].")[0].cites) <= 25


@given(st.text(alphabet="ab .\n[]^【】†12,;-–`*()#", max_size=60))
def test_no_marker_is_ever_left_in_the_words(text: str) -> None:
    for draft in drafts(text):
        assert draft.text
        assert "\n" not in draft.text
        assert not re.search(r"\[\^?\d{1,3}\]", re.sub(r"`[^`]*`", "", draft.text))
