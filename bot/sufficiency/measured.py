"""Measured: scores of questions that should be answered and of others, and the line between."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.measures import auroc
from bot.sufficiency.judgement import Calibration

POINTS = 10  # of the risk–coverage curve


@dataclass(frozen=True, slots=True)
class Measured:
    """`near` are answerable questions without their article; `strangers` were never answerable."""

    calibration: Calibration
    answerable: tuple[float, ...]
    near: tuple[float, ...]
    strangers: tuple[float, ...]

    def auroc(self, others: Sequence[float]) -> float | None:
        """The chance that an answerable question scores above one of the others."""
        if not self.answerable or not others:
            return None
        truth = [True] * len(self.answerable) + [False] * len(others)
        return auroc([*self.answerable, *others], truth)

    def answered(self, scores: Sequence[float]) -> float | None:
        """The share that the line lets through."""
        return _share(scores, self.calibration.threshold)

    def warned(self, scores: Sequence[float]) -> float | None:
        """The share that is answered with a warning."""
        let, sure = self.answered(scores), _share(scores, self.calibration.sure)
        return None if let is None or sure is None else let - sure

    def risk_coverage(self) -> list[dict[str, float]]:
        """For lines that answer a tenth, two tenths … of all questions: how many in vain."""
        every = sorted([*self.answerable, *self.near, *self.strangers], reverse=True)
        right = sorted(self.answerable)
        points = []
        for step in range(1, POINTS + 1):
            count = len(every) * step // POINTS
            if count:
                line = every[count - 1]
                passed = len(every) - bisect_left(every[::-1], line)
                in_vain = passed - (len(right) - bisect_left(right, line))
                points.append(
                    {
                        "threshold": round(line, 4),
                        "coverage": round(passed / len(every), 4),
                        "risk": round(in_vain / passed, 4),
                    }
                )
        return points

    def as_json(self) -> dict[str, Any]:
        """The form that `--json` prints. `auroc` is that against strangers."""
        groups = {"answerable": self.answerable, "near": self.near, "strangers": self.strangers}
        return {
            "auroc": _rounded(self.auroc(self.strangers)),
            "auroc_near": _rounded(self.auroc(self.near)),
            "threshold": round(self.calibration.threshold, 4),
            "sure": round(self.calibration.sure, 4),
            "answered": {name: _rounded(self.answered(of)) for name, of in groups.items()},
            "warned": {name: _rounded(self.warned(of)) for name, of in groups.items()},
            "n": {name: len(of) for name, of in groups.items()},
            "risk_coverage": self.risk_coverage(),
        }


def _share(scores: Sequence[float], line: float) -> float | None:
    return sum(score >= line for score in scores) / len(scores) if scores else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
