"""Indexing: articles are cut, embedded and written; each article in one transaction.

    articles → groups, cut and embedded → written

The model works on the next group while the last one is written: one article at a time, since the
model is what takes the time, and readers want Postgres too. A reader sees the old version of an
article or the new one; what was written before a failure stays.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import psycopg

from ingest.articles import Article, BadArticle
from ingest.cutter import cutter
from ingest.database import Database, Session, first_line
from ingest.embeddings import Embedder
from ingest.indexed import IndexedArticle
from ingest.leases import Lease
from ingest.progress import Progress
from ingest.rows import write_article
from ingest.spaces import Space
from ingest.vectors import make_vectors

GROUP = 32  # articles embedded together


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

        Raises what the embedder raises, LeaseLost, SpaceSwitched, CutterLost, DatabaseUnavailable.
        """
        writing: asyncio.Task[None] | None = None

        async def write(group: Sequence[IndexedArticle]) -> None:
            async with self.database.session() as session:
                for indexed in group:
                    await self._write(session, indexed, done)
                    progress("indexed", done.articles, len(articles))

        try:
            async with cutter(len(articles)) as cut:
                for start in range(0, len(articles), GROUP):
                    group = await self._prepare(await cut(articles[start : start + GROUP]), done)
                    if writing:
                        await writing
                    writing = asyncio.create_task(write(group))
        except asyncio.CancelledError:
            if writing:
                writing.cancel()
            raise
        finally:
            if writing:  # what is embedded is written, whatever stopped the rest
                with contextlib.suppress(asyncio.CancelledError):
                    await writing

    async def _prepare(self, cut: Sequence[IndexedArticle], done: Indexed) -> list[IndexedArticle]:
        """Embed a group that was cut; articles with nothing to read in them are refused."""
        group = [indexed for indexed in cut if indexed.passages]
        for indexed in cut:
            done.seconds[indexed.article.path] = indexed.seconds
            if not indexed.passages:
                done.refused.append(
                    BadArticle(indexed.article.path, "It has nothing to read in it.")
                )
                done.articles += 1
        texts = {key: text for indexed in group for key, text in indexed.texts().items()}
        done.embedded += await make_vectors(self.database, self.embedder, self.space, texts)
        return group

    async def _write(self, session: Session, indexed: IndexedArticle, done: Indexed) -> None:
        """Write one article; it is refused if a value of it does not fit the tables."""
        path = indexed.article.path
        started = time.monotonic()
        try:
            await write_article(session, self.lease, self.space, self.source_id, indexed)
            done.passages += len(indexed.passages)
        except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
            done.refused.append(BadArticle(path, f"It cannot be stored: {first_line(error)}."))
        done.articles += 1
        done.seconds[path] += time.monotonic() - started
