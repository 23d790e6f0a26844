"""The schema: forward-only migrations from sql/migrations, each in one transaction."""

import contextlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib import resources
from typing import LiteralString

import psycopg

from ingest.database import Connection, Database, check_pgvector, connect, first_line, open_pool
from ingest.embedded import embedded_server
from ingest.errors import DatabaseError, SchemaOutdated
from ingest.settings import Settings
from ingest.spaces import current_space

_FILE = re.compile(r"(\d{4})_(\w+)\.sql")
_ONE_AT_A_TIME = 7_340_001  # advisory lock: "migrations of Footnote"


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    number: int
    name: str
    text: LiteralString

    def __str__(self) -> str:
        """As its file is called."""
        return f"{self.number:04}_{self.name}"


def migrations() -> list[Migration]:
    """All steps, in order."""
    found = []
    for file in resources.files("sql").joinpath("migrations").iterdir():
        match = _FILE.fullmatch(file.name)
        if match:
            text = file.read_text(encoding="utf-8")
            found.append(Migration(int(match[1]), match[2], text))
    return sorted(found, key=lambda migration: migration.number)


async def applied(connection: Connection) -> set[int]:
    """The numbers of the steps this database has."""
    cursor = await connection.execute("SELECT to_regclass('schema_migration') AS known")
    row = await cursor.fetchone()
    if row is None or row["known"] is None:
        return set()
    cursor = await connection.execute("SELECT number FROM schema_migration")
    return {row["number"] for row in await cursor.fetchall()}


async def pending(connection: Connection) -> list[Migration]:
    """The steps this database lacks. Raises SchemaOutdated when it is ahead of this program."""
    steps = migrations()
    have = await applied(connection)
    if have and max(have) > steps[-1].number:
        raise SchemaOutdated(
            f"The database is at migration {max(have)}, this program knows {steps[-1].number}.\n"
            "Install the newer Footnote that migrated it."
        )
    return [step for step in steps if step.number not in have]


async def migrate(connection: Connection) -> list[Migration]:
    """Apply what is pending and return it; a second caller waits and finds nothing to do."""
    await check_pgvector(connection)
    await connection.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
    try:
        steps = await pending(connection)
        # First, so that a schema without pending steps is a whole one.
        await _add_job_queue(connection)
        for step in steps:
            await _apply(connection, step)
    finally:
        await connection.execute("SELECT pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])
    return steps


async def _apply(connection: Connection, step: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(step.text)
            await connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migration (number int PRIMARY KEY,"
                " name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            await connection.execute(
                "INSERT INTO schema_migration (number, name) VALUES (%s, %s)",
                [step.number, step.name],
            )
    except psycopg.OperationalError:
        raise  # the server's trouble, not the step's
    except psycopg.DatabaseError as error:
        raise DatabaseError(
            f"Migration {step} failed and left nothing behind: {first_line(error)}\n"
            "Mend what it names, then run again: footnote db migrate"
        ) from error


async def _add_job_queue(connection: Connection) -> None:
    """Procrastinate's tables, from the package itself."""
    from procrastinate.schema import SchemaManager  # noqa: PLC0415 - slow to import, seldom needed

    cursor = await connection.execute("SELECT to_regclass('procrastinate_jobs') AS known")
    row = await cursor.fetchone()
    if row is None or row["known"] is None:
        async with connection.transaction():
            await connection.execute(SchemaManager.get_schema())


@contextlib.asynccontextmanager
async def server(settings: Settings) -> AsyncIterator[str]:
    """Yield the URL of the Postgres in use: DATABASE_URL's, else the embedded one."""
    if settings.database_url:
        yield settings.database_url.get_secret_value()
    else:
        async with embedded_server(settings.home) as url:
            yield url


@contextlib.asynccontextmanager
async def open_database(settings: Settings, *, size: int = 8) -> AsyncIterator[Database]:
    """Open the database, ready for use.

    The embedded one migrates itself. Raises SchemaOutdated when a server of the desk's own is
    not current: changing it is the operator's act.
    """
    async with server(settings) as url:
        async with connect(url) as connection:
            await check_pgvector(connection)
            steps = await pending(connection)
            if steps and settings.database_url is None:
                await migrate(connection)
            elif steps:
                raise SchemaOutdated(
                    f"The database lacks {len(steps)} migration(s), the first is"
                    f" {steps[0]}.\nRun: footnote db migrate"
                )
        async with open_pool(url, size=size) as database:
            yield database


async def status(settings: Settings) -> dict[str, object]:
    """What `footnote db status` shows: server, versions, schema, and what is served."""
    async with server(settings) as url, connect(url) as connection:
        cursor = await connection.execute(
            "SELECT current_setting('server_version') AS postgres, (SELECT default_version"
            " FROM pg_available_extensions WHERE name = 'vector') AS pgvector"
        )
        versions = await cursor.fetchone() or {}
        steps = await pending(connection)
        found: dict[str, object] = {
            "server": "DATABASE_URL" if settings.database_url else f"embedded in {settings.home}",
            "postgres": versions.get("postgres"),
            "pgvector": versions.get("pgvector"),
            "schema": f"{len(steps)} migration(s) to run" if steps else "current",
        }
        await check_pgvector(connection)
    if not steps:
        async with open_database(settings) as database:
            found |= await contents(database)
    if settings.blas_core_type:
        found["numpy"] = (
            f"OPENBLAS_CORETYPE={settings.blas_core_type} is set: an older processor's code may"
            " halve the speed of embedding on a newer one"
        )
    return found


async def contents(database: Database) -> dict[str, object]:
    """How much is served, and in which embedding space."""
    articles = await database.row("served_articles")
    corpus = await database.row("corpus")
    space = await current_space(database)
    return {
        "articles": articles["articles"] if articles else 0,
        "passages": corpus["passages"] if corpus else 0,
        "embedding space": str(space.name) if space else "none yet",
    }
