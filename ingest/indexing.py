"""Indexing: articles are cut, embedded and written; each article in one transaction.

    articles → groups, cut and embedded one after the other → a queue → WRITERS at a time

The model works on the next group while the last one is written. A reader sees the old version of
an article or the new one; what was written before a failure stays.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from ingest.articles import Article, BadArticle
from ingest.database import Database, first_line
from ingest.embeddings import Embedder
from ingest.errors import FootnoteError
from ingest.leases import Lease
from ingest.progress import Progress
from ingest.rows import IndexedArticle, write_article
from ingest.spaces import Space
from ingest.vectors import vectors_of

GROUP = 32  # articles embedded together
WRITERS = 2  # articles written at a time


@dataclass(slots=True)
class Indexed:
    """What came of it so far. `seconds` are an article's own, by path."""

    articles: int = 0
    passages: int = 0
    embedded: int = 0
    refused: list[BadArticle] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Indexing:
    """The parts it takes, for one source."""

    database: Database
    embedder: Embedder
    space: Space
    source_id: int
    lease: Lease

    async def index(self, articles: Sequence[Article], done: Indexed, progress: Progress) -> None:
        """Serve the articles; `done` is kept current, also when this fails half-way.

        Raises what the embedder raises, LeaseLost, SpaceSwitched or DatabaseUnavailable.
        """
        queue: asyncio.Queue[IndexedArticle] = asyncio.Queue(GROUP)

        async def write() -> None:
            task = asyncio.current_task()
            # Before Python 3.12 a cancellation that comes along with Postgres's reply is lost.
            while task is not None and not task.cancelling():
                indexed = await queue.get()
                await self._write(indexed, done)
                progress("indexed", done.articles, len(articles))
                queue.task_done()

        try:
            async with asyncio.TaskGroup() as tasks:
                writers = [tasks.create_task(write()) for _ in range(WRITERS)]
                try:
                    for start in range(0, len(articles), GROUP):
                        await self._prepare(articles[start : start + GROUP], queue, done)
                except FootnoteError:
                    await queue.join()  # what is embedded is written
                    raise
                await queue.join()
                for writer in writers:
                    writer.cancel()
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None

    async def _prepare(
        self,
        articles: Sequence[Article],
        queue: "asyncio.Queue[IndexedArticle]",
        done: Indexed,
    ) -> None:
        """Cut and embed a group, and queue what there is something to read in."""
        cut = await asyncio.to_thread(_cut, articles, done)
        group = [indexed for indexed in cut if indexed.passages]
        for indexed in cut:
            if not indexed.passages:
                done.refused.append(
                    BadArticle(indexed.article.path, "It has nothing to read in it.")
                )
                done.articles += 1
        _, new = await vectors_of(self.database, self.embedder, self.space, group)
        done.embedded += new
        for indexed in group:
            await queue.put(indexed)

    async def _write(self, indexed: IndexedArticle, done: Indexed) -> None:
        """Write one article; it is refused if a value of it does not fit the tables."""
        path = indexed.article.path
        started = time.monotonic()
        async with self.database.session() as session:
            try:
                await write_article(session, self.lease, self.space, self.source_id, indexed)
                done.passages += len(indexed.passages)
            except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
                done.refused.append(BadArticle(path, f"It cannot be stored: {first_line(error)}."))
        done.articles += 1
        done.seconds[path] += time.monotonic() - started


def _cut(articles: Sequence[Article], done: Indexed) -> list[IndexedArticle]:
    cut = []
    for article in articles:
        started = time.monotonic()
        cut.append(IndexedArticle.of(article))
        done.seconds[article.path] = time.monotonic() - started
    return cut
