"""A run: fetch → plan → apply.

Articles are taken in groups: their texts are embedded together, then each article's version, its
passages and their vectors are written in one transaction. A reader sees the old version or the
new one. What a killed run has written stays; the next run plans from there.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from typing import Protocol

import numpy as np
from pgvector import HalfVector
from psycopg.types.json import Jsonb

from ingest.articles import Article, BadArticle
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.errors import FootnoteError, SourceBusy, SourceError
from ingest.plan import KnownArticle, Plan, make_plan
from ingest.rows import IndexedArticle, Vector, write_article
from ingest.runs import ArticleCounts, RunResult
from ingest.spaces import Space, space_for

GROUP = 32  # articles embedded together


class Source(Protocol):
    """A place articles come from."""

    @property
    def name(self) -> str:
        """The name its articles are kept under."""
        ...

    def fetch(self) -> AsyncIterator[Article | BadArticle]:
        """All articles. Raises SourceError when the place itself cannot be read."""
        ...


class Progress(Protocol):
    """Is told how far a run is."""

    def __call__(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` articles are through `stage`; total 0 means not yet known."""
        ...


async def run_ingest(
    database: Database, embedder: Embedder, source: Source, source_id: int, progress: Progress
) -> RunResult:
    """Bring what is served of a source up to date, and record the run.

    Raises SourceError when the source cannot be read or is empty, SourceBusy when another run is
    at work on it, and what the embedder raises; articles finished until then stay.
    """
    started = time.monotonic()
    async with _only_run(database, source_id, source.name):
        row = await database.row("start_run", source=source_id)
        assert row is not None
        run = int(row["id"])
        try:
            plan = await fetch_plan(database, source, source_id, progress)
            passages, embedded = await _apply(database, embedder, source_id, plan, progress)
        except FootnoteError as error:
            await _finish(database, run, "failed", reason=str(error))
            raise
        result = RunResult(
            run,
            source.name,
            ArticleCounts.of(plan),
            passages,
            embedded,
            time.monotonic() - started,
            plan.failed,
        )
        await _finish(database, run, "done", result=result)
    return result


async def fetch_plan(
    database: Database, source: Source, source_id: int, progress: Progress
) -> Plan:
    """Fetch everything and say what has to be done."""
    fetched: list[Article | BadArticle] = []
    async for article in source.fetch():
        fetched.append(article)
        progress("read", len(fetched), 0)
    if not fetched:
        raise SourceError(f"{source.name} has no articles; nothing was changed.")
    rows = await database.rows("known_articles", source=source_id)
    return make_plan(fetched, [KnownArticle(**row) for row in rows])


async def _apply(
    database: Database, embedder: Embedder, source_id: int, plan: Plan, progress: Progress
) -> tuple[int, int]:
    """Carry a plan out; return how many passages were written and texts embedded."""
    space = await space_for(database, await embedder.space_name())
    if plan.writes:
        await database.run("corpus_changed")
    if plan.move:
        await database.run(
            "move_articles",
            ids=[move.article_id for move in plan.move],
            paths=[move.path for move in plan.move],
        )
    if plan.remove:
        await database.run("remove_articles", ids=[article.id for article in plan.remove])
    articles = plan.to_index
    passages = embedded = 0
    for start in range(0, len(articles), GROUP):
        group = [IndexedArticle.of(article) for article in articles[start : start + GROUP]]
        vectors, new = await _vectors(database, embedder, space, group)
        embedded += new
        for offset, indexed in enumerate(group, start=1):
            async with database.transaction() as session:
                await write_article(session, space, source_id, indexed, vectors)
            passages += len(indexed.passages)
            progress("indexed", start + offset, len(articles))
    await refresh(database)
    return passages, embedded


async def refresh(database: Database) -> None:
    """Recount the lexicon if anything changed since it was last counted."""
    corpus = await database.row("corpus")
    if corpus is not None and corpus["stale"]:
        async with database.transaction() as session:
            await session.run("refresh_lexicon")
        await database.run("analyze_passages")


async def _vectors(
    database: Database, embedder: Embedder, space: Space, group: Sequence[IndexedArticle]
) -> tuple[dict[bytes, Vector], int]:
    """Vectors of all texts of a group by hash, and how many of them were not in the cache."""
    texts: dict[bytes, str] = {}
    for indexed in group:
        texts |= indexed.texts()
    rows = await database.rows("cached_vectors", space=space.id, hashes=list(texts))
    vectors: dict[bytes, Vector] = {
        row["text_hash"]: row["vector"].to_numpy().astype(np.float32) for row in rows
    }
    missing = [text_hash for text_hash in texts if text_hash not in vectors]
    if missing:
        made = await embedder.embed([texts[text_hash] for text_hash in missing])
        await database.run(
            "cache_vectors",
            space=space.id,
            hashes=missing,
            vectors=[HalfVector(vector) for vector in made],
        )
        vectors |= dict(zip(missing, made, strict=True))
    return vectors, len(missing)


async def _finish(
    database: Database,
    run: int,
    state: str,
    *,
    result: RunResult | None = None,
    reason: str | None = None,
) -> None:
    report = result.as_json() if result else None
    await database.run(
        "finish_run",
        run=run,
        state=state,
        counts=Jsonb(report),
        failures=Jsonb(report["failures"] if report else None),
        reason=reason,
    )


@contextlib.asynccontextmanager
async def _only_run(database: Database, source_id: int, name: str) -> AsyncIterator[None]:
    """Be the only run on a source; Postgres lets go of the lock if this process dies."""
    async with database.session() as session:
        row = await session.row("lock_source", source=source_id)
        if row is None or not row["free"]:
            raise SourceBusy(f"Another run is at work on {name}; wait for it to end.")
        try:
            yield
        finally:
            await session.row("unlock_source", source=source_id)


async def forget_source(database: Database, *names: str) -> int:
    """Stop serving a source known under one of some names; return how many articles it had."""
    for name in names:
        row = await database.row("source_by_name", name=name)
        if row is not None:
            articles = await database.rows("known_articles", source=row["id"])
            await database.run("corpus_changed")
            await database.run("remove_articles", ids=[article["id"] for article in articles])
            await refresh(database)
            return len(articles)
    raise SourceError(f"No source named {names[0]} has been ingested.")
