"""Signing in: with Slack (OpenID Connect), or at the machine itself by a token that works once."""

import base64
import hashlib
import hmac
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from aiohttp import encode_basic_auth
from slack_sdk.oauth import OpenIDConnectAuthorizeUrlGenerator
from slack_sdk.web.async_client import AsyncWebClient
from starlette.requests import Request

from bot.errors import SlackError
from bot.slack.client import refusals

STATE = "footnote-state"  # the cookie that ties Slack's answer to the browser that asked
STATE_SECONDS = 600
BACK = "/review/slack/back"
_PERSON, _TEAM = "https://slack.com/user_id", "https://slack.com/team_id"


class Entrance:
    """A token that lets one person in, once; whoever has read the terminal has it."""

    def __init__(self) -> None:
        """A new one each time."""
        self.token = secrets.token_urlsafe(32)
        self._open = True

    def enter(self, token: str) -> bool:
        """Whether the token is right and was not used before."""
        right = hmac.compare_digest(token.encode(), self.token.encode())
        entered, self._open = right and self._open, self._open and not right
        return entered


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom Slack says somebody is."""

    person: str
    name: str


@dataclass(frozen=True, slots=True)
class SlackSignIn:
    """Sign in with Slack. `url` is the console's address from outside."""

    client: AsyncWebClient
    client_id: str
    client_secret: str
    url: str

    @property
    def redirect_uri(self) -> str:
        """Where Slack sends people back; it has to be one of the app's redirect URLs."""
        return f"{self.url}{BACK}"

    def address(self, state: str) -> str:
        """Where to send somebody who wants in."""
        api = urlsplit(self.client.base_url)
        slack = "https://slack.com" if api.netloc == "slack.com" else f"{api.scheme}://{api.netloc}"
        generator = OpenIDConnectAuthorizeUrlGenerator(
            client_id=self.client_id,
            redirect_uri=self.redirect_uri,
            scopes=["openid", "profile"],
            authorization_url=f"{slack}/openid/connect/authorize",
        )
        return generator.generate(state=state, nonce=_nonce(state))

    async def identity(self, code: str, state: str) -> Identity:
        """Who came back with a code. Raises SlackError, or Retryable when Slack does not answer."""
        with refusals("SLACK_CLIENT_SECRET"):
            # As openid_connect_token does, but for a class that aiohttp is about to drop.
            told = await self.client.api_call(
                "openid.connect.token",
                data={"code": code, "redirect_uri": self.redirect_uri},
                headers={"Authorization": encode_basic_auth(self.client_id, self.client_secret)},
            )
            ours = await self.client.auth_test()
        claims = _claims(str(told.get("id_token", "")))
        self._check(claims, state)
        if claims.get(_TEAM) != ours.get("team_id"):
            raise SlackError("That is an account of another Slack workspace.")
        return Identity(str(claims[_PERSON]), str(claims.get("name") or claims[_PERSON]))

    def _check(self, claims: dict[str, Any], state: str) -> None:
        """OpenID Connect Core 3.1.3.7: for us, of today, and for this very attempt.

        The token came from Slack itself by TLS, which stands in for its signature there (point 6).
        """
        right = (
            claims.get("aud") == self.client_id
            and float(claims.get("exp", 0)) > time.time()
            and claims.get("nonce") == _nonce(state)
            and isinstance(claims.get(_PERSON), str)
        )
        if not right:
            raise SlackError("Slack's answer was not meant for this sign-in. Please try again.")


def new_state(wanted: str) -> str:
    """What goes to Slack and comes back, and where to go then."""
    path = base64.urlsafe_b64encode(wanted.encode()).decode().rstrip("=")
    return f"{secrets.token_urlsafe(24)}.{path}"


def wanted_in(state: str) -> str:
    """Where to go, as `new_state` was told."""
    path = state.rpartition(".")[2]
    try:
        return base64.urlsafe_b64decode(path + "=" * (-len(path) % 4)).decode()
    except ValueError:
        return ""


def same_state(request: Request) -> str | None:
    """The state of an answer from Slack, if this browser asked with it."""
    sent, kept = request.query_params.get("state", ""), request.cookies.get(STATE, "")
    return sent if sent and hmac.compare_digest(sent.encode(), kept.encode()) else None


def _nonce(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()


def _claims(token: str) -> dict[str, Any]:
    """What a JSON Web Token says; nothing where it is none."""
    pieces = token.split(".")
    try:
        payload = pieces[1] + "=" * (-len(pieces[1]) % 4)
        found = json.loads(base64.urlsafe_b64decode(payload))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
