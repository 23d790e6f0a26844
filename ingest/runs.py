"""Ingest runs: the record of what a run did."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from psycopg.types.json import Jsonb

from ingest.articles import BadArticle
from ingest.checks import Finding
from ingest.database import Database
from ingest.indexing import Indexed
from ingest.plan import HeldArticle, Plan

SLOWEST = 5  # articles a report names
FINDINGS = 10  # findings shown as text
SLOW = 0.5  # seconds; quicker ones are not worth naming
_ALWAYS = ("added", "changed", "moved", "removed", "kept", "failed")


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """How many articles met which fate.

    Held ones have text that addresses a model; pending ones were not reached before the run
    stopped: what was served of them answers until the next run.
    """

    added: int = 0
    changed: int = 0
    moved: int = 0
    removed: int = 0
    kept: int = 0
    failed: int = 0
    held: int = 0
    pending: int = 0

    @classmethod
    def of(cls, plan: Plan, pending: int = 0) -> "ArticleCounts":
        """Count a plan's articles."""
        return cls(
            len(plan.add),
            len(plan.change),
            len(plan.move) + len(plan.readdress),
            len(plan.remove),
            len(plan.keep),
            len(plan.failed),
            len(plan.held),
            pending,
        )


@dataclass(frozen=True, slots=True)
class RunReport:
    """What a run did, or what it would have done where `state` is held.

    The source named `fetched` articles. `passages` were written, `embedded` of their texts were
    new to the model, for `tokens` and `cost` where a hosted one counts and prices them.
    """

    run_id: int
    source: str
    state: str
    articles: ArticleCounts
    fetched: int = 0
    passages: int = 0
    embedded: int = 0
    tokens: int = 0
    cost: float = 0.0
    seconds: float = 0.0
    reason: str | None = None
    failures: tuple[BadArticle, ...] = ()
    held: tuple[HeldArticle, ...] = ()
    findings: tuple[Finding, ...] = ()
    slowest: Mapping[str, float] = field(default_factory=dict)
    complete: bool = True

    def as_json(self) -> dict[str, Any]:
        """The form `footnote ingest run --json` prints, and in which it is stored."""
        return {
            "run_id": self.run_id,
            "source": self.source,
            "state": self.state,
            "articles": asdict(self.articles),
            "fetched": self.fetched,
            "passages": self.passages,
            "embedded": self.embedded,
            "tokens": self.tokens,
            "cost": round(self.cost, 4),
            "seconds": round(self.seconds, 3),
            "reason": self.reason,
            "failures": [asdict(failure) for failure in self.failures],
            "held": [{"path": each.article.path, "sentence": each.sentence} for each in self.held],
            "findings": [asdict(finding) for finding in self.findings],
            "slowest": {path: round(seconds, 2) for path, seconds in self.slowest.items()},
        }

    def lines(self) -> list[str]:
        """The report in words, for a terminal, a log or a message."""
        return report_lines(self.as_json())


def report_lines(report: Mapping[str, Any]) -> list[str]:
    """A stored report in words."""
    counts = report["articles"]
    fates = [
        f"{counts[fate]} {fate}"
        for fate in (each.name for each in fields(ArticleCounts))
        if counts.get(fate) or fate in _ALWAYS
    ]
    if report["state"] == "held":
        return [
            f"{report['source']}: held. {report['reason']}",
            f"  What it would do: footnote ingest plan --source {report['source']}",
            f"  To let it: footnote ingest approve {report['run_id']}",
        ]
    cost = f", {report['tokens']} tokens for {report['cost']}" if report["tokens"] else ""
    work = f"{report['passages']} passages written, {report['embedded']} texts embedded"
    return [
        f"{', '.join(fates)} — {work}{cost}, {report['seconds']:.1f} s",
        *(f"  failed: {each['path']}: {each['reason']}" for each in report["failures"]),
        *(f"  held: {each['path']}: “{each['sentence']}”" for each in report["held"]),
        *_finding_lines(report["findings"]),
        *(f"  slow: {path}: {seconds} s" for path, seconds in report["slowest"].items()),
    ]


def _finding_lines(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    shown = [f"  look at: {each['path']}: {each['message']}" for each in findings[:FINDINGS]]
    rest = len(findings) - FINDINGS
    return [*shown, f"  … and {rest} more, with --json"] if rest > 0 else shown


def run_lines(row: Mapping[str, Any]) -> list[str]:
    """A row of `latest_runs` in words."""
    head = f"{row['id']}  {row['started_at']:%Y-%m-%d %H:%M}  {row['state']}  {row['source']}"
    approved = [f"    approved by {row['approved_by']}"] if row["approved_by"] else []
    if row["state"] == "done" and row["report"]:
        return [head, *(f"    {line}" for line in report_lines(row["report"]))]
    return [head, *([f"    {row['reason']}"] if row["reason"] else []), *approved]


def slowest(done: Indexed) -> dict[str, float]:
    """The articles that took longest, with their seconds."""
    ranked = sorted(done.seconds.items(), key=lambda item: -item[1])[:SLOWEST]
    return {path: seconds for path, seconds in ranked if seconds > SLOW}


async def record(database: Database, report: RunReport, plan: Plan | None) -> None:
    """Store how a run ended."""
    removing = [article.external_id for article in plan.remove] if plan else []
    await database.run(
        "finish_run",
        run=report.run_id,
        state=report.state,
        report=Jsonb(report.as_json()),
        reason=report.reason,
        complete=report.complete,
        removing=removing if report.state == "held" else None,
    )
