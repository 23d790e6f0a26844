"""Fetch → plan: what a source has, compared with what is served of it. Writes nothing."""

import asyncio
from collections.abc import Collection

from ingest.checks import instructions_in
from ingest.database import Database
from ingest.errors import SourceError
from ingest.guard import reason_to_hold
from ingest.plan import RECIPE, HeldArticle, KnownArticle, Plan, Planning
from ingest.progress import Progress
from ingest.settings import Settings
from ingest.sources import Fetch, Source
from ingest.sources.opening import open_source


async def plan_source(
    database: Database, settings: Settings, name: str, progress: Progress
) -> tuple[Plan, str | None]:
    """What a run would do to one of the settings' sources, and why the guard would stop it."""
    wanted = settings.sources[name]
    row = await database.row("source_by_name", name=name)
    source_id = row["id"] if row else 0  # none: nothing is known of it
    known = wanted.model_copy(update={"url": wanted.url or (row["url_template"] if row else None)})
    source = open_source(name, settings.with_sources({name: known}))
    plan, _ = await fetch_plan(database, source, source_id, progress)
    approved = await approved_removals(database, source_id)
    return plan, reason_to_hold(plan, wanted.max_removed, approved)


async def fetch_plan(
    database: Database, source: Source, source_id: int, progress: Progress, *, whole: bool = True
) -> tuple[Plan, Fetch]:
    """Fetch, and say what has to be done. Raises as run_ingest does of the source."""
    rows = await database.rows("known_articles", source=source_id)
    known = [KnownArticle(**row) for row in rows]
    since = None if whole else await database.row("fetched_since", source=source_id)
    # Those that have to be cut again are needed in full.
    seen = {
        article.external_id: article.confirmed_at
        for article in known
        if article.confirmed_at and article.recipe == RECIPE
    }
    fetch = source.fetch(since["since"] if since else None, seen)
    planning = Planning(known)
    async for each in fetch.found:
        planning.take(each)
        progress("read", planning.fetched, 0)
    if not planning.fetched and not known and fetch.complete:
        raise SourceError(f"{source.name} has no articles; nothing was changed.")
    plan = planning.plan(complete=fetch.complete)
    passed = {
        (row["external_id"], row["content_hash"])
        for row in await database.rows("passed_articles", source=source_id)
    }
    return await asyncio.to_thread(_with_holds, plan, passed), fetch


async def approved_removals(database: Database, source_id: int) -> set[str]:
    """External ids of the articles that a lead has let go."""
    rows = await database.rows("approved_removals", source=source_id)
    return {row["external_id"] for row in rows}


def _with_holds(plan: Plan, passed: Collection[tuple[str, str]]) -> Plan:
    """The plan without articles that address a model, but for those a lead has let pass."""
    held = [
        HeldArticle(article, sentence)
        for article in plan.to_index
        if (sentence := instructions_in(article)) is not None
        and (article.external_id, article.content_hash) not in passed
    ]
    return plan.holding(held) if held else plan
