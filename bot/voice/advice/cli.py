"""`footnote voice advise`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.voice.dataset.cli import BASE_MODEL, Json

if TYPE_CHECKING:
    from bot.voice.advice.evidence import Evidence


def advise(
    model: Annotated[str, typer.Option(help="The model that would be trained.")] = BASE_MODEL,
    html: Annotated[Path | None, typer.Option(help="Also write a report with charts.")] = None,
    json: Json = False,
) -> None:
    """Say whether training a voice would pay, from this desk's own data."""
    from datetime import UTC, datetime

    from bot.errors import VoiceError
    from bot.voice.advice import report
    from bot.voice.advice.verdict import judge
    from ingest.console import print_json, run

    evidence = run(_gathered(model))
    verdict = judge(evidence)
    if json:
        print_json(verdict.as_json() | {"evidence": evidence.as_json()})
    else:
        typer.echo(report.markdown(evidence, verdict))
    if html is not None:
        try:
            page = report.html(evidence, verdict, datetime.now(UTC).date())
            html.write_text(page, encoding="utf-8")
        except OSError as error:
            raise VoiceError(f"{html} cannot be written: {error.strerror}.") from error
        typer.echo(f"written: {html}", err=True)


async def _gathered(model: str) -> "Evidence":
    from bot.settings import Settings
    from bot.voice.advice.evidence import gather
    from bot.voice.voices import Voices
    from ingest.migrations import open_database

    settings = Settings.load()
    async with open_database(settings) as database:
        voices = Voices(settings, database)
        try:
            return await gather(database, voices, settings, model)
        finally:
            await voices.close()
