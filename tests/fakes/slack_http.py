"""Signed HTTP: sends the app what Slack would, signed as Slack signs."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from aiohttp import ClientSession, ClientTimeout

from tests.fakes.serving import Json


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def payload(self) -> Json:
        """The body as an ack's payload: an object, plain text as `text`, nothing as {}."""
        try:
            body = json.loads(self.text)
        except ValueError:
            return {"text": self.text} if self.text else {}
        return body if isinstance(body, dict) else {}


def sign(secret: str, timestamp: int, body: str) -> str:
    """Return the X-Slack-Signature of a body sent at a time (seconds)."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256)
    return f"v0={digest.hexdigest()}"


def encode(payload: Json) -> tuple[str, str]:
    """Return (body, content type): events as JSON, commands and interactions as forms."""
    if "command" in payload:
        return urlencode(payload), "application/x-www-form-urlencoded"
    if payload.get("type") in {"event_callback", "url_verification"}:
        return json.dumps(payload), "application/json"
    return urlencode({"payload": json.dumps(payload)}), "application/x-www-form-urlencoded"


class SignedSender:
    """Posts payloads to an app's request URL."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def post(
        self,
        url: str,
        payload: Json,
        secret: str,
        *,
        bad_signature: bool = False,
        timestamp: int | None = None,
        retry: tuple[int, str] | None = None,
        seconds: float = 10.0,
    ) -> HttpAnswer:
        """Send one payload; raises aiohttp.ClientError or TimeoutError where the app is not up."""
        body, content_type = encode(payload)
        sent_at = int(time.time()) if timestamp is None else timestamp
        signature = sign(secret + "!" if bad_signature else secret, sent_at, body)
        headers: dict[str, Any] = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": str(sent_at),
            "X-Slack-Signature": signature,
        }
        if retry is not None:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        if self._session is None:
            self._session = ClientSession()
        timeout = ClientTimeout(total=seconds)
        async with self._session.post(
            url, data=body.encode(), headers=headers, timeout=timeout
        ) as response:
            return HttpAnswer(response.status, dict(response.headers), await response.text())

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None
