"""The program's queries and the bench's own."""

from importlib import resources

from ingest.database import Database, Queries


def bench_database(database: Database) -> Database:
    """The same pool with more queries."""
    files = [*resources.files("sql").iterdir(), *resources.files("bench").iterdir()]
    texts = {file.name: file.read_text("utf-8") for file in files if file.name.endswith(".sql")}
    return Database(database.pool, Queries(texts))
