"""Jobs: answering and re-wording, on procrastinate in the same Postgres; the queue itself.

A question is stored together with its job. A worker that dies leaves both behind; `sweep` hands
them to a worker that lives.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Iterator

import procrastinate
import procrastinate.exceptions
from procrastinate import JobContext, PsycopgConnector, RetryStrategy
from procrastinate.jobs import Status

from bot import records
from bot.app import App
from bot.housekeeping import Housekeeping
from bot.nightly import Nightly
from bot.questions import Asked
from bot.slack.client import Workspace
from bot.slack.controls import Shown
from bot.slack.replies import Replies
from bot.watching import Watching
from ingest.database import Session
from ingest.errors import DatabaseUnavailable, FootnoteError

log = logging.getLogger("footnote.jobs")

CONCURRENCY = 128  # jobs one process works on at a time; most of their time is a model's
ATTEMPTS = 3  # retries of a job, after 2, 4 and 8 seconds
GRACE = 20.0  # seconds that jobs under way get when the process is told to stop
HEARTBEAT = 2.0  # seconds between a worker's signs of life
STALLED = 8.0  # seconds without one, after which its jobs are given to another
POLL = 1.0  # seconds between looks for jobs whose time has come; new ones announce themselves
SWEEP = 5.0  # seconds between looks for questions that no job would answer


class Jobs:
    """The queue, with the work behind it. Made by `open_jobs`."""

    def __init__(
        self,
        app: App,
        replies: Replies,
        queue: procrastinate.App,
        nightly: Nightly,
        watching: Watching,
    ) -> None:
        """`queue` has to be open before anything is deferred."""
        self._app = app
        self._replies = replies
        self._queue = queue
        self._nightly = nightly
        self._watching = watching
        retries = RetryStrategy(max_attempts=ATTEMPTS, exponential_wait=2)
        task = queue.task
        self._answer = task(name="answer_question", retry=retries, pass_context=True)(self.answer)
        self._wording = task(name="show_wording", retry=retries, pass_context=True)(self.reword)

    async def accept(self, session: Session, asked: Asked) -> int | None:
        """Store a question and its job, in the session's transaction; None when it is known."""
        question_id = await records.accept(session, asked)
        if question_id is not None:
            await self.defer(session, question_id)
        return question_id

    async def defer(self, session: Session, question_id: int) -> None:
        """Have a stored question answered, once the session's transaction is through."""
        lock = _lock(question_id)
        deferrer = self._answer.configure(
            connection=session.connection, lock=lock, queueing_lock=lock
        )
        await deferrer.defer_async(question_id=question_id)

    async def abort(self, question_id: int) -> None:
        """Interrupt work on a question, in any process; a job that waits sees it by itself."""
        manager = self._queue.job_manager
        working = await manager.list_jobs_async(
            queueing_lock=_lock(question_id), status=Status.DOING.value
        )
        for job in working:
            if job.id is not None:
                await manager.cancel_job_by_id_async(job.id, abort=True)

    async def want_wording(self, shown: Shown, voice: str) -> None:
        """Have an answer re-worded; a second click while that waits changes nothing."""
        lock = f"message-{shown.channel}-{shown.message_ts}"
        with contextlib.suppress(procrastinate.exceptions.AlreadyEnqueued):
            await self._wording.configure(lock=lock, queueing_lock=lock).defer_async(
                answer_id=shown.answer_id,
                channel=shown.channel,
                thread_ts=shown.thread_ts,
                message_ts=shown.message_ts,
                user=shown.user,
                voice=voice,
            )

    async def sweep(self) -> None:
        """Give the jobs of dead workers, and questions that lost theirs, to the living.

        And jobs to sources whose time has come, and to leads what is to be told of voices.
        """
        await self._nightly.defer_due()
        async with self._app.database.transaction() as session:
            row = await session.row("sweep_alone")
            if row is not None and row["alone"]:
                await self._take_up_stalled()
                await self._take_up_open(session)
        await self._watching.look()

    async def _take_up_stalled(self) -> None:
        manager = self._queue.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED):
            log.warning("job %s lost its worker; it is taken up again", job.call_string)
            try:
                await manager.retry_job(job)
            except procrastinate.exceptions.UniqueViolation:
                # The same waits already, and begins once this one is out of its way.
                await manager.finish_job(job, Status.FAILED, delete_job=True)
            except procrastinate.exceptions.ConnectorException:
                log.debug("it was done meanwhile")

    async def _take_up_open(self, session: Session) -> None:
        for row in await session.rows("open_questions"):
            log.warning("question %d had no job; it is taken up again", row["id"])
            lock = _lock(row["id"])
            deferrer = self._answer.configure(lock=lock, queueing_lock=lock)
            with contextlib.suppress(procrastinate.exceptions.AlreadyEnqueued):
                await deferrer.defer_async(question_id=row["id"])

    async def work(self) -> None:
        """Work until cancelled; jobs under way then get GRACE seconds to end."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keep_sweeping())
            group.create_task(self._keep_working())

    async def _keep_working(self) -> None:
        while True:
            with _survived("the worker"):
                await self._queue.run_worker_async(
                    concurrency=CONCURRENCY,
                    install_signal_handlers=False,
                    shutdown_graceful_timeout=GRACE,
                    fetch_job_polling_interval=POLL,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=STALLED,
                    delete_jobs="successful",
                )
            await _pause("the worker stopped; it starts again in %d s")

    async def _keep_sweeping(self) -> None:
        while True:
            with _survived("the search for open questions"):
                await self.sweep()
            await _pause()

    # The work itself, as procrastinate calls it

    async def answer(self, context: JobContext, question_id: int) -> None:
        """Answer a question; what goes wrong is tried again, and told in the end."""
        last = context.job.attempts >= ATTEMPTS
        try:
            await self._replies.answer(question_id, last=last)
        except Exception as error:
            log.warning("question %d: attempt failed: %s", question_id, _first_line(error))
            if not last:
                raise
            if not isinstance(error, FootnoteError):
                log.exception("question %d: a mistake of this program", question_id)
            await self._replies.give_up(question_id)

    async def reword(
        self,
        context: JobContext,
        *,
        answer_id: int,
        channel: str,
        thread_ts: str | None,
        message_ts: str,
        user: str,
        voice: str,
    ) -> None:
        """Show an answer in a voice; what goes wrong is tried again, and told in the end."""
        shown = Shown(answer_id, channel, thread_ts, message_ts, user)
        try:
            await self._replies.show_wording(shown, voice)
        except Exception as error:
            if context.job.attempts < ATTEMPTS:
                raise
            log.warning("answer %d: not re-worded: %s", answer_id, _first_line(error))
            if not isinstance(error, FootnoteError):
                log.exception("answer %d: a mistake of this program", answer_id)
            await self._replies.tell(
                shown.place, user, "I could not change the wording just now. Please try again."
            )


@contextlib.asynccontextmanager
async def open_jobs(app: App, slack: Workspace, replies: Replies) -> AsyncIterator[Jobs]:
    """Open the queue on the app's database, on connections of its own."""
    connector = PsycopgConnector(conninfo=app.database.pool.conninfo, min_size=1, max_size=4)
    queue = procrastinate.App(connector=connector)
    Housekeeping(app, queue)
    async with queue.open_async():
        yield Jobs(app, replies, queue, Nightly(app, slack, queue), Watching(app, slack))


def _lock(question_id: int) -> str:
    """Of the jobs for a question at most one waits and at most one runs."""
    return f"question-{question_id}"


@contextlib.contextmanager
def _survived(what: str) -> Iterator[None]:
    """The outermost loop of a process's work goes on whatever happens in it."""
    try:
        yield
    except (procrastinate.exceptions.ConnectorException, DatabaseUnavailable) as error:
        log.warning("%s cannot reach Postgres: %s", what, _first_line(error))
    except Exception:
        log.exception("%s met a mistake of this program", what)


async def _pause(said: str = "") -> None:
    """Wait for SWEEP seconds; raises CancelledError, were it only that one was lost on the way.

    Before Python 3.12 a cancellation that comes along with Postgres's reply is (asyncio.wait_for).
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
    if said:
        log.warning(said, SWEEP)
    await asyncio.sleep(SWEEP)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0] or type(error).__name__
