"""Delivery: brings the one message of a question to Slack, down the ladder and at its pace.

Where the place takes nothing from us, the asker gets it by direct message.
"""

import logging
from collections.abc import Awaitable, Callable, Container, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError
from bot.metrics import Metrics
from bot.questions import StoredQuestion
from bot.slack import mrkdwn
from bot.slack.blocks import Message, with_lead
from bot.slack.client import Workspace, error_code, refusals
from bot.slack.controls import Place
from bot.slack.ladder import LADDER, MOST_RUNGS, NEW, UNFIT, Parcel, Rung, first_rung, forms, mark
from bot.slack.pace import Pace
from bot.slack.streams import Begun
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

# The place takes nothing from us: what the asker is told by direct message.
ELSEWHERE = {
    "is_archived": "that channel is archived",
    "channel_not_found": "I no longer have access to that channel",
    "not_in_channel": "I am not a member of that channel any more",
    "restricted_action": "I am not allowed to post in that channel",
    "thread_not_found": "that thread is gone",
    "cannot_reply_to_message": "that message cannot be replied to",
    "missing_scope": "I lack a permission there; please tell whoever looks after me",
}


@dataclass(frozen=True, slots=True)
class Delivered:
    """Where a message is, and which way it came there."""

    channel: str
    ts: str
    way: str


class Deliveries:
    """Brings messages to Slack."""

    def __init__(self, slack: Workspace, pace: Pace, metrics: Metrics) -> None:
        """The workspace's client waits out a 429 as it is told."""
        self._client = slack.client
        self._bot_user = slack.bot_user
        self._pace = pace
        self._metrics = metrics

    async def deliver(
        self, asked: StoredQuestion, message: Message, begun: Begun | None = None, words: str = ""
    ) -> Delivered:
        """Bring a message to its thread, or to its asker where the place takes nothing from us.

        Raises SlackError when Slack refuses for good, Retryable when it may be tried again.
        """
        parcel = Parcel(str(asked.channel), message, asked.thread_ts, words, begun, asked.id)
        try:
            delivered = await self._climb(first_rung(begun, words), parcel)
        except SlackError as error:
            if error.code not in ELSEWHERE:
                raise
            said = " ".join(str(error).split())
            log.warning("question %d: not delivered to %s: %s", asked.id, asked.channel, said)
            delivered = await self._directly(asked, parcel, ELSEWHERE[error.code])
        self._metrics.deliveries.labels(delivered.way).inc()
        return delivered

    async def show(self, channel: str, ts: str, message: Message) -> None:
        """Show another wording in a message that was delivered. Raises as deliver."""
        await self._climb("update", Parcel(channel, message, begun=Begun(ts)))

    async def post(self, place: Place, message: Message) -> str:
        """Post what is no question's answer and return its timestamp. Raises as deliver."""
        parcel = Parcel(place.channel, message, place.thread_ts)
        return (await self._climb("blocks", parcel)).ts

    async def _climb(self, way: str, parcel: Parcel) -> Delivered:
        for _ in range(MOST_RUNGS):
            if LADDER[way].classic and parcel.message.classic is None:
                way = LADDER[way].refused[UNFIT]
            if way in NEW:
                await self._pace.turn(parcel.channel)
            with refusals():
                answer, further = await self._go(LADDER[way], parcel)
            if further is None:
                return Delivered(str(answer["channel"]), str(answer["ts"]), way)
            way = further
        raise SlackError("Slack refused every way of showing a message.")

    async def _go(self, rung: Rung, parcel: Parcel) -> tuple[Any, str | None]:
        """What Slack answered, and the way to go on, if any."""
        try:
            return await rung.go(self._client, parcel), rung.then
        except SlackApiError as error:
            code = error_code(error)
            self._metrics.refusals.labels(code).inc()
            further = rung.after(code)
            if further is None:
                raise
            log.info("question %s: %s, so by %s", parcel.question, code, further)
            return None, further

    async def _directly(self, asked: StoredQuestion, parcel: Parcel, why: str) -> Delivered:
        """Tell the asker what could not be said in the thread."""
        lead = (
            f"I could not answer in <#{asked.channel}>, because {why}. Your question was:"
            f" “{mrkdwn.escaped(mrkdwn.shortened(asked.text, 300))}”"
        )
        direct = Parcel(str(asked.asker), with_lead(parcel.message, lead), question=asked.id)
        return replace(await self._climb("blocks", direct), way="direct")

    async def left_behind(self, asked: StoredQuestion, known: Container[str]) -> Begun | None:
        """What an attempt cut short has left in the thread.

        A whole answer carries our mark. A stream carries none before its end: it is one of ours
        that is not `known` as another question's. Raises Retryable where Slack does not answer; a
        thread that we may not read is taken to hold nothing.
        """
        try:
            with refusals():
                found = await self._client.conversations_replies(
                    channel=str(asked.channel),
                    ts=str(asked.thread_ts),
                    oldest=asked.message_ts,
                    include_all_metadata=True,
                    limit=200,
                )
        except SlackError as error:
            log.warning("the thread cannot be read: %s", str(error).splitlines()[0])
            return None
        ours = [each for each in found["messages"] if each.get("user") == self._bot_user]
        for message in ours:
            if message.get("metadata") == mark(asked.id):
                return Begun(str(message["ts"]), whole=True)
        for message in ours:
            if message.get("streaming_state") and message["ts"] not in known:
                return Begun(str(message["ts"]))
        return None


async def whisper(
    client: AsyncWebClient, place: Place, user: str, text: str, message: Message | None = None
) -> bool:
    """Say something that only one person sees; False, and a line in the log, if that cannot be."""
    where = {"channel": place.channel, "user": user, "thread_ts": place.thread_ts}
    said = forms(message) if message else [{"text": text}]
    try:
        with refusals():
            await _taken(client.chat_postEphemeral, where, said)
    except (SlackError, Retryable) as error:
        log.warning("%s could not be told: %s", user, " ".join(str(error).split()))
        return False
    return True


async def _taken(
    call: Callable[..., Awaitable[object]], where: Mapping[str, Any], said: list[dict[str, Any]]
) -> None:
    """Say it in the first form that Slack does not find unfit."""
    for form in said[:-1]:
        try:
            await call(**where, **form)
        except SlackApiError as error:
            if error_code(error) not in UNFIT:
                raise
        else:
            return
    await call(**where, **said[-1])


async def write(client: AsyncWebClient, user: str, text: str) -> None:
    """Say something in a person's own messages. What cannot be said is logged."""
    try:
        with refusals():
            await client.chat_postMessage(channel=user, text=text)
    except (SlackError, Retryable) as error:
        log.warning("%s could not be written to: %s", user, " ".join(str(error).split()))
