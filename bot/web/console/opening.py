"""Opening the console: beside Slack in `footnote serve`, or by itself in `footnote review`."""

import asyncio
import contextlib
import logging
import socket
import sys
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.app import App, open_app
from bot.review.people import People
from bot.settings import Settings
from bot.slack.client import Workspace
from bot.web.console.app import build_console
from bot.web.console.guard import HOME
from bot.web.console.signing_in import Entrance, SlackSignIn
from bot.web.server import serving
from ingest.errors import SettingsError

log = logging.getLogger("footnote.review")

HOST = "127.0.0.1"


def slack_console(app: App, slack: Workspace, people: People) -> list[BaseRoute]:
    """The console for people who sign in with Slack; nothing where that is not set up."""
    settings = app.settings
    url, client, secret = (
        settings.review.url,
        settings.slack_client_id,
        settings.slack_client_secret,
    )
    if url is None or client is None or secret is None:
        log.info("no review console here: set SLACK_CLIENT_ID, SLACK_CLIENT_SECRET, [review] url")
        return []

    sign_in = SlackSignIn(slack.client, client, secret.get_secret_value(), url)
    log.info("the review console is at %s%s", url, HOME)
    return [*build_console(app, people, slack=sign_in)]


@contextlib.asynccontextmanager
async def open_console(settings: Settings, port: int = 0) -> AsyncIterator[str]:
    """The console by itself, for whoever is at this machine; yields the address that lets in once.

    Raises SettingsError where the port is taken, and what open_app raises.
    """
    try:
        listening = socket.create_server((HOST, port))
    except OSError as error:
        raise SettingsError(
            f"{HOST}:{port} cannot be listened on: {error.strerror}.\nName another --port."
        ) from error
    entrance = Entrance()
    with listening:
        async with open_app(settings, may_be_empty=True) as app:
            routes = build_console(app, People(settings), entrance=entrance)
            async with serving(Starlette(routes=routes), listening):
                address = f"http://{HOST}:{listening.getsockname()[1]}"
                yield f"{address}{HOME}/enter?token={entrance.token}"


async def review(settings: Settings, port: int) -> None:
    """`footnote review`: the console until told to stop."""
    async with open_console(settings, port) as address:
        said = f"The review is open to you at\n\n    {address}\n\nThe address works once.\n"
        sys.stdout.write(said)
        sys.stdout.flush()
        await asyncio.get_running_loop().create_future()
