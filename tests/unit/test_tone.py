"""What people read in Slack: calm, plain words without what only a programmer would know."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import bot.slack
from bot.answers import CLOSEST, FAILED, NOT_COVERED

ROOM = Path(bot.slack.__file__).parent
SPOKEN = [*ROOM.glob("actions/*.py"), *ROOM.glob("places/*.py")]
SPOKEN += [ROOM / name for name in ("blocks.py", "controls.py", "desk.py", "replies.py")]
JARGON = re.compile(
    r"\b(?:exception|error|traceback|null|payload|json|api|http|database|postgres|timeout"
    r"|invalid|failed|retry|token|embedding|vector|query|server|unexpected|oops|sorry)\b",
    re.IGNORECASE,
)


def sentences(file: Path) -> Iterator[str]:
    """The strings with a space in them that are neither documentation nor for the log."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    silent = {
        id(node)
        for parent in ast.walk(tree)
        for node in ast.walk(parent)
        if (isinstance(parent, ast.Expr) and isinstance(parent.value, ast.Constant))
        or (isinstance(parent, ast.Call) and ast.unparse(parent.func).startswith("log."))
    }
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and " " in text and id(node) not in silent:
            yield text


@pytest.mark.parametrize("file", SPOKEN, ids=lambda file: file.stem)
def test_nothing_is_shouted_or_said_in_jargon(file: Path) -> None:
    for said in sentences(file):
        assert "!" not in said.replace("<!subteam", ""), said
        assert not JARGON.search(said), said


def test_there_is_something_to_read() -> None:
    assert sum(len(list(sentences(file))) for file in SPOKEN) > 60


@pytest.mark.parametrize("said", [NOT_COVERED, FAILED, CLOSEST])
def test_answers_that_are_none_are_calm(said: str) -> None:
    assert "!" not in said
    assert not JARGON.search(said)
