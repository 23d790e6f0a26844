"""Status: what a thread shows while its answer is on the way, from the first moment on.

`assistant.threads.setStatus` says what is being done, and goes away by itself with the answer. The
agent session, where the app is an agent, is what Slack's stop button belongs to. Neither is worth a
word where Slack does not have it: the answer comes all the same.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import error_code

log = logging.getLogger("footnote.slack")

DOING = "is looking it up in the help centre"
LOADING = [
    "Reading the help centre",
    "Looking for the passages that answer it",
    "Checking every statement against its source",
]
# What Slack, or the app as it is installed, will refuse every time.
NEVER = frozenset(
    {"unknown_method", "missing_scope", "not_allowed_token_type", "no_permission", "not_agent"}
)


class Status:
    """The status of threads that are being answered."""

    def __init__(self, brisk: AsyncWebClient) -> None:
        """`brisk` is the client that does not wait out a 429."""
        self._client = brisk
        self._lacking: set[str] = set()

    async def begin(self, channel: str, thread_ts: str) -> None:
        """Show that the thread is being answered, with a stop button where Slack has one."""
        says = self._client.assistant_threads_setStatus
        await asyncio.gather(
            self._quietly(says, channel, thread_ts, status=DOING, loading_messages=LOADING),
            self._session(channel, thread_ts, "processing"),
        )

    async def end(self, channel: str, thread_ts: str) -> None:
        """Nothing is being answered any more."""
        await self._session(channel, thread_ts, "active")

    async def _session(self, channel: str, thread_ts: str, status: str) -> None:
        await self._quietly(
            self._client.agents_sessions_setStatus, channel, thread_ts, status=status
        )

    async def _quietly(
        self,
        method: Callable[..., Awaitable[object]],
        channel: str,
        thread_ts: str,
        **values: object,
    ) -> None:
        name = method.__name__
        if name in self._lacking:
            return
        try:
            await method(channel_id=channel, thread_ts=thread_ts, **values)
        except SlackApiError as error:
            code = error_code(error)
            if code in NEVER:
                self._lacking.add(name)
                log.info("no status by %s here: %s", name, code)
        except (aiohttp.ClientError, TimeoutError, SlackClientError):
            log.debug("no status: Slack does not answer")
