"""What the chat model is shown: the rules, the numbered passages as data, the question."""

import functools
import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from typing import Literal

from bot.evidence import Evidence, Passage
from ingest.markup import plain_text

NOT_COVERED = "NOT_COVERED"
_FENCE = re.compile(r"<(?=\s*/?\s*passages)", re.IGNORECASE)
_NUMBERED = re.compile(r"^(\s*)\[(\d+)\]", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


@functools.cache
def rules() -> str:
    """The text of prompt.md."""
    return resources.files("bot").joinpath("prompt.md").read_text(encoding="utf-8")


@functools.cache
def version() -> str:
    """The first twelve hex digits of the prompt's sha256, kept with every answer it led to."""
    return hashlib.sha256(rules().encode()).hexdigest()[:12]


def messages(question: str, evidence: Evidence) -> list[Message]:
    """The conversation that asks for an answer."""
    passages = "\n\n".join(map(_shown, evidence.passages))
    return [
        Message("system", rules()),
        Message("user", f"<passages>\n{_fenced(passages)}\n</passages>\n\nQuestion: {question}"),
    ]


def standalone_messages(question: str, earlier: list[str]) -> list[Message]:
    """The conversation that makes a follow-up stand alone."""
    thread = "\n".join(f"- {_one_line(text)}" for text in earlier)
    return [
        Message(
            "system",
            "Rewrite the last question of a thread so that it can be understood without the"
            " thread. Keep its language and its names. Answer with the question alone.",
        ),
        Message("user", f"Earlier questions:\n{thread}\n\nLast question: {question}"),
    ]


def _shown(passage: Passage) -> str:
    """A passage under its number; its own lines cannot pass for another passage's beginning."""
    text = _NUMBERED.sub(r"\1(\2)", plain_text(passage.text))
    return f"[{passage.n}] {_one_line(passage.heading)}{_date(passage.updated_at)}\n{text}"


def _fenced(text: str) -> str:
    """Passages can neither close the fence they stand in nor open another."""
    return _FENCE.sub("‹", text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _date(moment: object) -> str:
    return f" (updated {moment:%Y-%m-%d})" if moment else ""
