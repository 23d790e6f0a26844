"""`footnote ingest …` and `footnote db …`."""

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ingest.runs import RunReport
    from ingest.settings import Settings

ingest = typer.Typer(help="Bring articles in.", no_args_is_help=True, rich_markup_mode=None)
db = typer.Typer(help="Look after the database.", no_args_is_help=True, rich_markup_mode=None)


SourceOption = Annotated[
    str | None, typer.Option("--source", help="A folder, or a source named in footnote.toml.")
]
UrlOption = Annotated[
    str | None, typer.Option("--url", help="Address of an article, with {id}, {path} or {slug}.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]


@ingest.command("run")
def ingest_run(
    source: SourceOption = None,
    url: UrlOption = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Read everything, where changes would do.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Read a source, or all of them, and bring what is served up to date."""
    from ingest.console import print_json, run
    from ingest.settings import Settings

    reports = run(_run(chosen_sources(Settings.load(), source, url), whole=whole))
    if json:
        documents = [report.as_json() for report in reports]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for report in reports:
            typer.echo("\n".join(report.lines()))
    if any(report.state == "held" for report in reports):
        raise typer.Exit(1)


async def _run(settings: "Settings", *, whole: bool) -> "list[RunReport]":
    from ingest.console import progress
    from ingest.embeddings.models import Embedders
    from ingest.migrations import open_database
    from ingest.pipeline import ingest_source

    reports = []
    async with open_database(settings) as database:
        embedders = Embedders(settings)
        try:
            for name in settings.sources:
                embedder = (await embedders.served(database)).embedder
                with progress(f"Ingesting {Path(name).name}") as show:
                    reports.append(
                        await ingest_source(database, embedder, settings, name, show, whole=whole)
                    )
        finally:
            await embedders.close()
    return reports


def chosen_sources(settings: "Settings", source: str | None, url: str | None) -> "Settings":
    """The settings with the sources meant alone: one by name or folder, or all of them.

    Raises SourceError when there is none, or a folder cannot be read.
    """
    from ingest.errors import SourceError
    from ingest.settings import SourceSettings
    from ingest.sources.folder import FolderSource

    if source is None and not settings.sources:
        raise SourceError(
            "There is no source to ingest.\n"
            "Name a folder with --source, or a [sources.NAME] table in footnote.toml."
        )
    if source is None or source in settings.sources:
        named = {source: settings.sources[source]} if source else settings.sources
        given = {"url": url} if url else {}
        return settings.with_sources(
            {name: each.model_copy(update=given) for name, each in named.items()}
        )
    folder = Path(source).expanduser().resolve()
    if os.fsencode(folder).decode("utf-8", "replace") != str(folder):
        raise SourceError(
            f"The name of the folder {str(folder)!r} is not UTF-8, so it cannot be kept.\n"
            "Rename it, or name it in a [sources.NAME] table in footnote.toml."
        )
    # A mistyped name is not worth remembering as a source.
    FolderSource(str(folder), folder).check()
    return settings.with_sources({str(folder): SourceSettings(folder=folder, url=url)})


@ingest.command("plan")
def ingest_plan(
    source: SourceOption = None, url: UrlOption = None, json: JsonOption = False
) -> None:
    """Say what a run would do, and change nothing."""
    from ingest.console import print_json, run
    from ingest.settings import Settings

    plans = run(_plans(chosen_sources(Settings.load(), source, url)))
    if json:
        documents = [plan for _, plan, _ in plans]
        print_json(documents[0] if len(documents) == 1 else documents)
        return
    for name, plan, reason in plans:
        typer.echo(f"{name}:")
        for fate, paths in plan.items():
            if isinstance(paths, int):
                typer.echo(f"  {fate:<8}{paths}")
            elif paths:
                typer.echo(f"  {fate:<8}{len(paths)}")
                typer.echo("\n".join(f"    {_described(each)}" for each in paths))
        if reason:
            typer.echo(f"  A run would be held: {reason}")


def _described(planned: object) -> str:
    return " — ".join(planned.values()) if isinstance(planned, dict) else str(planned)


async def _plans(settings: "Settings") -> "list[tuple[str, dict[str, Any], str | None]]":
    from ingest.console import progress
    from ingest.fetching import plan_source
    from ingest.migrations import open_database

    found = []
    async with open_database(settings) as database:
        for name in settings.sources:
            with progress(f"Planning {Path(name).name}") as show:
                plan, reason = await plan_source(database, settings, name, show)
                found.append((name, plan.as_json(), reason))
    return found


@ingest.command("runs")
def ingest_runs(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 10,
    json: JsonOption = False,
) -> None:
    """List the latest runs: what they did, and why one stopped."""
    from ingest.console import print_json, run
    from ingest.migrations import open_database
    from ingest.runs import run_lines
    from ingest.settings import Settings

    async def latest() -> list[dict[str, object]]:
        async with open_database(Settings.load()) as database:
            return await database.rows("latest_runs", limit=limit)

    rows = run(latest())
    if json:
        print_json(rows)
        return
    for row in rows:
        typer.echo("\n".join(run_lines(row)))
    if not rows:
        typer.echo("No run yet. Run: footnote ingest run --source FOLDER")


@ingest.command("approve")
def ingest_approve(
    run_id: Annotated[int, typer.Argument(metavar="RUN", help="The number of a held run.")],
) -> None:
    """Let a held run remove what it wanted to remove, and run it again."""
    from ingest.console import run
    from ingest.holds import approve
    from ingest.migrations import open_database
    from ingest.settings import Settings

    settings = Settings.load()

    async def approved() -> str:
        async with open_database(settings) as database:
            return await approve(database, run_id, getpass.getuser())

    ingest_run(source=run(approved()))


@ingest.command("held")
def ingest_held(json: JsonOption = False) -> None:
    """List articles held back because their text addresses a model."""
    from ingest.console import print_json, run
    from ingest.migrations import open_database
    from ingest.settings import Settings

    async def held() -> list[dict[str, object]]:
        async with open_database(Settings.load()) as database:
            return await database.rows("held_articles")

    rows = run(held())
    if json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['id']}  {row['source']}  {row['path']}\n    “{row['sentence']}”")
    typer.echo(
        "Let one be answered from: footnote ingest pass NUMBER" if rows else "No article is held."
    )


@ingest.command("pass")
def ingest_pass(
    hold: Annotated[int, typer.Argument(metavar="NUMBER", help="As `ingest held` lists it.")],
) -> None:
    """Let a held article be answered from, and ingest it."""
    from ingest.console import run
    from ingest.holds import let_pass
    from ingest.migrations import open_database
    from ingest.settings import Settings

    settings = Settings.load()

    async def passed() -> str:
        async with open_database(settings) as database:
            return await let_pass(database, hold, getpass.getuser())

    ingest_run(source=run(passed()))


@ingest.command("forget")
def ingest_forget(
    source: Annotated[str, typer.Argument(help="The source's name or folder.")],
) -> None:
    """Stop answering from a source. Its article versions stay for the answers that cite them."""
    from ingest.console import run
    from ingest.migrations import open_database
    from ingest.pipeline import forget_source
    from ingest.settings import Settings

    settings = Settings.load()
    name = source if source in settings.sources else str(Path(source).expanduser().resolve())

    async def forget() -> int:
        async with open_database(settings) as database:
            return await forget_source(database, source, name)

    typer.echo(f"{run(forget())} articles of {source} are no longer served.")


@db.command("migrate")
def db_migrate() -> None:
    """Bring the schema up to date."""
    from ingest.console import run
    from ingest.database import connect
    from ingest.migrations import migrate, server
    from ingest.settings import Settings

    async def apply() -> list[str]:
        async with server(Settings.load()) as url, connect(url) as connection:
            return [str(step) for step in await migrate(connection)]

    steps = run(apply())
    typer.echo("\n".join(f"applied {step}" for step in steps) or "The schema is current.")


@db.command("status")
def db_status(
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say which server and schema are in use and what is in them."""
    from ingest.console import print_json, run
    from ingest.migrations import status
    from ingest.settings import Settings

    found = run(status(Settings.load()))
    if json:
        print_json(found)
    else:
        for name, value in found.items():
            typer.echo(f"{name:<18}{value}")
