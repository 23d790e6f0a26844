"""Links open the article at the cited words: url, anchor, text fragment."""

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.citations import bearing_span, link, quotable, text_fragment
from bot.evidence import Passage
from bot.spans import spans


def passage(
    text: str = "words", *, url: str = "https://help.example/a", anchor: str | None = None
) -> Passage:
    return Passage(
        1, 1, "a", 1, "Title", url, "public", "en", None, ("Title",), anchor, 100,
        100 + len(text), text, 1.0,
    )  # fmt: skip


def words_of(fragment: str) -> list[str]:
    """The first and last words a browser would look for."""
    assert fragment.startswith(":~:text=")
    return [unquote(part) for part in fragment.removeprefix(":~:text=").split(",")]


def test_a_link_has_the_sections_anchor_and_the_words() -> None:
    assert (
        link(passage(anchor="find"), "Choose the year.")
        == "https://help.example/a#find:~:text=Choose%20the%20year."
    )


@pytest.mark.parametrize(
    ("url", "anchor", "quote", "wanted"),
    [
        ("https://h.example/a", None, "Year", "https://h.example/a#:~:text=Year"),
        ("https://h.example/a", None, "", "https://h.example/a"),
        ("https://h.example/a", "x", "", "https://h.example/a#x"),
        ("https://h.example/a?b=c&d=e", "x", "Y", "https://h.example/a?b=c&d=e#x:~:text=Y"),
        ("https://h.example/a#old", "x", "Y", "https://h.example/a#x:~:text=Y"),
        ("https://h.example/a#old", None, "Y", "https://h.example/a#old:~:text=Y"),
        ("https://h.example/#/a/7", "x", "Y", "https://h.example/#/a/7:~:text=Y"),
        ("https://h.example/a", "größe & co", "", "https://h.example/a#gr%C3%B6%C3%9Fe%20%26%20co"),
        ("", "x", "Y", ""),
    ],
)
def test_urls_of_every_kind(url: str, anchor: str | None, quote: str, wanted: str) -> None:
    assert link(passage(url=url, anchor=anchor), quote) == wanted


def test_what_means_something_in_a_fragment_is_encoded() -> None:
    fragment = text_fragment("50 % off, e-mail & “más” – #1?")

    assert fragment == (
        ":~:text=50%20%25%20off%2C%20e%2Dmail%20%26%20%E2%80%9Cm%C3%A1s%E2%80%9D%20%E2%80%93%20%231%3F"
    )


def test_a_long_quote_is_named_by_its_edges() -> None:
    quote = "one two three four five six seven eight nine ten eleven twelve"

    assert words_of(text_fragment(quote)) == [
        "one two three four five",
        "eight nine ten eleven twelve",
    ]


@pytest.mark.parametrize(
    ("quote", "seen"),
    [
        ("3. Tap **Save** and [go on](https://x.example).", "Tap Save and go on."),
        ("- Press `Ctrl+K` twice", "Press Ctrl+K twice"),
        ("| Switzerland, Norway | 5–8 | €14.90 |", "Switzerland, Norway"),
        ("| `E79` | **Moisture** inside the case |", "Moisture inside the case"),
        ("| A | B |\n|---|---|\n| one cell | two |", "A"),
        ("<tr><td>E79</td><td>Let it dry &amp; wait</td></tr>", "Let it dry & wait"),
        ("> [!WARNING] Hot surface", "Hot surface"),
        ("First line of two.\n\nSecond paragraph.", "First line of two."),
        ("![alt text](x.png)", "alt text"),
    ],
)
def test_the_words_are_those_a_reader_sees(quote: str, seen: str) -> None:
    assert ",".join(words_of(text_fragment(quote))) == seen


@given(st.text(max_size=200))
def test_any_quote_makes_a_fragment_of_its_own_words(quote: str) -> None:
    fragment = text_fragment(quote)

    assert not set(fragment.removeprefix(":~:text=")) & set(" -&#?[]<>\"'")
    assert link(passage(), quote).isascii()
    for part in words_of(fragment) if fragment else []:
        assert part.split()


@given(st.lists(st.from_regex(r"[A-Za-zé0-9,&%'-]{1,8}", fullmatch=True), min_size=1, max_size=30))
def test_the_fragment_of_plain_words_is_decoded_to_them(words: list[str]) -> None:
    quote = " ".join(["Say", *words])

    first, last = (words_of(text_fragment(quote)) * 2)[:2]

    assert quote.startswith(first)
    assert quote.endswith(last)


def test_a_link_is_one_address_whatever_the_quote() -> None:
    parts = urlsplit(link(passage(anchor="a"), "who? #hash [x] & more"))

    assert (parts.scheme, parts.netloc, parts.path, parts.query) == (
        "https",
        "help.example",
        "/a",
        "",
    )


TEXT = "Open the door first.\n\nRefunds take five days. They go to the card that paid."


@pytest.mark.parametrize(
    ("said", "borne"),
    [
        ("A refund takes five days.", "Refunds take five days."),
        ("The card that paid gets it.", "They go to the card that paid."),
        (
            "Refunds take five days and go to the card that paid.",
            "Refunds take five days. They go to the card that paid.",
        ),
        ("Quantum physics.", TEXT),
        ("", TEXT),
    ],
)
def test_the_sentence_that_bears_a_statement_is_found(said: str, borne: str) -> None:
    cited = passage(TEXT)

    start, end = bearing_span(said, cited, spans(cited))

    assert TEXT[start - 100 : end - 100] == borne


@pytest.mark.parametrize(
    ("quote", "shown"),
    [
        ("Open the door first.", "Open the door first."),
        ("See https://api.help.example/v1 now.", "See https://api.help.example/v1 now."),
        ("Visit www.evil.test to claim your refund.", "to claim your refund."),
        ("Tell <!channel> that it is done, @here.", "that it is done,"),
        ("https://evil.test", ""),
    ],
)
def test_a_quote_is_shown_as_far_as_it_has_no_foreign_address(quote: str, shown: str) -> None:
    assert quotable(quote, passage(quote, url="https://docs.help.example/a")) == shown
    assert shown in quote
