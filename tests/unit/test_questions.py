"""What was asked, made readable; follow-ups made to stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.questions import LONGEST, cleaned, condensed, is_follow_up, readable


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("<@U123> how do I   reset it?", "how do I reset it?"),
        ("<!here> <!subteam^S1|@team> is <#C1|general> down", "is down"),
        ("see <https://a.example/x|the page> and <https://b.example>", "see the page and"),
        ("mail <mailto:a@b.example|a@b.example>", "mail a@b.example"),
        ("if a &lt; b &amp;&amp; c &gt; d", "if a < b && c > d"),
        ("&amp;lt; stays", "&lt; stays"),
        ("two\nlines\t", "two lines"),
        ("<@U123>", ""),
    ],
)
def test_slacks_markup_is_taken_off(text: str, asked: str) -> None:
    assert cleaned(text) == asked


def test_what_postgres_cannot_store_is_taken_out() -> None:
    assert readable("a\0b \udcff c") == "a b ? c"
    assert len(readable("word " * 4_000)) <= LONGEST


@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=100))
def test_whatever_is_asked_can_be_stored(text: str) -> None:
    for asked in (readable(text), cleaned(text)):
        assert asked == asked.strip()
        assert "\0" not in asked
        assert asked.encode().decode() == asked


@pytest.mark.parametrize(
    ("question", "leans"),
    [
        ("And on Android?", True),
        ("How long does it take to get them to all the shops in town?", True),
        ("Wie lange dauert das denn bei einer Bestellung aus der Schweiz?", True),
        ("How do I change the delivery address of an order?", False),
        ("Where do I find the invoice of my yearly subscription?", False),
    ],
)
def test_follow_ups_are_recognised(question: str, leans: bool) -> None:  # noqa: FBT001 - a table
    assert is_follow_up(question) is leans


def test_a_follow_up_takes_the_question_before_it_along() -> None:
    earlier = ["What is a Pip?", "How do I pair a Pip?"]

    assert condensed("And a Probe?", earlier) == "How do I pair a Pip? And a Probe?"
    assert condensed("And a Probe?", []) == "And a Probe?"
    alone = "How do I change the delivery address of an order?"
    assert condensed(alone, earlier) == alone
