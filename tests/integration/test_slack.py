"""Footnote in Slack, by Socket Mode: the real service and Postgres against the fake Slack."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, LiteralString

import pytest

from bot.answers import FAILED
from bot.serving import Service
from bot.slack.desk import LEADS_ONLY
from bot.slack.places.commands import HELP
from bot.slack.replies import HINT
from ingest.database import Database
from tests.fakes.grounded_model import cheerful_voice
from tests.fakes.openai_server import OpenAIServer, error
from tests.fakes.reading import cited_words, letters, passages_shown, words_of
from tests.fakes.serving import Json
from tests.fakes.slack_server import (
    ALICE,
    BOB,
    BOT_ID,
    BOT_USER,
    LEAD,
    SUPPORT,
    Message,
    SlackServer,
)
from tests.integration.desk import (
    DELIVERY,
    TUNGSTEN,
    WHERE_FROM,
    answer_to,
    choose,
    replies,
    serving,
    settings_for,
    vote,
    whisper_to,
)


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(ack_seconds=2) as running:
        yield running


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    """The desk's voice: it rewords the first line cheerfully."""
    async with OpenAIServer() as server:
        server.models["warm-1"] = cheerful_voice
        yield server


@pytest.fixture
async def desk(sample_url: str, slack: SlackServer, model: OpenAIServer) -> AsyncIterator[Service]:
    voices = {"warm": {"base_url": model.base_url, "model": "warm-1"}}
    async with serving(settings_for(sample_url, slack, voices=voices), slack) as service:
        yield service


async def all_rows(database: Database, table: LiteralString) -> list[dict[str, Any]]:
    async with database.session() as session:
        cursor = await session.connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")
        return await cursor.fetchall()


async def count(database: Database, table: LiteralString) -> int:
    return len(await all_rows(database, table))


async def settled(service: Service) -> None:
    """Wait until no question is open and no job is left."""
    async with asyncio.timeout(20):
        while await count(service.app.database, "procrastinate_jobs"):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


# Questions and answers


async def test_a_mention_is_answered_once_in_its_thread_with_sources(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    answer = await answer_to(slack, asked)

    assert answer.thread_ts == asked.ts
    assert "14.90" in answer.text
    shown = words_of(answer.blocks)
    assert f"<{WHERE_FROM}articles/2101-shipping-times-and-costs#" in shown
    assert "|[1]>" in shown
    assert "*Sources*\n[1] <" in shown
    assert "Quoted from the articles · neutral voice" in shown
    assert answer.action_ids == ["vote", "show_passages", "brand_voice", "copy", "more"]
    await settled(desk)
    assert replies(slack) == [answer]
    delivered = await all_rows(desk.app.database, "delivery")
    assert [(row["channel"], row["message_ts"]) for row in delivered] == [(SUPPORT, answer.ts)]


async def test_the_same_event_again_by_two_sockets_answers_once(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    await answer_to(slack, asked)
    await slack.redeliver(asked)
    await asyncio.gather(*(each.acked.wait() for each in asked.events))
    twin = await slack.mention(SUPPORT, BOB, "What is the warranty?")
    await asyncio.gather(*(slack.redeliver(twin) for _ in range(3)))
    await answer_to(slack, twin)
    await settled(desk)
    assert len(replies(slack)) == 2
    assert await count(desk.app.database, "question") == 2


async def test_a_direct_message_is_answered_in_its_thread(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.direct_message(ALICE, "How do I reset my password?")
    answer = await answer_to(slack, asked)
    assert "*Sources*" in words_of(answer.blocks)
    await settled(desk)
    assert replies(slack, asked.channel) == [answer]


async def test_a_follow_up_is_understood_from_its_thread(desk: Service, slack: SlackServer) -> None:
    asked = await slack.direct_message(ALICE, DELIVERY)
    await answer_to(slack, asked)
    follow_up = await slack.direct_message(ALICE, "And to Norway?", thread_ts=asked.ts)
    answer = await answer_to(slack, follow_up)
    assert answer.thread_ts == asked.ts
    assert "Norway" in words_of(answer.blocks)
    stored = await all_rows(desk.app.database, "question")
    assert stored[1]["standalone"] == DELIVERY.replace("Switzerland", "Norway")


async def test_what_the_help_centre_lacks_is_said_with_the_nearest_articles(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.mention(SUPPORT, ALICE, TUNGSTEN)
    answer = await answer_to(slack, asked)
    assert answer.text == "The help centre does not cover this."
    assert f"*The nearest articles*\n•  <{WHERE_FROM}" in words_of(answer.blocks)
    assert answer.action_ids == ["vote", "show_passages", "hand_off", "more"]


async def test_a_mention_without_a_question_is_told_what_to_do(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.mention(SUPPORT, ALICE, "")
    assert (await answer_to(slack, asked)).text == HINT
    await settled(desk)
    assert len(replies(slack)) == 1


async def test_what_is_not_for_us_is_passed_by(desk: Service, slack: SlackServer) -> None:
    said = await slack.say(SUPPORT, ALICE, "Where is my parcel?")
    direct = slack.workspace.direct_channel(ALICE).id
    old = {"type": "message", "channel": direct, "channel_type": "im", "ts": "1.1"}
    heard = [
        *said.events,
        await slack.send_event(old | {"subtype": "message_changed", "message": {"text": "x"}}),
        await slack.send_event(old | {"subtype": "message_deleted", "deleted_ts": "1.1"}),
        await slack.send_event(old | {"user": "U01OTHER001", "bot_id": "B9", "text": "I am a bot"}),
        await slack.send_event(old | {"user": BOT_USER, "bot_id": BOT_ID, "text": "It is me"}),
        await slack.open_home(ALICE, tab="messages"),
    ]
    await asyncio.gather(*(asyncio.wait_for(each.acked.wait(), 5) for each in heard))
    assert await count(desk.app.database, "question") == 0


async def test_an_event_is_acknowledged_only_once_it_is_stored(
    desk: Service, slack: SlackServer
) -> None:
    database = desk.app.database
    async with database.session() as session:
        await session.connection.execute("ALTER TABLE question RENAME TO away")
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    await asyncio.sleep(0.3)
    assert not asked.events[0].acked.is_set()
    async with database.session() as session:
        await session.connection.execute("ALTER TABLE away RENAME TO question")
    await answer_to(slack, asked)  # Slack sent it again
    assert asked.events[0].attempts == 2


# Buttons


async def answered(slack: SlackServer, question: str = DELIVERY) -> Message:
    return await answer_to(slack, await slack.mention(SUPPORT, ALICE, question))


async def test_a_vote_is_kept_and_a_changed_one_replaces_it(
    desk: Service, slack: SlackServer
) -> None:
    answer = await answered(slack)
    await vote(slack, answer, "up", ALICE)
    thanks = await whisper_to(slack, ALICE, "noted as helpful")
    assert thanks.thread_ts == answer.thread_ts
    await vote(slack, answer, "down", ALICE)
    await whisper_to(slack, ALICE, "noted as not helpful")
    await vote(slack, answer, "up", BOB)
    await whisper_to(slack, BOB)
    votes = await all_rows(desk.app.database, "vote")
    assert [(row["voter"], row["helpful"]) for row in votes] == [(ALICE, False), (BOB, True)]


async def test_passages_are_shown_word_for_word(desk: Service, slack: SlackServer) -> None:
    answer = await answered(slack)
    await slack.click(answer, "show_passages", ALICE)
    view = await slack.wait_for_view()

    async with desk.app.database.session() as session:
        cursor = await session.connection.execute(
            "SELECT substr(body, e.start_offset + 1, e.end_offset - e.start_offset) AS passage,"
            " substr(body, c.start_offset + 1, c.end_offset - c.start_offset) AS quote"
            " FROM citation c JOIN evidence e USING (answer_id, n)"
            " JOIN article_version v ON v.id = e.article_version_id"
        )
        cited = await cursor.fetchall()
    passages = dict.fromkeys(row["passage"] for row in cited)
    assert list(map(letters, passages_shown(view))) == list(map(letters, passages))
    bold = letters("".join(cited_words(view)))
    assert all(letters(row["quote"]) in bold for row in cited)
    about = words_of(view["blocks"])
    assert "*[1] Shipping times and costs › Times and costs*\nversion 1 (" in about
    assert "|Open the article>" in about


async def test_a_trigger_that_is_too_old_is_told(desk: Service, slack: SlackServer) -> None:
    answer = await answered(slack)
    slack.fail("views.open", error="expired_trigger_id")
    await slack.click(answer, "show_passages", ALICE)
    await whisper_to(slack, ALICE, "Please click again")


async def test_the_voice_is_switched_there_and_back_with_its_citations(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    answer = await answered(slack, "How do I reset my password?")
    neutral = words_of(answer.blocks)
    await slack.click(answer, "brand_voice", ALICE)
    worded = await answer_to(
        slack, answer_thread(answer), lambda one: "neutral_voice" in one.action_ids
    )

    assert worded.ts == answer.ts
    assert "Happy to help! " in words_of(worded.blocks)
    assert "· warm voice" in words_of(worded.blocks)
    assert links(worded) == links_in(neutral)
    await slack.click(worded, "neutral_voice", ALICE)
    back = await answer_to(
        slack, answer_thread(answer), lambda one: "brand_voice" in one.action_ids
    )
    assert words_of(back.blocks) == neutral

    await slack.click(back, "brand_voice", BOB)
    await answer_to(slack, answer_thread(answer), lambda one: "neutral_voice" in one.action_ids)
    assert len(model.requests) == 1  # the wording was kept
    kept = await all_rows(desk.app.database, "answer")
    assert [(row["voice"], row["neutral_id"]) for row in kept] == [
        ("neutral", None),
        ("warm", kept[0]["id"]),
    ]
    await settled(desk)
    assert (await all_rows(desk.app.database, "delivery"))[0]["answer_id"] == kept[1]["id"]


def answer_thread(answer: Message) -> Message:
    return Message(answer.channel, answer.thread_ts or "", ALICE)


def links(message: Message) -> list[str]:
    return links_in(words_of(message.blocks))


def links_in(text: str) -> list[str]:
    return [piece.split("|")[0] for piece in text.split("<")[1:]]


async def test_a_voice_that_changes_a_fact_leaves_the_neutral_wording_and_says_so(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    answer = await answered(slack)
    body = answer.blocks[0]["text"]["text"]
    model.models["warm-1"] = lambda _: "1. It costs €99.90 and takes 1 day."
    await slack.click(answer, "brand_voice", ALICE)
    same = await answer_to(
        slack, answer_thread(answer), lambda one: "could not be used" in words_of(one.blocks)
    )
    assert same.ts == answer.ts
    assert same.blocks[0]["text"]["text"] == body
    assert "Neutral wording: the voice warm could not be used" in words_of(same.blocks)
    assert "brand_voice" in same.action_ids
    assert await count(desk.app.database, "answer") == 1


async def test_a_voice_that_is_down_says_so_without_jargon(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    answer = await answered(slack)
    model.script(error(401), model="warm-1")
    await slack.click(answer, "brand_voice", ALICE)
    same = await answer_to(
        slack, answer_thread(answer), lambda one: "could not be used." in words_of(one.blocks)
    )
    assert "401" not in words_of(same.blocks)


async def opened(slack: SlackServer, number: int) -> Json:
    """The modal opened as the so-many-th."""
    return await slack.wait_for_view(lambda view: slack.views.index(view) == number - 1)


def statements(view: Json) -> int:
    return sum(str(block.get("block_id")).startswith("wording-") for block in view["blocks"])


async def test_a_lead_reviews(desk: Service, slack: SlackServer) -> None:
    answer = await answered(slack)
    wording = "It costs €14.90. [1]"
    for number, verdict in enumerate(("approve", "amend", "reject", "article_wrong"), start=1):
        await choose(slack, answer, "review", LEAD)
        view = await opened(slack, number)
        entered = {"verdict": verdict, "note": "Seen."}
        if verdict == "amend":
            refused = await slack.submit_view(view, LEAD, entered)
            assert "change a statement" in refused["errors"]["verdict"]
            entered["wording-0"] = "It costs €14.90."
            entered |= {f"wording-{at}": "" for at in range(1, statements(view))}
        assert await slack.submit_view(view, LEAD, entered) == {}
    await whisper_to(slack, LEAD, "your review is kept")
    rows = await all_rows(desk.app.database, "review")
    assert [(row["reviewer"], row["verdict"], row["wording"], row["note"]) for row in rows] == [
        (LEAD, "approve", None, "Seen."),
        (LEAD, "amend", f"- {wording}", "Seen."),
        (LEAD, "reject", None, "Seen."),
        (LEAD, "article_wrong", None, "Seen."),
    ]


async def test_a_review_by_someone_else_is_refused(desk: Service, slack: SlackServer) -> None:
    answer = await answered(slack)
    await choose(slack, answer, "review", ALICE)
    await whisper_to(slack, ALICE, LEADS_ONLY)
    assert slack.views == []
    await choose(slack, answer, "review", LEAD)
    view = await slack.wait_for_view()
    refused = await slack.submit_view(view, ALICE, {"verdict": "approve"})
    assert refused["response_action"] == "errors"
    assert await count(desk.app.database, "review") == 0


# Refusals


async def test_a_429_is_waited_out(desk: Service, slack: SlackServer) -> None:
    slack.throttle("chat.postMessage", retry_after=1)
    answer = await answered(slack)
    await settled(desk)
    assert replies(slack) == [answer]


async def test_refused_feedback_buttons_become_plain_ones(
    desk: Service, slack: SlackServer
) -> None:
    slack.fail("chat.postMessage", error="invalid_blocks")
    answer = await answered(slack)
    assert answer.action_ids[:3] == ["vote_up", "vote_down", "show_passages"]
    await slack.click(answer, "vote_up", ALICE)
    await whisper_to(slack, ALICE, "noted as helpful")


@pytest.mark.parametrize("refusal", ["invalid_blocks", "msg_blocks_too_long"])
async def test_refused_blocks_become_text_with_the_sources(
    desk: Service, slack: SlackServer, refusal: str
) -> None:
    slack.fail("chat.postMessage", error=refusal, times=2)
    answer = await answered(slack)
    assert answer.blocks == []
    assert "14.90" in answer.text
    assert f"\n[1] <{WHERE_FROM}articles/2101-shipping-times-and-costs#" in answer.text


async def test_a_lost_answer_of_slacks_is_not_posted_again(
    desk: Service, slack: SlackServer
) -> None:
    slack.drop("chat.postMessage", done_first=True)
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    await settled(desk)
    assert replies(slack) == [answer]
    (row,) = await all_rows(desk.app.database, "delivery")
    assert row["message_ts"] == answer.ts


async def test_slack_refusing_for_a_while_only_delays(desk: Service, slack: SlackServer) -> None:
    slack.fail("chat.postMessage", error="service_unavailable", times=1)
    answer = await answered(slack)
    await settled(desk)
    assert replies(slack) == [answer]
    assert await count(desk.app.database, "answer") == 1


async def test_a_question_that_cannot_be_answered_is_told_so_in_the_end(
    desk: Service, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.jobs.ATTEMPTS", 0)
    async with desk.app.database.session() as session:
        await session.connection.execute("ALTER TABLE lexicon RENAME TO away")
    answer = await answered(slack)
    assert answer.text == FAILED
    assert answer.action_ids == []
    await settled(desk)
    (row,) = await all_rows(desk.app.database, "question")
    assert row["state"] == "failed"


# Only for the one who asks


async def test_the_slash_command_answers_privately(desk: Service, slack: SlackServer) -> None:
    await slack.slash_command(ALICE, SUPPORT, "/footnote", DELIVERY)
    answer = await whisper_to(slack, ALICE, "14.90")
    assert "*Sources*" in words_of(answer.blocks)
    assert answer.action_ids[:2] == ["vote", "share_here"]
    await slack.slash_command(BOB, SUPPORT, "/footnote", "")
    await whisper_to(slack, BOB, HELP)
    assert replies(slack) == []


async def test_the_shortcut_answers_a_message_privately(desk: Service, slack: SlackServer) -> None:
    said = await slack.say(SUPPORT, BOB, DELIVERY)
    await slack.shortcut("answer_message", ALICE, said)
    assert "*Sources*" in words_of((await whisper_to(slack, ALICE, "14.90")).blocks)
