"""Watching voices: what a desk does not have to think of, beside the nightly ingest.

What leads are to know is told in the channel for reports, or to each lead where there is none.
"""

import logging

from bot.app import App
from bot.slack.client import Workspace
from bot.slack.reports import post_lines
from ingest.errors import FootnoteError

log = logging.getLogger("footnote.watching")


class Watching:
    """Looks at voices and tells the leads."""

    def __init__(self, app: App, slack: Workspace) -> None:
        """Nothing is looked at before `look` is called."""
        self._app = app
        self._slack = slack

    async def look(self) -> None:
        """Take off voices on trial that do badly, and tell the leads what there is to tell."""
        await self._app.canary.look_at_all()
        while await self._tell_next():
            pass

    async def _tell_next(self) -> bool:
        """Tell one thing; whether there was one and it could be told."""
        notice = await self._app.database.row("take_notice")
        if notice is None:
            return False
        told = False
        title, *lines = notice["lines"]
        for line in notice["lines"]:
            log.info("%s", line.strip())
        for place in self._places:
            try:
                await post_lines(self._slack.client, place, title, lines)
                told = True
            except FootnoteError as error:
                log.warning("%s could not be told: %s", place, " ".join(str(error).split()))
        if not told and self._places:
            await self._app.database.run("untake_notice", notice=notice["id"])
        return told or not self._places

    @property
    def _places(self) -> tuple[str, ...]:
        slack = self._app.settings.slack
        return (slack.reports,) if slack.reports else slack.leads
