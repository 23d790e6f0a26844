"""Question → answer: condense, embed, retrieve, judge sufficiency, compose, verify.

The command line, Slack and evaluation all come through here.
"""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

from bot import grounding, quotes
from bot.answers import (
    CLOSEST,
    FAILED,
    NOT_COVERED,
    Answer,
    Part,
    Verdict,
    renumbered,
    without_ground,
)
from bot.chat import prompt
from bot.chat.writing import Shown, Writer
from bot.clearance import Cleared, cleared
from bot.closeness import Closeness, closeness
from bot.contradictions import contradictions, newest_first
from bot.errors import ChatModelError
from bot.evidence import Evidence
from bot.follow_ups import condensed, is_follow_up, rewritten
from bot.questions import readable
from bot.retrieval import Filters, Retrieval, Retriever
from bot.review.verified import VerifiedAnswers
from bot.sufficiency.judgement import Decision, judge
from ingest.errors import FootnoteError, Retryable

# Is told the answer as far as it is written and checked. What it was told may be taken back: the
# answer that counts is the one that is returned.
Progress = Callable[[Answer], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Composed:
    """What may be shown, and who wrote it."""

    cleared: Cleared
    engine: str
    model: str | None = None
    prompt_version: str | None = None
    note: str | None = None
    cost_usd: float = 0.0


class Answering:
    """Answers questions from the help centre, in the neutral voice."""

    def __init__(
        self,
        retriever: Retriever,
        writer: Writer | None = None,
        verified: VerifiedAnswers | None = None,
    ) -> None:
        """Without a writer answers are composed of quotes; what is `verified` is said again."""
        self._retriever = retriever
        self._writer = writer
        self._verified = verified

    async def answer(
        self,
        question: str,
        earlier: Sequence[str] = (),
        filters: Filters | None = None,
        on_progress: Progress | None = None,
    ) -> tuple[Answer, str]:
        """The answer, and the question as it was searched for.

        `earlier` are the questions asked before in the same thread, oldest first. An error that a
        person can mend or wait out becomes an answer with the verdict `failed` that says so.
        `on_progress` is told what a model has written so far, part by part, once it is checked.
        """
        clock = _Clock()
        question = readable(question)
        try:
            standalone, spent = await self._standalone(question, earlier)
            found = await self._retriever.retrieve(standalone, filters)
            clock.set("embed", found.embed_ms)
            clock.set("retrieve", found.retrieve_ms)
            answer = await self._again(question, standalone, found)
            if answer is None:
                answer = await self._from_evidence(question, standalone, found, clock, on_progress)
            answer = replace(answer, cost_usd=round(answer.cost_usd + spent, 6))
        except FootnoteError as error:
            standalone = question
            answer = Answer(
                question, Verdict.FAILED, self._engine, parts=(Part(FAILED),), note=str(error)
            )
        return replace(answer, timings_ms=clock.timings()), standalone

    @property
    def _engine(self) -> str:
        return "chat" if self._writer else "quotes"

    async def _standalone(self, question: str, earlier: Sequence[str]) -> tuple[str, float]:
        """The question as it is understood without its thread, and what that cost."""
        if self._writer is None or not earlier or not is_follow_up(question):
            return condensed(question, earlier), 0.0
        try:
            messages = prompt.standalone_messages(question, list(earlier))
            completion = await self._writer.model.complete(messages)
        except (ChatModelError, Retryable):
            return condensed(question, earlier), 0.0
        return rewritten(completion.text, question, earlier), completion.cost_usd

    async def _again(self, question: str, standalone: str, found: Retrieval) -> Answer | None:
        """What a lead verified, for the same question."""
        if self._verified is None:
            return None
        answer = await self._verified.find(standalone, found, self._retriever.served.space)
        return replace(answer, question=question) if answer else None

    async def _from_evidence(
        self,
        question: str,
        standalone: str,
        found: Retrieval,
        clock: "_Clock",
        on_progress: Progress | None,
    ) -> Answer:
        with clock.measure("embed"):
            close = await closeness(standalone, found.evidence, found.local)
        judged = judge(found.evidence, close, found.calibration)
        if judged.decision is Decision.NOT_COVERED:
            return without_ground(question, found.evidence, judged.score)
        warning = CLOSEST if judged.decision is Decision.WARN else None
        begun = Answer(
            question,
            Verdict.ANSWERED,
            self._engine,
            evidence=found.evidence,
            sufficiency=judged.score,
            note=warning,
        )
        composed = await self._compose(
            standalone, found, close, clock, _telling(begun, on_progress)
        )
        stands = composed.cleared.stands
        parts = _with_contradictions(composed, found.evidence)
        answer = replace(
            begun,
            verdict=Verdict.ANSWERED if stands else Verdict.NOT_COVERED,
            engine=composed.engine,
            parts=parts if stands else (Part(NOT_COVERED),),
            model=composed.model,
            prompt_version=composed.prompt_version,
            note=" ".join(filter(None, (warning if stands else None, composed.note))) or None,
            cost_usd=composed.cost_usd,
        )
        return renumbered(answer)

    async def _compose(
        self,
        question: str,
        found: Retrieval,
        close: Closeness,
        clock: "_Clock",
        shown: Shown | None,
    ) -> _Composed:
        """By the chat model where there is one; by quotes otherwise, or when it is down."""
        if self._writer is None:
            return _quoted(found.evidence, close, clock)
        try:
            return await self._written(self._writer, question, found, clock, shown)
        except (ChatModelError, Retryable) as error:
            composed = _quoted(found.evidence, close, clock)
            reason = str(error).splitlines()[0]
            return replace(composed, note=f"Quoted from the articles: {reason}")

    async def _written(
        self,
        writer: Writer,
        question: str,
        found: Retrieval,
        clock: "_Clock",
        shown: Shown | None,
    ) -> _Composed:
        with clock.measure("generate"):
            written = await writer.write(question, found.evidence, found.local, shown)
        clock.add("generate", -written.verify_ms)  # what was checked while the rest was written
        clock.add("verify", written.verify_ms)
        return _Composed(
            written.cleared,
            "chat",
            written.completion.model,
            prompt.version(),
            written.cleared.note,
            written.completion.cost_usd + written.judge_usd,
        )


def _quoted(evidence: Evidence, close: Closeness, clock: "_Clock") -> _Composed:
    with clock.measure("generate"):
        chosen = quotes.compose(evidence, close)
    with clock.measure("verify"):
        parts = tuple(
            grounding.pinned(
                grounding.check(quote.draft, evidence), {quote.n: (quote.start, quote.end)}
            )
            for quote in chosen
        )
        return _Composed(cleared(parts, evidence), "quotes")


def _with_contradictions(composed: _Composed, evidence: Evidence) -> tuple[Part, ...]:
    """The parts, and what other articles say against them."""
    parts = composed.cleared.parts
    found = contradictions(parts, evidence)
    if found and composed.engine == "quotes":
        parts = cleared(newest_first(parts, found), evidence).parts
    return parts + cleared([each.part for each in found], evidence).parts


def _telling(begun: Answer, on_progress: Progress | None) -> Shown | None:
    """What tells of an answer under way, as soon as it stands."""
    if on_progress is None:
        return None

    async def shown(so_far: Cleared) -> None:
        if so_far.stands:
            await on_progress(renumbered(replace(begun, parts=so_far.parts)))

    return shown


class _Clock:
    """Milliseconds by stage, and in total since it was made."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._stages = dict.fromkeys(("embed", "retrieve", "generate", "verify"), 0.0)

    def set(self, stage: str, ms: float) -> None:
        self._stages[stage] = ms

    def measure(self, stage: str) -> "_Stage":
        return _Stage(self, stage)

    def add(self, stage: str, ms: float) -> None:
        self._stages[stage] += ms

    def timings(self) -> dict[str, float]:
        total = (time.perf_counter() - self._started) * 1000
        return {name: round(ms, 1) for name, ms in (self._stages | {"total": total}).items()}


class _Stage:
    def __init__(self, clock: _Clock, name: str) -> None:
        self._clock, self._name = clock, name

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._clock.add(self._name, (time.perf_counter() - self._started) * 1000)
