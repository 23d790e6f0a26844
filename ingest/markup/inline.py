"""Marked-up words to readable words: inline Markdown, raw HTML, slugs.

Everything here is a pure function over one short stretch; `markup.py` knows the blocks.
"""

import html
import re
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from functools import cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

# Brackets that are never closed make inline parsing quadratic; nobody writes such a paragraph.
MAX_INLINE = 20_000
MAX_BRACKETS = 400
MAX_UNCLOSED = 30
# Twenty levels, the library's default, silently swallow what lies deeper.
MAX_NESTING = 100

_TEMPLATE_TAG = re.compile(r"\{[:#][^{}\n]*\}|\{%(?:(?!\{%)[^\n])*?%\}")
_CALLOUT = re.compile(r"\[!(\w+)\][ \t]*\n?")
_HIDDEN = re.compile(r"(?is)<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)")
_IMAGE_ALT = re.compile(
    r"<img\b[^<>]*?\balt\s*=\s*(?:\"([^\"<>]*)\"|'([^'<>]*)')[^<>]*>", re.IGNORECASE
)
_NEW_CELL = re.compile(r"</t[dh]\s*>\s*(?=<t[dh]\b)", re.IGNORECASE)
_NEW_LINE = re.compile(
    r"<br\b[^<>]*>|</?(?:p|div|li|tr|ul|ol|h[1-6]|table|figure)\b[^<>]*>", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[!?][^<>]*>")
_QUOTE_MARKS = re.compile(r"^[ \t]*(?:>[ \t]?)+", re.MULTILINE)
# Without any of these, and without a hard line break, words are just words.
_NO_MARKUP = re.compile(r"(?:[^\\`*_\[\]<>&!~{}\n]|(?<! )\n)*")
_STRUCK = re.compile(r"<(/?)(?:s|del|strike)\b[^<>]*>", re.IGNORECASE)
_STRUCK_OUT = re.compile(r"(?is)<(s|del|strike)\b[^<>]*>.*?</\1\s*>")
_SPACES = re.compile(r"\s+")


class _Reader(MarkdownIt):
    """Reads labels only, so it neither encodes nor judges where a link goes."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 - the library's name
        return url

    def validateLink(self, url: str) -> bool:  # noqa: N802, ARG002 - the library's name
        return True


@cache
def parser() -> MarkdownIt:
    """CommonMark with tables, blocks only: `inline_plain` reads the words, within bounds."""
    options = {"maxNesting": MAX_NESTING}
    return _Reader("commonmark", options).enable(["table", "strikethrough"]).disable("inline")


def one_line(text: str) -> str:
    """The text with every run of white space as one space."""
    return _SPACES.sub(" ", text).strip()


def slugged(text: str) -> str:
    """Lower case, words joined by hyphens, as heading anchors are made on GitHub."""
    return re.sub(r"[^\w\- ]", "", text.strip().lower()).replace(" ", "-")


def inline_tokens(source: str, env: MutableMapping[str, Any]) -> Sequence[Token]:
    """The inline tokens of one paragraph, heading or cell; one text token if it is monstrous."""
    square, angle = source.count("["), source.count("<")
    unclosed = max(square - source.count("]"), angle - source.count(">"))
    if len(source) > MAX_INLINE or square + angle > MAX_BRACKETS or unclosed > MAX_UNCLOSED:
        return [Token("text", "", 0, content=source)]
    tokens: list[Token] = []
    markdown = parser()
    markdown.inline.parse(source, markdown, env, tokens)
    return tokens


def rendered(tokens: Sequence[Token]) -> str:
    """What a reader is told by inline tokens: labels, alt texts, code without its marks."""
    parts: list[str] = []
    for token in standing(tokens):
        match token.type:
            case "text":
                parts.append(_TEMPLATE_TAG.sub("", token.content))
            case "code_inline" | "text_special":
                parts.append(token.content)
            case "softbreak":
                parts.append(" ")
            case "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(rendered(token.children or ()) or token.content)
            case "html_inline":
                parts.append(_inline_html(token.content))
            case _:
                pass
    return _tidy("".join(parts))


def standing(tokens: Iterable[Token]) -> Iterator[Token]:
    """The tokens that still hold: what an author struck out is what no longer does."""
    struck = 0
    for token in tokens:
        tag = _STRUCK.fullmatch(token.content) if token.type == "html_inline" else None
        if token.type == "s_open" or (tag and not tag[1]):
            struck += 1
        elif token.type == "s_close" or tag:
            struck = max(0, struck - 1)
        elif not struck:
            yield token


def inline_plain(source: str, env: MutableMapping[str, Any] | None = None) -> str:
    """Readable text of inline Markdown; `env` holds the document's link references."""
    if _NO_MARKUP.fullmatch(source):
        return _tidy(source.replace("\n", " "))
    source = _CALLOUT.sub(_callout_word, source, count=1)
    return rendered(inline_tokens(source, {} if env is None else env))


def slice_plain(source: str) -> str:
    """Readable text of a part of a paragraph or quotation, which may begin anywhere in it."""
    return inline_plain(_QUOTE_MARKS.sub("", source))


def html_plain(source: str) -> str:
    """Readable text of a stretch of raw HTML: cells as "a | b", line breaks kept, tags gone."""
    source = _STRUCK_OUT.sub(" ", _HIDDEN.sub(" ", source))
    source = _IMAGE_ALT.sub(lambda m: f" {m[1] or m[2] or ''} ", source)
    source = _SPACES.sub(" ", source)
    source = _NEW_CELL.sub(" | ", source)
    source = re.sub(r"\| *<t[dh]\b[^<>]*> *<(?:p|li|ul|ol|div)\b[^<>]*>", "| ", source)
    source = _NEW_LINE.sub("\n", source)
    return _tidy(html.unescape(_TAG.sub("", source)))


def without_hidden_html(source: str) -> str:
    """The same number of characters, with comments, scripts and styles blanked out."""
    return _HIDDEN.sub(lambda m: " " * len(m[0]), source)


def _inline_html(tag: str) -> str:
    if tag.lower().startswith("<br"):
        return "\n"
    alt = _IMAGE_ALT.match(tag)
    return html.unescape(alt[1] or alt[2] or "") if alt else ""


def _callout_word(match: re.Match[str]) -> str:
    return f"{match[1].capitalize()}: "


def _tidy(text: str) -> str:
    lines = (one_line(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)
