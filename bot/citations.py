"""Citations: links that open an article at the cited words, and the words that bear a part."""

import functools
import itertools
import re
from collections.abc import Sequence
from urllib.parse import quote as percent

from bot.addresses import site_of, withheld
from bot.evidence import Passage
from bot.spans import Span
from ingest.lexicon import language_of, stems
from ingest.markup import plain_text

APART = 0.1  # by how much two sentences must bear a part better than one of them alone
EDGE_WORDS = 5  # words at each end of a text fragment for a longer quote
_MARKER = re.compile(r"^(?:[-*+•]|\d{1,9}[.)])\s+")
_CALLOUT = re.compile(r"\[!\w+\]")  # a page shows it as a colour, or in words of its own
_CALL = re.compile(r"<[@!#][^<>]*>|@(?:here|channel|everyone|group)\b", re.IGNORECASE)
_BETWEEN_CELLS = re.compile(r"(?:^|\s)\|(?=\s|$)")


def link(passage: Passage, quote: str) -> str:
    """The passage's address: the article's url, the section's anchor, the quoted words.

    The last is a text fragment (WICG Scroll-To-Text): the browser scrolls to the words and marks
    them; one that does not know it ignores it.
    """
    if not passage.url:
        return ""
    base, _, own = passage.url.partition("#")
    anchor = percent(passage.anchor or "", safe="")
    # A fragment that is a path (`#/articles/7`) finds the article; another only a place in it.
    place = own if own.startswith(("/", "!")) or not anchor else anchor
    fragment = f"{place}{text_fragment(quote)}"
    return f"{base}#{fragment}" if fragment else base


@functools.lru_cache(maxsize=2_048)  # an answer is drawn again and again while it grows
def text_fragment(quote: str) -> str:
    """`:~:text=first words,last words` for a stretch of Markdown; empty for one without words."""
    # A fragment is matched inside the rendered page, where a row's cells and a list's steps are
    # separate blocks: only the first line's words can be counted on to follow one another.
    line = next(
        (
            line
            for line in map(_readable_run, plain_text(_CALLOUT.sub("", quote)).splitlines())
            if line
        ),
        "",
    )
    words = line.split()
    if not words:
        return ""
    if len(words) <= 2 * EDGE_WORDS:
        return f":~:text={_encoded(words)}"
    return f":~:text={_encoded(words[:EDGE_WORDS])},{_encoded(words[-EDGE_WORDS:])}"


def _readable_run(line: str) -> str:
    """A line's words without a list's marker; of a row the longest cell, which says most."""
    cells = (_MARKER.sub("", cell.strip()) for cell in _BETWEEN_CELLS.split(line))
    return max(cells, key=len)


def _encoded(words: Sequence[str]) -> str:
    return percent(" ".join(words), safe="").replace("-", "%2D")


def quotable(quote: str, passage: Passage) -> str:
    """The longest stretch of a quote without another site's address and without a mention."""
    broken = _CALL.sub("\0", withheld(quote, {site_of(passage.url)}, "\0"))
    return max(broken.split("\0"), key=len).strip() if "\0" in broken else quote


@functools.lru_cache(maxsize=4_096)  # the same sentences are cited time and again
def _stems(text: str, language: str) -> frozenset[int]:
    return frozenset(stems(text, language))


def bearing_span(text: str, passage: Passage, candidates: Sequence[Span]) -> tuple[int, int]:
    """The characters of the article version that bear `text` best; the passage's if none do.

    Two neighbouring sentences are taken together where both are needed.
    """
    language = language_of(passage.locale)
    said = stems(text, language)
    held = [_stems(span.text, language) for span in candidates]

    def overlap(words: frozenset[int]) -> float:
        shared = len(said & words)
        return 2 * shared / (len(said) + len(words)) if shared else 0.0

    stretches = [
        (overlap(words), span.start, span.end) for span, words in zip(candidates, held, strict=True)
    ]
    stretches += [
        (overlap(held[i] | held[i + 1]) - APART, one.start, two.end)
        for i, (one, two) in enumerate(itertools.pairwise(candidates))
        if one.block == two.block
    ]
    best, start, end = max(stretches, key=lambda each: each[0], default=(0.0, 0, 0))
    return (start, end) if best > 0 else (passage.start, passage.end)
