"""Serving: what runs for as long as the process does, opened in order and closed in reverse.

    settings → Slack → database and models → jobs → worker → web → events

Told to stop, a process takes no more events, lets jobs under way end, then closes the rest.
"""

import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import AsyncIterator, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any

from bot.app import App, open_app
from bot.channels import Channels
from bot.jobs import Jobs, open_jobs
from bot.metrics import Metrics
from bot.review.people import People
from bot.settings import Settings
from bot.slack.audiences import Audiences
from bot.slack.background import Background
from bot.slack.client import Workspace, open_workspace
from bot.slack.delivery import Deliveries
from bot.slack.desk import Desk
from bot.slack.listeners import build_bolt
from bot.slack.outcomes import Outcomes
from bot.slack.pace import Pace
from bot.slack.replies import Replies
from bot.slack.socket_mode import socket_mode
from bot.slack.status import Status
from bot.slack.streams import Streams
from bot.voice.voices import NEUTRAL
from bot.web.app import build_web
from bot.web.console.opening import slack_console
from bot.web.server import serving as web_server
from ingest.errors import SettingsError
from ingest.schedule import check_schedules

log = logging.getLogger("footnote.serving")

LIBRARIES = ("procrastinate", "footnote.bolt", "slack_sdk", "slack_bolt", "psycopg")


@dataclass(frozen=True, slots=True)
class Service:
    """A running service. `port` is where its web side listens; None if it does not."""

    app: App
    slack: Workspace
    jobs: Jobs
    port: int | None


async def serve(settings: Settings) -> None:
    """`footnote serve`: answer in Slack until told to stop."""
    set_up_logging()
    await until_told_to_stop(_forever(open_service(settings)))


async def work(settings: Settings) -> None:
    """`footnote worker`: run jobs and the scheduled ingest until told to stop."""
    set_up_logging()
    await until_told_to_stop(_forever(open_worker(settings)))


async def _forever(service: contextlib.AbstractAsyncContextManager[Any]) -> None:
    async with service:
        # What is there by now stays: to look through it again for garbage takes 0.2 s, in which
        # nobody is answered.
        gc.collect()
        gc.freeze()
        await asyncio.get_running_loop().create_future()


@contextlib.asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[Service]:
    """Everything `footnote serve` runs.

    Raises SettingsError for what is missing, SlackError for what Slack refuses, and what open_app
    raises.
    """
    _check_tokens(settings)
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        listening = stack.enter_context(_listening(settings))
        parts = await enter(_open_parts(settings))
        slack, app, jobs = parts.slack, parts.app, parts.jobs
        background, people = Background(), People(settings, slack.group_members)
        stack.push_async_callback(background.close)
        await enter(_working(jobs))
        desk = Desk(
            app,
            slack,
            parts.audiences,
            jobs,
            parts.replies,
            parts.deliveries,
            parts.status,
            parts.metrics,
            people,
            background,
        )
        secret = settings.slack_signing_secret
        bolt = build_bolt(desk, secret.get_secret_value() if secret else "")
        if listening is not None:
            by_http = settings.slack_app_token is None
            console = slack_console(app, slack, people)
            web = build_web(app.database, parts.metrics, bolt if by_http else None, console)
            await enter(web_server(web, listening))
        if settings.slack_app_token is not None:
            await enter(socket_mode(settings.slack_app_token.get_secret_value(), slack, bolt))
        port = listening.getsockname()[1] if listening else None
        way = "by Socket Mode" if settings.slack_app_token else f"at /slack/events on port {port}"
        log.info("ready: listening %s in the workspace %s", way, slack.name)
        yield Service(app, slack, jobs, port)


@contextlib.asynccontextmanager
async def open_worker(settings: Settings) -> AsyncIterator[Jobs]:
    """Everything `footnote worker` runs. Raises as open_service."""
    check_schedules(settings.sources)
    async with _open_parts(settings) as parts, _working(parts.jobs):
        log.info("ready: waiting for jobs")
        yield parts.jobs


@dataclass(frozen=True, slots=True)
class _Parts:
    """What answers questions in Slack, whether or not it also hears them."""

    slack: Workspace
    app: App
    audiences: Audiences
    deliveries: Deliveries
    status: Status
    replies: Replies
    jobs: Jobs
    metrics: Metrics


@contextlib.asynccontextmanager
async def _open_parts(settings: Settings) -> AsyncIterator[_Parts]:
    # What is scheduled to be ingested may come while we run.
    scheduled = any(source.schedule for source in settings.sources.values())
    async with open_workspace(settings) as slack, open_app(settings, may_be_empty=scheduled) as app:
        await _check_voices(app)
        metrics, pace, status = Metrics(), Pace(), Status(slack.brisk)
        streams = Streams(slack.brisk, app.database, pace, metrics)
        deliveries = Deliveries(slack, pace, metrics)
        outcomes = Outcomes(app.database, deliveries, status, metrics)
        audiences = Audiences(slack, Channels(app.settings, app.database))
        replies = Replies(app, slack, audiences, streams, outcomes, metrics)
        async with open_jobs(app, slack, replies) as jobs:
            yield _Parts(slack, app, audiences, deliveries, status, replies, jobs, metrics)


async def _check_voices(app: App) -> None:
    """Raise VoiceError when a voice is named that there is not."""
    slack = app.settings.slack
    for name in (slack.voice, *(channel.voice for channel in slack.channels.values())):
        if name not in (None, NEUTRAL):
            await app.voices.choose(name)


@contextlib.asynccontextmanager
async def _working(jobs: Jobs) -> AsyncIterator[None]:
    """A worker in this process; at the end its jobs under way are waited for."""
    worker = asyncio.create_task(jobs.work())
    try:
        yield
    finally:
        worker.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await worker


def _check_tokens(settings: Settings) -> None:
    check_schedules(settings.sources)
    lacking = []
    if settings.slack_bot_token is None:
        lacking.append("SLACK_BOT_TOKEN (the app's bot token, xoxb-…)")
    if settings.slack_app_token is None and settings.slack_signing_secret is None:
        lacking.append(
            "SLACK_APP_TOKEN (xapp-…, for Socket Mode) or SLACK_SIGNING_SECRET (for HTTP)"
        )
    if lacking:
        raise SettingsError(
            f"Not set: {', and '.join(lacking)}.\n"
            "Make the Slack app from bot/slack/manifest.json; the README says where each is found."
        )


# The web side


@contextlib.contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket | None]:
    """The listening socket; in Socket Mode one can do without. Raises SettingsError."""
    try:
        found = socket.create_server((settings.host, settings.port))
    except OSError as error:
        reason = f"{settings.host}:{settings.port} cannot be listened on: {error.strerror}"
        if settings.slack_app_token is None:
            raise SettingsError(f"{reason}.\nName another PORT or FOOTNOTE_HOST.") from error
        log.warning("%s; there is no /healthz", reason)
        yield None
        return
    with found:
        yield found


# The process


async def until_told_to_stop(main: Coroutine[Any, Any, None]) -> None:
    """Run until SIGTERM or SIGINT, then close tidily; a second signal hurries."""
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(main)
    told = []

    def stop() -> None:
        told.append(True)
        log.info("stopping")
        task.cancel()

    signals = (signal.SIGTERM, signal.SIGINT)
    for number in signals:
        loop.add_signal_handler(number, stop)
    try:
        await task
    except asyncio.CancelledError:
        if not told:
            raise
        log.info("stopped")
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def set_up_logging() -> None:
    """Lines on standard error: when, how grave, who, what."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_one_line)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("footnote").setLevel(logging.INFO)
    # Bolt warns that it reads SLACK_BOT_TOKEN itself and does not use it.
    logging.getLogger("footnote.bolt").setLevel(logging.ERROR)


def _one_line(record: logging.LogRecord) -> bool:
    """What libraries log of troubles they mend by themselves is one line, without a traceback.

    What bolt adds to "Unhandled request" is the request, with what people wrote.
    """
    if record.name.startswith(LIBRARIES):
        line = record.getMessage().partition("\n")[0]
        record.msg = "Unhandled request" if line.startswith("Unhandled request") else line
        record.args = None
        record.exc_info = None
    return True
