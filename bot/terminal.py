"""An answer on a terminal."""

import contextlib
import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.text import Text

from bot.ages import age
from bot.answers import Answer, Verdict
from bot.wording import styled

if TYPE_CHECKING:
    from bot.answering import Progress

WIDTH = 96
_NO_BREAK = "\N{NO-BREAK SPACE}"
_BEFORE_MARKER = re.compile(r" (?=\[\d+\])")
_LEAD = re.compile(r"\s*(?:\d+\.|-) ")


@contextlib.contextmanager
def unfolding(console: Console | None = None) -> Iterator["Progress"]:
    """Shows an answer as it is written and checked, and takes it away at the end."""
    with Live(console=console, transient=True) as live:

        async def show(so_far: Answer) -> None:
            live.update(_body(so_far), refresh=True)

        yield show


def print_answer(answer: Answer, console: Console | None = None) -> None:
    """Print the answer, its numbered sources with their links, and who wrote it."""
    console = console or Console(highlight=False, soft_wrap=True)
    console.print(_body(answer))
    console.print()
    if answer.verdict is Verdict.NOT_COVERED and answer.evidence.passages:
        console.print(Text("The nearest articles are:"))
        for nearest in answer.nearest_articles():
            _print_source(console, f"  {nearest.title}", nearest.url)
    for passage in answer.cited:
        _print_source(
            console,
            f"[{passage.n}] {passage.heading}{_updated(passage.updated_at)}",
            answer.source_link(passage.n),
        )
    console.print(Text(signature(answer), style="dim"))


def signature(answer: Answer) -> str:
    """Who wrote the answer, in what voice and how long it took, with anything unusual."""
    took = f"{answer.timings_ms.get('total', 0) / 1000:.2f} s"
    if answer.verdict is Verdict.ANSWERED:
        by_model = f"Written by {answer.model}"
        writer = "Quoted from the articles" if answer.engine == "quotes" else by_model
        checked = f" · verified by a lead, {age(answer.verified.at)}" if answer.verified else ""
        said = f"{writer} · {answer.voice} voice{checked} · {took}"
    else:
        said = f"No answer after {took}"
    cost = f" · ${answer.cost_usd:.4f}" if answer.cost_usd else ""
    note = f"\n{answer.note}" if answer.note else ""
    return f"{said}{cost}{note}"


def _body(answer: Answer) -> Text:
    return Text("\n").join(_styled(_wrapped(line)) for line in answer.text.splitlines())


def _print_source(console: Console, title: str, url: str) -> None:
    console.print(Text(title))
    if url:
        console.print(Text(f"    {url}", style="cyan"))


def _updated(moment: object) -> str:
    return f" (updated {moment:%Y-%m-%d})" if moment else ""


def _wrapped(line: str) -> str:
    """The line within WIDTH, a step's or item's further lines below its words."""
    lead = _LEAD.match(line)
    indent = " " * lead.end() if lead else ""
    filled = textwrap.fill(
        _BEFORE_MARKER.sub(_NO_BREAK, line),  # a marker stays with its words
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(_NO_BREAK, " ")


def _styled(line: str) -> Text:
    """The words of a part as a terminal shows them: bold as bold, code in a colour."""
    text = Text()
    for words, bold, code in styled(line):
        text.append(words, style=" ".join(filter(None, ["bold" * bold, "cyan" * code])))
    return text
