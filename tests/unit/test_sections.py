"""Articles are split at headings, with paths and anchors a link can use."""

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.markup import blocks, parse, plain_text, sentences
from ingest.sections import Section, split_sections

PIECES = [
    "# A", "## B {#b}", "### C", "text one. Two? Three!", "", "- item", "  - nested", "1. step",
    "   more", "> quote", "```", "~~~", "| a | b |", "|---|---|", "| c | d |", "===", "---",
    "    code", "<table><tr><td>x</td></tr>", "</table>", "<!-- c", "-->", "[l](#x)", "- [l](#x)",
    "**b", "`c", "\u202eabc", "{: .x}", "![alt](i.png)", "<ul><li>x", "e.g. z. B. U.S. 3.5",
    "汉字。是的！", "    <ol><li>y",
]  # fmt: skip
markdown = st.lists(st.sampled_from(PIECES), max_size=25).map("\n".join)


def paths(text: str, title: str = "Title") -> list[tuple[tuple[str, ...], str | None]]:
    return [(s.heading_path, s.anchor) for s in split_sections(title, text)]


def test_paths_and_anchors() -> None:
    text = (
        "Lead.\n\n## One {#first}\nx\n### *Deep* & `code`\nx\n\nSetext\n------\nx\n\n"
        "## One\nx\n## Closed ## {#closed}\nx\n\n<a id='old'></a>\n\n## Renamed\nx"
    )
    assert paths(text) == [
        (("Title",), None),
        (("Title", "One"), "first"),
        (("Title", "One", "Deep & code"), "deep--code"),
        (("Title", "Setext"), "setext"),
        (("Title", "One"), "one-1"),
        (("Title", "Closed"), "closed"),
        (("Title", "Renamed"), "old"),
    ]


def test_the_title_is_not_repeated() -> None:
    assert paths("# title\n\nx\n\n## Sub\n\ny") == [(("Title",), None), (("Title", "Sub"), "sub")]
    assert paths("# Other\n\nx\n\n## Sub\n\ny") == [
        (("Title", "Other"), "other"),
        (("Title", "Other", "Sub"), "sub"),
    ]


def test_headings_inside_code_lists_and_quotes_are_not_headings() -> None:
    text = "```\n# no\n```\n\n- # no\n\n> # no\n\n    # no\n\n<!--\n# no\n-->\n"
    assert paths(text) == [(("Title",), None)]


def test_sections_without_text_are_left_out_but_stay_in_paths() -> None:
    assert paths("## A\n\n### B\n\nx\n\n## C\n\n---\n") == [(("Title", "A", "B"), "b")]


def test_a_section_is_its_body() -> None:
    text = "Lead.\n\n## A\n\n- x\n- y\n\n---\n\n## B\n    code\n\nend  \n"
    bodies = [text[s.start : s.end] for s in split_sections("T", text)]
    assert bodies == ["Lead.", "- x\n- y", "    code\n\nend"]


@settings(max_examples=200, deadline=None)
@given(markdown)
def test_sections_and_blocks_lie_in_order(text: str) -> None:
    document = parse(text)
    at = 0
    for section in split_sections("T", text, document=document):
        assert isinstance(section, Section)
        assert at <= section.start < section.end <= len(text)
        at = section.end
    at = 0
    for block in document.blocks:
        assert at <= block.start < block.end <= len(text)
        assert block.plain.strip()
        at = block.end
        last = block.start
        for start, end in sentences(text, block.start, block.end):
            assert last <= start < end <= block.end
            assert text[start:end] == text[start:end].strip()
            last = end


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_markdown(text: str) -> None:
    plain_text(text)
    sentences(text, 0, len(text))
    blocks(text, 0, len(text))


def test_blocks_are_whole_steps_rows_and_quotes() -> None:
    text = (
        "Do so:\n\n3) First\n\n   more\n   ```sh\n   run\n   ```\n   - a\n   - b\n4) Second\n\n"
        "> [!TIP]\n> Rest.\n\n| A | B |\n|---|---|\n| x | **y** |\n"
    )
    found = blocks(text, 0, len(text))
    assert [(b.kind, b.depth, b.ordinal, b.group, b.plain) for b in found] == [
        ("paragraph", 0, None, 0, "Do so:"),
        ("item", 1, "3)", 1, "3) First\nmore\nrun"),
        ("item", 2, None, 2, "  - a"),
        ("item", 2, None, 2, "  - b"),
        ("item", 1, "4)", 1, "4) Second"),
        ("quote", 0, None, 0, "Tip: Rest."),
        ("row", 0, "header", 3, "A | B"),
        ("row", 0, None, 3, "x | y"),
    ]
    assert text[found[1].start : found[1].end] == "3) First\n\n   more\n   ```sh\n   run\n   ```"
    assert found[1].step == found[2].step != found[4].step


def test_blocks_of_a_stretch_are_never_half_a_step() -> None:
    text = "One two three.\n\n1. First step.\n2. Second step.\n"
    middle = text.index("two"), text.index("Second")
    assert [b.plain for b in blocks(text, *middle)] == ["two three.", "1. First step."]


def test_raw_html_tables_and_lists_are_rows_and_steps() -> None:
    text = (
        "<table><tr><th>A</th><th>B</th></tr>\n<tr><td>1</td><td>2</td></tr></table>\n\n"
        "<ol>\n<li>x</li>\n<li>y</li></ol>"
    )
    found = blocks(text, 0, len(text))
    assert [(b.kind, b.ordinal, b.plain) for b in found] == [
        ("row", "header", "A | B"),
        ("row", None, "1 | 2"),
        ("item", "1.", "1. x"),
        ("item", "2.", "2. y"),
    ]


def test_plain_text_is_what_a_reader_sees() -> None:
    text = (
        "# Head {#x}\n\nA [label](http://x.example) and ![alt](i.png), *em*, `a*b`, &amp; 1 \\* 2"
        "{:.cls}<br>next <kbd>Ctrl</kbd>\n\n<!-- no -->\n\n- [ ] one\n"
    )
    assert plain_text(text) == ("Head\nA label and alt, em, a*b, & 1 * 2\nnext Ctrl\n- [ ] one")


def split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text, 0, len(text))]


def test_sentences_end_where_readers_think() -> None:
    whole = [
        "See [Foo. Bar](http://x.example/a.b?c=1).",
        "Use e.g. Wi-Fi, i.e. Version 2.0.1 vs. 3.",
        "Open `a. B` in config.yaml now!",
        "Is it on?",
        "Dr. Smith of the U.S. Postal Service paid 3.50 etc. for No. 5.",
        "Go to https://a.example/b.c.",
        "Click **Save.**",
        "Then File > Open... and wait.",
        "iOS works.",
        "Am 3. Mai kommt z. B. Herr Prof. Müller.",
        "Das gilt bzw. Das nicht.",
        "¿Qué tal?",
        "Vaya a la pág. 5, p. ej. hoy.",
        "Step 2. Press it.",
    ]
    assert split(" ".join(whole)) == whole
    assert split("你好。再见！好") == ["你好。", "再见！", "好"]


def test_markers_and_hard_breaks_belong_to_no_sentence() -> None:
    assert split("1. Press it. Wait.\n\n   > [!NOTE]\n   > It is hot.\n   - sub") == [
        "Press it.",
        "Wait.",
        "It is hot.",
        "sub",
    ]
    assert split("<ul>\n <li>Press <b>it</b>. Wait.</li>\n</ul>") == ["Press <b>it</b>.", "Wait."]
    assert split("**From:** a  \n**To:** b\\\nc<br>d") == ["**From:** a", "**To:** b", "c", "d"]
