"""Evaluation of a voice: a trial on answers nobody is shown, kept with the voice."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.voice.exemplars import Exemplars
from bot.voice.lifecycle import Author, Lifecycle
from bot.voice.style.desk import desk_profile
from bot.voice.trials import Figures, answers_to_try, figures, tried
from ingest.progress import Progress

if TYPE_CHECKING:
    from bot.app import App


async def evaluate(
    app: "App", name: str, questions: Sequence[str] | None, by: Author, progress: Progress
) -> Figures:
    """Try a voice and keep what was found. Raises VoiceError for an unknown one."""
    voice = await app.voices.choose(name)
    exemplars = Exemplars(app.database, lambda: app.embedder)
    answers = await answers_to_try(app.database, app.answering, questions, progress)
    found = figures(
        await tried(voice, answers, exemplars, progress),
        await desk_profile(app.database, app.settings.style),
    )
    lifecycle = Lifecycle(app.database, app.voices)
    await lifecycle.evaluated(name, found.as_json(), found.refused, by)
    return found


def print_evaluated(found: Figures) -> None:
    """The figures, and whether they suffice, on a terminal."""
    print("\n".join(lines(found)))  # noqa: T201 - for a command


def lines(found: Figures) -> list[str]:
    """A test's figures in words."""
    whole = f"{found.answers} answers: {found.voiced} in the voice, {found.partly} partly,"
    said = [
        f"{whole} {found.fell_back} neutral",
        f"statements kept to their facts: {found.passed} of {found.parts}",
        f"time: p50 {found.p50_ms:.0f} ms, p95 {found.p95_ms:.0f} ms",
        f"cost: ${found.cost_usd:.6f} an answer",
    ]
    if found.style is not None:
        said.append(f"agreement with the desk's style: {found.style:.2f}")
    said += [f"  {count} × {reason}" for reason, count in found.reasons.items()]
    return [*said, f"Not enough: {found.refused}." if found.refused else "Evaluated."]


def as_lines(figures_kept: dict[str, Any]) -> list[str]:
    """The same of what was kept."""
    return lines(Figures(**figures_kept))
