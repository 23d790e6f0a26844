"""The command `footnote`."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_answers import answers
from bot.evaluation.cli import evaluation
from bot.voice.cli import voice
from ingest.cli import db, ingest
from ingest.errors import FootnoteError
from ingest.spaces.cli import embeddings

if TYPE_CHECKING:
    from bot.answers import Answer
    from bot.settings import Settings
    from bot.sufficiency.measured import Measured

app = typer.Typer(
    help="A support desk's assistant: every statement carries its footnote.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(ingest, name="ingest")
app.add_typer(db, name="db")
app.add_typer(evaluation, name="eval")
app.add_typer(embeddings, name="embeddings")
app.add_typer(answers, name="answers")
app.add_typer(voice, name="voice")


def main() -> None:
    """Run a command; an error a person can mend is said in its own words, without a traceback."""
    try:
        app()
    except FootnoteError as error:
        sys.stderr.write(f"footnote: {error}\n")
        sys.exit(1)
    except BrokenPipeError:
        # The reader of our output has left (`footnote ask … | head`); nobody is there to be told.
        sys.stderr.close()
        sys.exit(141)
    except Exception as error:
        if os.environ.get("FOOTNOTE_DEBUG"):
            raise
        sys.stderr.write(
            f"footnote: a mistake of this program: {type(error).__name__}: {error}\n"
            "Please report it; FOOTNOTE_DEBUG=1 shows where it happened.\n"
        )
        sys.exit(70)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        typer.echo(f"footnote {metadata.version('footnote-desk')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Take the options that stand before a command."""
    del version


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")],
    voice: Annotated[str, typer.Option(help="How the answer is worded.")] = "neutral",
    json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Answer one question from the help centre, with footnotes."""
    from bot.answers import Verdict
    from bot.settings import Settings
    from bot.terminal import print_answer
    from ingest.console import print_json, run

    answer = run(_ask(Settings.load(), question, voice, live=sys.stdout.isatty() and not json))
    if json:
        print_json(answer.as_json())
    else:
        print_answer(answer)
    if answer.verdict is Verdict.FAILED:
        raise typer.Exit(1)


async def _ask(settings: "Settings", question: str, voice: str, *, live: bool) -> "Answer":
    from contextlib import nullcontext

    from bot.app import open_app
    from bot.asking import answer_once
    from bot.terminal import unfolding

    async with open_app(settings) as app:
        with unfolding() if live else nullcontext() as show:
            return await answer_once(app, question, voice, show)


@app.command()
def calibrate(
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Find the score from which on your help centre's answers are given, and keep it."""
    from rich.console import Console

    from bot.settings import Settings
    from bot.sufficiency.plot import print_measured
    from ingest.console import print_json, run

    measured = run(_calibrate(Settings.load()))
    if json:
        print_json(measured.as_json())
    else:
        print_measured(measured, ("own sentences", "article left out", "strangers"), Console())


async def _calibrate(settings: "Settings") -> "Measured":
    from bot.app import open_app
    from bot.sufficiency.calibration import calibrate
    from ingest.console import progress

    async with open_app(settings) as app:
        with progress("Calibrating") as show:
            return await calibrate(app.database, app.retriever, show)


@app.command()
def serve() -> None:
    """Answer in Slack: by Socket Mode with SLACK_APP_TOKEN, else by signed HTTP requests."""
    from bot.serving import serve as serve_forever
    from bot.settings import Settings
    from ingest.console import run

    run(serve_forever(Settings.load()))


@app.command()
def review(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Of 127.0.0.1; any by default.")] = 0,
) -> None:
    """Open the review console for whoever is at this machine."""
    from bot.serving import set_up_logging, until_told_to_stop
    from bot.settings import Settings
    from bot.web.console.opening import review as review_forever
    from ingest.console import run

    set_up_logging()
    run(until_told_to_stop(review_forever(Settings.load(), port)))


@app.command()
def worker() -> None:
    """Run answer jobs and the nightly ingest, beside other workers if you like."""
    from bot.serving import work
    from bot.settings import Settings
    from ingest.console import run

    run(work(Settings.load()))


@app.command()
def demo(
    docs: Annotated[
        Path | None, typer.Option(help="Your articles instead of the sample's.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(help="Address of an article, as {id} or {path}.")
    ] = None,
) -> None:
    """Ingest the sample help centre, or a folder of yours, and answer four questions."""
    from bot.demo import show
    from bot.settings import Settings
    from ingest.console import run

    run(show(Settings.load(), docs, url))
