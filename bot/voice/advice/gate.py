"""The gate: a voice is trained on a favourable verdict, or for a reason that is kept."""

from dataclasses import dataclass

from bot.errors import GateClosed
from bot.voice.advice.verdict import Advice, Verdict


@dataclass(frozen=True, slots=True)
class Allowed:
    """The verdict under which a training is begun, and why if it is against it."""

    verdict: Advice
    despite: str | None


def pass_gate(verdict: Verdict, despite: str | None) -> Allowed:
    """Whether a training may begin. Raises GateClosed with the verdict when not."""
    if verdict.advice is Advice.TUNE:
        return Allowed(verdict.advice, None)
    if not despite:
        raise GateClosed(
            f"The verdict is: {verdict.advice.value}. {verdict.reasons[-1]}\n"
            'See: footnote voice advise. To train all the same: --despite "REASON"'
        )
    return Allowed(verdict.advice, despite)
