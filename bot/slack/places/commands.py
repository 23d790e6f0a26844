"""The slash command: `/footnote QUESTION`, and `help`, `voice` and `status`."""

from datetime import UTC, datetime

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.questions import cleaned
from bot.slack.blocks import ago
from bot.slack.controls import Place
from bot.slack.desk import Ack, Desk, Payload
from bot.slack.places.private import PrivateAnswers
from bot.voice import preferences
from bot.voice.voices import NEUTRAL
from ingest.database import Database

COMMAND = "/footnote"
HELP = """\
Ask the help centre, and only you see the answer:
•  `/footnote How do I reset my password?` answers with sources; you decide whether to share it
•  `/footnote voice` says in which voice you are answered, `/footnote voice NAME` changes it
•  `/footnote status` says when the help centre was last brought up to date
Mention me in a channel, or write to me directly, to be answered in a thread. On any message, \
*Answer this message* in its menu drafts an answer for you."""
NO_VOICES = "Only the neutral voice is set up."


class Commands:
    """Answers the command."""

    def __init__(self, desk: Desk, private: PrivateAnswers) -> None:
        """Every room works with the desk."""
        self._desk = desk
        self._private = private

    def listen(self, bolt: AsyncApp) -> None:
        """Take the command."""
        bolt.command(COMMAND)(self.answer)

    async def answer(self, ack: Ack, body: Payload, respond: AsyncRespond) -> None:
        """Do what is asked; an answer to a question comes behind the acknowledgement."""
        user, text = str(body["user_id"]), str(body.get("text") or "").strip()
        word, _, rest = text.partition(" ")
        if text.casefold() in ("", "help"):
            await ack(text=HELP)
        elif word.casefold() == "voice" and len(rest.split()) <= 1:
            await ack(text=await self._voice(user, rest.strip()))
        elif text.casefold() == "status":
            await ack(text=await status(self._desk.app.database))
        else:
            await ack()
            place = Place(str(body["channel_id"]), None)
            self._desk.background.start(self._private.give(place, user, cleaned(text), respond))

    async def _voice(self, user: str, wanted: str) -> str:
        """What voice a person is answered in, after changing it if they want to."""
        app = self._desk.app
        names = [NEUTRAL, *await app.voices.names()]
        if len(names) == 1:
            return NO_VOICES
        if wanted and wanted not in names:
            return f"There is no voice of that name. There are: {', '.join(names)}."
        if wanted:
            await preferences.choose_voice(app.database, user, wanted)
            return f"What only you see is worded in the {wanted} voice from now on."
        mine = await preferences.voice_of(app.database, user)
        others = ", ".join(f"`{COMMAND} voice {name}`" for name in names if name != mine)
        return f"What only you see is worded in the {mine} voice. To change that: {others}"


async def status(database: Database) -> str:
    """What the help centre holds and how fresh it is, in a sentence."""
    row = await database.row("help_centre")
    assert row is not None
    if row["updated_at"] is None:
        return "The help centre has not been read yet, so there is nothing to answer from."
    articles = "1 article" if row["articles"] == 1 else f"{row['articles']} articles"
    return f"The help centre has {articles}, last {ago(row['updated_at'], datetime.now(UTC))}."
