"""A text's blocks and headings: the values, and the two readings that need no token stream."""

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from ingest.markup.inline import html_plain, without_hidden_html

Kind = Literal["paragraph", "item", "row", "code", "quote"]

# The ordinal of a table's header row.
HEADER = "header"
# "In this article:" is short; a longer sentence before a list of links says something.
MAX_CONTENTS_INTRO = 60

_HTML_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_HTML_PIECE = re.compile(r"<(/?[ou]l|tr|li|p|h[1-6]|figure|dt|dd|blockquote)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Block:
    """A whole paragraph, list step, table row, code block or quotation; blocks never overlap.

    A step with steps of its own ends where they begin; they follow as blocks one level deeper,
    and all of them share `step`. `depth` is 0 outside lists. `ordinal` is the number a reader
    sees ("3.") for a numbered step, "header" for a table's first row. `group` numbers the list
    or table from 1; 0 is neither. `contents` marks tables of contents: links into the page.
    """

    kind: Kind
    start: int
    end: int
    depth: int = 0
    ordinal: str | None = None
    group: int = 0
    plain: str = ""
    step: int = 0
    contents: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading outside lists and quotations; `start` to `end` are its own lines."""

    level: int
    title: str
    anchor: str | None
    explicit: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Document:
    """One parsed text. Blocks without readable text (rules, empty anchors) are left out."""

    text: str
    headings: tuple[Heading, ...]
    blocks: tuple[Block, ...]

    def between(self, start: int, end: int) -> tuple[Block, ...]:
        """The blocks that lie between two offsets."""
        first = bisect_left(self.blocks, start, key=lambda block: block.start)
        last = bisect_left(self.blocks, end, lo=first, key=lambda block: block.start)
        return self.blocks[first:last]


def html_blocks(text: str, start: int, end: int, group: int, step: int) -> list[Block]:
    """Rows of a raw HTML table, or items and paragraphs of other raw HTML."""
    visible = without_hidden_html(text[start:end])
    tables = _HTML_ROW.search(visible) is not None
    found: list[Block] = []
    for (first, marker), (last, _) in pairwise(_html_pieces(visible, rows=tables)):
        piece = visible[first:last].rstrip()
        plain = html_plain(piece)
        if not plain:
            continue
        if tables:
            plain = plain.replace("\n| ", " | ").replace("\n", "; ")
        kind: Kind = "row" if tables else "item" if marker else "paragraph"
        header = HEADER if tables and not found and "<th" in piece.lower() else None
        block = Block(kind, start + first, start + first + len(piece), int(kind == "item"))
        found.append(
            replace(
                block,
                ordinal=header or (marker if marker != "-" else None),
                group=0 if kind == "paragraph" else group,
                plain=f"{marker} {plain}" if marker else plain,
                step=step + len(found),
            )
        )
    return found


def _html_pieces(visible: str, *, rows: bool) -> list[tuple[int, str | None]]:
    """Where rows, or else items and paragraphs, begin, with an item's marker; and the end."""
    cuts: list[tuple[int, str | None]] = [(0, None)]
    counters: list[int | None] = []
    for match in _HTML_PIECE.finditer(visible):
        tag, marker = match[1].lower(), None
        if rows:
            if tag == "tr":
                cuts.append((match.start(), None))
            continue
        if tag in ("ol", "ul"):
            counters.append(1 if tag == "ol" else None)
        elif tag in ("/ol", "/ul"):
            del counters[-1:]
        elif tag != "tr":
            if tag == "li":
                number = counters[-1] if counters else None
                marker = "-" if number is None else f"{number}."
                counters[-1:] = [None if number is None else number + 1] if counters else []
            cuts.append((match.start(), marker))
    if len(cuts) > 1 and not html_plain(visible[: cuts[1][0]]):
        del cuts[0]
    return [*cuts, (len(visible), None)]


def mark_contents(found: list[Block]) -> list[Block]:
    """Keep `contents` only for lists that are links into the page throughout, and their intro."""
    spoiled = {block.group for block in found if not block.contents}
    marked = [
        replace(block, contents=False)
        if block.contents and (block.kind != "item" or block.group in spoiled)
        else block
        for block in found
    ]
    for index, block in enumerate(marked[:-1]):
        intro = block.kind == "paragraph" and len(block.plain) <= MAX_CONTENTS_INTRO
        if intro and marked[index + 1].contents and block.plain.endswith((":", "：")):
            marked[index] = replace(block, contents=True)
    return marked
