"""Sections: the parts of an article under its headings, with the path and anchor to reach them."""

from collections.abc import Iterator
from dataclasses import dataclass

from ingest.markup import Document, Heading, parse
from ingest.markup.inline import one_line


@dataclass(frozen=True, slots=True)
class Section:
    """One part of an article; `start` to `end` is its own body, without its heading's line.

    `heading_path` is plain text from the article's title down. `anchor` is what follows "#" in
    a link to the section; None for what stands before the first heading.
    """

    position: int
    heading_path: tuple[str, ...]
    anchor: str | None
    start: int
    end: int


def split_sections(title: str, text: str, *, document: Document | None = None) -> list[Section]:
    """Split an article at its headings; parts without text of their own are left out.

    Pass `document` (`parse(text)`) where the caller has parsed the text already.
    """
    document = document or parse(text)
    title = one_line(title)
    found: list[Section] = []
    for path, anchor, start, end in _parts(title, document):
        first, last = _body(document, start, end)
        if first < last:
            found.append(Section(len(found), path, anchor, first, last))
    return found


def _parts(
    title: str, document: Document
) -> Iterator[tuple[tuple[str, ...], str | None, int, int]]:
    """Every stretch between headings: heading path, anchor, start and end."""
    headings = document.headings
    ends = [heading.start for heading in headings] + [len(document.text)]
    yield (title,), None, 0, ends[0]
    above: list[Heading] = []
    for index, (heading, end) in enumerate(zip(headings, ends[1:], strict=True)):
        if index == 0 and _same(heading.title, title):
            yield (title,), heading.anchor if heading.explicit else None, heading.end, end
            continue
        above = [*(h for h in above if h.level < heading.level), heading]
        path = (title, *(h.title for h in above if h.title))
        yield path, heading.anchor, heading.end, end


def _same(heading: str, title: str) -> bool:
    return one_line(heading).casefold() == title.casefold()


def _body(document: Document, start: int, end: int) -> tuple[int, int]:
    """From the first to the last block with readable text; an empty range when there is none."""
    inside = document.between(start, end)
    return (inside[0].start, inside[-1].end) if inside else (start, start)
