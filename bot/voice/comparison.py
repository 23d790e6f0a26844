"""Comparison: the same answers through two voices, side by side."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.answers import Answer
from bot.voice.exemplars import Exemplars
from bot.voice.rewrite import Outcome, Use
from bot.voice.style import Agreement
from bot.voice.style.desk import desk_profile
from bot.voice.trials import Figures, Tried, answers_to_try, figures, tried
from bot.voice.voices import NEUTRAL
from ingest.progress import Progress

if TYPE_CHECKING:
    from bot.app import App

# Is shown a question and two wordings, and says which is better: 1, 2, or 0 for neither.
Judging = Callable[[str, str, str], int]


@dataclass(frozen=True, slots=True)
class Side:
    """One voice in a comparison."""

    voice: str
    trials: tuple[Tried, ...]
    figures: Figures
    style: Agreement | None

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice compare --json` prints."""
        style = self.style.as_json() | {"overall": self.style.overall} if self.style else None
        return {"voice": self.voice, "figures": self.figures.as_json(), "style": style}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two voices on the same answers."""

    sides: tuple[Side, Side]

    def as_json(self) -> dict[str, Any]:
        """The form `footnote voice compare --json` prints."""
        answers = [
            {
                "question": one.neutral.question,
                "neutral": said(one.neutral),
                **{
                    side.voice: {
                        "text": said(each.worded),
                        "outcome": each.use.outcome.value,
                        "reason": each.use.reason,
                        "cost_usd": each.use.cost_usd,
                        "ms": each.use.ms,
                    }
                    for side, each in zip(self.sides, (one, other), strict=True)
                },
            }
            for one, other in zip(self.sides[0].trials, self.sides[1].trials, strict=True)
        ]
        return {"voices": [side.as_json() for side in self.sides], "answers": answers}

    def lines(self) -> list[str]:
        """How a terminal shows it."""
        found = []
        for one, other in zip(self.sides[0].trials, self.sides[1].trials, strict=True):
            found.append(one.neutral.question)
            for side, each in zip(self.sides, (one, other), strict=True):
                facts = each.use.outcome.value + (f": {each.use.reason}" if each.use.reason else "")
                found.append(
                    f"  {side.voice} ({facts}; {each.use.ms:.0f} ms, ${each.use.cost_usd:.6f})"
                )
                found += [f"    {line}" for line in said(each.worded).splitlines()]
        for side in self.sides:
            own = side.figures
            style = f"style {side.style.overall:.2f}" if side.style else "no style profile yet"
            found.append(
                f"{side.voice}: {style}; facts kept in {own.passed} of {own.parts} statements,"
                f" {own.fell_back} of {own.answers} answers neutral; p50 {own.p50_ms:.0f} ms;"
                f" ${own.cost_usd:.6f} an answer"
            )
        return found


async def compare(
    app: "App", names: tuple[str, str], questions: Sequence[str] | None, progress: Progress
) -> Comparison:
    """Have two voices word the same answers. Raises VoiceError for an unknown one."""
    for name in names:
        if name != NEUTRAL:
            await app.voices.choose(name)
    answers = await answers_to_try(app.database, app.answering, questions, progress)
    profile = await desk_profile(app.database, app.settings.style)
    sides = []
    for name in names:
        trials = await _trials(app, name, answers, progress)
        texts = [said(each.worded) for each in trials]
        style = profile.agreement(texts) if profile and texts else None
        sides.append(Side(name, tuple(trials), figures(trials), style))
    return Comparison((sides[0], sides[1]))


async def _trials(
    app: "App", name: str, answers: Sequence[Answer], progress: Progress
) -> list[Tried]:
    if name == NEUTRAL:
        return [_untouched(answer) for answer in answers]
    exemplars = Exemplars(app.database, lambda: app.embedder)
    return await tried(await app.voices.choose(name), answers, exemplars, progress)


def _untouched(answer: Answer) -> Tried:
    parts = len(answer.parts)
    return Tried(answer, answer, Use(NEUTRAL, Outcome.VOICED, parts=parts, passed=parts))


async def judge_blindly(app: "App", found: Comparison, who: str, judging: Judging) -> int:
    """Ask which wording is better without saying whose it is; how many were judged."""
    one, other = found.sides
    chance = random.Random()  # noqa: S311 - an order
    judged = 0
    for first, second in zip(one.trials, other.trials, strict=True):
        texts = {one.voice: said(first.worded), other.voice: said(second.worded)}
        if texts[one.voice] == texts[other.voice]:
            continue
        shown = chance.sample(list(texts), 2)
        answer = judging(first.neutral.question, texts[shown[0]], texts[shown[1]])
        await app.database.run(
            "add_judgement",
            one=one.voice,
            other=other.voice,
            preferred=shown[answer - 1] if answer else None,
            question=first.neutral.question,
            who=who,
        )
        judged += 1
    return judged


def said(answer: Answer) -> str:
    """The statements of an answer, a line each."""
    return "\n".join(part.text for part in answer.parts)
