"""Hearing: which of the things said in Slack are questions to us."""

import logging

from slack_bolt.app.async_app import AsyncApp

from bot import threads
from bot.questions import Asked, cleaned
from bot.slack.desk import Desk, Payload
from bot.slack.places.pane import Pane
from bot.threads import Meant

log = logging.getLogger("footnote.slack")


class Hearing:
    """Stores questions before their event is acknowledged, so that none is lost."""

    def __init__(self, desk: Desk, pane: Pane) -> None:
        """Every room works with the desk."""
        self._desk = desk
        self._pane = pane

    def listen(self, bolt: AsyncApp) -> None:
        """Take mentions and messages."""
        bolt.event("app_mention")(self.hear)
        bolt.event("message")(self.hear)

    async def hear(self, body: Payload, event: Payload) -> None:
        """Store what an event asks, if it asks something. Raises DatabaseUnavailable."""
        asked = await self.question_in(body, event)
        if asked is None:
            return
        desk = self._desk
        async with desk.app.database.transaction() as session:
            question_id = await desk.jobs.accept(session, asked)
            if question_id is not None:  # shown at once; were it not stored, Slack would ask again
                desk.background.start(desk.status.begin(asked.channel, asked.thread_ts))
            if asked.thread_ts != asked.message_ts:
                await threads.reopen(session, asked.channel, asked.thread_ts)
        if question_id is None:
            log.info("event %s: known already", asked.event_id)
        else:
            log.info("question %d: asked in %s", question_id, asked.channel)
            desk.metrics.accepted.inc()
            desk.background.start(self._pane.title(asked))

    async def question_in(self, body: Payload, event: Payload) -> Asked | None:
        """The question an event asks; None for what is not for us."""
        person, bot = event.get("user"), self._desk.slack.bot_user
        if event.get("subtype") not in (None, "file_share") or event.get("bot_id"):
            return None
        if not person or person == bot:
            return None
        if event["type"] == "message" and not await self._is_for_us(event, bot):
            return None
        ts = str(event["ts"])
        return Asked(
            text=cleaned(str(event.get("text") or "")),
            asker=str(person),
            team=body.get("team_id"),
            channel=str(event["channel"]),
            thread_ts=str(event.get("thread_ts") or ts),
            message_ts=ts,
            event_id=str(body["event_id"]),
        )

    async def _is_for_us(self, event: Payload, bot: str) -> bool:
        """Whether a message is: a direct one, a follow-up, or a question where all are answered."""
        channel, text = str(event["channel"]), str(event.get("text") or "")
        if event.get("channel_type") == "im":
            return True
        if f"<@{bot}>" in text:
            return False  # it comes as a mention, too
        thread_ts = event.get("thread_ts")
        if thread_ts and thread_ts != event["ts"]:
            return await self._follows_up(channel, str(thread_ts), str(event["user"]), text)
        if threads.mentions_someone(text) or not threads.asks(cleaned(text)):
            return False
        return (await self._desk.audiences.channels.settings(channel)).every_question

    async def _follows_up(self, channel: str, thread_ts: str, person: str, text: str) -> bool:
        database = self._desk.app.database
        thread = await threads.thread(database, channel, thread_ts)
        if thread is None:
            return False
        meant = threads.meant(text, person, thread)
        if meant is Meant.FOR_PEOPLE and not thread.quiet:
            await threads.quieten(database, channel, thread_ts)
        return meant is Meant.FOR_US
