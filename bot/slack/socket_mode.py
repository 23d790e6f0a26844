"""Socket Mode: Slack's events by a websocket that we open, for networks that let nobody in."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bot.errors import SlackError
from bot.slack.client import Workspace, proxy_to, refusals

CONNECT_SECONDS = 20  # for the first connection


@contextlib.asynccontextmanager
async def socket_mode(token: str, slack: Workspace, bolt: AsyncApp) -> AsyncIterator[None]:
    """A connection by an app-level token. Raises SlackError when it cannot be made."""
    with refusals("SLACK_APP_TOKEN"):
        opened = await slack.client.apps_connections_open(app_token=token)
    handler = AsyncSocketModeHandler(bolt, token)
    client = handler.client
    client.wss_uri = str(opened["url"])
    client.proxy = proxy_to(client.wss_uri, client.proxy)
    try:
        try:
            await asyncio.wait_for(handler.connect_async(), CONNECT_SECONDS)  # type: ignore[no-untyped-call]  # bolt left it so
        except TimeoutError:
            raise SlackError(
                "Slack's socket cannot be connected to.\n"
                "Check that websockets pass the network's proxy, or leave SLACK_APP_TOKEN out and"
                " let Slack call /slack/events."
            ) from None
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # as above
