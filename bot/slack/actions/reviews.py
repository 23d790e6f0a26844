"""Reviews: a lead says what an answer is worth."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt.app.async_app import AsyncApp

from bot.answers import Answer, Part
from bot.errors import ReviewedMeanwhile, ReviewError
from bot.review import verdicts
from bot.review.verdicts import ReviewVerdict
from bot.slack import modals, mrkdwn
from bot.slack.blocks import section
from bot.slack.controls import MORE, REVIEW, Block, Place, Shown, option
from bot.slack.desk import LEADS_ONLY, Ack, Desk, Payload
from bot.slack.matching import chose

log = logging.getLogger("footnote.slack")

WORDING = "wording-"
MOST_WORDINGS = 90  # statements that can be worded in one modal
HOW_TO_AMEND = "Used when you amend. It keeps its sources; empty it to leave it out."
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
        if await self._desk.is_lead(shown.user):
            self._desk.background.start(self._open(body, shown))
        else:
            self._desk.tell_later(shown.place, shown.user, LEADS_ONLY)

    async def _open(self, body: Payload, shown: Shown) -> None:
        answer = await self._desk.answer(shown)
        if answer is not None:
            standing = await verdicts.standing(self._desk.app.database, shown.answer_id)
            seen = standing.id if standing else 0
            await self._desk.open(body, shown, review_view(answer, shown.place, seen))

    async def take(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Keep a review, or say in the modal what is missing."""
        form = ReviewForm.read(view)
        reviewer = str(body["user"]["id"])
        if not await self._desk.is_lead(reviewer):
            await ack(response_action="errors", errors={"verdict": "Reviews are for leads."})
            return
        try:
            await verdicts.review(
                self._desk.app.database,
                form.answer_id,
                reviewer,
                form.verdict,
                wordings=form.wordings,
                note=form.note,
                seen=form.seen,
            )
        except ReviewError as error:
            await ack(response_action="errors", errors={"verdict": told(error)})
            return
        log.info("answer %d: reviewed, %s", form.answer_id, form.verdict)
        await ack()
        self._desk.tell_later(form.place, reviewer, "Thank you, your review is kept.")


def told(error: ReviewError) -> str:
    """Why a review was not kept, to the lead who wrote it."""
    if isinstance(error, ReviewedMeanwhile):
        said = error.verdict.replace("_", " ")
        return f"Another lead reviewed it meanwhile ({said}). Close this and open it again."
    return str(error)


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What a lead put into the modal, and on which answer; `seen` is the review that stood."""

    answer_id: int
    place: Place
    seen: int
    verdict: ReviewVerdict
    wordings: dict[int, str]
    note: str | None

    @classmethod
    def read(cls, view: Mapping[str, Any]) -> "ReviewForm":
        """Read a submitted modal."""
        kept = modals.kept(view)
        return cls(
            int(kept["answer"]),
            Place(kept["channel"], kept["thread_ts"]),
            int(kept["seen"]),
            ReviewVerdict(modals.entered(view, "verdict")),
            {
                int(name.removeprefix(WORDING)): modals.entered(view, name) or ""
                for name in view["state"]["values"]
                if name.startswith(WORDING)
            },
            modals.entered(view, "note"),
        )


def review_view(answer: Answer, place: Place, seen: int = 0) -> Block:
    """The modal in which a lead says what an answer is worth.

    Each statement is worded by itself, so that it keeps its sources.
    """
    options = [option(label, each.value) for each, label in LABELS.items()]
    question = mrkdwn.escaped(mrkdwn.shortened(answer.question, 500))
    blocks = [
        section(f"*{question}*"),
        modals.field(
            "verdict", "Your verdict", modals.select("radio_buttons", options), optional=False
        ),
        *(_wording(at, part) for at, part in enumerate(answer.parts[:MOST_WORDINGS])),
        modals.field(
            "note",
            "Note",
            modals.text_input(),
            hint="For the desk, or for whoever mends the article.",
        ),
    ]
    kept = {"answer": answer.id, "channel": place.channel, "thread_ts": place.thread_ts}
    return modals.form(REVIEW, "Review this answer", "Save", blocks, **kept, seen=seen)


def _wording(at: int, part: Part) -> Block:
    sources = "".join(f" [{cited.n}]" for cited in part.citations)
    return modals.field(
        f"{WORDING}{at}",
        f"Statement {at + 1}{sources}",
        modals.text_input(part.text[: modals.LONGEST_INPUT]),
        hint=HOW_TO_AMEND if at == 0 else None,
    )
