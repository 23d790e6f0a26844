"""The Slack client: its address and token checked, waiting when told to, never posting twice."""

import contextlib
import json
import logging
import urllib.request
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.async_handler import AsyncRetryHandler
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import SlackError
from bot.settings import Settings
from ingest.errors import ProviderUnavailable, RateLimited, Retryable, SettingsError

log = logging.getLogger("footnote.slack")

SECONDS = 30  # for one call
WAITS = 5  # how often one call waits out a 429
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

# What Slack refuses for good, and the way out.
REFUSALS = {
    "invalid_auth": "{token} is not one Slack knows; copy it again from the app's settings.",
    "not_authed": "{token} is empty; copy it from the app's settings.",
    "account_inactive": "The app was removed from the workspace; install it again.",
    "token_revoked": "{token} was revoked; install the app again and copy the new one.",
    "token_expired": "{token} has expired; install the app again and copy the new one.",
    "not_allowed_token_type": "{token} is a token of another kind: bot tokens begin with xoxb-,"
    " app-level tokens with xapp-.",
    "missing_scope": "The app lacks a scope; take over bot/slack/manifest.json and install it"
    " again.",
    "channel_not_found": "The channel is gone, or the app may not see it.",
    "not_in_channel": "The app is not in the channel; invite it there.",
    "is_archived": "The channel is archived.",
    "restricted_action": "The workspace does not let apps post there.",
    "cannot_reply_to_message": "That message cannot be replied to.",
    "thread_not_found": "The thread is gone.",
    "message_not_found": "The message is gone.",
    "cant_update_message": "The message is not the app's own.",
    "user_not_in_channel": "That person is not in the channel.",
    "msg_too_long": "The message is too long.",
    "no_text": "The message is empty.",
    "invalid_arguments": "The request was not understood.",
    "invalid_blocks": "The message's blocks were not understood.",
    "msg_blocks_too_long": "The message's blocks are too long.",
    "expired_trigger_id": "It took too long.",
}


@dataclass(frozen=True, slots=True)
class Workspace:
    """Slack, as the app is installed in it.

    `client` waits out a 429, as often as there are WAITS. `brisk` does not: it is for what is worth
    saying only now, such as a status.
    """

    client: AsyncWebClient
    brisk: AsyncWebClient
    bot_user: str
    name: str
    team: str
    agent: bool  # installed as an agent: Slack then knows its controls, such as feedback buttons

    async def group_members(self, group: str) -> list[str]:
        """Who is in a user group. Raises SlackError or Retryable."""
        with refusals():
            found = await self.brisk.usergroups_users_list(usergroup=group)
        return [str(user) for user in found["users"]]


@contextlib.asynccontextmanager
async def open_workspace(settings: Settings) -> AsyncIterator[Workspace]:
    """Connect with the bot token. Raises SettingsError without one, SlackError if it is refused."""
    if settings.slack_bot_token is None:
        raise SettingsError(
            "SLACK_BOT_TOKEN is not set.\n"
            "Make the app from bot/slack/manifest.json, install it, and copy its bot token."
        )
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        waiting = AsyncRateLimitErrorRetryHandler(max_retry_count=WAITS)
        client, brisk = _client(settings, session, waiting), _client(settings, session)
        with refusals("SLACK_BOT_TOKEN"):
            me = await client.auth_test()
        given = _scopes(me.headers.get("x-oauth-scopes"))
        _check_scopes(given)
        agent = "assistant:write" in given
        yield Workspace(client, brisk, me["user_id"], me["team"], me["team_id"], agent)


def _client(
    settings: Settings, session: aiohttp.ClientSession, *handlers: AsyncRetryHandler
) -> AsyncWebClient:
    assert settings.slack_bot_token is not None
    client = AsyncWebClient(
        token=settings.slack_bot_token.get_secret_value(),
        base_url=settings.slack_api_url,
        timeout=SECONDS,
        session=session,
        # The default repeats a call whose connection broke: the message may be posted by then.
        retry_handlers=list(handlers),
    )
    client.proxy = proxy_to(settings.slack_api_url, client.proxy)
    return client


def proxy_to(address: str, proxy: str | None) -> str | None:
    """The proxy for an address: none on this machine or where NO_PROXY says so.

    slack_sdk reads HTTPS_PROXY and the like but knows no exceptions.
    """
    host = urlsplit(address).hostname or ""
    bypassed = host in LOOPBACK or bool(urllib.request.proxy_bypass(host))
    return None if bypassed else proxy


@contextlib.contextmanager
def refusals(token: str = "SLACK_BOT_TOKEN") -> Iterator[None]:  # noqa: S107 - the variable's name
    """Turn slack_sdk's errors into ours: SlackError for good, Retryable for now.

    `token` is the variable whose token the call used.
    """
    try:
        yield
    except SlackApiError as error:
        raise translated(error, token) from error
    except (aiohttp.ClientError, TimeoutError, SlackClientError, ValueError) as error:
        raise ProviderUnavailable(
            f"Slack does not answer: {str(error) or type(error).__name__}\n"
            "Check the connection, and SLACK_API_URL if it is set."
        ) from error


def error_code(error: SlackApiError) -> str:
    """Slack's word for what went wrong."""
    data: Any = getattr(error.response, "data", None)
    return str(data.get("error", "")) if isinstance(data, dict) else ""


def retry_after(error: SlackApiError) -> float:
    """The seconds a 429 tells us to wait."""
    headers = {name.casefold(): value for name, value in error.response.headers.items()}
    try:
        return float(headers["retry-after"])
    except (KeyError, ValueError):
        return 1.0


def translated(error: SlackApiError, token: str) -> SlackError | Retryable:
    """Our error for a refusal of Slack's."""
    code = error_code(error)
    if code == "ratelimited":
        return RateLimited("Slack asked us to wait, and still does.")
    if code in REFUSALS:
        return SlackError(f"Slack refused ({code}).\n{REFUSALS[code].format(token=token)}", code)
    return ProviderUnavailable(f"Slack could not do it just now ({code or 'no reason given'}).")


def manifest() -> dict[str, Any]:
    """The app's manifest."""
    text = resources.files("bot.slack").joinpath("manifest.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def _scopes(header: str | None) -> set[str]:
    """The scopes the app was installed with, where Slack names them."""
    return {scope.strip() for scope in (header or "").split(",")} - {""}


def _check_scopes(given: set[str]) -> None:
    """Say which scopes of the manifest the installed app lacks, where Slack names those it has."""
    if not given:
        return
    lacking = sorted(set(manifest()["oauth_config"]["scopes"]["bot"]) - given)
    if "chat:write" in lacking:
        raise SlackError(f"Slack refused (missing_scope).\n{REFUSALS['missing_scope']}")
    if lacking:
        log.warning("the app lacks the scopes %s; some things will not work", ", ".join(lacking))
