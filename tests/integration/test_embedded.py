"""The embedded Postgres: shared by processes, stopped by the last one, whatever becomes of them."""

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from ingest.database import connect
from ingest.embedded import arrive, embedded_server, leave
from ingest.errors import SettingsError
from tests.integration.command import FOOTNOTE, PATIENCE, started

# Says that it is there, and leaves when its input ends.
VISITOR = """
import asyncio, pathlib, sys
from ingest.console import run
from ingest.embedded import embedded_server

async def visit():
    async with embedded_server(pathlib.Path(sys.argv[1])) as url:
        print(url, flush=True)
        await asyncio.to_thread(sys.stdin.read)

run(visit())
"""


@pytest.fixture
def home() -> Iterator[Path]:
    """A FOOTNOTE_HOME that another user may enter, where the server runs for root."""
    with tempfile.TemporaryDirectory(prefix="footnote-home-") as name:
        yield Path(name)


@pytest.fixture(autouse=True)
def _import_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent.parent))


def running(home: Path) -> bool:
    return (home / "postgres" / "postmaster.pid").exists()


def arrived(visitor: "subprocess.Popen[str]") -> str:
    """Wait for a visitor to be there; return the server's address."""
    assert visitor.stdout is not None
    url = visitor.stdout.readline().strip()
    assert url.startswith("postgresql://")
    return url


def ended(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Let a process end; return its code and what it said on standard error."""
    _, said = process.communicate(timeout=PATIENCE)
    return process.returncode, said


def test_two_processes_share_it_and_the_last_one_stops_it(home: Path) -> None:
    with (
        started(sys.executable, "-c", VISITOR, str(home)) as one,
        started(sys.executable, "-c", VISITOR, str(home)) as other,
    ):
        url = arrived(one)
        assert arrived(other) == url
        assert ended(one) == (0, "")
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert ended(other) == (0, "")
    assert not running(home)


def test_a_killed_process_does_not_keep_it_running(home: Path) -> None:
    with started(sys.executable, "-c", VISITOR, str(home)) as killed:
        arrived(killed)
        killed.kill()
        killed.wait()
    assert running(home)
    leave(home, *arrive(home))
    assert not running(home)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_end_a_process_stops_it(home: Path, number: signal.Signals) -> None:
    # What a shell starts in the background ignores SIGINT, and so would what the tests start.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with started(sys.executable, "-c", VISITOR, str(home)) as visitor:
            arrived(visitor)
            visitor.send_signal(number)
            code, said = ended(visitor)
    finally:
        signal.signal(signal.SIGINT, before)
    assert code != 0, said
    assert "KeyboardInterrupt" in said
    assert not running(home), (said, (home / "postgres" / "log").read_text())


def test_asked_to_end_while_it_starts_a_command_leaves_no_server(home: Path) -> None:
    with started(FOOTNOTE, "db", "status", FOOTNOTE_HOME=str(home)) as command:
        while not (home / "postgres.lock").exists():
            assert command.poll() is None
        command.terminate()
        code, said = ended(command)
    assert code != 0
    assert "Traceback" not in said
    assert not running(home)


async def test_cancelled_while_it_leaves_it_still_leaves(home: Path) -> None:
    leaving = asyncio.Event()

    async def visit() -> None:
        async with embedded_server(home):
            leaving.set()

    visiting = asyncio.create_task(visit())
    await leaving.wait()
    for _ in range(3):
        visiting.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await visiting
    assert not running(home)


async def test_it_can_be_started_again_in_the_same_process(home: Path) -> None:
    for _ in range(2):
        async with embedded_server(home) as url, connect(url) as connection:
            await connection.execute("SELECT 1")
        assert not running(home)


def test_the_mark_of_a_server_that_died_is_not_believed(home: Path) -> None:
    leave(home, *arrive(home))
    # After a crash the number in the file may belong to any process, here to ours.
    mark = home / "postgres" / "postmaster.pid"
    mark.write_text(f"{os.getpid()}\n{home}/postgres\n1\n5432\n{home}/postgres\n\n1 1\nready\n")
    server, presence = arrive(home)
    with psycopg.connect(server.get_uri()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    leave(home, server, presence)
    assert not running(home)


def test_a_home_that_cannot_be_made_is_named(home: Path) -> None:
    (home / "file").write_text("in the way")
    with pytest.raises(SettingsError, match=r"file/home cannot be used: .*\n.*FOOTNOTE_HOME"):
        arrive(home / "file" / "home")
