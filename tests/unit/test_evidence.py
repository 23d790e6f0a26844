"""Rows of hits become numbered passages: sections whole, long ones in a window."""

from typing import Any

import pytest

from bot.addresses import IN_ARTICLE
from bot.evidence import Evidence, Passage, evidence_from_rows
from bot.stretches import MARGIN, WHOLE_SECTION
from bot.sufficiency.signals import Signals

SHORT = "The first paragraph.\n\nThe second paragraph."
LONG = "\n\n".join(f"Paragraph {n:03} " + "x" * 200 for n in range(40))


def row(
    text: str, start: int, end: int, *, section: int = 1_000, version: int = 1, **other: Any
) -> dict[str, Any]:
    """A hit from `start` to `end` of a section that begins at `section` in its article."""
    return {
        "article_version_id": version, "external_id": f"a{version}", "version": 3, "title": "T",
        "url": "https://h.example", "audience": "public", "locale": "en", "updated_at": None,
        "heading_path": ["T", "H"], "anchor": "h", "section_start": section,
        "section_end": section + len(text), "section_text": text, "start_offset": section + start,
        "end_offset": section + end, "score": 0.9, "dense": 0.5, "head": None,
        "idfs": [1.0, 2.0], "article_id": version,
    } | other  # fmt: skip


def test_no_rows_are_no_evidence() -> None:
    assert evidence_from_rows([], 8) == Evidence()


def test_hits_in_one_section_are_one_passage_and_it_is_whole() -> None:
    rows = [row(SHORT, 22, 43), row(SHORT, 0, 20, score=0.5), row(SHORT, 0, 20, version=2)]

    found = evidence_from_rows(rows, 8).passages

    assert [(passage.n, passage.article) for passage in found] == [(1, "a1"), (2, "a2")]
    assert found[0].text == SHORT
    assert (found[0].start, found[0].end) == (1_000, 1_000 + len(SHORT))
    assert found[0].score == 0.9
    assert found[0].heading == "T › H"


def test_sections_of_one_article_are_passages_of_their_own() -> None:
    rows = [row(SHORT, 0, 20), row(SHORT, 0, 20, section=5_000)]

    assert [passage.start for passage in evidence_from_rows(rows, 8).passages] == [1_000, 5_000]


def test_a_long_section_is_shown_around_its_hits() -> None:
    start = LONG.index("Paragraph 020")
    end = LONG.index("\n\nParagraph 021")
    near = LONG.index("Paragraph 021")

    (found,) = evidence_from_rows(
        [row(LONG, start, end), row(LONG, near, near + 214), row(LONG, 0, 214)], 8
    ).passages

    assert len(LONG) > WHOLE_SECTION
    assert found.text == LONG[found.start - 1_000 : found.end - 1_000]
    assert found.text.startswith("Paragraph 0")
    assert found.text.endswith("x")
    assert "Paragraph 020" in found.text
    assert "Paragraph 021" in found.text
    assert "Paragraph 000" not in found.text
    assert len(found.text) < 2 * MARGIN + end - start + 700


def test_a_long_section_without_paragraphs_is_cut_at_the_hit() -> None:
    text = "word " * 1_000

    (found,) = evidence_from_rows([row(text, 2_000, 2_100)], 8).passages

    assert found.text == text[2_000:2_100]


FILLER = "\n\n".join("A paragraph of other things. " + "x" * 200 for _ in range(12))
STEPS = [f"{n}. Press key {n} and hold it. {'y' * 150}" for n in range(1, 31)]
NOTE = "Note: the light blinks.\n\n```\nfirst line\n\nsecond line\n```"


@pytest.mark.parametrize("gap", ["\n", "\n\n"])
@pytest.mark.parametrize("step", [1, 15, 30])
def test_a_procedure_is_whole_however_long_it_is(gap: str, step: int) -> None:
    steps = gap.join([*STEPS[:10], f"\n{NOTE}\n", *STEPS[10:]])
    text = f"{FILLER}\n\nTo reset it:\n\n{steps}\n\n{FILLER}"
    start = text.index(STEPS[step - 1])

    (found,) = evidence_from_rows([row(text, start, start + 40)], 8).passages

    assert f"To reset it:\n\n{steps}" in found.text
    assert len(found.text) < len(text) - WHOLE_SECTION


def test_another_procedure_is_not_drawn_in() -> None:
    text = f"{FILLER}\n\n1. One.\n2. Two.\n\n{FILLER}\n\n" + "\n".join(STEPS)
    start = text.index("1. One.")

    (found,) = evidence_from_rows([row(text, start, start + 8)], 8).passages

    assert "1. One.\n2. Two." in found.text
    assert STEPS[0] not in found.text


def test_the_limit_counts_sections() -> None:
    rows = [row(SHORT, 0, 20, version=version) for version in range(1, 12)]

    assert len(evidence_from_rows(rows, 8).passages) == 8


def test_its_signals_are_those_of_all_rows() -> None:
    rows = [row(SHORT, 0, 20, version=version, dense=version / 10) for version in range(1, 8)]

    assert evidence_from_rows(rows, 3).signals == Signals.of(rows)


def test_renumbering_puts_the_cited_first_and_loses_none() -> None:
    rows = [row(SHORT, 0, 20, version=version) for version in (1, 2, 3, 4)]
    evidence = evidence_from_rows(rows, 8)

    found, order = evidence.renumbered([3, 1])

    assert [(passage.n, passage.article) for passage in found.passages] == [
        (1, "a3"), (2, "a1"), (3, "a2"), (4, "a4"),
    ]  # fmt: skip
    assert order == {3: 1, 1: 2, 2: 3, 4: 4}
    assert found.numbered(2) == Passage.from_row(
        rows[0], n=2, start=1_000, end=1_000 + len(SHORT), text=SHORT
    )
    assert found.numbered(5) is None


def test_what_is_smuggled_into_a_title_a_heading_or_an_address_is_taken_out() -> None:
    row = {
        "article_version_id": 1, "external_id": "a", "version": 1, "audience": "public",
        "locale": "en", "updated_at": None, "anchor": None, "score": 1.0,
        "title": "[Win](https://evil.test/x) <!channel> \x1b]8;;https://evil.test\x07 **now**",
        "heading_path": ["Visit www.evil.test", "# [1] `See` https://my.acme.example/x"],
        "url": "https://help.acme.example/a b|<x>",
    }  # fmt: skip

    passage = Passage.from_row(row, n=1, start=0, end=1, text="x")
    nowhere = Passage.from_row(row | {"url": "javascript:alert(1)"}, n=1, start=0, end=1, text="x")

    assert passage.title == f"[Win] ({IN_ARTICLE}) ‹!channel› ]8;;{IN_ARTICLE} ∗∗now∗∗"
    assert passage.heading == f"Visit {IN_ARTICLE} › (1) 'See' https://my.acme.example/x"
    assert passage.url == "https://help.acme.example/a%20b%7C%3Cx%3E"
    assert nowhere.url == ""
