"""Actions: what people do with an answer, and the two ways of asking that only they see.

Each is acknowledged as soon as what it asks for is safe; everything else happens behind that.
"""

import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot import records
from bot.answers import Answer
from bot.app import App
from bot.errors import SlackError
from bot.jobs import Jobs
from bot.questions import cleaned
from bot.review import verdicts
from bot.slack import blocks, modals
from bot.slack.background import Background
from bot.slack.client import Workspace, refusals
from bot.slack.delivery import whisper
from bot.slack.replies import HINT, Replies, Shown
from bot.voice.voices import NEUTRAL
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

Payload = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]

COMMAND, SHORTCUT = "/footnote", "answer_message"
GONE = "I cannot find that answer any more. Please ask again."
LEADS_ONLY = "Reviews are for leads. Your 👍 or 👎 helps them find the answers that need a look."


class Actions:
    """Listens to buttons, modals, the slash command and the message shortcut."""

    def __init__(
        self, app: App, slack: Workspace, jobs: Jobs, replies: Replies, background: Background
    ) -> None:
        """`background` is closed by whoever made it."""
        self._app = app
        self._slack = slack
        self._jobs = jobs
        self._replies = replies
        self._background = background

    def listen(self, bolt: AsyncApp) -> None:
        """Take everything people can click, submit or type."""
        bolt.action(blocks.VOTE_UP)(self.vote_up)
        bolt.action(blocks.VOTE_DOWN)(self.vote_down)
        bolt.action(blocks.SHOW_PASSAGES)(self.show_passages)
        bolt.action(blocks.BRAND_VOICE)(self.use_brand_voice)
        bolt.action(blocks.NEUTRAL_VOICE)(self.use_neutral_voice)
        bolt.action(blocks.REVIEW)(self.open_review)
        bolt.view(modals.REVIEW)(self.take_review)
        bolt.command(COMMAND)(self.answer_command)
        bolt.shortcut(SHORTCUT)(self.answer_shortcut)
        bolt.action(re.compile(".*"))(self.let_be)

    # Votes

    async def vote_up(self, ack: Ack, body: Payload) -> None:
        """Keep that an answer helped."""
        await self._vote(ack, body, helpful=True)

    async def vote_down(self, ack: Ack, body: Payload) -> None:
        """Keep that an answer did not help."""
        await self._vote(ack, body, helpful=False)

    async def _vote(self, ack: Ack, body: Payload, *, helpful: bool) -> None:
        shown = shown_in(body)
        if await records.load(self._app.database, shown.answer_id) is None:
            await self._say_later(ack, shown, GONE)
            return
        await verdicts.vote(self._app.database, shown.answer_id, shown.user, helpful=helpful)
        log.info("answer %d: voted %s", shown.answer_id, "up" if helpful else "down")
        thanks = (
            "Thank you, noted as helpful."
            if helpful
            else "Thank you, noted as not helpful. A lead can see it when reviewing."
        )
        await self._say_later(ack, shown, thanks)

    # Passages and review

    async def show_passages(self, ack: Ack, body: Payload) -> None:
        """Open the modal with what the answer cites, word for word."""
        await ack()
        self._background.start(
            self._open(body, lambda answer, _: modals.passages_view(answer, datetime.now(UTC)))
        )

    async def open_review(self, ack: Ack, body: Payload) -> None:
        """Open the review modal, for leads."""
        shown = shown_in(body)
        if shown.user not in self._app.settings.slack.leads:
            await self._say_later(ack, shown, LEADS_ONLY)
            return
        await ack()
        self._background.start(self._open(body, modals.review_view))

    async def _open(
        self, body: Payload, view_of: Callable[[Answer, modals.Place], blocks.Block]
    ) -> None:
        shown = shown_in(body)
        answer = await records.load(self._app.database, shown.answer_id)
        if answer is None:
            await self._replies.tell(shown.place, shown.user, GONE)
            return
        try:
            with refusals():
                await self._slack.client.views_open(
                    trigger_id=body["trigger_id"], view=view_of(answer, shown.place)
                )
        except (SlackError, Retryable):
            await self._replies.tell(
                shown.place, shown.user, "That took too long to open. Please click again."
            )
            raise

    async def take_review(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Keep a review, or say in the modal what is missing."""
        form = modals.review_form(view)
        reviewer = str(body["user"]["id"])
        answer = await records.load(self._app.database, form.answer_id)
        errors = modals.review_errors(form, answer) if answer else {"verdict": GONE}
        if reviewer not in self._app.settings.slack.leads:
            errors = {"verdict": "Reviews are for leads."}
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        await verdicts.review(
            self._app.database,
            form.answer_id,
            reviewer,
            form.verdict,
            wording=form.wording,
            note=form.note,
        )
        log.info("answer %d: reviewed, %s", form.answer_id, form.verdict)
        await ack()
        self._background.start(
            self._replies.tell(form.place, reviewer, "Thank you, your review is kept.")
        )

    # Voices

    async def use_brand_voice(self, ack: Ack, body: Payload) -> None:
        """Have the answer worded by the desk's voice."""
        voice = self._app.settings.button_voice
        if voice is None:
            await self._say_later(ack, shown_in(body), "No voice is set up any more.")
            return
        await self._jobs.want_wording(shown_in(body), voice)
        await ack()

    async def use_neutral_voice(self, ack: Ack, body: Payload) -> None:
        """Go back to the neutral wording."""
        await self._jobs.want_wording(shown_in(body), NEUTRAL)
        await ack()

    # Asking so that nobody else sees it

    async def answer_command(self, ack: Ack, body: Payload) -> None:
        """Answer `/footnote QUESTION`."""
        place = modals.Place(str(body["channel_id"]), None)
        question = cleaned(str(body.get("text") or ""))
        if question in ("", "help"):
            await ack(text=f"{HINT} For example: {COMMAND} How do I reset my password?")
            return
        await ack()
        self._background.start(self._answer_privately(place, str(body["user_id"]), question))

    async def answer_shortcut(self, ack: Ack, body: Payload) -> None:
        """Answer a message as if it were a question."""
        await ack()
        message = body["message"]
        place = modals.Place(str(body["channel"]["id"]), message.get("thread_ts"))
        user, question = str(body["user"]["id"]), cleaned(str(message.get("text") or ""))
        if question:
            self._background.start(self._answer_privately(place, user, question))
        else:
            self._background.start(
                self._replies.tell(place, user, "That message has no text that I could answer.")
            )

    async def _answer_privately(self, place: modals.Place, user: str, question: str) -> None:
        answer, standalone = await self._app.answering.answer(question)
        kept = await records.keep_new(self._app.database, answer, standalone)
        message = self._replies.message(replace(answer, id=kept), voices=False)
        await whisper(self._slack.client, place, user, message.notice, message)
        log.info("answer %d: given privately, %s", kept, answer.verdict)

    # Helpers

    async def let_be(self, ack: Ack, body: Payload) -> None:
        """Acknowledge a button that this version does not know."""
        await ack()
        log.info("unknown action %s", body["actions"][0].get("action_id"))

    async def _say_later(self, ack: Ack, shown: Shown, text: str) -> None:
        await ack()
        self._background.start(self._replies.tell(shown.place, shown.user, text))


def shown_in(body: Payload) -> Shown:
    """Which answer a button stands under, in which message, and who clicked it."""
    container = body.get("container") or {}
    message = body.get("message") or {}
    return Shown(
        answer_id=int(body["actions"][0]["value"]),
        channel=str(body["channel"]["id"]),
        thread_ts=message.get("thread_ts") or container.get("thread_ts"),
        message_ts=str(container.get("message_ts") or message.get("ts")),
        user=str(body["user"]["id"]),
    )
