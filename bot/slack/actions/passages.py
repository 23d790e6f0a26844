"""Passages: what an answer stands on, word for word, in a modal."""

from collections.abc import Iterator
from datetime import UTC, datetime

from slack_bolt.app.async_app import AsyncApp

from bot.answers import Answer, Verdict
from bot.evidence import Passage
from bot.slack import mrkdwn
from bot.slack.blocks import about, plain_text, section
from bot.slack.controls import SHOW_PASSAGES, Block, Shown
from bot.slack.desk import Ack, Desk, Payload

MOST_BLOCKS = 100  # of a modal
LONGEST_STRETCH = 2_000  # characters of text in one block


class Passages:
    """Opens the modal."""

    def __init__(self, desk: Desk) -> None:
        """Every room works with the desk."""
        self._desk = desk

    def listen(self, bolt: AsyncApp) -> None:
        """Take the button."""
        bolt.action(SHOW_PASSAGES)(self.show)

    async def show(self, ack: Ack, body: Payload) -> None:
        """Open the modal with what the answer cites."""
        await ack()
        self._desk.background.start(self._open(body))

    async def _open(self, body: Payload) -> None:
        shown = Shown.clicked(body)
        answer = await self._desk.answer(shown)
        if answer is not None:
            await self._desk.open(body, shown, passages_view(answer, datetime.now(UTC)))


def passages_view(answer: Answer, now: datetime) -> Block:
    """The exact text of every source, the cited words in bold; the nearest ones where none is."""
    shown = answer.cited or list(answer.evidence.passages[:3])
    blocks: list[Block] = []
    if answer.standalone:
        searched = mrkdwn.escaped(mrkdwn.shortened(answer.standalone, 500))
        blocks.append(section(f"Understood from the thread as: *{searched}*"))
    if answer.verdict is not Verdict.ANSWERED:
        blocks.append(section("These passages came nearest; none of them answers the question."))
    for passage in shown:
        divider: list[Block] = [{"type": "divider"}] if blocks else []
        more = [*divider, _heading(answer, passage, now), *_verbatim(answer, passage)]
        if len(blocks) + len(more) > MOST_BLOCKS - 1:
            blocks.append(section("More passages are cited than fit here."))
            break
        blocks += more
    return {
        "type": "modal",
        "title": plain_text("Passages"),
        "close": plain_text("Close"),
        "blocks": blocks or [section("No passage was found for this question.")],
    }


def _heading(answer: Answer, passage: Passage, now: datetime) -> Block:
    cited = passage in answer.cited
    address = answer.source_link(passage.n) if cited else passage.url
    title = mrkdwn.escaped(mrkdwn.shortened(passage.heading, 200))
    number = f"[{passage.n}] " if cited else ""
    date = f" ({passage.updated_at:%Y-%m-%d})" if passage.updated_at else ""
    opening = f" · {mrkdwn.link(address, 'Open the article')}" if address else ""
    version = f"version {passage.version}{date}"
    return section(f"*{number}{title}*\n{version}{about(passage, now)}{opening}")


def _verbatim(answer: Answer, passage: Passage) -> list[Block]:
    """The passage's words as they are, the cited ones in full size, those around them in small.

    Plain text: nothing in an article can act on a reader.
    """
    blocks: list[Block] = []
    for text, cited in _stretches(answer, passage):
        for start in range(0, len(text), LONGEST_STRETCH):
            piece = _exactly(text[start : start + LONGEST_STRETCH])
            if not piece["text"].strip():
                continue  # Slack refuses a text without words
            if cited:
                blocks.append({"type": "section", "text": piece})
            else:
                blocks.append({"type": "context", "elements": [piece]})
    return blocks


def _exactly(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _stretches(answer: Answer, passage: Passage) -> Iterator[tuple[str, bool]]:
    """The passage in order, in stretches that are cited or not; all is where nothing is."""
    spans = _cited_spans(answer, passage)
    if not spans:
        yield passage.text, True
        return
    done = 0
    for start, end in spans:
        yield passage.text[done:start], False
        yield passage.text[start:end], True
        done = end
    yield passage.text[done:], False


def _cited_spans(answer: Answer, passage: Passage) -> list[tuple[int, int]]:
    """The cited characters of a passage's text, in order; what only space parts is one."""
    spans: list[tuple[int, int]] = []
    cited = (
        (each.start - passage.start, each.end - passage.start) for each in answer.quotes(passage.n)
    )
    for low, high in sorted(cited):
        start, end = max(0, low), min(len(passage.text), high)
        if spans and not passage.text[spans[-1][1] : start].strip():
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        elif start < end:
            spans.append((start, end))
    return spans
