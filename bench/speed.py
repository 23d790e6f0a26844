"""Passages a second with every vector at hand, beside LlamaIndex's pipeline, in turn."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from bench.hashed import HashedEmbedder
from bench.pipeline_peer import PipelinePeer
from bench.queries import bench_database
from ingest.articles import Article
from ingest.database import Database
from ingest.pipeline import run_ingest
from ingest.runs import RunReport
from ingest.sources import Fetch

PAIRS = 5


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


async def ingest(
    database: Database, embedder: HashedEmbedder, source: InMemory
) -> tuple[int, RunReport]:
    """A whole run, by the production path; the source's number and the report."""
    row = await database.row("upsert_source", name=source.name, url_template=None)
    assert row is not None
    report = await run_ingest(database, embedder, source, row["id"], lambda *_: None)
    return row["id"], report


@dataclass(frozen=True, slots=True)
class Speed:
    """Medians over pairs, by the clock and by this process's processor time."""

    articles: int
    passages: int
    passages_per_second: float
    cpu_seconds: float
    peer_passages: int
    peer_passages_per_second: float
    peer_cpu_seconds: float
    ratio: float  # of passages a second: the median of the pairs' own


async def speed(
    database: Database,
    embedder: HashedEmbedder,
    articles: Sequence[Article],
    say: Callable[[str], None],
) -> Speed:
    """Both ingest the same articles, first one, then the other, `PAIRS` times."""
    own = bench_database(database)
    source = InMemory(articles)
    await ingest(own, embedder, source)  # fills the cache
    dimensions = (await embedder.space_name()).dimensions
    ours, theirs = [], []
    for number in range(PAIRS):
        say(f"speed: pair {number + 1} of {PAIRS}")
        await own.run("drop_articles")
        cpu = time.process_time()
        _, report = await ingest(own, embedder, source)
        assert report.embedded == 0
        ours.append((report.passages, report.seconds, time.process_time() - cpu))
        async with PipelinePeer.opened(own, dimensions) as peer:
            cpu = time.process_time()
            theirs.append((*await asyncio.to_thread(peer.run, articles), time.process_time() - cpu))
    pairs = list(zip(ours, theirs, strict=True))
    ratio = median(mine[0] / mine[1] / (peer[0] / peer[1]) for mine, peer in pairs)
    return Speed(
        articles=len(articles),
        passages=ours[0][0],
        passages_per_second=round(median(n / seconds for n, seconds, _ in ours)),
        cpu_seconds=round(median(cpu for _, _, cpu in ours), 2),
        peer_passages=theirs[0][0],
        peer_passages_per_second=round(median(n / seconds for n, seconds, _ in theirs)),
        peer_cpu_seconds=round(median(cpu for _, _, cpu in theirs), 2),
        ratio=round(ratio, 2),
    )
