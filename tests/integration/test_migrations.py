"""The schema: from nothing, again, at once, ahead, half-way, and through the command."""

import asyncio
import json
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

import ingest.database
import ingest.migrations
from ingest.database import check_pgvector, connect
from ingest.errors import DatabaseError, SchemaOutdated
from ingest.migrations import Migration, migrate, migrations, open_database, pending
from ingest.settings import Settings
from tests.integration.command import Command, run_footnote

_numbers = count()


@pytest.fixture
def bare_url(server_url: str) -> Iterator[str]:
    """A database with nothing in it."""
    name = sql.Identifier(f"bare_{next(_numbers)}")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template1").format(name))
    yield server_url.replace("/postgres?", f"/{name.as_string().strip(chr(34))}?")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def tables(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0] for row in rows}


async def test_from_nothing_to_current_and_nothing_the_second_time(bare_url: str) -> None:
    async with connect(bare_url) as connection:
        assert await migrate(connection) == migrations()
        assert await pending(connection) == []
        assert await migrate(connection) == []
    assert {"article", "answer", "schema_migration", "procrastinate_jobs"} <= tables(bare_url)


async def test_two_at_once_do_it_once(bare_url: str) -> None:
    async with connect(bare_url) as one, connect(bare_url) as other:
        done = await asyncio.gather(migrate(one), migrate(other))
    assert sorted(map(len, done)) == [0, len(migrations())]


def test_the_numbers_have_no_gap() -> None:
    assert [step.number for step in migrations()] == list(range(1, len(migrations()) + 1))


async def test_a_step_that_fails_leaves_nothing_behind(
    bare_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = len(migrations()) + 1
    broken = Migration(last, "broken", "CREATE TABLE half (id int); SELECT * FROM nowhere")
    steps = [*migrations(), broken]
    monkeypatch.setattr(ingest.migrations, "migrations", lambda: steps)
    async with connect(bare_url) as connection:
        with pytest.raises(DatabaseError, match=rf'{last:04}_broken .*"nowhere"'):
            await migrate(connection)
        assert await pending(connection) == [broken]
        assert "half" not in tables(bare_url)
        # The lock was given back: another server can try again.
        async with connect(bare_url) as other:
            with pytest.raises(DatabaseError):
                await migrate(other)


async def test_a_database_ahead_of_the_program_is_left_alone(empty_url: str) -> None:
    async with connect(empty_url) as connection:
        await connection.execute("INSERT INTO schema_migration VALUES (9999, 'from_tomorrow')")
        with pytest.raises(SchemaOutdated, match=r"at migration 9999[\s\S]*newer Footnote"):
            await migrate(connection)


async def test_a_server_of_the_desk_is_not_migrated_unasked(bare_url: str) -> None:
    settings = Settings.model_validate({"DATABASE_URL": bare_url})
    with pytest.raises(SchemaOutdated, match="footnote db migrate"):
        async with open_database(settings):
            pass
    assert tables(bare_url) == set()


async def test_an_old_pgvector_is_named(empty_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect(empty_url) as connection:
        await check_pgvector(connection)
        monkeypatch.setattr(ingest.database, "PGVECTOR_OLDEST", (0, 80, 1))
        with pytest.raises(DatabaseError, match=r"pgvector 0\.8\.\d+; Footnote needs 0\.80\.1"):
            await check_pgvector(connection)


def test_the_command_migrates_and_says_so(bare_url: str, footnote: Command) -> None:
    footnote("ask", "Anything?", DATABASE_URL=bare_url).assert_told("footnote db migrate")
    footnote("ingest", "runs", DATABASE_URL=bare_url).assert_told("footnote db migrate")
    before = footnote("db", "status", "--json", DATABASE_URL=bare_url)
    assert json.loads(before.out)["schema"] == f"{len(migrations())} migration(s) to run"

    first = run_footnote("db", "migrate", DATABASE_URL=bare_url)
    assert (first.code, first.err) == (0, "")
    assert first.out.splitlines() == [f"applied {step}" for step in migrations()]
    again = footnote("db", "migrate", DATABASE_URL=bare_url)
    assert (again.code, again.out) == (0, "The schema is current.\n")

    after = json.loads(footnote("db", "status", "--json", DATABASE_URL=bare_url).out)
    assert after["server"] == "DATABASE_URL"
    assert after["schema"] == "current"
    assert (after["articles"], after["passages"]) == (0, 0)


def test_a_user_without_the_right_is_told(bare_url: str, footnote: Command) -> None:
    with psycopg.connect(bare_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS reader")
        connection.execute("CREATE ROLE reader LOGIN")
    reader = bare_url.replace("//postgres:@", "//reader@")
    footnote("db", "migrate", DATABASE_URL=reader).assert_told("permission denied")
    with psycopg.connect(bare_url, autocommit=True) as connection:
        connection.execute("DROP ROLE reader")


def test_the_embedded_server_migrates_itself() -> None:
    with tempfile.TemporaryDirectory(prefix="footnote-home-") as home:
        status = run_footnote("db", "status", FOOTNOTE_HOME=home)
        assert (status.code, status.err) == (0, "")
        assert f"embedded in {home}" in status.out
        assert "to run" in status.out
        runs = run_footnote("ingest", "runs", FOOTNOTE_HOME=home)
        assert (runs.code, runs.err) == (0, "")
        status = run_footnote("db", "status", "--json", FOOTNOTE_HOME=home)
        assert json.loads(status.out)["schema"] == "current"
        assert run_footnote("db", "migrate", FOOTNOTE_HOME=home).out == "The schema is current.\n"
        assert not (Path(home) / "postgres" / "postmaster.pid").exists()
