"""A web site by its sitemap: the pages it lists, downloaded where they may have changed."""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from ingest.articles import MAX_BYTES, BadArticle
from ingest.errors import ArticleError, Retryable, SourceError
from ingest.locales import as_locale
from ingest.sources import Fetch, Found, Gone, Unchanged
from ingest.sources.listing import (
    MAX_ADDRESS,
    Entry,
    Listing,
    identity_of,
    moment_of,
    read_listing,
    settled,
)
from ingest.sources.robots import Robots, parse_robots
from ingest.sources.web import TIMEOUT, USER_AGENT, Sleep, WebClient
from ingest.sources.webpage import ListedPage, read_download

AT_ONCE = 4  # pages downloaded side by side
MOST_UNAVAILABLE = 10  # pages in a row; after that it is the site that is down
MAX_PAGES = 100_000
MAX_SITEMAPS = 1_000
MAX_NESTING = 3  # indexes of indexes

# Refusals that mean there is no robots.txt to follow; "ask later" is none of them.
_NO_ROBOTS = frozenset(range(300, 500)) - {408, 425, 429}
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_GONE = frozenset((404, 410))
_SIGN_IN = re.compile(r"/(?:log-?in|sign-?in|sign_in|sso|auth|authenticate|access)(?:[/._-]|$)")

Pages = dict[str, ListedPage]
# What became of a page, and why the site did not answer properly where it did not.
Visited = tuple[Found, Retryable | None]


@dataclass(frozen=True, slots=True)
class SitemapSource:
    """A sitemap as a source: `address` is that of sitemap.xml, or of an index of sitemaps."""

    name: str
    address: str
    locale: str = "en"
    timeout: float = TIMEOUT
    sleep: Sleep = asyncio.sleep

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every page listed; one that is dated before it was last seen is not downloaded.

        A page that cannot be had is a BadArticle, one that answers 404 or 410 is Gone. Raises as
        Source.fetch does when the sitemap or robots.txt fails, or page after page.
        """
        del since
        return Fetch(self._found(known or {}), dated=True)

    async def _found(self, known: Mapping[str, datetime]) -> AsyncIterator[Found]:
        way_out = f"Check sitemap under [sources.{self.name}]."
        async with WebClient(
            self.address, way_out=way_out, timeout=self.timeout, sleep=self.sleep
        ) as web:
            robots = await _robots(web)
            pages = _dated(await _listed(web, self.address))
            if not pages:
                raise SourceError(f"{self.address} lists no page of {web.host}.\n{way_out}")
            visit = _Visit(web, robots, pages, self.locale, self.sleep)
            if not any(visit.allows(page.address) for page in pages.values()):
                raise SourceError(f"{web.host}/robots.txt asks us to read none of the pages.")
            found = (visit.page(page, known.get(page.identity)) for page in pages.values())
            unavailable = 0
            async with contextlib.aclosing(_in_order(found, visit.at_once)) as visited:
                async for result, error in visited:
                    unavailable = unavailable + 1 if error else 0
                    if error and unavailable == MOST_UNAVAILABLE:
                        raise error
                    yield result


@dataclass(frozen=True, slots=True)
class _Visit:
    """One reading of a site's pages, with what it asks of us."""

    web: WebClient
    robots: Robots
    pages: Pages
    locale: str
    sleep: Sleep

    @property
    def at_once(self) -> int:
        """How many pages may be asked for side by side."""
        return 1 if self.robots.delay else AT_ONCE

    def allows(self, address: str) -> bool:
        """Whether robots.txt lets us read an address."""
        parts = urlsplit(address)
        return self.robots.allows(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    async def page(self, page: ListedPage, seen: datetime | None) -> Visited:
        """Download a page, unless it was `seen` as it is."""
        if not self.allows(page.address):
            return BadArticle(page.identity, "robots.txt asks programs not to read it."), None
        if seen is not None and page.settled is not None and page.settled <= seen:
            return Unchanged(page.identity), None
        try:
            return await self._download(page), None
        except (ArticleError, SourceError) as error:
            return BadArticle(page.identity, _first_line(error)), None
        except Retryable as error:
            return BadArticle(page.identity, _first_line(error)), error

    async def _download(self, page: ListedPage) -> Found:
        if self.robots.delay:
            await self.sleep(self.robots.delay)
        answer = await self.web.get(page.address, accepted=_GONE | _REDIRECTS, max_bytes=MAX_BYTES)
        if answer.status in _GONE:
            return Gone(page.identity)
        if answer.status in _REDIRECTS:
            raise ArticleError(f"It redirects to another host: {answer.location or 'nowhere'}")
        there = identity_of(answer.url)
        if there != page.identity:
            if there in self.pages:  # and is read as what it is
                return Gone(page.identity)
            if _SIGN_IN.search(urlsplit(answer.url).path.lower()):
                raise ArticleError("It asks visitors to sign in.")
        # Long HTML takes a while, and answers are given meanwhile.
        return await asyncio.to_thread(read_download, answer, page, self.locale)


async def _robots(web: WebClient) -> Robots:
    """What robots.txt asks of us. Raises ProviderUnavailable where it may ask, and fails."""
    answer = await web.get("/robots.txt", accepted=_NO_ROBOTS)
    if answer.status != HTTPStatus.OK:
        return Robots()
    return parse_robots(answer.content.decode("utf-8", "replace"), USER_AGENT)


async def _listed(web: WebClient, address: str) -> Pages:
    """The host's own pages by identity, in the sitemap's order; indexes are followed.

    Raises SourceError if any sitemap is none: without it, its pages would look removed.
    """
    pages: Pages = {}
    seen = {address}
    waiting = deque([(address, 1)])
    while waiting:
        sitemap, depth = waiting.popleft()
        answer = await web.get(sitemap)
        listing = await asyncio.to_thread(read_listing, answer.content, sitemap)
        for entry in _owned(web, listing, answer.url):
            if not listing.index:
                page = _page(entry)
                pages.setdefault(page.identity, page)
            elif entry.address not in seen:
                seen.add(entry.address)
                waiting.append((entry.address, depth + 1))
        if waiting and waiting[-1][1] > MAX_NESTING:
            raise SourceError(f"{address} nests sitemaps more than {MAX_NESTING} deep.")
        if len(seen) > MAX_SITEMAPS or len(pages) > MAX_PAGES:
            raise SourceError(f"{address} lists more than {MAX_PAGES} pages.")
    return pages


def _owned(web: WebClient, listing: Listing, base: str) -> list[Entry]:
    """The entries on the host, with absolute addresses, encrypted where the host is."""
    found: list[Entry] = []
    for entry in listing.entries:
        with contextlib.suppress(ValueError):  # no address at all
            address = urljoin(base, entry.address)
            if base.startswith("https://"):
                address = re.sub("^http://", "https://", address)
            if len(address) <= MAX_ADDRESS and web.owns(address):
                found.append(replace(entry, address=address))
    return found


def _page(entry: Entry) -> ListedPage:
    here = {address for _, address in entry.languages} & {entry.address}
    language = next((code for code, address in entry.languages if address in here), "")
    return ListedPage(
        entry.address,
        identity_of(entry.address),
        moment_of(entry.lastmod),
        settled(entry.lastmod),
        as_locale(language),
    )


def _dated(pages: Pages) -> Pages:
    """The pages, without dates that are the same on all of them: those date the sitemap."""
    dates = {page.modified.date() for page in pages.values() if page.modified}
    if len(dates) > 1 or len(pages) == 1:
        return pages
    return {name: replace(page, modified=None) for name, page in pages.items()}


async def _in_order(
    calls: Iterable[Awaitable[Visited]], at_once: int
) -> AsyncGenerator[Visited, None]:
    """The results in the order of the calls, of which a few are under way at a time."""
    running: deque[asyncio.Future[Visited]] = deque()
    try:
        for call in calls:
            running.append(asyncio.ensure_future(call))
            if len(running) == at_once:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
