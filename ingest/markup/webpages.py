"""Web pages to Markdown: the main part of a page, once; everything after reads Markdown."""

import re
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from bs4.exceptions import ParserRejectedMarkup

from ingest.errors import ArticleError
from ingest.markup.chrome import attribute
from ingest.markup.conversion import to_markdown
from ingest.markup.inline import one_line

# The converter calls itself for every level of a page.
MAX_DEPTH = 120

_BLOCKS = frozenset(
    """address article aside blockquote details div dl fieldset figure footer form h1 h2 h3 h4 h5 h6
    header hr main nav ol p pre section table ul""".split()
)
# What an opening tag closes where the author left the end tag out, and how far up that reaches.
_CLOSES = {
    "li": (("li",), ("ul", "ol")),
    "dt": (("dt", "dd"), ("dl",)),
    "dd": (("dt", "dd"), ("dl",)),
    "tr": (("tr",), ("table",)),
    "td": (("td", "th"), ("tr", "table")),
    "th": (("td", "th"), ("tr", "table")),
    **dict.fromkeys(_BLOCKS, (("p",), ("td", "th", "li", "div", "button"))),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)$")
_FACTS = frozenset("title id url updated_at locale product audience description".split())


@dataclass(frozen=True, slots=True)
class Page:
    """A page's main part as Markdown, and what its head says about it."""

    facts: dict[str, str]
    text: str


def read_page(markup: str, base: str | None = None) -> Page:
    """Read a page; `base` is its address, where relative links are to become absolute.

    Raises ArticleError if the markup is beyond repair or nested too deep.
    """
    soup = _soup(markup)
    main = _main(soup)
    return Page(_facts(soup, main), to_markdown(_body(main), base))


def html_to_markdown(markup: str, base: str | None = None) -> str:
    """A fragment of HTML, such as an API returns, as Markdown. Raises ArticleError."""
    return to_markdown(_soup(markup), base)


class _Soup(BeautifulSoup):
    """Knows which end tags HTML lets authors leave out."""

    def handle_starttag(self, name: str, *args: Any, **kwargs: Any) -> Tag | None:
        closed, barriers = _CLOSES.get(name, ((), ()))
        for tag in reversed(self.tagStack[-MAX_DEPTH:]):
            if not closed or tag.name in barriers:
                break
            if tag.name in closed:
                self.handle_endtag(tag.name)
                break
        return super().handle_starttag(name, *args, **kwargs)


def _soup(markup: str) -> BeautifulSoup:
    # The parser warns about XML prologues and about text that looks like a file name.
    markup = re.sub(r"<\?xml\b[^<>]*>", "", markup) + "\n<!-- -->"
    try:
        soup = _Soup(markup, "html.parser")
    except ParserRejectedMarkup as error:
        raise ArticleError("The HTML cannot be parsed.") from error
    if _too_deep(soup):
        raise ArticleError("The HTML is nested too deep.")
    return soup


def _too_deep(soup: BeautifulSoup) -> bool:
    level: list[PageElement] = [soup]
    for _ in range(MAX_DEPTH):
        level = [child for tag in level if isinstance(tag, Tag) for child in tag.children]
        if not level:
            return False
    return True


def _main(soup: BeautifulSoup) -> Tag:
    for found in (soup.find("main"), soup.find(role="main")):
        if isinstance(found, Tag) and found.get_text(strip=True):
            return found
    articles = [tag for tag in soup.find_all("article") if tag.find_parent("article") is None]
    longest = max(articles, key=lambda tag: len(tag.get_text()), default=None)
    if longest is not None and longest.get_text(strip=True):
        return longest
    body = soup.find("body")
    return body if isinstance(body, Tag) and body.get_text(strip=True) else soup


def _body(main: Tag) -> Tag:
    """What the page itself declares to be the article's body, where that is most of it."""
    found = main.find(itemprop="articleBody")
    if isinstance(found, Tag) and len(found.get_text()) > len(main.get_text()) / 2:
        return found
    return main


def _facts(soup: BeautifulSoup, main: Tag) -> dict[str, str]:
    facts: dict[str, str] = {}
    modified = ""
    for meta in soup.find_all("meta"):
        name, content = attribute(meta, "name").lower(), attribute(meta, "content")
        if name in _FACTS and content:
            facts.setdefault(name, content)
        if attribute(meta, "property") == "article:modified_time":
            modified = content
    if modified and _DATE.match(modified):
        facts.setdefault("updated_at", modified)
    canonical = next((t for t in soup.find_all("link") if "canonical" in _words(t, "rel")), None)
    if canonical is not None and attribute(canonical, "href").startswith(("http://", "https://")):
        facts.setdefault("url", attribute(canonical, "href"))
    if isinstance(soup.html, Tag) and attribute(soup.html, "lang"):
        facts.setdefault("locale", attribute(soup.html, "lang"))
    facts.setdefault("title", _title(soup, main))
    return facts


def _title(soup: BeautifulSoup, main: Tag) -> str:
    """The title element, without the site's name where the page's heading shows what that is."""
    title = one_line(soup.title.get_text()) if soup.title else ""
    heading = main.find("h1")
    shown = one_line(heading.get_text()).rstrip("¶#§ ") if isinstance(heading, Tag) else ""
    return shown if shown and (not title or shown.casefold() in title.casefold()) else title


def _words(tag: Tag, name: str) -> list[str]:
    return attribute(tag, name).lower().split()
