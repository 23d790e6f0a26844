"""`footnote voice train | runs | cancel`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.voice.dataset.cli import BASE_MODEL, Json, Who, who_is

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bot.settings import Settings
    from bot.voice.training.runs import Run, Trainer
    from bot.voice.training.training import Finished, Training
    from ingest.database import Database


class Backend(StrEnum):
    """Where a voice is trained."""

    OPENAI = "openai"
    LOCAL = "local"


class Method(StrEnum):
    """How a voice is trained."""

    SUPERVISED = "supervised"
    DPO = "dpo"


def train(
    name: Annotated[str, typer.Argument(help="What the voice that comes of it is called.")],
    backend: Annotated[Backend, typer.Option(help="Where.")] = Backend.OPENAI,
    method: Annotated[
        Method, typer.Option(help="On wordings, or on better over worse ones.")
    ] = Method.SUPERVISED,
    model: Annotated[
        str, typer.Option(help="The base model: a name, or a folder for local.")
    ] = BASE_MODEL,
    epochs: Annotated[int, typer.Option(min=1, max=50, help="Turns over the examples.")] = 3,
    dataset: Annotated[str, typer.Option(help="How its hash begins; the latest without.")] = "",
    out: Annotated[Path, typer.Option(help="Where local adapters are put.")] = Path("adapters"),
    despite: Annotated[
        str | None, typer.Option(help="Why, where the verdict of `advise` is against it.")
    ] = None,
    who: Who = None,
) -> None:
    """Train a voice, or go on with a training that was interrupted."""
    from bot.voice.training.training import Wanted
    from ingest.console import progress

    wanted = Wanted(name, backend.value, method.value, model, epochs, dataset)

    async def trained(training: "Training") -> "Finished":
        with progress(f"Training {name}") as show:
            return await training.train(wanted, despite, who_is(who), show)

    done = _training(backend.value, out, trained)
    typer.echo(f"{name} is a draft: {done.run.model}, run {done.run.id}.")
    for hint in done.trained.hints:
        typer.echo(hint)
    typer.echo(f"Next: footnote voice test {name}")


def runs(
    number: Annotated[int | None, typer.Argument(help="One run, with its events.")] = None,
    json: Json = False,
) -> None:
    """List the trainings, or show one."""
    from bot.voice.training.listing import lines, read
    from ingest.console import print_json

    found = _with_database(lambda _, database: read(database, number))
    if json:
        print_json([each.as_json() for each in found])
    else:
        typer.echo("\n".join(line for each in found for line in lines(each)) or "None yet.")


def cancel(
    name: Annotated[str, typer.Argument(help="The voice that is trained.")],
) -> None:
    """Stop a training."""

    async def stopped(settings: "Settings", database: "Database") -> "Run":
        row = await database.row("open_run", voice=name)
        backend = row["backend"] if row else Backend.OPENAI.value
        found: Run = await _using(
            settings, database, backend, Path("adapters"), lambda each: each.cancel(name)
        )
        return found

    run = _with_database(stopped)
    typer.echo(f"Run {run.id} is cancelled.")


def _training(backend: str, out: Path, work: "Callable[[Training], Awaitable[Any]]") -> Any:
    return _with_database(lambda settings, database: _using(settings, database, backend, out, work))


async def _using(
    settings: "Settings",
    database: "Database",
    backend: str,
    out: Path,
    work: "Callable[[Training], Awaitable[Any]]",
) -> Any:
    from bot.voice.training.training import Training
    from bot.voice.voices import Voices

    trainer = _trainer(settings, backend, out)
    voices = Voices(settings, database)
    try:
        return await work(Training(database, voices, trainer, settings))
    finally:
        await trainer.close()
        await voices.close()


def _trainer(settings: "Settings", backend: str, out: Path) -> "Trainer":
    if backend == Backend.LOCAL.value:
        from bot.voice.training.local import LocalLoRA

        return LocalLoRA(out)
    from bot.voice.training.openai_jobs import OpenAIJobs

    return OpenAIJobs(settings.openai_api_key, settings.openai_base_url)


def _with_database(work: "Callable[[Settings, Database], Awaitable[Any]]") -> Any:
    from bot.settings import Settings
    from ingest.console import run
    from ingest.migrations import open_database

    async def opened() -> Any:
        settings = Settings.load()
        async with open_database(settings) as database:
            return await work(settings, database)

    return run(opened())
