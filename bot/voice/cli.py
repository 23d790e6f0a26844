"""`footnote voice …`: what voices there are, and what is done to them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.voice.advice.cli import advise
from bot.voice.dataset.cli import Json, Who, dataset, who_is
from bot.voice.training import cli as training

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.app import App
    from bot.settings import VoiceSettings
    from bot.voice.lifecycle import Author, Lifecycle

voice = typer.Typer(
    help="The desk's own way of wording answers: measured, trained, switched on, watched.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

voice.add_typer(dataset, name="dataset")
voice.command("advise")(advise)
voice.command("train")(training.train)
voice.command("runs")(training.runs)
voice.command("cancel")(training.cancel)

Name = Annotated[str, typer.Argument(help="The voice.")]
Channel = Annotated[
    str, typer.Option(help="A channel's id; without it every channel without a voice of its own.")
]
Why = Annotated[str, typer.Option(help="The reason, for the record.")]
Questions = Annotated[
    Path | None,
    typer.Option(help="A question a line, or JSON lines; the latest answers without it."),
]


@voice.command("list")
def voice_list(json: Json = False) -> None:
    """List the voices, their state and where they are live."""
    from bot.voice.listing import listed, print_listed
    from ingest.console import print_json

    found = _open(lambda app: listed(app.database, app.voices))
    if json:
        print_json([each.as_json() for each in found])
    else:
        print_listed(found)


@voice.command("show")
def voice_show(name: Name, json: Json = False) -> None:
    """Show what a voice is, how it did, and what was done to it."""
    from bot.voice.listing import print_shown, shown
    from ingest.console import print_json

    found = _open(lambda app: shown(app.database, app.voices, name))
    if json:
        print_json(found.as_json())
    else:
        print_shown(found)


@voice.command("add")
def voice_add(
    name: Name,
    file: Annotated[Path, typer.Argument(help="TOML with what would stand under [voices.NAME].")],
    why: Why = "to try it",
    who: Who = None,
) -> None:
    """Add a voice as a draft."""
    defined = read_voice(file)
    _change(lambda life, by: life.add(name, defined, by), who, why)
    typer.echo(f"{name} is a draft. Next: footnote voice test {name}")


@voice.command("test")
def voice_test(
    name: Name,
    questions: Questions = None,
    who: Who = None,
    json: Json = False,
) -> None:
    """Have a voice word answers that nobody is shown, and keep how it did."""
    from bot.voice.evaluation import evaluate, print_evaluated
    from bot.voice.trials import read_questions
    from ingest.console import print_json, progress

    asked = read_questions(questions) if questions else None
    with progress("Testing") as show:
        found = _open(lambda app: evaluate(app, name, asked, _author(who, "tested"), show))
    if json:
        print_json(found.as_json())
    else:
        print_evaluated(found)
    if found.refused is not None:
        raise typer.Exit(1)


@voice.command("compare")
def voice_compare(
    one: Name,
    other: Annotated[str, typer.Argument(help="Another one; neutral is one, too.")],
    questions: Questions = None,
    blind: Annotated[
        bool, typer.Option("--blind", help="Ask which wording is better, not saying whose it is.")
    ] = False,
    who: Who = None,
    json: Json = False,
) -> None:
    """Have two voices word the same answers, side by side."""
    from bot.voice.comparison import compare, judge_blindly
    from bot.voice.trials import read_questions
    from ingest.console import print_json, progress

    asked = read_questions(questions) if questions else None

    async def compared(app: "App") -> Any:
        with progress("Comparing") as show:
            found = await compare(app, (one, other), asked, show)
        if blind:
            await judge_blindly(app, found, who_is(who), _ask_which)
        return found

    found = _open(compared)
    if json:
        print_json(found.as_json())
    else:
        typer.echo("\n".join(found.lines()))


def _ask_which(question: str, first: str, second: str) -> int:
    import click

    typer.echo(f"\n{question}\n\n1:\n{first}\n\n2:\n{second}\n", err=True)
    choice = click.Choice(["1", "2", "0"])
    return int(typer.prompt("Which is better? (0: neither)", type=choice, err=True))


@voice.command("promote")
def voice_promote(
    name: Annotated[str, typer.Argument(help="The voice; neutral is one, too.")],
    why: Why,
    channel: Channel = "",
    share: Annotated[
        float, typer.Option(min=0.01, max=1, help="Of the answers, to try it first.")
    ] = 1.0,
    who: Who = None,
) -> None:
    """Make a voice live, for all answers or for a share of them."""
    live = _change(lambda life, by: life.promote(name, channel, share, by), who, why)
    some = f" for {share:.0%} of the answers, the others in the {live.before} voice"
    typer.echo(f"{name} is live {live.where}{some if share < 1 else ''}.")


@voice.command("rollback")
def voice_rollback(why: Why, channel: Channel = "", who: Who = None) -> None:
    """Return to the voice before."""
    live = _change(lambda life, by: life.rollback(channel, by), who, why)
    typer.echo(f"{live.voice} is live {live.where} again.")


@voice.command("retire")
def voice_retire(name: Name, why: Why, who: Who = None) -> None:
    """Use a voice no more; where it is live the one before takes its place."""
    returned = _change(lambda life, by: life.retire(name, by), who, why)
    typer.echo(f"{name} is retired.")
    for live in returned:
        typer.echo(f"{live.voice} is live {live.where} again.")


def read_voice(file: Path) -> "VoiceSettings":
    """A voice's table from a file of its own. Raises SettingsError."""
    import tomllib

    from pydantic import ValidationError

    from bot.settings import VoiceSettings
    from ingest.errors import SettingsError

    try:
        return VoiceSettings.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file} cannot be read as text: {type(error).__name__}.") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file} is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "the table"
        raise SettingsError(f"{file}: {place}: {first['msg'].lower()}.") from error


def _author(who: str | None, why: str) -> "Author":
    from bot.voice.lifecycle import Author

    return Author(who_is(who), why)


def _change(
    change: "Callable[[Lifecycle, Author], Awaitable[Any]]", who: str | None, why: str
) -> Any:
    from bot.voice.lifecycle import Lifecycle

    by = _author(who, why)
    return _open(lambda app: change(Lifecycle(app.database, app.voices), by))


def _open(work: "Callable[[App], Awaitable[Any]]") -> Any:
    """Run work on the opened program."""
    from bot.app import open_app
    from bot.settings import Settings
    from ingest.console import run

    async def opened() -> Any:
        async with open_app(Settings.load(), may_be_empty=True) as app:
            return await work(app)

    return run(opened())
