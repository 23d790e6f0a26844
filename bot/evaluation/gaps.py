"""How well content gaps are found: pages are taken out, and their questions should meet again."""

import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

import numpy as np

from bot.answering import Answering
from bot.answers import Verdict
from bot.evaluation.beir import Dataset
from bot.evaluation.corpus import ingested
from bot.measures import adjusted_rand
from bot.review.gaps import grouped
from ingest.articles import BadArticle
from ingest.embeddings import Embedder
from ingest.progress import Progress
from ingest.settings import Settings
from ingest.sources import Fetch, Found, Source

PAGES = 40  # taken out


@dataclass(frozen=True, slots=True)
class GapsMeasured:
    """Agreement of the groups with the pages: of questions that were declined, and of all."""

    pages: int
    questions: int
    declined: int
    groups: int
    declined_rand: float
    all_rand: float

    def as_json(self) -> dict[str, float]:
        """The form evaluation prints."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Without:
    """A source without some of its articles."""

    source: Source
    missing: frozenset[str]

    @property
    def name(self) -> str:
        """The source's."""
        return self.source.name

    def fetch(
        self, since: datetime | None = None, known: Mapping[str, datetime] | None = None
    ) -> Fetch:
        """Every article that is not missing."""
        fetch = self.source.fetch(since, known)
        return replace(fetch, found=self._kept(fetch.found))

    async def _kept(self, found: AsyncIterator[Found]) -> AsyncIterator[Found]:
        async for each in found:
            if isinstance(each, BadArticle) or each.external_id not in self.missing:
                yield each


async def evaluate_gaps(
    settings: Settings, embedder: Embedder, dataset: Dataset, progress: Progress
) -> GapsMeasured:
    """Take pages out, ask their questions, and compare the groups with the pages."""
    page_of = {query: min(found) for query, found in dataset.judged.items()}
    pages = sorted(set(page_of.values()))
    missing = frozenset(random.Random(PAGES).sample(pages, min(PAGES, len(pages))))  # noqa: S311
    asked = [query for query, page in page_of.items() if page in missing]
    fingerprint = f"{dataset.fingerprint}_gaps"
    partial = replace(dataset, corpus=Without(dataset.corpus, missing), fingerprint=fingerprint)
    declined = []
    async with ingested(settings, embedder, partial, progress) as (_, retriever):
        answering = Answering(retriever)
        for done, query in enumerate(asked, start=1):
            answer, _ = await answering.answer(dataset.queries[query])
            declined += [query] if answer.verdict is Verdict.NOT_COVERED else []
            progress("asked", done, len(asked))

    async def agreement(queries: list[str]) -> tuple[int, float]:
        vectors = await embedder.embed([dataset.queries[query] for query in queries], bulk=True)
        groups = grouped(np.asarray(vectors, np.float32))
        label = {at: number for number, group in enumerate(groups) for at in group}
        found = [label[at] for at in range(len(queries))]
        return len(groups), adjusted_rand(found, [page_of[query] for query in queries])

    groups, rand = await agreement(declined)
    _, all_rand = await agreement(asked)
    return GapsMeasured(len(missing), len(asked), len(declined), groups, rand, all_rand)
