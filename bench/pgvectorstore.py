"""LlamaIndex's PGVectorStore in hybrid mode, on the same passages and vectors."""

import contextlib
from collections.abc import AsyncIterator
from typing import Self

from llama_index.core.schema import TextNode
from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryMode
from llama_index.vector_stores.postgres import PGVectorStore
from psycopg import conninfo

from bot.evaluation.scratch import scratch_database
from ingest.database import Database
from ingest.settings import Settings
from ingest.spaces import Space

BATCH = 1_000
_PASSAGES = """
    SELECT p.id, substr(v.body, p.start_offset + 1, p.end_offset - p.start_offset) AS text,
           w.vector::real[] AS vector
    FROM passage p
    JOIN article_version v ON v.id = p.article_version_id
    JOIN served_vector w ON w.passage_id = p.id AND w.space_id = %s
    WHERE p.id > %s ORDER BY p.id LIMIT %s
"""


class PgVectorStorePeer:
    """A filled store."""

    def __init__(self, store: PGVectorStore) -> None:
        """Take an open store."""
        self._store = store

    @classmethod
    @contextlib.asynccontextmanager
    async def filled(
        cls, settings: Settings, ours: Database, space: Space, passages: int
    ) -> AsyncIterator[Self]:
        """A store in a database of its own with the rows of ours, indexed as it does by itself."""
        async with scratch_database(settings, f"footnote_bench_peer_{passages}") as database:
            url = store_url(database)
            store = PGVectorStore.from_params(
                connection_string=f"postgresql+psycopg2://{url}",
                async_connection_string=f"postgresql+asyncpg://{url}",
                table_name="peer",
                embed_dim=space.name.dimensions,
                hybrid_search=True,
                hnsw_kwargs={
                    "hnsw_m": 16,
                    "hnsw_ef_construction": 64,
                    "hnsw_ef_search": 200,
                    "hnsw_dist_method": "vector_cosine_ops",
                },
            )
            store._initialize()  # noqa: SLF001 - it has no public way to make its table
            if not await _count(database):
                await _copy(store, ours, space)
                async with database.session() as session:
                    await session._connection.execute("ANALYZE")  # noqa: SLF001 - not a named query
            try:
                yield cls(store)
            finally:
                await store.close()

    async def query(self, text: str, vector: list[float], k: int) -> None:
        """Its hybrid query: dense and sparse rows, unfused."""
        await self._store.aquery(
            VectorStoreQuery(
                query_embedding=vector,
                query_str=text,
                similarity_top_k=k,
                sparse_top_k=k,
                mode=VectorStoreQueryMode.HYBRID,
            )
        )


async def _count(database: Database) -> int:
    async with database.session() as session:
        cursor = await session._connection.execute("SELECT count(*) AS n FROM data_peer")  # noqa: SLF001
        row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def _copy(store: PGVectorStore, ours: Database, space: Space) -> None:
    last = 0
    while True:
        async with ours.session() as session:
            cursor = await session._connection.execute(_PASSAGES, [space.id, last, BATCH])  # noqa: SLF001
            rows = await cursor.fetchall()
        if not rows:
            return
        store.add(
            [
                TextNode(id_=str(row["id"]), text=row["text"], embedding=list(row["vector"]))
                for row in rows
            ]
        )
        last = rows[-1]["id"]


def store_url(database: Database) -> str:
    """The database's address without its scheme, which both its drivers understand."""
    parts = conninfo.conninfo_to_dict(str(database.pool.conninfo))
    login = f"{parts['user']}:{parts.get('password', '')}"
    host = str(parts.get("host", ""))
    if host.startswith("/"):
        return f"{login}@/{parts['dbname']}?host={host}"
    return f"{login}@{host}:{parts.get('port', 5432)}/{parts['dbname']}"
