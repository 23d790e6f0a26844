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
CENT = 0.01  # US dollars; costs below are not worth spelling out
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
    new to the model, for `tokens` and `cost` (US dollars) where a hosted one counts and prices
    them. One that `resumes` went on where the run before it was killed or failed.
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
    resumes: bool = False

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
            "cost": round(self.cost, 6),
            "seconds": round(self.seconds, 3),
            "resumes": self.resumes,
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
    if report["state"] == "held":
        return [f"Held: {report['reason']}", *_ways_out(report)]
    counts = report["articles"]
    fates = [
        f"{counts[fate]} {fate}"
        for fate in (each.name for each in fields(ArticleCounts))
        if counts.get(fate) or fate in _ALWAYS
    ]
    resumes = ["  It went on where the run before had stopped."] if report.get("resumes") else []
    look = ["  To look at what is held: footnote ingest held"] if report["held"] else []
    return [
        f"{', '.join(fates)} — {_work(report)}",
        *resumes,
        *(f"  failed: {each['path']}: {each['reason']}" for each in report["failures"]),
        *(f"  held: {each['path']}: “{each['sentence']}”" for each in report["held"]),
        *look,
        *_finding_lines(report["findings"]),
        *(f"  slow: {path}: {seconds} s" for path, seconds in report["slowest"].items()),
    ]


def _ways_out(report: Mapping[str, Any]) -> list[str]:
    """What a person can do about a held run; an empty source is not to be approved."""
    plan = f"  What it would do: footnote ingest plan --source {report['source']}"
    if report["fetched"]:
        return [plan, f"  To let it: footnote ingest approve {report['run_id']}"]
    return [f"  If it is meant to be: footnote ingest forget {report['source']}"]


def _work(report: Mapping[str, Any]) -> str:
    """What was written, and what that cost."""
    work = f"{report['passages']} passages written, {report['embedded']} texts embedded"
    if report["tokens"]:
        cents = f"${report['cost']:.2f}" if report["cost"] >= CENT else "less than $0.01"
        work += f", {report['tokens']:,} tokens" + (f" for {cents}" if report["cost"] else "")
    return f"{work}, {report['seconds']:.1f} s"


def _finding_lines(findings: Sequence[Mapping[str, Any]]) -> list[str]:
    shown = [f"  look at: {each['path']}: {each['message']}" for each in findings[:FINDINGS]]
    rest = len(findings) - FINDINGS
    return [*shown, f"  … and {rest} more, with --json"] if rest > 0 else shown


def run_lines(row: Mapping[str, Any]) -> list[str]:
    """A row of `latest_runs` in words."""
    head = f"{row['id']}  {row['started_at']:%Y-%m-%d %H:%M}  {row['state']}  {row['source']}"
    report = row["report"]
    if row["approved_by"]:
        told = [row["reason"], f"approved by {row['approved_by']}"]
    elif report and row["state"] == "failed":
        told = [row["reason"], f"until then {_work(report)}"]
    elif report:
        told = report_lines(report)
    else:
        told = [row["reason"]] if row["reason"] else []
    return [head, *(f"    {line}" for line in told)]


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
