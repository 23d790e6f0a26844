"""Audiences: who is in a place in Slack, and so which articles may be shown there.

Fails closed: where Slack does not say that everybody is one of us, only public articles are found.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.answers import Answer
from bot.channels import Channels
from bot.errors import SlackError
from bot.retrieval import Filters
from bot.settings import Audience
from bot.slack.client import Workspace, refusals
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

EVERYTHING: tuple[Audience, ...] = ("public", "internal")
PUBLIC: tuple[Audience, ...] = ("public",)
PERSON_SECONDS = 600.0  # for which it is believed that somebody is one of us
CHANNEL_SECONDS = 120.0  # for which a channel's company is believed to be as it was
MOST_MEMBERS = 100  # of a channel that are looked at; where there are more, some may be guests
AT_ONCE = 8  # calls to Slack

_Value = TypeVar("_Value")


@dataclass(slots=True)
class _Remembered(Generic[_Value]):
    """What was found out about each id, for a while."""

    seconds: float
    known: dict[str, tuple[float, _Value]]

    async def get(self, key: str, find: Callable[[str], Awaitable[_Value]]) -> _Value:
        found = self.known.get(key)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        value = await find(key)
        self.known[key] = (time.monotonic() + self.seconds, value)
        return value


class Audiences:
    """Says what may be shown to whom."""

    def __init__(self, slack: Workspace, channels: Channels) -> None:
        """Nothing is asked of Slack before it is needed."""
        self._slack = slack
        self.channels = channels
        self._people: _Remembered[bool] = _Remembered(PERSON_SECONDS, {})
        self._places: _Remembered[bool] = _Remembered(CHANNEL_SECONDS, {})
        self._calls = asyncio.Semaphore(AT_ONCE)

    async def filters(self, channel: str, user: str | None) -> Filters:
        """What a question asked there by this person may find."""
        return await self.channels.filters(channel, await self._company(channel, user))

    async def may_see(self, answer: Answer, channel: str, user: str | None = None) -> bool:
        """Whether all that an answer stands on may be shown there."""
        shown = answer.cited or answer.evidence.passages
        if all(passage.audience == "public" for passage in shown):
            return True
        allowed = (await self.filters(channel, user)).audiences
        return allowed is None or all(passage.audience in allowed for passage in shown)

    async def _company(self, channel: str, user: str | None) -> tuple[Audience, ...]:
        """What those who can read there may see. `user` is one of them, if known."""
        try:
            if user is not None and not await self._people.get(user, self._is_one_of_us):
                return PUBLIC
            if is_direct(channel):
                return EVERYTHING if user is not None else PUBLIC
            ours = await self._places.get(channel, self._is_ours_alone)
        except (SlackError, Retryable) as error:
            log.warning("who is in %s is not known: %s", channel, " ".join(str(error).split()))
            return PUBLIC
        return EVERYTHING if ours else PUBLIC

    async def _is_one_of_us(self, user: str) -> bool:
        """A full member of this workspace: no guest, nobody from another company."""
        person = (await self._told(self._slack.client.users_info(user=user)))["user"]
        teams = {person.get("team_id"), *(person.get("enterprise_user") or {}).get("teams", [])}
        return (
            self._slack.team in teams
            and not person.get("is_stranger", False)
            and person.get("is_restricted") is False
            and person.get("is_ultra_restricted") is False
        )

    async def _is_ours_alone(self, channel: str) -> bool:
        """Whether a channel is shared with nobody and has no guests."""
        client = self._slack.client
        about = (await self._told(client.conversations_info(channel=channel)))["channel"]
        if about.get("is_ext_shared") is not False or about.get("is_shared") is not False:
            return False
        if about.get("is_pending_ext_shared"):
            return False
        page = await self._told(
            client.conversations_members(channel=channel, limit=MOST_MEMBERS + 1)
        )
        members = [each for each in page["members"] if each != self._slack.bot_user]
        if len(members) > MOST_MEMBERS or (page.get("response_metadata") or {}).get("next_cursor"):
            log.info("%s has too many members to look at; public articles only", channel)
            return False
        found = await asyncio.gather(
            *(self._people.get(each, self._is_one_of_us) for each in members)
        )
        return all(found)

    async def _told(self, call: Awaitable[Any]) -> Any:
        async with self._calls:
            with refusals():
                return await call


def is_direct(channel: str) -> bool:
    """Whether it is somebody's conversation with the app alone."""
    return channel.startswith("D")
