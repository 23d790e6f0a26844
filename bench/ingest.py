"""`python -m bench.ingest`: what a desk must be able to trust ingest with, measured."""

import asyncio
import contextlib
import json
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench.guard import guard
from bench.hashed import HashedEmbedder
from bench.help_centre import GeneratedHelpCentre
from bench.kills import Killing
from bench.nights import unchanged_night
from bench.queries import bench_database
from bench.readers import readers
from bench.replay import REPLAY, Nights, Played, Tree, play
from bench.speed import InMemory, ingest, speed
from bench.switch import switch
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


PARTS = ("replay", "guard", "unchanged", "speed", "readers", "switch")


def main(
    parts: Annotated[list[str] | None, typer.Argument(help=f"Of {', '.join(PARTS)}.")] = None,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = Path("bench-results"),
    kills: Annotated[int, typer.Option(help="Of the replayed runs, kill so many.")] = 100,
    retrievals: Annotated[int, typer.Option(help="Read so often during ingest.")] = 10_000,
) -> None:
    """Measure ingest, all of it or some parts; print a table and write it as JSON."""
    bench = IngestBench(Settings.load(), kills, retrievals)
    wanted = parts or PARTS
    if unknown := set(wanted) - set(PARTS):
        raise typer.BadParameter(f"There is no {', '.join(unknown)}; there is {', '.join(PARTS)}.")
    found = {part: asyncio.run(bench.measure(part)) for part in wanted}
    console = Console()
    console.print(_table(found))
    out.mkdir(parents=True, exist_ok=True)
    (out / "ingest.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    console.print(f"Written to {out / 'ingest.json'}")


def _table(found: Mapping[str, Sequence[Figures]]) -> Table:
    drawn = Table("what", "measured", title="Ingest")
    for name, lines in found.items():
        for line in lines:
            said = "\n".join(f"{key}: {value}" for key, value in line.items())
            drawn.add_row(name, said, end_section=True)
    return drawn


class IngestBench:
    """The measurements; each in fresh databases, and in folders of its own."""

    def __init__(self, settings: Settings, kills: int, retrievals: int) -> None:
        """The settings say on which server."""
        self._settings, self._kills, self._retrievals = settings, kills, retrievals

    async def measure(self, part: str) -> list[Figures]:
        """One of PARTS, in a line or several."""
        measures: dict[str, Callable[[], Awaitable[list[Figures]]]] = {
            "replay": self._replay,
            "guard": self._guard,
            "unchanged": self._unchanged,
            "speed": self._speed,
            "readers": self._readers,
            "switch": self._switch,
        }
        _say(part)
        return await measures[part]()

    async def _replay(self) -> list[Figures]:
        """The nights of a year undisturbed, then with killed runs."""
        if not REPLAY.is_dir():
            return [{"skipped": f"{REPLAY} is not there"}]
        with _scratch_folder() as folder:
            tree = Tree(folder / "articles")
            async with self._fresh("replay") as (database, _):
                played = await play(Nights(database, self._embedder(), tree))
            killed = [await self._kill(tree, played)] if self._kills else []
        return [played.as_json(), *killed]

    async def _kill(self, tree: Tree, played: Played) -> Figures:
        _say(f"{self._kills} kills")
        async with self._fresh("kills") as (database, url):
            nights = Nights(database, self._embedder(), tree)
            return (await Killing(nights, url, played.states, self._kills).play()).as_json()

    async def _guard(self) -> list[Figures]:
        """Fetches that must change nothing."""
        async with self._fresh("guard") as (database, _):
            return [asdict(await guard(database, self._embedder(), await _articles(REAL_ARTICLES)))]

    async def _unchanged(self) -> list[Figures]:
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

    async def _speed(self) -> list[Figures]:
        """Beside LlamaIndex's pipeline."""
        async with self._fresh("speed") as (database, _):
            articles = await _articles(REAL_ARTICLES)
            return list(map(asdict, await speed(database, self._embedder(), articles, _say)))

    async def _readers(self) -> list[Figures]:
        """Readers beside a full ingest."""
        async with self._fresh("readers") as (database, _):
            articles, questions = await _articles(REAL_ARTICLES), real_texts().questions
            wanted = self._retrievals
            met = await readers(database, self._embedder(), articles, questions, wanted, _say)
            return [asdict(met)]

    async def _switch(self) -> list[Figures]:
        """Other embedding models, while questions are answered."""
        async with self._fresh("switch") as (_, url):
            articles, questions = await _articles(REAL_ARTICLES), real_texts().questions
            return [asdict(await switch(url, articles, questions, _say))]

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
