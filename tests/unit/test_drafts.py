"""However a model writes its markers, code reads which statement cites what."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Draft, Kind
from bot.chat.drafts import Drafting, drafts


def read(text: str) -> list[tuple[str, tuple[int, ...]]]:
    return [(draft.text, draft.cites) for draft in drafts(text)]


@pytest.mark.parametrize(
    "marker",
    ["[1][2]", "[1] [2]", "[1, 2]", "[1,2]", "[1; 2]", "[^1][^2]", "[^1, ^2]",
     "【1】【2】", "［1］［2］",
     "【1†source】【2†page 4】", "【1:0†a.md】【2:3†b.md】",
     "[passage 1] [Source 2]", "[1-2]", "[1–2]", "[1 and 2]", "[1](#a)[2](https://evil.example)"],
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


def test_a_marker_before_its_sentence() -> None:
    assert read("[1] Refunds take five days. [2] They go to the card.") == [
        ("Refunds take five days.", (1,)),
        ("They go to the card.", (2,)),
    ]


def test_markers_on_a_line_of_their_own_belong_to_what_is_above() -> None:
    assert read("Refunds take five days. Ask us.\n\n[1][2]\n") == [
        ("Refunds take five days.", ()),
        ("Ask us.", (1, 2)),
    ]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Refunds take five days (1).", [("Refunds take five days.", (1,))]),
        ("Refunds take five days (1)", [("Refunds take five days", (1,))]),
        ("Turn the switch (1) to the left.", [("Turn the switch (1) to the left.", ())]),
        ("Wait (5 minutes).", [("Wait (5 minutes).", ())]),
        ("Founded long ago (1998).", [("Founded long ago (1998).", ())]),
    ],
)
def test_round_brackets_only_where_they_end_a_sentence(
    text: str, wanted: list[tuple[str, tuple[int, ...]]]
) -> None:
    assert read(text) == wanted


@pytest.mark.parametrize("cut", ["[", "[1", "[1,", "【1†", "[^", " [12"])
def test_a_marker_that_was_cut_off_is_no_words(cut: str) -> None:
    assert read(f"Refunds take five days. [2]{cut}") == [("Refunds take five days.", (2,))]


def test_the_rows_of_a_table_are_parts() -> None:
    found = drafts(
        "Prices:\n\n| Plan | Price |\n|:--|--:|\n| Home | €3 [1] |\n| **Pro** | €9 | [2]\n\nAsk us."
    )

    assert [(draft.kind, draft.text, draft.cites) for draft in found] == [
        (Kind.STATEMENT, "Prices:", ()),
        (Kind.ITEM, "Plan: **Home**; Price: €3", (1,)),
        (Kind.ITEM, "Plan: **Pro**; Price: €9", (2,)),
        (Kind.STATEMENT, "Ask us.", ()),
    ]


def test_rows_without_a_header() -> None:
    assert read("| a | b [1] |\n| c | d |") == [("a; b", (1,)), ("c; d", ())]


def test_code_is_not_read_for_markers() -> None:
    assert read("Run this: [1]\n```bash\nnpm [1] i\n\n1. echo [2]\n```\nThen wait. [3]") == [
        ("Run this:", (1,)),
        ("`npm [1] i`", ()),
        ("`1. echo [2]`", ()),
        ("Then wait.", (3,)),
    ]


def test_code_below_a_step_belongs_to_it() -> None:
    assert read("1. Run: [1]\n   ```\n   npm i\n   ```\n2. Wait. [2]") == [
        ("Run: `npm i`", (1,)),
        ("Wait.", (2,)),
    ]


PIECES = st.lists(
    st.sampled_from(
        [*"ab .\n[]^【】†12,;-–`*()#|", "\n\n", "[1]", " [2][9]", "【1†x】", "Take 5 days. ",
         "They", " go. ", "1. Open `a. B`", "\n2. ", "\n- ", "\n   ", "```\n", "| a | b |\n",
         "|---|---|\n", "e.g. ", "See: ", "\n1) ", "[^1]: ", "(2)", "。はい", "iOS "]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(PIECES, st.lists(st.integers(1, 12), min_size=1, max_size=40))
def test_it_does_not_matter_how_a_text_is_cut(text: str, sizes: list[int]) -> None:
    reader = Drafting()
    found: list[Draft] = []
    at = turn = 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        found += reader.feed(text[at : at + size])
        at, turn = at + size, turn + 1

    assert found + reader.close() == drafts(text)


@given(PIECES)
def test_what_was_given_is_never_taken_back(text: str) -> None:
    reader, whole = Drafting(), drafts(text)
    found = [draft for character in text for draft in reader.feed(character)]

    assert found == whole[: len(found)]
    assert found + reader.close() == whole
    for draft in whole:
        assert draft.text
        assert not re.search(r"\[\^?\d{1,3}\]", re.sub(r"`[^`]*`", "", draft.text))


def test_parts_come_as_soon_as_nothing_can_change_them() -> None:
    reader = Drafting()

    assert reader.feed("Refunds take five days. [1") == []
    assert reader.feed("] [2] ") == []
    assert reader.feed("They ") == [Draft("Refunds take five days.", (1, 2))]
    assert reader.feed("go to the card.\n1. Open it. [1]\n") == [Draft("They go to the card.")]
    assert reader.feed("Wait a bit. [3]\n2. ") == []
    assert reader.feed("Close it.\n") == [
        Draft("Open it. Wait a bit.", (1, 3), Kind.STEP),
    ]
    assert reader.close() == [Draft("Close it.", (), Kind.STEP)]
