"""Reviews: a lead says what an answer is worth."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot import records
from bot.answers import Answer
from bot.review import verdicts
from bot.review.verdicts import ReviewVerdict
from bot.slack import modals, mrkdwn
from bot.slack.blocks import section
from bot.slack.controls import MORE, REVIEW, Block, Place, Shown, option
from bot.slack.desk import GONE, LEADS_ONLY, Ack, Desk, Payload
from bot.slack.matching import chose

log = logging.getLogger("footnote.slack")

LABELS = {
    ReviewVerdict.APPROVE: "Approve: it is right as it is",
    ReviewVerdict.AMEND: "Amend: it should read as below",
    ReviewVerdict.REJECT: "Reject: it is wrong",
    ReviewVerdict.ARTICLE_WRONG: "The article is wrong or out of date",
}


class Reviews:
    """Takes reviews from leads, under an answer or in the Home tab."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take the menu's choice, the Home tab's button and the modal."""
        bolt.action(MORE, matchers=[chose(REVIEW)])(self.open)
        bolt.action(REVIEW)(self.open)
        bolt.view(REVIEW)(self.take)

    async def open(self, ack: Ack, body: Payload) -> None:
        """Open the modal, for leads."""
        await ack()
        shown = Shown.clicked(body)
        if self._desk.is_lead(shown.user):
            self._desk.background.start(self._open(body, shown))
        else:
            self._desk.tell_later(shown.place, shown.user, LEADS_ONLY)

    async def _open(self, body: Payload, shown: Shown) -> None:
        answer = await self._desk.answer(shown)
        if answer is not None:
            await self._desk.open(body, shown, review_view(answer, shown.place))

    async def take(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Keep a review, or say in the modal what is missing."""
        form = ReviewForm.read(view)
        reviewer = str(body["user"]["id"])
        database = self._desk.app.database
        answer = await records.load(database, form.answer_id)
        errors = review_errors(form, answer) if answer else {"verdict": GONE}
        if not self._desk.is_lead(reviewer):
            errors = {"verdict": "Reviews are for leads."}
        if errors:
            await ack(response_action="errors", errors=errors)
            return
        await verdicts.review(
            database, form.answer_id, reviewer, form.verdict, wording=form.wording, note=form.note
        )
        log.info("answer %d: reviewed, %s", form.answer_id, form.verdict)
        await ack()
        self._desk.tell_later(form.place, reviewer, "Thank you, your review is kept.")


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What a lead put into the modal, and on which answer."""

    answer_id: int
    place: Place
    verdict: ReviewVerdict
    wording: str | None
    note: str | None

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "ReviewForm":
        """Read a submitted modal."""
        kept = modals.kept(view)
        return cls(
            int(kept["answer"]),
            Place(kept["channel"], kept["thread_ts"]),
            ReviewVerdict(modals.entered(view, "verdict")),
            modals.entered(view, "wording"),
            modals.entered(view, "note"),
        )


def review_view(answer: Answer, place: Place) -> Block:
    """The modal in which a lead says what an answer is worth."""
    options = [option(label, each.value) for each, label in LABELS.items()]
    begun = answer.text if len(answer.text) <= modals.LONGEST_INPUT else None
    question = mrkdwn.escaped(mrkdwn.shortened(answer.question, 500))
    blocks = [
        section(f"*{question}*"),
        modals.field(
            "verdict", "Your verdict", modals.select("radio_buttons", options), optional=False
        ),
        modals.field(
            "wording",
            "How it should read",
            modals.text_input(begun),
            hint="Used when you amend. Keep the numbers in brackets: they are the sources.",
        ),
        modals.field(
            "note",
            "Note",
            modals.text_input(),
            hint="For the desk, or for whoever mends the article.",
        ),
    ]
    kept = {"answer": answer.id, "channel": place.channel, "thread_ts": place.thread_ts}
    return modals.form(REVIEW, "Review this answer", "Save", blocks, **kept)


def review_errors(form: ReviewForm, answer: Answer) -> dict[str, str]:
    """What has to be mended before the review can be kept, by block."""
    if form.verdict is not ReviewVerdict.AMEND:
        return {}
    if form.wording is None:
        return {"wording": "Write how the answer should read."}
    if form.wording.split() == answer.text.split():
        return {"wording": "This is the answer as it is; change it, or choose Approve."}
    return {}
