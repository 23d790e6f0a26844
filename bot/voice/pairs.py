"""Pairs: an answer's neutral statements and how the desk words them, and the prompt made of them.

A voice is asked at work exactly as it was trained, so both come from here.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.chat.prompt import Message

RULES = """
You reword the numbered lines of a support answer. Give back exactly as many lines with the same
numbers, in the same order, and nothing else. Keep every number, price, date, name, menu path in
**bold**, `code`, link, condition and negation exactly as it is. Add no facts and leave none out.
""".strip()
AGAIN = "Some lines were not kept to the rules. Reword these anew: {}."
_LINE = re.compile(r"^\s*(\d+)[.)]\s+(.+)$")


@dataclass(frozen=True, slots=True)
class Pair:
    """Neutral statements, and the desk's wording of each."""

    neutral: tuple[str, ...]
    wording: tuple[str, ...]

    @property
    def asked(self) -> str:
        """What the voice is shown."""
        return numbered(self.neutral)

    @property
    def said(self) -> str:
        """What it should give back."""
        return numbered(self.wording)


def numbered(lines: Sequence[str]) -> str:
    """Statements as numbered lines."""
    return "\n".join(f"{n}. {line}" for n, line in enumerate(lines, start=1))


def line_read(line: str) -> tuple[int, str] | None:
    """The number and words of one line; None where it is no numbered line."""
    match = _LINE.match(line)
    return (int(match[1]), match[2]) if match else None


def lines_read(text: str, count: int) -> list[str] | None:
    """A wording for each of `count` lines; None when a reply does not have that shape."""
    found = [line_read(line) for line in text.splitlines() if line.strip()]
    if [read[0] if read else 0 for read in found] == list(range(1, count + 1)):
        return [read[1] for read in found if read]
    return [" ".join(text.split())] if count == 1 and not any(found) else None


def system(instructions: str) -> Message:
    """What a voice is told first."""
    return Message("system", f"{RULES}\n\n{instructions}")


def messages(
    instructions: str, exemplars: Sequence[Pair], lines: Sequence[str], complaints: Sequence[str]
) -> list[Message]:
    """The conversation that asks for lines in a voice; after `complaints`, for the second time."""
    found = [system(instructions)]
    for pair in exemplars:
        found += [Message("user", pair.asked), Message("assistant", pair.said)]
    wanted = numbered(lines)
    if complaints:
        said = "; ".join(f"line {n} {why}" for n, why in enumerate(complaints, start=1))
        wanted = f"{AGAIN.format(said)}\n{wanted}"
    return [*found, Message("user", wanted)]
