"""Checks that help writers: what is served of a source is read once more, when a run changed it.

Links to articles that no longer exist, near-duplicate articles and long articles without a heading
are listed; text that addresses a model (`instructions_in`) holds an article back.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterable

from ingest.articles import Article
from ingest.checks.duplicates import near_duplicates
from ingest.checks.findings import Finding
from ingest.checks.headings import without_headings
from ingest.checks.instructions import instructions_in
from ingest.checks.links import Addresses, Removed, broken_links
from ingest.database import Session

__all__ = ["Finding", "find", "instructions_in"]

PAGE = 500  # articles fetched at a time


async def find(session: Session, source_id: int, unread: Collection[str] = ()) -> list[Finding]:
    """What writers of a source should look at; nothing here holds an article.

    `unread` are paths of files that exist and are not served: unreadable, or held.
    """
    articles = [article async for article in _served(session, source_id)]
    removed = [Removed(**row) for row in await session.rows("removed_addresses")]
    served = [row["url"] for row in await session.rows("served_addresses")] if removed else []
    paths = [*unread, *(article.path for article in articles)]
    # Seconds for a large help centre: other work goes on meanwhile.
    return await asyncio.to_thread(_findings, articles, Addresses.of(served, removed, paths))


def _findings(articles: Iterable[Article], addresses: Addresses) -> list[Finding]:
    return [
        *broken_links(articles, addresses),
        *near_duplicates(articles),
        *without_headings(articles),
    ]


async def _served(session: Session, source_id: int) -> AsyncIterator[Article]:
    after = 0
    while True:
        rows = await session.rows("source_articles", source=source_id, after=after, limit=PAGE)
        for row in rows:
            after = row.pop("id")
            yield Article(**row)
        if len(rows) < PAGE:
            return
