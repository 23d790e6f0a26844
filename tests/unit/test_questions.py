"""What was asked, made readable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.questions import LONGEST, cleaned, readable


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("<@U123> how do I   reset it?", "how do I reset it?"),
        ("<!here> <!subteam^S1|@team> is <#C1|general> down", "is down"),
        ("see <https://a.example/x|the page> and <https://b.example>", "see the page and"),
        ("mail <mailto:desk|the desk>, <tel:112|112>", "mail the desk, 112"),
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
