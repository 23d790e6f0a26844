"""`footnote voice dataset …`: what a voice is trained on."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.voice.dataset.building import Dataset
    from ingest.database import Database

BASE_MODEL = "gpt-4.1-mini-2025-04-14"

dataset = typer.Typer(
    help="What a voice is trained on: answers that leads approved or amended.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Json = Annotated[bool, typer.Option("--json", help="Print it as JSON.")]
Who = Annotated[str | None, typer.Option(help="Who does it; you unless told.", show_default=False)]


@dataset.command("build")
def dataset_build(
    voice: Annotated[
        str | None, typer.Option(help="The voice whose instructions the examples have.")
    ] = None,
    model: Annotated[str, typer.Option(help="The model to be trained, for the cost.")] = BASE_MODEL,
    out: Annotated[Path | None, typer.Option(help="Also write the files to this folder.")] = None,
    who: Who = None,
    json: Json = False,
) -> None:
    """Make examples of the reviews there are, in splits, and print the data card."""
    from bot.settings import Settings
    from bot.voice.dataset.building import build, write
    from bot.voice.dataset.card import card_lines
    from ingest.console import print_json

    settings = Settings.load()

    async def built(database: "Database") -> "Dataset":
        told = await _instructions(database, voice)
        return await build(database, told, model, settings.prices.get(model), who_is(who))

    found = _with_database(built)
    if json:
        print_json(found.card)
    else:
        typer.echo("\n".join(card_lines(found.card)))
    if out is not None:
        for file in write(found, out):
            typer.echo(f"written: {file}", err=True)
    found.check()


@dataset.command("show")
def dataset_show(
    begins: Annotated[str, typer.Argument(help="How its hash begins; the latest without.")] = "",
    json: Json = False,
) -> None:
    """Print the examples with the number of the review each is from."""
    from bot.voice.dataset.building import load
    from bot.voice.dataset.examples import examples
    from ingest.console import print_json

    found = examples(_with_database(lambda database: load(database, begins)))
    if json:
        print_json([each.as_json() for each in found])
        return
    for each in found:
        typer.echo("\n".join(each.lines()))
    typer.echo(f"{len(found)} examples. To leave one out: footnote voice dataset strike REVIEW")


@dataset.command("strike")
def dataset_strike(
    review: Annotated[int, typer.Argument(help="The number of the review.")],
    why: Annotated[str, typer.Option(help="The reason, for the record.")] = "not how we speak",
    back: Annotated[bool, typer.Option("--back", help="Take it in again instead.")] = False,
    who: Who = None,
) -> None:
    """Leave a review out of the datasets that are built from now on."""
    from bot.errors import DatasetError

    async def strike(database: "Database") -> int:
        if back:
            return await database.run("unstrike_review", review=review)
        return await database.run("strike_review", review=review, who=who_is(who), why=why)

    if not _with_database(strike):
        raise DatasetError(f"There is no review {review} to do that to.")
    typer.echo("Taken in again." if back else "Left out. Next: footnote voice dataset build")


async def _instructions(database: "Database", voice: str | None) -> str:
    from bot.settings import Settings, VoiceSettings
    from bot.voice.voices import Voices

    if voice is None:
        return str(VoiceSettings.model_fields["instructions"].default)
    return (await Voices(Settings.load(), database).choose(voice)).instructions


def who_is(who: str | None) -> str:
    """Whoever is told, or whoever runs the command."""
    import getpass

    return who or getpass.getuser()


def _with_database(work: "Callable[[Database], Awaitable[Any]]") -> Any:
    from bot.settings import Settings
    from ingest.console import run
    from ingest.migrations import open_database

    async def opened() -> Any:
        async with open_database(Settings.load()) as database:
            return await work(database)

    return run(opened())
