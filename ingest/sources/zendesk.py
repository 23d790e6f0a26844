"""The help centre of a Zendesk, by its API: every article in every language it is published in."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import SecretStr

from ingest.errors import ProviderUnavailable, SourceError
from ingest.sources import Fetch, Found, Gone
from ingest.sources.records import Record, external_id, text_of
from ingest.sources.web import TIMEOUT, Sleep, WebClient

PAGE = 100  # the most that Zendesk gives
CHANGES = 1000  # on a page of changes, where Zendesk chooses
OVERLAP = timedelta(minutes=5)  # clocks differ, and Zendesk tells of the last minute late

Json = dict[str, Any]

_API = "/api/v2/help_center"


@dataclass(frozen=True, slots=True)
class ZendeskSource:
    """A Zendesk as a source; `address` is https://NAME.zendesk.com, that of the brand."""

    name: str
    address: str
    email: str
    token: SecretStr
    timeout: float = TIMEOUT
    sleep: Sleep = asyncio.sleep

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every article, or what has changed since; drafts are Gone, as are dropped languages.

        Zendesk does not tell of archived articles: only a complete fetch shows that they are gone.
        """
        if since is None:
            return Fetch(self._found(None, {}))
        return Fetch(self._found(since - OVERLAP, known or {}), complete=False)

    async def _found(
        self, since: datetime | None, known: Mapping[str, datetime]
    ) -> AsyncIterator[Found]:
        async with self._client() as web:
            products = await _products(web)
            async for article in _articles(web) if since is None else _changes(web, since):
                translations = article.get("translations")
                if not isinstance(translations, list):
                    path = f"{_API}/articles/{text_of(article, 'id')}/translations"
                    translations = [each async for each in _listed(web, path, "translations")]
                product = products.get(text_of(article, "section_id"), "")
                shown = list(_records(article, _objects(web, translations), product))
                for record in shown:
                    yield await record.article()
                for gone in _gone(
                    article, translations, {each.external_id for each in shown}, known
                ):
                    yield gone

    def _client(self) -> WebClient:
        return WebClient(
            self.address,
            auth=(f"{self.email}/token", self.token.get_secret_value()),
            way_out="Check ZENDESK_EMAIL, ZENDESK_API_TOKEN (its owner has to be an agent) and"
            f" zendesk under [sources.{self.name}].",
            timeout=self.timeout,
            sleep=self.sleep,
        )


def _records(article: Json, translations: list[Json], product: str) -> Iterator[Record]:
    """The languages the article is published in."""
    for translation in translations:
        if translation.get("draft") is not False or translation.get("hidden"):
            continue
        yield Record(
            number=text_of(article, "id"),
            locale=text_of(translation, "locale"),
            title=text_of(translation, "title"),
            body=text_of(translation, "body"),
            url=text_of(translation, "html_url") or text_of(article, "html_url"),
            updated_at=text_of(translation, "updated_at") or text_of(article, "updated_at"),
            audience=_audience(article),
            product=product,
        )


def _audience(article: Json) -> str:
    """Public where Zendesk says that everybody may read it; to guess would show internal pages."""
    everybody = "user_segment_id" in article and article["user_segment_id"] is None
    return "public" if everybody and not article.get("user_segment_ids") else "internal"


def _gone(
    article: Json, translations: list[Json], shown: set[str], known: Mapping[str, datetime]
) -> list[Gone]:
    """The languages it has, or had when they were last fetched, in which it is not shown."""
    number = text_of(article, "id")
    named = {external_id(number, text_of(each, "locale")) for each in translations}
    named |= {each for each in known if each.startswith(external_id(number, ""))}
    return [Gone(each) for each in sorted(named - shown)]


async def _products(web: WebClient) -> dict[str, str]:
    """The name of its category by the id of a section."""
    names = {
        text_of(each, "id"): text_of(each, "name")
        async for each in _listed(web, f"{_API}/categories", "categories")
    }
    return {
        text_of(each, "id"): names.get(text_of(each, "category_id"), "")
        async for each in _listed(web, f"{_API}/sections", "sections")
    }


def _articles(web: WebClient) -> AsyncIterator[Json]:
    # By an order that edits do not change: an article that moves to a page already read is lost.
    order = {"sort_by": "created_at", "sort_order": "asc"}
    return _listed(web, f"{_API}/articles", "articles", {"include": "translations", **order})


async def _listed(
    web: WebClient, path: str, name: str, params: Mapping[str, str | int] | None = None
) -> AsyncIterator[Json]:
    """What a listing holds, from its first page to its last."""
    url, query = path, {"page[size]": PAGE, **(params or {})}
    asked: set[str] = set()
    while True:
        page = await web.get_json(url, params=query, holding=name)
        for each in _objects(web, page[name]):
            yield each
        following = _following(web, page)
        if following is None:
            return
        if following in asked:
            raise ProviderUnavailable(f"{web.host} lists its {name} in a circle.")
        asked.add(following)
        url, query = following, {}  # the link holds them


def _following(web: WebClient, page: Json) -> str | None:
    """The address of the next page, None after the last one. Some lists have no cursors."""
    meta, links = page.get("meta"), page.get("links")
    if isinstance(meta, dict):
        more, link = meta.get("has_more"), links.get("next") if isinstance(links, dict) else None
    else:
        link = page.get("next_page")
        more = link is not None if "next_page" in page else None
    if more is False:
        return None
    if more is True and isinstance(link, str):
        return link
    raise ProviderUnavailable(f"{web.host} does not say whether a list goes on after its page.")


async def _changes(web: WebClient, since: datetime) -> AsyncIterator[Json]:
    """Articles changed since; each page begins at the time of the last change on the one before."""
    url: str = f"{_API}/incremental/articles"
    query: dict[str, str | int] = {
        "start_time": max(int(since.timestamp()), 0),
        "include": "translations",
    }
    asked: set[str] = set()
    seen: set[tuple[str, str]] = set()
    while True:
        page = await web.get_json(url, params=query, holding="articles")
        for each in _objects(web, page["articles"]):
            version = (text_of(each, "id"), text_of(each, "updated_at"))
            if version not in seen:
                seen.add(version)
                yield each
        following = page.get("next_page")
        if not isinstance(following, str):
            return
        if following in asked:
            if len(page["articles"]) < CHANGES:
                return
            raise SourceError(
                f"{web.host} cannot list its changes: {CHANGES} articles changed in one second.\n"
                "Fetch the whole help centre once."
            )
        asked.add(following)
        url, query = following, {}


def _objects(web: WebClient, items: list[Any]) -> list[Json]:
    if not all(isinstance(item, dict) and item.get("id") for item in items):
        raise ProviderUnavailable(f"{web.host} lists something that has no id.")
    return items
