"""Answers whose cited words an article no longer has: found, listed, and let go of again."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot import records
from bot.answers import Answer, Citation, Kind, Part, Support, Verdict
from bot.evidence import Evidence, Passage
from bot.serving import open_worker
from bot.settings import SlackSettings
from bot.staleness import StaleAnswer, mark_stale, stale_answers, stale_lines
from ingest.database import Database
from ingest.embeddings import Embedder
from tests.fakes.reading import words_of
from tests.fakes.slack_server import SUPPORT, SlackServer
from tests.integration.command import Command, run_footnote
from tests.integration.desk import settings_for
from tests.integration.help_centre import HelpCentre

DAYS = 90
FIVE_DAYS = "Refunds take five days after we have your parcel."
LABEL = "2. Print the **label**."
NORWAY = "| Norway | 9 euros |"
FREE = "Up to 10 parcels are free in a year."
ARTICLE = f"""Here is how it works. {FIVE_DAYS} A gift card is refunded at once.

1. Open your order.
{LABEL}
3. Send it back.

| Country | Price |
|---|---|
| Sweden | 4 euros |
{NORWAY}

{FREE}"""


@pytest.fixture
async def centre(empty_database: Database, embedder: Embedder, tmp_path: Path) -> HelpCentre:
    """Two articles, ingested."""
    made = HelpCentre(empty_database, embedder, tmp_path / "articles")
    made.write("refunds.md", ARTICLE, id="1", title="Refunds")
    made.write("other.md", "We open at nine.", id="2", title="Hours")
    await made.run()
    return made


async def tell(centre: HelpCentre, *cited: str, question: str = "How long?") -> int:
    """Keep an answer that cites words of article 1 as it is served now."""
    (version,) = await centre.sql(
        "SELECT v.* FROM article a JOIN article_version v ON v.id = a.current_version_id"
        " WHERE a.external_id = '1'"
    )
    body = version["body"]
    passage = Passage(
        n=1, article_version_id=version["id"], article="1", version=version["version"],
        title=version["title"], url=version["url"], audience="public", locale="en",
        updated_at=None, heading_path=(), anchor=None, start=0, end=len(body), text=body, score=1.0,
    )  # fmt: skip
    parts = tuple(
        Part(words, (_citation(body, words),), Kind.STATEMENT, Support.SUPPORTED) for words in cited
    )
    answer = Answer(question, Verdict.ANSWERED, "quotes", parts, Evidence((passage,)))
    return await records.keep_new(centre.database, answer, question)


def _citation(body: str, words: str) -> Citation:
    start = body.index(words)
    return Citation(1, start, start + len(words), Support.SUPPORTED)


async def edit(centre: HelpCentre, before: str, after: str, title: str = "Refunds") -> None:
    """Change the article and ingest it."""
    assert before in ARTICLE
    centre.write("refunds.md", ARTICLE.replace(before, after), id="1", title=title)
    await centre.run()


async def look(centre: HelpCentre) -> list[StaleAnswer]:
    """What is newly stale; what is listed is the same, for there was nothing before."""
    found = await mark_stale(centre.database, DAYS)
    assert await stale_answers(centre.database, DAYS) == found
    return found


async def test_a_changed_sentence_makes_its_answers_stale(centre: HelpCentre) -> None:
    told = await tell(centre, FIVE_DAYS)
    assert await look(centre) == []

    await edit(centre, "take five days", "take ten days")
    (stale,) = await look(centre)

    (change,) = stale.changes
    assert (stale.answer, stale.question, stale.channel) == (told, "How long?", None)
    assert (change.how, change.article, change.title) == ("changed", "1", "Refunds")
    assert change.words == FIVE_DAYS
    assert change.now == "Refunds take ten days after we have your parcel."


@pytest.mark.parametrize(
    ("words", "before", "after", "how"),
    [
        (LABEL, "the **label**", "the **receipt**", "changed"),
        (NORWAY, "9 euros", "12 euros", "changed"),
        (FIVE_DAYS, "five days", "up to five days", "changed"),
        (FREE, "10 parcels", "100 parcels", "changed"),
        ("Up to 10", "10 parcels", "10.5 parcels", "removed"),  # too little to know it again
        (FIVE_DAYS, FIVE_DAYS, "", "removed"),
        (NORWAY, NORWAY, "", "removed"),
    ],
)
async def test_how_cited_words_changed_is_told(
    centre: HelpCentre, words: str, before: str, after: str, how: str
) -> None:
    await tell(centre, words)
    await edit(centre, before, after)

    ((change,),) = [stale.changes for stale in await look(centre)]
    assert change.how == how
    assert (change.now is None) is (how == "removed")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("A gift card is refunded at once.", "A gift card is not refunded."),
        ("1. Open your order.", "1. Sign in.\n2. Open your order."),  # what was 2. is 3. now
        ("the **label**", "the label"),
        (FIVE_DAYS, FIVE_DAYS.replace(" after", "\nafter")),
        ("| Sweden | 4 euros |", "| Sweden, all of it | 5 euros |"),
        ("Here is how it works.", "## How it works\n\nWell:"),
        ("Here is how it works.", f"Here is how it works.\n\n{'A new paragraph. ' * 40}\n\n"),
    ],
)
async def test_what_changes_around_the_cited_words_makes_nothing_stale(
    centre: HelpCentre, before: str, after: str
) -> None:
    await tell(centre, FIVE_DAYS, LABEL, NORWAY, question="All of it?")
    text = ARTICLE.replace(before, after)
    if "Sign in" in after:
        text = text.replace(LABEL, "3. Print the **label**.").replace("3. Send", "4. Send")
    centre.write("refunds.md", text, id="1", title="Refunds")
    assert (await centre.counts())["changed"] == 1

    assert await look(centre) == []


async def test_another_title_or_place_makes_nothing_stale(centre: HelpCentre) -> None:
    await tell(centre, FIVE_DAYS)
    await edit(centre, ARTICLE, ARTICLE, title="Money back")
    assert await look(centre) == []

    centre.move("refunds.md", "money/back.md")
    await centre.run()
    assert await look(centre) == []


async def test_an_article_that_is_gone_is_named_with_its_last_title(centre: HelpCentre) -> None:
    await tell(centre, FIVE_DAYS)
    (centre.folder / "refunds.md").unlink()
    await centre.run()

    ((change,),) = [stale.changes for stale in await look(centre)]
    assert (change.how, change.title, change.now) == ("gone", "Refunds", None)


async def test_an_answer_is_found_once(centre: HelpCentre) -> None:
    first = await tell(centre, FIVE_DAYS, FIVE_DAYS, NORWAY)
    await edit(centre, "five days", "ten days")
    (stale,) = await look(centre)
    assert len(stale.changes) == 1  # two parts cite it

    judged = await centre.sql("SELECT xmin::text, * FROM citation ORDER BY answer_id, position")
    assert await mark_stale(centre.database, DAYS) == []
    assert judged == await centre.sql(
        "SELECT xmin::text, * FROM citation ORDER BY answer_id, position"
    )
    # Asked again it is answered from what is served; changed again it is no news.
    await tell(centre, "Refunds take ten days after we have your parcel.")
    centre.write("refunds.md", ARTICLE.replace("five days", "a month"), id="1", title="Refunds")
    await centre.run()
    assert first not in {stale.answer for stale in await mark_stale(centre.database, DAYS)}
    listed = await stale_answers(centre.database, DAYS)
    assert [stale.answer for stale in listed] == [first + 1, first]
    assert {change.now for stale in listed for change in stale.changes} == {
        "Refunds take a month after we have your parcel."
    }


async def test_words_that_come_back_are_no_longer_stale(centre: HelpCentre) -> None:
    await tell(centre, FIVE_DAYS)
    await edit(centre, "five days", "ten days")
    assert await look(centre)
    await edit(centre, "five days", "five days")
    assert await look(centre) == []

    (centre.folder / "refunds.md").unlink()
    await centre.run()
    assert await look(centre)
    await edit(centre, "five days", "five days")
    assert await look(centre) == []


async def test_an_answer_kept_after_the_look_is_found_by_the_next(centre: HelpCentre) -> None:
    await tell(centre, FIVE_DAYS)
    (late,) = await centre.sql("SELECT max(id) AS id FROM answer")
    await edit(centre, "five days", "ten days")
    await look(centre)
    # Found before the article changed, kept after it was looked at.
    await centre.sql(
        "WITH same AS (INSERT INTO answer (question_id, verdict, engine, sufficiency, timings_ms,"
        " cost_usd) SELECT question_id, verdict, engine, sufficiency, timings_ms, cost_usd"
        " FROM answer WHERE id = %s RETURNING id), e AS (INSERT INTO evidence SELECT same.id, n,"
        " article_version_id, heading_path, anchor, start_offset, end_offset, score"
        " FROM evidence, same RETURNING answer_id), p AS (INSERT INTO part SELECT same.id,"
        " position, kind, text, support FROM part, same RETURNING answer_id)"
        " INSERT INTO citation SELECT same.id, position, n, start_offset, end_offset, support"
        " FROM citation, same RETURNING answer_id",
        late["id"],
    )
    assert [stale.answer for stale in await mark_stale(centre.database, DAYS)] == [late["id"] + 1]


@pytest.mark.parametrize(("days", "found"), [(90, 0), (101, 1)])
async def test_answers_of_long_ago_are_let_be(centre: HelpCentre, days: int, found: int) -> None:
    old = await tell(centre, FIVE_DAYS)
    await centre.sql(
        "UPDATE answer SET created_at = now() - interval '100 days' WHERE id = %s RETURNING id", old
    )
    await edit(centre, "five days", "ten days")

    assert len(await mark_stale(centre.database, days)) == found


async def test_a_rewording_is_not_listed_beside_its_answer(centre: HelpCentre) -> None:
    neutral = await tell(centre, FIVE_DAYS)
    answer = await records.load(centre.database, neutral)
    assert answer is not None
    await records.keep_wording(centre.database, neutral, replace(answer, voice="brand"))
    await edit(centre, "five days", "ten days")

    assert [stale.answer for stale in await look(centre)] == [neutral]


async def test_two_looks_at_once_find_an_answer_once(centre: HelpCentre) -> None:
    for _ in range(5):
        await tell(centre, FIVE_DAYS, NORWAY)
    await edit(centre, "five days", "ten days")

    both = await asyncio.gather(*(mark_stale(centre.database, DAYS) for _ in range(3)))
    assert sorted(map(len, both)) == [0, 0, 5]


async def test_the_command_looks_and_lists(centre: HelpCentre, empty_url: str) -> None:
    command = ("answers", "stale")
    told = await tell(centre, FIVE_DAYS, question="How long does a refund take?")
    out = (await _run(*command, DATABASE_URL=empty_url)).splitlines()
    assert out == ["All that the answers of the last 90 days cite is still there."]

    await edit(centre, "five days", "ten days")
    (document,) = json.loads(await _run(*command, "--json", DATABASE_URL=empty_url))
    assert document["answer"] == told
    assert document["question"] == "How long does a refund take?"
    assert document["changes"][0]["how"] == "changed"
    text = await _run(*command, DATABASE_URL=empty_url)
    assert f"was: {FIVE_DAYS}" in text
    assert "now: Refunds take ten days after we have your parcel." in text
    assert text.endswith("1 of the last 90 days' answers cite words that have changed since.\n")


def test_the_days_are_counted_from_one(footnote: Command) -> None:
    Path("footnote.toml").write_text("[answers]\nstale_days = 0\n", encoding="utf-8")
    footnote("answers", "stale").assert_told("answers.stale_days")


async def _run(*words: str, **environment: str) -> str:
    done = await asyncio.to_thread(run_footnote, *words, **environment)
    assert done.code == 0, done
    return done.out


async def test_a_scheduled_run_tells_how_many_answers_it_made_stale(
    centre: HelpCentre, empty_url: str
) -> None:
    told = [await tell(centre, FIVE_DAYS) for _ in range(2)]
    await centre.sql(
        "UPDATE ingest_run SET started_at = started_at - interval '9 years' RETURNING id"
    )
    text = ARTICLE.replace("five days", "ten days")
    centre.write("refunds.md", text, id="1", title="Refunds")
    source = {"folder": centre.folder, "schedule": "0 0 29 2 *"}
    async with SlackServer() as slack:
        settings = settings_for(empty_url, slack, sources={"help": source}).model_copy(
            update={"slack": SlackSettings(reports=SUPPORT)}
        )
        async with open_worker(settings):
            report = await slack.wait_for_message(lambda one: one.channel == SUPPORT, 60)

    assert "2 answers cite words that have changed" in words_of(report.blocks)
    assert {stale.answer for stale in await stale_answers(centre.database, DAYS)} == set(told)


def test_a_report_says_nothing_of_nothing() -> None:
    assert stale_lines([]) == []
