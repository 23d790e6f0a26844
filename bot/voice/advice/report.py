"""The report: verdict, table, costs with their formulas and charts, as HTML and as Markdown."""

from datetime import date
from importlib import resources

from bot.voice.advice import charts, table
from bot.voice.advice.evidence import DAYS, Evidence
from bot.voice.advice.verdict import Verdict

_MOST_ANSWERS = 10_000  # a month, that the chart of costs reaches to at least


def markdown(evidence: Evidence, verdict: Verdict) -> str:
    """The summary, for a terminal or a pull request."""
    said = [f"# {verdict.advice.value.capitalize()}", ""]
    said += [f"- {reason}" for reason in verdict.reasons]
    said += ["", f"Next: {verdict.next_step}", ""]
    if verdict.missing:
        said += ["Missing:", "", *(f"- {each}" for each in verdict.missing), ""]
    said += [_row(table.HEAD), _row(["---"] * len(table.HEAD))]
    said += [_row(row) for row in table.rows(evidence)]
    said += ["", *(f"- {each}" for each in evidence.judgements)] if evidence.judgements else []
    said += ["", _row(("what", "value", "formula")), _row(["---"] * 3)]
    said += [_row(cost) for cost in _costs(evidence)]
    return "\n".join(said) + "\n"


def html(evidence: Evidence, verdict: Verdict, day: date) -> str:
    """A page that needs nothing else."""
    import jinja2  # noqa: PLC0415 - for a report only
    from markupsafe import Markup  # noqa: PLC0415

    template = resources.files("bot.voice.advice").joinpath("report.html")
    environment = jinja2.Environment(autoescape=True)
    page = environment.from_string(template.read_text(encoding="utf-8"))
    return page.render(
        verdict=verdict,
        head=table.HEAD,
        rows=table.rows(evidence),
        costs=_costs(evidence),
        charts=[Markup(chart) for chart in drawn(evidence)],  # noqa: S704 - escaped where drawn
        judgements=evidence.judgements,
        profile=evidence.profile.as_json() if evidence.profile else None,
        day=day.isoformat(),
        days=DAYS,
    )


def drawn(evidence: Evidence) -> list[str]:
    """The charts there is something for."""
    reviewed = evidence.reviewed
    what = (
        ("approved", reviewed.approved),
        ("reworded", reviewed.reworded),
        ("corrected", reviewed.corrected),
    )
    found = [
        charts.bars(
            "What leads made of answers",
            [charts.Bar(name, count, str(count)) for name, count in what],
            reviewed.reviews,
        )
    ]
    styles = [
        charts.Bar(each.voice, each.style.overall, f"{each.style.overall:.2f}")
        for each in evidence.voices
        if each.style
    ]
    if evidence.own_style is not None:
        styles.append(charts.Bar("approved", evidence.own_style, f"{evidence.own_style:.2f}"))
    if styles:
        found.append(charts.bars("Agreement with the desk's style", styles, 1.0))
    edits = [charts.Bar(month, count, str(count)) for month, count in evidence.edits]
    found.append(charts.bars("Cited articles with a new text", edits, evidence.cited))
    return [*found, *_cost_chart(evidence)]


def _cost_chart(evidence: Evidence) -> list[str]:
    own = evidence.economics
    if own.prompted.usd is None or own.tuned.usd is None or own.training.usd is None:
        return []
    even = own.break_even.usd
    until = max(_MOST_ANSWERS, 2 * (even or 0), 2 * evidence.monthly_answers)
    return [
        charts.lines(
            "Dollars a month",
            [
                charts.Line("prompted", 0.0, own.prompted.usd),
                charts.Line("fine-tuned", own.training.usd / 12, own.tuned.usd),
            ],
            until,
            even,
        )
    ]


def _costs(evidence: Evidence) -> list[tuple[str, str, str]]:
    own = evidence.economics
    named = (
        ("an answer in a prompted voice", own.prompted, "$"),
        ("an answer in a tuned voice", own.tuned, "$"),
        ("training", own.training, "$"),
        ("answers a month from which tuning pays", own.break_even, ""),
    )
    return [
        (name, "unknown" if cost.usd is None else f"{sign}{cost.usd:,g}", cost.formula)
        for name, cost, sign in named
    ] + [
        (
            "answers a month now",
            f"{evidence.monthly_answers:g}",
            f"neutral answers of {DAYS} days / 3",
        )
    ]


def _row(cells: object) -> str:
    assert isinstance(cells, tuple | list)
    return f"| {' | '.join(str(cell).replace('|', '∣') for cell in cells)} |"
