"""Quotes are verbatim: units are whole, and every span is where it says it is."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.answers import Draft, Kind, Support
from bot.asks import asks
from bot.closeness import closeness
from bot.evidence import Evidence, Passage
from bot.grounding import check
from bot.quotes import PARTS, Quote, _quote, compose
from bot.quotes.units import Unit, units
from bot.spans import spans
from ingest.articles import Article, parse_html, parse_markdown
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.markup import plain_text
from ingest.sections import split_sections

SAMPLE = Path(__file__).parents[2] / "ingest" / "sample" / "articles"
FILES = sorted(path for path in SAMPLE.rglob("*") if path.suffix in {".md", ".html"})


def passage(text: str, start: int = 40, *, locale: str = "en", heading: str = "Heading") -> Passage:
    return Passage(
        1, 1, "a", 1, "Title", "", "public", locale, None, ("Title", heading), None,
        start, start + len(text), text, 1.0,
    )  # fmt: skip


def units_of(text: str) -> list[list[str]]:
    return [[span.text for span in unit.spans] for unit in units(passage(text))]


def article(file: Path) -> Article:
    parse = parse_html if file.suffix == ".html" else parse_markdown
    return parse(file.read_bytes(), file.relative_to(SAMPLE).as_posix(), url_template=None)


def sections(file: Path) -> Iterator[Passage]:
    read = article(file)
    for section in split_sections(read.title, read.text):
        text = read.text[section.start : section.end]
        yield passage(text, section.start, locale=read.locale, heading=section.heading_path[-1])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_span_of_the_sample_is_verbatim_and_bears_itself(file: Path) -> None:
    text = article(file).text
    for section in sections(file):
        places = [(span.start, span.end) for span in spans(section)]
        assert places == sorted(places)
        for span in spans(section):
            assert section.start <= span.start < span.end <= section.end
            verbatim = text[span.start : span.end]
            assert verbatim == verbatim.strip()
            assert set(letters(span.text)) <= set(letters(plain_text(section.text)))
            draft = Draft(span.text, (1,))
            assert check(draft, Evidence((section,))).support is Support.SUPPORTED, span.text
        assert [span for unit in units(section) for span in unit.spans] == list(spans(section))


def letters(text: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in text).split()


def test_a_list_keeps_its_lead_in() -> None:
    assert units_of("Before. And more.\n\nYou need:\n\n- a Bridge\n- a phone\n\nAfter.") == [
        ["Before.", "And more."],
        ["You need:", "a Bridge", "a phone"],
        ["After."],
    ]


def test_a_procedure_is_whole_with_its_nested_steps() -> None:
    (unit,) = units(
        passage("1. Open **Devices**.\n2. Choose:\n   - *Wi-Fi*: type it\n   - Cable\n\n3. Wait.")
    )

    assert unit.is_procedure
    quotes = [_quote(unit, span) for span in unit.spans]
    assert [(quote.draft.kind, quote.draft.text) for quote in quotes] == [
        (Kind.STEP, "Open **Devices**."),
        (Kind.STEP, "Choose:"),
        (Kind.ITEM, "Wi-Fi: type it"),
        (Kind.ITEM, "Cable"),
        (Kind.STEP, "Wait."),
    ]


def test_two_lists_are_two_units() -> None:
    assert units_of("- a one\n- a two\n\nBetween.\n\n1. b one\n2. b two") == [
        ["a one", "a two"],
        ["Between.", "b one", "b two"],
    ]


def test_a_row_names_its_columns_and_is_a_unit_alone() -> None:
    found = units_of(
        "| Plan | Price | Note |\n|---|---|---|\n| Home | €0 | |\n| `Pro` | €9 | per [site](x) |"
    )

    assert found == [["Plan: **Home**; Price: €0"], ["Plan: **Pro**; Price: €9; Note: per site"]]


def test_a_row_whose_first_column_has_no_name_is_named_by_its_first_cell() -> None:
    assert units_of("| | Home | Pro |\n|---|---|---|\n| Price | €0 | €9 |") == [
        ["**Price**; Home: €0; Pro: €9"]
    ]


def test_code_follows_what_leads_to_it() -> None:
    assert units_of("Type this:\n\n```\nnpm `install`\n```\n\n```\ntwo\nlines\n```") == [
        ["Type this:", "`npm 'install'`", "`two`", "`lines`"]
    ]


def kinds_of(text: str) -> list[tuple[Kind, str]]:
    (unit,) = units(passage(text))
    return [(quote.draft.kind, quote.draft.text) for quote in quotes_of(unit)]


def quotes_of(unit: Unit) -> list[Quote]:
    return [_quote(unit, span) for span in unit.spans]


def test_a_step_keeps_its_code_line_by_line() -> None:
    text = (
        "1. Type:\n\n   ```sh\n   cd /tmp\n\n   make install\n   ```\n\n   and wait.\n2. Restart."
    )

    assert kinds_of(text) == [
        (Kind.STEP, "Type:"),
        (Kind.ITEM, "`cd /tmp`"),
        (Kind.ITEM, "`make install`"),
        (Kind.ITEM, "and wait."),
        (Kind.STEP, "Restart."),
    ]
    (unit,) = units(passage(text))
    assert [text[each.start - 40 : each.end - 40] for each in quotes_of(unit)] == [
        "1. Type:", "cd /tmp", "make install", "and wait.", "2. Restart.",
    ]  # fmt: skip


def test_what_stands_between_two_steps_does_not_part_them() -> None:
    text = (
        "1. Type:\n\n```\none\ntwo\n```\n\nThis takes a while.\n\n2. Choose:\n- a\n- b\n\n3. Wait."
    )

    assert kinds_of(text) == [
        (Kind.STEP, "Type:"),
        (Kind.ITEM, "`one`"),
        (Kind.ITEM, "`two`"),
        (Kind.ITEM, "This takes a while."),
        (Kind.STEP, "Choose:"),
        (Kind.ITEM, "a"),
        (Kind.ITEM, "b"),
        (Kind.STEP, "Wait."),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "It costs ~~€5~~ €7.",
        "- It costs ~~€5~~ €7.",
        "| It costs ~~€5~~ €7. |\n|---|\n| It costs <del>€5</del> €7. |",
        "It costs <s>€5</s> €7.",
        "<ul><li>It costs <del>€5</del> €7.</li></ul>",
    ],
)
def test_what_is_struck_out_is_not_quoted(text: str) -> None:
    said = [span for unit in units_of(text) for span in unit]

    assert said
    assert all("€7" in span and "€5" not in span for span in said)


def test_a_table_of_contents_is_not_quoted() -> None:
    assert units_of("In this article:\n\n- [One](#one)\n- [Two](#two)\n\nWords.") == [["Words."]]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("- [Track an order](https://a.example/1)\n- [Get an invoice](https://a.example/2)", True),
        ("Get your invoice", True),
        ("Learn how to download the app for Windows or Linux.", True),
        ("If you use the tablet, see [Pair a tablet](https://a.example/3).", True),
        ("You have two ways to reset it:", True),
        ("Read more here:\n\n- [Reset](https://a.example/4)", True),
        ("See the light turn green, then press the button.", False),
        ("Open [Orders](https://a.example/5) and choose **Invoice**.", False),
        ("Go to [Billing](https://a.example/6).", False),
        ("You need:\n\n- a Bridge\n- a phone", False),
    ],
)
def test_what_only_says_where_to_read_is_a_signpost(text: str, points: bool) -> None:  # noqa: FBT001
    (unit,) = units(passage(text))
    assert unit.is_signpost is points


async def test_who_tells_what_happened_gets_the_steps(embedder: EmbeddedEmbedder) -> None:
    text = (
        "A password that was forgotten can be the one of another account.\n\n"
        "1. Go to the start page.\n2. Type in your address and press **Recover**."
    )
    found = await composed(
        embedder, "I forgot my password", passage(text, heading="Reset the password")
    )
    assert [quote.draft.kind for quote in found][-2:] == [Kind.STEP, Kind.STEP]


async def test_an_errors_text_is_no_answer_to_it(embedder: EmbeddedEmbedder) -> None:
    text = (
        "```\nError 17: upload refused, port busy\nError 17: attempt 1 of 10\n```\n\n"
        "Close the other program that has the port open, then upload again."
    )
    found = await composed(embedder, "Error 17: upload refused, port busy", passage(text))
    assert found[0].draft.text.startswith("Close the other program")


async def test_composing_quotes_the_unit_that_fits(embedder: EmbeddedEmbedder) -> None:
    text = "Penguins swim well.\n\nTo get a refund:\n\n1. Open **Billing**.\n2. Tap **Refund**."

    found = await composed(embedder, "How do I get a refund?", passage(text))

    assert [quote.draft.text for quote in found] == [
        "To get a refund:",
        "Open **Billing**.",
        "Tap **Refund**.",
    ]
    assert [text[quote.start - 40 : quote.end - 40] for quote in found] == [
        "To get a refund:",
        "1. Open **Billing**.",
        "2. Tap **Refund**.",
    ]


def other(n: int, text: str, heading: str) -> Passage:
    return replace(passage(text, heading=heading), n=n, article=f"a{n}", article_version_id=n)


async def composed(embedder: EmbeddedEmbedder, question: str, *passages: Passage) -> list[Quote]:
    evidence = Evidence(passages)
    return compose(evidence, await closeness(question, evidence, embedder))


async def test_two_questions_are_answered_from_two_articles(embedder: EmbeddedEmbedder) -> None:
    price = other(1, "Cats sleep.\n\nAn express parcel costs €12.", "Parcel prices")
    days = other(2, "Dogs bark.\n\nDelivery of an express parcel takes 2 days.", "Delivery times")

    found = await composed(
        embedder, "What does an express parcel cost and how long does it take?", price, days
    )

    assert [(quote.n, quote.draft.text) for quote in found] == [
        (1, "An express parcel costs €12."),
        (2, "Delivery of an express parcel takes 2 days."),
    ]


async def test_the_same_is_not_said_twice(embedder: EmbeddedEmbedder) -> None:
    one = other(1, "The reset link works for 30 minutes.", "Reset your password")
    two = other(2, "The link to reset works for 30 minutes.", "Reset a password")

    found = await composed(embedder, "How long does the reset link work?", one, two)

    assert [quote.n for quote in found] == [1]


async def test_a_long_procedure_is_whole_and_a_long_list_is_not(embedder: EmbeddedEmbedder) -> None:
    steps = "To reset the Bridge:\n\n" + "\n".join(f"{n}. Press key {n}." for n in range(1, 12))
    names = ("red", "blue", "green", "pink", "white", "black", "grey", "gold")
    items = "Lights mean:\n\n" + "\n".join(f"- {name}: state {name}" for name in names)
    prose = " ".join(f"The {name} Bridge has a lamp." for name in names)

    procedure = await composed(embedder, "How do I reset the Bridge?", passage(steps))
    listed = await composed(embedder, "What does the white light mean?", passage(items))
    said = await composed(embedder, "Has the white Bridge a lamp?", passage(prose))

    assert len(procedure) == 12
    assert listed[0].draft.text == "Lights mean:"
    assert "white: state white" in [quote.draft.text for quote in listed]
    assert len(listed) <= PARTS
    assert "The white Bridge has a lamp." in [quote.draft.text for quote in said]
    assert len(said) <= PARTS


async def test_several_questions_share_six_parts(embedder: EmbeddedEmbedder) -> None:
    lamps, ports = (
        "Lamps:\n\n" + "\n".join(f"- the {n}. lamp shines {n}0 hours" for n in range(1, 6)),
        "Ports:\n\n" + "\n".join(f"- the {n}. port carries {n}0 volts" for n in range(1, 6)),
    )
    asked = "How long does the 3. lamp shine? How many volts does the 4. port carry?"

    found = await composed(
        embedder, asked, other(1, lamps, "Lamps"), other(2, ports, "Ports of the Bridge")
    )

    assert len(found) <= PARTS
    said = [quote.draft.text for quote in found]
    assert "the 3. lamp shines 30 hours" in said
    assert "the 4. port carries 40 volts" in said


@pytest.mark.parametrize(
    ("question", "pieces"),
    [
        ("What does it cost and how long does delivery take?", 2),
        ("How do I pair a Pip? Which battery fits?", 2),
        ("I have a new router. How do I connect the Bridge?", 1),
        ("Salt and pepper: how do I grind them?", 1),
        ("Was kostet der Versand und wie lange dauert die Lieferung?", 2),
        ("refund", 1),
        ("", 1),
    ],
)
def test_the_questions_in_a_question(question: str, pieces: int) -> None:
    assert len(asks(question)) == pieces


async def test_nothing_to_quote_is_no_quote(embedder: EmbeddedEmbedder) -> None:
    assert await composed(embedder, "x") == []
    assert await composed(embedder, "x", passage("---\n\n<!-- -->")) == []
