"""Whatever is written, a part of an answer says words, bold and code, and nothing else."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.wording import code, literal, row, styled, unmarked, wording

ALPHABET = "ab1 **__``[]()<>!#>-~:/\\&;^|\n\t.@{}*_=+€ü’"
markdown = st.one_of(
    st.text(alphabet=ALPHABET, max_size=60),
    st.lists(
        st.sampled_from(
            "a b **bold** `code` [label](https://evil.example) ![alt](https://evil.example/x.png)"
            " <@U123> <!channel> <https://evil.example> # > - [1] [^2] *em* ** ` ]( [ ]: <b> </b>"
            " &lt; \\ ~~~ ~~x~~ [x]: 2**10 \n\n ``` --- === <!-- c --> {#anchor}".split(" ")
        ),
        max_size=12,
    ).map(" ".join),
    st.text(max_size=60),
)
HARMLESS = {
    "text", "text_special", "code_inline", "strong_open", "strong_close", "em_open", "em_close",
    "softbreak",
}  # fmt: skip


def tokens_of(text: str) -> list[str]:
    """What a Markdown reader makes of a part that stands at the beginning of a line."""
    parsed = MarkdownIt("commonmark").parse(text)
    blocks = [
        token.type for token in parsed if token.type not in ("paragraph_open", "paragraph_close")
    ]
    numbered = ["ordered_list_open", "list_item_open", "list_item_close", "ordered_list_close"]
    blocks = [kind for kind in blocks if kind != "inline" and kind not in numbered]
    return blocks + [child.type for token in parsed for child in token.children or ()]


@given(markdown)
def test_nothing_but_words_bold_and_code_is_left(text: str) -> None:
    said = wording(text)

    assert "\n" not in said
    assert said == said.strip()
    assert set(tokens_of(said)) <= HARMLESS
    assert not re.search(r"\]\(|<[A-Za-z/!?]|\[\^?\d{1,3}\]", re.sub(r"`[^`]*`", "", said))


@given(markdown)
def test_nobody_is_called_and_nothing_is_hidden(text: str) -> None:
    for said in (wording(text), literal(text), code(text)):
        assert not re.search(r"<[@!#]|(?i:@(?:here|channel|everyone)\b)", said)
        assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)


def test_a_row_names_its_cells() -> None:
    assert row(["**Pro**", "", "$9"], ["Plan", "Note", "Price"]) == "Plan: **Pro**; Price: $9"
    assert row(["a", "b"], ["only one"]) == "a; b"
    assert row([], []) == ""


@given(markdown)
def test_marks_are_balanced(text: str) -> None:
    said = wording(text)

    assert said.count("`") % 2 == 0
    assert re.sub(r"`[^`]*`", "", said).count("**") % 2 == 0
    assert "****" not in re.sub(r"`[^`]*`", "x", said)


@given(markdown)
def test_unmarked_and_styled_say_the_same_words(text: str) -> None:
    said = wording(text)

    assert "".join(words for words, _, _ in styled(said)) == unmarked(said)


@given(st.text(max_size=80))
def test_words_that_are_no_markdown_come_out_harmless_too(text: str) -> None:
    for said in (literal(text), code(text)):
        assert set(tokens_of(said)) <= HARMLESS
        assert said.count("`") % 2 == 0


@pytest.mark.parametrize(
    ("markdown", "said"),
    [
        (
            "Go to **Settings > Billing** and press `Ctrl+K`.",
            "Go to **Settings > Billing** and press `Ctrl+K`.",
        ),
        ('See [the invoice](https://evil.example "t").', "See the invoice."),
        ("Look: ![a screenshot](shot.png) here", "Look: here"),
        ("### A heading {#anchor}", "A heading"),
        ("> [!NOTE]\n> Be *careful* now.", "Be careful now."),
        ("- [ ] an item", "an item"),
        ("Write \\[x\\](https://evil.example)", "Write [x] (https://evil.example)"),
        ("Press &lt;Enter&gt;", "Press ‹Enter›"),
        ("See <https://a.example/b>", "See https://a.example/b"),
        ("a <b>bold</b>.<br>Next <!-- <i> -->word", "a bold. Next word"),
        ("as in [7]", "as in (7)"),
        (
            "tell <@U0AGENT01|ann> in <#C1> now",
            "tell ‹@U0AGENT01|ann› in ‹#C1› now",
        ),
        ("`<!here>` and <!subteam^S1", "`‹!here›` and ‹!subteam^S1"),
        (
            "call @here, @Channel or @everyone; write a@heretic.example",
            "call ＠here, ＠Channel or ＠everyone; write a@heretic.example",
        ),
        (
            "red\x1b[31m\x1b]8;;https://evil.example\x07 \u202efdp.exe\u200f\U000e0041",
            "red[31m]8;;https://evil.example fdp.exe",
        ),
        ("`items[7]` stays", "`items[7]` stays"),
        ("[Settings] and [Invoice Number] survive", "[Settings] and [Invoice Number] survive"),
        ("keep snake_case_names and 5 * 3", "keep snake_case_names and 5 * 3"),
        ("`2**10` is not 2**10", "`2**10` is not 2∗∗10"),
        ("``a ` b``", "`a ' b`"),
        ("**a **", "∗∗a ∗∗"),
        ("**![only a picture](x.png)**", ""),
        ("15. Mai ist der Termin", "15. Mai ist der Termin"),
        ("one\ntwo", "one two"),
        ("Run:\n\n   ```bash\n   npm `i`\n   ```\n\n   Then wait.", "Run: `npm 'i'` Then wait."),
        ("---", ""),
        ("", ""),
    ],
)
def test_examples(markdown: str, said: str) -> None:
    assert wording(markdown) == said


def test_a_power_in_code_keeps_its_stars_when_the_marks_come_off() -> None:
    assert unmarked("**At most** `2**10` files") == "At most 2**10 files"
    assert list(styled("a **b `c`** d")) == [
        ("a ", False, False), ("b ", True, False), ("c", True, True), ("", True, False),
        (" d", False, False),
    ]  # fmt: skip
