"""Charts as SVG: bars and lines, with their numbers, readable without a script."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT, LEFT, BOTTOM = 640, 240, 130, 40
_BAR = 22
_GAP = 10
COLOURS = ("#2f6f4f", "#b4552d", "#4a6fa5", "#8a8a8a")


@dataclass(frozen=True, slots=True)
class Bar:
    """A labelled length, of which `longest` is the whole width."""

    label: str
    value: float
    shown: str


def bars(title: str, rows: Sequence[Bar], longest: float) -> str:
    """Horizontal bars."""
    height = 30 + len(rows) * (_BAR + _GAP)
    found = [_opening(title, height)]
    for at, row in enumerate(rows):
        top = 26 + at * (_BAR + _GAP)
        length = (WIDTH - LEFT - 90) * min(1.0, max(0.0, row.value / longest if longest else 0))
        found.append(_text(LEFT - 8, top + 16, row.label, anchor="end"))
        found.append(
            f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{_BAR}"'
            f' fill="{COLOURS[at % len(COLOURS)]}"/>'
        )
        found.append(_text(LEFT + length + 6, top + 16, row.shown))
    return "".join([*found, "</svg>"])


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through nought: dollars a month for each answer, from a cost on."""

    label: str
    start: float
    slope: float


def lines(title: str, drawn: Sequence[Line], until: float, mark: float | None) -> str:
    """Costs over a month's answers, with a mark where two meet."""
    most = max((line.start + line.slope * until for line in drawn), default=0) or 1.0
    found = [_opening(title, HEIGHT)]
    right, top, low = WIDTH - 20, 30, HEIGHT - BOTTOM
    found.append(f'<path d="M {LEFT} {top} V {low} H {right}" stroke="#888" fill="none"/>')
    for at, line in enumerate(drawn):
        y = [low - (low - top) * (line.start + line.slope * x) / most for x in (0.0, until)]
        colour = COLOURS[at % len(COLOURS)]
        found.append(
            f'<line x1="{LEFT}" y1="{y[0]:.1f}" x2="{right}" y2="{y[1]:.1f}" stroke="{colour}"'
            ' stroke-width="2"/>'
        )
        found.append(_text(LEFT + 8, top + 14 + 16 * at, line.label, colour=colour))
    found.append(_text(LEFT, low + 18, "0"))
    found.append(_text(right, low + 18, f"{until:,.0f} answers a month", anchor="end"))
    found.append(_text(LEFT - 8, top + 6, f"${most:,.2f}", anchor="end"))
    if mark is not None and mark <= until:
        x = LEFT + (right - LEFT) * mark / until
        found.append(
            f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{low}" stroke="#888"'
            ' stroke-dasharray="4"/>'
        )
        found.append(_text(x + 4, low - 6, f"{mark:,.0f}"))
    return "".join([*found, "</svg>"])


def _opening(title: str, height: int) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
        f' aria-label="{escape(title)}" font-family="sans-serif" font-size="13">'
        f"<title>{escape(title)}</title>{_text(0, 14, title)}"
    )


def _text(
    x: float, y: float, words: str, *, anchor: str = "start", colour: str = "currentColor"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">'
        f"{escape(words)}</text>"
    )
