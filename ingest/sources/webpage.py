"""A downloaded page as an article."""

import codecs
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urldefrag

from ingest.articles import Article, assembled, decoded
from ingest.errors import ArticleError
from ingest.locales import as_locale
from ingest.sources.web import Download

HTML = frozenset(("text/html", "application/xhtml+xml"))


@dataclass(frozen=True, slots=True)
class ListedPage:
    """A page as a sitemap lists it; `identity` stays when its title or its tracking changes.

    `modified` is when it says that the page was changed, `settled` the moment after which it has
    not changed any more.
    """

    address: str
    identity: str
    modified: datetime | None = None
    settled: datetime | None = None
    locale: str | None = None


def read_download(answer: Download, page: ListedPage, locale: str) -> Article:
    """The main part of a page as an article; `locale` is what it is where nobody says.

    Raises ArticleError when nothing useful can be made of it.
    """
    from ingest.markup.webpages import read_page  # noqa: PLC0415 - costs 0.1 s

    if answer.content_type not in HTML:
        raise ArticleError(f"It is {answer.content_type[:80]}, not a web page.")
    found = read_page(_text(answer), answer.url)
    # A site's meta elements mean what the site likes; a value that is unfit is not its article's
    # fault.
    facts = {name: found.facts.get(name, "") for name in ("title", "product")}
    facts["id"] = page.identity
    facts["url"] = _address(found.facts.get("url", ""), answer.url)
    facts["locale"] = as_locale(found.facts.get("locale", "")) or page.locale or ""
    written = found.facts.get("updated_at", "")
    facts["updated_at"] = written if _is_moment(written) else str(page.modified or "")
    return assembled(facts, found.text, page.identity, default_locale=locale)


def _address(canonical: str, here: str) -> str:
    """What the page calls its own address, if that is on the same host."""
    place = "/".join(here.split("/")[:3]) + "/"
    return canonical if canonical.startswith(place) else urldefrag(here).url


def _is_moment(written: str) -> bool:
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return False
    return True


def _text(answer: Download) -> str:
    """The page in the encoding its header or its head declares. Raises ArticleError."""
    from bs4.dammit import EncodingDetector  # noqa: PLC0415 - costs 0.1 s

    raw = answer.content
    declared = answer.charset or EncodingDetector.find_declared_encoding(raw, is_html=True) or ""
    try:
        name = codecs.lookup(declared).name
    except LookupError:
        name = "utf-8"
    if name in ("utf-8", "ascii"):
        return decoded(raw)
    # Browsers read Latin-1 as its superset.
    name = "cp1252" if name == "iso8859-1" else name
    return decoded(raw.decode(name, "replace").encode("utf-8", "replace"))
