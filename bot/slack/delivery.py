"""Delivery: messages to Slack, by the next plainer way where one is refused."""

import logging
from typing import Any

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError
from bot.questions import StoredQuestion
from bot.slack.blocks import Message
from bot.slack.client import error_code, refusals
from bot.slack.controls import Place
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

MARK = "footnote_answer"  # the kind of metadata our answers carry
UNFIT_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long"})


async def post_answer(client: AsyncWebClient, asked: StoredQuestion, message: Message) -> str:
    """Post an answer in its question's thread and return its timestamp.

    Raises SlackError when Slack refuses for good, Retryable when it may be tried again.
    """
    place = {
        "channel": asked.channel,
        "thread_ts": asked.thread_ts,
        "unfurl_links": False,
        "unfurl_media": False,
        "metadata": {"event_type": MARK, "event_payload": {"question": asked.id}},
    }
    with refusals():
        posted = await _with_blocks_or_plain(client.chat_postMessage, place, message)
    return str(posted["ts"])


async def post_message(client: AsyncWebClient, place: Place, message: Message) -> str:
    """Post something that is no question's answer and return its timestamp. Raises as above."""
    where = {
        "channel": place.channel,
        "thread_ts": place.thread_ts,
        "unfurl_links": False,
        "unfurl_media": False,
    }
    with refusals():
        posted = await _with_blocks_or_plain(client.chat_postMessage, where, message)
    return str(posted["ts"])


async def update_answer(client: AsyncWebClient, channel: str, ts: str, message: Message) -> None:
    """Show another wording in the same message. Raises as post_answer."""
    with refusals():
        await _with_blocks_or_plain(client.chat_update, {"channel": channel, "ts": ts}, message)


async def _with_blocks_or_plain(call: Any, place: dict[str, Any], message: Message) -> Any:
    for blocks in filter(None, (message.blocks, message.classic)):
        try:
            return await call(**place, text=message.notice, blocks=blocks)
        except SlackApiError as error:
            if error_code(error) not in UNFIT_BLOCKS:
                raise
            log.warning("Slack refused the blocks (%s); sending plainer ones", error_code(error))
    # Without blocks Slack would make links of addresses in the text, unless told not to.
    return await call(**place, text=message.plain, blocks=[], parse="none")


async def posted_before(client: AsyncWebClient, asked: StoredQuestion) -> str | None:
    """The answer's message, if one was posted before we could note it; for a second attempt."""
    try:
        with refusals():
            found = await client.conversations_replies(
                channel=str(asked.channel),
                ts=str(asked.thread_ts),
                oldest=asked.message_ts,
                include_all_metadata=True,
                limit=200,
            )
    except (SlackError, Retryable) as error:
        log.warning("the thread cannot be read: %s", str(error).splitlines()[0])
        return None
    for message in found["messages"]:
        mark = message.get("metadata") or {}
        if (
            mark.get("event_type") == MARK
            and mark.get("event_payload", {}).get("question") == asked.id
        ):
            return str(message["ts"])
    return None


async def whisper(
    client: AsyncWebClient, place: Place, user: str, text: str, message: Message | None = None
) -> bool:
    """Say something that only one person sees; False, and a line in the log, if that cannot be."""
    where: dict[str, Any] = {"channel": place.channel, "user": user, "thread_ts": place.thread_ts}
    try:
        with refusals():
            if message is None:
                await client.chat_postEphemeral(**where, text=text)
            else:
                await _with_blocks_or_plain(client.chat_postEphemeral, where, message)
    except (SlackError, Retryable) as error:
        log.warning("%s could not be told: %s", user, " ".join(str(error).split()))
        return False
    return True


async def write(client: AsyncWebClient, user: str, text: str) -> None:
    """Say something in a person's own messages. What cannot be said is logged."""
    try:
        with refusals():
            await client.chat_postMessage(channel=user, text=text)
    except (SlackError, Retryable) as error:
        log.warning("%s could not be written to: %s", user, " ".join(str(error).split()))
