"""Outcomes: the one message that ends a question, posted once and noted, whoever dies meanwhile.

Before anything is posted, what an attempt cut short may have left behind is looked for, and whether
another worker has taken over.
"""

import asyncio
import logging

from bot.answers import Answer
from bot.errors import SlackError
from bot.metrics import Metrics
from bot.questions import StoredQuestion
from bot.records import question
from bot.slack.blocks import Message
from bot.slack.delivery import Deliveries
from bot.slack.status import Status
from bot.slack.streams import Begun, Stream, words
from ingest.database import Database

log = logging.getLogger("footnote.slack")


class Outcomes:
    """Ends questions."""

    def __init__(
        self, database: Database, deliveries: Deliveries, status: Status, metrics: Metrics
    ) -> None:
        """All that is needed to say something once, and to remember that it was said."""
        self._database = database
        self._deliveries = deliveries
        self._status = status
        self._metrics = metrics

    async def post(
        self,
        asked: StoredQuestion,
        message: Message,
        stream: Stream,
        how: str,
        answer: Answer | None = None,
    ) -> None:
        """End a question with a message; `how` is for the metrics. Raises Retryable.

        Begun, it is done to the end, whoever cancels meanwhile. Where Slack refuses it for good
        everywhere, an operator is told.
        """
        posting = asyncio.create_task(self._post(asked, message, stream, how, answer))
        try:
            await asyncio.shield(posting)
        except asyncio.CancelledError:
            await asyncio.gather(posting, return_exceptions=True)
            raise

    async def close_unseen(self, asked: StoredQuestion, how: str) -> None:
        """End a question without a message."""
        await self._database.run("close_unseen", question=asked.id)
        self._ended(asked, how)
        await self._status.end(str(asked.channel), str(asked.thread_ts))

    async def show(self, channel: str, ts: str, message: Message) -> None:
        """Show another wording in a message. Raises SlackError, Retryable."""
        await self._deliveries.show(channel, ts, message)

    async def begun(self, asked: StoredQuestion, stream: Stream) -> Begun | None:
        """The message begun for a question, by this attempt or an earlier one. Raises Retryable."""
        if stream.begun is None and stream.uncertain:
            rows = await self._database.rows(
                "known_messages", channel=asked.channel, thread_ts=asked.thread_ts
            )
            left = await self._deliveries.left_behind(asked, {row["ts"] for row in rows})
            stream.uncertain = False
            if left is not None:
                stream.take_over(left)
                await self._database.run(
                    "start_answer", question=asked.id, message_ts=left.ts, attempts=asked.attempts
                )
        return stream.begun

    async def _post(
        self,
        asked: StoredQuestion,
        message: Message,
        stream: Stream,
        how: str,
        answer: Answer | None,
    ) -> None:
        await stream.rest()
        begun = await self.begun(asked, stream)
        if not await self._ours(asked):
            return
        if begun is not None and begun.whole:
            await self._note(asked, answer, str(asked.channel), begun.ts)
            self._ended(asked, how)
            return
        text = words(answer) if answer else ""
        try:
            delivered = await self._deliveries.deliver(asked, message, begun, text)
        except SlackError as error:
            said = " ".join(str(error).split())
            log.error("question %d: its answer is seen nowhere: %s", asked.id, said)  # noqa: TRY400 - one line for an operator
            await self.close_unseen(asked, "undelivered")
            return
        await self._note(asked, answer, delivered.channel, delivered.ts)
        self._ended(asked, how)
        if delivered.way != "stream":
            await self._status.end(str(asked.channel), str(asked.thread_ts))

    async def _ours(self, asked: StoredQuestion) -> bool:
        """Whether nobody else has begun to work on the question, taking us for dead."""
        now = await question(self._database, asked.id)
        ours = now is not None and now.attempts == asked.attempts
        if not ours:
            log.warning("question %d: taken over by another worker", asked.id)
        return ours

    async def _note(
        self, asked: StoredQuestion, answer: Answer | None, channel: str, ts: str
    ) -> None:
        await self._database.run(
            "add_delivery",
            question=asked.id,
            answer=answer.id if answer else None,
            channel=channel,
            message_ts=ts,
        )

    def _ended(self, asked: StoredQuestion, how: str) -> None:
        self._metrics.ended.labels(how).inc()
        log.info("question %d: %s", asked.id, how)
