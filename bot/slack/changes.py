"""Changes of mind: a question that was edited or deleted, or whose answer was stopped.

Each is written to Postgres first; whichever process works on the question reads it there, and is
hurried by its job being aborted.
"""

import logging
from dataclasses import dataclass
from datetime import timedelta

from slack_bolt.app.async_app import AsyncApp

from bot.questions import cleaned
from bot.slack.controls import ANSWER_AGAIN
from bot.slack.desk import Ack, Desk, Payload

log = logging.getLogger("footnote.slack")

WINDOW = timedelta(minutes=15)  # after it was asked, in which an edited question counts


@dataclass(frozen=True, slots=True)
class Edit:
    """What a question reads now."""

    channel: str
    message_ts: str
    text: str


def edit_in(event: Payload) -> Edit | None:
    """The edit a `message_changed` event tells of; None where the words are the same.

    A link that unfolds is a change of the message, too.
    """
    now, before = event.get("message") or {}, event.get("previous_message") or {}
    text = cleaned(str(now.get("text") or ""))
    ts = now.get("ts")
    if not ts or now.get("bot_id") or not text or text == cleaned(str(before.get("text") or "")):
        return None
    return Edit(str(event["channel"]), str(ts), text)


class Changes:
    """Listens to second thoughts."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk
        self._database = desk.app.database

    def listen(self, bolt: AsyncApp) -> None:
        """Take these before other listeners take all messages."""
        bolt.event({"type": "message", "subtype": "message_changed"})(self.edited)
        bolt.event({"type": "message", "subtype": "message_deleted"})(self.deleted)
        bolt.event("agent_session_stopped")(self.stopped)
        bolt.action(ANSWER_AGAIN)(self.answer_again)

    async def edited(self, event: Payload) -> None:
        """Take a question's new wording, or offer to answer it where the old one is answered."""
        edit = edit_in(event)
        if edit is None:
            return
        row = await self._database.row(
            "edit_question",
            channel=edit.channel,
            message_ts=edit.message_ts,
            text=edit.text,
            window=WINDOW,
        )
        if row is not None:
            log.info("question %d: edited", row["id"])
            self._desk.background.start(self._desk.replies.offer_again(row["id"]))

    async def deleted(self, event: Payload) -> None:
        """Answer a deleted question no further; an answer that stands, stands."""
        await self._end("end_deleted", channel=event["channel"], message_ts=event["deleted_ts"])

    async def stopped(self, event: Payload) -> None:
        """Answer no further in a thread where somebody pressed "stop"."""
        await self._end("end_stopped", channel=event["channel"], thread_ts=event["thread_ts"])

    async def _end(self, how: str, **place: object) -> None:
        for row in await self._database.rows(how, **place):
            log.info("question %d: nobody waits for its answer any more", row["id"])
            await self._desk.jobs.abort(row["id"])

    async def answer_again(self, ack: Ack, body: Payload, respond: Ack) -> None:
        """Answer an edited question anew, in the message of its first answer."""
        question_id = int(body["actions"][0]["value"])
        async with self._database.transaction() as session:
            row = await session.row("ask_again", question=question_id)
            if row is not None:
                await self._desk.jobs.defer(session, question_id)
        await ack()
        if row is not None:
            log.info("question %d: asked again", question_id)
            self._desk.background.start(self._desk.status.begin(row["channel"], row["thread_ts"]))
        self._desk.background.start(_take_away(respond))


async def _take_away(respond: Ack) -> None:
    """The offer is taken, so it goes."""
    await respond(delete_original=True)
