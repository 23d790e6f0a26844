"""Rewording: a voice changes the words of an answer's parts, never their facts or citations.

The voice sees numbered lines without citations and gives as many back; code puts the citations
where they were. Whatever is not so leaves the neutral wording standing, and the answer says it.
"""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.answers import Answer, Part, Verdict
from bot.chat.drafts import drafts
from bot.chat.prompt import Message
from bot.errors import ChatModelError
from bot.voice.facts import altered
from bot.voice.voices import Voice
from bot.wording import wording
from ingest.errors import Retryable

if TYPE_CHECKING:
    from bot.chat.model import Completion

_RULES = """
You reword the numbered lines of a support answer. Give back exactly as many lines with the same
numbers, in the same order, and nothing else. Keep every number, price, date, name, menu path in
**bold**, `code`, link, condition and negation exactly as it is. Add no facts and leave none out.
""".strip()
_LINE = re.compile(r"^\s*(\d+)[.)]\s+(.+)$")


async def reword(answer: Answer, voice: Voice) -> Answer:
    """The answer in a voice; the neutral one with a note where the voice could not be used."""
    if answer.verdict is not Verdict.ANSWERED:
        return answer
    try:
        completion = await voice.model.complete(_messages(answer, voice))
    except (ChatModelError, Retryable) as error:
        return _neutral(answer, voice, str(error).splitlines()[0])
    lines = _lines(completion.text, answer.parts)
    if lines is None:
        return _neutral(answer, voice, "it lost a statement or a citation.", completion)
    for part, line in zip(answer.parts, lines, strict=True):
        changed = altered(part.text, line)
        if changed:
            return _neutral(answer, voice, f"it {changed}.", completion)
    parts = tuple(replace(part, text=line) for part, line in zip(answer.parts, lines, strict=True))
    return replace(
        answer,
        parts=parts,
        voice=voice.name,
        model=completion.model,
        cost_usd=answer.cost_usd + completion.cost_usd,
        id=None,
    )


def _neutral(
    answer: Answer, voice: Voice, reason: str, completion: "Completion | None" = None
) -> Answer:
    spent = completion.cost_usd if completion else 0.0
    note = f"Neutral wording: the voice {voice.name} could not be used: {reason}"
    return replace(answer, note=note, cost_usd=answer.cost_usd + spent, id=None)


def _messages(answer: Answer, voice: Voice) -> list[Message]:
    found = [Message("system", f"{_RULES}\n\n{voice.instructions}")]
    for exemplar in voice.exemplars:
        found.append(Message("user", f"1. {exemplar.neutral}"))
        found.append(Message("assistant", f"1. {exemplar.wording}"))
    lines = "\n".join(f"{n}. {part.text}" for n, part in enumerate(answer.parts, start=1))
    return [*found, Message("user", lines)]


def _lines(text: str, parts: tuple[Part, ...]) -> list[str] | None:
    """A wording for each part, in order; None when the reply does not have that shape."""
    matches = [_LINE.match(line) for line in text.splitlines() if line.strip()]
    numbers = [int(match[1]) if match else 0 for match in matches]
    if numbers == list(range(1, len(parts) + 1)):
        pieces = [match[2] for match in matches if match]
    elif len(parts) == 1:
        pieces = [" ".join(text.split())]
    else:
        return None
    wordings = []
    for piece, part in zip(pieces, parts, strict=True):
        cites = {n for draft in drafts(piece) for n in draft.cites}
        if cites - {citation.n for citation in part.citations}:
            return None  # a citation was moved
        wordings.append(" ".join(draft.text for draft in drafts(piece)) or wording(piece))
    return wordings
