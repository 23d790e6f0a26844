"""Votes: whether an answer helped and, where it did not, what was wrong with it."""

import logging

from slack_bolt.app.async_app import AsyncApp

from bot.review import verdicts
from bot.review.verdicts import Reason
from bot.slack import modals
from bot.slack.controls import UP, VOTE, VOTE_DOWN, VOTE_UP, Block, Place, Shown, option
from bot.slack.desk import Ack, Desk, Payload

log = logging.getLogger("footnote.slack")

WHY = "why_not"
LABELS = {
    Reason.WRONG: "It is wrong",
    Reason.OUTDATED: "It is out of date",
    Reason.WRONG_SOURCE: "It rests on the wrong article",
    Reason.INCOMPLETE: "Something is missing",
    Reason.TONE: "It is not how we would say it",
}
HELPED = "Thank you, noted as helpful."
DID_NOT = "Thank you, noted as not helpful. A lead sees it when reviewing."
TOLD = "Thank you. A lead sees what you wrote when reviewing."


class Votes:
    """Takes votes, and asks for the reason of those against."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take feedback buttons, the plain ones that stand in for them, and the modal."""
        bolt.action(VOTE)(self.vote)
        bolt.action(VOTE_UP)(self.vote)
        bolt.action(VOTE_DOWN)(self.vote)
        bolt.view(WHY)(self.explain)

    async def vote(self, ack: Ack, body: Payload) -> None:
        """Keep a vote before it is acknowledged."""
        shown = Shown.clicked(body)
        helpful = body["actions"][0]["action_id"] == VOTE_UP or shown.choice == UP
        database = self._desk.app.database
        known = await verdicts.vote(database, shown.answer_id, shown.user, helpful=helpful)
        await ack()
        if known:
            log.info("answer %d: voted %s", shown.answer_id, "up" if helpful else "down")
        self._desk.background.start(self._thank(body, shown, helpful=helpful))

    async def _thank(self, body: Payload, shown: Shown, *, helpful: bool) -> None:
        if await self._desk.answer(shown) is None:
            return
        if not helpful:
            await self._desk.open(body, shown, why_view(shown.answer_id, shown.place))
        await self._desk.tell(shown.place, shown.user, HELPED if helpful else DID_NOT)

    async def explain(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Keep why an answer did not help."""
        kept, user = modals.kept(view), str(body["user"]["id"])
        reasons = [Reason(each) for each in modals.entered(view, "reasons") or []]
        comment = modals.entered(view, "comment")
        if not reasons and comment is None:
            errors = {"reasons": "Choose what was wrong, or write a word about it below."}
            await ack(response_action="errors", errors=errors)
            return
        await verdicts.explain(self._desk.app.database, int(kept["answer"]), user, reasons, comment)
        await ack()
        place = Place(kept["channel"], kept["thread_ts"])
        self._desk.tell_later(place, user, TOLD)


def why_view(answer_id: int, place: Place) -> Block:
    """The modal that asks what was wrong."""
    options = [option(label, each.value) for each, label in LABELS.items()]
    blocks = [
        modals.field("reasons", "What was wrong?", modals.select("checkboxes", options)),
        modals.field(
            "comment",
            "What should it say?",
            modals.text_input(),
            hint="A word is enough. Whoever reviews the answer reads it.",
        ),
    ]
    kept = {"answer": answer_id, "channel": place.channel, "thread_ts": place.thread_ts}
    return modals.form(WHY, "What was wrong?", "Send", blocks, **kept)
