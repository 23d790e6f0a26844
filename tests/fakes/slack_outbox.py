"""Sends payloads to the app, by Socket Mode or signed HTTP, again while nobody acks them."""

import asyncio

from aiohttp import ClientError

from tests.fakes.serving import Json
from tests.fakes.slack_http import HttpAnswer, SignedSender
from tests.fakes.slack_socket import SocketHub
from tests.fakes.slack_state import Delivery

ACK_SECONDS = 3.0  # how long Slack waits for an answer to an interaction


class Outbox:
    """All payloads sent, and the repeats still under way."""

    def __init__(self, socket: SocketHub, signing_secret: str, request_url: str | None) -> None:
        self.deliveries: list[Delivery] = []
        self.request_url = request_url
        self._signing_secret = signing_secret
        self._socket = socket
        self._sender = SignedSender()
        self._repeats: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        for task in self._repeats:
            task.cancel()
        await asyncio.gather(*self._repeats, return_exceptions=True)
        await self._sender.close()

    async def post_event(
        self,
        url: str,
        payload: Json,
        signing_secret: str | None = None,
        *,
        bad_signature: bool = False,
        timestamp: int | None = None,
        retry: tuple[int, str] | None = None,
    ) -> HttpAnswer:
        """Post any payload to a URL, signed; `retry` is (number, reason)."""
        return await self._sender.post(
            url,
            payload,
            self._signing_secret if signing_secret is None else signing_secret,
            bad_signature=bad_signature,
            timestamp=timestamp,
            retry=retry,
        )

    async def deliver(self, kind: str, payload: Json) -> Delivery:
        delivery = Delivery(kind, payload)
        self.deliveries.append(delivery)
        await self.send(delivery)
        return delivery

    async def send(self, delivery: Delivery) -> None:
        if self.request_url is None:
            await self._socket.send(delivery)
            repeat = self._socket.repeat_until_acked(delivery)
        else:
            await self._post(delivery)
            repeat = self._post_until_acked(delivery)
        if delivery.kind != "events_api":
            repeat.close()
            return
        task = asyncio.create_task(repeat)
        self._repeats.add(task)
        task.add_done_callback(self._repeats.discard)

    async def _post(self, delivery: Delivery) -> None:
        retry = (delivery.attempts, "http_error") if delivery.attempts else None
        delivery.attempts += 1
        try:
            answer = await self._sender.post(
                self.request_url or "",
                delivery.payload,
                self._signing_secret,
                retry=retry,
                seconds=ACK_SECONDS,
            )
        except (ClientError, TimeoutError):
            return
        if 200 <= answer.status < 300:
            delivery.acknowledge(answer.payload)

    async def _post_until_acked(self, delivery: Delivery) -> None:
        while not delivery.acked.is_set() and delivery.attempts <= self._socket.retries:
            await asyncio.sleep(self._socket.ack_seconds)
            await self._post(delivery)
