"""Vectors of texts: made by the model once, and kept in the cache that rows are filled from."""

from collections.abc import Mapping

from pgvector import HalfVector

from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.spaces import Space


async def make_vectors(
    database: Database, embedder: Embedder, space: Space, texts: Mapping[bytes, str]
) -> int:
    """See that texts, by hash, have their vectors in the cache; how many had not.

    Raises what the embedder raises, and DatabaseUnavailable.
    """
    # In order, so that two that fill the cache with the same texts do not wait for each other.
    rows = await database.rows("uncached_texts", space=space.id, hashes=list(texts))
    missing = [row["text_hash"] for row in rows]
    if missing:
        embedded = await embedder.embed([texts[text_hash] for text_hash in missing], bulk=True)
        made = [HalfVector(vector) for vector in embedded]
        await database.run("cache_vectors", space=space.id, hashes=missing, vectors=made)
    return len(missing)
