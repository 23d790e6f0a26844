"""Watching voices: what a desk does not have to think of, beside the nightly ingest.

What leads are to know is told in the channel for reports, or to each lead where there is none.
"""

import logging

from bot.app import App
from bot.review.people import EVERYONE, is_group
from bot.slack.client import Workspace
from bot.slack.reports import post_lines
from bot.voice import radar
from bot.voice.drift import drifted
from bot.voice.voices import today
from ingest.errors import FootnoteError

log = logging.getLogger("footnote.watching")

DAY, WEEK = 24, 7 * 24  # hours


class Watching:
    """Looks at voices and tells the leads."""

    def __init__(self, app: App, slack: Workspace) -> None:
        """Nothing is looked at before `look` is called."""
        self._app = app
        self._slack = slack

    async def look(self) -> None:
        """Take off voices on trial that do badly, and tell the leads what there is to tell.

        Once a day which models end, once a week whether voices are what they were.
        """
        await self._app.canary.look_at_all()
        if await self._is_time("radar", DAY):
            await self._look_for_ends()
        if await self._is_time("drift", WEEK):
            await self._look_for_drift()
        while await self._tell_next():
            pass

    async def _is_time(self, name: str, hours: int) -> bool:
        """Whether a look is due, and ours; the first is taken at once."""
        row = await self._app.database.row("claim_watch", name=name, hours=hours)
        return row is not None

    async def _look_for_ends(self) -> None:
        app = self._app
        models = await radar.in_use(app.database, app.voices, app.settings)
        for each in await radar.look(app.database, models, app.settings.openai_api_key, today()):
            await app.database.run("add_notice", about=each.about, lines=list(each.lines))

    async def _look_for_drift(self) -> None:
        app = self._app
        for each in await drifted(app.database, app.settings.style):
            about = f"drift {each.voice} {today()}"
            await app.database.run("add_notice", about=about, lines=each.lines())

    async def _tell_next(self) -> bool:
        """Tell one thing; whether there was one and it could be told."""
        notice = await self._app.database.row("take_notice")
        if notice is None:
            return False
        told = False
        title, *lines = notice["lines"]
        for line in notice["lines"]:
            log.info("%s", line.strip())
        places = await self._places()
        for place in places:
            try:
                await post_lines(self._slack.client, place, title, lines)
                told = True
            except FootnoteError as error:
                log.warning("%s could not be told: %s", place, " ".join(str(error).split()))
        if not told and places:
            await self._app.database.run("untake_notice", notice=notice["id"])
        return told or not places

    async def _places(self) -> list[str]:
        """The channel for reports, or each lead; a group that cannot be read is named itself."""
        slack = self._app.settings.slack
        found: list[str] = []
        for named in (slack.reports,) if slack.reports else slack.leads:
            if named == EVERYONE:
                continue
            try:
                members = await self._slack.group_members(named) if is_group(named) else [named]
            except FootnoteError:
                members = [named]
            found += members
        return list(dict.fromkeys(found))
