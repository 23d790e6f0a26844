"""Trials: what a voice makes of a set of answers, measured.

The same neutral answers go through it as people get, by the same code; nobody is shown the result.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, quantiles
from typing import Any

from bot import records
from bot.answering import Answering
from bot.answers import Answer, Verdict
from bot.errors import VoiceError
from bot.sufficiency.questions import own_questions
from bot.voice.exemplars import Exemplars
from bot.voice.rewrite import Outcome, Use, reword
from bot.voice.style import Profile
from bot.voice.voices import Voice
from ingest.database import Database
from ingest.progress import Progress

ANSWERS = 20  # that a voice is tried on unless questions are given
MOST_FALLING_BACK = 0.2  # of them, for a voice to have been evaluated
FEWEST = 3  # answers from which that can be said
_TWENTIETHS = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """A neutral answer, and what a voice made of it."""

    neutral: Answer
    worded: Answer
    use: Use


@dataclass(frozen=True, slots=True)
class Figures:
    """How a voice did on some answers: counts, milliseconds and US dollars an answer."""

    answers: int
    voiced: int
    partly: int
    fell_back: int
    unavailable: int
    parts: int
    passed: int
    p50_ms: float
    p95_ms: float
    cost_usd: float
    reasons: dict[str, int]
    style: float | None = None  # agreement with the desk's, where that is known

    @property
    def refused(self) -> str | None:
        """Why a voice has not stood the test; None when it has."""
        if self.answers < FEWEST:
            return f"it was tried on {self.answers} answers only; {FEWEST} are the least"
        if self.unavailable:
            return f"its model was not there for {self.unavailable} of {self.answers} answers"
        if self.fell_back > MOST_FALLING_BACK * self.answers:
            return (
                f"{self.fell_back} of {self.answers} answers stayed neutral;"
                f" {MOST_FALLING_BACK:.0%} may"
            )
        return None

    def as_json(self) -> dict[str, Any]:
        """The form that is kept and printed."""
        return {name: getattr(self, name) for name in self.__slots__}


async def tried(
    voice: Voice, answers: Sequence[Answer], exemplars: Exemplars, progress: Progress
) -> list[Tried]:
    """Have a voice word answers. A budget does not count here: this is what it is spent for."""
    unbounded = replace(voice, spent_usd=0.0)
    found = []
    for done, neutral in enumerate(answers, start=1):
        shown = voice.exemplars
        if voice.settings.nearest:
            question = neutral.standalone or neutral.question
            shown += await exemplars.nearest(question, voice.settings.nearest)
        reworded = await reword(neutral, unbounded, shown)
        if reworded.use is not None:
            found.append(Tried(neutral, reworded.answer, reworded.use))
        progress(f"{voice.name} voice", done, len(answers))
    return found


def figures(trials: Sequence[Tried], profile: Profile | None = None) -> Figures:
    """What the trials come to; `profile` is the desk's style."""
    uses = [each.use for each in trials]
    outcomes = Counter(use.outcome for use in uses)
    times = sorted(use.ms for use in uses)
    return Figures(
        len(uses),
        outcomes[Outcome.VOICED],
        outcomes[Outcome.PARTLY],
        outcomes[Outcome.NEUTRAL] + outcomes[Outcome.UNAVAILABLE],
        outcomes[Outcome.UNAVAILABLE],
        sum(use.parts for use in uses),
        sum(use.passed for use in uses),
        *_percentiles(times),
        round(fmean(use.cost_usd for use in uses), 6) if uses else 0.0,
        dict(Counter(use.reason for use in uses if use.reason).most_common()),
        _style([each.worded for each in trials], profile),
    )


def _style(answers: Sequence[Answer], profile: Profile | None) -> float | None:
    if profile is None or not answers:
        return None
    texts = ["\n".join(part.text for part in answer.parts) for answer in answers]
    return round(profile.agreement(texts).overall, 4)


def _percentiles(times: Sequence[float]) -> tuple[float, float]:
    if len(times) < 2:  # noqa: PLR2004 - between two there is a percentile
        return (times[0], times[0]) if times else (0.0, 0.0)
    cut = quantiles(times, n=_TWENTIETHS, method="inclusive")
    return round(cut[9], 1), round(cut[-1], 1)


def read_questions(file: Path) -> list[str]:
    """A question a line, as text or as JSON with a `question`. Raises VoiceError."""
    try:
        lines = [line.strip() for line in file.read_text(encoding="utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise VoiceError(f"{file} cannot be read as text: {type(error).__name__}.") from error
    try:
        return [
            str(json.loads(line)["question"]) if line.startswith("{") else line
            for line in lines
            if line
        ]
    except (ValueError, KeyError) as error:
        raise VoiceError(
            f'{file} has a line that is neither a question nor JSON with a "question".'
        ) from error


async def answers_to_try(
    database: Database,
    answering: Answering,
    questions: Sequence[str] | None,
    progress: Progress,
    limit: int = ANSWERS,
) -> list[Answer]:
    """Neutral answers: to given questions, else the latest kept, else to the articles' own."""
    kept: list[Answer] = []
    if questions is None:
        rows = await database.rows("recent_answers", limit=limit)
        kept = [each for row in rows if (each := await records.load(database, row["id"]))]
        if len(kept) >= FEWEST:
            return kept
        questions = [each.text for each in await own_questions(database, limit)]
    found = []
    for done, question in enumerate(questions, start=1):
        found.append((await answering.answer(question))[0])
        progress("neutral answers", done, len(questions))
    return [answer for answer in [*kept, *found] if answer.verdict is Verdict.ANSWERED]
