"""`footnote demo`: from an empty folder to answered questions, before your eyes."""

import re
from pathlib import Path

from rich.console import Console
from rich.text import Text

from bot.app import open_app
from bot.asking import answer_once
from bot.settings import Settings
from bot.terminal import print_answer
from ingest.console import progress
from ingest.database import Database
from ingest.embeddings.models import Embedders
from ingest.errors import SourceError
from ingest.migrations import open_database
from ingest.pipeline import forget_source, ingest_source
from ingest.settings import SourceSettings
from ingest.sources.folder import FolderSource

SAMPLE = Path(__file__).parent.parent / "ingest" / "sample" / "articles"
SAMPLE_QUESTIONS: tuple[str, ...] = (
    "Where can I download the bill for my subscription?",
    "How much does delivery to Switzerland cost?",
    "My Pip reports error E79. What should I do?",
)
NOT_COVERED = "What is the boiling point of tungsten?"
_ASKS = re.compile(
    r"\?$|^(?:how|what|where|why|when|can|change|find|reset|set up|add|cancel)\b", re.IGNORECASE
)


async def show(settings: Settings, docs: Path | None, url: str | None) -> None:
    """Ingest, then ask three questions the help centre answers and one it does not.

    `docs` is another folder than the sample's, `url` the template of its addresses.
    """
    console = Console(highlight=False, soft_wrap=True)
    name, folder = ("sample", SAMPLE) if docs is None else _named(docs)
    FolderSource(name, folder).check()
    source = SourceSettings(folder=folder, url=url)
    async with open_database(settings) as database:
        console.print(Text(f"Ingesting {folder}", style="dim"))
        served = await Embedders(settings).served(database)
        with progress("Ingesting") as tell:
            result = await ingest_source(
                database, served.embedder, settings.with_sources({name: source}), name, tell
            )
        counts = result.articles
        console.print(
            f"{counts.added} articles added, {counts.changed} changed, {counts.kept} kept,"
            f" {counts.failed} failed; {result.passages} passages in {result.seconds:.1f} s\n"
        )
        if result.state == "held":
            console.print(Text("\n".join(result.lines()), style="bold"))
        if docs is not None:
            await _leave_sample(database)
        questions = SAMPLE_QUESTIONS
        if docs is not None:
            rows = await database.rows("served_headings", source=name)
            questions = _own_questions([(row["title"], row["heading"]) for row in rows])
        async with open_app(settings) as app:
            for question in (*questions, NOT_COVERED):
                console.rule(style="dim")
                console.print(Text(f"{question}\n", style="bold"))
                print_answer(await answer_once(app, question), console)
    console.rule(style="dim")
    console.print('Your turn: .venv/bin/footnote ask "…"')


def _named(docs: Path) -> tuple[str, Path]:
    folder = docs.expanduser().resolve()
    return str(folder), folder


async def _leave_sample(database: Database) -> None:
    """The sample's product has no place among the answers of a real help centre."""
    try:
        await forget_source(database, "sample")
    except SourceError:
        return  # it was never ingested


def _own_questions(headings: list[tuple[str, str]], count: int = 3) -> tuple[str, ...]:
    """Questions in a help centre's own words: titles that ask, spread over the articles."""
    titles = list(dict.fromkeys(title for title, _ in headings))
    asking = [title for title in titles if _ASKS.search(title)] or titles
    step = max(1, len(asking) // count)
    return tuple(asking[step // 2 :: step][:count])
