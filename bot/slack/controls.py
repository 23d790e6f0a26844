"""Controls: the buttons and menus below an answer, and what a click on one says.

Pure. A control's value is its answer's id, after the choice made with it where there is one:
`up 7`, `share 7`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from bot.answers import Answer, Verdict
from bot.voice.voices import NEUTRAL

Block = dict[str, Any]

VOTE, VOTE_UP, VOTE_DOWN = "vote", "vote_up", "vote_down"
SHOW_PASSAGES, COPY, MORE = "show_passages", "copy", "more"
BRAND_VOICE, NEUTRAL_VOICE = "brand_voice", "neutral_voice"
SHARE_HERE, KEEP = "share_here", "keep_private"
REVIEW = "review"  # also in the Home tab
ANSWER_AGAIN = "answer_again"  # in an offer, after the question was edited
UP, DOWN = "up", "down"
SHARE, HAND_OFF = "share", "hand_off"  # choices of MORE, as REVIEW is
CHOICES = {
    SHARE: "Share in another channel",
    HAND_OFF: "Hand off to the team",
    REVIEW: "Review (for leads)",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A thread of a channel, or a channel's own level."""

    channel: str
    thread_ts: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """An answer's message, who clicked below it, and what was chosen where there was a choice.

    In a view there is no message, so `channel` and `message_ts` are empty.
    """

    answer_id: int
    channel: str
    thread_ts: str | None
    message_ts: str
    user: str
    choice: str = ""

    @classmethod
    def clicked(cls, body: Mapping[str, Any]) -> Self:
        """Read a click."""
        container = body.get("container") or {}
        message = body.get("message") or {}
        action = body["actions"][0]
        value = str((action.get("selected_option") or action).get("value") or "")
        choice, _, answer_id = value.rpartition(" ")
        return cls(
            answer_id=int(answer_id),
            channel=str((body.get("channel") or {}).get("id") or ""),
            thread_ts=message.get("thread_ts") or container.get("thread_ts"),
            message_ts=str(container.get("message_ts") or message.get("ts") or ""),
            user=str(body["user"]["id"]),
            choice=choice,
        )

    @property
    def place(self) -> Place:
        """Where to say a word to whoever clicked."""
        return Place(self.channel, self.thread_ts)


def controls(
    answer: Answer, brand_voice: str | None, *, private: bool, feedback: bool
) -> list[Block]:
    """What can be done with an answer, in blocks.

    `private`: only one person sees the answer. `feedback`: the workspace knows feedback buttons;
    elsewhere two plain ones do their work.
    """
    if answer.verdict is Verdict.FAILED or answer.id is None:
        return []
    value = str(answer.id)
    buttons: list[Block] = []
    if not feedback:
        buttons += [
            button(VOTE_UP, "👍", value, "This answer helped"),
            button(VOTE_DOWN, "👎", value, "This answer did not help"),
        ]
    if answer.evidence.passages:
        buttons.append(button(SHOW_PASSAGES, "Show passages", value))
    buttons += _voice_buttons(answer, brand_voice, value)
    if answer.verdict is Verdict.ANSWERED:
        buttons.append(button(COPY, "Copy for customer", value))
    else:
        buttons.append(button(HAND_OFF, "Hand off", value))
    placed = {each["action_id"] for each in buttons}
    buttons.append(_menu(value, [each for each in CHOICES if each not in placed]))
    return [
        *([_feedback(value)] if feedback else []),
        *([_row(f"private-{value}", _private_buttons(value))] if private else []),
        _row(f"answer-{value}", buttons),
    ]


def _row(name: str, elements: list[Block]) -> Block:
    return {"type": "actions", "block_id": name, "elements": elements}


def _private_buttons(value: str) -> list[Block]:
    return [
        button(SHARE_HERE, "Share here", value) | {"style": "primary"},
        button(KEEP, "Keep to myself", value),
    ]


def _voice_buttons(answer: Answer, brand_voice: str | None, value: str) -> list[Block]:
    if answer.voice != NEUTRAL:
        return [button(NEUTRAL_VOICE, "Neutral", value)]
    if brand_voice and answer.verdict is Verdict.ANSWERED:
        return [button(BRAND_VOICE, "In brand voice", value)]
    return []


def _feedback(value: str) -> Block:
    def vote(mark: str, choice: str, spoken: str) -> Block:
        text = {"type": "plain_text", "text": mark}
        return {"text": text, "value": f"{choice} {value}", "accessibility_label": spoken}

    buttons = {
        "type": "feedback_buttons",
        "action_id": VOTE,
        "positive_button": vote("👍", UP, "This answer helped"),
        "negative_button": vote("👎", DOWN, "This answer did not help"),
    }
    return {"type": "context_actions", "block_id": f"vote-{value}", "elements": [buttons]}


def _menu(value: str, choices: Sequence[str]) -> Block:
    options = [option(CHOICES[choice], f"{choice} {value}") for choice in choices]
    return {"type": "overflow", "action_id": MORE, "options": options}


def button(action_id: str, label: str, value: str, spoken: str | None = None) -> Block:
    """A button; `spoken` is what a screen reader says instead of its label."""
    made: Block = {
        "type": "button",
        "action_id": action_id,
        "text": {"type": "plain_text", "text": label, "emoji": True},
        "value": value,
    }
    return made | ({"accessibility_label": spoken} if spoken else {})


def option(label: str, value: str) -> Block:
    """A choice of a menu."""
    return {"text": {"type": "plain_text", "text": label}, "value": value}
