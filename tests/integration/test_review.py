"""Reviews as they are kept: what waits, who has it, what was said of it, and the log of it all."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from bot import records
from bot.answers import Answer
from bot.app import App
from bot.asking import answer_once
from bot.errors import ReviewedMeanwhile, ReviewError
from bot.review import audit, verdicts
from bot.review.queue import Filters, Queue, Why, claim, queue, reviewed, skip, unskip
from bot.review.verdicts import Reason, ReviewVerdict
from ingest.database import Database, Row

PASSWORD = "How do I reset my password?"
TUNGSTEN = "What is the boiling point of tungsten?"
LENA, OTTO = "U0LENA", "U0OTTO"


@pytest.fixture
async def asked(app: App) -> Answer:
    return await answer_once(app, PASSWORD)


async def sql(database: Database, query: str, *values: object) -> list[Row]:
    async with database.session() as session:
        cursor = await session.connection.execute(query, values)
        return await cursor.fetchall()


async def waits(app: App, answer: Answer) -> Why | None:
    found = await queue(app.database, LENA)
    return next((each.why for each in found.answers if each.id == answer.id), None)


async def approve(app: App, answer: Answer, person: str = LENA, **more: object) -> int:
    assert answer.id is not None
    return await verdicts.review(
        app.database,
        answer.id,
        person,
        ReviewVerdict.APPROVE,
        **more,  # type: ignore[arg-type]
    )


# The queue


async def test_what_waits_and_why(app: App, asked: Answer) -> None:
    declined = await answer_once(app, TUNGSTEN)
    assert await waits(app, declined) is Why.NOT_COVERED
    assert asked.id is not None

    await verdicts.vote(app.database, asked.id, "U1", helpful=False)
    found = await queue(app.database, LENA)
    assert [(each.id, each.why) for each in found.answers] == [
        (asked.id, Why.VOTED_DOWN),
        (declined.id, Why.NOT_COVERED),
    ]
    assert found.counts == {Why.VOTED_DOWN: 1, Why.NOT_COVERED: 1}
    assert found.after(asked.id) == found.answers[1]
    assert found.after(declined.id) == found.answers[0]

    await approve(app, asked)
    await approve(app, declined)
    assert (await queue(app.database, LENA)) == Queue()
    done = await reviewed(app.database)
    assert [(each.id, each.review, each.reviewer) for each in done.answers] == [
        (declined.id, "approve", LENA),
        (asked.id, "approve", LENA),
    ]


async def test_a_vote_against_a_reviewed_answer_brings_it_back(app: App, asked: Answer) -> None:
    await approve(app, asked)
    assert asked.id is not None
    await verdicts.vote(app.database, asked.id, "U1", helpful=False)
    assert await waits(app, asked) is Why.VOTED_DOWN
    await verdicts.vote(app.database, asked.id, "U1", helpful=True)
    assert await waits(app, asked) is not Why.VOTED_DOWN


async def test_a_weak_statement_and_a_new_voice_wait(app: App, asked: Answer) -> None:
    assert asked.id is not None
    await sql(app.database, "UPDATE part SET support = 'partly' RETURNING answer_id")
    async with app.database.transaction() as session:
        await session.run("queue_answers", answers=[asked.id])
    assert await waits(app, asked) is Why.WEAK

    await sql(app.database, "UPDATE part SET support = 'supported' RETURNING answer_id")
    kept = await records.load(app.database, asked.id)
    assert kept is not None
    worded = await records.keep_wording(app.database, asked.id, replace(kept, voice="warm"))
    assert await waits(app, worded) in (Why.CLOSE, Why.NEW_VOICE)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({}, True),
        ({"verdict": "not_covered"}, True),
        ({"verdict": "answered"}, False),
        ({"voice": "neutral"}, True),
        ({"voice": "brand"}, False),
        ({"channel": "C9"}, False),
        ({"agent": "U9"}, False),
        ({"article": "no-such"}, False),
        ({"why": "3"}, True),
        ({"why": "1"}, False),
        ({"since": "2020-01-01", "until": "2020-02-01"}, False),
        ({"since": "not a day", "why": "x"}, True),
    ],
)
async def test_filters(app: App, given: dict[str, str], *, found: bool) -> None:
    await answer_once(app, TUNGSTEN)
    for filters in (Filters.of(given), Filters.of(Filters.of(given).given())):
        assert bool((await queue(app.database, LENA, filters)).answers) is found


async def test_today_is_within_its_day(app: App) -> None:
    await answer_once(app, TUNGSTEN)
    today = datetime.now(UTC).date()
    for day, found in ((today, True), (today - timedelta(days=1), False)):
        filters = Filters.of({"until": day.isoformat()})
        assert bool((await queue(app.database, LENA, filters)).answers) is found


async def test_two_leads_do_not_take_the_same_answer(app: App) -> None:
    answer = await answer_once(app, TUNGSTEN)
    assert answer.id is not None
    assert await claim(app.database, answer.id, LENA) is None
    assert await claim(app.database, answer.id, LENA) is None  # again, a minute later
    held = await claim(app.database, answer.id, OTTO)
    assert held is not None
    assert held.reviewer == LENA
    (seen,) = (await queue(app.database, OTTO)).answers
    assert seen.held_by == LENA
    assert (await queue(app.database, OTTO)).after(None) is None

    await sql(app.database, "UPDATE review_claim SET expires_at = now() RETURNING 1 AS one")
    assert await claim(app.database, answer.id, OTTO) is None


async def test_what_is_skipped_is_left_to_others(app: App) -> None:
    answer = await answer_once(app, TUNGSTEN)
    assert answer.id is not None
    await skip(app.database, answer.id, LENA)
    assert (await queue(app.database, LENA)).answers == ()
    assert len((await queue(app.database, OTTO)).answers) == 1
    await unskip(app.database, answer.id, LENA)
    assert len((await queue(app.database, LENA)).answers) == 1


# Verdicts


async def test_an_amendment_is_kept_by_statement(app: App, asked: Answer) -> None:
    assert asked.id is not None
    last = len(asked.parts) - 1
    texts = {at: part.text for at, part in enumerate(asked.parts)}
    await verdicts.review(
        app.database,
        asked.id,
        LENA,
        ReviewVerdict.AMEND,
        wordings=texts | {0: " Ask for the link\non the sign-in page. ", last: "", 99: "?"},
        note="Shorter.",
    )
    (kept,) = await verdicts.history(app.database, asked.id)
    assert kept.wordings == {0: "Ask for the link on the sign-in page.", last: ""}
    assert kept.wording is not None
    assert kept.wording.startswith("1. Ask for the link on the sign-in page. [1]") or (
        kept.wording.startswith("Ask for the link on the sign-in page. [1]")
    )
    assert (kept.note, kept.reason) == ("Shorter.", None)
    worded = verdicts.amended(asked, kept.wordings)
    assert len(worded.parts) == last
    assert worded.parts[0].citations == asked.parts[0].citations


@pytest.mark.parametrize(
    ("emptied", "why"), [(False, "change a statement"), (True, "reject the answer instead")]
)
async def test_an_amendment_changes_something_and_leaves_something(
    app: App, asked: Answer, why: str, *, emptied: bool
) -> None:
    assert asked.id is not None
    wordings = dict.fromkeys(range(len(asked.parts)), "") if emptied else {}
    with pytest.raises(ReviewError, match=why):
        await verdicts.review(app.database, asked.id, LENA, ReviewVerdict.AMEND, wordings=wordings)
    assert await verdicts.history(app.database, asked.id) == []


async def test_the_second_lead_sees_who_was_first_and_nothing_is_lost(
    app: App, asked: Answer
) -> None:
    assert asked.id is not None
    first = await approve(app, asked, seen=0)
    with pytest.raises(ReviewedMeanwhile) as caught:
        await approve(app, asked, OTTO, seen=0)
    assert (caught.value.review, caught.value.reviewer) == (first, LENA)
    assert caught.value.verdict == "approve"

    second = await verdicts.review(
        app.database, asked.id, OTTO, ReviewVerdict.REJECT, reason=Reason.WRONG, seen=first
    )
    assert [each.id for each in await verdicts.history(app.database, asked.id)] == [second, first]


async def test_of_two_reviews_at_once_one_is_second(app: App, asked: Answer) -> None:
    found = await asyncio.gather(
        approve(app, asked, LENA, seen=0), approve(app, asked, OTTO, seen=0), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in found) == ["ReviewedMeanwhile", "int"]


async def test_an_undone_review_no_longer_stands(app: App) -> None:
    answer = await answer_once(app, TUNGSTEN)
    assert answer.id is not None
    first = await approve(app, answer)
    second = await verdicts.review(app.database, answer.id, LENA, ReviewVerdict.REJECT)
    with pytest.raises(ReviewError, match="another lead"):
        await verdicts.undo(app.database, second, OTTO)
    await verdicts.undo(app.database, second, LENA)
    standing = await verdicts.standing(app.database, answer.id)
    assert standing is not None
    assert standing.id == first
    await verdicts.undo(app.database, first, OTTO, of_anyone=True)
    assert await verdicts.standing(app.database, answer.id) is None
    assert await waits(app, answer) is Why.NOT_COVERED
    with pytest.raises(ReviewError, match="undone already"):
        await verdicts.undo(app.database, first, LENA)


async def test_a_review_of_nothing_is_refused(app: App) -> None:
    with pytest.raises(ReviewError, match="gone"):
        await verdicts.review(app.database, 999, LENA, ReviewVerdict.APPROVE)


# The log


async def test_everything_is_in_the_log(app: App, asked: Answer) -> None:
    assert asked.id is not None
    review = await approve(app, asked)
    await verdicts.undo(app.database, review, LENA)
    await skip(app.database, asked.id, OTTO)
    await verdicts.pick_golden(app.database, asked.id, OTTO, picked=True)
    found = await audit.entries(app.database, asked.id)
    assert [(each.id, each.actor, each.action) for each in reversed(found)] == [
        (1, LENA, "approve"), (2, LENA, "undo"), (3, OTTO, "skip"), (4, OTTO, "golden"),
    ]  # fmt: skip
    assert found[-1].detail == {"review": review}
    assert await audit.broken_at(app.database) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET actor = 'nobody'",
        "DELETE FROM audit",
        "TRUNCATE audit",
        "SET session_replication_role = replica; DELETE FROM audit",
    ],
)
async def test_the_log_cannot_be_edited(app: App, asked: Answer, change: str) -> None:
    await approve(app, asked)
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only added to"):
        async with await psycopg.AsyncConnection.connect(str(app.database.pool.conninfo)) as raw:
            await raw.execute(change)
    assert len(await audit.entries(app.database)) == 1


@pytest.mark.parametrize(
    "change", ["UPDATE audit SET actor = 'x' WHERE id = 2", "DELETE FROM audit WHERE id = 2"]
)
async def test_the_owner_of_the_table_leaves_a_trace(app: App, asked: Answer, change: str) -> None:
    for _ in range(3):
        await verdicts.undo(app.database, await approve(app, asked), LENA)
    async with app.database.session() as session:
        await session.connection.execute("ALTER TABLE audit DISABLE TRIGGER USER")
        await session.connection.execute(change)
    assert await audit.broken_at(app.database) in (2, 3)
