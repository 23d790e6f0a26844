"""Streams: an answer's message while it is being written, part by checked part.

What a model writes is appended about once a second, several parts together where they come faster.
A stream is progress and nothing more: whatever Slack refuses of it, the answer goes its way by
delivery.py, which ends the message that was begun here.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.answers import Answer, render
from bot.metrics import Metrics
from bot.questions import StoredQuestion
from bot.slack.client import error_code, retry_after
from bot.slack.pace import Pace
from ingest.database import Database
from ingest.errors import DatabaseUnavailable

log = logging.getLogger("footnote.slack")

LONGEST = 11_000  # characters; a longer answer is not streamed to its end, and cut at delivery
LOST = (aiohttp.ClientError, TimeoutError, SlackClientError, ValueError, DatabaseUnavailable)


@dataclass(frozen=True, slots=True)
class Begun:
    """A message in which an answer was begun, and what it says by now.

    `words` is None where that is not known: another process wrote it, or Slack did not answer.
    A `whole` one was posted as it should be, and only not noted.
    """

    ts: str
    words: str | None = None
    whole: bool = False


def words(answer: Answer) -> str:
    """An answer's own words as Slack's Markdown, its markers linked; what is added only follows."""
    return render(answer.parts, lambda n: f"[[{n}]]({_address(answer.source_link(n))})")


def chunks(text: str) -> list[dict[str, str]]:
    """Text as a stream takes it."""
    return [{"type": "markdown_text", "text": text}]


def _address(link: str) -> str:
    """An address that no bracket ends early."""
    return link.replace("(", "%28").replace(")", "%29").replace(" ", "%20")


class Streams:
    """Opens the streams of a process."""

    def __init__(
        self, brisk: AsyncWebClient, database: Database, pace: Pace, metrics: Metrics
    ) -> None:
        """`brisk` is the client that does not wait out a 429: a stream has better things to do."""
        self.client = brisk
        self.database = database
        self.pace = pace
        self.metrics = metrics
        self.known = True  # to Slack, until it says otherwise

    @contextlib.asynccontextmanager
    async def open(self, asked: StoredQuestion) -> AsyncIterator["Stream"]:
        """A stream for one question's answer, which writes nothing any more at the end."""
        stream = Stream(self, asked)
        try:
            yield stream
        finally:
            await stream.rest()


class Stream:
    """One answer's message."""

    def __init__(self, streams: Streams, asked: StoredQuestion) -> None:
        """An earlier attempt's message is gone on with, though not as a stream."""
        self.begun = Begun(asked.started_ts) if asked.started_ts else None
        self.partial: Answer | None = None  # the answer so far
        # Whether there may be a message of which we were not told, or did not live to note it.
        self.uncertain = self.begun is None and asked.attempts > 1
        self._streams = streams
        self._asked = asked
        self._client = streams.client
        self._news = asyncio.Event()
        self._calling = asyncio.Lock()
        self._writer: asyncio.Task[None] | None = None
        self._over = self.begun is not None or not streams.known

    async def show(self, so_far: Answer) -> None:
        """Take an answer so far; it is shown when its turn comes, and nobody waits for that."""
        self.partial = so_far
        if self._over:
            return
        self._news.set()
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())

    def take_over(self, begun: Begun) -> None:
        """Have the answer in a message that was begun otherwise."""
        self.begun = begun
        self._over = True

    async def rest(self) -> None:
        """Write no more; a call under way is waited for, so `begun` is right afterwards."""
        self._over = True
        if self._writer is not None:
            async with self._calling:
                self._writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writer

    async def _write(self) -> None:
        place = str(self._asked.channel)
        while not self._over:
            await self._news.wait()
            await self._streams.pace.turn(f"{place}/{self.begun.ts}" if self.begun else place)
            self._news.clear()
            pause = 0.0
            async with self._calling:
                try:
                    await self._show_rest()
                except SlackApiError as error:
                    pause = self._refused(error)
                except LOST as error:
                    self._lost(error)
            await asyncio.sleep(pause)

    async def _show_rest(self) -> None:
        assert self.partial is not None
        text = words(self.partial)
        shown = (self.begun.words or "") if self.begun else ""
        # What the model took back is mended at delivery.
        if not text.startswith(shown) or text == shown or len(text) > LONGEST:
            return
        if self.begun is None:
            ts = await self._start(text)
        else:
            ts = self.begun.ts
            await self._client.chat_appendStream(
                channel=str(self._asked.channel), ts=ts, chunks=chunks(text[len(shown) :])
            )
        self.begun = Begun(ts, text)

    async def _start(self, text: str) -> str:
        asked = self._asked
        started = await self._client.chat_startStream(
            channel=str(asked.channel),
            thread_ts=str(asked.thread_ts),
            recipient_team_id=asked.team,
            recipient_user_id=asked.asker,
            chunks=chunks(text),
        )
        ts = str(started["ts"])
        self.begun = Begun(ts, text)
        noted = await self._streams.database.run(
            "start_answer", question=asked.id, message_ts=ts, attempts=asked.attempts
        )
        if not noted:  # another worker took us for dead, and has a message of its own
            self._over = True
            await self._client.chat_delete(channel=str(asked.channel), ts=ts)
        return ts

    def _refused(self, error: SlackApiError) -> float:
        """Seconds to wait after a refusal; all but "later" end the stream."""
        code = error_code(error)
        self._streams.metrics.refusals.labels(code).inc()
        if code == "ratelimited":
            self._news.set()
            return retry_after(error)
        self._over = True
        if code == "unknown_method":
            self._streams.known = False
        log.info("question %d: not streamed on: %s", self._asked.id, code)
        return 0.0

    def _lost(self, error: Exception) -> None:
        """Slack did not answer: it may have done what it was asked, or not."""
        self._over = True
        self.uncertain = self.begun is None
        self.begun = Begun(self.begun.ts) if self.begun else None
        log.info("question %d: not streamed on: %s", self._asked.id, type(error).__name__)
