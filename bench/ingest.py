"""`python -m bench.ingest`: what a desk must be able to trust ingest with, measured."""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench.hashed import HashedEmbedder
from bench.help_centre import GeneratedHelpCentre
from bench.kills import Killing
from bench.nights import unchanged_night
from bench.queries import bench_database
from bench.readers import readers
from bench.replay import REPLAY, Nights, Played, Tree, play
from bench.speed import InMemory, ingest, speed
from bench.texts import SHARED, real_texts
from bot.evaluation.scratch import scratch_database
from ingest.articles import Article
from ingest.database import Database, connect
from ingest.embeddings import open_embedder
from ingest.migrations import server
from ingest.settings import Settings
from ingest.sources.folder import FolderSource

REAL = SHARED / "arduino-help" / "articles"
REAL_ARTICLES, MANY_ARTICLES = 414, 10_000
PASSAGES_EACH = 4  # of a generated article
Figures = dict[str, Any]


def main(
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = Path("bench-results"),
    replay: Annotated[bool, typer.Option(help="Play a year of nights.")] = True,
    kills: Annotated[int, typer.Option(help="Of that year's runs, kill so many.")] = 100,
    nights: Annotated[bool, typer.Option(help="Measure nights without changes.")] = True,
    faster: Annotated[bool, typer.Option("--speed/--no-speed", help="Beside LlamaIndex.")] = True,
    retrievals: Annotated[int, typer.Option("--readers", help="Read so often meanwhile.")] = 10_000,
) -> None:
    """Measure ingest; print a table and write it as JSON. Needs only what `make bench` installs."""
    bench = IngestBench(Settings.load())
    wanted: dict[str, Coroutine[Any, Any, Figures | list[Figures]] | None] = {
        "replay": bench.nights_of_a_year(kills) if replay else None,
        "unchanged": bench.unchanged() if nights else None,
        "speed": bench.speed() if faster else None,
        "readers": bench.readers(retrievals) if retrievals else None,
    }
    found: Figures = {name: asyncio.run(work) for name, work in wanted.items() if work is not None}
    console = Console()
    drawn = Table("what", "measured", title="Ingest")
    for name, figures in found.items():
        for line in figures if isinstance(figures, list) else [figures]:
            said = "\n".join(f"{key}: {value}" for key, value in line.items())
            drawn.add_row(name, said, end_section=True)
    console.print(drawn)
    out.mkdir(parents=True, exist_ok=True)
    (out / "ingest.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    console.print(f"Written to {out / 'ingest.json'}")


class IngestBench:
    """The measurements; each in fresh databases, and in folders of its own."""

    def __init__(self, settings: Settings) -> None:
        """The settings say on which server."""
        self._settings = settings

    async def nights_of_a_year(self, kills: int) -> Figures:
        """The replay undisturbed, then with killed runs."""
        if not REPLAY.is_dir():
            return {"skipped": f"{REPLAY} is not there"}
        with _scratch_folder() as folder:
            tree = Tree(folder / "articles")
            _say("replay")
            async with self._fresh("replay") as (database, _):
                played = await play(Nights(database, self._embedder(), tree))
            found: Figures = played.as_json()
            if kills:
                found["kills"] = await self._kill(tree, played, kills)
        return found

    async def _kill(self, tree: Tree, played: Played, kills: int) -> Figures:
        _say(f"{kills} kills")
        async with self._fresh("kills") as (database, url):
            nights = Nights(database, self._embedder(), tree)
            return (await Killing(nights, url, played.states, kills).play()).as_json()

    async def unchanged(self) -> list[Figures]:
        """Nights on which nothing changed, at two sizes."""
        found = []
        for count in (REAL_ARTICLES, MANY_ARTICLES):
            _say(f"a night of {count} unchanged articles")
            with _scratch_folder() as folder:
                await _write(await _articles(count), folder)
                read = [each async for each in FolderSource("", folder).fetch().found]
                articles = [each for each in read if isinstance(each, Article)]
                async with self._fresh("night") as (database, url):
                    await ingest(database, self._embedder(), InMemory(articles, str(folder)))
                    night = await asyncio.to_thread(unchanged_night, folder, url, count)
                    found.append(asdict(night))
        return found

    async def speed(self) -> Figures:
        """Beside LlamaIndex's pipeline."""
        async with self._fresh("speed") as (database, _):
            articles = await _articles(REAL_ARTICLES)
            return asdict(await speed(database, self._embedder(), articles, _say))

    async def readers(self, retrievals: int) -> Figures:
        """Readers beside a full ingest."""
        async with self._fresh("readers") as (database, _):
            articles, questions = await _articles(REAL_ARTICLES), real_texts().questions
            return asdict(
                await readers(database, self._embedder(), articles, questions, retrievals, _say)
            )

    def _embedder(self) -> HashedEmbedder:
        return HashedEmbedder(open_embedder(self._settings))

    @contextlib.asynccontextmanager
    async def _fresh(self, name: str) -> AsyncIterator[tuple[Database, str]]:
        """An empty database and its address, dropped at the end."""
        scratch = f"footnote_bench_{name}"
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(scratch))
        async with server(self._settings) as url, connect(url) as connection:
            await connection.execute(drop)
            async with scratch_database(self._settings, scratch) as database:
                yield bench_database(database), str(database.pool.conninfo)
            await connection.execute(drop)


async def _articles(count: int) -> list[Article]:
    """Real ones where they are and that many are wanted, else generated ones."""
    if count == REAL_ARTICLES and REAL.is_dir():
        source = FolderSource("real", REAL, "https://help.example.com/{id}")
        return [each async for each in source.fetch().found if isinstance(each, Article)]
    generated = GeneratedHelpCentre(real_texts(), count * PASSAGES_EACH).fetch().found
    return [each async for each in generated if isinstance(each, Article)]


async def _write(articles: list[Article], folder: Path) -> None:
    for number, article in enumerate(articles):
        front = {"title": article.title, "id": article.external_id}
        head = "".join(f"{key}: {json.dumps(value)}\n" for key, value in front.items())
        file = folder / f"{number % 40}" / f"{number}.md"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"---\n{head}---\n\n{article.text}\n", encoding="utf-8")


@contextlib.contextmanager
def _scratch_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="footnote-bench-") as name:
        yield Path(name).resolve()


def _say(stage: str) -> None:
    print(stage, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
