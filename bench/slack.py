"""`python -m bench.slack kills | load`: what a desk must be able to trust in Slack, measured."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bench.slack_load import Load
from bot.evaluation.scratch import scratch_database
from bot.settings import Settings
from ingest.database import Database
from ingest.embeddings import open_embedder
from ingest.pipeline import ingest_source
from ingest.settings import SourceSettings
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.slack_server import SlackServer
from tests.integration.killing import Killing

cli = typer.Typer(add_completion=False, no_args_is_help=True)
EMPTIED = "TRUNCATE question, procrastinate_jobs, procrastinate_workers RESTART IDENTITY CASCADE"
Out = Annotated[Path, typer.Option(help="Where the JSON goes.")]


@cli.command()
def kills(
    questions: Annotated[int, typer.Option(help="Ask so many.")] = 300,
    kills: Annotated[int, typer.Option(help="Kill so often meanwhile.")] = 10,
    seconds: Annotated[float, typer.Option(help="Within so long.")] = 120,
    out: Out = Path("bench-results"),
) -> None:
    """Deliver every event three times to two processes, kill them at random, count the answers."""

    async def measure() -> dict[str, Any]:
        async with _desk() as (slack, model, database):
            url = str(database.pool.conninfo)
            killing = Killing(slack, model, database, url, questions, kills, seconds)
            tally = await killing.play()
        return tally.as_json() | {"one finished answer to each": tally.perfect}

    _show("kills", asyncio.run(measure()), out)


@cli.command()
def load(
    agents: Annotated[int, typer.Option(help="So many ask at the same time.")] = 100,
    rounds: Annotated[int, typer.Option(help="Each so often, one after the other.")] = 3,
    burst: Annotated[bool, typer.Option(help="All of them begin in the same moment.")] = False,
    out: Out = Path("bench-results"),
) -> None:
    """Ask one process with a slow model, and measure what is our own: status, appends, memory."""

    async def measure() -> dict[str, Any]:
        async with _desk() as (slack, model, database):
            url = str(database.pool.conninfo)
            return await Load(slack, model, url, agents, rounds, burst=burst).measure()

    _show("burst" if burst else "load", asyncio.run(measure()), out)


@asynccontextmanager
async def _desk() -> AsyncIterator[tuple[SlackServer, OpenAIServer, Database]]:
    """The fakes, and a database that holds the sample help centre and no question."""
    settings = Settings.load()
    async with (
        scratch_database(settings, "footnote_bench_slack") as database,
        SlackServer(ack_seconds=3) as slack,
        OpenAIServer() as model,
    ):
        folder = Path(str(resources.files("ingest.sample") / "articles"))
        settings = settings.with_sources({"sample": SourceSettings(folder=folder)})
        embedder = open_embedder(settings)
        await ingest_source(database, embedder, settings, "sample", lambda *_: None)
        async with database.session() as session:
            await session.connection.execute(EMPTIED)
        yield slack, model, database


def _show(name: str, found: dict[str, Any], out: Path) -> None:
    Console().print(found)
    out.mkdir(parents=True, exist_ok=True)
    file = out / f"slack-{name}.json"
    file.write_text(json.dumps(found, indent=2), encoding="utf-8")
    print(f"Written to {file}", file=sys.stderr)


if __name__ == "__main__":
    cli()
