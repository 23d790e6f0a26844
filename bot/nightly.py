"""The nightly ingest: which sources are due, the job that ingests one, and its report in Slack."""

import contextlib
import logging
from datetime import UTC, datetime

import procrastinate
import procrastinate.exceptions
from procrastinate import JobContext, RetryStrategy

from bot.app import App
from bot.slack.client import Workspace
from bot.slack.reports import post_report
from ingest.errors import FootnoteError, Retryable, SourceBusy
from ingest.pipeline import ingest_source
from ingest.schedule import due

log = logging.getLogger("footnote.nightly")

ATTEMPTS = 5  # retries of a run whose source, model or Postgres did not answer
WAIT = 60  # seconds before the first retry; twice as long each time


class Nightly:
    """Ingest by schedule, on the queue."""

    def __init__(self, app: App, slack: Workspace, queue: procrastinate.App) -> None:
        """`queue` has to be open before anything is deferred."""
        self._app = app
        self._slack = slack
        retries = RetryStrategy(
            max_attempts=ATTEMPTS, linear_wait=WAIT, retry_exceptions=(Retryable,)
        )
        task = queue.task(name="ingest", retry=retries, queue="ingest", pass_context=True)
        self._ingest = task(self.ingest)

    async def defer_due(self) -> None:
        """Give every source that is due a job, unless one waits already."""
        for name in await self._due():
            lock = f"ingest-{name}"
            deferrer = self._ingest.configure(lock=lock, queueing_lock=lock)
            with contextlib.suppress(procrastinate.exceptions.AlreadyEnqueued):
                await deferrer.defer_async(source=name)

    async def _due(self) -> list[str]:
        sources = {
            name: source for name, source in self._app.settings.sources.items() if source.schedule
        }
        if not sources:
            return []
        rows = await self._app.database.rows("last_runs")
        last = {row["source"]: row["started_at"] for row in rows}
        now = datetime.now(UTC)
        return [name for name, source in sources.items() if due(source, last.get(name), now)]

    async def ingest(self, context: JobContext, source: str) -> None:
        """Bring a source up to date, as its schedule says, and report it."""
        app = self._app
        if not context.job.attempts and source not in await self._due():
            return  # another worker was quicker
        try:
            embedder = (await app.embedders.served(app.database)).embedder
            report = await ingest_source(
                app.database, embedder, app.settings, source, lambda *_: None
            )
            lines = report.lines()
        except SourceBusy as error:
            log.warning("%s", error)
            return
        except FootnoteError as error:
            if isinstance(error, Retryable) and context.job.attempts < ATTEMPTS:
                log.warning("%s was not ingested; it is tried again: %s", source, error)
                raise
            lines = [f"{source} was not brought up to date: {error}"]
        for line in lines:
            log.info("%s: %s", source, line)
        await self._report(source, lines)

    async def _report(self, source: str, lines: list[str]) -> None:
        channel = self._app.settings.slack.reports
        if channel is None:
            return
        try:
            await post_report(self._slack.client, channel, source, lines)
        except FootnoteError as error:
            log.warning("the report on %s could not be posted: %s", source, error)
