"""Housekeeping: what a desk's own data needs each night, whether or not anything is ingested."""

import logging

import procrastinate

from bot.app import App
from bot.personal_data import expire
from bot.review.gaps import find_gaps
from ingest.errors import FootnoteError

log = logging.getLogger("footnote.housekeeping")

WHEN = "17 3 * * *"  # cron, in UTC


class Housekeeping:
    """A job a night: old questions go, content gaps are found anew."""

    def __init__(self, app: App, queue: procrastinate.App) -> None:
        """`queue` has to be open before anything is deferred."""
        self._app = app
        task = queue.task(name="keep_house", queueing_lock="keep_house", pass_context=False)
        queue.periodic(cron=WHEN)(task(self.keep_house))

    async def keep_house(self, timestamp: int) -> None:
        """Do it. What fails is left to the next night, and told to the operator."""
        del timestamp
        app = self._app
        try:
            gone = await expire(app.database, app.settings.answers.keep_days)
            served = app.retriever.served
            found = await find_gaps(app.database, served.embedder, served.space)
        except FootnoteError as error:
            log.warning("housekeeping was not done: %s", error)
            return
        log.info("housekeeping: %d old questions let go of, %d content gaps", gone, found)
