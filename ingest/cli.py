"""`footnote ingest …`, `footnote embeddings …` and `footnote db …`."""

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ingest.database import Database
    from ingest.embeddings import Embedder
    from ingest.pipeline import Source
    from ingest.runs import RunResult
    from ingest.settings import Settings

embeddings = typer.Typer(
    help="Look after the embedding model.", no_args_is_help=True, rich_markup_mode=None
)
ingest = typer.Typer(help="Bring articles in.", no_args_is_help=True, rich_markup_mode=None)
db = typer.Typer(help="Look after the database.", no_args_is_help=True, rich_markup_mode=None)


@ingest.command("run")
def ingest_run(
    source: Annotated[
        str | None, typer.Option(help="A folder, or a source named in footnote.toml.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option(help="Address of an article, with {id}, {path} or {slug} in it."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Read every article of a source and bring what is served up to date."""
    from ingest.console import print_json, run
    from ingest.settings import Settings

    results = run(_run(Settings.load(), source, url))
    if json:
        documents = [result.as_json() for result in results]
        print_json(documents[0] if len(documents) == 1 else documents)
    else:
        for result in results:
            _print_result(result)


async def _run(settings: "Settings", source: str | None, url: str | None) -> "list[RunResult]":
    from ingest.embeddings import open_embedder
    from ingest.migrations import open_database

    sources = chosen_sources(settings, source, url)
    async with open_database(settings) as database:
        embedder = open_embedder(settings)
        try:
            return [
                await ingest_source(database, embedder, each, template)
                for each, template in sources
            ]
        finally:
            await embedder.close()


async def ingest_source(
    database: "Database", embedder: "Embedder", source: "Source", template: str | None
) -> "RunResult":
    """Ingest one source, showing progress; the url template is remembered for the next run."""
    from ingest.console import progress
    from ingest.pipeline import run_ingest

    row = await database.row("upsert_source", name=source.name, url_template=template)
    assert row is not None
    known = _with_template(source, row["url_template"])
    with progress(f"Ingesting {Path(source.name).name}") as show:
        return await run_ingest(database, embedder, known, row["id"], show)


def _with_template(source: "Source", template: str | None) -> "Source":
    from ingest.sources.folder import FolderSource

    if isinstance(source, FolderSource) and template is not None:
        return dataclasses.replace(source, url_template=template)
    return source


def chosen_sources(
    settings: "Settings", source: str | None, url: str | None
) -> "list[tuple[Source, str | None]]":
    """The sources meant, each with its url template: one by name or folder, or all of them.

    Raises SourceError when there is none, or it cannot be read.
    """
    from ingest.errors import SourceError
    from ingest.sources.folder import FolderSource

    if source is None and not settings.sources:
        raise SourceError(
            "There is no source to ingest.\n"
            "Name a folder with --source, or a [sources.NAME] table in footnote.toml."
        )
    if source is None or source in settings.sources:
        named = {source: settings.sources[source]} if source else settings.sources
        found: list[tuple[FolderSource, str | None]] = [
            (FolderSource(name, each.folder, each.url, each.locale), url or each.url)
            for name, each in named.items()
        ]
    else:
        folder = Path(source).expanduser().resolve()
        if os.fsencode(folder).decode("utf-8", "replace") != str(folder):
            raise SourceError(
                f"The name of the folder {str(folder)!r} is not UTF-8, so it cannot be kept.\n"
                "Rename it, or name it in a [sources.NAME] table in footnote.toml."
            )
        found = [(FolderSource(str(folder), folder, url), url)]
    for each, _ in found:
        each.check()
    return list(found)


@ingest.command("runs")
def ingest_runs(
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the latest runs: what they did, and why one stopped."""
    from ingest.console import print_json, run
    from ingest.migrations import open_database
    from ingest.settings import Settings

    async def latest() -> list[dict[str, object]]:
        async with open_database(Settings.load()) as database:
            return await database.rows("latest_runs", limit=limit)

    rows = run(latest())
    if json:
        print_json(rows)
        return
    for row in rows:
        typer.echo(
            f"{row['id']}  {row['started_at']:%Y-%m-%d %H:%M}  {row['state']}  {row['source']}"
        )
        if row["reason"]:
            typer.echo(f"    {row['reason']}")
    if not rows:
        typer.echo("No run yet. Run: footnote ingest run --source FOLDER")


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


def _print_result(result: "RunResult") -> None:
    counts = result.articles
    typer.echo(
        f"{counts.added} added, {counts.changed} changed, {counts.moved} moved,"
        f" {counts.removed} removed, {counts.kept} kept, {counts.failed} failed"
        f" — {result.passages} passages written, {result.embedded} texts embedded,"
        f" {result.seconds:.1f} s"
    )
    for failure in result.failures:
        typer.echo(f"  failed: {failure.path}: {failure.reason}")


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


@embeddings.command("switch")
def embeddings_switch() -> None:
    """Embed everything anew with the model in the settings, then answer from that."""
    from ingest.console import progress, run
    from ingest.embeddings import open_embedder
    from ingest.migrations import open_database
    from ingest.settings import Settings
    from ingest.switch import Switch, switch_space

    async def switch() -> Switch:
        settings = Settings.load()
        async with open_database(settings) as database:
            embedder = open_embedder(settings)
            try:
                with progress("Switching") as show:
                    return await switch_space(database, embedder, show)
            finally:
                await embedder.close()

    done = run(switch())
    if done.needed:
        typer.echo(
            f"Answers come from {done.after} now: {done.served} texts, {done.embedded} of them"
            f" newly embedded.\nThe vectors of {done.before} are kept: put it back in the settings"
            " and switch again to return.\nStart `footnote serve` and `footnote worker` anew."
        )
    else:
        typer.echo(f"Answers come from {done.after} already.")


@embeddings.command("status")
def embeddings_status(
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say which embedding model is served, and which others have vectors."""
    from ingest.console import print_json, run
    from ingest.migrations import open_database
    from ingest.settings import Settings
    from ingest.spaces import Space

    async def spaces() -> "list[dict[str, object]]":
        async with open_database(Settings.load()) as database:
            rows = await database.rows("all_spaces")
        return [
            {
                "space": str(Space.from_row(row).name),
                "served": row["served"],
                "cached_vectors": row["cached"],
            }
            for row in rows
        ]

    found = run(spaces())
    if json:
        print_json(found)
        return
    for space in found:
        state = "served" if space["served"] else "kept"
        typer.echo(f"{space['space']}  {state}, {space['cached_vectors']} vectors")
    if not found:
        typer.echo("No embedding model is in use yet. Run: footnote ingest run --source FOLDER")
