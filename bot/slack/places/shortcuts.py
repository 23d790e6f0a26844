"""The message shortcut "Answer this message": a draft for whoever is to answer a customer."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.questions import cleaned
from bot.slack.controls import Place
from bot.slack.desk import Ack, Desk, Payload
from bot.slack.places.private import PrivateAnswers

SHORTCUT = "answer_message"
NO_TEXT = "That message has no text that I could answer."


class Shortcuts:
    """Takes a message as the question; only whoever used the shortcut sees the answer."""

    def __init__(self, desk: Desk, private: PrivateAnswers) -> None:
        """Every room works with the desk."""
        self._desk = desk
        self._private = private

    def listen(self, bolt: AsyncApp) -> None:
        """Take the shortcut."""
        bolt.shortcut(SHORTCUT)(self.answer)

    async def answer(self, ack: Ack, body: Payload, respond: AsyncRespond) -> None:
        """Draft an answer to a message, in its thread."""
        await ack()
        message = body["message"]
        place = Place(str(body["channel"]["id"]), message.get("thread_ts") or message.get("ts"))
        user, question = str(body["user"]["id"]), cleaned(str(message.get("text") or ""))
        if question:
            self._desk.background.start(self._private.give(place, user, question, respond))
        else:
            self._desk.tell_later(place, user, NO_TEXT)
