"""Fetches that bring nothing, or three fifths of what is served, and what becomes of that."""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.hashed import HashedEmbedder
from bench.speed import InMemory, ingest
from ingest.articles import Article
from ingest.database import Database

SHARE = 0.6


@dataclass(frozen=True, slots=True)
class Guard:
    """The states the two runs ended in, and how many articles are served otherwise afterwards."""

    articles: int
    of_nothing: str
    of_three_fifths: str
    changed: int


async def guard(database: Database, embedder: HashedEmbedder, articles: Sequence[Article]) -> Guard:
    """Ingest the articles, then fetch none of them, then some."""

    async def served() -> dict[str, object]:
        rows = await database.rows("served_prints", source=InMemory(articles).name)
        return {row["external_id"]: row for row in rows}

    await ingest(database, embedder, InMemory(articles))
    before = await served()
    _, empty = await ingest(database, embedder, InMemory(()))
    _, small = await ingest(database, embedder, InMemory(articles[: round(SHARE * len(articles))]))
    after = await served()
    changed = sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())
    return Guard(len(articles), empty.state, small.state, changed)
