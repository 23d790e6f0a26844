"""An answer as a Slack message: parts with linked markers, sources, who wrote it, buttons.

Pure: an answer goes in, blocks come out. Sources and buttons are never what gets cut.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.answers import Answer, Kind, Verdict, layout
from bot.evidence import Passage
from bot.slack import mrkdwn
from bot.voice.voices import NEUTRAL
from bot.wording import unmarked
from ingest.markup.sentences import sentences

Block = dict[str, Any]

SECTION = 2_900  # characters; Slack allows 3,000
MOST_CHARACTERS = 12_000  # over all blocks; Slack refuses from about 13,200 on
MOST_BLOCKS = 50
MOST_FOR_SOURCES = 5_000
LONGEST_TEXT = 3_900  # characters; what chat.update takes is 4,000
LONGEST_NOTICE = 300
CUT = "_The answer goes on; the sources below have the rest._"
SOURCE_CHARACTERS = (150, 150, 60)  # of a heading, by how short of room the sources are

VOTE_UP, VOTE_DOWN = "vote_up", "vote_down"
SHOW_PASSAGES, REVIEW = "show_passages", "review"
BRAND_VOICE, NEUTRAL_VOICE = "brand_voice", "neutral_voice"


@dataclass(frozen=True, slots=True)
class Message:
    """What is posted: blocks, the notification's text, and all of it as text for want of blocks."""

    notice: str
    blocks: list[Block]
    plain: str


def answer_message(answer: Answer, now: datetime, brand_voice: str | None = None) -> Message:
    """The message for an answer; `brand_voice` is the one its button offers, if any."""
    below = [
        *_sources_blocks(answer, now),
        *_nearest_blocks(answer, now),
        *_contexts(_writer_lines(answer)),
        *_button_blocks(answer, brand_voice),
    ]
    room = MOST_CHARACTERS - characters(below) - len(CUT)
    stretches = list(_stretches(answer, room, MOST_BLOCKS - len(below) - 1))
    blocks = [*(_section(stretch) for stretch in stretches), *below]
    return Message(_notice(answer), blocks, _plain(answer, now))


def plain_message(text: str) -> Message:
    """A sentence of ours, without buttons."""
    return Message(text, [_section(mrkdwn.escaped(text))], mrkdwn.escaped(text))


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
    """`updated 12 days ago`, in the largest unit that says something."""
    days = max(0, (now - moment).days)
    if days < 2:  # noqa: PLR2004 - today and yesterday have names
        return f"updated {('today', 'yesterday')[days]}"
    for unit, length in (("year", 365), ("month", 30), ("day", 1)):
        count = days // length
        if count:
            return f"updated {count} {unit}{'s' if count > 1 else ''} ago"
    raise AssertionError(days)


def about(passage: Passage, now: datetime) -> str:
    """What else is to be known of a source: its age, and whether it is for us only."""
    age = f" · {ago(passage.updated_at, now)}" if passage.updated_at else ""
    return age + (" · 🔒 internal" if passage.audience == "internal" else "")


def writer(answer: Answer) -> str:
    """Who wrote the answer and in what voice, with anything that was not as usual."""
    by = "Quoted from the articles" if answer.engine == "quotes" else f"Written by {answer.model}"
    note = f"\n{_said_plainly(answer.note)}" if answer.note else ""
    return f"{by} · {answer.voice} voice{note}"


def _said_plainly(note: str) -> str:
    """A note without the reasons that only an operator could use."""
    line = note.splitlines()[0]
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
        *_writer_lines(answer),
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


def _sources_blocks(answer: Answer, now: datetime) -> list[Block]:
    lines = _sources(answer, now)
    return _contexts(["*Sources*", *lines]) if lines else []


def _nearest(answer: Answer, now: datetime) -> list[str]:
    if answer.verdict is not Verdict.NOT_COVERED:
        return []
    return [
        f"•  {mrkdwn.link(each.url, mrkdwn.shortened(each.title, 150))}{about(each, now)}"
        for each in answer.nearest_articles()
    ]


def _nearest_blocks(answer: Answer, now: datetime) -> list[Block]:
    lines = _nearest(answer, now)
    return [_section("\n".join(["*The nearest articles*", *lines]))] if lines else []


def _writer_lines(answer: Answer) -> list[str]:
    if answer.verdict is Verdict.FAILED:
        return []
    lines = writer(answer).splitlines()
    return [mrkdwn.escaped(mrkdwn.shortened(line, LONGEST_NOTICE)) for line in lines]


def _button_blocks(answer: Answer, brand_voice: str | None) -> list[Block]:
    if answer.verdict is Verdict.FAILED or answer.id is None:
        return []
    value = str(answer.id)
    buttons = [
        _button(VOTE_UP, "👍", value, "This answer helped"),
        _button(VOTE_DOWN, "👎", value, "This answer did not help"),
    ]
    if answer.evidence.passages:
        buttons.append(_button(SHOW_PASSAGES, "Show passages", value))
    if answer.voice != NEUTRAL:
        buttons.append(_button(NEUTRAL_VOICE, "Neutral", value))
    elif brand_voice and answer.verdict is Verdict.ANSWERED:
        buttons.append(_button(BRAND_VOICE, "In brand voice", value))
    buttons.append(_button(REVIEW, "Review", value))
    return [{"type": "actions", "block_id": f"answer-{value}", "elements": buttons}]


def _button(action_id: str, label: str, value: str, spoken: str | None = None) -> Block:
    button: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label, "emoji": True},
        "value": value,
    }
    return button | ({"accessibility_label": spoken} if spoken else {})


def _contexts(lines: Sequence[str]) -> list[Block]:
    """Small print, in as many context blocks as its lines need; none where there are none."""
    texts: list[str] = []
    for line in lines:
        if texts and len(texts[-1]) + 1 + len(line) <= SECTION:
            texts[-1] += f"\n{line}"
        else:
            texts.append(line)
    return [{"type": "context", "elements": [marked(text)]} for text in texts]


def _section(text: str) -> Block:
    return {"type": "section", "text": marked(text)}


def marked(text: str) -> Block:
    """A text object in which nothing becomes a link but what is written as one."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}
