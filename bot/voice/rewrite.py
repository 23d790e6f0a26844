"""Rewording: a voice changes the words of an answer's parts, never their facts or citations.

The voice sees numbered lines without citations and gives as many back; code puts the citations
where they were and checks each line against its part. A line that does not pass is asked for once
more and then stays neutral, and the answer says so. A voice that cannot be used, or of whose lines
too few pass, leaves the whole answer neutral.
"""

import asyncio
import itertools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.answers import Answer, Kind, Part, Verdict
from bot.chat.drafts import drafts
from bot.chat.model import Completion, Hearing
from bot.errors import ChatModelError, ModelGone
from bot.voice.facts import altered, astray, names
from bot.voice.pairs import Pair, line_read, lines_read, messages
from bot.voice.voices import Voice
from bot.wording import wording
from ingest.errors import Retryable
from ingest.markup import plain_text

FEWEST = 0.5  # of the parts that have to pass, or the answer stays neutral as a whole

# Is told the answer as far as it is in the voice and has passed, from its first part on.
Telling = Callable[[Answer], Awaitable[None]]


class Outcome(StrEnum):
    """What became of an attempt to use a voice."""

    VOICED = "voiced"
    PARTLY = "partly"
    NEUTRAL = "neutral"  # the facts would have changed
    UNAVAILABLE = "unavailable"  # the model or its budget was not there


@dataclass(frozen=True, slots=True)
class Use:
    """One attempt to use a voice: what it cost and what became of it."""

    voice: str
    outcome: Outcome
    reason: str | None = None
    parts: int = 0
    passed: int = 0
    cost_usd: float = 0.0
    ms: float = 0.0
    gone: bool = False  # whether the voice cannot be used again as it is


@dataclass(frozen=True, slots=True)
class Reworded:
    """An answer as it is shown, and how the voice did; no `use` where none was called for."""

    answer: Answer
    use: Use | None = None


async def reword(
    answer: Answer,
    voice: Voice,
    exemplars: tuple[Pair, ...] | None = None,
    on_progress: Telling | None = None,
) -> Reworded:
    """The answer in a voice, in part or as a whole; neutral with a note where that failed.

    `exemplars` take the place of the voice's own. Takes no longer than the voice's patience.
    """
    if answer.verdict is not Verdict.ANSWERED:
        return Reworded(answer)
    begun = time.perf_counter()
    work = _Rewording(answer, voice, voice.exemplars if exemplars is None else exemplars)
    unusable, gone = voice.unusable, voice.ended
    try:
        if unusable is None:
            async with asyncio.timeout(voice.patience):
                await work.run(on_progress)
    except ModelGone as error:
        unusable, gone = str(error).splitlines()[0], True
    except (ChatModelError, Retryable) as error:
        unusable = str(error).splitlines()[0]
    except TimeoutError:
        unusable = f"it did not answer within {voice.patience:g} s."
    reworded = work.done(unusable, (time.perf_counter() - begun) * 1000)
    return replace(reworded, use=replace(reworded.use, gone=gone)) if reworded.use else reworded


class _Rewording:
    """One answer on its way into a voice."""

    def __init__(self, answer: Answer, voice: Voice, exemplars: tuple[Pair, ...]) -> None:
        self._answer = answer
        self._voice = voice
        self._exemplars = exemplars
        self._neutral = [part.text for part in answer.parts]
        passages = [f"{each.heading}\n{plain_text(each.text)}" for each in answer.evidence.passages]
        self._known = names(*self._neutral, *passages)
        self._passed: dict[int, str] = {}
        self._failed: dict[int, str] = dict.fromkeys(range(len(self._neutral)), "")
        self._model = voice.model.name
        self._cost = 0.0

    async def run(self, on_progress: Telling | None) -> None:
        """Ask for every part, and once more for those that did not pass."""
        await self._ask(list(range(len(self._neutral))), on_progress, again=False)
        if self._failed:
            await self._ask(sorted(self._failed), on_progress, again=True)

    async def _ask(self, places: list[int], on_progress: Telling | None, *, again: bool) -> None:
        asked = messages(
            self._voice.instructions,
            self._exemplars,
            [self._neutral[at] for at in places],
            [self._failed[at] for at in places] if again else (),
        )
        listener = _Reading(self, places, on_progress).start if on_progress else None
        completion = await self._voice.model.complete(asked, listener)
        self._model, self._cost = completion.model, self._cost + completion.cost_usd
        self._take(places, completion)

    def _take(self, places: list[int], completion: Completion) -> None:
        """Check what came back and keep what passes."""
        lines = lines_read(completion.text, len(places))
        if lines is None:
            self._failed = dict.fromkeys(places, "lost or added a statement")
            self._passed = {at: said for at, said in self._passed.items() if at not in places}
            return
        for at, line in zip(places, lines, strict=True):
            self.check(at, line)

    def check(self, at: int, line: str) -> bool:
        """Keep a line for the part at a place if it changes no fact."""
        part = self._answer.parts[at]
        said, cites = _said(line)
        reason = altered(
            part.text,
            said,
            known=self._known,
            own=self._voice.own_words,
            step=part.kind is Kind.STEP,
        ) or astray(self._neutral, at, said)
        if cites - {citation.n for citation in part.citations}:
            reason = "moved a citation"
        if reason is None:
            self._passed[at] = said
            self._failed.pop(at, None)
        else:
            self._passed.pop(at, None)
            self._failed[at] = reason
        return reason is None

    def so_far(self) -> Answer:
        """The answer as far as it has passed: what follows may still be asked for again."""
        passed = itertools.takewhile(self._passed.__contains__, itertools.count())
        return replace(self._answer, parts=self._parts()[: len(list(passed))])

    def _parts(self) -> tuple[Part, ...]:
        return tuple(
            replace(part, text=self._passed.get(at, part.text))
            for at, part in enumerate(self._answer.parts)
        )

    def done(self, unusable: str | None, ms: float) -> Reworded:
        """How it ended. What had passed before a voice became unusable is not shown."""
        total, passed = len(self._neutral), len(self._passed)
        reason = unusable or next(iter(self._failed.values()), None)
        use = Use(self._voice.name, Outcome.VOICED, reason, total, passed, self._cost, round(ms, 1))
        spent = replace(self._answer, cost_usd=self._answer.cost_usd + self._cost, id=None)
        if unusable or passed < max(1, FEWEST * total):
            why = unusable or f"it {reason}."
            said = f"Neutral wording: the voice {self._voice.name} could not be used: {why}"
            outcome = Outcome.UNAVAILABLE if unusable else Outcome.NEUTRAL
            return Reworded(_noted(spent, said), replace(use, outcome=outcome, passed=0))
        worded = replace(spent, parts=self._parts(), voice=self._voice.name, model=self._model)
        if not self._failed:
            return Reworded(worded, use)
        said = (
            f"Partly in {self._voice.name} voice: {len(self._failed)} of {total} statements stay"
            f" neutral, because it {reason}."
        )
        return Reworded(_noted(worded, said), replace(use, outcome=Outcome.PARTLY))


class _Reading:
    """Hears a voice write, and tells of each line that passes as soon as it is whole."""

    def __init__(self, work: _Rewording, places: list[int], tell: Telling | None) -> None:
        self._work = work
        self._places = places
        self._tell = tell

    def start(self) -> Hearing:
        """Begin anew, as each try of the model does."""
        line, told = "", 0

        async def hear(piece: str) -> None:
            nonlocal line, told
            line += piece
            while "\n" in line:
                whole, _, line = line.partition("\n")
                read = line_read(whole)
                if read is None or told == len(self._places) or read[0] != told + 1:
                    continue
                at = self._places[told]
                told += 1
                if self._work.check(at, read[1]) and self._tell:
                    so_far = self._work.so_far()
                    if len(so_far.parts) > at:
                        await self._tell(so_far)

        return hear


def _noted(answer: Answer, note: str) -> Answer:
    """The answer with another note in a line after those it has."""
    return replace(answer, note="\n".join(filter(None, (answer.note, note))))


def _said(line: str) -> tuple[str, set[int]]:
    """The words of a line, and the numbers it cites."""
    found = drafts(line)
    cites = {n for draft in found for n in draft.cites}
    return " ".join(draft.text for draft in found) or wording(line), cites
