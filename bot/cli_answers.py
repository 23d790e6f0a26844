"""`footnote answers …`."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.review.gaps import Gap
    from bot.review.golden import JudgedQuestion
    from bot.settings import Settings
    from bot.staleness import StaleAnswer

answers = typer.Typer(
    help="Look after answers that were given.", no_args_is_help=True, rich_markup_mode=None
)


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


@answers.command("export")
def answers_export(
    user: Annotated[str | None, typer.Option(help="Only what this Slack user asked.")] = None,
) -> None:
    """Print every answer with its question, ground, votes and reviews, a line of JSON each."""
    from bot.settings import Settings
    from ingest.console import run

    run(_export(Settings.load(), user))


async def _export(settings: "Settings", user: str | None) -> None:
    from json import dumps

    from bot.personal_data import export
    from ingest.migrations import open_database

    async with open_database(settings) as database:
        async for row in export(database, user):
            print(dumps(row, ensure_ascii=False, default=str))


@answers.command("forget")
def answers_forget(
    user: Annotated[str, typer.Argument(help="The Slack user, U….")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Erase a person's questions, votes and all that was made of them, and say what went."""
    from bot.settings import Settings
    from ingest.console import run

    if not yes:
        typer.confirm(f"Erase all that is kept of {user}? It cannot be undone.", abort=True)
    for line in run(_forget(Settings.load(), user)):
        print(line)


async def _forget(settings: "Settings", user: str) -> list[str]:
    from bot.personal_data import forget
    from ingest.migrations import open_database

    async with open_database(settings) as database:
        erased = await forget(database, user)
    return [
        "Erased:",
        *(f"  {line}" for line in erased.lines()),
        "Not erased: the audit log, where it names them; messages in Slack; backups.",
    ]


@answers.command("gaps")
def answers_gaps(
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """Group the questions of lately that the help centre does not cover."""
    from dataclasses import asdict

    from bot.settings import Settings
    from ingest.console import print_json, run

    found = run(_gaps(Settings.load()))
    if json:
        print_json([asdict(gap) for gap in found])
        return
    for gap in found:
        print(f"{gap.questions:>5}  {gap.lately:>4} lately  {gap.label}")
    typer.echo(f"{len(found)} content gaps." if found else "Everything that is asked is covered.")


async def _gaps(settings: "Settings") -> "list[Gap]":
    from bot.app import open_app
    from bot.review.gaps import find_gaps, gaps

    async with open_app(settings) as app:
        served = app.retriever.served
        await find_gaps(app.database, served.embedder, served.space)
        return await gaps(app.database)


@answers.command("golden")
def answers_golden() -> None:
    """Print the questions leads have approved, each with its article, as `golden_questions` has."""
    from json import dumps

    from bot.settings import Settings
    from ingest.console import run

    for judged in run(_golden(Settings.load())):
        if judged.covered and not judged.rejected and judged.articles:
            row = {"question": judged.question, "article": judged.articles[0]}
            print(dumps(row, ensure_ascii=False))


async def _golden(settings: "Settings") -> "list[JudgedQuestion]":
    from bot.review.golden import golden_set
    from ingest.migrations import open_database

    async with open_database(settings) as database:
        return await golden_set(database)
