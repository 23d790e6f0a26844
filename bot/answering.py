"""Question → answer: condense, embed, retrieve, judge sufficiency, compose, verify.

The command line, Slack and evaluation all come through here.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot import grounding, prompt, quotes
from bot.answers import (
    FAILED,
    NOT_COVERED,
    Answer,
    Part,
    Support,
    Verdict,
    renumbered,
    without_ground,
)
from bot.drafts import drafts
from bot.errors import ChatModelError
from bot.questions import condensed, is_follow_up, readable
from bot.retrieval import Filters, Retrieval, Retriever
from bot.sufficiency import enough, sufficiency
from ingest.errors import FootnoteError, Retryable

if TYPE_CHECKING:
    from bot.chat_model import ChatModel


@dataclass(frozen=True, slots=True)
class _Composed:
    """Checked parts, and who wrote them."""

    parts: tuple[Part, ...]
    engine: str
    model: str | None = None
    prompt_version: str | None = None
    note: str | None = None
    cost_usd: float = 0.0


class Answering:
    """Answers questions from the help centre, in the neutral voice."""

    def __init__(self, retriever: Retriever, chat_model: "ChatModel | None") -> None:
        """Without a chat model answers are composed of quotes."""
        self._retriever = retriever
        self._chat_model = chat_model

    async def answer(
        self, question: str, earlier: Sequence[str] = (), filters: Filters | None = None
    ) -> tuple[Answer, str]:
        """The answer, and the question as it was searched for.

        `earlier` are the questions asked before in the same thread, oldest first. An error that a
        person can mend or wait out becomes an answer with the verdict `failed` that says so.
        """
        clock = _Clock()
        question = readable(question)
        try:
            standalone, spent = await self._standalone(question, earlier)
            found = await self._retriever.retrieve(standalone, filters)
            clock.set("embed", found.embed_ms)
            clock.set("retrieve", found.retrieve_ms)
            answer = await self._from_evidence(question, standalone, found, clock)
            answer = replace(answer, cost_usd=round(answer.cost_usd + spent, 6))
        except FootnoteError as error:
            standalone = question
            answer = Answer(
                question, Verdict.FAILED, self._engine, parts=(Part(FAILED),), note=str(error)
            )
        return replace(answer, timings_ms=clock.timings()), standalone

    @property
    def _engine(self) -> str:
        return "chat" if self._chat_model else "quotes"

    async def _standalone(self, question: str, earlier: Sequence[str]) -> tuple[str, float]:
        """The question as it is understood without its thread, and what that cost."""
        if self._chat_model is None or not earlier or not is_follow_up(question):
            return condensed(question, earlier), 0.0
        try:
            messages = prompt.standalone_messages(question, list(earlier))
            completion = await self._chat_model.complete(messages)
        except (ChatModelError, Retryable):
            return condensed(question, earlier), 0.0
        return readable(completion.text), completion.cost_usd

    async def _from_evidence(
        self, question: str, standalone: str, found: Retrieval, clock: "_Clock"
    ) -> Answer:
        score = sufficiency(found.evidence)
        if not enough(score):
            return without_ground(question, found.evidence, score)
        composed = await self._compose(standalone, found, clock)
        kept = tuple(part for part in composed.parts if part.support is not Support.UNSUPPORTED)
        covered = any(part.citations for part in kept)
        answer = Answer(
            question,
            Verdict.ANSWERED if covered else Verdict.NOT_COVERED,
            composed.engine,
            parts=kept if covered else (Part(NOT_COVERED),),
            evidence=found.evidence,
            model=composed.model,
            prompt_version=composed.prompt_version,
            note=composed.note,
            sufficiency=score,
            cost_usd=composed.cost_usd,
        )
        return renumbered(answer)

    async def _compose(self, question: str, found: Retrieval, clock: "_Clock") -> _Composed:
        """By the chat model where there is one; by quotes otherwise, or when it is down."""
        if self._chat_model is None:
            return await self._quoted(question, found, clock)
        try:
            return await self._written(self._chat_model, question, found, clock)
        except (ChatModelError, Retryable) as error:
            composed = await self._quoted(question, found, clock)
            reason = str(error).splitlines()[0]
            return replace(composed, note=f"Quoted from the articles: {reason}")

    async def _written(
        self, model: "ChatModel", question: str, found: Retrieval, clock: "_Clock"
    ) -> _Composed:
        with clock.measure("generate"):
            completion = await model.complete(prompt.messages(question, found.evidence))
        with clock.measure("verify"):
            refused = prompt.NOT_COVERED in completion.text
            parts = [] if refused else drafts(completion.text)
            checked = tuple(grounding.check(draft, found.evidence) for draft in parts)
        dropped = sum(part.support is Support.UNSUPPORTED for part in checked)
        note = _left_out(dropped)
        return _Composed(
            checked, "chat", completion.model, prompt.version(), note, completion.cost_usd
        )

    async def _quoted(self, question: str, found: Retrieval, clock: "_Clock") -> _Composed:
        with clock.measure("generate"):
            chosen = await quotes.compose(question, found.vector, found.evidence, found.embedder)
        with clock.measure("verify"):
            parts = tuple(
                grounding.pinned(
                    grounding.check(quote.draft, found.evidence),
                    {quote.n: (quote.start, quote.end)},
                )
                for quote in chosen
            )
        return _Composed(parts, "quotes")


def _left_out(count: int) -> str | None:
    if not count:
        return None
    what = "1 statement was" if count == 1 else f"{count} statements were"
    return f"{what} left out: the articles do not bear it out."


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
