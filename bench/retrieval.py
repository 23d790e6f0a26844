"""Retrieval on generated help centres: how fast, how exact, beside a peer and the bare index."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean, quantiles
from typing import Any

import numpy as np
import numpy.typing as npt
from pgvector import HalfVector

from bench.help_centre import ComposingEmbedder, GeneratedHelpCentre
from bench.pgvectorstore import PgVectorStorePeer
from bench.queries import bench_database
from bench.texts import Texts
from bot.evaluation.scratch import scratch_database
from bot.retrieval import Filters, Retriever
from ingest.database import Database, Session
from ingest.lexicon import question_terms
from ingest.pipeline import run_ingest
from ingest.settings import Settings
from ingest.spaces import Space, space_for

TOP = 10
PEER_SHARE = 4  # the peer is asked every fourth question
ROUNDING = 1e-6
Vector = npt.NDArray[np.float32]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `ratio` is to the line `of`."""

    what: str
    p50_ms: float
    p95_ms: float
    recall: float | None = None
    ratio: float | None = None
    of: str | None = None


@dataclass(slots=True)
class Report:
    """What was measured at one size."""

    passages: int
    rows_per_second: float = 0.0
    index_seconds: float = 0.0
    megabytes: dict[str, float] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """For the JSON file."""
        return {
            "passages": self.passages,
            "rows_per_second": round(self.rows_per_second),
            "megabytes": self.megabytes,
            "lines": [
                {"what": line.what, "p50_ms": line.p50_ms, "p95_ms": line.p95_ms,
                 "recall@10": line.recall, "p95_ratio": line.ratio, "ratio_of": line.of}
                for line in self.lines
            ],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its vector, embedded by the real model."""

    text: str
    vector: Vector


async def measure(
    settings: Settings, embedder: ComposingEmbedder, texts: Texts, passages: int, say: Say
) -> Report:
    """Ingest a help centre of that size by the production path and measure retrieval on it."""
    vectors = await embedder.real.embed(texts.questions)
    questions = [Question(*pair) for pair in zip(texts.questions, vectors, strict=True)]
    async with scratch_database(settings, f"footnote_bench_{passages}") as database:
        report = Report(passages)
        space = await _fill(database, embedder, GeneratedHelpCentre(texts, passages), report, say)
        own = bench_database(database)
        await _ours(own, space, embedder, questions, report, say)
        say(f"{passages}: filling PGVectorStore")
        async with PgVectorStorePeer.filled(settings, database, space, passages) as peer:
            say(f"{passages}: PGVectorStore, hybrid")
            some = questions[::PEER_SHARE]  # it takes its time
            p50, p95 = await _clock(some, lambda q: peer.query(q.text, q.vector.tolist(), TOP))
            report.lines.append(Line("PGVectorStore hybrid", p50, p95))
    hybrid = report.lines[0]
    report.lines = [_related(line, hybrid) for line in report.lines]
    return report


def _related(line: Line, hybrid: Line) -> Line:
    """The line with its p95 as a multiple of our hybrid's."""
    ratio = round(line.p95_ms / hybrid.p95_ms, 2)
    return Line(line.what, line.p50_ms, line.p95_ms, line.recall, ratio, hybrid.what)


async def _fill(
    database: Database,
    embedder: ComposingEmbedder,
    source: GeneratedHelpCentre,
    report: Report,
    say: Say,
) -> Space:
    row = await database.row("upsert_source", name=source.name, url_template=None)
    assert row is not None
    say(f"{source.passages}: writing")
    result = await run_ingest(database, embedder, source, row["id"], lambda *_: None)
    if result.articles.added:
        report.rows_per_second = result.passages / result.seconds
    async with bench_database(database).session() as session:
        sizes = await session.row("sizes")
    report.megabytes = {name: round(size / 2**20, 1) for name, size in (sizes or {}).items()}
    return await space_for(database, await embedder.space_name())


async def _ours(
    database: Database,
    space: Space,
    embedder: ComposingEmbedder,
    questions: Sequence[Question],
    report: Report,
    say: Say,
) -> None:
    retriever = Retriever(database, embedder.real, space)
    say(f"{report.passages}: hybrid")
    hybrid = await _clock(questions, lambda q: retriever.rows(q.text, q.vector))
    german = Filters(locales=("de",))
    filtered = await _clock(questions, lambda q: retriever.rows(q.text, q.vector, german))
    say(f"{report.passages}: each side, and its recall")
    async with database.session() as session:
        await session.rows("plan_each_time")
        dense = await _clock(questions, lambda q: _dense(session, space, q, 100))
        lexical = await _clock(questions, lambda q: _lexical(session, q, 100, exact=False))
        floor = await _clock(questions, lambda q: _dense(session, space, q, TOP))
        dense_recall, lexical_recall = await _recalls(session, space, questions)
    report.lines += [
        Line("hybrid", *hybrid),
        Line("hybrid, filter keeps 2 %", *filtered),
        Line("dense side, 100", *dense, recall=dense_recall),
        Line("lexical side, 100", *lexical, recall=lexical_recall),
        Line("bare HNSW, 10", *floor),
    ]


async def _recalls(
    session: Session, space: Space, questions: Sequence[Question]
) -> tuple[float, float]:
    """The share of the shipped ten of each side that are as near as the exact ten, in the mean.

    Distances are compared, not rows: generated passages share sentences, so equals are many.
    """
    dense, lexical = [], []
    for question in questions:
        found = await _dense(session, space, question, TOP)
        await session.rows("exactly", on="off")
        exact = await _dense(session, space, question, TOP)
        await session.rows("exactly", on="on")
        dense.append(_as_near(found, exact))
        shipped = await _lexical(session, question, TOP, exact=False)
        everything = await _lexical(session, question, TOP, exact=True)
        if everything:
            lexical.append(_as_near(shipped, everything))
    return round(fmean(dense), 4), round(fmean(lexical), 4)


def _as_near(found: Sequence[float], exact: Sequence[float]) -> float:
    return sum(distance <= exact[-1] + ROUNDING for distance in found) / len(exact)


async def _dense(session: Session, space: Space, question: Question, k: int) -> list[float]:
    rows = await session.rows_in_space(
        "dense_side",
        space=space.id,
        dimensions=space.name.dimensions,
        vector=HalfVector(question.vector),
        k=k,
    )
    return [row["distance"] for row in rows]


async def _lexical(session: Session, question: Question, k: int, *, exact: bool) -> list[float]:
    rows = await session.rows_in_space(
        "lexical_side",
        space=0,
        dimensions=1,
        terms=[term.term for term in question_terms(question.text, ("en",))],
        exact=exact,
        k=k,
    )
    return [row["distance"] for row in rows]


async def _clock(
    questions: Sequence[Question], ask: Callable[[Question], Awaitable[object]]
) -> tuple[float, float]:
    """p50 and p95 in ms over all questions, after asking all of them once to warm up."""
    for question in questions:
        await ask(question)
    taken = []
    for question in questions:
        started = time.perf_counter()
        await ask(question)
        taken.append((time.perf_counter() - started) * 1000)
    cuts = quantiles(taken, n=20, method="inclusive")
    return round(cuts[9], 2), round(cuts[18], 2)
