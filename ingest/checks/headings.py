"""Long articles without a heading: readers cannot scan them, citations cannot point into them."""

import re
from collections.abc import Iterable, Iterator

from ingest.articles import Article
from ingest.checks.findings import Finding
from ingest.markup import parse, plain_text
from ingest.markup.inline import one_line

MOST_WORDS = 1_500
# About two characters make a word where no spaces stand between words.
_WIDE_PER_WORD = 2

_WIDE = r"\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_WORDS = re.compile(rf"[^\W_{_WIDE}]+")
_WIDE_CHARACTERS = re.compile(rf"[{_WIDE}]")
_HTML_HEADING = re.compile(r"<h[1-6]\b", re.IGNORECASE)


def without_headings(articles: Iterable[Article]) -> Iterator[Finding]:
    """Articles of more than `MOST_WORDS` words with no heading but their title's."""
    for article in articles:
        # Most articles are too short by any count; markup only ever adds words.
        if len(article.text) < 2 * MOST_WORDS or _count(article.text) <= MOST_WORDS:
            continue
        if _HTML_HEADING.search(article.text):
            continue
        headings = parse(article.text).headings
        title = one_line(article.title).casefold()
        if any(one_line(heading.title).casefold() != title for heading in headings):
            continue
        words = _count(plain_text(article.text))
        if words > MOST_WORDS:
            yield Finding.on(article, "no_heading", f"It has {words:,} words and no heading.")


def _count(text: str) -> int:
    return len(_WORDS.findall(text)) + len(_WIDE_CHARACTERS.findall(text)) // _WIDE_PER_WORD
