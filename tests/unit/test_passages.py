"""Passages are verbatim stretches of one section made of whole blocks."""

import re
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.articles import parse_markdown
from ingest.markup import parse
from ingest.passages import (
    BUDGET,
    TINY,
    Passage,
    cut_passages,
    estimate_foreign_pieces,
    estimate_pieces,
    passages_of,
)
from ingest.sections import split_sections

SENTENCE = "The small lamp blinks twice when it has found the network again. "


def cut(text: str, title: str = "Lamp", budget: int = BUDGET) -> list[Passage]:
    found = cut_passages(title, text, split_sections(title, text), budget=budget)
    for position, passage in enumerate(found):
        assert passage.position == position
        assert passage.text == text[passage.start : passage.end]
        assert passage.section.start <= passage.start < passage.end <= passage.section.end
    return found


def test_a_short_section_is_one_passage() -> None:
    [passage] = cut("Press **both** keys.\n\n![Keys](k.png)\n\n- Wait &amp; see\n")
    assert passage.plain == "Press both keys.\nKeys\n- Wait & see"
    assert passage.embedding_text == "Lamp\nPress both keys.\nKeys\n- Wait & see"
    assert len(passage.text_hash) == 32


def test_the_heading_path_is_embedded_and_hashed() -> None:
    one, two = cut("## A\n\nSame text.\n\n## B\n\nSame text.")
    assert one.embedding_text == "Lamp › A\nSame text."
    assert one.plain == two.plain
    assert one.text_hash != two.text_hash


def test_tables_of_contents_yield_nothing() -> None:
    text = (
        "Lead sentence.\n\nIn this article:\n\n- [A](#a)\n- [B](#b)\n  - [C](#c)\n\n## A\n\nText."
    )
    assert [p.plain for p in cut(text)] == ["Lead sentence.", "Text."]
    assert [p.plain for p in cut("- [A](#a)\n- [B](#b) and words\n")] == ["- A\n- B and words"]


def test_steps_are_never_cut_and_keep_their_numbers() -> None:
    steps = [
        f"1. Step {n}: {SENTENCE}\n   - First {SENTENCE}\n   - Second.\n" for n in range(1, 15)
    ]
    text = "Do this:\n\n" + "\n".join(steps)
    found = cut(text)
    assert len(found) > 2
    for step in steps:
        assert any(step.strip() in p.text for p in found)
    assert re.search(r"(?m)^5\. Step 5:", "\n".join(p.plain for p in found))


def test_a_later_part_of_a_table_repeats_the_header_in_plain_only() -> None:
    rows = "".join(f"| key{n} | {SENTENCE} |\n" for n in range(40))
    found = cut(f"Limits:\n\n| Key | Meaning |\n|---|---|\n{rows}")
    assert len(found) > 2
    for passage in found[1:]:
        assert passage.plain.startswith("Key | Meaning\nkey")
        assert passage.text.startswith("| key")


def test_an_announcement_stays_with_what_it_announces() -> None:
    text = SENTENCE * 13 + "\n\nTo reset the lamp:\n\n1. " + SENTENCE * 2 + "\n"
    found = cut(text)
    assert found[-1].plain.startswith("To reset the lamp:\n1. The small")
    assert "To reset" not in found[0].plain


def test_code_is_one_passage_however_long() -> None:
    code = "```\n" + "lamp.blink(2);\n" * 200 + "```"
    found = cut(f"{SENTENCE * 3}\n\n{code}\n\n{SENTENCE * 3}")
    assert any(p.text == code for p in found)


def test_long_paragraphs_are_cut_at_sentences_and_overlap_by_one() -> None:
    found = cut(SENTENCE * 40)
    assert len(found) > 2
    for before, after in pairwise(found):
        assert before.text.endswith("again.")
        assert before.start < after.start < before.end
        assert after.text.startswith(SENTENCE.strip())
    assert all(estimate_pieces(p.embedding_text) <= BUDGET + TINY for p in found)


def test_without_sentences_or_spaces_there_is_still_an_end() -> None:
    for text in ("word " * 2_000, "x" * 30_000, "汉" * 3_000, "[" * 5_000):
        found = cut(text)
        assert len(found) > 1
        covered = {n for p in found for n in range(p.start, p.end)}
        assert all(n in covered for n, char in enumerate(text.strip()) if not char.isspace())


def test_tiny_ends_join_their_neighbour() -> None:
    found = cut(f"{SENTENCE * 11}\n\nA few words.\n\n## Next\n\nAlone.")
    assert found[-2].plain.endswith("A few words.")
    assert found[-1].plain == "Alone."


def test_other_languages_get_shorter_passages() -> None:
    text = "Die kleine Lampe blinkt zweimal, sobald sie das Netzwerk wiedergefunden hat. " * 20
    german = parse_markdown(text.encode(), "a.de.md", url_template=None)
    assert german.locale == "de"
    sizes = [estimate_foreign_pieces(p.embedding_text) for p in passages_of(german)]
    assert max(sizes) <= BUDGET + TINY
    assert passages_of(german) != cut(german.text, german.title)


PARTS = st.sampled_from(
    [
        "## Head", "### Sub {#s}", SENTENCE, SENTENCE * 9, "1. " + SENTENCE, "   - " + SENTENCE * 2,
        "- short", "> " + SENTENCE * 4, "```\n" + "code();\n" * 40 + "```", "| a | b |\n|---|---|",
        "| " + SENTENCE + "| y |", "", "", "In short:", "- [x](#y)", "<p>raw</p>", "![alt](x.png)",
        "---", "Etwa z. B. dies.", "这是一个句子。" * 30,
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PARTS, max_size=20).map("\n".join), st.integers(90, 300))
def test_every_block_is_in_a_passage_whole(text: str, budget: int) -> None:
    found = cut(text, budget=budget)
    for block in parse(text).blocks:
        if block.contents:
            continue
        whole = any(p.start <= block.start and block.end <= p.end for p in found)
        if block.kind in ("paragraph", "quote"):
            found_words = re.finditer(r"<[^<>]*>|(\w+)", text[block.start : block.end])
            words = [m.span() for m in found_words if m[1]]
            for first, last in words:
                begin, end = block.start + first, block.start + last
                assert any(p.start < end and begin < p.end for p in found)
        else:
            assert whole, block
    for passage in found:
        assert passage.plain
