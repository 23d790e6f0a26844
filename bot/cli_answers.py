"""`footnote answers …`."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.staleness import StaleAnswer

answers = typer.Typer(
    help="Look after answers that were given.", no_args_is_help=True, rich_markup_mode=None
)


@answers.callback()
def _root() -> None:
    """Keep `stale` a command of its own, though it is the only one."""


@answers.command("stale")
def answers_stale(
    json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """List answers that cite words which their article no longer has."""
    from bot.settings import Settings
    from ingest.console import print_json, run

    settings = Settings.load()
    found = run(_stale(settings))
    if json:
        print_json([stale.as_json() for stale in found])
        return
    days = settings.answers.stale_days
    for stale in found:
        typer.echo("\n".join(stale.lines()))
    typer.echo(
        f"{len(found)} of the last {days} days' answers cite words that have changed since."
        if found
        else f"All that the answers of the last {days} days cite is still there."
    )


async def _stale(settings: "Settings") -> "list[StaleAnswer]":
    from bot.staleness import mark_stale, stale_answers
    from ingest.migrations import open_database

    days = settings.answers.stale_days
    async with open_database(settings) as database:
        await mark_stale(database, days)
        return await stale_answers(database, days)
