"""Spans: the sentences, steps and rows of a passage, each with its place in the article version."""

import functools
import re
from dataclasses import dataclass

from bot.evidence import Passage
from bot.wording import code, literal, wording
from ingest.markup import parse
from ingest.markup.blocks import HEADER, Block
from ingest.markup.sentences import sentences

_STEP_NUMBER = re.compile(r"\A\s*\d{1,9}[.)]\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch that can be quoted whole. `start` and `end` count characters of the version.

    `text` is how it reads in an answer: bold and code kept, links reduced to their words.
    `block` is the number of its paragraph, step or row within the passage; `group` the list or
    table it belongs to (0: none); `numbered` whether that list counts.
    """

    start: int
    end: int
    text: str
    kind: str
    block: int
    group: int = 0
    numbered: bool = False
    depth: int = 0


@functools.lru_cache(maxsize=64)
def spans(passage: Passage) -> tuple[Span, ...]:
    """The spans of a passage in order; tables of contents and header rows are not quotable."""
    found: list[Span] = []
    header: Block | None = None
    for number, block in enumerate(parse(passage.text).blocks):
        if block.contents:
            continue
        if block.kind == "row" and block.ordinal == HEADER:
            header = block
        elif block.kind == "row":
            named = header if header is not None and header.group == block.group else None
            found.append(_span(passage, block, number, _row(block, named)))
        elif block.kind in ("paragraph", "quote"):
            found.extend(_sentences(passage, block, number))
        elif block.kind == "item":
            text = _STEP_NUMBER.sub("", passage.text[block.start : block.end])
            found.append(_span(passage, block, number, wording(text)))
        elif block.kind == "code" and "\n" not in block.plain.strip():
            found.append(_span(passage, block, number, code(block.plain)))
    return tuple(span for span in found if span.text)


def _sentences(passage: Passage, block: Block, number: int) -> list[Span]:
    return [
        Span(
            passage.start + start,
            passage.start + end,
            wording(passage.text[start:end]),
            block.kind,
            number,
        )
        for start, end in sentences(passage.text, block.start, block.end)
    ]


def _span(passage: Passage, block: Block, number: int, text: str) -> Span:
    return Span(
        passage.start + block.start,
        passage.start + block.end,
        text,
        block.kind,
        number,
        block.group,
        numbered=block.ordinal is not None and block.kind == "item",
        depth=block.depth,
    )


def _row(block: Block, header: Block | None) -> str:
    """`Plan: **Pro**; Price: $12`, or the bare cells where the table has no header."""
    cells = [literal(cell) for cell in block.plain.split(" | ")]
    names = [literal(name) for name in header.plain.split(" | ")] if header else []
    if len(names) != len(cells):
        return "; ".join(cell for cell in cells if cell)
    named = [f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True)]
    if cells[0]:
        named[0] = f"{names[0]}: **{cells[0]}**" if names[0] else f"**{cells[0]}**"
    return "; ".join(each for each, cell in zip(named, cells, strict=True) if cell)
