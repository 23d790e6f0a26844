"""A Zendesk Help Center on loopback: categories, sections, articles, changes, translations.

    async with ZendeskServer() as server:
        server.add(1, "Reset a password", "<p>Tap <b>Reset</b>.</p>")
        server.faults.script(cut(), on="after-2")
        source = ZendeskSource("help", server.url, EMAIL, SecretStr(TOKEN))

The cursor of the page after the first two articles reads `after-2`.
"""

import json
from base64 import b64encode
from datetime import datetime
from typing import Self

from aiohttp import web

from tests.fakes.faults import Faults
from tests.fakes.serving import HOST, Json, Listener

EMAIL = "lead@rimeholt.example"
TOKEN = "zd-token"
API = "/api/v2/help_center"
DAY = "2026-03-01T08:00:00Z"


class ZendeskServer:
    """See the module's docstring. `articles` are as the API gives them, and may be changed."""

    def __init__(
        self, *, page_size: int = 100, sideloads: bool = True, cursors: bool = True
    ) -> None:
        self.page_size = page_size
        self.sideloads = sideloads
        self.cursors = cursors
        self.link_base = ""  # where links to further pages lead, if not here
        self.faults = Faults()
        self.categories: list[Json] = [{"id": 10, "name": "Devices"}, {"id": 11, "name": "Billing"}]
        self.sections: list[Json] = [
            {"id": 100, "name": "Bridges", "category_id": 10},
            {"id": 110, "name": "Invoices", "category_id": 11},
        ]
        self.articles: list[Json] = []
        around = self.faults.around
        self._listener = Listener(
            (
                web.get(f"{API}/categories", around(self._categories)),
                web.get(f"{API}/sections", around(self._sections)),
                web.get(f"{API}/articles", around(self._articles)),
                web.get(f"{API}/incremental/articles", around(self._changes)),
                web.get(f"{API}/articles/{{id}}/translations", around(self._translations)),
            )
        )

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.port}"

    async def __aenter__(self) -> Self:
        await self._listener.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._listener.stop()

    def add(
        self,
        number: int,
        title: str,
        body: str = "<p>Text.</p>",
        *,
        locale: str = "en-us",
        draft: bool = False,
        section: int = 100,
        user_segment: int | None = None,
        updated_at: str = DAY,
    ) -> Json:
        """Add an article; `translate` adds further languages."""
        article: Json = {
            "id": number,
            "title": title,
            "body": body,
            "locale": locale,
            "source_locale": locale,
            "draft": draft,
            "section_id": section,
            "user_segment_id": user_segment,
            "user_segment_ids": [],
            "created_at": "2025-01-01T00:00:00Z",
            "updated_at": updated_at,
            "html_url": f"https://help.rimeholt.example/hc/{locale}/articles/{number}",
            "translations": [],
        }
        self.articles.append(article)
        self.translate(number, locale, title, body, draft=draft, updated_at=updated_at)
        return article

    def translate(
        self,
        number: int,
        locale: str,
        title: str,
        body: str = "<p>Text.</p>",
        *,
        draft: bool = False,
        updated_at: str = DAY,
    ) -> None:
        """Add a language to an article."""
        translations = self[number]["translations"]
        translations.append(
            {
                "id": number * 100 + len(translations),
                "source_id": number,
                "source_type": "Article",
                "locale": locale,
                "title": title,
                "body": body,
                "draft": draft,
                "hidden": False,
                "outdated": False,
                "updated_at": updated_at,
                "html_url": f"https://help.rimeholt.example/hc/{locale}/articles/{number}",
            }
        )

    def __getitem__(self, number: int) -> Json:
        return next(article for article in self.articles if article["id"] == number)

    async def _categories(self, request: web.Request) -> web.Response:
        return self._listing(request, "categories", self.categories)

    async def _sections(self, request: web.Request) -> web.Response:
        return self._listing(request, "sections", self.sections)

    async def _articles(self, request: web.Request) -> web.Response:
        return self._listing(request, "articles", self._shown(request, self.articles))

    async def _translations(self, request: web.Request) -> web.Response:
        translations = self[int(request.match_info["id"])]["translations"]
        return self._listing(request, "translations", translations)

    async def _changes(self, request: web.Request) -> web.Response:
        """As the API: a page goes from a second to that of its last change, never null at first."""
        if refusal := _refusal(request):
            return refusal
        start = int(request.query["start_time"])
        changed = [each for each in self.articles if _second(each) >= start]
        changed = sorted(changed, key=_second)
        page = changed[: self.page_size]
        end = _second(page[-1]) if page else start
        following = f"{self.link_base or self.url}{API}/incremental/articles?start_time={end}"
        if request.query.get("include"):
            following += f"&include={request.query['include']}"
        return _json(
            {
                "articles": self._shown(request, page),
                "count": len(changed),
                "end_time": end,
                "next_page": following if page else None,
            }
        )

    def _shown(self, request: web.Request, articles: list[Json]) -> list[Json]:
        if self.sideloads and request.query.get("include") == "translations":
            return articles
        return [{k: v for k, v in each.items() if k != "translations"} for each in articles]

    def _listing(self, request: web.Request, name: str, items: list[Json]) -> web.Response:
        if refusal := _refusal(request):
            return refusal
        cursors = self.cursors and "page[size]" in request.query
        start = int(request.query.get("page[after]", "after-0").removeprefix("after-"))
        end = start + min(self.page_size, int(request.query.get("page[size]", 30)))
        link = None
        if end < len(items):
            query = {**request.query, "page[after]": f"after-{end}"}
            link = str(request.url.with_query(query))
            link = link.replace(self.url, self.link_base or self.url)
        page: Json = {name: items[start:end]}
        if cursors:
            page |= {"meta": {"has_more": link is not None}, "links": {"next": link}}
        else:
            page |= {"count": len(items), "next_page": link}
        return _json(page)


def _refusal(request: web.Request) -> web.Response | None:
    wanted = b64encode(f"{EMAIL}/token:{TOKEN}".encode()).decode()
    if request.headers.get("Authorization") == f"Basic {wanted}":
        return None
    return _json({"error": "Couldn't authenticate you"}, status=401)


def _json(data: Json, status: int = 200) -> web.Response:
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, content_type="application/json")


def _second(article: Json) -> int:
    return int(datetime.fromisoformat(article["updated_at"]).timestamp())
