"""The little Markdown an answer's parts are written in: words, **bold** and `code`.

Everything else an article or a model may write is reduced to its words, so no link, image, mention
or heading reaches a reader except those that code makes from citations.
"""

import functools
import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_LIST_MARKER = re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+")
_CALLOUT = re.compile(r"^\s*\[!(\w+)\]\s*")
_TAG = re.compile(r"<[^<>]*>")
_ANCHOR = re.compile(r"\s*\{:?\s*#[^{}]*\}")
_SPACE = re.compile(r"\s+")


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("strikethrough")


def wording(markdown: str) -> str:
    """One line of words with bold and code kept, from a stretch of Markdown."""
    lines = (line.strip().lstrip(">").strip() for line in markdown.splitlines())
    text = _CALLOUT.sub("", _LIST_MARKER.sub("", " ".join(line for line in lines if line)))
    tokens = _parser().parseInline(_ANCHOR.sub("", text))
    words = "".join(_words(token) for token in tokens[0].children or []) if tokens else ""
    return _SPACE.sub(" ", words).strip()


def unmarked(text: str) -> str:
    """The bare words of a part: bold and code marks taken off."""
    return text.replace("**", "").replace("`", "")


def _words(token: Token) -> str:
    match token.type:
        case "text":
            return token.content.replace("`", "'").replace("**", "")
        case "code_inline":
            return f"`{token.content}`"
        case "strong_open" | "strong_close":
            return "**"
        case "softbreak" | "hardbreak":
            return " "
        case "image":
            return ""
        case "html_inline":
            return " " if _TAG.fullmatch(token.content) else token.content
        case _:
            return ""
