"""What the fake model says when nothing is scripted: a small, sensible, grounded model."""

import hashlib
import math
import re
from typing import NamedTuple

from tests.fakes.serving import Json

NOT_COVERED = "NOT_COVERED"

_TAGGED = re.compile(r'<passage\b[^>]*?\bn="?(\d+)"?[^>]*>(.*?)</passage>', re.DOTALL)
_NUMBERED = re.compile(r"^\[(\d+)\][ \t]+(.*?)(?=^\[\d+\][ \t]|\Z)", re.MULTILINE | re.DOTALL)
_AFTER_PASSAGES = re.compile(r"\n\s*(?:</passages>|Question:)")
_ASKED = re.compile(r"question:\s*(.+)\Z", re.IGNORECASE | re.DOTALL)
_LAST_QUESTION = re.compile(r"^Last question:\s*(.+)\Z", re.MULTILINE | re.DOTALL)
_NUMBERED_LINE = re.compile(r"^\s*(\d+)[.)]\s+(.+)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_LEADING_MARKUP = re.compile(r"^(?:#+|[-*>]|\d+\.)\s+")
_WORD = re.compile(r"\w+")


class NumberedPassage(NamedTuple):
    number: int
    text: str


def message_text(message: Json) -> str:
    """Return a chat message's text, whether its content is a string or a list of parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)


def passages_in(text: str) -> list[NumberedPassage]:
    """Find `<passage n="1">…</passage>`, or else lines that begin with `[1] `."""
    found = _TAGGED.findall(text) or _NUMBERED.findall(text)
    return [
        NumberedPassage(int(number), _AFTER_PASSAGES.split(body)[0].strip())
        for number, body in found
    ]


def grounded_reply(body: Json) -> str:
    """Answer with the sentence of the first passage that is closest to the question, and `[n]`.

    Asked to make a follow-up stand alone ("Last question: …"), give that question back; with
    nothing to stand on, answer NOT_COVERED.
    """
    texts = [message_text(message) for message in body.get("messages", [])]
    prompt = next((text for text in reversed(texts) if passages_in(text)), "")
    passages = passages_in(prompt)
    if not passages:
        follow_up = _LAST_QUESTION.search(texts[-1]) if texts else None
        return follow_up[1].strip() if follow_up else NOT_COVERED
    first = min(passages)
    question = _ASKED.search(texts[-1])
    asked = _words(question[1] if question else texts[-1])
    best = max(statements(first.text), key=lambda part: len(asked & _words(part)))
    return f"{best} [{first.number}]"


def cheerful_voice(body: Json) -> str:
    """Reword as a well-behaved voice does: the numbered lines come back, the first one cheerful."""
    texts = [message_text(message) for message in body.get("messages", [])]
    lines = _NUMBERED_LINE.findall(texts[-1]) or [("1", texts[-1].strip())]
    said = [
        f"{number}. {'' if index else 'Happy to help! '}{line}"
        for index, (number, line) in enumerate(lines)
    ]
    return "\n".join(said)


def embedding(text: str, dimensions: int) -> list[float]:
    """Return a unit vector that depends on nothing but the words: shared words, near vectors."""
    vector = [0.0] * dimensions
    for word in _WORD.findall(text.lower()) or [text]:
        digest = hashlib.sha256(word.encode()).digest()
        for start in range(0, 16, 4):
            place = int.from_bytes(digest[start : start + 4], "big") % dimensions
            vector[place] += 1.0 if digest[start + 16] % 2 else -1.0
    length = math.sqrt(sum(value * value for value in vector))
    if not length:  # opposite signs met: any fixed direction will do
        return [1.0] + [0.0] * (dimensions - 1)
    return [value / length for value in vector]


def token_count(text: str) -> int:
    """Estimate tokens as real ones come out for English: about four characters each."""
    return math.ceil(len(text) / 4)


def statements(passage: str) -> list[str]:
    """Return a passage's sentences, without its heading, questions and scraps where it has more."""
    lines = passage.split("\n", 1)
    body = lines[1] if len(lines) > 1 and not lines[0].rstrip().endswith((".", "!")) else passage
    sentences = [_LEADING_MARKUP.sub("", part.strip()) for part in _SENTENCE_END.split(body)]
    usable = [part for part in sentences if len(part.split()) > 2 and not part.endswith("?")]
    return usable or [" ".join(passage.split())]


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.lower()))
