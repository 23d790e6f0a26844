"""Voices: the same answer in the desk's voice, and back."""

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.slack.client import refusals
from bot.slack.controls import BRAND_VOICE, NEUTRAL_VOICE, Shown
from bot.slack.desk import Ack, Desk, Payload
from bot.voice.voices import NEUTRAL

NO_VOICE = "No other voice is set up any more, so the answer stays as it is."


class Voices:
    """Replaces an answer's wording in its message; both are kept."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take the buttons."""
        bolt.action(BRAND_VOICE)(self.use_brand_voice)
        bolt.action(NEUTRAL_VOICE)(self.use_neutral_voice)

    async def use_brand_voice(self, ack: Ack, body: Payload, respond: AsyncRespond) -> None:
        """Have the answer worded by the desk's voice."""
        voice = self._desk.app.settings.button_voice
        if voice is None:
            await ack()
            shown = Shown.clicked(body)
            self._desk.tell_later(shown.place, shown.user, NO_VOICE)
        else:
            await self._use(voice, ack, body, respond)

    async def use_neutral_voice(self, ack: Ack, body: Payload, respond: AsyncRespond) -> None:
        """Go back to the neutral wording."""
        await self._use(NEUTRAL, ack, body, respond)

    async def _use(self, voice: str, ack: Ack, body: Payload, respond: AsyncRespond) -> None:
        shown = Shown.clicked(body)
        if (body.get("container") or {}).get("is_ephemeral"):
            # Slack lets such a message be changed by its own address only, and only for a while.
            await ack()
            self._desk.background.start(self._reword_private(shown, voice, respond))
        else:
            await self._desk.jobs.want_wording(shown, voice)
            await ack()

    async def _reword_private(self, shown: Shown, voice: str, respond: AsyncRespond) -> None:
        answer = await self._desk.answer(shown)
        if answer is None:
            return
        worded = await self._desk.replies.worded(answer, voice)
        message = self._desk.replies.message(worded, private=True)
        with refusals():
            await respond(text=message.notice, blocks=message.blocks, replace_original=True)
