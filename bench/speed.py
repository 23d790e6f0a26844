"""Passages a second with every vector at hand, beside LlamaIndex's pipeline, in turn.

Ours is the whole run, with its plan, guard, record, lexicon and checks.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from bench.hashed import HashedEmbedder
from bench.pipeline_peer import PEERS, PipelinePeer, Vectors
from ingest.articles import Article
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.pipeline import run_ingest
from ingest.runs import RunReport
from ingest.sources import Fetch

PAIRS = 5
OURS = "Footnote"


@dataclass(frozen=True, slots=True)
class InMemory:
    """Articles that have been read."""

    articles: Sequence[Article]
    name: str = "memory"

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """All of them."""
        del since, known
        return Fetch(self._each())

    async def _each(self) -> AsyncIterator[Article]:
        for article in self.articles:
            yield article


async def ingest(database: Database, embedder: Embedder, source: InMemory) -> tuple[int, RunReport]:
    """A whole run, by the production path; the source's number and the report."""
    row = await database.row("upsert_source", name=source.name, url_template=None)
    assert row is not None
    report = await run_ingest(database, embedder, source, row["id"], lambda *_: None)
    return row["id"], report


@dataclass(frozen=True, slots=True)
class Speed:
    """One contender's medians over the pairs, by the clock and of its processes' processor time.

    `ratio` is how many times its passages a second ours has: the median of the pairs' own.
    """

    who: str
    articles: int
    passages: int
    passages_per_second: float
    cpu_seconds: float
    ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class _Lap:
    passages: int
    seconds: float
    cpu_seconds: float

    @property
    def rate(self) -> float:
        return self.passages / self.seconds


async def speed(
    database: Database,
    embedder: HashedEmbedder,
    articles: Sequence[Article],
    say: Callable[[str], None],
) -> list[Speed]:
    """All ingest the same articles in turn, `PAIRS` times, and once before to fill their caches."""
    laps: dict[str, list[_Lap]] = {OURS: [], **{peer.name: [] for peer in PEERS}}
    vectors = Vectors(embedder, (await embedder.space_name()).dimensions)
    for number in range(PAIRS + 1):
        say(f"speed: round {number} of {PAIRS}")
        await database.run("drop_articles")
        cpu = _cpu()
        _, report = await ingest(database, embedder, InMemory(articles))
        laps[OURS].append(_Lap(report.passages, report.seconds, _cpu() - cpu))
        for peer in PEERS:
            async with PipelinePeer.opened(database, peer, vectors) as pipeline:
                cpu = _cpu()
                passages, seconds = await asyncio.to_thread(pipeline.run, articles)
                laps[peer.name].append(_Lap(passages, seconds, _cpu() - cpu))
    return [_medians(who, len(articles), each[1:], laps[OURS][1:]) for who, each in laps.items()]


def _medians(who: str, articles: int, laps: Sequence[_Lap], ours: Sequence[_Lap]) -> Speed:
    ratio = median(own.rate / lap.rate for own, lap in zip(ours, laps, strict=True))
    return Speed(
        who,
        articles,
        laps[0].passages,
        round(median(lap.rate for lap in laps)),
        round(median(lap.cpu_seconds for lap in laps), 2),
        round(ratio, 2),
    )


def _cpu() -> float:
    """This process's and that of its children which have ended: not Postgres's."""
    return sum(os.times()[:4])
