"""The little Markdown an answer's parts are written in: words, **bold** and `code`.

Everything else an article or a model may write is reduced to its words, so no link, image, mention
or heading reaches a reader except those that code makes from citations.
"""

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.markup.inline import standing

_ANCHOR = re.compile(r"\s*\{:?\s*#[^{}]*\}")
_SPACE = re.compile(r"\s+")
# What makes a heading, a list, a quotation, a callout, a task or a fence of the words after it.
_LEAD = re.compile(r"(?:(?:#{1,6}|[-*+•]|\[[ xX]\])(?:\s+|$)|(?:>|\[!\w+\]|~{3,})\s*)+")
_FENCE = re.compile(
    r"^[ \t>]*(?P<mark>`{3,}|~{3,})[^`\n]*\n(?P<code>.*?)(?:^[ \t>]*(?P=mark)[`~]*[ \t]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_RULE = re.compile(r"[-=_*\s]*")
_LINK_OPENS = re.compile(r"\](?=\()")
_DEFINITION = re.compile(r"^(\[[^\[\]]*\]):")
_FOOTNOTE = re.compile(r"\[\^?(\d{1,3})\]")  # it would look like a citation of ours
_ADDRESS_TAG = re.compile(r"<((?:https?://|mailto:)[^\s<>]*)>")
_TAG_LIKE = re.compile(r"<([A-Za-z/!?][^<>]*)>")
_TAG_OPENS = re.compile(r"<(?=[A-Za-z/!?])")
_CALL = re.compile(r"<([@!#][^<>]*)>|<(?=[@!#])")  # how Slack writes a mention or a ping
_EVERYONE = re.compile(r"@(?=(?:here|channel|everyone|group)\b)", re.IGNORECASE)
# Marks nobody sees: they would steer a terminal, turn a line round or carry hidden words.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]"
)
_MARK = re.compile(r"`([^`]*)`|\*\*")

# Words with how they are set: bold or not, code or not.
Run = tuple[bool, bool, str]


@functools.cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable("strikethrough")


def wording(markdown: str) -> str:
    """One line of words with bold and code kept, from a stretch of Markdown."""
    fenceless = _FENCE.sub(lambda fence: f" {code(fence['code'])}\n", markdown)
    lines = (line.strip().lstrip(">").strip() for line in fenceless.splitlines())
    text = _without_lead(" ".join(line for line in lines if line))
    tokens = _parser().parseInline(_ANCHOR.sub("", text))
    return _written(_runs(tokens[0].children or ()) if tokens else ())


def literal(words: str) -> str:
    """Words that are not Markdown, such as a table's cell or a title, as they stand in a part."""
    return _written([(False, False, words)])


def calm(words: str) -> str:
    """The words with every mention and every call to a whole channel made harmless."""
    tame = _CALL.sub(lambda call: f"‹{call[1]}›" if call[1] else "‹", words)
    return _EVERYONE.sub("＠", tame)


def code(words: str) -> str:
    """Words set as code."""
    return _written([(False, True, words)])


def row(cells: Sequence[str], names: Sequence[str]) -> str:
    """`Plan: **Pro**; Price: $12`, or the bare cells where the names are not theirs."""
    if len(names) != len(cells) or not cells:
        return "; ".join(cell for cell in cells if cell)
    named = [f"{name}: {cell}" if name else cell for name, cell in zip(names, cells, strict=True)]
    if cells[0]:
        first = cells[0] if "**" in cells[0] else f"**{cells[0]}**"
        named[0] = f"{names[0]}: {first}" if names[0] else first
    return "; ".join(each for each, cell in zip(named, cells, strict=True) if cell)


def unmarked(text: str) -> str:
    """The bare words of a part: bold and code marks taken off."""
    return _MARK.sub(lambda mark: mark[1] or "", text)


def styled(text: str) -> Iterator[tuple[str, bool, bool]]:
    """The words of a part in order, each run with whether it is bold and whether it is code."""
    bold, at = False, 0
    for mark in _MARK.finditer(text):
        yield text[at : mark.start()], bold, False
        if mark[1] is None:
            bold = not bold
        else:
            yield mark[1], bold, True
        at = mark.end()
    yield text[at:], bold, False


def _runs(tokens: Iterable[Token]) -> Iterator[Run]:
    """The words of inline tokens; bold inside bold is bold, and what is struck out is gone."""
    depth = 0
    for token in standing(tokens):
        match token.type:
            case "strong_open":
                depth += 1
            case "strong_close":
                depth -= 1
            case "text" | "text_special":
                yield depth > 0, False, token.content
            case "code_inline":
                yield depth > 0, True, token.content
            case "softbreak" | "hardbreak":
                yield depth > 0, False, " "
            case "html_inline" if token.content.lower().startswith("<br"):
                yield depth > 0, False, " "
            case _:
                pass  # images, tags, and the marks of emphasis and links


def _written(runs: Iterable[Run]) -> str:
    """Runs as Markdown that says nothing but words, bold and code."""
    pieces: list[str] = []
    for bold, group in groupby(runs, key=itemgetter(0)):
        inside = "".join(
            _set("".join(words for _, _, words in same), as_code=as_code)
            for as_code, same in groupby(group, key=itemgetter(1))
        )
        words = inside.strip()
        if bold and words:
            start = inside.index(words)
            inside = f"{inside[:start]}**{words}**{inside[start + len(words) :]}"
        pieces.append(inside)
    text = _without_lead(_SPACE.sub(" ", "".join(pieces)).strip())
    return "" if _RULE.fullmatch(text) else _DEFINITION.sub(r"\1 :", text)


def _set(words: str, *, as_code: bool) -> str:
    """One run's words, with whatever would be read as markup made harmless."""
    words = calm(_UNSEEN.sub("", _SPACE.sub(" ", words)))
    if as_code:
        bare = words.replace("`", "'").strip()
        return f"`{bare}`" if bare else " "
    words = words.replace("`", "'").replace("**", "∗∗")
    words = _FOOTNOTE.sub(r"(\1)", _LINK_OPENS.sub("] ", words))
    words = _TAG_LIKE.sub(r"‹\1›", _ADDRESS_TAG.sub(r"\1", words))
    return _TAG_OPENS.sub("‹", words)


def _without_lead(text: str) -> str:
    lead = _LEAD.match(text)
    return text[lead.end() :].lstrip() if lead else text
