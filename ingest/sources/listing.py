"""Listings: what a sitemap names, read without trusting it."""

import gzip
import io
import re
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, quote, unquote_to_bytes, urlencode, urlsplit
from xml.etree.ElementTree import ParseError, XMLParser

from ingest.errors import SourceError

MAX_BYTES = 64_000_000  # unpacked; the protocol's own limit is 50 MB
MAX_ADDRESS = 2_048
MAX_YEAR = 2_999

# A date without a time may be any moment of that day, anywhere on earth.
_DAY = timedelta(hours=36)
_ZONES = timedelta(hours=12)
# Sitemaps, and the caches before pages, lag behind what they describe.
LAG = timedelta(hours=1)

_TRACKING = re.compile(r"utm_\w+|gclid|fbclid|msclkid|mc_[ce]id|_ga|_gl|hs\w*_\w+")
# Help desks put the title behind an article's number, and find the article without it.
_NUMBERED = re.compile(r"(/articles?/\d+)-[^/]*$")
_SAFE = "/:@!$&'()*+,;=~"
_DATE = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?")


@dataclass(frozen=True, slots=True)
class Entry:
    """An address a sitemap names, with the date and the languages it gives it, as written."""

    address: str
    lastmod: str = ""
    languages: tuple[tuple[str, str], ...] = ()  # hreflang and address of each alternate


@dataclass(frozen=True, slots=True)
class Listing:
    """One sitemap: pages, or where `index` is set, further sitemaps."""

    index: bool
    entries: tuple[Entry, ...]


def read_listing(content: bytes, address: str) -> Listing:
    """Read a sitemap or an index of sitemaps, packed or not.

    Raises SourceError naming `address` if it is anything else, or too large, or means harm.
    """
    reader = _Reader(address)
    # The parser resolves no external entities, and `_Reader` refuses the declaration of any.
    parser = XMLParser(target=reader)  # noqa: S314 - see above
    try:
        parser.feed(_unpacked(content, address).lstrip())
        parser.close()
    except (ParseError, ValueError, LookupError) as error:
        raise SourceError(f"{address} is no sitemap: it cannot be read as XML.") from error
    if reader.root not in ("urlset", "sitemapindex"):
        raise SourceError(f"{address} is no sitemap: it holds <{reader.root[:40]}>.")
    return Listing(reader.root == "sitemapindex", tuple(reader.entries))


def identity_of(address: str) -> str:
    """What stays of a page's address when it is retitled or tracked: its path and its question."""
    parts = urlsplit(address)
    path = quote(unquote_to_bytes(parts.path), safe=_SAFE)
    path = _NUMBERED.sub(r"\1", path.rstrip("/")).lstrip("/") or "index"
    query = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if not _TRACKING.fullmatch(name)
    ]
    return f"{path}?{urlencode(query)}" if query else path


def moment_of(lastmod: str) -> datetime | None:
    """A `lastmod` as a moment, None if it is none."""
    try:
        if found := _DATE.fullmatch(lastmod):
            return datetime(int(found[1]), int(found[2] or 1), int(found[3] or 1), tzinfo=UTC)
        moment = datetime.fromisoformat(lastmod)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def settled(lastmod: str) -> datetime | None:
    """The moment after which a page so dated reads as it does now; None if that is not known."""
    moment = moment_of(lastmod)
    if moment is None or moment.year > MAX_YEAR:
        return None
    if found := _DATE.fullmatch(lastmod):
        return moment + _DAY if found[3] else None
    zoned = datetime.fromisoformat(lastmod).tzinfo is not None
    return moment + LAG + (timedelta(0) if zoned else _ZONES)


def _unpacked(content: bytes, address: str) -> bytes:
    if content[:2] == b"\x1f\x8b":
        try:
            content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MAX_BYTES + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{address} cannot be unpacked: it is damaged.") from error
    if len(content) > MAX_BYTES:
        raise SourceError(f"{address} is larger than {MAX_BYTES // 1_000_000} MB.")
    return content


@dataclass(slots=True)
class _Reader:
    """Is told by the parser what it meets, and keeps addresses and dates, however deep the rest."""

    address: str
    root: str = ""
    entries: list[Entry] = field(default_factory=list)
    depth: int = 0
    said: dict[str, str] = field(default_factory=dict)
    languages: list[tuple[str, str]] = field(default_factory=list)
    element: str = ""

    def doctype(self, *_declared: str | None) -> None:
        """Refuse what a sitemap has no use for, and a bomb begins with."""
        raise SourceError(f"{self.address} is no sitemap: it declares a document type.")

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self.depth += 1
        name = tag.rpartition("}")[2].lower()
        self.root = self.root or name
        match self.depth:
            case 2:
                self.said, self.languages = {}, []
            case 3 if name in ("loc", "lastmod"):
                self.element = name
            case 3 if name == "link" and attributes.get("rel") == "alternate":
                self.languages.append((attributes.get("hreflang", ""), attributes.get("href", "")))

    def data(self, text: str) -> None:
        """Some of an element's text."""
        if self.element:
            said = self.said.get(self.element, "")
            self.said[self.element] = (said + text)[: 2 * MAX_ADDRESS]

    def end(self, _tag: str) -> None:
        """An element ends."""
        self.element = ""
        if self.depth == 2 and (loc := self.said.get("loc", "").strip()):  # noqa: PLR2004 - url, sitemap
            lastmod = self.said.get("lastmod", "").strip()
            self.entries.append(Entry(loc, lastmod, tuple(self.languages)))
            self.said = {}
        self.depth -= 1

    def close(self) -> None:
        """Say nothing: the parser's owner reads the fields."""
