"""Web pages to Markdown: the main part of a page, once; everything after reads Markdown."""

import re
from dataclasses import dataclass
from typing import Any

from bs4 import BeautifulSoup, Tag
from bs4.element import PageElement
from bs4.exceptions import ParserRejectedMarkup
from markdownify import MarkdownConverter

from ingest.errors import ArticleError
from ingest.markup.inline import one_line

# The converter calls itself for every level of a page.
MAX_DEPTH = 120

_DROPPED = ["nav", "header", "footer", "script", "style", "noscript", "template", "svg", "iframe"]
_CALLOUT = re.compile(
    r"\b(?:callout|note|tip|warning|caution|important|info|alert|admonition)", re.IGNORECASE
)
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
_FACTS = frozenset("title id url updated_at locale product audience description".split())


@dataclass(frozen=True, slots=True)
class Page:
    """A page's main part as Markdown, and what its head says about it."""

    facts: dict[str, str]
    text: str


def read_page(markup: str) -> Page:
    """Read a page. Raises ArticleError if the markup is beyond repair or nested too deep."""
    soup = _soup(markup)
    main = _main(soup)
    facts = _facts(soup, main)
    return Page(facts, _markdown(main))


def html_to_markdown(markup: str) -> str:
    """A fragment of HTML, such as an API returns, as Markdown. Raises ArticleError."""
    return _markdown(_soup(markup))


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
    for name in ("main", "article", "body"):
        found = soup.find(name)
        if isinstance(found, Tag) and found.get_text(strip=True):
            return found
    return soup


def _facts(soup: BeautifulSoup, main: Tag) -> dict[str, str]:
    facts: dict[str, str] = {}
    for meta in soup.find_all("meta"):
        name, content = _attribute(meta, "name").lower(), _attribute(meta, "content")
        if name in _FACTS and content:
            facts.setdefault(name, content)
    canonical = next((t for t in soup.find_all("link") if "canonical" in _words(t, "rel")), None)
    if canonical is not None and _attribute(canonical, "href").startswith(("http://", "https://")):
        facts.setdefault("url", _attribute(canonical, "href"))
    if isinstance(soup.html, Tag) and _attribute(soup.html, "lang"):
        facts.setdefault("locale", _attribute(soup.html, "lang"))
    facts.setdefault("title", _title(soup, main))
    return facts


def _title(soup: BeautifulSoup, main: Tag) -> str:
    """The title element, without the site's name where the page's heading shows what that is."""
    title = one_line(soup.title.get_text()) if soup.title else ""
    heading = main.find("h1")
    shown = one_line(heading.get_text()) if isinstance(heading, Tag) else ""
    return shown if shown and (not title or shown.casefold() in title.casefold()) else title


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name)
    return " ".join(value) if isinstance(value, list) else (value or "").strip()


def _words(tag: Tag, name: str) -> list[str]:
    return _attribute(tag, name).lower().split()


def _markdown(main: Tag) -> str:
    for tag in list(main.find_all(_DROPPED)):
        tag.decompose()
    for tag in list(main.find_all("aside")):
        if not _is_callout(tag):
            tag.decompose()
    for tag in list(main.find_all(hidden=True)):
        tag.decompose()
    for tag in main.find_all(["aside", "div", "section"]):
        if _is_callout(tag) and not tag.find(["h1", "h2", "h3"]):
            tag.name = "blockquote"
    _make_safe(main)
    text: str = _Converter(heading_style="atx", bullets="-").convert_soup(main)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _is_callout(tag: Tag) -> bool:
    return bool(_CALLOUT.search(f"{_attribute(tag, 'class')} {_attribute(tag, 'role')}"))


def _make_safe(main: Tag) -> None:
    """Attributes the converter trusts: numbers it converts, addresses it copies."""
    for tag in main.find_all(["td", "th"]):
        if not re.fullmatch(r"[0-9]{1,2}", _attribute(tag, "colspan")):
            del tag["colspan"]
    for items in main.find_all("ol"):
        start = _attribute(items, "start")
        number = int(start) if re.fullmatch(r"[0-9]{1,6}", start) else 1
        for item in items.find_all("li", recursive=False):
            item["data-ordinal"] = str(number)
            number += 1
    for tag in main.find_all(["a", "img"]):
        del tag["title"]
        name = "href" if tag.name == "a" else "src"
        address = _attribute(tag, name)
        if address.startswith(("data:", "javascript:")):
            address = ""
        tag[name] = re.sub(r"[\s()<>]", lambda m: f"%{ord(m[0]):02X}", address)
        if tag.name == "img":
            tag["alt"] = re.sub(r"[\[\]\s]+", " ", _attribute(tag, "alt"))


class _Converter(MarkdownConverter):
    """What Markdown needs beyond the library's conversion."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """Escape what would be read as markup, and nothing else: quotes stay readable."""
        text = re.sub(r"[\\`*]|<(?=[A-Za-z/!?])|&(?=#?\w+;)|\](?=[(\[:])", r"\\\g<0>", text)
        text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)
        if "_inline" in parent_tags:
            return text.replace("|", "\\|") if parent_tags & {"td", "th"} else text
        text = re.sub(r"(?m)^(#{1,6}|[-+>]|=+|-{2,})(?=[ \t]|$)", r"\\\1", text)
        return re.sub(r"(?m)^([0-9]{1,9})([.)])(?=[ \t]|$)", r"\1\\\2", text)

    def convert_hN(self, n: int, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: N802 - the library's name
        if "_inline" in parent_tags:
            return text
        anchor = re.sub(r"[\s{}]", "", _attribute(el, "id"))
        if anchor:
            text = f"{text.strip()} {{#{anchor}}}"
        return f"\n\n{'#' * min(max(n, 1), 6)} {one_line(text)}\n\n"

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        """As the library, without counting the siblings again for every item."""
        text = (text or "").strip()
        if not text:
            return "\n"
        if "_inline" in parent_tags:
            return f"{text} "
        ordinal = _attribute(el, "data-ordinal")
        bullet = f"{ordinal}. " if ordinal else "- "
        indent = " " * len(bullet)
        lines = (indent + line if line else "" for line in text.split("\n"))
        return bullet + "\n".join(lines)[len(bullet) :] + "\n"

    def convert_dt(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        text = one_line(text)
        if not text or "_inline" in parent_tags:
            return f" {text} "
        return f"\n\n**{text}**\n\n"

    def convert_dd(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        return f"\n\n{text.strip()}\n\n"

    def convert_td(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002 - called by name
        return f" {one_line(text)} |" + " |" * (int(_attribute(el, "colspan") or 1) - 1)

    convert_th = convert_td
