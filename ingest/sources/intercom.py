"""The help centre of an Intercom, by its API: every article in each language it is published in."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr

from ingest.errors import ProviderUnavailable
from ingest.sources import Fetch, Found, Gone
from ingest.sources.records import Record, external_id, text_of
from ingest.sources.web import TIMEOUT, Sleep, WebClient

VERSION = "2.14"
PAGE = 100
READINGS = 4  # of the whole list, where it changes under our hands

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class IntercomSource:
    """An Intercom as a source; `address` is https://api.intercom.io, or that of its region."""

    name: str
    address: str
    token: SecretStr
    locale: str = "en"  # of articles where Intercom names none
    timeout: float = TIMEOUT
    sleep: Sleep = asyncio.sleep

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every article: Intercom cannot tell what has changed. Drafts are Gone."""
        del since, known
        return Fetch(self._found())

    async def _found(self) -> AsyncIterator[Found]:
        async with self._client() as web:
            async for article in _listed(web):
                for language, content in self._contents(article):
                    if content.get("state") == "published":
                        yield await _record(article, language, content).article()
                    else:
                        yield Gone(external_id(text_of(article, "id"), language))

    def _client(self) -> WebClient:
        return WebClient(
            self.address,
            headers={
                "Authorization": f"Bearer {self.token.get_secret_value()}",
                "Intercom-Version": VERSION,
                "Accept": "application/json",
            },
            way_out=f"Check INTERCOM_TOKEN and intercom under [sources.{self.name}].",
            timeout=self.timeout,
            sleep=self.sleep,
        )

    def _contents(self, article: Json) -> Iterator[tuple[str, Json]]:
        """An article's languages: what it says itself is in the default one."""
        default = text_of(article, "default_locale") or self.locale
        yield default, article
        translated = article.get("translated_content")
        for language, content in translated.items() if isinstance(translated, dict) else ():
            if isinstance(content, dict) and language != default:
                yield language, content


def _record(article: Json, language: str, content: Json) -> Record:
    return Record(
        number=text_of(article, "id"),
        locale=language,
        title=text_of(content, "title"),
        body=text_of(content, "body"),
        url=text_of(content, "url"),
        updated_at=_moment(content.get("updated_at")),
    )


def _moment(seconds: object) -> str:
    if not isinstance(seconds, int):
        return ""
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


async def _listed(web: WebClient) -> AsyncIterator[Json]:
    """Every article once.

    The list begins with what was edited last and is read by page numbers, so an edit or a deletion
    meanwhile pushes articles across the border of a page. What was missed is found by reading
    again, until the list stands still.
    """
    seen: set[str] = set()
    for reading in range(READINGS):
        listed: set[str] = set()
        totals: set[int | None] = set()
        news = False
        async for page in _pages(web):
            totals.add(page.get("total_count"))
            for article in page["data"]:
                number = text_of(article, "id")
                listed.add(number)
                if number not in seen:
                    seen.add(number)
                    news = True
                    yield article
        if totals == {len(listed)} or (reading and not news):
            return
    raise ProviderUnavailable(f"The articles of {web.host} change faster than they can be read.")


async def _pages(web: WebClient) -> AsyncIterator[Json]:
    url: str = "/articles"
    query: dict[str, str | int] = {"page": 1, "per_page": PAGE}
    asked = 0
    while True:
        page = await web.get_json(url, params=query, holding="data")
        if not all(isinstance(each, dict) and each.get("id") for each in page["data"]):
            raise ProviderUnavailable(f"{web.host} lists something that has no id.")
        yield page
        asked += 1
        pages = page.get("pages")
        if not isinstance(pages, dict):  # all on one page
            pages = {"total_pages": 1} if page.get("total_count") == len(page["data"]) else {}
        following, last = pages.get("next"), pages.get("total_pages")
        if isinstance(following, str) and page["data"]:
            url, query = following, {}
        elif isinstance(following, dict) and following.get("starting_after") and page["data"]:
            url = "/articles"
            query = {"per_page": PAGE, "starting_after": str(following["starting_after"])}
        elif isinstance(last, int) and asked >= last:
            return
        else:
            raise ProviderUnavailable(
                f"{web.host} does not say how its list of articles goes on after page {asked}."
            )
