"""Retrievals while everything is ingested again in the same process, as `footnote serve` does."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from statistics import quantiles

from bench.hashed import HashedEmbedder
from bench.speed import InMemory, ingest
from bot.evidence import Evidence
from bot.retrieval import Retriever
from ingest.articles import Article
from ingest.database import Database
from ingest.errors import FootnoteError
from ingest.spaces import space_for

READERS = 2
IDLE = 1_000  # retrievals without ingest, before and after


@dataclass(slots=True)
class Readings:
    """What readers met."""

    milliseconds: list[float] = field(default_factory=list)
    passages: int = 0
    failed: int = 0
    mixtures: int = 0

    def quantile(self, percent: int) -> float:
        """In milliseconds."""
        return round(quantiles(self.milliseconds, n=100, method="inclusive")[percent - 1], 2)


@dataclass(frozen=True, slots=True)
class Readers:
    """The readings during ingest, and their p95 beside that without."""

    retrievals: int
    passages: int
    ingested_again: int
    failed: int
    mixtures: int
    idle_p50_ms: float
    idle_p95_ms: float
    p50_ms: float
    p95_ms: float
    ratio: float


@dataclass(slots=True)
class Editions:
    """Every text an article has had: the n-th is its version n."""

    articles: Sequence[Article]
    texts: dict[tuple[str, int], str] = field(default_factory=dict)
    count: int = 0

    def next(self) -> InMemory:
        """All articles changed; every offset in them moves, so that no two editions agree."""
        self.count += 1
        mark = "Edition " + "again " * self.count
        edited = [replace(each, text=f"{mark}\n\n{each.text}") for each in self.articles]
        for article in edited:
            self.texts[article.external_id, self.count] = article.text
        return InMemory(edited, "readers")

    def is_mixture(self, found: Evidence) -> bool:
        """Whether two versions of an article were found, or words that are not their version's."""
        versions = {(passage.article, passage.version) for passage in found.passages}
        return len(versions) != len({article for article, _ in versions}) or any(
            self.texts[passage.article, passage.version][passage.start : passage.end]
            != passage.text
            for passage in found.passages
        )


async def readers(
    database: Database,
    embedder: HashedEmbedder,
    articles: Sequence[Article],
    questions: Sequence[str],
    retrievals: int,
    say: Callable[[str], None],
) -> Readers:
    """Read alone, during ingest after ingest of everything until there are enough, and alone."""
    editions = Editions(articles)
    await ingest(database, embedder, editions.next())
    search = Retriever(database, embedder, await space_for(database, await embedder.space_name()))
    idle, busy = Readings(), Readings()
    dice = random.Random(7)  # noqa: S311 - not a secret

    async def read(into: Readings, enough: Callable[[], bool]) -> None:
        while not enough():
            await _read_once(search, dice.choice(questions), editions, into)

    async def alone() -> None:
        goal = len(idle.milliseconds) + IDLE
        await asyncio.gather(
            *(read(idle, lambda: len(idle.milliseconds) >= goal) for _ in range(READERS))
        )

    await alone()
    reading = [
        asyncio.create_task(read(busy, lambda: len(busy.milliseconds) >= retrievals))
        for _ in range(READERS)
    ]
    while not all(task.done() for task in reading):
        await ingest(database, embedder, editions.next())
        say(f"readers: {len(busy.milliseconds)} retrievals, edition {editions.count}")
    await asyncio.gather(*reading)
    await alone()
    return Readers(
        retrievals=len(busy.milliseconds),
        passages=busy.passages,
        ingested_again=editions.count - 1,
        failed=idle.failed + busy.failed,
        mixtures=idle.mixtures + busy.mixtures,
        idle_p50_ms=idle.quantile(50),
        idle_p95_ms=idle.quantile(95),
        p50_ms=busy.quantile(50),
        p95_ms=busy.quantile(95),
        ratio=round(busy.quantile(95) / idle.quantile(95), 2),
    )


async def _read_once(search: Retriever, question: str, editions: Editions, into: Readings) -> None:
    started = time.perf_counter()
    try:
        found = (await search.retrieve(question)).evidence
    except FootnoteError:
        into.failed += 1
        return
    into.milliseconds.append((time.perf_counter() - started) * 1000)
    into.passages += len(found.passages)
    into.mixtures += editions.is_mixture(found)
