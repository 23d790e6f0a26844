"""Ingest runs: the record of what a run did."""

from dataclasses import asdict, dataclass
from typing import Any

from ingest.articles import BadArticle
from ingest.plan import Plan


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """How many articles met which fate."""

    added: int
    changed: int
    moved: int
    removed: int
    kept: int
    failed: int

    @classmethod
    def of(cls, plan: Plan) -> "ArticleCounts":
        """Count a plan's articles."""
        return cls(
            len(plan.add),
            len(plan.change),
            len(plan.move) + len(plan.readdress),
            len(plan.remove),
            plan.keep,
            len(plan.failed),
        )


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did. `passages` were written, `embedded` of their texts were new to the model."""

    run_id: int
    source: str
    articles: ArticleCounts
    passages: int
    embedded: int
    seconds: float
    failures: tuple[BadArticle, ...]

    def as_json(self) -> dict[str, Any]:
        """The form `footnote ingest run --json` prints."""
        return {
            "run_id": self.run_id,
            "source": self.source,
            "articles": asdict(self.articles),
            "passages": self.passages,
            "embedded": self.embedded,
            "seconds": round(self.seconds, 3),
            "failures": [asdict(failure) for failure in self.failures],
        }
