"""JSON lines in the forms that chat fine-tuning and preference tuning (DPO) take, and their check.

https://platform.openai.com/docs/guides/supervised-fine-tuning and …/direct-preference-optimization
"""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from bot.errors import DatasetError
from bot.voice.dataset.approved import Approved
from bot.voice.pairs import system

LONGEST = 65_536  # tokens of an example
LARGEST = 512 * 1024 * 1024  # bytes of a file
_LETTERS = 4  # characters a token has, about
_PER_MESSAGE = 4  # tokens that stand around each message
_SUPERVISED = ["system", "user", "assistant"]


def supervised(example: Approved, instructions: str) -> str:
    """An example as a line: the voice is asked as it is at work, and answers as approved."""
    return _line(
        {"messages": [*_asked(example, instructions), _turn("assistant", example.pair.said)]}
    )


def preference(example: Approved, instructions: str) -> str:
    """The approved wording over the one that was liked less, as a line."""
    assert example.rejected is not None
    return _line(
        {
            "input": {"messages": _asked(example, instructions)},
            "preferred_output": [_turn("assistant", example.pair.said)],
            "non_preferred_output": [_turn("assistant", example.rejected)],
        }
    )


def _asked(example: Approved, instructions: str) -> list[dict[str, str]]:
    return [_turn("system", system(instructions).content), _turn("user", example.pair.asked)]


def _turn(role: str, content: str) -> dict[str, str]:
    return {"role": role, "content": content}


def _line(value: Mapping[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)


def tokens(text: str) -> int:
    """How many tokens lines of a file come to, estimated: about four characters each."""
    return sum(
        _PER_MESSAGE + math.ceil(len(turn["content"]) / _LETTERS)
        for line in text.splitlines()
        for turn in _turns(json.loads(line))
    )


def check(name: str, text: str) -> None:
    """Raise DatasetError naming the first line that a service would refuse."""
    if len(text.encode()) > LARGEST:
        raise DatasetError(f"{name} is larger than {LARGEST // 1024**2} MB.")
    for number, line in enumerate(text.splitlines(), start=1):
        wrong = _wrong(line)
        if wrong is not None:
            raise DatasetError(f"{name}, line {number}: {wrong}.")


def _wrong(line: str) -> str | None:
    try:
        value = json.loads(line)
        turns = list(_turns(value))
    except (ValueError, KeyError, TypeError):
        return "it is not JSON of the form that is needed"
    roles = [turn.get("role") for turn in turns]
    wanted = [*_SUPERVISED, "assistant"] if "input" in value else _SUPERVISED
    if roles != wanted:
        return f"its roles are {', '.join(map(str, roles))} instead of {', '.join(wanted)}"
    if not all(isinstance(turn.get("content"), str) and turn["content"].strip() for turn in turns):
        return "a message is empty"
    if tokens(line) > LONGEST:
        return f"it has more than {LONGEST:,} tokens"
    return None


def _turns(value: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    if "input" in value:
        yield from value["input"]["messages"]
        yield from value["preferred_output"]
        yield from value["non_preferred_output"]
    else:
        yield from value["messages"]
