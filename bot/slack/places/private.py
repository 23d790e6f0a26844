"""Private answers: given to one person, where they are, until they share them."""

import logging
from dataclasses import replace

from slack_bolt.context.respond.async_respond import AsyncRespond

from bot import records
from bot.errors import SlackError
from bot.slack.blocks import Message
from bot.slack.client import refusals
from bot.slack.controls import Place
from bot.slack.delivery import whisper
from bot.slack.desk import Desk
from bot.voice import preferences
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

NOT_SHOWN = "I could not show you the answer there. You find it in my Home tab."


class PrivateAnswers:
    """Answers so that nobody else sees it, in the voice that whoever asks likes."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    async def give(self, place: Place, user: str, question: str, respond: AsyncRespond) -> None:
        """Answer a question for one person, from what may be found in this place.

        `respond` reaches them also where the app is no member.
        """
        app, replies = self._desk.app, self._desk.replies
        filters = await self._desk.audiences.filters(place.channel, user)
        answer, standalone = await app.answering.answer(question, filters=filters)
        kept = await records.keep_new(app.database, answer, standalone, user)
        voice = await preferences.voice_of(app.database, user)
        worded = await replies.worded(replace(answer, id=kept), voice)
        message = replies.message(worded, private=True)
        if not (
            await _responded(respond, place, message)
            or await whisper(self._desk.slack.client, place, user, message.notice, message)
        ):
            await self._desk.tell(Place("", None), user, NOT_SHOWN)
        log.info("answer %d: given privately, %s", kept, answer.verdict)


async def _responded(respond: AsyncRespond, place: Place, message: Message) -> bool:
    """Whether Slack took the message, or its plainer form, as the response to what was done."""
    for blocks in filter(None, (message.blocks, message.classic)):
        try:
            with refusals():
                response = await respond(
                    text=message.notice,
                    blocks=blocks,
                    response_type="ephemeral",
                    replace_original=False,
                    thread_ts=place.thread_ts,
                    unfurl_links=False,
                )
        except (SlackError, Retryable):
            return False
        if response.status_code == 200:  # noqa: PLR2004 - HTTP's OK
            return True
    return False
