"""Records: articles as the API of a help centre gives them, a record for each language."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingest.articles import Article, BadArticle, assembled, decoded
from ingest.errors import ArticleError


@dataclass(frozen=True, slots=True)
class Record:
    """One article in one language; `number` is what the API knows it by, whatever its title."""

    number: str
    locale: str
    title: str
    body: str  # HTML
    url: str
    updated_at: str
    audience: str = "public"
    product: str = ""

    @property
    def external_id(self) -> str:
        """What stays the same when the article is retitled, moved or published again."""
        return external_id(self.number, self.locale)

    async def article(self) -> Article | BadArticle:
        """The article, its HTML as Markdown; a BadArticle if nothing useful can be made of it."""
        # Long HTML takes a while, and answers are given meanwhile.
        return await asyncio.to_thread(self._article)

    def _article(self) -> Article | BadArticle:
        from ingest.markup.webpages import html_to_markdown  # noqa: PLC0415 - costs 0.1 s

        facts = {
            "id": self.external_id,
            "title": self.title,
            "url": self.url,
            "updated_at": self.updated_at,
            "locale": self.locale,
            "product": self.product,
            "audience": self.audience,
        }
        # The path does not tell where the article stands, so that one which is moved and cannot be
        # read in the same night is still known to be there.
        path = self.external_id
        try:
            text = html_to_markdown(decoded(self.body.encode("utf-8", "replace")))
            return assembled(facts, text, path)
        except ArticleError as error:
            return BadArticle(path, f"{error} (“{self.title[:80]}”)")


def external_id(number: str, locale: str) -> str:
    """The id of an article in one language."""
    return f"{number}-{locale}"


def text_of(data: Mapping[str, Any], name: str) -> str:
    """A field of JSON as text, "" where it is null or missing."""
    value = data.get(name)
    return "" if value is None else str(value)
