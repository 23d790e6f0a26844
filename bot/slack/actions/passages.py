"""Passages: what an answer stands on, word for word, in a modal."""

import re
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
LONGEST_STRETCH = 2_900  # characters of text in one block; Slack allows 3,000
LONGEST_PIECE = 1_400  # of a line, escaped; with what is before it it fits a block
_HEADING = re.compile(r"^\s*#{1,6}\s+")
_BULLET = re.compile(r"^\s*[-*+]\s+")
_PLAIN = re.compile(r"[^*`]+")


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
    """The passage's words as they are, line by line, the cited ones in bold.

    Of its Markdown only the marks go that would be read as words. Escaped and `verbatim`, nothing
    in an article can act on a reader.
    """
    texts = [""]
    for line in _lines(answer, passage):
        if len(texts[-1]) + len(line) + 1 > LONGEST_STRETCH:
            texts.append("")
        texts[-1] += f"{line}\n"
    return [section(text.rstrip()) for text in texts if text.strip()]


def _lines(answer: Answer, passage: Passage) -> Iterator[str]:
    """The passage's lines in Slack's markup; one too long for a block is several."""
    line = ""
    for stretch, cited in _stretches(answer, passage):
        for number, piece in enumerate(stretch.split("\n")):
            if number:
                yield line
                line = ""
            if not line:
                piece = _BULLET.sub("•  ", _HEADING.sub("", piece))  # noqa: PLW2901 - as it is read
            *whole, rest = _sized(piece.replace("**", ""))
            for each in whole:
                yield line + _set(each, bold=cited)
                line = ""
            line += _set(rest, bold=cited)
            if len(line) > LONGEST_STRETCH // 2:
                yield line
                line = ""
    yield line


def _sized(piece: str) -> list[str]:
    """A piece of a line in stretches that fit a block however many characters are escaped."""
    if len(mrkdwn.escaped(piece)) <= LONGEST_PIECE:
        return [piece]
    return list(mrkdwn.pieces(piece, LONGEST_PIECE))


def _set(words: str, *, bold: bool) -> str:
    """Words made safe; in bold where they do not hold a mark of their own."""
    safe, core = mrkdwn.escaped(words), mrkdwn.escaped(words.strip())
    if not bold or not core or not _PLAIN.fullmatch(core):
        return safe
    return safe.replace(core, f"*{core}*", 1)


def _stretches(answer: Answer, passage: Passage) -> Iterator[tuple[str, bool]]:
    """The passage in order, in stretches that are cited or not."""
    done = 0
    for start, end in _cited_spans(answer, passage):
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
