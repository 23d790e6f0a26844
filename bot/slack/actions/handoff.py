"""Hand-off: a person takes over, in the team's channel, with what was asked and answered."""

import logging
from datetime import UTC, datetime

from slack_bolt.app.async_app import AsyncApp

from bot.answers import Answer
from bot.errors import SlackError
from bot.settings import ChannelSettings
from bot.slack import modals, mrkdwn
from bot.slack.blocks import MOST_CHARACTERS, Message, body_blocks, context, section
from bot.slack.client import refusals
from bot.slack.controls import HAND_OFF, MORE, Block, Place, Shown
from bot.slack.desk import Ack, Desk, Payload
from bot.slack.matching import chose
from ingest.errors import Retryable

log = logging.getLogger("footnote.slack")

NOBODY = (
    "Nobody is named to hand questions of this channel to. A lead can name a channel under Channel"
    " settings in my Home tab."
)
NOT_TAKEN = "I could not reach the team's channel. Please ask there yourself, and tell a lead."
WITHHELD = "The answer rests on internal articles, which may not be shown in this channel."
HANDED = "Handed off in <#{channel}>."
LONGEST_NOTE = 1_000  # characters
MOST_BLOCKS = 40  # of the answer


class Handoffs:
    """Posts question, answer and sources where the team reads them."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take the button, the menu's choice and the modal."""
        bolt.action(HAND_OFF)(self.ask)
        bolt.action(MORE, matchers=[chose(HAND_OFF)])(self.ask)
        bolt.view(HAND_OFF)(self.hand_off)

    async def ask(self, ack: Ack, body: Payload) -> None:
        """Ask for a word to the team, and so whether it is meant."""
        await ack()
        self._desk.background.start(self._ask(body, Shown.clicked(body)))

    async def _ask(self, body: Payload, shown: Shown) -> None:
        settings = await self._desk.audiences.channels.settings(shown.channel)
        if settings.handoff_channel is None:
            await self._desk.tell(shown.place, shown.user, NOBODY)
        else:
            await self._desk.open(body, shown, handoff_view(shown, settings.handoff_channel))

    async def hand_off(self, ack: Ack, body: Payload, view: Payload) -> None:
        """Hand off, with the word that was written."""
        await ack()
        kept = modals.kept(view)
        shown = Shown(
            int(kept["answer"]),
            kept["channel"],
            kept["thread_ts"],
            kept["message_ts"],
            str(body["user"]["id"]),
        )
        self._desk.background.start(self._hand_off(shown, modals.entered(view, "note")))

    async def _hand_off(self, shown: Shown, note: str | None) -> None:
        settings = await self._desk.audiences.channels.settings(shown.channel)
        answer = await self._desk.answer(shown)
        team = settings.handoff_channel
        if answer is None or team is None:
            return
        visible = await self._desk.audiences.may_see(answer, team)
        address = await self._address(shown)
        message = handoff_message(
            answer if visible else None, answer.question, settings, shown.user, note, address
        )
        try:
            ts = await self._desk.deliveries.post(Place(team, None), message)
        except (SlackError, Retryable) as error:
            log.warning("answer %s: not handed off: %s", answer.id, " ".join(str(error).split()))
            await self._desk.tell(shown.place, shown.user, NOT_TAKEN)
            return
        await self._desk.app.database.run(
            "add_handoff",
            answer=answer.id,
            handed_by=shown.user,
            channel=team,
            message_ts=ts,
            note=note,
        )
        log.info("answer %s: handed off", answer.id)
        await self._desk.tell(shown.place, shown.user, HANDED.format(channel=team))

    async def _address(self, shown: Shown) -> str | None:
        """Where the answer stands, if others can go there."""
        try:
            with refusals():
                found = await self._desk.slack.client.chat_getPermalink(
                    channel=shown.channel, message_ts=shown.message_ts
                )
        except (SlackError, Retryable):
            return None  # an answer that only one person saw has no address
        return str(found["permalink"])


def handoff_view(shown: Shown, team: str) -> Block:
    """The modal that asks for a word to the team."""
    blocks = [
        section(f"The question, the answer and its sources go to <#{team}>."),
        modals.field(
            "note",
            "A word to the team",
            modals.text_input() | {"max_length": LONGEST_NOTE},
            hint="What the customer needs, and by when.",
        ),
    ]
    kept = {
        "answer": shown.answer_id,
        "channel": shown.channel,
        "thread_ts": shown.thread_ts,
        "message_ts": shown.message_ts,
    }
    return modals.form(HAND_OFF, "Hand off", "Hand off", blocks, **kept)


def handoff_message(
    answer: Answer | None,
    question: str,
    settings: ChannelSettings,
    user: str,
    note: str | None,
    address: str | None,
) -> Message:
    """What the team reads; `answer` is None where they may not see it."""
    group = f"<!subteam^{settings.handoff_group}> " if settings.handoff_group else ""
    asked = mrkdwn.escaped(mrkdwn.shortened(question, 500))
    head = f"{group}<@{user}> hands off a question:\n*{asked}*"
    lines = [head]
    if note:
        lines.append(f"“{mrkdwn.escaped(mrkdwn.shortened(note, LONGEST_NOTE))}”")
    if address:
        lines.append(mrkdwn.link(address, "Open the thread"))
    blocks = [section("\n".join(lines))]
    if answer is None:
        blocks.append(context(WITHHELD))
    else:
        room = MOST_CHARACTERS - 3_000
        blocks += body_blocks(answer, datetime.now(UTC), room, MOST_BLOCKS)
    plain = "\n".join(lines)
    return Message(mrkdwn.shortened(head.replace("\n", " "), 600), blocks, plain)
