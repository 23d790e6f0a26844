"""What is kept of people: given out, erased without a trace, and let go of in time."""

import json

from psycopg import sql as composed

from bot import records
from bot.app import App
from bot.asking import answer_once
from bot.personal_data import expire, export, forget
from bot.review import verdicts
from bot.review.gaps import find_gaps
from bot.review.golden import golden_set
from bot.review.queue import claim, skip
from bot.review.verdicts import ReviewVerdict
from tests.integration.command import Command
from tests.integration.test_review import sql

ALICE, LENA = "U0ALICE", "U0LENA"
_COLUMNS = """
    SELECT c.table_name, c.column_name FROM information_schema.columns c
    JOIN information_schema.tables t USING (table_schema, table_name)
    WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE'
      AND c.data_type IN ('text', 'character varying', 'jsonb', 'ARRAY')
"""


async def history(app: App) -> tuple[int, int]:
    """Alice's question, approved by Lena; and another's that Alice, a lead too, reviewed."""
    found = []
    for question, asker in (("How do I reset my password?", ALICE), ("Who wrote Hamlet?", None)):
        answer, standalone = await app.answering.answer(question)
        found.append(await records.keep_new(app.database, answer, standalone, asker))
    own, other = found
    await verdicts.review(app.database, own, LENA, ReviewVerdict.APPROVE)
    await verdicts.vote(app.database, own, LENA, helpful=True)
    await verdicts.vote(app.database, other, ALICE, helpful=False)
    await verdicts.review(app.database, other, ALICE, ReviewVerdict.REJECT, note="Says Alice.")
    await verdicts.pick_golden(app.database, other, ALICE, picked=True)
    await claim(app.database, other, ALICE)
    await skip(app.database, own, ALICE)
    served = app.retriever.served
    await find_gaps(app.database, served.embedder, served.space)
    await answer_once(app, "How do I reset my password?")  # given again, with her question's vector
    return own, other


async def traces(app: App, person: str) -> list[str]:
    """Every column that names a person."""
    found = []
    for row in await sql(app.database, _COLUMNS):
        query = composed.SQL("SELECT count(*) AS n FROM {} WHERE {}::text LIKE {}").format(
            composed.Identifier(row["table_name"]),
            composed.Identifier(row["column_name"]),
            composed.Literal(f"%{person}%"),
        )
        async with app.database.session() as session:
            counted = await (await session.connection.execute(query)).fetchone()
        if counted and counted["n"]:
            found.append(f"{row['table_name']}.{row['column_name']}")
    return found


async def test_nothing_of_a_person_is_left_but_in_the_log(app: App) -> None:
    own, other = await history(app)
    assert "question.asker" in await traces(app, ALICE)
    erased = await forget(app.database, ALICE)
    assert await traces(app, ALICE) == ["audit.actor"]
    assert (erased.questions, erased.answers, erased.training_candidates) == (1, 1, 1)
    assert (erased.votes_elsewhere, erased.reviews_unsigned) == (1, 1)
    assert await records.load(app.database, own) is None
    assert await sql(app.database, "SELECT * FROM verified_question") == []
    (review,) = await verdicts.history(app.database, other)
    assert (review.reviewer, review.note) == ("erased", None)
    assert [each.answer for each in await golden_set(app.database)] == [other]


async def test_datasets_that_hold_a_persons_review_lose_their_texts(app: App) -> None:
    await history(app)
    await sql(
        app.database,
        """
        INSERT INTO voice_dataset (hash, built_by, card, train, validation, test, preferences,
                                   reviews)
        SELECT 'h' || r.id, 'lena', '{}', 'some words', '', '', '',
               jsonb_build_object(r.id, 'train')
        FROM review r RETURNING hash
        """,
    )
    assert (await forget(app.database, ALICE)).datasets == 1
    kept = await sql(app.database, "SELECT train FROM voice_dataset ORDER BY train")
    assert [row["train"] for row in kept] == ["", "some words"]


async def test_what_is_exported_is_all_there_is(app: App) -> None:
    own, other = await history(app)
    rows = [row async for row in export(app.database)]
    assert [row["id"] for row in rows][:2] == [own, other]
    hers = [row async for row in export(app.database, ALICE)]
    assert [row["id"] for row in hers] == [own]
    (row,) = hers
    assert row["asker"] == ALICE
    assert row["reviews"][0]["verdict"] == "approve"
    assert row["parts"][0]["cites"][0]["words"]


async def test_old_questions_go_and_what_is_verified_loses_its_asker(app: App) -> None:
    own, other = await history(app)
    assert await expire(app.database, None) == 0
    assert await expire(app.database, 30) == 0
    await sql(
        app.database, "UPDATE question SET asked_at = asked_at - interval '40 days' RETURNING id"
    )
    assert await expire(app.database, 30) == 2
    assert await records.load(app.database, own) is not None
    assert await records.load(app.database, other) is None
    assert await sql(app.database, "SELECT * FROM question WHERE asker IS NOT NULL") == []


def test_by_command(footnote: Command, sample_url: str) -> None:
    footnote("ask", "How do I reset my password?", DATABASE_URL=sample_url)
    out = footnote("answers", "export", DATABASE_URL=sample_url).out
    assert json.loads(out)["question"] == "How do I reset my password?"
    done = footnote("answers", "forget", ALICE, "--yes", DATABASE_URL=sample_url)
    assert done.code == 0, done
    assert "0 questions, with 0 answers" in done.out
    assert "audit log" in done.out
    assert footnote("answers", "golden", DATABASE_URL=sample_url).out == ""
    assert "covered" in footnote("answers", "gaps", DATABASE_URL=sample_url).out
