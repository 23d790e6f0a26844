"""People: who may see the review, who may give verdicts, who may do the rest."""

import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from enum import IntEnum

from bot.settings import Settings
from ingest.database import Database
from ingest.errors import FootnoteError

EVERYONE = "*"
LOCAL = "local:"  # before the name of somebody at the machine itself
REMEMBERED = 300.0  # seconds that a user group's members are taken from the last look


class Role(IntEnum):
    """What somebody may do; each may do what those before may."""

    VIEWER = 1
    LEAD = 2
    ADMIN = 3


def is_group(named: str) -> bool:
    """Whether what the settings name is a user group and not a person."""
    return named.startswith("S")


Members = Callable[[str], Awaitable[Iterable[str]]]


class People:
    """Roles by the settings, with Slack's user groups resolved."""

    def __init__(self, settings: Settings, members: Members | None = None) -> None:
        """`members` asks Slack who is in a user group; without it groups are empty."""
        self._lists: Mapping[Role, tuple[str, ...]] = {
            Role.ADMIN: settings.review.admins,
            Role.LEAD: settings.slack.leads,
            Role.VIEWER: settings.review.viewers,
        }
        self._members = members
        self._known: dict[str, tuple[float, frozenset[str]]] = {}

    async def role(self, person: str) -> Role | None:
        """The most somebody may do; None is nothing. Who is at the machine may do all."""
        if person.startswith(LOCAL):
            return Role.ADMIN
        for role, named in self._lists.items():
            if person in named or EVERYONE in named:
                return role
            for group in named:
                if is_group(group) and person in await self._in(group):
                    return role
        return None

    async def _in(self, group: str) -> frozenset[str]:
        """A group's members as of lately; as of the last time that Slack answered."""
        asked, found = self._known.get(group, (float("-inf"), frozenset()))
        now = time.monotonic()
        if self._members is not None and now - asked > REMEMBERED:
            try:
                found = frozenset(await self._members(group))
            except FootnoteError:
                if asked == float("-inf"):
                    raise
            self._known[group] = (now, found)
        return found


async def names(database: Database) -> dict[str, str]:
    """What people who were ever signed in are called, by their id."""
    return {row["id"]: row["name"] for row in await database.rows("people_names")}
