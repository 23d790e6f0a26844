"""Markdown as blocks with offsets: what a passage is made of, what a quote is taken from.

A document is parsed once (`parse`); sections, passages and quotes all read the same blocks.
Offsets are characters of the text that was given; nothing is ever rewritten.
"""

from dataclasses import replace
from typing import Any

from ingest.markup.blocks import Block, Document, Heading, mark_contents
from ingest.markup.inline import parser, slice_plain
from ingest.markup.sentences import sentences
from ingest.markup.walk import Walk

__all__ = ["Block", "Document", "Heading", "blocks", "parse", "plain_text", "sentences"]


def parse(text: str) -> Document:
    """Parse Markdown; any text is Markdown, so this raises nothing."""
    env: dict[str, Any] = {}
    walk = Walk(text, env)
    for token in parser().parse(text, env):
        walk.take(token)
    walk.flush()
    return Document(text, tuple(walk.headings), tuple(mark_contents(walk.blocks)))


def nesting(text: str) -> int:
    """How many levels of lists and quotations the text opens, at most `MAX_NESTING`."""
    return max((token.level for token in parser().parse(text)), default=0)


def plain_text(markdown: str) -> str:
    """What a reader sees, a line per block: labels for links, alt texts, "cell | cell" rows."""
    document = parse(markdown)
    lines = [(heading.start, heading.title) for heading in document.headings]
    lines += [(block.start, block.plain) for block in document.blocks]
    return "\n".join(line for _, line in sorted(lines) if line)


def blocks(text: str, start: int, end: int) -> list[Block]:
    """The blocks between two offsets; a paragraph that is only partly inside is clipped.

    Steps, rows and code blocks that are only partly inside are left out: never half a step.
    """
    found: list[Block] = []
    for block in parse(text).blocks:
        if start <= block.start and block.end <= end:
            found.append(block)
        elif block.kind in ("paragraph", "quote") and block.start < end and start < block.end:
            inside = range(max(block.start, start), min(block.end, end))
            plain = slice_plain(text[inside.start : inside.stop])
            found.append(replace(block, start=inside.start, end=inside.stop, plain=plain))
    return found
