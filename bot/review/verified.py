"""Verified answers: what a lead approved or amended is what is said to the same question again.

A question is the same when it reads the same, or when its vector is near, what was found for it
begins with what the verified answer cites, and no fact in it is another. The moment an ingest
changes words that are cited, the answer is not given any more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from pgvector import HalfVector

from bot import records
from bot.answers import Answer, Verified
from bot.grounding.facts import Facts, facts
from bot.grounding.polarity import polarity
from bot.retrieval import Retrieval
from bot.review.verdicts import amended
from bot.staleness import look
from ingest.database import Database, Row
from ingest.lexicon import language_of, stems, words
from ingest.spaces import Space

SIMILAR = 0.8  # from which a reworded question may be the same
NEAR = 5  # verified questions that are looked at
BATCH = 64  # questions embedded at a time
FOREMOST = 2  # of the passages found, the first so many have to be of what is cited


@dataclass(frozen=True, slots=True)
class _Candidate:
    review: int
    answer: int
    question: str
    reviewer: str
    reviewed_at: datetime
    similarity: float
    unseen: bool  # an ingest changed a cited article, and nobody has looked at its words yet

    @classmethod
    def from_row(cls, row: Row) -> "_Candidate":
        return cls(**{name: row[name] for name in cls.__slots__})


class VerifiedAnswers:
    """Finds the verified answer to a question, if there is one."""

    def __init__(self, database: Database, stale_days: int) -> None:
        """`stale_days` is how long answers are watched."""
        self._database = database
        self._days = stale_days

    async def find(self, question: str, found: Retrieval, served: Space) -> Answer | None:
        """The answer, worded as the lead left it and with what was found at the time.

        Raises DatabaseUnavailable, and what the embedder raises.
        """
        if not found.any_verified:
            return None
        await self._embed(found, served.id)
        for candidate in await self._candidates(found, served.id):
            answer = await records.load(self._database, candidate.answer)
            if answer is not None and _matches(question, candidate, answer, found):
                return await self._as_verified(answer, candidate, question)
        return None

    async def _as_verified(self, answer: Answer, candidate: _Candidate, question: str) -> Answer:
        parts = await self._database.rows("review_parts", review=candidate.review)
        wordings: Mapping[int, str] = {part["position"]: part["wording"] for part in parts}
        worded = amended(answer, wordings)
        cited = {passage.n for passage in worded.cited}
        evidence = replace(
            worded.evidence,
            passages=tuple(each for each in worded.evidence.passages if each.n in cited),
        )
        return replace(
            worded,
            id=None,
            question=question,
            evidence=evidence,
            note=None,
            cost_usd=0.0,
            verified=Verified(candidate.review, candidate.reviewer, candidate.reviewed_at),
        )

    async def _candidates(self, found: Retrieval, space: int) -> list[_Candidate]:
        """The nearest verified questions whose answers still stand."""
        vector = HalfVector(found.vector)
        for _ in range(2):
            rows = await self._database.rows(
                "verified_near", space=space, vector=vector, floor=SIMILAR, limit=NEAR
            )
            candidates = [_Candidate.from_row(row) for row in rows]
            if not any(each.unseen for each in candidates):
                return candidates
            await look(self._database, self._days)
        return [each for each in candidates if not each.unseen]

    async def _embed(self, found: Retrieval, space: int) -> None:
        """Give verified questions their vectors, so that a verdict counts at once."""
        rows = await self._database.rows("verified_without_vector", space=space, limit=BATCH)
        if not rows:
            return
        vectors = await found.embedder.embed([row["question"] for row in rows])
        for row, vector in zip(rows, vectors, strict=True):
            await self._database.run(
                "add_verified_vector", review=row["review"], space=space, vector=HalfVector(vector)
            )


def _matches(question: str, candidate: _Candidate, answer: Answer, found: Retrieval) -> bool:
    if words(question) == words(candidate.question):
        cited = {each.article for each in answer.cited}
        return cited <= {each.article for each in found.evidence.passages}
    return _asks_the_same(question, candidate) and _on_same_ground(
        answer, found, question, candidate
    )


def _asks_the_same(question: str, candidate: _Candidate) -> bool:
    """Whether two questions ask the same, as far as their facts tell."""
    one, two = facts(question), facts(candidate.question)
    return (
        _names_in(one, candidate.question)
        and _names_in(two, question)
        and all(any(each.agrees(other) for other in two.quantities) for each in one.stated)
        and all(any(each.agrees(other) for other in one.quantities) for each in two.stated)
        and not polarity(question, "en").contradicts(polarity(candidate.question, "en"))
    )


def _names_in(found: Facts, question: str) -> bool:
    return found.names <= set(words(question))


def _on_same_ground(answer: Answer, found: Retrieval, question: str, candidate: _Candidate) -> bool:
    """Whether what was found begins with what the answer cites, and asks for no more of it.

    All that is cited has to be among what was found, so that nothing is shown that may not be.
    """
    cited = {(each.article, each.heading_path) for each in answer.cited}
    passages = found.evidence.passages
    if not cited <= {(each.article, each.heading_path) for each in passages}:
        return False
    if not any((each.article, each.heading_path) in cited for each in passages[:FOREMOST]):
        return False
    language = language_of(passages[0].locale)
    one, two = stems(question, language), stems(candidate.question, language)
    held = frozenset().union(*(stems(each.text, language) for each in answer.cited))
    further, dropped = (one - two) & held, (two - one) & held
    # "… to Norway" beside a verified "… to Switzerland": the same passage, another row of it.
    return not further or not (dropped or further - stems(answer.text, language))
