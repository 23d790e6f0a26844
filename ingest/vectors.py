"""Vectors of texts: from the cache, or from the model, which then fills the cache."""

from collections.abc import Sequence

from pgvector import HalfVector

from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.rows import IndexedArticle
from ingest.spaces import Space


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
    # In order, so that two that fill the cache with the same texts do not wait for each other.
    missing = sorted(text_hash for text_hash in texts if text_hash not in vectors)
    if missing:
        embedded = await embedder.embed([texts[text_hash] for text_hash in missing], bulk=True)
        made = [HalfVector(vector) for vector in embedded]
        await database.run("cache_vectors", space=space.id, hashes=missing, vectors=made)
        vectors |= dict(zip(missing, made, strict=True))
    return vectors, len(missing)
