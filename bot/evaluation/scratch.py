"""Scratch databases: evaluation never touches the desk's own."""

import contextlib
from collections.abc import AsyncIterator

import psycopg
from psycopg import conninfo, sql

from ingest.database import Database, connect, open_pool
from ingest.errors import DatabaseError
from ingest.migrations import migrate, server
from ingest.settings import Settings


@contextlib.asynccontextmanager
async def scratch_database(settings: Settings, name: str) -> AsyncIterator[Database]:
    """A migrated database of that name beside the one in use, made if there is none, and kept.

    Raises DatabaseError where the server does not let us.
    """
    async with server(settings) as url:
        async with connect(url) as connection:
            cursor = await connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [name]
            )
            if await cursor.fetchone() is None:
                try:
                    await connection.execute(
                        sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
                    )
                except psycopg.errors.InsufficientPrivilege as error:
                    raise DatabaseError(
                        "Evaluation needs a scratch database, and this role may not make one.\n"
                        "Unset DATABASE_URL to use the embedded server, or grant CREATEDB."
                    ) from error
        scratch = conninfo.make_conninfo(url, dbname=name)
        async with connect(scratch) as connection:
            await migrate(connection)
        async with open_pool(scratch) as database:
            yield database
