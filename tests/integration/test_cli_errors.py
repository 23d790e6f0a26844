"""What is wrong is said in one or two lines, with a way out, and the exit code is not 0."""

import os
import re
import socket
from pathlib import Path

import pytest

from tests.integration.command import Command, run_footnote

COMMANDS = [
    ("ask", "How long do refunds take?"),
    ("ingest", "run", "--source", "articles"),
    ("ingest", "runs"),
    ("ingest", "forget", "articles"),
    ("embeddings", "switch", "default"),
    ("embeddings", "status"),
    ("db", "status"),
    ("db", "migrate"),
]
every_command = pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
SECRET = "hunter2"


@pytest.fixture(autouse=True)
def _articles(tmp_path: Path) -> None:
    """A folder to ingest, in the current folder."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "refunds.md").write_text("Refunds take five days.")


@pytest.fixture
def nowhere() -> str:
    """The address of a Postgres that is stopped."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return f"postgresql://desk:{SECRET}@127.0.0.1:{port}/footnote"


@every_command
def test_postgres_is_stopped(footnote: Command, words: tuple[str, ...], nowhere: str) -> None:
    outcome = footnote(*words, DATABASE_URL=nowhere)
    outcome.assert_told("Connection refused", "DATABASE_URL")
    assert SECRET not in outcome.err


@every_command
@pytest.mark.parametrize(
    "url",
    [
        SECRET,
        f"mysql://desk:{SECRET}@db/footnote",
        f"postgresql://desk:{SECRET}@[::1/footnote",
        f"postgresql://desk:{SECRET}%zz@db/footnote",
    ],
)
def test_the_address_is_none(footnote: Command, words: tuple[str, ...], url: str) -> None:
    outcome = footnote(*words, DATABASE_URL=url)
    outcome.assert_told("DATABASE_URL", "postgresql://user:password@host:5432/name")
    assert SECRET not in outcome.err


@pytest.mark.parametrize("password", ["pa/ss", "pa#ss", "pa?ss", "p@a@ss", "pa:ss"])
def test_a_password_that_should_have_been_quoted(footnote: Command, password: str) -> None:
    outcome = footnote("db", "status", DATABASE_URL=f"postgresql://desk:{password}@localhost/desk")
    outcome.assert_told("DATABASE_URL")
    assert password not in outcome.err


def test_a_database_that_is_not_there(footnote: Command, empty_url: str) -> None:
    url = re.sub(r"/\w+\?", "/not_there?", empty_url)
    footnote("db", "status", DATABASE_URL=url).assert_told("not_there", "DATABASE_URL")


@every_command
@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"[sources.help\n", "line 1"),
        (b"[sources.help]\nfoldr = 'x'\nfolder = 'articles'", "sources.help.foldr"),
        (b"[embedings]\nmodel = 'x'", "embedings"),
        (b"[sources.help]\nfolder = '\xff'", "UTF-8"),
    ],
    ids=["toml", "key", "table", "bytes"],
)
def test_footnote_toml_is_malformed(
    footnote: Command, words: tuple[str, ...], text: bytes, place: str
) -> None:
    Path("footnote.toml").write_bytes(text)
    footnote(*words).assert_told("footnote.toml", place)


@every_command
def test_a_setting_of_the_environment_is_bad(footnote: Command, words: tuple[str, ...]) -> None:
    footnote(*words, FOOTNOTE_CONFIG="gone.toml").assert_told("FOOTNOTE_CONFIG names gone.toml")
    footnote(*words, FOOTNOTE_EMBEDDING=SECRET).assert_told("embedding")


@every_command
def test_the_home_cannot_be_made(footnote: Command, words: tuple[str, ...]) -> None:
    Path("file").write_text("in the way")
    footnote(*words, FOOTNOTE_HOME="file/home").assert_told("file/home", "FOOTNOTE_HOME")


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("gone", "There is no folder"),
        ("articles/refunds.md", "is a file"),
        ("empty", "has no articles; nothing was changed"),
    ],
)
def test_the_source_cannot_be_read(
    footnote: Command, empty_url: str, source: str, place: str
) -> None:
    Path("empty").mkdir()
    outcome = footnote("ingest", "run", "--source", source, DATABASE_URL=empty_url)
    outcome.assert_told(place, source)


def test_the_sources_name_cannot_be_kept(footnote: Command, empty_url: str) -> None:
    name = os.fsdecode(b"b\xfccher")
    Path("articles").rename(name)
    outcome = footnote("ingest", "run", "--source", name, DATABASE_URL=empty_url)
    outcome.assert_told("is not UTF-8", "[sources.NAME]")


def test_there_is_no_source(footnote: Command, empty_url: str) -> None:
    footnote("ingest", "run", DATABASE_URL=empty_url).assert_told("--source", "[sources.NAME]")


@pytest.mark.parametrize("words", [COMMANDS[0], COMMANDS[4]], ids=" ".join)
def test_nothing_has_been_ingested(
    footnote: Command, words: tuple[str, ...], empty_url: str
) -> None:
    outcome = footnote(*words, DATABASE_URL=empty_url)
    outcome.assert_told("Nothing has been ingested", "footnote ingest run --source FOLDER")


def test_the_model_folder_is_none(footnote: Command, empty_url: str, tmp_path: Path) -> None:
    footnote(
        *("ingest", "run", "--source", str(tmp_path / "articles"), "--json"),
        DATABASE_URL=empty_url,
        FOOTNOTE_MODEL_DIR="gone",
    ).assert_ended("gone")


@pytest.mark.parametrize("words", [COMMANDS[0], COMMANDS[6]], ids=" ".join)
def test_so_it_is_in_a_process_of_its_own(words: tuple[str, ...], nowhere: str) -> None:
    run_footnote(*words, DATABASE_URL=nowhere).assert_told("Connection refused")
    Path("footnote.toml").write_text("[sources.help\n")
    run_footnote(*words).assert_told("footnote.toml")
