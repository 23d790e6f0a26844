"""A web site on loopback: pages, a sitemap that lists them, robots.txt.

    async with Website() as site:
        site.add("/articles/1-Reset", "<h1>Reset</h1><p>Hold the ring.", lastmod="2026-03-01")
        site.faults.script(cut(), on="/articles/1")
        source = SitemapSource("help", site.sitemap)

What is put into `files` is served as it is, in place of what would be made.
"""

from typing import Self
from xml.sax.saxutils import escape

from aiohttp import web

from tests.fakes.faults import Faults
from tests.fakes.serving import HOST, Listener

HTML = "text/html; charset=utf-8"
XML = "application/xml"
NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)


class Website:
    """See the module's docstring. `listed` are the addresses in the sitemap, with their dates."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.files: dict[str, tuple[bytes, str]] = {}  # by path with query
        self.listed: dict[str, str] = {}
        self._listener = Listener((web.get("/{path:.*}", self.faults.around(self._file)),))

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.port}"

    @property
    def sitemap(self) -> str:
        return f"{self.url}/sitemap.xml"

    @property
    def pages_asked(self) -> list[str]:
        """The pages that were downloaded, in order."""
        return [
            asked.path
            for asked in self.faults.asked
            if not asked.path.startswith(("/sitemap", "/robots"))
        ]

    async def __aenter__(self) -> Self:
        await self._listener.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._listener.stop()

    def add(
        self, path: str, html: str | bytes, *, lastmod: str = "", kind: str = HTML, lang: str = ""
    ) -> None:
        """Put up a page and list it."""
        if isinstance(html, str):
            html = f"<!DOCTYPE html><html lang='{lang}'><body>{html}</body></html>".encode()
        self.files[path] = html, kind
        self.listed[path] = lastmod

    def put(self, path: str, content: str | bytes, kind: str = XML) -> None:
        """Put up a file that is not listed."""
        self.files[path] = content.encode() if isinstance(content, str) else content, kind

    def urlset(self, listed: dict[str, str]) -> str:
        """A sitemap; addresses that begin with / are this site's."""
        return f"<urlset {NAMESPACES}>{self._entries('url', listed)}</urlset>"

    def index(self, *sitemaps: str) -> str:
        """A sitemap of sitemaps."""
        entries = self._entries("sitemap", dict.fromkeys(sitemaps, ""))
        return f"<sitemapindex {NAMESPACES}>{entries}</sitemapindex>"

    def _entries(self, name: str, listed: dict[str, str]) -> str:
        return "".join(
            f"<{name}><loc>{escape(self.url + path if path.startswith('/') else path)}</loc>"
            + (f"<lastmod>{lastmod}</lastmod>" if lastmod else "")
            + f"</{name}>\n"
            for path, lastmod in listed.items()
        )

    async def _file(self, request: web.Request) -> web.Response:
        if request.path_qs in self.files:
            content, kind = self.files[request.path_qs]
            return web.Response(body=content, headers={"Content-Type": kind})
        if request.path == "/sitemap.xml":
            return web.Response(text=self.urlset(self.listed), content_type=XML)
        return web.Response(status=404, text="<h1>Not found</h1>", content_type="text/html")
