"""The vector index: made for a space once its rows are too many to be compared one by one."""

from psycopg import sql

from ingest.database import Database, Row
from ingest.spaces import Space

EXACT_ROWS = 20_000  # up to here every row is compared: exact, and as fast as an index


async def ensure_vector_index(database: Database, space: Space, expected: int = 0) -> bool:
    """Build the HNSW index of a space if it needs one and has none; whether it was built.

    Readers go on meanwhile; writers of any source wait for the build. `expected` is how many rows
    the space will have: an index made before they come is made at once, and grows with them.
    """
    name = _name(space)
    if not _lacking(await database.row("vector_index", space=space.id, name=name), expected):
        return False
    async with database.transaction() as session:
        # Runs on two sources may end together; the second one looks again when the first is done.
        await session.row("lock_corpus")
        if not _lacking(await session.row("vector_index", space=space.id, name=name), expected):
            return False
        await session.run("index_memory")
        await session.define(
            "index_vectors",
            index=sql.Identifier(name),
            space=sql.Literal(space.id),
            dimensions=sql.SQL(str(int(space.name.dimensions))),
        )
    return True


async def drop_vector_index(database: Database, space: Space) -> None:
    """Drop the index of a space, if it has one."""
    async with database.session() as session:
        await session.define("drop_vector_index", index=sql.Identifier(_name(space)))


def _lacking(row: Row | None, expected: int) -> bool:
    return row is not None and not row["indexed"] and max(row["vectors"], expected) > EXACT_ROWS


def _name(space: Space) -> str:
    return f"served_vector_hnsw_{space.id}"
