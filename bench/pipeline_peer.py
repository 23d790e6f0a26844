"""LlamaIndex's IngestionPipeline into its PGVectorStore, on the same articles.

What it is spared: no docstore, hence no look for duplicates; no cache to write; no HNSW index; its
embedder does nothing but look vectors up. What it does, ours does too: cut, and store text, vector
and what its lexical side searches.
"""

import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Self

from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import Document
from llama_index.vector_stores.postgres import PGVectorStore
from pydantic import PrivateAttr

from bench.pgvectorstore import store_url
from ingest.articles import Article
from ingest.database import Database
from ingest.passages import OVERLAP

CHUNK = 230  # tokens; makes about as many passages of an article as ours


class LookedUp(BaseEmbedding):
    """An embedding model that has every vector at hand."""

    _vector: list[float] = PrivateAttr()

    def __init__(self, vector: Sequence[float], **settings: Any) -> None:
        """Any vector does: what it is makes no difference to writing it."""
        super().__init__(**settings)
        self._vector = list(vector)

    def _get_text_embedding(self, text: str) -> list[float]:
        del text
        return self._vector

    def _get_query_embedding(self, query: str) -> list[float]:
        del query
        return self._vector

    async def _aget_query_embedding(self, query: str) -> list[float]:
        del query
        return self._vector


class PipelinePeer:
    """A pipeline and its empty table."""

    def __init__(self, store: PGVectorStore, dimensions: int) -> None:
        """Take an open store."""
        self._pipeline = IngestionPipeline(
            transformations=[
                SentenceSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP),
                LookedUp([dimensions**-0.5] * dimensions, embed_batch_size=256),
            ],
            vector_store=store,
            disable_cache=True,
        )

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, database: Database, dimensions: int) -> AsyncIterator[Self]:
        """A pipeline that writes to a new table of this database."""
        async with database.session() as session:
            await session.connection.execute("DROP TABLE IF EXISTS data_pipeline")
        url = store_url(database)
        store = PGVectorStore.from_params(
            connection_string=f"postgresql+psycopg2://{url}",
            async_connection_string=f"postgresql+asyncpg://{url}",
            table_name="pipeline",
            embed_dim=dimensions,
            hybrid_search=True,
        )
        store._initialize()  # noqa: SLF001 - so that making the table is not measured
        try:
            yield cls(store, dimensions)
        finally:
            await store.close()

    def run(self, articles: Sequence[Article]) -> tuple[int, float]:
        """Ingest them all: how many passages that made, in how many seconds."""
        documents = [
            Document(text=article.text, id_=article.external_id, metadata=_facts(article))
            for article in articles
        ]
        started = time.perf_counter()
        nodes = self._pipeline.run(documents=documents)
        return len(nodes), time.perf_counter() - started


def _facts(article: Article) -> Mapping[str, str]:
    """What ours stores beside the text, too."""
    return {"title": article.title, "url": article.url, "locale": article.locale}
