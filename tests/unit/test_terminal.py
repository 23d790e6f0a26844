"""An answer on a terminal, while it is written and when it is whole."""

import io
from dataclasses import replace

from rich.console import Console

from bot.answers import Answer, Citation, Part, Support, Verdict
from bot.evidence import Evidence, Passage
from bot.terminal import print_answer, unfolding

TEXT = "Refunds take 5 days."
PASSAGE = Passage(
    1, 1, "a", 1, "Refunds", "https://h.example/1", "public", "en", None, ("Refunds",), None,
    0, len(TEXT), TEXT, 1.0,
)  # fmt: skip
PART = Part(TEXT, (Citation(1, 0, len(TEXT), Support.SUPPORTED),), support=Support.SUPPORTED)
ANSWER = Answer("Why?", Verdict.ANSWERED, "chat", (PART,), Evidence((PASSAGE,)), model="m")


async def test_it_unfolds_and_goes_again() -> None:
    written = io.StringIO()
    console = Console(file=written, force_terminal=True, width=80)

    with unfolding(console) as show:
        await show(ANSWER)
        assert written.getvalue().count(TEXT) == 1
        await show(replace(ANSWER, parts=(PART, Part("More."))))
        assert "More." in written.getvalue()

    assert written.getvalue().endswith("\x1b[1A\x1b[2K")  # up a line and wiped


def test_the_whole_answer_has_its_sources() -> None:
    written = io.StringIO()
    parts = (PART, replace(PART, text="Then **wait** for `it`: " + "word " * 30))
    print_answer(replace(ANSWER, parts=parts), Console(file=written, width=300, highlight=False))

    lines = written.getvalue().splitlines()
    assert lines[0].startswith("Refunds take 5 days. [1] Then wait for it: word")
    assert max(map(len, lines)) <= 96
    assert "[1] Refunds" in lines
    assert "    https://h.example/1#:~:text=Refunds%20take%205%20days." in lines
