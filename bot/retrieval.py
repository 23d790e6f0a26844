"""Question → evidence: one embedding, one SQL round trip."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pgvector import HalfVector

from bot.evidence import Evidence, evidence_from_rows
from bot.reranking import Reranker
from bot.sufficiency.judgement import Calibration
from ingest.database import Database, Row
from ingest.embeddings import Embedder
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.embeddings.models import Served
from ingest.errors import SpaceMismatch
from ingest.lexicon import question_pairs, question_terms
from ingest.spaces import Space

PASSAGES = 24  # passages the query returns
CANDIDATES = 1_000  # asked for where every candidate of the query has to come back
SECTIONS = 8  # sections they are grouped into, at most
AT_ONCE = 4  # queries of a process: more would only wait in Postgres, for the same processors


@dataclass(frozen=True, slots=True)
class Filters:
    """What may be retrieved; None means everything."""

    locales: tuple[str, ...] | None = None
    products: tuple[str, ...] | None = None
    audiences: tuple[str, ...] | None = None
    sources: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Evidence with the question's vector, its model, and what finding it took in milliseconds.

    `calibration` is the one to judge the evidence by, `local` the model to read it with;
    `any_verified` says whether it is worth to look for an answer that a lead verified.
    """

    evidence: Evidence
    calibration: Calibration
    local: EmbeddedEmbedder
    any_verified: bool
    vector: npt.NDArray[np.float32]
    embedder: Embedder
    embed_ms: float
    retrieve_ms: float


class Retriever:
    """Finds evidence in one embedding space at a time."""

    def __init__(
        self,
        database: Database,
        embedder: Embedder,
        space: Space,
        reranker: Reranker | None = None,
        look: Callable[[], Awaitable[Served]] | None = None,
        local: EmbeddedEmbedder | None = None,
    ) -> None:
        """The embedder must be the one the space was filled with.

        `look` says which space is served; without it the one given is all there is. `local` is the
        embedded model, if it is opened already.
        """
        if local is None:
            local = embedder if isinstance(embedder, EmbeddedEmbedder) else EmbeddedEmbedder()
        self.local = local  # reads what was found, whichever model found it
        self._database = database
        self._reranker = reranker
        self._served = Served(space, embedder)
        self._look = look
        self._turn = asyncio.Semaphore(AT_ONCE)

    @property
    def served(self) -> Served:
        """Where questions are answered from."""
        return self._served

    async def follow(self) -> bool:
        """Answer from the space that is served by now; whether it is another one.

        The old one's vectors stay when another is switched to, so a question under way, and those
        asked before this is called, find what they need. Raises SpaceMismatch, DatabaseUnavailable.
        """
        before = self._served
        if self._look is not None:
            self._served = await self._look()
        return self._served.space != before.space

    async def retrieve(self, question: str, filters: Filters | None = None) -> Retrieval:
        """The best passages for a question, grouped by section.

        Raises DatabaseUnavailable, or what the embedder raises. A question without a word in it
        finds nothing.
        """
        started = time.perf_counter()
        served = self._served  # one space for the whole question
        vector = (await served.embedder.embed([question]))[0]
        embedded = time.perf_counter()
        rows = await self._rows(served.space, question, vector, filters)
        if not rows or rows[0]["served_space"] != served.space.id:
            # Switched away from meanwhile: what was ingested since is in the other space alone.
            with contextlib.suppress(SpaceMismatch):  # no model for that one here; these rows do
                await self.follow()
            if self._served.space != served.space:
                return await self.retrieve(question, filters)
        evidence = evidence_from_rows(rows, SECTIONS)
        if self._reranker is not None and evidence.passages:
            evidence = await self._reranker.rerank(question, evidence)
        retrieved = time.perf_counter()
        return Retrieval(
            evidence,
            Calibration.from_row(rows[0]) if rows else Calibration(),
            self.local,
            bool(rows) and rows[0]["any_verified"],
            vector,
            served.embedder,
            (embedded - started) * 1000,
            (retrieved - embedded) * 1000,
        )

    async def rows(
        self,
        question: str,
        vector: npt.NDArray[np.float32],
        filters: Filters | None = None,
        k: int = PASSAGES,
    ) -> list[Row]:
        """The `k` best passages as the query `retrieve` returns them, best first."""
        return await self._rows(self._served.space, question, vector, filters, k)

    async def _rows(
        self,
        space: Space,
        question: str,
        vector: npt.NDArray[np.float32],
        filters: Filters | None = None,
        k: int = PASSAGES,
    ) -> list[Row]:
        terms, pairs = question_terms(question), question_pairs(question)
        filters = filters or Filters()
        if not terms:
            return []
        async with self._turn, self._database.session() as session:
            return await session.rows_in_space(
                "retrieve",
                space=space.id,
                dimensions=space.name.dimensions,
                words=[term.word for term in terms],
                terms=[term.term for term in terms],
                languages=[term.language for term in terms],
                pairs=[pair for pair, _, _ in pairs],
                lefts=[left for _, left, _ in pairs],
                rights=[right for _, _, right in pairs],
                vector=HalfVector(vector),
                filtered=filters != Filters(),
                locales=_list(filters.locales),
                products=_list(filters.products),
                audiences=_list(filters.audiences),
                sources=_list(filters.sources),
                k=k,
            )


def _list(values: tuple[object, ...] | None) -> list[object] | None:
    return None if values is None else list(values)
