"""A Slack workspace on loopback: Web API, Socket Mode, signed HTTP, and people who speak.

    async with SlackServer() as slack:
        # the app: AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)
        await slack.mention(SUPPORT, ALICE, "How do I get a refund?")
        answer = await slack.wait_for_message(lambda message: "[1]" in message.text)
        await slack.click(answer, "feedback", ALICE)

Payloads go to the app's Socket Mode connections, or by signed HTTP where `request_url` is set.
As a process: `python -m tests.fakes.slack_server --port 8081`; its helpers are then called by
posting their arguments to `/_fake/mention` and so on, and `/_fake/messages` lists what was said.
"""

import argparse
import asyncio
from collections.abc import Callable
from typing import Self

from aiohttp import web

from tests.fakes.serving import HOST, Json, Listener, serve_until_stopped
from tests.fakes.slack_control import control_routes
from tests.fakes.slack_http import HttpAnswer
from tests.fakes.slack_outbox import Outbox
from tests.fakes.slack_people import People
from tests.fakes.slack_socket import SocketHub
from tests.fakes.slack_state import (
    ALICE,
    APP_ID,
    BOB,
    BOT_ID,
    BOT_USER,
    LEAD,
    LEADS_GROUP,
    PRIVATE,
    SUPPORT,
    TEAM_ID,
    ApiCall,
    Delivery,
    Message,
    Workspace,
)
from tests.fakes.slack_web import Fault, WebApi

__all__ = [
    "ALICE",
    "APP_ID",
    "BOB",
    "BOT_ID",
    "BOT_USER",
    "LEAD",
    "LEADS_GROUP",
    "PRIVATE",
    "SUPPORT",
    "TEAM_ID",
    "ApiCall",
    "Delivery",
    "HttpAnswer",
    "Message",
    "SlackServer",
]


class SlackServer:
    """See the module's docstring. `ack_seconds` is how long an event may stay unacked."""

    def __init__(
        self,
        *,
        port: int = 0,
        bot_token: str = "xoxb-fake-bot-token",
        app_token: str = "xapp-1-fake-app-token",
        signing_secret: str = "fake-signing-secret",
        request_url: str | None = None,
        ack_seconds: float = 3.0,
        retries: int = 3,
        stream_seconds: float = 300.0,
        trigger_seconds: float = 3.0,
    ) -> None:
        self.bot_token, self.app_token = bot_token, app_token
        self.signing_secret = signing_secret
        self.workspace = Workspace(stream_seconds=stream_seconds, trigger_seconds=trigger_seconds)
        self.socket = SocketHub(self.workspace, ack_seconds=ack_seconds, retries=retries)
        self._outbox = Outbox(self.socket, signing_secret, request_url)
        self.web = WebApi(
            self.workspace, bot_token=bot_token, app_token=app_token, socket_url=self._socket_url
        )
        people = People(self.workspace, self.web, self._outbox, lambda: self.url)
        self.mention, self.say = people.mention, people.say
        self.direct_message, self.open_home = people.direct_message, people.open_home
        self.click, self.shortcut = people.click, people.shortcut
        self.submit_view, self.slash_command = people.submit_view, people.slash_command
        self.send_event, self.redeliver = people.send_event, people.redeliver
        self.edit, self.delete_message, self.stop = people.edit, people.delete_message, people.stop
        self.post_event = self._outbox.post_event
        deeds = (
            *(people.mention, people.say, people.direct_message, people.open_home),
            *(people.click, people.shortcut, people.submit_view, people.slash_command),
        )
        routes = (
            web.route("*", "/api/{method}", self.web.handle),
            web.post("/actions/{key}", self.web.respond),
            web.get("/link", self.socket.handle),
            *control_routes(self.workspace, deeds),
        )
        self._listener = Listener(routes, port=port)

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.port}"

    @property
    def api_url(self) -> str:
        """What slack_sdk takes as `base_url`, and the product as SLACK_API_URL."""
        return f"{self.url}/api/"

    @property
    def messages(self) -> dict[str, list[Message]]:
        """Every message by channel, in order; deleted and ephemeral ones are marked, not gone."""
        return self.workspace.messages

    @property
    def views(self) -> list[Json]:
        """Every modal opened, as it stands now; Home tabs are in `homes` by user."""
        return self.workspace.views

    @property
    def homes(self) -> dict[str, Json]:
        return self.workspace.homes

    @property
    def deliveries(self) -> list[Delivery]:
        """Everything sent to the app, first attempts only, in order."""
        return self._outbox.deliveries

    @property
    def request_url(self) -> str | None:
        """Where payloads go by signed HTTP; None means Socket Mode."""
        return self._outbox.request_url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self._outbox.request_url = url

    @property
    def calls(self) -> list[ApiCall]:
        return self.web.calls

    async def __aenter__(self) -> Self:
        await self._listener.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._outbox.close()
        await self.socket.close()
        await self._listener.stop()

    # Misbehaviour. `times=None` is for ever.

    def fail(self, method: str, *, error: str, times: int | None = 1, status: int = 200) -> None:
        self.web.faults[method].append(Fault("fail", times, error=error, status=status))

    def throttle(self, method: str, *, retry_after: float = 1, times: int | None = 1) -> None:
        self.web.faults[method].append(Fault("throttle", times, seconds=retry_after))

    def slow(self, method: str, seconds: float, *, times: int | None = None) -> None:
        self.web.faults[method].append(Fault("slow", times, seconds=seconds))

    def drop(self, method: str, *, times: int | None = 1, done_first: bool = False) -> None:
        """Close the connection without an answer, with `done_first` after doing the work."""
        self.web.faults[method].append(Fault("drop", times, done_first=done_first))

    def expire_triggers(self) -> None:
        """Make every trigger_id given out so far too old."""
        for trigger in self.workspace.triggers:
            self.workspace.triggers[trigger] = 1e-9

    def expire_streams(self) -> None:
        """Make every open stream too old, as Slack does after about five minutes."""
        for message in self.workspace.bot_messages():
            message.stream_ends = 0.0

    # Waiting. TimeoutError says what was there instead.

    async def wait_for_message(
        self,
        predicate: Callable[[Message], bool] = lambda _: True,
        timeout: float = 5.0,  # noqa: ASYNC109 -- the error has to say what was there instead
        *,
        streaming: bool = False,
    ) -> Message:
        """Return the bot's first message that fits; open streams count only with `streaming`."""

        def find() -> Message | None:
            said = self.workspace.bot_messages()
            fits = (one for one in said if (streaming or not one.streaming) and predicate(one))
            return next(fits, None)

        return await self.workspace.wait_for(find, timeout, "fitting message of the bot")

    async def wait_for_view(
        self,
        predicate: Callable[[Json], bool] = lambda _: True,
        timeout: float = 5.0,  # noqa: ASYNC109 -- as wait_for_message
    ) -> Json:
        """Return the last modal opened that fits."""
        return await self.workspace.wait_for(
            lambda: next((view for view in reversed(self.views) if predicate(view)), None),
            timeout,
            "fitting modal",
        )

    async def wait_for_call(
        self,
        method: str,
        times: int = 1,
        timeout: float = 5.0,  # noqa: ASYNC109 -- as wait_for_message
    ) -> list[ApiCall]:
        """Return the calls of a method once there are so many."""

        def find() -> list[ApiCall] | None:
            calls = [call for call in self.calls if call.method == method]
            return calls if len(calls) >= times else None

        return await self.workspace.wait_for(find, timeout, f"{times} calls of {method}")

    def _socket_url(self) -> str:
        return f"ws://{HOST}:{self._listener.port}/link?ticket={self.socket.new_ticket()}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve_until_stopped(SlackServer(port=parser.parse_args().port)))
