"""The chat engine: a model writes, code reads along, and every part is checked as it is finished.

Nothing a model writes is shown before it was checked, so no marker outside the evidence, no link
and no unfounded statement is ever seen, not even for a moment.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from bot.answers import Draft, Part, Support
from bot.chat import prompt
from bot.chat.drafts import Drafting
from bot.clearance import Cleared, cleared
from bot.errors import ChatModelError
from bot.evidence import Evidence
from bot.grounding import check_all, read_ahead
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.errors import Retryable

if TYPE_CHECKING:
    from bot.chat.model import Completion, Writes

# Takes the parts that may be shown so far.
Shown = Callable[[Cleared], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote, cleared, with what its checking took and cost."""

    cleared: Cleared
    completion: "Completion"
    judge_usd: float
    verify_ms: float


@dataclass(frozen=True, slots=True)
class Writer:
    """The model that writes, the one that judges the doubtful, and whether to mark or to drop."""

    model: "Writes"
    judge: "Writes | None" = None
    mark: bool = False

    async def write(
        self, question: str, evidence: Evidence, local: EmbeddedEmbedder, shown: Shown | None = None
    ) -> Written:
        """Have an answer written and checked; `shown` is told whenever there is more of it.

        A try that broke off begins anew, so what was shown may be taken back. Raises what
        ChatModel.complete raises, and EmbeddingModelError.
        """
        tries: list[_Try] = []

        def listener() -> Callable[[str], Awaitable[None]]:
            tries.append(_Try(self, evidence, local, shown))
            return tries[-1].hear

        ahead = asyncio.create_task(read_ahead(evidence, local))
        try:
            completion = await self.model.complete(prompt.messages(question, evidence), listener)
            return await tries[-1].finish(completion)
        finally:
            ahead.cancel()


class _Try:
    """One reading of one text."""

    def __init__(
        self, writer: Writer, evidence: Evidence, local: EmbeddedEmbedder, shown: Shown | None
    ) -> None:
        self._writer = writer
        self._evidence = evidence
        self._local = local
        self._shown = shown
        self._drafting = Drafting()
        self._parts: list[Part] = []
        self._judge_usd = 0.0
        self._verify_ms = 0.0

    async def hear(self, delta: str) -> None:
        """Read on, and show what can be shown by now."""
        if await self._check(self._drafting.feed(delta)) and self._shown is not None:
            await self._shown(self._cleared)

    async def finish(self, completion: "Completion") -> Written:
        await self._check(self._drafting.close())
        return Written(self._cleared, completion, self._judge_usd, self._verify_ms)

    @property
    def _cleared(self) -> Cleared:
        return cleared(self._parts, self._evidence, mark=self._writer.mark)

    async def _check(self, drafts: Sequence[Draft]) -> bool:
        """Check drafts; whether there were any."""
        if not drafts:
            return False
        started = time.perf_counter()
        checked = await check_all(drafts, self._evidence, self._local)
        self._parts += await asyncio.gather(*map(self._judged, checked))
        self._verify_ms += (time.perf_counter() - started) * 1000
        return True

    async def _judged(self, part: Part) -> Part:
        """A doubtful part as the judge sees it; as it is where there is none, or it is down."""
        judge = self._writer.judge
        if judge is None or part.support is not Support.PARTLY:
            return part
        cited = {citation.n for citation in part.citations}
        passages = [passage for passage in self._evidence.passages if passage.n in cited]
        try:
            verdict = await judge.complete(prompt.judge_messages(part.text, passages))
        except (ChatModelError, Retryable):
            return part
        self._judge_usd += verdict.cost_usd
        said = verdict.text.strip().casefold()
        if said.startswith("yes"):
            return replace(part, support=Support.SUPPORTED)
        return replace(part, support=Support.UNSUPPORTED) if said.startswith("no") else part
