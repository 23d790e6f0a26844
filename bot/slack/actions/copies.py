"""Copies: an answer as plain text that can be sent to a customer."""

from collections.abc import Iterator
from dataclasses import replace

from slack_bolt.app.async_app import AsyncApp

from bot.answers import Answer, Support, layout
from bot.slack import modals
from bot.slack.blocks import context, section
from bot.slack.controls import COPY, Block, Shown
from bot.slack.desk import Ack, Desk, Payload
from bot.wording import unmarked

COPIED = "copied"
MOST_PIECES = 6  # texts of up to 3,000 characters
NOTHING = (
    "Nothing in this answer is meant for customers: all of it rests on internal articles, or on"
    " none."
)
HOW = "Click into the text, select all of it and copy. Markers and internal sources are left out."


class Copies:
    """Opens the text in a modal, where it can be selected: Slack lets no app copy."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take the button, and the modal when it is closed with its own button."""
        bolt.action(COPY)(self.show)
        bolt.view(COPIED)(self.close)

    async def show(self, ack: Ack, body: Payload) -> None:
        """Open the modal."""
        await ack()
        self._desk.background.start(self._open(body))

    async def _open(self, body: Payload) -> None:
        shown = Shown.clicked(body)
        answer = await self._desk.answer(shown)
        if answer is not None:
            await self._desk.open(body, shown, copy_view(answer))

    async def close(self, ack: Ack) -> None:
        """Nothing is kept of what was done to the text."""
        await ack()


def copy_view(answer: Answer) -> Block:
    """The text in a modal, with what was left out."""
    text, left_out = customer_text(answer)
    if not text:
        return modals.page("Copy for customer", [section(NOTHING)])
    blocks = [context(HOW)]
    if left_out:
        what = "1 statement" if left_out == 1 else f"{left_out} statements"
        blocks.append(context(f"Left out, for it is not for customers: {what}."))
    for number, piece in enumerate(_pieces(text), start=1):
        label = "Text" if number == 1 else f"Text, part {number}"
        blocks.append(modals.field(f"text-{number}", label, modals.text_input(piece)))
    return modals.form(COPIED, "Copy for customer", "Done", blocks)


def customer_text(answer: Answer) -> tuple[str, int]:
    """The answer in plain words with the public articles it cites, and how much was left out.

    What rests on an internal article, or on none, is not for customers.
    """
    internal = {each.n for each in answer.cited if each.audience == "internal"}
    parts = [
        part
        for part in answer.parts
        if part.support is not Support.UNSUPPORTED
        and internal.isdisjoint(citation.n for citation in part.citations)
    ]
    said = any(part.citations for part in parts)
    if not said:
        return "", len(answer.parts)
    body = "".join(f"{gap}{lead}{unmarked(part.text)}" for gap, lead, part in layout(parts))
    articles = dict.fromkeys(
        f"{each.title}: {each.url}" if each.url else each.title
        for each in replace(answer, parts=tuple(parts)).cited
    )
    return "\n".join([body, "", *articles]), len(answer.parts) - len(parts)


def _pieces(text: str) -> Iterator[str]:
    """The text in stretches that a form can begin with, broken between lines where there are."""
    rest = text
    for _ in range(MOST_PIECES):
        if len(rest) <= modals.LONGEST_INPUT:
            break
        head = rest[: modals.LONGEST_INPUT]
        end = max(head.rfind("\n"), head.rfind(" ")) if "\n" not in head else head.rfind("\n")
        end = end if end > 0 else len(head)
        yield rest[:end]
        rest = rest[end:].lstrip()
    if rest:
        yield rest[: modals.LONGEST_INPUT]
