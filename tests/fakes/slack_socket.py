"""Socket Mode: the websocket end of the fake workspace, with acks and repeated deliveries."""

import asyncio
import contextlib
import itertools
import json
import uuid
from typing import Any

from aiohttp import WSMsgType, web

from tests.fakes.serving import Json, abort
from tests.fakes.slack_state import APP_ID, Delivery, Workspace

CLOSE_SECONDS = 0.2
AWAY_SECONDS = 3_600.0  # how long an unacked event waits for the app to come back


class SocketHub:
    """All open connections of the app.

    `deliver_to_all` sends each payload to every connection (duplicates); otherwise they take
    turns. An event nobody acks within `ack_seconds` is sent again, `retries` times at most, under
    a new envelope_id with the same event_id; interactions and commands are sent once, as in Slack.
    """

    def __init__(self, workspace: Workspace, *, ack_seconds: float, retries: int) -> None:
        self.deliver_to_all = False
        self.ack_seconds = ack_seconds
        self.retries = retries
        self.acks: list[Json] = []  # every ack as it came
        self.connections: list[tuple[web.Request, web.WebSocketResponse]] = []
        self._workspace = workspace
        self._tickets: set[str] = set()
        self._envelopes: dict[str, Delivery] = {}
        self._turns = itertools.count()

    def new_ticket(self) -> str:
        ticket = uuid.uuid4().hex
        self._tickets.add(ticket)
        return ticket

    async def handle(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:  # each link opens once
            return web.Response(status=401, text="invalid ticket")
        self._tickets.remove(ticket)
        socket = web.WebSocketResponse(timeout=CLOSE_SECONDS)
        await socket.prepare(request)
        connection = (request, socket)
        self.connections.append(connection)
        try:
            await socket.send_json(self._hello())
            self._workspace.touch()
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._take_ack(json.loads(message.data))
        except ConnectionResetError:
            pass  # the app went away, or `drop` cut the line
        finally:
            self.connections.remove(connection)
            self._workspace.touch()
        return socket

    async def send(self, delivery: Delivery, timeout: float = 5.0) -> None:  # noqa: ASYNC109 -- the error has to say what was waited for
        """Send a payload to the connection whose turn it is; TimeoutError where there is none."""
        reason = "timeout" if delivery.attempts else ""
        attempt = delivery.attempts
        delivery.attempts += 1
        await self.wait_for_connections(1, timeout)
        live = [socket for _, socket in self.connections]
        if not self.deliver_to_all:
            live = [live[next(self._turns) % len(live)]]
        for socket in live:
            envelope: dict[str, Any] = {
                "envelope_id": str(uuid.uuid4()),
                "payload": delivery.payload,
                "type": delivery.kind,
                "accepts_response_payload": delivery.kind != "events_api",
            }
            if delivery.kind == "events_api":
                envelope |= {"retry_attempt": attempt, "retry_reason": reason}
            self._envelopes[envelope["envelope_id"]] = delivery
            delivery.envelope_ids.append(envelope["envelope_id"])
            with contextlib.suppress(ConnectionResetError):  # it will be repeated
                await socket.send_json(envelope)

    async def repeat_until_acked(self, delivery: Delivery) -> None:
        while delivery.attempts <= self.retries:
            try:
                await asyncio.wait_for(delivery.acked.wait(), self.ack_seconds)
            except TimeoutError:
                await self.send(delivery, timeout=AWAY_SECONDS)
            else:
                return

    async def wait_for_connections(self, count: int, timeout: float = 5.0) -> None:  # noqa: ASYNC109 -- as send
        await self._workspace.wait_for(
            lambda: len(self.connections) >= count or None, timeout, "Socket Mode connection"
        )

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask every connection to reconnect, as Slack does every few hours."""
        note = {"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}}
        for _, socket in list(self.connections):
            await socket.send_json(note)

    def drop(self) -> None:
        """Cut every connection without a word."""
        for request, _ in list(self.connections):
            abort(request)

    async def close(self) -> None:
        for _, socket in list(self.connections):
            await socket.close(code=1001)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self.connections),
            "connection_info": {"app_id": APP_ID},
            "debug_info": {"host": "fake", "approximate_connection_time": 18_060},
        }

    def _take_ack(self, ack: Json) -> None:
        self.acks.append(ack)
        delivery = self._envelopes.get(str(ack.get("envelope_id")))
        if delivery is not None:
            delivery.acknowledge(ack.get("payload") or {})
        self._workspace.touch()
