"""Spans: the sentences, steps and rows of a passage, each with its place in the article version."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from bot.evidence import Passage
from bot.wording import code, literal, row, wording
from ingest.markup import parse
from ingest.markup.blocks import HEADER, Block
from ingest.markup.sentences import sentences

_STEP_NUMBER = re.compile(r"\A\s*\d{1,9}[.)]\s+")
_ORDINAL = re.compile(r"\d{1,9}")
_FENCED = re.compile(
    r"^[ \t>]*(?P<mark>`{3,}|~{3,})[^`\n]*\n(?P<lines>.*?)(?:^[ \t>]*(?P=mark)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_CODE_LINE = re.compile(r"[^\s].*")
_FENCE_LINE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch that can be quoted whole. `start` and `end` count characters of the version.

    `text` is how it reads in an answer: bold and code kept, links reduced to their words.
    `block` is the number of its paragraph, step or row within the passage; `group` the list or
    table it belongs to (0: none); `ordinal` its number where that list counts. Code of several
    lines is a span a line.
    """

    start: int
    end: int
    text: str
    kind: str
    block: int
    group: int = 0
    ordinal: int | None = None
    depth: int = 0

    @property
    def numbered(self) -> bool:
        """Whether it is a numbered step."""
        return self.ordinal is not None


class _Stretch(NamedTuple):
    """What of a passage its spans depend on."""

    text: str
    start: int


def spans(passage: Passage) -> tuple[Span, ...]:
    """The spans of a passage in order; tables of contents and header rows are not quotable."""
    return spans_in(passage.text, passage.start)


@functools.lru_cache(maxsize=1_024)  # they are the same whatever a passage was found for
def spans_in(text: str, start: int) -> tuple[Span, ...]:
    """The spans of a stretch that begins at `start` of its article version."""
    passage = _Stretch(text, start)
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
            found.extend(_item(passage, block, number))
        elif block.kind == "code":
            found.extend(_code(passage, block, number, block.start, block.end))
    return tuple(span for span in found if span.text)


def _sentences(passage: _Stretch, block: Block, number: int) -> list[Span]:
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


def _item(passage: _Stretch, block: Block, number: int) -> Iterator[Span]:
    """A step or item; one that holds code of several lines, as its words and those lines."""
    at = block.start
    for fence in _FENCED.finditer(passage.text, block.start, block.end):
        if fence["lines"].strip().count("\n"):
            yield from _words(passage, block, number, at, fence.start())
            yield from _code(passage, block, number, fence.start(), fence.end())
            at = fence.end()
    yield from _words(passage, block, number, at, block.end)


def _words(passage: _Stretch, block: Block, number: int, start: int, end: int) -> Iterator[Span]:
    """A stretch of a step; what follows its code stands below it."""
    stretch = passage.text[start:end]
    start, end = end - len(stretch.lstrip()), start + len(stretch.rstrip())
    first = start == block.start
    stretch = passage.text[start:end]
    if stretch:
        whole = _span(passage, block, number, wording(_STEP_NUMBER.sub("", stretch)))
        yield replace(
            whole,
            start=passage.start + start,
            end=passage.start + end,
            ordinal=whole.ordinal if first else None,
            depth=block.depth if first else block.depth + 1,
        )


def _code(passage: _Stretch, block: Block, number: int, start: int, end: int) -> Iterator[Span]:
    """Each line of code, between two offsets that may hold its fences."""
    raw = _span(passage, block, number, "")
    for line in _CODE_LINE.finditer(passage.text, start, end):
        if not _FENCE_LINE.match(line[0]):
            text = line[0].rstrip()
            first = passage.start + line.start()
            yield replace(
                raw,
                start=first,
                end=first + len(text),
                text=code(text),
                kind="code",
                ordinal=None,
                depth=block.depth + 1,
            )


def _span(passage: _Stretch, block: Block, number: int, text: str) -> Span:
    ordinal = _ORDINAL.match(block.ordinal or "") if block.kind == "item" else None
    return Span(
        passage.start + block.start,
        passage.start + block.end,
        text,
        block.kind,
        number,
        block.group,
        int(ordinal[0]) if ordinal else None,
        block.depth,
    )


def _row(block: Block, header: Block | None) -> str:
    cells = [literal(cell) for cell in block.plain.split(" | ")]
    return row(cells, [literal(name) for name in header.plain.split(" | ")] if header else [])
