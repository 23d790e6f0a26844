"""Links to articles that no longer exist.

A link counts when it leads to the address of an article that was served once and has been removed,
or from one Markdown file to another that is not there. Whatever else a link may lead to, another
host or a page that never was an article, is none of our business.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from posixpath import basename, dirname, join, normpath, splitext
from urllib.parse import unquote, urljoin, urlsplit

from ingest.articles import Article
from ingest.checks.findings import Finding
from ingest.locales import without_locale

MOST_SHOWN = 200  # characters of a link

_CODE = re.compile(
    r"^[ \t]*(?P<fence>`{3,}|~{3,})(?![`~])[^\n]*\n.*?(?:^[ \t]*(?P=fence)|\Z)"
    r"|(?<!`)`[^`\n]+`(?!`)",
    re.MULTILINE | re.DOTALL,
)
# Each begins with what is searched for fast; together they see a link wherever one is written.
_LINKS = (
    re.compile(r"\]\([ \t]*(?:<([^<>\n]+)>|((?:[^\s()<>]|\([^\s()]*\))+))"),
    re.compile(r"\]:[ \t]*<?([^\s<>]+)"),
    re.compile(r"href[ \t]*=[ \t]*(?:\"([^\"\n]+)\"|'([^'\n]+)')"),
    re.compile(r"(https?://[^\s<>()\[\]\"'`|\\]+[^\s<>()\[\]\"'`|\\.,;:!?*_])"),
)
# Help desks find an article by its number; the words behind it follow the title of the day.
_NUMBERED = re.compile(r"/articles/(\d{3,})(?:-[^/]*)?$")


@dataclass(frozen=True, slots=True)
class Removed:
    """An address at which an article was served that has been removed since."""

    url: str
    title: str
    removed_at: datetime


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where articles are and were: keys of addresses, and Markdown files without their suffix."""

    served: frozenset[str]
    removed: Mapping[str, Removed]
    files: frozenset[str]

    @classmethod
    def of(
        cls, served: Iterable[str], removed: Iterable[Removed], paths: Collection[str]
    ) -> "Addresses":
        """From the served and the removed urls, and the paths of all files of the source."""
        stems = frozenset(stem for path in paths for stem in _stems(path))
        gone = {key: article for article in removed if (key := _key(article.url))}
        return cls(frozenset(filter(None, map(_key, served))), gone, stems)

    def removed_at(self, url: str) -> Removed | None:
        """The removed article whose address this is, if none is served there now."""
        keys = [key for key in (_key(url), _key(url, query=False)) if key]
        if any(key in self.served for key in keys):
            return None
        return next((self.removed[key] for key in keys if key in self.removed), None)


def broken_links(articles: Iterable[Article], addresses: Addresses) -> Iterator[Finding]:
    """Links to articles that no longer exist, each once for an article that holds it."""
    for article in articles:
        for link in dict.fromkeys(_links(article.text)):
            problem = _problem(article, link, addresses)
            if problem:
                yield Finding.on(
                    article, "broken_link", f"The link {link[:MOST_SHOWN]} leads {problem}."
                )


def _links(text: str) -> Iterator[str]:
    """Where links lead, as written; what stands in code is no link."""
    if "`" in text or "~~~" in text:
        text = _CODE.sub(" ", text)
    for pattern in _LINKS:
        for match in pattern.finditer(text):
            link = next(filter(None, match.groups()), "").strip().replace("&amp;", "&")
            if link and not link.startswith("#") and "{" not in link:
                yield link


def _problem(article: Article, link: str, addresses: Addresses) -> str | None:
    try:
        parts = urlsplit(link)
        url = link if parts.scheme or not addresses.removed else urljoin(article.url, link)
    except ValueError:  # brackets that are no IPv6 address: not a link to an article of ours
        return None
    removed = addresses.removed_at(url) if addresses.removed else None
    if removed is not None:
        return f"to “{removed.title}”, which was removed on {removed.removed_at:%Y-%m-%d}"
    relative = not parts.scheme and not parts.netloc
    return "to no article" if relative and _is_missing(article, parts.path, addresses) else None


def _is_missing(article: Article, path: str, addresses: Addresses) -> bool:
    """Whether this is a relative path from one Markdown file to another that is not there."""
    if path.startswith("/") or not _is_markdown(path) or not _is_markdown(article.path):
        return False
    target = normpath(join(dirname(article.path), unquote(path)))
    return not target.startswith("../") and addresses.files.isdisjoint(_stems(target))


def _is_markdown(path: str) -> bool:
    return path.lower().endswith((".md", ".markdown"))


def _stems(path: str) -> set[str]:
    """A path without suffix, in lower case; with and without the language at its end."""
    stem = splitext(path)[0]
    return {stem.casefold(), join(dirname(stem), without_locale(basename(stem))).casefold()}


def _key(url: str, *, query: bool = True) -> str | None:
    """What of an address tells articles apart; None if it is not an address on the web."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    path = _NUMBERED.sub(r"/articles/\1", unquote(parts.path).rstrip("/"))
    asked = f"?{parts.query}" if query and parts.query else ""
    return f"{host}:{port or ''}{path}{asked}"
