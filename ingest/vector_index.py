"""The vector index: made for a space once its rows are too many to be compared one by one."""

from psycopg import sql

from ingest.database import Database
from ingest.spaces import Space

EXACT_ROWS = 20_000  # up to here every row is compared: exact, and as fast as an index


async def ensure_vector_index(database: Database, space: Space) -> bool:
    """Build the HNSW index of a space if it needs one and has none; whether it was built.

    Readers go on meanwhile; writers of any source wait for the build.
    """
    row = await database.row("vector_index", space=space.id, name=_name(space))
    if row is None or row["indexed"] or row["vectors"] <= EXACT_ROWS:
        return False
    async with database.transaction() as session:
        await session.run("index_memory")
        await session.define(
            "index_vectors",
            index=sql.Identifier(_name(space)),
            space=sql.Literal(space.id),
            dimensions=sql.SQL(str(int(space.name.dimensions))),
        )
    return True


def _name(space: Space) -> str:
    return f"served_vector_hnsw_{space.id}"
