"""The modals: the passages an answer cites, verbatim, and a lead's review.

Pure, as blocks.py is.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.answers import Answer, Verdict
from bot.evidence import Passage
from bot.review.verdicts import ReviewVerdict
from bot.slack import mrkdwn
from bot.slack.blocks import Block, about, marked

MOST_BLOCKS = 100  # of a modal
LONGEST_STRETCH = 2_000  # characters of text in one block
LONGEST_INPUT = 3_000  # characters of a text a modal can begin with
REVIEW = "review"
CHOICES = {
    ReviewVerdict.APPROVE: "Approve: it is right as it is",
    ReviewVerdict.AMEND: "Amend: it should read as below",
    ReviewVerdict.REJECT: "Reject: it is wrong",
    ReviewVerdict.ARTICLE_WRONG: "The article is wrong or out of date",
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is shown, so that a word to its reader can be said there."""

    channel: str
    thread_ts: str | None


def passages_view(answer: Answer, now: datetime) -> Block:
    """The exact text of every source, the cited words in bold; the nearest ones where none is."""
    shown = answer.cited or list(answer.evidence.passages[:3])
    blocks: list[Block] = []
    if answer.standalone:
        searched = mrkdwn.escaped(mrkdwn.shortened(answer.standalone, 500))
        blocks.append(_text(f"Understood from the thread as: *{searched}*"))
    if answer.verdict is not Verdict.ANSWERED:
        blocks.append(_text("These passages came nearest; none of them answers the question."))
    for passage in shown:
        divider: list[Block] = [{"type": "divider"}] if blocks else []
        more = [*divider, _heading(answer, passage, now), *_verbatim(answer, passage)]
        if len(blocks) + len(more) > MOST_BLOCKS - 1:
            blocks.append(_text("More passages are cited than fit here."))
            break
        blocks += more
    return {
        "type": "modal",
        "title": _plain("Passages"),
        "close": _plain("Close"),
        "blocks": blocks or [_text("No passage was found for this question.")],
    }


def _heading(answer: Answer, passage: Passage, now: datetime) -> Block:
    cited = passage in answer.cited
    address = answer.source_link(passage.n) if cited else passage.url
    title = mrkdwn.escaped(mrkdwn.shortened(passage.heading, 200))
    number = f"[{passage.n}] " if cited else ""
    date = f" ({passage.updated_at:%Y-%m-%d})" if passage.updated_at else ""
    opening = f" · {mrkdwn.link(address, 'Open the article')}" if address else ""
    version = f"version {passage.version}{date}"
    return _text(f"*{number}{title}*\n{version}{about(passage, now)}{opening}")


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


# Review


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """What a lead put into the review modal, and on which answer."""

    answer_id: int
    place: Place
    verdict: ReviewVerdict
    wording: str | None
    note: str | None


def review_view(answer: Answer, place: Place) -> Block:
    """The modal in which a lead says what an answer is worth."""
    kept = {"answer": answer.id, "channel": place.channel, "thread_ts": place.thread_ts}
    wording: Block = {"type": "plain_text_input", "action_id": "wording", "multiline": True}
    if len(answer.text) <= LONGEST_INPUT:
        wording["initial_value"] = answer.text
    options = [{"text": _plain(label), "value": each.value} for each, label in CHOICES.items()]
    return {
        "type": "modal",
        "callback_id": REVIEW,
        "private_metadata": json.dumps(kept),
        "title": _plain("Review this answer"),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "blocks": [
            _text(f"*{mrkdwn.escaped(mrkdwn.shortened(answer.question, 500))}*"),
            _input(
                "verdict",
                "Your verdict",
                {"type": "radio_buttons", "action_id": "verdict", "options": options},
            ),
            _input(
                "wording",
                "How it should read",
                wording,
                optional=True,
                hint="Used when you amend. Keep the numbers in brackets: they are the sources.",
            ),
            _input(
                "note",
                "Note",
                {"type": "plain_text_input", "action_id": "note", "multiline": True},
                optional=True,
                hint="For the desk, or for whoever mends the article.",
            ),
        ],
    }


def review_form(view: Mapping[str, Any]) -> ReviewForm:
    """Read a submitted review modal."""
    kept = json.loads(view["private_metadata"])
    entered = view["state"]["values"]
    chosen = entered["verdict"]["verdict"]["selected_option"]["value"]
    return ReviewForm(
        int(kept["answer"]),
        Place(kept["channel"], kept["thread_ts"]),
        ReviewVerdict(chosen),
        (entered["wording"]["wording"].get("value") or "").strip() or None,
        (entered["note"]["note"].get("value") or "").strip() or None,
    )


def review_errors(form: ReviewForm, answer: Answer) -> dict[str, str]:
    """What has to be mended before the review can be kept, by block."""
    if form.verdict is not ReviewVerdict.AMEND:
        return {}
    if form.wording is None:
        return {"wording": "Write how the answer should read."}
    if form.wording.split() == answer.text.split():
        return {"wording": "This is the answer as it is; change it, or choose Approve."}
    return {}


def _input(
    block_id: str, label: str, element: Block, *, optional: bool = False, hint: str | None = None
) -> Block:
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": _plain(label),
        "element": element,
        "optional": optional,
    }
    return block | ({"hint": _plain(hint)} if hint else {})


def _text(text: str) -> Block:
    return {"type": "section", "text": marked(text)}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
