"""How good answers are on labelled questions: the right article cited, the right words said.

Any engine: it is asked through the same path as everyone, and judged by what its parts say.
"""

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import Any

from bot.answers import Answer, Verdict
from ingest.lexicon import words

# A question's answer.
Ask = Callable[[str], Awaitable[Answer]]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Label:
    """A question, the articles any of which is right, and the words that answer it, if known."""

    question: str
    articles: frozenset[str]
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class AnswersMeasured:
    """Shares of all questions that retrieval found and that were answered; then of the answered.

    `cited`: of the answered whose article was found, those that cite it. Of the same with words
    to compare: `span_recall`, the share of those words said on the right article's ground, and
    `span_f1`, the balance of that with all that was said.
    """

    questions: int
    retrieved: float
    answered: float
    cited: float
    span_recall: float | None
    span_f1: float | None
    parts: float
    words: float
    compose_p50_ms: float

    def as_json(self) -> dict[str, Any]:
        """The form evaluation prints."""
        return {
            "questions": self.questions,
            "retrieved": round(self.retrieved, 4),
            "answered": round(self.answered, 4),
            "cited": round(self.cited, 4),
            "span_recall": None if self.span_recall is None else round(self.span_recall, 4),
            "span_f1": None if self.span_f1 is None else round(self.span_f1, 4),
            "parts": round(self.parts, 2),
            "words": round(self.words, 1),
            "compose_p50_ms": round(self.compose_p50_ms, 1),
        }


@dataclass(frozen=True, slots=True)
class _Judged:
    cited: bool
    recall: float | None
    f1: float | None


async def evaluate_answers(
    ask: Ask, labels: Sequence[Label], progress: Progress
) -> AnswersMeasured:
    """Ask every question and judge its answer. Raises what asking raises."""
    answers = []
    for count, label in enumerate(labels, start=1):
        answers.append(await ask(label.question))
        progress("asked", count, len(labels))
    return measured(labels, answers)


def measured(labels: Sequence[Label], answers: Sequence[Answer]) -> AnswersMeasured:
    """Answers judged by their labels; there must be as many of both, and at least one."""
    pairs = list(zip(labels, answers, strict=True))
    answered = [answer for answer in answers if answer.verdict is Verdict.ANSWERED]
    judged = [
        _judged(label, answer)
        for label, answer in pairs
        if answer.verdict is Verdict.ANSWERED and _found(label, answer)
    ]
    return AnswersMeasured(
        questions=len(labels),
        retrieved=fmean(_found(label, answer) for label, answer in pairs),
        answered=len(answered) / len(labels),
        cited=_mean([float(each.cited) for each in judged]) or 0.0,
        span_recall=_mean([each.recall for each in judged if each.recall is not None]),
        span_f1=_mean([each.f1 for each in judged if each.f1 is not None]),
        parts=_mean([float(len(answer.parts)) for answer in answered]) or 0.0,
        words=_mean([float(len(_said(answer).split())) for answer in answered]) or 0.0,
        compose_p50_ms=median([each.timings_ms.get("generate", 0.0) for each in answered] or [0.0]),
    )


def labels_of(
    folder: Path, queries: Mapping[str, str], judged: Mapping[str, Mapping[str, float]]
) -> list[Label]:
    """The questions of a BEIR folder with their articles, and the `evidence` where they have it."""
    rows = (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    known = {str(row["_id"]): row.get("evidence") or () for row in map(json.loads, rows)}
    return [
        Label(text, frozenset(judged[query]), " ".join(known.get(query, ())))
        for query, text in queries.items()
    ]


def _judged(label: Label, answer: Answer) -> _Judged:
    cited = bool(label.articles & {passage.article for passage in answer.cited})
    if not label.evidence:
        return _Judged(cited, None, None)
    grounded = _said(answer, label.articles)
    wanted = Counter(words(label.evidence))
    return _Judged(cited, overlap(wanted, grounded)[0], overlap(wanted, _said(answer))[1])


def overlap(wanted: Counter[str], text: str) -> tuple[float, float]:
    """The share of the wanted words in a text, and their F1 as for answers in SQuAD."""
    said = Counter(words(text))
    shared = (wanted & said).total()
    if not shared:
        return 0.0, 0.0
    return shared / wanted.total(), 2 * shared / (wanted.total() + said.total())


def _said(answer: Answer, articles: frozenset[str] | None = None) -> str:
    """What the parts say; of those that cite one of `articles`, if given."""
    of = {passage.n: passage.article for passage in answer.evidence.passages}
    return " ".join(
        part.text
        for part in answer.parts
        if articles is None or articles & {of[citation.n] for citation in part.citations}
    )


def _found(label: Label, answer: Answer) -> bool:
    return bool(label.articles & {passage.article for passage in answer.evidence.passages})


def _mean(values: Sequence[float]) -> float | None:
    return fmean(values) if values else None
