"""The nightly ingest: which sources are due, the job that ingests one, and its report in Slack.

A source has at most one job, which ends when its night is done: one that lost its worker, was
told to stop or met something that passes is tried again, by whichever worker is free.
"""

import asyncio
import logging

import procrastinate
from procrastinate import JobContext, RetryStrategy

from bot.app import App
from bot.slack.client import Workspace
from bot.slack.reports import post_report
from bot.staleness import mark_stale, stale_lines
from bot.sufficiency import calibration
from ingest.database import Session
from ingest.errors import FootnoteError, LeaseLost, Retryable, SourceBusy
from ingest.pipeline import ingest_source
from ingest.schedule import due

log = logging.getLogger("footnote.nightly")

ATTEMPTS = 5  # retries of a run whose source, model or Postgres did not answer
WAIT = 60  # seconds before the first retry; so many more before each further one


class Nightly:
    """Ingest by schedule, on the queue."""

    def __init__(self, app: App, slack: Workspace, queue: procrastinate.App) -> None:
        """`queue` has to be open before anything is deferred."""
        self._app = app
        self._slack = slack
        self._scheduled = {
            name: source for name, source in app.settings.sources.items() if source.schedule
        }
        retries = RetryStrategy(
            max_attempts=ATTEMPTS,
            wait=WAIT,
            linear_wait=WAIT,
            # A process that is told to stop cancels its run; it is not the night's last word.
            retry_exceptions=(Retryable, SourceBusy, asyncio.CancelledError),  # type: ignore[arg-type]
        )
        task = queue.task(name="ingest", retry=retries, queue="ingest", pass_context=True)
        self._ingest = task(self.ingest)

    async def defer_due(self) -> None:
        """Give every source that is due a job, unless it has one."""
        if not self._scheduled:
            return
        async with self._app.database.transaction() as session:
            names = await self._due(session)
            taken = {row["source"] for row in await session.rows("sources_with_jobs")}
            for name in names:
                if name not in taken:
                    lock = f"ingest-{name}"
                    deferrer = self._ingest.configure(
                        connection=session.connection, lock=lock, queueing_lock=lock
                    )
                    await deferrer.defer_async(source=name)

    async def _due(self, session: Session) -> list[str]:
        """The sources to be ingested now. Who asks is alone in it until the transaction ends."""
        clock = await session.row("look_at_schedule")
        assert clock is not None
        rows = await session.rows("last_runs")
        last = {row["source"]: row["started_at"] for row in rows}
        return [
            name
            for name, source in self._scheduled.items()
            if due(source, last.get(name), clock["now"])
        ]

    async def ingest(self, context: JobContext, source: str) -> None:
        """Bring a source up to date, as its schedule says, and report it."""
        app = self._app
        if source not in self._scheduled:
            return  # it was taken out of the settings
        if not await self._wanted(source, again=context.job.attempts > 0):
            return  # it was run meanwhile, by hand or by a worker that was given up too early
        try:
            embedder = (await app.embedders.served(app.database)).embedder
            report = await ingest_source(
                app.database, embedder, app.settings, source, lambda *_: None
            )
        except LeaseLost as error:
            log.warning("%s", error)  # the other run reports
        except SourceBusy as error:
            log.warning("%s", error)
            if context.job.attempts < ATTEMPTS:
                raise  # the other run may be about to be stopped with its process
        except Exception as error:
            if isinstance(error, Retryable) and context.job.attempts < ATTEMPTS:
                log.warning("%s was not ingested; it is tried again: %s", source, error)
            else:
                await self._report(source, _bad_news(source, error))
            raise  # a job that failed is what tells that this night was tried
        else:
            stale = await mark_stale(app.database, app.settings.answers.stale_days)
            await self._report(source, [*report.lines(), *stale_lines(stale)])
            await self._calibrate()

    async def _calibrate(self) -> None:
        """Find anew where answering begins, if much of what is served has changed since."""
        database, retriever = self._app.database, self._app.retriever
        try:
            if await calibration.due(database, retriever.served.space.id):
                found = await calibration.calibrate(database, retriever, lambda *_: None)
                log.info("answers begin at a score of %.3f now", found.calibration.threshold)
        except FootnoteError as error:
            log.warning("where answering begins could not be found anew: %s", error)

    async def _wanted(self, source: str, *, again: bool) -> bool:
        """Whether a job has something to do: to begin what is due, or `again` what did not end."""
        async with self._app.database.transaction() as session:
            if source in await self._due(session):
                return True
            rows = await session.rows("last_runs")
            return again and any(row["source"] == source and not row["ended"] for row in rows)

    async def _report(self, source: str, lines: list[str]) -> None:
        for line in lines:
            log.info("%s: %s", source, line.strip())
        channel = self._app.settings.slack.reports
        if channel is None:
            return
        try:
            await post_report(self._slack.client, channel, source, lines)
        except FootnoteError as error:
            log.warning("the report on %s could not be posted: %s", source, error)


def _bad_news(source: str, error: Exception) -> list[str]:
    """What to tell of a run that did not come to its end."""
    if isinstance(error, FootnoteError):
        reason = str(error)
    else:
        log.error("%s: a mistake of this program", source, exc_info=error)
        reason = f"A mistake of this program ({type(error).__name__}); its log shows where."
    return [
        f"Not brought up to date: {reason}",
        "  What was served is still answered from; the next run goes on from there.",
    ]
