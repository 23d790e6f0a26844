"""A calibration on a terminal: how the scores lie, and what the line keeps and refuses."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bot.sufficiency.measured import Measured

WIDTH = 60  # columns of a histogram
LOW, HIGH = 0.0, 1.2  # scores at its ends
_BARS = " ▁▂▃▄▅▆▇█"


def print_measured(measured: Measured, names: tuple[str, str, str], console: Console) -> None:
    """A histogram of each group under one scale, the table, and the risk–coverage points.

    `names` are what the answerable, the near and the strangers' questions are called.
    """
    groups = (measured.answerable, measured.near, measured.strangers)
    line = measured.calibration.threshold
    label = max(map(len, names))
    table = Table("questions", "number", "answered", "of all with a warning", "AUROC")
    for name, scores in zip(names, groups, strict=True):
        console.print(Text(f"{name:>{label}}  {histogram(scores)}"))
        told = None if scores is measured.answerable else measured.auroc(scores)
        table.add_row(
            name,
            str(len(scores)),
            _percent(measured.answered(scores)),
            _percent(measured.warned(scores)),
            "" if told is None else f"{told:.3f}",
        )
    pointer = " " * _column(line) + "▲"
    console.print(Text(f"{'':>{label}}  {pointer}"))
    sure = measured.calibration.sure
    console.print(
        f"Answered from a score of {line:.3f} on, without a warning from {sure:.3f} on.\n"
    )
    console.print(table)
    curve = Table("answered of all", "of these in vain", "from a score of")
    for point in measured.risk_coverage():
        curve.add_row(
            _percent(point["coverage"]), _percent(point["risk"]), f"{point['threshold']:.3f}"
        )
    console.print(curve)


def histogram(scores: Sequence[float]) -> str:
    """A column for each step of the score, the fullest one full."""
    counts = [0] * WIDTH
    for score in scores:
        counts[_column(score)] += 1
    top = max(counts) or 1
    return "".join(_BARS[-(-count * (len(_BARS) - 1) // top)] for count in counts).rstrip()


def _column(score: float) -> int:
    return min(max(int((score - LOW) / (HIGH - LOW) * WIDTH), 0), WIDTH - 1)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"
