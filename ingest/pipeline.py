"""A run: fetch → plan → guard → apply.

What a killed or failed run has written stays, article by article; the next run plans from there.
"""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from ingest.checks import Finding, find
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.errors import FootnoteError, SourceError
from ingest.fetching import approved_removals, fetch_plan
from ingest.guard import reason_to_hold
from ingest.indexing import Indexed, Indexing
from ingest.leases import Lease, leased
from ingest.plan import KnownArticle, Plan
from ingest.progress import Progress
from ingest.runs import ArticleCounts, RunReport, record, slowest
from ingest.settings import Settings
from ingest.sources import Source
from ingest.sources.opening import open_source
from ingest.spaces import space_for
from ingest.spaces.vector_index import ensure_vector_index

MAX_REMOVED = 0.2  # the share of a source's articles that may go in one run unasked


@dataclass(slots=True)
class _Run:
    """A run under way."""

    id: int
    source: Source
    source_id: int
    resumes: bool = False  # the run before this one was killed or failed
    started: float = field(default_factory=time.monotonic)
    plan: Plan | None = None
    complete: bool = True
    dated: bool = False
    done: Indexed = field(default_factory=Indexed)
    findings: tuple[Finding, ...] = ()
    tokens: int = 0
    cost: float = 0.0

    def report(self, state: str, reason: str | None = None) -> RunReport:
        """What it came to."""
        plan = (self.plan or Plan()).without(self.done.refused)
        unfinished = len(plan.to_index) + len(self.done.refused) - self.done.articles
        pending = unfinished if state == "failed" else 0
        return RunReport(
            run_id=self.id,
            source=self.source.name,
            state=state,
            articles=ArticleCounts.of(plan, pending),
            fetched=plan.fetched,
            passages=self.done.passages,
            embedded=self.done.embedded,
            tokens=self.tokens,
            cost=self.cost,
            seconds=time.monotonic() - self.started,
            reason=reason,
            failures=plan.failed,
            held=plan.held,
            findings=self.findings,
            slowest=slowest(self.done),
            complete=self.complete,
            resumes=self.resumes,
        )


async def ingest_source(
    database: Database,
    embedder: Embedder,
    settings: Settings,
    name: str,
    progress: Progress,
    *,
    whole: bool = False,
) -> RunReport:
    """Bring one of the settings' sources up to date, as `run_ingest` does.

    An address template that was given once is remembered for the next run.
    """
    wanted = settings.sources[name]
    row = await database.row("upsert_source", name=name, url_template=wanted.url)
    assert row is not None
    known = wanted.model_copy(update={"url": row["url_template"]})
    source = open_source(name, settings.with_sources({name: known}))
    return await run_ingest(
        database,
        embedder,
        source,
        row["id"],
        progress,
        max_removed=wanted.max_removed,
        whole=whole,
    )


async def run_ingest(
    database: Database,
    embedder: Embedder,
    source: Source,
    source_id: int,
    progress: Progress,
    *,
    max_removed: float = MAX_REMOVED,
    whole: bool = False,
) -> RunReport:
    """Bring what is served of a source up to date, and record the run.

    A run that the guard stops is reported as held and has changed nothing. `whole` reads the
    whole source where changes would do. Raises SourceError when the source cannot be read,
    SourceBusy when another run is at work on it, and what the embedder raises; articles finished
    until then stay, and the next run goes on with the others.
    """
    async with only_run(database, source_id, source.name, progress) as lease:
        await database.run("close_lost_runs", source=source_id)
        row = await database.row("start_run", source=source_id)
        assert row is not None
        run = _Run(row["id"], source, source_id, resumes=bool(row["resumes"]))
        try:
            plan, fetch = await fetch_plan(database, source, source_id, progress, whole=whole)
            run.plan, run.complete, run.dated = plan, fetch.complete, fetch.dated
            reason = reason_to_hold(plan, max_removed, await approved_removals(database, source_id))
            if reason is None:
                await _apply(database, embedder, lease, run, plan, progress)
            report = run.report("held" if reason else "done", reason)
        except FootnoteError as error:
            await record(database, run.report("failed", str(error)), run.plan)
            raise
        except asyncio.CancelledError:
            await record(database, run.report("failed", "It was stopped."), run.plan)
            raise
        await record(database, report, run.plan)
    return report


async def _apply(
    database: Database,
    embedder: Embedder,
    lease: Lease,
    run: _Run,
    plan: Plan,
    progress: Progress,
) -> None:
    """Carry a plan out."""
    space = await space_for(database, await embedder.space_name())
    tokens, cost = embedder.tokens, embedder.cost_usd
    try:
        await _without_texts(database, lease, run.source_id, plan, seen=run.dated)
        await _hold_back(database, lease, run, plan)
        indexing = Indexing(database, embedder, space, run.source_id, lease)
        await indexing.index(plan.to_index, run.done, progress)
    finally:
        run.tokens, run.cost = embedder.tokens - tokens, embedder.cost_usd - cost
        # What was finished is to be found, whatever stopped the rest.
        with contextlib.suppress(FootnoteError):
            await refresh(database, changed=plan.writes or run.resumes)
    if plan.writes:
        progress("checked", 0, 0)
        unread = [bad.path for bad in plan.failed] + [each.article.path for each in plan.held]
        async with database.session() as session:
            run.findings = tuple(await find(session, run.source_id, unread))
        await ensure_vector_index(database, space)


async def _without_texts(
    database: Database, lease: Lease, source_id: int, plan: Plan, *, seen: bool = False
) -> None:
    """What needs no model: moves and removals; and, if that counts, that the rest was seen."""
    async with database.transaction() as session:
        await lease.hold(session)
        if plan.writes:
            await session.run("corpus_changed")
        if plan.move:
            await session.run(
                "move_articles",
                ids=[move.article_id for move in plan.move],
                paths=[move.path for move in plan.move],
            )
        if plan.remove:
            await session.run("remove_articles", ids=[article.id for article in plan.remove])
        if seen and plan.keep:
            await session.run("confirm_articles", source=source_id, external_ids=list(plan.keep))


async def _hold_back(database: Database, lease: Lease, run: _Run, plan: Plan) -> None:
    """Keep what a lead has to look at, and only that."""
    read = [article.external_id for article in plan.to_index]
    async with database.transaction() as session:
        await lease.hold(session)
        await session.run(
            "forget_outdated_holds",
            source=run.source_id,
            external_ids=None if run.complete else read,
            held=[each.article.content_hash for each in plan.held],
        )
        for each in plan.held:
            await session.run(
                "hold_article",
                source=run.source_id,
                external_id=each.article.external_id,
                path=each.article.path,
                content_hash=each.article.content_hash,
                sentence=each.sentence,
            )


async def refresh(database: Database, *, changed: bool) -> None:
    """Recount the lexicon if this run changed anything, or resumes one that may have.

    The mark alone does not tell: a run on another source may have counted, and cleared it, while
    this one, or the one it resumes, was half-way. So each counts for itself, one after the other.
    """
    corpus = await database.row("corpus")
    if not changed and corpus is not None and not corpus["stale"]:
        return
    async with database.transaction() as session:
        await session.row("lock_corpus")
        await session.run("refresh_lexicon")
    await database.run("analyze_passages")


@contextlib.asynccontextmanager
async def only_run(
    database: Database, source_id: int, name: str, progress: Progress | None = None
) -> AsyncIterator[Lease]:
    """Be the only run on a source. Raises SourceBusy when another one is at work."""

    def waiting() -> None:
        if progress is not None:
            progress("waiting for a run that may have been killed", 0, 0)

    async with leased(database, f"source {source_id}", name, waiting) as lease:
        yield lease


async def forget_source(database: Database, *names: str) -> int:
    """Stop serving a source known under one of some names; return how many articles it had."""
    for name in names:
        row = await database.row("source_by_name", name=name)
        if row is None:
            continue
        async with only_run(database, row["id"], name) as lease:
            known = [
                KnownArticle(**each)
                for each in await database.rows("known_articles", source=row["id"])
            ]
            await _without_texts(database, lease, row["id"], Plan(remove=tuple(known)))
            await refresh(database, changed=True)
        return len(known)
    raise SourceError(f"No source named {names[0]} has been ingested.")
