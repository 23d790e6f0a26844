"""Private answers: given to one person, where they are, until they share them."""

import logging
from dataclasses import replace

from bot import records
from bot.slack.controls import Place
from bot.slack.delivery import whisper
from bot.slack.desk import Desk
from bot.voice import preferences

log = logging.getLogger("footnote.slack")


class PrivateAnswers:
    """Answers so that nobody else sees it, in the voice that whoever asks likes."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    async def give(self, place: Place, user: str, question: str) -> None:
        """Answer a question for one person, from what may be found in this place."""
        app, replies = self._desk.app, self._desk.replies
        filters = await self._desk.audiences.filters(place.channel, user)
        answer, standalone = await app.answering.answer(question, filters=filters)
        kept = await records.keep_new(app.database, answer, standalone, user)
        voice = await preferences.voice_of(app.database, user)
        worded = await replies.worded(replace(answer, id=kept), voice)
        message = replies.message(worded, private=True)
        await whisper(self._desk.slack.client, place, user, message.notice, message)
        log.info("answer %d: given privately, %s", kept, answer.verdict)
