"""An Intercom on loopback: its list of articles, by page numbers, what was edited last first.

async with IntercomServer() as server:
    server.add(1, "Reset a password", "<p>Tap <b>Reset</b>.</p>")
    server.faults.script(cut(), on="page=3")
    source = IntercomSource("help", server.url, SecretStr(TOKEN))
"""

import json
from collections.abc import Callable
from typing import Self

from aiohttp import web

from tests.fakes.faults import Faults
from tests.fakes.serving import HOST, Json, Listener

TOKEN = "ic-token"
SECOND = 1_772_352_000  # 2026-03-01T08:00:00Z


class IntercomServer:
    """See the module's docstring. `between` is called after each page, to change things."""

    def __init__(self, *, page_size: int = 100, cursors: bool = False) -> None:
        self.page_size = page_size
        self.cursors = cursors  # objects for links, as in some versions of the API
        self.link_base = ""  # where links to further pages lead, if not here
        self.between: Callable[[int], None] = lambda _page: None
        self.faults = Faults()
        self.articles: list[Json] = []
        self._listener = Listener((web.get("/articles", self.faults.around(self._articles)),))

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
        state: str = "published",
        updated_at: int = SECOND,
        default_locale: str | None = None,
        translated: dict[str, Json] | None = None,
    ) -> Json:
        """Add an article; `translated` holds further languages, as from `content`."""
        article: Json = {"type": "article", "id": str(number), "parent_id": None}
        article |= content(title, body, state=state, updated_at=updated_at)
        article["url"] = f"https://help.rimeholt.example/en/articles/{number}"
        if default_locale is not None:
            article["default_locale"] = default_locale
        if translated is not None:
            kind = {"type": "article_translated_content"}
            article["translated_content"] = {**kind, "it": None, **translated}
        self.articles.append(article)
        return article

    async def _articles(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            errors = [{"code": "unauthorized", "message": "Access Token Invalid"}]
            return _json({"type": "error.list", "errors": errors}, status=401)
        number = int(request.query.get("starting_after") or request.query.get("page", "1"))
        size = min(self.page_size, int(request.query.get("per_page", "15")))
        listed = sorted(self.articles, key=lambda each: -each["updated_at"])
        last = max(1, -(-len(listed) // size))
        following: str | Json | None = None
        if number < last and self.cursors:
            following = {"per_page": size, "starting_after": str(number + 1)}
        elif number < last:
            base = self.link_base or self.url
            following = f"{base}/articles?per_page={size}&page={number + 1}"
        page = {
            "type": "list",
            "data": listed[(number - 1) * size : number * size],
            "total_count": len(listed),
            "pages": {"type": "pages", "page": number, "total_pages": last, "next": following},
        }
        answer = _json(page)
        self.between(number)
        return answer


def content(
    title: str,
    body: str = "<p>Text.</p>",
    *,
    state: str = "published",
    updated_at: int = SECOND,
    url: str | None = None,
) -> Json:
    """An article in one language."""
    return {
        "title": title,
        "body": body,
        "state": state,
        "updated_at": updated_at,
        "url": url,
    }


def _json(data: Json, status: int = 200) -> web.Response:
    body = json.dumps(data).encode()
    return web.Response(body=body, status=status, content_type="application/json")
