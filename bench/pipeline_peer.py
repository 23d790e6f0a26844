"""LlamaIndex's IngestionPipeline into its PGVectorStore in hybrid mode, on the same articles.

It is met twice. Bare, it only cuts, looks vectors up and stores text, vector and what its lexical
side searches; it could not tell an article that it has from a new one. In use, it is set up as its
documentation does for a source that is read again and again: a document store that recognises what
is there, the cache it has unless told otherwise, and an HNSW index. Ours recognises, and needs an
index only for some ten thousand articles.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from llama_index.core.embeddings import BaseEmbedding
from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.schema import Document
from llama_index.core.storage.docstore import SimpleDocumentStore
from llama_index.vector_stores.postgres import PGVectorStore
from pydantic import PrivateAttr

from bench.hashed import HashedEmbedder
from bench.pgvectorstore import store_url
from ingest.articles import Article
from ingest.database import Database
from ingest.passages import OVERLAP

CHUNK = 205  # tokens; makes about as many passages of an article as ours
# As in the documentation's example.
HNSW = {
    "hnsw_m": 16,
    "hnsw_ef_construction": 64,
    "hnsw_ef_search": 40,
    "hnsw_dist_method": "vector_cosine_ops",
}


@dataclass(frozen=True, slots=True)
class Peer:
    """One way to set it up."""

    name: str
    in_use: bool


PEERS = (
    Peer("IngestionPipeline + PGVectorStore, bare", in_use=False),
    Peer("the same with document store, cache and HNSW", in_use=True),
)


@dataclass(slots=True)
class Vectors:
    """Vectors by text, made at the first question."""

    model: HashedEmbedder
    dimensions: int
    made: dict[str, list[float]] = field(default_factory=dict)

    def of(self, text: str) -> list[float]:
        """The vector of a text."""
        if text not in self.made:
            self.made[text] = asyncio.run(self.model.embed([text]))[0].tolist()
        return self.made[text]


class LookedUp(BaseEmbedding):
    """An embedding model that has every vector at hand."""

    _vectors: Vectors = PrivateAttr()

    def __init__(self, vectors: Vectors, **settings: Any) -> None:
        """Take what it has at hand."""
        super().__init__(**settings)
        self._vectors = vectors

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._vectors.of(text)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._vectors.of(query)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._vectors.of(query)


class PipelinePeer:
    """A pipeline and its empty table."""

    def __init__(self, store: PGVectorStore, peer: Peer, vectors: Vectors) -> None:
        """Take an open store."""
        self._pipeline = IngestionPipeline(
            transformations=[
                SentenceSplitter(chunk_size=CHUNK, chunk_overlap=OVERLAP),
                LookedUp(vectors, embed_batch_size=256),
            ],
            vector_store=store,
            docstore=SimpleDocumentStore() if peer.in_use else None,
            docstore_strategy=DocstoreStrategy.UPSERTS,
            disable_cache=not peer.in_use,
        )

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, database: Database, peer: Peer, vectors: Vectors) -> AsyncIterator[Self]:
        """A pipeline that writes to a new table of this database."""
        async with database.session() as session:
            await session.connection.execute("DROP TABLE IF EXISTS data_pipeline")
        url = store_url(database)
        store = PGVectorStore.from_params(
            connection_string=f"postgresql+psycopg2://{url}",
            async_connection_string=f"postgresql+asyncpg://{url}",
            table_name="pipeline",
            embed_dim=vectors.dimensions,
            hybrid_search=True,
            hnsw_kwargs=HNSW if peer.in_use else None,
        )
        store._initialize()  # noqa: SLF001 - so that making the table is not measured
        try:
            yield cls(store, peer, vectors)
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
