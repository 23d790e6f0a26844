"""The vector index: made for a space once its rows are too many to be compared one by one."""

from psycopg import sql

from ingest.database import Database, Row
from ingest.spaces import Space

EXACT_ROWS = 20_000  # up to here every row is compared: exact, and as fast as an index


async def ensure_vector_index(database: Database, space: Space) -> bool:
    """Build the HNSW index of a space if it needs one and has none; whether it was built.

    Readers go on meanwhile; writers of any source wait for the build.
    """
    if not _lacking(await database.row("vector_index", space=space.id, name=_name(space))):
        return False
    async with database.transaction() as session:
        # Runs on two sources may end together; the second one looks again when the first is done.
        await session.row("lock_corpus")
        if not _lacking(await session.row("vector_index", space=space.id, name=_name(space))):
            return False
        await session.run("index_memory")
        await session.define(
            "index_vectors",
            index=sql.Identifier(_name(space)),
            space=sql.Literal(space.id),
            dimensions=sql.SQL(str(int(space.name.dimensions))),
        )
    return True


def _lacking(row: Row | None) -> bool:
    return row is not None and not row["indexed"] and row["vectors"] > EXACT_ROWS


def _name(space: Space) -> str:
    return f"served_vector_hnsw_{space.id}"
