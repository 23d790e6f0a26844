"""Charts as SVG: pure, without a script, in the colours of the style sheet."""

from collections.abc import Iterator, Sequence
from datetime import date
from html import escape

from markupsafe import Markup

from bot.review.figures import Figure

WIDTH, HEIGHT = 640, 200
LEFT, BELOW, ABOVE = 44, 24, 10
ROW, NAME = 30, 240  # of a ranked chart: a row's height, the room for its name
LONGEST_NAME = 36
MOST_LABELS = 7  # days that are named


def drawn(figure: Figure) -> Markup | None:
    """The chart of a figure; None for one that is a table only, or empty."""
    if figure.chart == "none" or not figure.rows:
        return None
    pieces = _days(figure) if figure.chart == "days" else _ranks(figure)
    return Markup("".join(pieces))  # noqa: S704 - every text in it is escaped where it is put in


def series(figure: Figure) -> list[tuple[int, str]]:
    """The columns that are drawn, numbered as the style sheet colours them."""
    return list(enumerate(figure.columns[1:], start=1))


def _open(figure: Figure, height: int) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="figure-{figure.key}"'
        ' class="chart" preserveAspectRatio="xMinYMin meet">'
    )


def _days(figure: Figure) -> Iterator[str]:
    """A bar for each day, its columns on top of one another."""
    totals = [sum(_numbers(row)) for row in figure.rows]
    top = _round_up(max(totals))
    room, tall = WIDTH - LEFT, HEIGHT - BELOW - ABOVE
    step = room / len(figure.rows)
    yield _open(figure, HEIGHT)
    for share in (0, 0.5, 1):
        y = ABOVE + tall * (1 - share)
        yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _text(LEFT - 6, y + 4, _short(top * share), "end")
    every = -(-len(figure.rows) // MOST_LABELS)
    for at, row in enumerate(figure.rows):
        x, y = LEFT + at * step, float(ABOVE + tall)
        for number, value in enumerate(_numbers(row), start=1):
            high = tall * value / top
            y -= high
            if value:
                yield (
                    f'<rect class="series-{number}" x="{x + step * 0.12:.1f}" y="{y:.1f}"'
                    f' width="{step * 0.76:.1f}" height="{max(high, 0.8):.1f}"/>'
                )
        if at % every == 0 and isinstance(row[0], date):
            yield _text(x + step / 2, HEIGHT - 6, f"{row[0]:%-d %b}", "middle")
    yield "</svg>"


def _ranks(figure: Figure) -> Iterator[str]:
    """A row for each name, with a bar for each column below one another."""
    top = max(max(_numbers(row), default=0) for row in figure.rows) or 1
    room = WIDTH - NAME - 60
    yield _open(figure, len(figure.rows) * ROW)
    for at, row in enumerate(figure.rows):
        values = _numbers(row)
        y, thick = at * ROW + 5.0, (ROW - 10) / max(len(values), 1)
        yield _text(NAME - 10, at * ROW + ROW / 2 + 4, _name(row[0]), "end")
        for number, value in enumerate(values, start=1):
            wide = max(room * value / top, 1)
            yield (
                f'<rect class="series-{number}" x="{NAME}" y="{y:.1f}" width="{wide:.1f}"'
                f' height="{thick - 1:.1f}" rx="2"/>'
            )
            y += thick
        last = max(room * max(values, default=0) / top, 1)
        said = " / ".join(_short(value) for value in values)
        yield _text(NAME + last + 6, at * ROW + ROW / 2 + 4, said, "start")
    yield "</svg>"


def _numbers(row: Sequence[object]) -> list[float]:
    return [float(value) if isinstance(value, int | float) else 0.0 for value in row[1:]]


def _text(x: float, y: float, said: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'


def _name(value: object) -> str:
    said = str(value)
    return said if len(said) <= LONGEST_NAME else f"{said[: LONGEST_NAME - 1]}…"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 or value == 0 else f"{value:.1f}"


def _round_up(value: float) -> float:
    """The next of 2, 4, 10, 20, 40, 100 …: a scale whose half is whole, too."""
    top = 2.0
    while top < value:
        top *= 2.5 if str(int(top))[0] == "4" else 2
    return top
