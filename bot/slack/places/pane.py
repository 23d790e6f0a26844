"""The agent pane and direct messages: what may be asked, and what a thread is about."""

import logging
from collections.abc import Awaitable
from typing import Any

from bot.errors import SlackError
from bot.questions import Asked
from bot.slack import mrkdwn
from bot.slack.audiences import is_direct
from bot.slack.client import manifest, refusals
from bot.slack.desk import Desk, Payload
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

MOST_PROMPTS = 4
LONGEST_PROMPT = 120  # characters; longer ones do not read as a suggestion
LONGEST_TITLE = 60


class Pane:
    """Suggests questions where a conversation is opened, and titles its threads."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    async def suggest(self, event: Payload) -> None:
        """Suggest what others found helpful lately; the manifest's questions where there is none.

        In the agent view the Messages tab says that it was opened, and prompts belong to no thread.
        """
        rows = await self._desk.app.database.rows(
            "liked_questions", limit=MOST_PROMPTS, longest=LONGEST_PROMPT
        )
        liked = [row["text"] for row in rows]
        prompts = [{"title": mrkdwn.shortened(text, 40), "message": text} for text in liked]
        prompts += manifest()["features"]["agent_view"]["suggested_prompts"]
        await self._quietly(
            self._desk.slack.client.assistant_threads_setSuggestedPrompts(
                channel_id=event["channel"], prompts=prompts[:MOST_PROMPTS]
            )
        )

    async def title(self, asked: Asked) -> None:
        """Name a thread by the question that began it."""
        if asked.thread_ts == asked.message_ts and is_direct(asked.channel) and asked.text:
            await self._quietly(
                self._desk.slack.client.assistant_threads_setTitle(
                    channel_id=asked.channel,
                    thread_ts=asked.thread_ts,
                    title=mrkdwn.shortened(asked.text, LONGEST_TITLE),
                )
            )

    async def _quietly(self, call: Awaitable[Any]) -> None:
        """A workspace without the agent view refuses these, and nobody misses them there."""
        try:
            with refusals():
                await call
        except (SlackError, Retryable) as error:
            log.debug("the agent pane: %s", error)
