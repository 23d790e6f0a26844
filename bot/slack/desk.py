"""The desk: what every room in Slack works with, and the few things all of them do."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from bot import records
from bot.answers import Answer
from bot.app import App
from bot.errors import SlackError
from bot.jobs import Jobs
from bot.metrics import Metrics
from bot.review.people import People, Role
from bot.slack.audiences import Audiences
from bot.slack.background import Background
from bot.slack.client import Workspace, refusals
from bot.slack.controls import Block, Place, Shown
from bot.slack.delivery import Deliveries
from bot.slack.replies import Replies
from bot.slack.status import Status
from ingest.errors import FootnoteError, Retryable

log = logging.getLogger("footnote.slack")

Payload = dict[str, Any]
Ack = Callable[..., Awaitable[Any]]

GONE = "I cannot find that answer any more. Please ask again."
NOT_HERE = (
    "That answer rests on internal articles, and they may not be shown here. Ask me in a direct"
    " message instead."
)
TOO_LATE = "That took too long to open. Please click again."
LEADS_ONLY = "Reviews are for leads. Your 👍 or 👎 helps them find the answers that need a look."


@dataclass(frozen=True, slots=True)
class Desk:
    """`background` is closed by whoever made it."""

    app: App
    slack: Workspace
    audiences: Audiences
    jobs: Jobs
    replies: Replies
    deliveries: Deliveries
    status: Status
    metrics: Metrics
    people: People
    background: Background

    async def is_lead(self, user: str) -> bool:
        """Whether somebody may review and set channels; not while Slack does not tell."""
        try:
            role = await self.people.role(user)
        except FootnoteError as error:
            log.warning("who is in the leads' user groups cannot be read: %s", error)
            return False
        return role is not None and role >= Role.LEAD

    async def tell(self, place: Place, user: str, text: str) -> None:
        """Say something to one person."""
        await self.replies.tell(place, user, text)

    def tell_later(self, place: Place, user: str, text: str) -> None:
        """As tell, behind what is going on."""
        self.background.start(self.tell(place, user, text))

    async def answer(self, shown: Shown) -> Answer | None:
        """The answer that was clicked below, if its reader may see it there; they are told if not.

        A channel may have been shared, or a guest have come, since it was posted.
        """
        answer = await records.load(self.app.database, shown.answer_id)
        place = shown.channel or f"D-{shown.user}"  # a view is seen by one person alone
        if answer is None:
            await self.tell(shown.place, shown.user, GONE)
        elif not await self.audiences.may_see(answer, place, shown.user):
            await self.tell(shown.place, shown.user, NOT_HERE)
        else:
            return answer
        return None

    async def open(self, body: Payload, shown: Shown, view: Block) -> None:
        """Open a modal. Raises SlackError or Retryable once whoever clicked has been told."""
        try:
            with refusals():
                await self.slack.client.views_open(trigger_id=body["trigger_id"], view=view)
        except (SlackError, Retryable):
            await self.tell(shown.place, shown.user, TOO_LATE)
            raise
