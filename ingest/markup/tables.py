"""HTML tables as Markdown tables: one header row, every row as wide as the widest."""

import re
from dataclasses import dataclass

from bs4 import Tag

from ingest.markup.chrome import HEADINGS, attribute
from ingest.markup.inline import one_line

# Beyond these a table's spans are not drawn out: they would make a great deal of a few cells.
MAX_SLOTS = 1_000
MAX_SLOTS_PER_CELL = 4
MAX_REPEATED = 200  # characters; of a longer cell the places it spans are left empty
MAX_HEADER_ROWS = 3

CELL = "data-markdown"  # the attribute that holds a cell's text once it is converted


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell where a grid's lines cross; one that spans several stands in each of them."""

    text: str
    header: bool
    origin: bool = True  # the place it was written in, not one it spans


Row = list[Cell]
_EMPTY = Cell("", header=False, origin=False)


def unwrap_layout(main: Tag) -> None:
    """Make divisions of tables that only place things on a page, so that their blocks survive."""
    for table in main.find_all("table"):
        if _is_layout(table):
            parts = table.find_all(["caption", "thead", "tbody", "tfoot", "tr", "td", "th"])
            for part in [p for p in parts if p.find_parent("table") is table]:
                part.name = "div"
            table.name = "div"


def _is_layout(table: Tag) -> bool:
    if table.find("table") is not None:
        return True
    if all(len(row.find_all(["td", "th"])) < 2 for row in table.find_all("tr")):  # noqa: PLR2004 - one column
        return True
    for heading in table.find_all(HEADINGS):
        cell = heading.find_parent(["td", "th"])
        if cell is not None and cell.get_text(strip=True) != heading.get_text(strip=True):
            return True
    return False


def table_markdown(table: Tag) -> str:
    """A table whose cells' Markdown is in their attribute CELL; "" if there is nothing in it."""
    tags = table.find_all("tr")
    rows = [row for row in _grid(tags) if any(cell.text for cell in row)]
    width = max((len(row) for row in rows), default=0)
    titles: list[str] = []
    while len(rows) > 1 and _is_title(rows[0]):
        titles.append(rows.pop(0)[0].text)
    header = _header_rows(rows)
    head = [
        " ".join(dict.fromkeys(row[at].text for row in header if at < len(row) and row[at].text))
        for at in range(width)
    ]
    body = [[cell.text for cell in row] for row in rows[len(header) :]]
    lines = [_line(head, width), "|" + " --- |" * width, *(_line(row, width) for row in body)]
    return "\n\n".join([*filter(None, titles), *(["\n".join(lines)] if rows else [])])


def _is_title(row: Row) -> bool:
    """One cell that spans others, and nothing beside it."""
    return len(row) > 1 and sum(cell.origin for cell in row) == 1


def _line(texts: list[str], width: int) -> str:
    padded = [*texts, *[""] * (width - len(texts))]
    return "|" + "".join(f" {text} |" for text in padded)


def _header_rows(rows: list[Row]) -> list[Row]:
    """The rows at the top in which all that is said is said by header cells."""
    count = 0
    while count < len(rows) and all(cell.header or not cell.text for cell in rows[count]):
        count += 1
    return rows[:count] if count < len(rows) and count <= MAX_HEADER_ROWS else rows[: min(count, 1)]


def _grid(tags: list[Tag]) -> list[Row]:
    """The cells of every row in their columns, spans drawn out."""
    written = [[c for c in tag.find_all(["td", "th"]) if c.has_attr(CELL)] for tag in tags]
    slots = sum(_span(c, "colspan") * _span(c, "rowspan") for row in written for c in row)
    spans = slots <= MAX_SLOTS + MAX_SLOTS_PER_CELL * sum(map(len, written))
    grid: list[Row] = []
    below: dict[int, tuple[int, Cell]] = {}  # column → rows still to come, and what spans them
    for tag, cells in zip(tags, written, strict=True):
        row: Row = []
        for cell in cells:
            _fill(row, below)
            _place(row, below, cell, _content(cell, tag), spans=spans)
        _fill(row, below)
        grid.append(row)
    return grid


def _content(cell: Tag, row: Tag) -> Cell:
    in_head = row.parent is not None and row.parent.name == "thead"
    text = re.sub(r"(?<!\\)((?:\\\\)*)\|", r"\1\\|", one_line(attribute(cell, CELL)))
    return Cell(text, header=cell.name == "th" or in_head)


def _fill(row: Row, below: dict[int, tuple[int, Cell]]) -> None:
    """Put in what reaches down from the rows above."""
    while len(row) in below:
        left, cell = below.pop(len(row))
        if left > 1:
            below[len(row)] = (left - 1, cell)
        row.append(cell)


def _place(
    row: Row, below: dict[int, tuple[int, Cell]], tag: Tag, cell: Cell, *, spans: bool
) -> None:
    """Put a cell in, and note how far down it reaches; a header says its words in every column."""
    columns = _span(tag, "colspan") if spans else 1
    rows = _span(tag, "rowspan") if spans else 1
    short = len(cell.text) <= MAX_REPEATED
    repeated = Cell(cell.text, cell.header, origin=False) if short else _EMPTY
    for column in range(columns):
        beside = repeated if cell.header else _EMPTY
        if rows > 1:
            below[len(row)] = (rows - 1, repeated if column == 0 else beside)
        row.append(cell if column == 0 else beside)


def _span(cell: Tag, name: str) -> int:
    written = attribute(cell, name)
    return max(1, int(written)) if re.fullmatch(r"[0-9]{1,2}", written) else 1
