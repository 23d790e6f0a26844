"""From the parser's flat list of tokens to blocks and headings with offsets."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from ingest.markup.blocks import HEADER, Block, Heading, Kind, html_blocks
from ingest.markup.inline import html_plain, inline_plain, slugged

_LINE_END = re.compile(r"\r\n?|\n")
# Possessive and anchored where a run begins: a line may be a megabyte of spaces.
_EXPLICIT_ANCHOR = re.compile(r"(?<![ \t])[ \t]*+\{:?[ \t]*+#([^\s{}]++)[^{}\n]*+\}[ \t]*+$")
_CLOSING_HASHES = re.compile(r"(?:^|(?<![ \t])[ \t]++)#++[ \t]*+$")
_HTML_ANCHOR = re.compile(r"<a\b[^<>]*?\b(?:id|name)\s*=\s*[\"']?([^\"'\s<>]+)", re.IGNORECASE)
_HTML_START = re.compile(r"\s*</?(?:ul|ol|li|p|div|h[1-6]|table|thead|tbody|tr|td|th)\b[^<>]*>")
_ANCHOR_LINK = re.compile(r"\s*\[(?:[^\[\]]|\[[^\[\]]*\])*\]\(#[^()\s]*(?:\s+\"[^\"]*\")?\)\s*")


@dataclass(slots=True)
class _List:
    group: int
    number: int | None
    delimiter: str


@dataclass(slots=True)
class _Open:
    """A block that is being collected."""

    kind: Kind
    start: int
    end: int
    depth: int
    group: int
    step: int
    ordinal: str | None = None
    lines: list[str] = field(default_factory=list)
    links_only: bool = True

    def closed(self) -> Block:
        """The block, as a value."""
        indent = "  " * (self.depth - 1) if self.kind == "item" else ""
        plain = indent + "\n".join(self.lines)
        return Block(
            self.kind,
            self.start,
            self.end,
            self.depth,
            self.ordinal,
            self.group,
            plain,
            self.step,
            self.links_only,
        )


class Walk:
    """Collects blocks and headings from the parser's flat list of tokens."""

    def __init__(self, text: str, env: dict[str, Any]) -> None:
        self.text, self.env = text, env
        self.lines = [0, *(m.end() for m in _LINE_END.finditer(text)), len(text)]
        self.headings: list[Heading] = []
        self.blocks: list[Block] = []
        self.open: _Open | None = None
        self.lists: list[_List] = []
        self.quotes = self.groups = self.steps = 0
        self.marker = ""
        self.heading: Token | None = None
        self.row: Token | None = None
        self.cells: list[str] = []
        self.anchor: str | None = None
        self.slugs: dict[str, int] = {}
        self.handlers: dict[str, Callable[[Token], None]] = {
            "bullet_list_open": self.open_list,
            "ordered_list_open": self.open_list,
            "bullet_list_close": self.close_list,
            "ordered_list_close": self.close_list,
            "list_item_open": self.open_item,
            "list_item_close": self.close_item,
            "blockquote_open": self.open_quote,
            "blockquote_close": self.close_quote,
            "heading_open": self.open_heading,
            "paragraph_open": self.open_paragraph,
            "paragraph_close": self.close_paragraph,
            "inline": self.words,
            "fence": self.code,
            "code_block": self.code,
            "html_block": self.raw_html,
            "table_open": self.open_table,
            "tr_open": self.open_row,
            "tr_close": self.end_row,
        }

    def span(self, token: Token) -> tuple[int, int]:
        """From the first visible character of the token's lines to the last."""
        first, last = token.map or (0, 0)
        start, end = self.lines[first], self.lines[min(last, len(self.lines) - 1)]
        stretch = self.text[start:end]
        return end - len(stretch.lstrip()), start + len(stretch.rstrip())

    def take(self, token: Token) -> None:
        """Note one token; those that say nothing about blocks are passed over."""
        handler = self.handlers.get(token.type)
        if handler is not None:
            handler(token)

    def open_heading(self, token: Token) -> None:
        if token.level == 0:
            self.heading = token
        else:
            self.begin("paragraph", token)

    def open_quote(self, token: Token) -> None:
        self.begin("quote", token)
        self.quotes += 1

    def close_quote(self, _token: Token) -> None:
        self.quotes -= 1
        self.flush_unless_nested()

    def open_paragraph(self, token: Token) -> None:
        self.begin("paragraph", token)

    def close_paragraph(self, _token: Token) -> None:
        self.flush_unless_nested()

    def close_list(self, _token: Token) -> None:
        self.flush_unless_quoted()
        self.lists.pop()

    def close_item(self, _token: Token) -> None:
        self.flush_unless_quoted()
        self.marker = ""

    def open_table(self, _token: Token) -> None:
        self.groups += 1

    def open_row(self, token: Token) -> None:
        self.row, self.cells = token, []

    def open_list(self, token: Token) -> None:
        self.flush_unless_quoted()
        self.groups += 1
        number = token.attrs.get("start", 1) if token.type.startswith("ordered") else None
        self.lists.append(_List(self.groups, None if number is None else int(number), token.markup))

    def open_item(self, token: Token) -> None:
        here = self.lists[-1]
        ordinal = None
        if here.number is not None:
            ordinal = f"{here.number}{token.markup or '.'}"
            here.number += 1
        self.marker += f"{ordinal or '-'} "
        if self.quotes:
            return
        if len(self.lists) == 1:
            self.steps += 1
        self.begin("item", token)
        if self.open:
            self.open.ordinal = ordinal

    def begin(self, kind: Kind, token: Token) -> None:
        """Open a block, unless this token is a part of one."""
        if self.open is not None:
            return
        if not self.lists:
            self.steps += 1
        start, end = self.span(token)
        group = self.lists[-1].group if self.lists else 0
        depth = len(self.lists)
        self.open = _Open(kind, start, end, depth, group, self.steps)

    def add(self, line: str, token: Token, *, link: bool = False) -> None:
        """Put a line of readable text into the open block."""
        if self.open is None:
            return
        self.open.links_only &= link
        end = self.span(token)[1]
        self.open.end = max(self.open.end, end) if self.open.lines else end
        if line:
            self.open.lines.append(self.marker + line)
            self.marker = ""

    def flush(self) -> None:
        """Close the open block; one without readable text is dropped."""
        if self.open is not None and self.open.lines:
            self.anchor = None
            self.blocks.append(self.open.closed())
        self.open = None

    def flush_unless_quoted(self) -> None:
        if not self.quotes:
            self.flush()

    def flush_unless_nested(self) -> None:
        if not self.quotes and not self.lists:
            self.flush()

    def words(self, token: Token) -> None:
        content = token.content
        if self.heading is not None:
            self.end_heading(self.heading, content)
            self.heading = None
        elif self.row is not None:
            self.cells.append(inline_plain(content, self.env).replace("\n", " "))
        else:
            if found := _HTML_ANCHOR.match(content.lstrip()):
                self.anchor = found[1]
            link = bool(self.lists) and _ANCHOR_LINK.fullmatch(content) is not None
            self.add(inline_plain(content, self.env), token, link=link)

    def end_heading(self, opened: Token, content: str) -> None:
        explicit = _EXPLICIT_ANCHOR.search(content)
        written = _HTML_ANCHOR.search(content)
        content = _EXPLICIT_ANCHOR.sub("", content)
        title = inline_plain(_CLOSING_HASHES.sub("", content), self.env).replace("\n", " ")
        slug = slugged(title)
        seen = self.slugs.get(slug, 0)
        self.slugs[slug] = seen + 1
        named = explicit[1] if explicit else written[1] if written else self.anchor
        self.anchor = None
        anchor = named or (f"{slug}-{seen}" if seen else slug) or None
        start, end = self.span(opened)
        level = int(opened.tag[1:])
        self.headings.append(Heading(level, title, anchor, named is not None, start, end))

    def code(self, token: Token) -> None:
        if token.type == "code_block" and _HTML_START.match(token.content):
            # Indented too far by its author: every site generator but CommonMark's shows HTML.
            self.raw_html(token)
            return
        self.begin("code", token)
        if token.type == "code_block" and self.open and self.open.kind == "code":
            self.open.start = self.lines[(token.map or (0, 0))[0]]
        self.add(token.content.strip("\n") if token.content.strip() else "", token)
        self.flush_unless_nested()

    def end_row(self, _token: Token) -> None:
        row, self.row = self.row, None
        if row is None:
            return
        line = " | ".join(self.cells)
        if not any(self.cells):
            return
        if self.open is not None:
            self.add(line, row)
            return
        start, end = self.span(row)
        header = HEADER if self.is_first_row() else None
        self.steps += 1
        self.blocks.append(
            Block("row", start, end, len(self.lists), header, self.groups, line, self.steps)
        )
        self.anchor = None

    def is_first_row(self) -> bool:
        last = self.blocks[-1] if self.blocks else None
        return last is None or last.group != self.groups or last.kind != "row"

    def raw_html(self, token: Token) -> None:
        if self.open is not None or self.lists or self.quotes:
            self.begin("paragraph", token)
            self.add(html_plain(token.content), token)
            return
        start, end = self.span(token)
        found = html_blocks(self.text, start, end, self.groups + 1, self.steps + 1)
        if found:
            self.anchor = None
            self.groups, self.steps = found[-1].group or self.groups, found[-1].step
            self.blocks += found
        elif anchor := _HTML_ANCHOR.search(token.content):
            self.anchor = anchor[1]
