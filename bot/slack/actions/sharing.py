"""Sharing: an answer that one person has seen, or one channel, is shown in another place."""

import logging

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.context.respond.async_respond import AsyncRespond

from bot.answers import Answer
from bot.errors import SlackError
from bot.slack import modals, mrkdwn
from bot.slack.client import refusals
from bot.slack.controls import KEEP, MORE, SHARE, SHARE_HERE, Block, Place, Shown
from bot.slack.desk import Ack, Desk, Payload
from bot.slack.matching import chose
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

NOT_THERE = (
    "That answer rests on internal articles, and not everybody in that channel may read them. I"
    " have not shared it."
)
NO_WAY_IN = "I cannot write in that channel. Invite me there with /invite, then share again."


class Sharing:
    """Posts an answer elsewhere, where those who are there may see what it stands on."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take the buttons of a private answer, the menu's choice and its modal."""
        bolt.action(SHARE_HERE)(self.share_here)
        bolt.action(KEEP)(self.keep)
        bolt.action(MORE, matchers=[chose(SHARE)])(self.choose)
        bolt.view(SHARE)(self.share_there)

    async def share_here(self, ack: Ack, body: Payload, respond: AsyncRespond) -> None:
        """Show everybody here what one person has seen."""
        await ack()
        self._desk.background.start(self._share_here(Shown.clicked(body), respond))

    async def _share_here(self, shown: Shown, respond: AsyncRespond) -> None:
        answer = await self._desk.answer(shown)
        if answer is not None and await self._share(answer, shown.place, shown.user, shown.place):
            with refusals():
                await respond(delete_original=True)

    async def keep(self, ack: Ack, body: Payload, respond: AsyncRespond) -> None:
        """The answer stays with its reader: what would share it goes."""
        await ack()
        self._desk.background.start(self._keep(Shown.clicked(body), respond))

    async def _keep(self, shown: Shown, respond: AsyncRespond) -> None:
        answer = await self._desk.answer(shown)
        if answer is not None:
            message = self._desk.replies.message(answer)
            with refusals():
                await respond(text=message.notice, blocks=message.blocks, replace_original=True)

    async def choose(self, ack: Ack, body: Payload) -> None:
        """Ask where to."""
        await ack()
        shown = Shown.clicked(body)
        self._desk.background.start(self._desk.open(body, shown, share_view(shown)))

    async def share_there(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Share in the channel that was chosen."""
        await ack()
        kept, user = modals.kept(view), str(body["user"]["id"])
        come_from = Place(kept["channel"], kept["thread_ts"])
        there = Place(str(modals.entered(view, "where")), None)
        shown = Shown(int(kept["answer"]), come_from.channel, come_from.thread_ts, "", user)
        self._desk.background.start(self._share_there(shown, there))

    async def _share_there(self, shown: Shown, there: Place) -> None:
        answer = await self._desk.answer(shown)
        if answer is not None and await self._share(answer, there, shown.user, shown.place):
            await self._desk.tell(shown.place, shown.user, "Shared.")

    async def _share(self, answer: Answer, there: Place, user: str, told: Place) -> bool:
        """Post an answer; whoever wanted it is told where that cannot be."""
        if not await self._desk.audiences.may_see(answer, there.channel):
            await self._desk.tell(told, user, NOT_THERE)
            return False
        head = f"*{mrkdwn.escaped(mrkdwn.shortened(answer.question, 500))}*\nShared by <@{user}>"
        message = self._desk.replies.message(answer, head=head)
        try:
            ts = await self._desk.deliveries.post(there, message)
        except (SlackError, Retryable) as error:
            log.warning("answer %s: not shared: %s", answer.id, " ".join(str(error).split()))
            await self._desk.tell(told, user, NO_WAY_IN)
            return False
        await self._desk.app.database.run(
            "add_share",
            channel=there.channel,
            message_ts=ts,
            thread_ts=there.thread_ts or ts,
            answer=answer.id,
            shared_by=user,
        )
        log.info("answer %s: shared in %s", answer.id, there.channel)
        return True


def share_view(shown: Shown) -> Block:
    """The modal that asks where an answer is to be shown."""
    where = {
        "type": "conversations_select",
        "filter": {"include": ["public", "private"], "exclude_bot_users": True},
    }
    blocks = [
        modals.field(
            "where",
            "Share it in",
            where,
            optional=False,
            hint="Everybody there sees the question, the answer and its sources.",
        )
    ]
    kept = {"answer": shown.answer_id, "channel": shown.channel, "thread_ts": shown.thread_ts}
    return modals.form(SHARE, "Share this answer", "Share", blocks, **kept)
