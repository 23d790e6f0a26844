"""An answer as a Slack message: parts with linked markers, sources, who wrote it, buttons.

Pure: an answer goes in, blocks come out. Sources and buttons are never what gets cut.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ages import age
from bot.answers import Answer, Kind, Verdict, layout
from bot.evidence import Passage
from bot.slack import mrkdwn
from bot.slack.controls import ANSWER_AGAIN, Block, button, controls
from bot.wording import unmarked
from ingest.markup.sentences import sentences

SECTION = 2_900  # characters; Slack allows 3,000
MOST_CHARACTERS = 12_000  # over all blocks; Slack refuses from about 13,200 on
MOST_BLOCKS = 50
MOST_FOR_SOURCES = 5_000
LONGEST_TEXT = 3_900  # characters; what chat.update takes is 4,000
LONGEST_NOTICE = 300
CUT = "_The answer goes on; the sources below have the rest._"
SOURCE_CHARACTERS = (150, 150, 60)  # of a heading, by how short of room the sources are


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, the notification's text, and all of it as text for want of blocks.

    `classic` are the same blocks for a workspace that refuses what is new among them.
    """

    notice: str
    blocks: list[Block]
    plain: str
    classic: list[Block] | None = None

    @property
    def below(self) -> list[Block]:
        """What stands below the answer's own words, for a message whose words were streamed."""
        own = itertools.takewhile(lambda block: block["type"] == "section", self.blocks)
        return self.blocks[len(list(own)) :]


@dataclass(frozen=True, slots=True)
class Look:
    """How an answer's message is made.

    `brand_voice` is the one its button offers, if any; `private`: only one person sees it, who may
    share it; `feedback`: the workspace knows feedback buttons; `head` stands above the answer.
    """

    brand_voice: str | None = None
    private: bool = False
    feedback: bool = True
    head: str = ""


def answer_message(answer: Answer, now: datetime, look: Look | None = None) -> Message:
    """The message for an answer."""
    look = look or Look()
    above = _contexts([look.head] if look.head else [])
    below = [*_source_blocks(answer, now), *_contexts(_writer_lines(answer, now))]
    ways = [
        controls(answer, look.brand_voice, private=look.private, feedback=feedback)
        for feedback in ((True, False) if look.feedback else (False,))
    ]
    most = max(map(characters, ways))
    room = MOST_CHARACTERS - characters([*above, *below]) - most - len(CUT)
    blocks = MOST_BLOCKS - len(above) - len(below) - max(map(len, ways)) - 1
    body = [*above, *(section(text) for text in _stretches(answer, room, blocks)), *below]
    made = [[*body, *way] for way in ways]
    plain = "\n\n".join(filter(None, (look.head, _plain(answer, now))))
    return Message(_notice(answer), made[0], plain, made[1] if len(made) > 1 else None)


def body_blocks(answer: Answer, now: datetime, room: int, blocks: int) -> list[Block]:
    """An answer with its sources and who wrote it, without anything to click."""
    below = [*_source_blocks(answer, now), *_contexts(_writer_lines(answer, now))]
    stretches = _stretches(answer, room - characters(below) - len(CUT), blocks - len(below) - 1)
    return [*(section(text) for text in stretches), *below]


def plain_message(text: str) -> Message:
    """A sentence of ours, without buttons."""
    return Message(text, [section(mrkdwn.escaped(text))], mrkdwn.escaped(text))


def with_lead(message: Message, lead: str) -> Message:
    """A message that begins with a sentence of ours, in Slack's markup."""
    ways = [
        [section(lead), *blocks][:MOST_BLOCKS] if blocks else None
        for blocks in (message.blocks, message.classic)
    ]
    return Message(message.notice, ways[0] or [], f"{lead}\n\n{message.plain}", ways[1])


def again_message(question_id: int) -> Message:
    """Offers to answer a question that was edited after it had been answered."""
    text = "You have edited your question since. Shall I answer it as it reads now?"
    again = button(ANSWER_AGAIN, "Answer again", str(question_id))
    row: Block = {"type": "actions", "block_id": f"again-{question_id}", "elements": [again]}
    return Message(text, [section(text), row], text)


def characters(blocks: Sequence[Block]) -> int:
    """The length of every text shown in blocks."""
    return sum(_lengths(blocks))


def _lengths(node: object) -> Iterator[int]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                yield len(value)
            else:
                yield from _lengths(value)
    elif isinstance(node, list | tuple):
        for each in node:
            yield from _lengths(each)


def ago(moment: datetime, now: datetime) -> str:
    """`updated 12 days ago`."""
    return f"updated {age(moment, now)}"


def about(passage: Passage, now: datetime) -> str:
    """What else is to be known of a source: its age, that it has changed, that it is internal."""
    updated = f" · {ago(passage.updated_at, now)}" if passage.updated_at else ""
    stale = " · ⚠ changed since" if passage.stale else ""
    return updated + stale + (" · 🔒 internal" if passage.audience == "internal" else "")


def writer(answer: Answer, now: datetime) -> str:
    """Who wrote the answer and in what voice, with anything that was not as usual."""
    by = "Quoted from the articles" if answer.engine == "quotes" else f"Written by {answer.model}"
    note = "".join(f"\n{_said_plainly(line)}" for line in (answer.note or "").splitlines())
    checked = f" · verified by a lead, {age(answer.verified.at, now)}" if answer.verified else ""
    return f"{by} · {answer.voice} voice{checked}{note}"


def _said_plainly(line: str) -> str:
    """A note without the reasons that only an operator could use."""
    if line.startswith("Quoted from the articles:"):
        return "The model that writes answers was not available, so these are the articles' words."
    if line.startswith("Neutral wording:"):
        what, _, reason = line.removeprefix("Neutral wording: ").partition(": ")
        ours = f": {reason}" if reason.startswith("it ") else "."
        return f"Neutral wording: {what}{ours}"
    return line


# The answer itself


def _stretches(answer: Answer, room: int, blocks: int) -> Iterator[str]:
    """The body in texts for sections, broken between parts, within `room` characters in all."""
    text, used = "", 0
    for gap, line in _lines(answer):
        if used + len(gap) + len(line) > room or blocks < 1:
            text = f"{text}{gap}{CUT}" if len(text) + len(CUT) < SECTION else text
            break
        used += len(gap) + len(line)
        if len(text) + len(gap) + len(line) <= SECTION:
            text += gap + line
        else:
            yield text
            text, blocks = line, blocks - 1
    yield text or CUT


def _lines(answer: Answer) -> Iterator[tuple[str, str]]:
    """Every part as marked-up text that fits a section, and the line breaks before it."""
    for gap, lead, part in layout(answer.parts):
        bullet = lead.replace("- ", "•  ") if part.kind is Kind.ITEM else lead
        marks = "".join(_marker(answer, citation.n) for citation in part.citations)
        if len(marks) > SECTION // 2:
            marks = "".join(f"[{citation.n}]" for citation in part.citations)
        texts = list(mrkdwn.pieces(part.text, SECTION - len(marks) - len(bullet) - 1))
        for index, text in enumerate(texts):
            begin = bullet if index == 0 else ""
            end = f" {marks}" if marks and index == len(texts) - 1 else ""
            yield (gap if index == 0 else " "), f"{begin}{mrkdwn.words(text)}{end}"


def _marker(answer: Answer, n: int) -> str:
    return mrkdwn.link(answer.source_link(n), f"[{n}]")


def _notice(answer: Answer) -> str:
    """The answer's first sentence, which a notification shows."""
    text = unmarked(answer.parts[0].text) if answer.parts else ""
    start, end = next(iter(sentences(text, 0, len(text))), (0, len(text)))
    return mrkdwn.escaped(mrkdwn.shortened(text[start:end], LONGEST_NOTICE)) or "An answer."


def _plain(answer: Answer, now: datetime) -> str:
    """Everything but the buttons as one text."""
    ends = [
        *_sources(answer, now, LONGEST_TEXT // 2),
        *_nearest(answer, now),
        *_writer_lines(answer, now),
    ]
    end = "\n".join(ends)
    body = "\n".join(_stretches(answer, max(200, LONGEST_TEXT - len(end)), MOST_BLOCKS))
    return f"{body}\n\n{end}".strip()


# What stands below it


def _sources(answer: Answer, now: datetime, room: int = MOST_FOR_SOURCES) -> list[str]:
    """A line for each source; with plainer links, then none, where they do not fit the room."""
    lines: list[str] = []
    for level, longest in enumerate(SOURCE_CHARACTERS):
        lines = [_source(answer, passage, now, level, longest) for passage in answer.cited]
        if sum(map(len, lines)) <= room:
            break
    return lines


def _source(answer: Answer, passage: Passage, now: datetime, level: int, longest: int) -> str:
    addresses = (answer.source_link(passage.n), passage.url, "")
    label = mrkdwn.link(addresses[level], mrkdwn.shortened(passage.heading, longest))
    return f"[{passage.n}] {label}{about(passage, now)}"


def _source_blocks(answer: Answer, now: datetime) -> list[Block]:
    """What is cited; where nothing is, the nearest articles."""
    sources, nearest = _sources(answer, now), _nearest(answer, now)
    found = _contexts(["*Sources*", *sources]) if sources else []
    return found + ([section("\n".join(["*The nearest articles*", *nearest]))] if nearest else [])


def _nearest(answer: Answer, now: datetime) -> list[str]:
    if answer.verdict is not Verdict.NOT_COVERED:
        return []
    return [
        f"•  {mrkdwn.link(each.url, mrkdwn.shortened(each.title, 150))}{about(each, now)}"
        for each in answer.nearest_articles()
    ]


def _writer_lines(answer: Answer, now: datetime) -> list[str]:
    if answer.verdict is not Verdict.ANSWERED and not answer.note:
        return []  # nobody wrote anything
    if answer.verdict is Verdict.FAILED:
        return []
    lines = writer(answer, now).splitlines()
    return [mrkdwn.escaped(mrkdwn.shortened(line, LONGEST_NOTICE)) for line in lines]


def _contexts(lines: Sequence[str]) -> list[Block]:
    """Small print, in as many context blocks as its lines need; none where there are none."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [context(text) for text in texts]


def context(text: str) -> Block:
    """A line of small print in Slack's markup."""
    return {"type": "context", "elements": [marked(text)]}


def section(text: str) -> Block:
    """A paragraph in Slack's markup."""
    return {"type": "section", "text": marked(text)}


def marked(text: str) -> Block:
    """A text object in which nothing becomes a link but what is written as one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def plain_text(text: str) -> Block:
    """A text object without any markup."""
    return {"type": "plain_text", "text": text}
