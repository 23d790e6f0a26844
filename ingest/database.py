"""Postgres: connections, named queries, transactions.

Queries live in sql/*.sql under `-- name: …` lines and are called by that name; values are only
ever passed as parameters.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from importlib import resources
from typing import Any, LiteralString, Self, cast

import psycopg
import psycopg_pool
from pgvector.psycopg import register_vector_async
from psycopg import sql
from psycopg.rows import DictRow, dict_row
from psycopg.types import TypeInfo

from ingest.errors import DatabaseError, DatabaseUnavailable

PGVECTOR_OLDEST = (0, 8, 4)
CONNECT_SECONDS = 10
_NAME = re.compile(r"^-- name: (\w+)[ \t]*$", re.MULTILINE)
# Classes of SQLSTATE: connection exception, invalid authorization, no such database,
# too many connections, shutdown.
_CONNECTION = ("08", "28", "3D", "53300", "57P")

Row = DictRow
Connection = psycopg.AsyncConnection[DictRow]


class Queries(Mapping[str, LiteralString]):
    """The named queries of every file in sql/."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        """Take the texts by file name; a name used twice raises ValueError."""
        self._queries: dict[str, LiteralString] = {}
        for file, text in texts.items():
            pieces = _NAME.split(text)
            for name, query in zip(pieces[1::2], pieces[2::2], strict=True):
                if name in self._queries:
                    raise ValueError(f"{file}: the query {name} is named twice")
                # The files ship with the program: as literal as code.
                self._queries[name] = cast("LiteralString", query.strip())

    @classmethod
    def load(cls) -> Self:
        """Read the files of the package `sql`."""
        files = [file for file in resources.files("sql").iterdir() if file.name.endswith(".sql")]
        return cls({file.name: file.read_text(encoding="utf-8") for file in files})

    def __getitem__(self, name: str) -> LiteralString:
        return self._queries[name]

    def __iter__(self) -> Any:
        return iter(self._queries)

    def __len__(self) -> int:
        return len(self._queries)


class Session:
    """One connection, and the named queries run on it."""

    def __init__(self, connection: Connection, queries: Queries) -> None:
        """Wrap an open connection."""
        self._connection = connection
        self._queries = queries

    @property
    def connection(self) -> Connection:
        """The connection, for a library that joins our transaction."""
        return self._connection

    async def rows(self, name: str, /, **values: object) -> list[Row]:
        """Run a query and return all its rows."""
        cursor = await self._execute(self._queries[name], values)
        return await cursor.fetchall()

    async def row(self, name: str, /, **values: object) -> Row | None:
        """Run a query and return its first row, or None."""
        cursor = await self._execute(self._queries[name], values)
        return await cursor.fetchone()

    async def run(self, name: str, /, **values: object) -> int:
        """Run a statement and return how many rows it touched."""
        cursor = await self._execute(self._queries[name], values)
        return cursor.rowcount

    async def run_each(self, name: str, /, rows: Sequence[Mapping[str, object]]) -> None:
        """Run a statement for each of some rows, together."""
        with _cancellation_kept():
            await self._connection.cursor().executemany(self._queries[name], rows)

    async def define(self, name: str, /, **pieces: sql.Composable) -> None:
        """Run a statement that makes something; names and constants cannot be parameters there."""
        await self._connection.execute(sql.SQL(self._queries[name]).format(**pieces))

    async def rows_in_space(
        self, name: str, /, *, space: int, dimensions: int, filtered: bool = False, **values: object
    ) -> list[Row]:
        """Run a query that names `{space}`, `{dimensions}` and perhaps `{filtered}`.

        A partial index on one embedding space is used only when the planner sees constants, so
        these are set as literals; everything else stays a parameter.
        """
        query = sql.SQL(self._queries[name]).format(
            space=sql.Literal(space),
            dimensions=sql.SQL(str(int(dimensions))),
            filtered=sql.Literal(filtered),
        )
        # Planned once a connection, not at each of its first five uses.
        cursor = await self._execute(query, values, prepare=True)
        return await cursor.fetchall()

    async def _execute(
        self,
        query: LiteralString | sql.Composed,
        values: Mapping[str, object],
        *,
        prepare: bool | None = None,
    ) -> psycopg.AsyncCursor[Row]:
        with _cancellation_kept():
            return await self._connection.execute(query, values, prepare=prepare)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Self]:
        """All or nothing."""
        async with self._connection.transaction():
            yield self


@contextlib.contextmanager
def _cancellation_kept() -> Iterator[None]:
    """A cancellation that comes while a statement runs counts when it is done.

    Before Python 3.12 `asyncio.wait_for`, which psycopg waits with, loses one that comes along
    with Postgres's reply.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task else 0
    yield
    if task and task.cancelling() > before:
        raise asyncio.CancelledError


class Database:
    """The pool. Single statements commit by themselves; `transaction` groups several."""

    def __init__(
        self, pool: psycopg_pool.AsyncConnectionPool[Connection], queries: Queries
    ) -> None:
        """Take an open pool."""
        self.pool = pool
        self.queries = queries

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[Session]:
        """Borrow a connection. Raises DatabaseUnavailable when none is to be had or it breaks."""
        with connection_errors():
            async with self.pool.connection() as connection:
                yield Session(connection, self.queries)

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Session]:
        """Borrow a connection for one transaction."""
        async with self.session() as session, session.transaction():
            yield session

    async def rows(self, name: str, /, **values: object) -> list[Row]:
        """As Session.rows, on any connection."""
        async with self.session() as session:
            return await session.rows(name, **values)

    async def row(self, name: str, /, **values: object) -> Row | None:
        """As Session.row, on any connection."""
        async with self.session() as session:
            return await session.row(name, **values)

    async def run(self, name: str, /, **values: object) -> int:
        """As Session.run, on any connection."""
        async with self.session() as session:
            return await session.run(name, **values)


@contextlib.contextmanager
def connection_errors() -> Any:
    """Turn what an operator can mend into our errors; other database errors are bugs and pass."""
    try:
        yield
    except (psycopg_pool.PoolTimeout, psycopg_pool.PoolClosed) as error:
        raise _unreachable(error) from error
    except psycopg.errors.ProgramLimitExceeded:
        raise  # an operational error by name, but trying again does not help
    except psycopg.OperationalError as error:
        if error.sqlstate is None or error.sqlstate.startswith(_CONNECTION):
            raise _unreachable(error) from error
        raise DatabaseUnavailable(
            f"Postgres could not do its work: {first_line(error)}\n"
            "Try again; if it says the same, look into the server's log."
        ) from error
    except (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction) as error:
        raise DatabaseError(
            f"Postgres refuses: {first_line(error)}\n"
            "Give the user in DATABASE_URL the right to do this, or name another user or server."
        ) from error


def first_line(error: Exception) -> str:
    """What an error says, shortly."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def _unreachable(error: Exception) -> DatabaseUnavailable:
    return DatabaseUnavailable(
        f"Postgres is not to be reached: {first_line(error)}\n"
        "Start the server or correct DATABASE_URL; unset it to use the embedded one."
    )


@contextlib.asynccontextmanager
async def connect(url: str) -> AsyncIterator[Connection]:
    """One plain connection, for migrations and checks."""
    with connection_errors():
        try:
            connection = await psycopg.AsyncConnection.connect(
                url, autocommit=True, row_factory=dict_row, connect_timeout=CONNECT_SECONDS
            )
        except psycopg.ProgrammingError as error:
            raise DatabaseError(
                # libpq quotes what it does not understand, which may be the password.
                "DATABASE_URL is not a Postgres address (not shown, for it may hold a password).\n"
                "It looks like postgresql://user:password@host:5432/name"
            ) from error
        async with connection:
            yield connection


@contextlib.asynccontextmanager
async def open_pool(url: str, *, size: int = 8) -> AsyncIterator[Database]:
    """Open a pool of at most `size` connections and close it at the end."""
    pool: psycopg_pool.AsyncConnectionPool[Connection] = psycopg_pool.AsyncConnectionPool(
        url,
        connection_class=psycopg.AsyncConnection[DictRow],
        kwargs={
            "autocommit": True,
            "row_factory": dict_row,
            "connect_timeout": CONNECT_SECONDS,
        },
        min_size=1,
        max_size=size,
        timeout=CONNECT_SECONDS,
        configure=_configure,
        open=False,
    )
    with connection_errors():
        await pool.open(wait=True, timeout=CONNECT_SECONDS)
    try:
        yield Database(pool, Queries.load())
    finally:
        await pool.close()


_TUNING = """
    SELECT set_config('jit', 'off', false),  -- compiling costs more than these queries take
           set_config('hnsw.ef_search', '200', false),
           set_config('hnsw.iterative_scan', 'relaxed_order', false)  -- filters cost no answers
"""


async def _configure(connection: Connection) -> None:
    await connection.execute(_TUNING)
    if await TypeInfo.fetch(connection, "vector") is not None:
        await register_vector_async(connection)


async def check_pgvector(connection: Connection) -> None:
    """Raise DatabaseError unless pgvector can be used in the version Footnote needs."""
    cursor = await connection.execute(
        "SELECT default_version, installed_version FROM pg_available_extensions"
        " WHERE name = 'vector'"
    )
    row = await cursor.fetchone()
    needed = ".".join(map(str, PGVECTOR_OLDEST))
    if row is None:
        raise DatabaseError(
            f"This Postgres has no pgvector; Footnote needs {needed} or newer.\n"
            "Install the extension on the server (package postgresql-NN-pgvector),"
            " or unset DATABASE_URL."
        )
    version = row["installed_version"] or row["default_version"]
    if tuple(int(number) for number in version.split(".")) < PGVECTOR_OLDEST:
        raise DatabaseError(
            f"This Postgres has pgvector {version}; Footnote needs {needed} or newer (older ones"
            " lose rows in nightly loads).\n"
            "Upgrade it on the server, then run: ALTER EXTENSION vector UPDATE"
        )
