"""Answers that a model writes, as they appear in Slack: streamed, stopped, edited, deleted."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, LiteralString

import httpx
import pytest

from bot.serving import Service, open_service
from bot.slack.replies import DELETED, NOTHING_YET, STOPPED
from bot.slack.status import DOING, LOADING
from tests.fakes.openai_server import OpenAIServer, Reply, cut, text
from tests.fakes.reading import words_of
from tests.fakes.serving import HOST
from tests.fakes.slack_server import ALICE, SUPPORT, Message, SlackServer
from tests.integration.command import until
from tests.integration.desk import (
    DELIVERY,
    TUNGSTEN,
    answer_to,
    replies,
    said,
    serving,
    settings_for,
    whisper_to,
)

COSTS = "Delivery to Switzerland costs €14.90."
DUTIES = "In Switzerland the carrier collects duties and taxes at the door."
BEGINNING = f"{COSTS} [1] In "  # by the second word it is clear that the first statement is whole
WHOLE = f"{COSTS} [1] {DUTIES} [1]"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(ack_seconds=2) as running:
        yield running


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
async def desk(sample_url: str, slack: SlackServer, model: OpenAIServer) -> AsyncIterator[Service]:
    more: dict[str, Any] = {"OPENAI_BASE_URL": model.base_url}
    async with serving(settings_for(sample_url, slack, **more), slack) as service:
        yield service


def slowly(seconds: float = 60) -> Reply:
    """The first statement at once, the second one later."""
    return Reply(tokens=(*text(BEGINNING).tokens, (seconds, WHOLE[len(BEGINNING) :])))


async def begun(slack: SlackServer) -> Message:
    """The message that is being written."""
    return await slack.wait_for_message(
        lambda one: one.streamed and COSTS in one.text, timeout=20, streaming=True
    )


async def settled(service: Service) -> None:
    """Wait until no job is left."""
    async with asyncio.timeout(20):
        while await count(service, "procrastinate_jobs"):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)


async def count(service: Service, table: LiteralString) -> int:
    async with service.app.database.session() as session:
        cursor = await session.connection.execute(f"SELECT count(*) AS n FROM {table}")
        row = await cursor.fetchone()
    assert row is not None
    return int(row["n"])


async def state(service: Service) -> tuple[str, bool]:
    """How the only question ended, and whether its outcome was noted."""
    row = await service.app.database.row("question", question=1)
    assert row is not None
    return row["state"], await service.app.database.row("delivery", question=1) is not None


# Streams


async def test_status_comes_first_then_the_answer_as_it_is_written(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(slowly(1.5))
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    message = await begun(slack)
    assert DUTIES not in message.text
    assert slack.workspace.sessions == {(SUPPORT, asked.ts): "processing"}
    answer = await answer_to(slack, asked)
    await settled(desk)

    assert answer is message
    assert answer.thread_ts == asked.ts
    assert answer.text.startswith(f"{COSTS} [[1]](https://help.rimeholt.example/articles/2101")
    assert DUTIES in answer.text
    assert "*Sources*" in words_of(answer.blocks)
    assert answer.action_ids[1:2] == ["show_passages"]
    assert replies(slack) == [answer]
    methods = [
        call.method for call in slack.calls if call.method.split(".")[0] in ("chat", "assistant")
    ]
    assert methods == ["assistant.threads.setStatus", "chat.startStream", "chat.stopStream"]
    (status,) = slack.workspace.assistant
    assert (status.args["status"], status.args["loading_messages"]) == (DOING, LOADING)
    assert slack.workspace.sessions == {(SUPPORT, asked.ts): "active"}
    assert await state(desk) == ("answered", True)


async def test_many_parts_become_few_appends(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    pieces = [*text(f"{WHOLE} " * 6).tokens]
    model.script(Reply(tokens=[(0.02, str(piece)) for piece in pieces]))
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, DELIVERY))
    appended = [call for call in slack.calls if call.method == "chat.appendStream"]
    assert len(appended) <= len(pieces) * 0.02 + 1
    assert "*Sources*" in words_of(answer.blocks)


@pytest.mark.parametrize(
    "refusal",
    [
        "unknown_method",
        "missing_recipient_user_id",
        "missing_recipient_team_id",
        "channel_type_not_supported",
        "ratelimited",
    ],
)
async def test_without_streams_it_is_posted_when_it_is_done(
    desk: Service, slack: SlackServer, model: OpenAIServer, refusal: str
) -> None:
    if refusal == "ratelimited":
        slack.throttle("chat.startStream", retry_after=60)
    else:
        slack.fail("chat.startStream", error=refusal)
    model.script(text(WHOLE))
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    await settled(desk)
    assert not answer.streamed
    assert DUTIES in words_of(answer.blocks)
    assert answer.action_ids[1:2] == ["show_passages"]
    assert replies(slack) == [answer]
    assert slack.workspace.sessions == {(SUPPORT, asked.ts): "active"}


async def test_a_slack_without_streams_is_not_asked_again(
    desk: Service, slack: SlackServer
) -> None:
    for method in ("chat.startStream", "assistant.threads.setStatus", "agents.sessions.setStatus"):
        slack.fail(method, error="unknown_method", times=None)
    for _ in range(2):
        await answer_to(slack, await slack.direct_message(ALICE, DELIVERY))
        await settled(desk)
    tried = [
        call.method for call in slack.calls if "Stream" in call.method or "Status" in call.method
    ]
    assert len(tried) <= 3


async def test_a_stream_that_expires_ends_in_the_same_message(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(slowly(1.2))
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    message = await begun(slack)
    slack.expire_streams()
    answer = await answer_to(slack, asked, lambda one: DUTIES in said(one))
    await settled(desk)
    assert replies(slack) == [message]
    assert answer.action_ids[1:2] == ["show_passages"]


async def test_what_the_model_took_back_is_mended_in_the_same_message(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    began = len(text(BEGINNING).tokens)
    model.script(cut(WHOLE, after=began), text(f"{DUTIES} [1]"))
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    await settled(desk)
    assert replies(slack) == [answer]
    assert DUTIES in said(answer)
    assert COSTS not in words_of(answer.blocks[:1])
    assert answer.action_ids[1:2] == ["show_passages"]


@pytest.mark.parametrize("done_first", [True, False])
async def test_a_start_of_which_slack_did_not_tell_leaves_no_second_message(
    desk: Service, slack: SlackServer, model: OpenAIServer, *, done_first: bool
) -> None:
    slack.drop("chat.startStream", done_first=done_first)
    model.script(text(WHOLE))
    answer = await answer_to(
        slack, await slack.mention(SUPPORT, ALICE, DELIVERY), lambda one: bool(one.action_ids)
    )
    await settled(desk)
    assert replies(slack) == [answer]
    assert answer.streamed == done_first


async def test_a_message_begun_for_another_question_of_the_thread_is_left_alone(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(slowly(60), text(WHOLE))
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    first = await begun(slack)
    slack.drop("chat.startStream", done_first=True)
    again = await slack.mention(SUPPORT, ALICE, DELIVERY, thread_ts=asked.ts)
    answer = await answer_to(slack, again, lambda one: bool(one.action_ids))
    assert answer is not first
    assert first.streaming
    await slack.stop(asked, ALICE)
    await settled(desk)


# Stopped


async def test_a_stop_keeps_what_was_written_and_says_so(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(slowly())
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    message = await begun(slack)
    await slack.stop(asked, ALICE)
    answer = await answer_to(slack, asked, lambda one: STOPPED in said(one))
    await settled(desk)
    assert answer is message
    assert COSTS in words_of(answer.blocks)
    assert "*Sources*" in words_of(answer.blocks)
    assert answer.action_ids[1:2] == ["show_passages"]
    assert replies(slack) == [answer]
    assert slack.workspace.sessions == {(SUPPORT, asked.ts): "active"}
    assert await state(desk) == ("answered", True)
    await until(lambda: bool(model.abandoned))


async def test_a_voice_is_streamed_as_its_parts_pass(
    sample_url: str, slack: SlackServer, model: OpenAIServer
) -> None:
    voices = {"warm": {"base_url": model.base_url, "model": "warm-1"}}
    more = {"OPENAI_BASE_URL": model.base_url, "voices": voices}
    more["slack"] = {"channels": {"default": {"voice": "warm"}}}
    model.script(WHOLE)
    lines = f"1. Happy to help! {COSTS}\n2. "
    model.script(Reply(tokens=(*text(lines).tokens, (3, DUTIES))), model="warm-1")
    async with serving(settings_for(sample_url, slack, **more), slack) as service:
        asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
        message = await begun(slack)
        assert "Happy to help!" in message.text
        assert DUTIES not in message.text
        answer = await answer_to(slack, asked)
        await settled(service)
    assert answer is message
    assert DUTIES in answer.text
    assert "warm voice" in words_of(answer.blocks)
    assert replies(slack) == [answer]


async def test_a_stop_before_anything_was_written(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(text(WHOLE, wait=60))
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    await until(lambda: bool(model.requests))
    await slack.stop(asked, ALICE)
    assert (await answer_to(slack, asked)).text == NOTHING_YET
    await settled(desk)
    assert len(replies(slack)) == 1
    assert await state(desk) == ("accepted", True)


async def test_a_stop_when_all_is_said_changes_nothing(desk: Service, slack: SlackServer) -> None:
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    await settled(desk)
    stop = await slack.stop(asked, ALICE)
    await stop.acked.wait()
    await settled(desk)
    assert replies(slack) == [answer]
    assert STOPPED not in said(answer)


async def test_a_stop_in_one_process_reaches_the_work_in_another(
    sample_url: str, slack: SlackServer, model: OpenAIServer, desk: Service
) -> None:
    model.script(slowly())
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    await begun(slack)
    async with open_service(settings_for(sample_url, slack, OPENAI_BASE_URL=model.base_url)):
        await slack.socket.wait_for_connections(2)
        for _ in range(2):  # the sockets take turns
            await slack.stop(asked, ALICE)
        await answer_to(slack, asked, lambda one: STOPPED in said(one))
    assert len(replies(slack)) == 1


# Deleted


async def test_a_deleted_question_is_answered_no_further(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(slowly())
    asked = await slack.direct_message(ALICE, DELIVERY)
    message = await begun(slack)
    await slack.delete_message(asked)
    closed = await answer_to(slack, asked, lambda one: DELETED in one.text)
    await settled(desk)
    assert closed is message
    assert COSTS not in said(closed)
    assert replies(slack, asked.channel) == [closed]


async def test_a_question_deleted_before_its_answer_leaves_no_message(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(text(WHOLE, wait=60))
    asked = await slack.direct_message(ALICE, DELIVERY)
    await until(lambda: bool(model.requests))
    await slack.delete_message(asked)
    await settled(desk)
    assert replies(slack, asked.channel) == []
    assert await state(desk) == ("unseen", False)
    assert slack.workspace.sessions == {(asked.channel, asked.ts): "active"}
    assert await desk.app.database.rows("open_questions") == []


async def test_an_answer_that_stands_stays_when_its_question_is_deleted(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.direct_message(ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    await settled(desk)
    await (await slack.delete_message(asked)).acked.wait()
    assert replies(slack, asked.channel) == [answer]
    assert answer.action_ids[1:2] == ["show_passages"]


# Edited


async def test_an_edited_question_is_answered_again_in_the_same_message_when_wanted(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    asked = await slack.direct_message(ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    await settled(desk)
    await slack.edit(asked, "How do I reset my password?")
    offer = await whisper_to(slack, ALICE, "edited your question")
    assert offer.thread_ts == asked.ts
    await slack.click(offer, "answer_again", ALICE)
    again = await answer_to(slack, asked, lambda one: "password" in words_of(one.blocks[:1]))
    await settled(desk)
    assert again is answer
    assert replies(slack, asked.channel) == [answer]
    assert again.action_ids[1:2] == ["show_passages"]
    assert await count(desk, "answer") == 2  # both are kept
    row = await desk.app.database.row("question", question=1)
    assert row is not None
    assert row["text"] == "How do I reset my password?"
    await until(lambda: offer.deleted)


async def test_a_question_edited_while_it_is_answered_is_offered_afterwards(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(slowly(1))
    asked = await slack.direct_message(ALICE, DELIVERY)
    await begun(slack)
    await slack.edit(asked, "How much is it to Norway?")
    offer = await whisper_to(slack, ALICE, "edited your question")
    await settled(desk)
    (answer,) = replies(slack, asked.channel)
    assert not answer.streaming
    assert offer.ts > answer.ts


async def test_an_unfolded_link_is_no_edit_and_an_old_question_is_left_alone(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.direct_message(ALICE, DELIVERY)
    await answer_to(slack, asked)
    await settled(desk)
    await (await slack.edit(asked, asked.text)).acked.wait()
    async with desk.app.database.session() as session:
        await session.connection.execute("UPDATE question SET asked_at = now() - interval '1 hour'")
    await (await slack.edit(asked, TUNGSTEN)).acked.wait()
    row = await desk.app.database.row("question", question=1)
    assert row is not None
    assert (row["text"], row["edited_text"]) == (DELIVERY, None)


# Limits and places that refuse


async def test_who_asks_too_much_is_told_when_to_ask_again(
    sample_url: str, slack: SlackServer, model: OpenAIServer
) -> None:
    few = settings_for(sample_url, slack, limits={"person": 2})
    async with serving(few, slack) as service:
        asked = [await slack.direct_message(ALICE, DELIVERY) for _ in range(3)]
        answers = [await answer_to(slack, each) for each in asked]
        told = "You have asked 2 questions within the last hour"
        assert [told in each.text for each in answers] == [False, False, True]
        assert "Please ask this one again in 60 minutes." in answers[2].text
        await settled(service)
        assert await count(service, "delivery") == 3


async def test_an_archived_channel_is_made_up_for_by_a_direct_message(
    desk: Service, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    slack.workspace.channels[SUPPORT].is_archived = True
    slack.fail("chat.startStream", error="is_archived")
    await slack.mention(SUPPORT, ALICE, DELIVERY)
    direct = await slack.wait_for_message(lambda one: one.channel.startswith("D"), timeout=20)
    await settled(desk)
    assert "because that channel is archived" in words_of(direct.blocks)
    row = await desk.app.database.row("delivery", question=1)
    assert row is not None
    assert (row["channel"], row["message_ts"]) == (direct.channel, direct.ts)
    told = [record for record in caplog.records if "not delivered" in record.message]
    assert [record.exc_info for record in told] == [None]
    assert f"not delivered to {SUPPORT}: Slack refused (is_archived)." in told[0].message


async def test_what_can_be_said_nowhere_is_seen_by_the_operator(
    desk: Service, slack: SlackServer, caplog: pytest.LogCaptureFixture
) -> None:
    slack.fail("chat.startStream", error="token_revoked", times=None)
    slack.fail("chat.postMessage", error="token_revoked", times=None)
    await slack.mention(SUPPORT, ALICE, DELIVERY)
    await until(lambda: "seen nowhere" in caplog.text)
    await settled(desk)
    assert await state(desk) == ("unseen", False)
    assert "question 1: its answer is seen nowhere: Slack refused (token_revoked)." in caplog.text
    assert await desk.app.database.rows("open_questions") == []


async def test_an_operator_watches_by_metrics(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    model.script(text(WHOLE))
    slack.fail("chat.stopStream", error="msg_blocks_too_long")
    await answer_to(
        slack, await slack.mention(SUPPORT, ALICE, DELIVERY), lambda one: bool(one.action_ids)
    )
    await settled(desk)
    async with httpx.AsyncClient(base_url=f"http://{HOST}:{desk.port}") as client:
        page = await client.get("/metrics")
    assert page.headers["content-type"].startswith("text/plain")
    for line in (
        "footnote_questions_accepted_total 1.0",
        'footnote_questions_ended_total{how="answered"} 1.0',
        'footnote_deliveries_total{way="update"} 1.0',
        'footnote_slack_refusals_total{error="msg_blocks_too_long"} 1.0',
        "footnote_questions_under_way 0.0",
        "footnote_answer_seconds_count 1.0",
    ):
        assert line in page.text.splitlines()


async def test_a_follow_up_is_understood_after_a_restart(
    sample_url: str, slack: SlackServer
) -> None:
    settings = settings_for(sample_url, slack)
    async with serving(settings, slack):
        asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
        await answer_to(slack, asked)
    async with serving(settings, slack):
        follow_up = await slack.say(SUPPORT, ALICE, "And to Norway?", thread_ts=asked.ts)
        answer = await answer_to(slack, follow_up)
    assert "Norway" in words_of(answer.blocks)
    assert len(replies(slack)) == 2
