"""A run: fetch → plan → apply.

Articles are taken in groups: their texts are embedded together, then each article's version, its
passages and their vectors are written in one transaction. A reader sees the old version or the
new one. What a killed run has written stays; the next run plans from there.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import psycopg
from pgvector import HalfVector
from psycopg.types.json import Jsonb

from ingest.articles import Article, BadArticle
from ingest.database import Database, Session, first_line
from ingest.embeddings import Embedder
from ingest.errors import FootnoteError, SourceBusy, SourceError
from ingest.plan import KnownArticle, Plan, make_plan
from ingest.rows import IndexedArticle, write_article
from ingest.runs import ArticleCounts, RunResult
from ingest.spaces import Space, space_for
from ingest.vector_index import ensure_vector_index

GROUP = 32  # articles embedded together
# Locks, each as the queries that take it and give it back.
_SOURCE = ("lock_source", "unlock_source")
_EMBEDDINGS = ("lock_embeddings", "unlock_embeddings")
_EMBEDDINGS_SHARED = ("lock_embeddings_shared", "unlock_embeddings_shared")


@dataclass(frozen=True, slots=True)
class Done:
    """What carrying a plan out came to."""

    passages: int
    embedded: int
    refused: tuple[BadArticle, ...]


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

    def __call__(self, stage: str, done: int, total: int, /) -> None:
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
    async with only_run(database, source_id, source.name):
        await database.run("close_lost_runs", source=source_id)
        row = await database.row("start_run", source=source_id)
        assert row is not None
        run = int(row["id"])
        try:
            plan = await fetch_plan(database, source, source_id, progress)
            done = await _apply(database, embedder, source_id, plan, progress)
        except FootnoteError as error:
            await _finish(database, run, "failed", reason=str(error))
            raise
        except asyncio.CancelledError:
            await _finish(database, run, "failed", reason="It was stopped.")
            raise
        plan = plan.without(done.refused)
        result = RunResult(
            run,
            source.name,
            ArticleCounts.of(plan),
            done.passages,
            done.embedded,
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
) -> Done:
    """Carry a plan out."""
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
    refused: list[BadArticle] = []
    for start in range(0, len(articles), GROUP):
        group = await asyncio.to_thread(_indexed, articles[start : start + GROUP])
        vectors, new = await vectors_of(database, embedder, space, group)
        embedded += new
        for offset, indexed in enumerate(group, start=1):
            bad = await _write(database, space, source_id, indexed, vectors)
            if bad is None:
                passages += len(indexed.passages)
            else:
                refused.append(bad)
            progress("indexed", start + offset, len(articles))
    await refresh(database, changed=plan.writes)
    if plan.writes:
        await ensure_vector_index(database, space)
    return Done(passages, embedded, tuple(refused))


def _indexed(articles: Sequence[Article]) -> list[IndexedArticle]:
    return [IndexedArticle.of(article) for article in articles]


async def _write(
    database: Database,
    space: Space,
    source_id: int,
    indexed: IndexedArticle,
    vectors: dict[bytes, HalfVector],
) -> BadArticle | None:
    """Write one article; return it as a bad one if a value of it does not fit the tables."""
    async with database.session() as session:
        try:
            async with session.transaction():
                await write_article(session, space, source_id, indexed, vectors)
        except (psycopg.DataError, psycopg.errors.ProgramLimitExceeded) as error:
            return BadArticle(indexed.article.path, f"It cannot be stored: {first_line(error)}.")
    return None


async def refresh(database: Database, *, changed: bool) -> None:
    """Recount the lexicon if this run changed anything, or a killed one did.

    Runs on two sources may end together, so the mark alone does not tell: each counts for itself,
    one after the other.
    """
    corpus = await database.row("corpus")
    if not changed and corpus is not None and not corpus["stale"]:
        return
    async with database.transaction() as session:
        await session.row("lock_corpus")
        await session.run("refresh_lexicon")
    await database.run("analyze_passages")


async def vectors_of(
    database: Database, embedder: Embedder, space: Space, group: Sequence[IndexedArticle]
) -> tuple[dict[bytes, HalfVector], int]:
    """Vectors of all texts of a group by hash, and how many of them were not in the cache."""
    texts: dict[bytes, str] = {}
    for indexed in group:
        texts |= indexed.texts()
    async with database.session() as session:
        rows = await session.rows_in_binary("cached_vectors", space=space.id, hashes=list(texts))
    vectors: dict[bytes, HalfVector] = {row["text_hash"]: row["vector"] for row in rows}
    missing = [text_hash for text_hash in texts if text_hash not in vectors]
    if missing:
        embedded = await embedder.embed([texts[text_hash] for text_hash in missing])
        made = [HalfVector(vector) for vector in embedded]
        await database.run("cache_vectors", space=space.id, hashes=missing, vectors=made)
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
async def only_run(database: Database, source_id: int, name: str) -> AsyncIterator[None]:
    """Be the only run on a source; Postgres lets go of the locks if this process dies.

    Raises SourceBusy when another run, or a switch of the embedding model, is at work.
    """
    async with (
        database.session() as session,
        _held(session, _EMBEDDINGS_SHARED, "The embedding model is being switched"),
        _held(session, _SOURCE, f"Another run is at work on {name}", source=source_id),
    ):
        yield


@contextlib.asynccontextmanager
async def no_runs(database: Database) -> AsyncIterator[None]:
    """Keep every run out. Raises SourceBusy when one is at work."""
    async with (
        database.session() as session,
        _held(session, _EMBEDDINGS, "A run is at work, or another switch"),
    ):
        yield


@contextlib.asynccontextmanager
async def _held(
    session: Session, queries: tuple[str, str], busy: str, **values: object
) -> AsyncIterator[None]:
    """Hold a lock. Raises SourceBusy when somebody else does."""
    lock, unlock = queries
    row = await session.row(lock, **values)
    if row is None or not row["free"]:
        raise SourceBusy(f"{busy}; wait for it to end.")
    try:
        yield
    finally:
        await session.row(unlock, **values)


async def forget_source(database: Database, *names: str) -> int:
    """Stop serving a source known under one of some names; return how many articles it had."""
    for name in names:
        row = await database.row("source_by_name", name=name)
        if row is not None:
            async with only_run(database, row["id"], name):
                articles = await database.rows("known_articles", source=row["id"])
                await database.run("corpus_changed")
                await database.run("remove_articles", ids=[article["id"] for article in articles])
                await refresh(database, changed=True)
            return len(articles)
    raise SourceError(f"No source named {names[0]} has been ingested.")
