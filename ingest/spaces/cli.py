"""`footnote embeddings …`: which embedding models there are, and which one answers come from."""

import contextlib
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from ingest.embeddings.models import Embedders
    from ingest.settings import Settings
    from ingest.spaces import Space
    from ingest.spaces.switch import Built, Switch, Switching

embeddings = typer.Typer(
    help="Look after the embedding model.", no_args_is_help=True, rich_markup_mode=None
)
Name = Annotated[
    str,
    typer.Argument(
        help="A model's name: its [embeddings.NAME] in footnote.toml, default or minilm."
    ),
]


@embeddings.command()
def build(name: Name) -> None:
    """Embed everything served with another model, while answers go on coming from this one."""
    from ingest.console import run
    from ingest.settings import Settings

    async def built(settings: "Settings") -> "Built":
        async with _switching(settings, "Building") as switching:
            return await switching.build(name)

    done = run(built(Settings.load()))
    if done.served:
        typer.echo(f"Answers come from {done.space.name} already.")
    else:
        typer.echo(
            f"{done.space.name} is ready, {done.embedded} texts newly embedded."
            f" To answer from it, run: footnote embeddings switch {name}"
        )


@embeddings.command()
def switch(
    name: Name,
    force: Annotated[
        bool, typer.Option("--force", help="Switch without measuring what it finds.")
    ] = False,
) -> None:
    """Answer from another model's vectors, unless it finds less; a running bot follows."""
    from ingest.console import run
    from ingest.settings import Settings

    async def switched(settings: "Settings") -> "Switch":
        async with _switching(settings, "Switching") as switching:
            return await switching.switch(name, settings.golden_questions, force=force)

    _print_switch(run(switched(Settings.load())))


@embeddings.command()
def rollback() -> None:
    """Answer from the space before the last switch again."""
    from ingest.console import run
    from ingest.settings import Settings

    async def rolled_back(settings: "Settings") -> "Switch":
        async with _switching(settings, "Going back") as switching:
            return await switching.rollback()

    _print_switch(run(rolled_back(Settings.load())))


@embeddings.command()
def drop(
    name: Annotated[str, typer.Argument(help="A model's name, or a space as `status` writes it.")],
) -> None:
    """Delete the vectors of a model that answers do not come from."""
    from ingest.console import run
    from ingest.settings import Settings

    async def dropped(settings: "Settings") -> "Space":
        async with _switching(settings, "Dropping") as switching:
            space = await _space_meant(switching, name)
            await switching.drop(space)
            return space

    typer.echo(f"{run(dropped(Settings.load())).name} is gone.")


@embeddings.command()
def status(
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Say which embedding model is served, and which others have vectors."""
    from ingest.console import print_json, run
    from ingest.settings import Settings

    found = run(_spaces(Settings.load()))
    if json:
        print_json(found)
        return
    for space in found:
        recall = ""
        if space["recall"] is not None:
            recall = f", recall@5 {space['recall']:.3f} of {space['recall_questions']} questions"
        typer.echo(
            f"{space['space']}  {_state(space)}, {space['vectors']} vectors,"
            f" {space['model'] or 'no model in the settings'}{recall}"
        )
    if not found:
        typer.echo("No embedding model is in use yet. Run: footnote ingest run --source FOLDER")


@contextlib.asynccontextmanager
async def _switching(settings: "Settings", what: str) -> "AsyncIterator[Switching]":
    from ingest.console import progress
    from ingest.migrations import open_database
    from ingest.spaces.switch import Switching

    async with open_database(settings) as database, _embedders(settings) as embedders:
        with progress(what) as show:
            yield Switching(database, embedders, show)


@contextlib.asynccontextmanager
async def _embedders(settings: "Settings") -> "AsyncIterator[Embedders]":
    from ingest.embeddings.models import Embedders

    embedders = Embedders(settings)
    try:
        yield embedders
    finally:
        await embedders.close()


async def _space_meant(switching: "Switching", name: str) -> "Space":
    """The space of a model's name, or written out. Raises SettingsError when there is none."""
    from ingest.errors import SettingsError
    from ingest.spaces import Space

    spaces = [Space.from_row(row) for row in await switching.database.rows("all_spaces")]
    if name in switching.embedders.names:
        meant = await switching.embedders.named(name).space_name()
        found = [space for space in spaces if space.name == meant]
    else:
        found = [space for space in spaces if str(space.name) == name]
    if len(found) != 1:
        raise SettingsError(
            f"There is no space {name}; `footnote embeddings status` lists those there are."
        )
    return found[0]


async def _spaces(settings: "Settings") -> list[dict[str, Any]]:
    from ingest.migrations import open_database
    from ingest.spaces import Space

    async with open_database(settings) as database, _embedders(settings) as embedders:
        rows = await database.rows("all_spaces")
        return [
            {
                "space": str(Space.from_row(row).name),
                "state": _kind(row),
                "vectors": row["vectors"],
                "texts": row["texts"],
                "cached_vectors": row["cached"],
                "model": await embedders.name_of(Space.from_row(row).name),
                "recall": row["recall"],
                "recall_questions": row["recall_questions"],
            }
            for row in rows
        ]


def _kind(row: dict[str, Any]) -> str:
    if row["served"]:
        return "served"
    if row["vectors"] == row["texts"]:
        return "ready"
    return "kept" if row["left_at"] else "building"


def _state(space: dict[str, Any]) -> str:
    if space["state"] in ("served", "ready"):
        return str(space["state"])
    return f"{space['state']}, {space['vectors']} of {space['texts']}"


def _print_switch(done: "Switch") -> None:
    if not done.needed:
        typer.echo(f"Answers come from {done.after.name} already.")
        return
    measured = ""
    if done.recalls:
        was, now = done.recalls
        measured = f"It has {now}, {done.before.name} has {was} ({now.questions} questions).\n"
    typer.echo(
        f"Answers come from {done.after.name} now, {done.embedded} texts newly embedded.\n"
        f"{measured}The vectors of {done.before.name} are kept for: footnote embeddings rollback"
    )
