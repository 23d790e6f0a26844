"""`python -m bench.review`: how long the console's pages take with 100,000 answers stored.

The pages are asked for over HTTP as a browser does, from a server in this process.
"""

import asyncio
import json
import statistics
import time
from importlib import resources
from pathlib import Path
from typing import Annotated

import httpx
import typer
from psycopg import conninfo
from rich.console import Console
from rich.table import Table

from bot.evaluation.scratch import scratch_database
from bot.settings import Settings
from bot.web.console.opening import open_console
from ingest.database import Database
from ingest.migrations import server

PAGES = {
    "queue": "/",
    "queue, one channel": "/?channel=C3",
    "queue, one article": "/?article=17",
    "queue, one agent since a month": "/?agent=U7&since=2026-01-01",
    "what is reviewed": "/?show=done",
    "an answer": "/answers/50001",
    "articles to mend": "/articles",
    "dashboard, 7 days": "/dashboard?days=7",
    "dashboard, 30 days": "/dashboard?days=30",
    "dashboard, 90 days": "/dashboard?days=90",
}


def main(
    answers: Annotated[int, typer.Option(help="Answers stored, over a year.")] = 100_000,
    rounds: Annotated[int, typer.Option(help="How often each page is asked for.")] = 40,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = Path("bench-results"),
) -> None:
    """Make the answers if need be, ask for the pages, print a table and write it as JSON."""
    found = asyncio.run(_measure(answers, rounds))
    drawn = Table("page", "p50 ms", "p95 ms", "KB", title=f"{answers:,} answers")
    for name, (p50, p95, kilobytes) in found.items():
        drawn.add_row(name, f"{p50:.0f}", f"{p95:.0f}", f"{kilobytes:.0f}")
    Console().print(drawn)
    out.mkdir(parents=True, exist_ok=True)
    rows = {name: {"p50_ms": p50, "p95_ms": p95} for name, (p50, p95, _) in found.items()}
    (out / "review.json").write_text(json.dumps({"answers": answers, "pages": rows}, indent=2))


async def _measure(answers: int, rounds: int) -> dict[str, tuple[float, float, float]]:
    settings = Settings.load()
    name = f"footnote_bench_review_{answers}"
    async with scratch_database(settings, name) as database:
        await _fill(database, answers)
    async with server(settings) as url:
        there = conninfo.make_conninfo(url, dbname=name)
        return await _pages(Settings.model_validate({"DATABASE_URL": there}), rounds)


async def _fill(database: Database, answers: int) -> None:
    async with database.session() as session:
        cursor = await session.connection.execute("SELECT count(*) AS n FROM answer")
        row = await cursor.fetchone()
        if row is not None and row["n"] == 0:
            text = resources.files("bench").joinpath("review.sql").read_text(encoding="utf-8")
            await session.connection.execute(text.format(answers=answers))


async def _pages(settings: Settings, rounds: int) -> dict[str, tuple[float, float, float]]:
    found = {}
    async with open_console(settings) as address, httpx.AsyncClient(timeout=60) as browser:
        await browser.get(address, follow_redirects=True)
        home = address.split("/enter?")[0]
        for name, path in PAGES.items():
            times, size = [], 0
            for _ in range(rounds):
                started = time.perf_counter()
                response = await browser.get(home + path)
                times.append((time.perf_counter() - started) * 1000)
                assert response.status_code == httpx.codes.OK, (name, response.status_code)
                size = len(response.content)
            p95 = statistics.quantiles(times, n=20)[-1]
            found[name] = (statistics.median(times), p95, size / 1024)
    return found


if __name__ == "__main__":
    typer.run(main)
