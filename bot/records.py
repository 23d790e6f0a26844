"""Records: questions and answers in Postgres, and back as the values they were."""

from dataclasses import replace

from psycopg.types.json import Jsonb

from bot.answers import Answer, Citation, Kind, Part, Support, Verdict, Verified
from bot.evidence import Evidence, Passage
from bot.questions import Asked, StoredQuestion
from bot.voice.voices import NEUTRAL
from ingest.database import Database, Row, Session


async def accept(session: Session, asked: Asked) -> int | None:
    """Store a question from Slack and return its id; None when it is stored already."""
    row = await session.row(
        "accept_question",
        text=asked.text,
        asker=asked.asker,
        team=asked.team,
        channel=asked.channel,
        thread_ts=asked.thread_ts,
        message_ts=asked.message_ts,
        event_id=asked.event_id,
    )
    return row["id"] if row else None


async def begin(database: Database, question_id: int) -> StoredQuestion | None:
    """A stored question to work on; whoever worked on it before may post nothing from here on."""
    row = await database.row("begin_question", question=question_id)
    return StoredQuestion.from_row(row) if row else None


async def question(database: Database, question_id: int) -> StoredQuestion | None:
    """A stored question."""
    row = await database.row("question", question=question_id)
    return StoredQuestion.from_row(row) if row else None


async def earlier_questions(database: Database, asked: StoredQuestion) -> list[str]:
    """What was asked before in the same thread, oldest first."""
    rows = await database.rows(
        "earlier_questions",
        channel=asked.channel,
        thread_ts=asked.thread_ts,
        question=asked.id,
    )
    return [row["text"] for row in reversed(rows)]


async def kept_answer(database: Database, question_id: int) -> Answer | None:
    """The neutral answer to a question, if it was answered already."""
    row = await database.row("neutral_answer", question=question_id)
    return await load(database, row["id"]) if row else None


async def in_voice(database: Database, answer_id: int, voice: str) -> Answer | None:
    """An answer's wording in a voice, if there is one; any of its wordings may be named."""
    row = await database.row("answer_in_voice", answer=answer_id, voice=voice)
    return await load(database, row["id"]) if row else None


async def keep_new(
    database: Database, answer: Answer, standalone: str, asker: str | None = None
) -> int:
    """Keep a question that no message asked, with its answer; return the answer's id."""
    async with database.transaction() as session:
        row = await session.row(
            "add_question", text=answer.question, standalone=standalone, asker=asker
        )
        assert row is not None
        return await keep(session, row["id"], answer, standalone)


async def keep(
    session: Session, question_id: int, answer: Answer, standalone: str | None = None
) -> int:
    """Keep an answer to a stored question, close the question, and return the answer's id."""
    answer_id = await add_answer(session, question_id, answer)
    state = "failed" if answer.verdict is Verdict.FAILED else "answered"
    await session.run("close_question", question=question_id, state=state, standalone=standalone)
    return answer_id


async def add_answer(
    session: Session, question_id: int, answer: Answer, neutral_id: int | None = None
) -> int:
    """Keep an answer with its evidence, parts and citations."""
    row = await session.row(
        "add_answer",
        question=question_id,
        neutral=neutral_id,
        verdict=answer.verdict.value,
        engine=answer.engine,
        model=answer.model,
        voice=answer.voice,
        prompt_version=answer.prompt_version,
        note=answer.note,
        sufficiency=answer.sufficiency,
        timings_ms=Jsonb(answer.timings_ms),
        cost_usd=answer.cost_usd,
        verified=answer.verified.review if answer.verified else None,
    )
    assert row is not None
    answer_id = int(row["id"])
    passages = answer.evidence.passages
    await session.run_each("add_evidence", [_evidence_row(answer_id, each) for each in passages])
    parts = list(enumerate(answer.parts))
    await session.run_each("add_part", [_part_row(answer_id, at, part) for at, part in parts])
    cited = [(at, citation) for at, part in parts for citation in part.citations]
    await session.run_each(
        "add_citation", [_citation_row(answer_id, at, each) for at, each in cited]
    )
    await session.run("queue_answers", answers=[answer_id])
    return answer_id


def _evidence_row(answer_id: int, passage: Passage) -> dict[str, object]:
    return {
        "answer": answer_id,
        "n": passage.n,
        "article_version": passage.article_version_id,
        "heading_path": list(passage.heading_path),
        "anchor": passage.anchor,
        "start": passage.start,
        "end": passage.end,
        "score": passage.score,
    }


def _part_row(answer_id: int, position: int, part: Part) -> dict[str, object]:
    return {
        "answer": answer_id,
        "position": position,
        "kind": part.kind.value,
        "text": part.text,
        "support": part.support.value,
    }


def _citation_row(answer_id: int, position: int, citation: Citation) -> dict[str, object]:
    return {
        "answer": answer_id,
        "position": position,
        "n": citation.n,
        "start": citation.start,
        "end": citation.end,
        "support": citation.support.value,
    }


async def load(database: Database, answer_id: int) -> Answer | None:
    """A kept answer, as it was given."""
    async with database.session() as session:
        row = await session.row("answer", answer=answer_id)
        if row is None:
            return None
        evidence = await session.rows("evidence", answer=answer_id)
        parts = await session.rows("parts", answer=answer_id)
        citations = await session.rows("citations", answer=answer_id)
    return Answer(
        question=row["question"],
        verdict=Verdict(row["verdict"]),
        engine=row["engine"],
        parts=tuple(_part(part, citations) for part in parts),
        evidence=Evidence(tuple(_passage(passage) for passage in evidence)),
        model=row["model"],
        voice=row["voice"],
        prompt_version=row["prompt_version"],
        note=row["note"],
        sufficiency=row["sufficiency"],
        timings_ms=row["timings_ms"],
        cost_usd=float(row["cost_usd"]),
        standalone=row["standalone"] if row["standalone"] != row["question"] else None,
        id=answer_id,
        verified=_verified(row),
    )


def _verified(row: Row) -> Verified | None:
    if row["verified_review_id"] is None:
        return None
    return Verified(row["verified_review_id"], row["verified_by"], row["verified_at"])


def _part(row: Row, citations: list[Row]) -> Part:
    return Part(
        row["text"],
        tuple(
            Citation(
                cited["n"], cited["start_offset"], cited["end_offset"], Support(cited["support"])
            )
            for cited in citations
            if cited["position"] == row["position"]
        ),
        Kind(row["kind"]),
        Support(row["support"]),
    )


def _passage(row: Row) -> Passage:
    return Passage.from_row(
        row, n=row["n"], start=row["start_offset"], end=row["end_offset"], text=row["text"]
    )


async def keep_wording(database: Database, neutral_id: int, worded: Answer) -> Answer:
    """Keep an answer's wording in a voice beside the neutral one; return it with its id.

    Where the voice fell back there is nothing new to keep: the neutral answer's id is given.
    """
    if worded.voice == NEUTRAL:
        return replace(worded, id=neutral_id)
    async with database.transaction() as session:
        row = await session.row("answer", answer=neutral_id)
        assert row is not None
        answer_id = await add_answer(session, row["question_id"], worded, neutral_id)
    return replace(worded, id=answer_id)
