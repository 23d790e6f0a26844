"""An answer on a terminal."""

import textwrap

from rich.console import Console
from rich.text import Text

from bot.answers import Answer, Verdict
from bot.wording import unmarked

WIDTH = 96


def print_answer(answer: Answer, console: Console | None = None) -> None:
    """Print the answer, its numbered sources with their links, and who wrote it."""
    console = console or Console(highlight=False, soft_wrap=True)
    for line in answer.text.splitlines():
        indent = "   " if line[:1].isdigit() or line.startswith("- ") else ""
        console.print(_styled(textwrap.fill(line, WIDTH, subsequent_indent=indent)))
    console.print()
    if answer.verdict is Verdict.NOT_COVERED and answer.evidence.passages:
        console.print("The nearest articles:")
        for title, url in answer.nearest_articles():
            console.print(f"  {title}\n      {url}", style="dim")
    for passage in answer.cited:
        console.print(Text(f"[{passage.n}] {passage.heading}{_updated(passage.updated_at)}"))
        console.print(Text(f"    {answer.source_link(passage.n)}", style="cyan"))
    console.print(Text(signature(answer), style="dim"))


def signature(answer: Answer) -> str:
    """Who wrote the answer, in what voice and how long it took, with anything unusual."""
    writer = "quoted from the articles" if answer.engine == "quotes" else f"written by {answer.model}"
    seconds = answer.timings_ms.get("total", 0) / 1000
    cost = f" · ${answer.cost_usd:.4f}" if answer.cost_usd else ""
    note = f"\n{answer.note}" if answer.note else ""
    return f"{writer} · {answer.voice} voice · {seconds:.2f} s{cost}{note}"


def _updated(moment: object) -> str:
    return f" (updated {moment:%Y-%m-%d})" if moment else ""


def _styled(line: str) -> Text:
    """Bold where the answer is bold."""
    text = Text()
    for index, piece in enumerate(line.split("**")):
        text.append(unmarked(piece), style="bold" if index % 2 else "")
    return text
