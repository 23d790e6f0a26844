"""Channels: what a desk has set for each place in Slack, and what it keeps a question from finding.

footnote.toml says it first, `[slack.channels.default]` for all that are not named; what a lead
sets in the app's Home tab is kept in Postgres and counts instead.
"""

from collections.abc import Iterable, Sequence

from bot.retrieval import Filters
from bot.settings import Audience, ChannelSettings, Settings
from ingest.database import Database

DEFAULT = "default"
FIELDS = tuple(ChannelSettings.model_fields)


class Channels:
    """The settings of channels."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Nothing is read before it is asked for."""
        self._written = settings.slack.channels
        self._database = database

    async def settings(self, channel: str) -> ChannelSettings:
        """What counts in a channel."""
        row = await self._database.row("channel_setting", channel=channel)
        if row is not None:
            return ChannelSettings.model_validate(row)
        return self._written.get(channel) or self._written.get(DEFAULT) or ChannelSettings()

    async def keep(self, channel: str, chosen: ChannelSettings, lead: str) -> None:
        """Keep what a lead has set; it counts from the next question on."""
        values = {name: _stored(getattr(chosen, name)) for name in FIELDS}
        await self._database.run("keep_channel_setting", channel=channel, changed_by=lead, **values)

    async def filters(self, channel: str, audiences: Sequence[Audience]) -> Filters:
        """What a question in a channel may find, for those who are there."""
        set_here = await self.settings(channel)
        allowed = tuple(each for each in audiences if each in set_here.audiences)
        locales = set_here.locales
        if locales is not None:
            rows = await self._database.rows("served_locales")
            locales = covered(locales, (row["locale"] for row in rows))
        return Filters(
            locales=locales,
            products=set_here.products,
            audiences=None if set(allowed) == {"public", "internal"} else allowed,
        )

    async def products(self) -> list[str]:
        """The products that the help centre has articles on."""
        return [row["product"] for row in await self._database.rows("served_products")]

    async def locales(self) -> list[str]:
        """The languages that the help centre has articles in."""
        return sorted(row["locale"] for row in await self._database.rows("served_locales"))


def covered(wanted: Iterable[str], served: Iterable[str]) -> tuple[str, ...]:
    """The served locales that are meant: `de` is de-AT, too, and `de-AT` is itself alone."""
    meant = [each.casefold() for each in wanted]
    return tuple(
        locale
        for locale in served
        if any(f"{locale.casefold()}-".startswith(f"{each}-") for each in meant)
    )


def _stored(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
