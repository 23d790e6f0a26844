"""What tests share: one embedded Postgres a session, and a fresh database for each test.

`empty` and `sample` are template databases, made once: migrated, and migrated with the sample help
centre ingested. A test's own database is a copy, which takes a fraction of a second.
"""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest

from bot.app import App, open_app
from bot.settings import Settings
from ingest.database import Database, connect, open_pool
from ingest.embedded import arrive, leave
from ingest.embeddings import Embedder, open_embedder
from ingest.migrations import migrate
from ingest.pipeline import ingest_source
from ingest.settings import SourceSettings

SAMPLE = Path(__file__).parent.parent / "ingest" / "sample" / "articles"
ROOM = 8 * 2**30  # bytes
_FOREIGN = ("DATABASE_URL", "FOOTNOTE_", "OPENAI_", "SLACK_", "PORT", "HTTP_PROXY", "HTTPS_PROXY")


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """A FOOTNOTE_HOME whose Postgres runs as long as the session.

    Not under pytest's own folder: that is closed to other users, and for root the server runs as
    another one.
    """
    with tempfile.TemporaryDirectory(prefix="footnote-tests-", dir=_in_memory()) as name:
        folder = Path(name)
        server, presence = arrive(folder)
        yield folder
        leave(folder, server, presence)


@pytest.fixture(scope="session")
def server_url(home: Path) -> Iterator[str]:
    """The address of the server's own database, for making others."""
    server, presence = arrive(home)
    yield server.get_uri()
    leave(home, server, presence)


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    """The embedded model, loaded once."""
    return open_embedder(Settings())


@pytest.fixture(scope="session")
def empty(server_url: str) -> str:
    """The name of a migrated database without articles."""
    url = _create(server_url, "empty", "template1")

    async def prepare() -> None:
        async with connect(url) as connection:
            await migrate(connection)

    asyncio.run(prepare())
    return "empty"


@pytest.fixture(scope="session")
def sample(server_url: str, empty: str) -> str:
    """The name of a database that holds the sample help centre."""
    url = _create(server_url, "sample", empty)

    async def prepare() -> None:
        async with open_pool(url) as database:
            settings = Settings().with_sources({"sample": SourceSettings(folder=SAMPLE)})
            await ingest_source(
                database, open_embedder(settings), settings, "sample", lambda *_: None
            )

    asyncio.run(prepare())
    return "sample"


_numbers = itertools.count(1)


@pytest.fixture
def empty_url(server_url: str, empty: str) -> Iterator[str]:
    """A database of the test's own: migrated, nothing ingested."""
    yield from _copy(server_url, empty)


@pytest.fixture
def sample_url(server_url: str, sample: str) -> Iterator[str]:
    """A database of the test's own with the sample help centre."""
    yield from _copy(server_url, sample)


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No setting of the machine reaches a test; the current folder is the test's own."""
    for name in os.environ:
        if name.upper().startswith(_FOREIGN):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
async def empty_database(empty_url: str) -> AsyncIterator[Database]:
    """A pool on `empty_url`."""
    async with open_pool(empty_url) as database:
        yield database


@pytest.fixture
async def app(sample_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[App]:
    """The program on the sample help centre, without a chat model, Slack or voices."""
    monkeypatch.setenv("DATABASE_URL", sample_url)
    async with open_app(Settings.load()) as opened:
        yield opened


def _in_memory() -> Path | None:
    """Where files lie in memory, if there is room: to copy a database is to make 1,000 files."""
    found = Path("/dev/shm")
    roomy = os.access(found, os.W_OK) and shutil.disk_usage(found).free > ROOM
    return found if roomy else None


def _create(server_url: str, name: str, template: str) -> str:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return server_url.replace("/postgres?", f"/{name}?")


def _copy(server_url: str, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    yield _create(server_url, name, template)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
