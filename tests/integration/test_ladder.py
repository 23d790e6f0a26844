"""The delivery ladder against the fake Slack: each rung by the refusal that leads to it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.answers import Answer, Citation, Part, Support, Verdict
from bot.errors import SlackError
from bot.evidence import Evidence, Passage
from bot.metrics import Metrics
from bot.questions import StoredQuestion
from bot.slack import delivery
from bot.slack.blocks import Message as Said
from bot.slack.blocks import answer_message, plain_message
from bot.slack.client import Workspace, open_workspace
from bot.slack.controls import Place
from bot.slack.delivery import Deliveries
from bot.slack.ladder import LADDER, MARK, NO_BUTTONS
from bot.slack.pace import Pace
from bot.slack.streams import Begun, chunks, words
from ingest.errors import ProviderUnavailable
from tests.fakes.reading import words_of
from tests.fakes.slack_server import ALICE, SUPPORT, TEAM_ID, Message, SlackServer
from tests.integration.desk import replies, settings_for

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = "Open Settings and tap Reset. It takes 5 minutes."


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as running:
        yield running


@pytest.fixture
async def workspace(slack: SlackServer) -> AsyncIterator[Workspace]:
    async with open_workspace(settings_for("postgresql://nowhere", slack)) as opened:
        yield opened


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def deliveries(workspace: Workspace, metrics: Metrics) -> Deliveries:
    return Deliveries(workspace, Pace(0), metrics)


@pytest.fixture
async def asked(slack: SlackServer) -> StoredQuestion:
    """A question in the support channel."""
    root = slack.workspace.store(
        Message(SUPPORT, slack.workspace.new_ts(), ALICE, "How do I reset it?")
    )
    return StoredQuestion(
        7, "How do I reset it?", ALICE, TEAM_ID, SUPPORT, root.ts, root.ts, "accepted", 1
    )


def passage(text: str = TEXT) -> Passage:
    return Passage(
        n=1,
        article_version_id=1,
        article="1001",
        version=3,
        title="Reset a bridge",
        url="https://help.example/articles/1",
        audience="public",
        locale="en",
        updated_at=NOW - timedelta(days=12),
        heading_path=("Reset a bridge",),
        anchor=None,
        start=0,
        end=len(text),
        text=text,
        score=0.9,
    )


def part(start: int, end: int) -> Part:
    return Part(
        TEXT[start:end], (Citation(1, start, end, Support.SUPPORTED),), support=Support.SUPPORTED
    )


ANSWER = Answer(
    "How do I reset it?",
    Verdict.ANSWERED,
    "chat",
    parts=(part(0, 28), part(29, len(TEXT))),
    evidence=Evidence((passage(),)),
    model="m",
    id=3,
)
MESSAGE = answer_message(ANSWER, NOW)
WORDS = words(ANSWER)
SO_FAR = words(replace(ANSWER, parts=ANSWER.parts[:1]))


@pytest.fixture
async def begun(workspace: Workspace, asked: StoredQuestion) -> Begun:
    """A stream with the first part of the answer."""
    started = await workspace.client.chat_startStream(
        channel=SUPPORT,
        thread_ts=str(asked.thread_ts),
        recipient_team_id=TEAM_ID,
        recipient_user_id=ALICE,
        chunks=chunks(SO_FAR),
    )
    return Begun(str(started["ts"]), SO_FAR)


def seen(slack: SlackServer) -> str:
    """All that the thread's one message says."""
    (message,) = replies(slack)
    assert not message.streaming
    return f"{message.text}\n{words_of(message.blocks)}"


def assert_whole(slack: SlackServer) -> None:
    """Answer, source and buttons are there, once."""
    (message,) = replies(slack)
    for piece in ("tap Reset", "It takes 5 minutes.", "[1]", "Reset a bridge", "Written by m"):
        assert piece in seen(slack), piece
    assert message.action_ids[:2] == ["vote", "show_passages"]


def ways(metrics: Metrics) -> list[str]:
    """How messages were delivered, by the metrics."""
    return [
        sample.labels["way"]
        for sample in next(iter(metrics.deliveries.collect())).samples
        if sample.name.endswith("_total") and sample.value
    ]


def test_what_is_streamed_only_grows_and_is_linked() -> None:
    assert WORDS.startswith(SO_FAR)
    assert "[[1]](https://help.example/articles/1#:~:text=Open" in WORDS


async def test_a_stream_ends_with_the_rest_the_sources_and_the_buttons(
    slack: SlackServer,
    deliveries: Deliveries,
    metrics: Metrics,
    asked: StoredQuestion,
    begun: Begun,
) -> None:
    delivered = await deliveries.deliver(asked, MESSAGE, begun, WORDS)
    assert (delivered.way, delivered.ts) == ("stream", begun.ts)
    assert replies(slack)[0].text == WORDS
    assert_whole(slack)
    assert ways(metrics) == ["stream"]


@pytest.mark.parametrize(
    "refusal",
    [
        "message_not_in_streaming_state",
        "msg_too_long",
        "msg_blocks_too_long",
        "invalid_blocks",
        "streaming_mode_mismatch",
        "channel_type_not_supported",
        "unknown_method",
    ],
)
async def test_a_stream_that_cannot_be_ended_so_is_updated(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun, refusal: str
) -> None:
    slack.fail("chat.stopStream", error=refusal)
    delivered = await deliveries.deliver(asked, MESSAGE, begun, WORDS)
    assert (delivered.way, delivered.ts) == ("update", begun.ts)
    assert_whole(slack)


async def test_a_stream_that_has_expired_is_updated(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun
) -> None:
    slack.expire_streams()
    delivered = await deliveries.deliver(asked, MESSAGE, begun, WORDS)
    assert (delivered.way, delivered.ts) == ("update", begun.ts)
    assert_whole(slack)


async def test_an_answer_that_became_another_one_is_updated(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun
) -> None:
    other = replace(ANSWER, parts=ANSWER.parts[1:])
    await deliveries.deliver(asked, answer_message(other, NOW), begun, words(other))
    assert "tap Reset" not in words_of(replies(slack)[0].blocks).split("Sources")[0]
    assert "It takes 5 minutes." in seen(slack)


async def test_what_another_process_has_begun_is_closed_and_updated(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun
) -> None:
    delivered = await deliveries.deliver(asked, MESSAGE, Begun(begun.ts), WORDS)
    assert (delivered.way, delivered.ts) == ("update", begun.ts)
    assert_whole(slack)
    assert [each.method for each in slack.calls][-3:] == [
        "chat.update",
        "chat.stopStream",
        "chat.update",
    ]


@pytest.mark.parametrize("refusal", ["invalid_blocks", "msg_blocks_too_long"])
@pytest.mark.parametrize("open_still", [True, False])
async def test_an_update_without_blocks(
    slack: SlackServer,
    deliveries: Deliveries,
    asked: StoredQuestion,
    begun: Begun,
    refusal: str,
    *,
    open_still: bool,
) -> None:
    if not open_still:
        slack.expire_streams()
    slack.fail("chat.update", error=refusal, times=2)
    delivered = await deliveries.deliver(asked, MESSAGE, Begun(begun.ts), WORDS)
    assert (delivered.way, delivered.ts) == ("update_text", begun.ts)
    (message,) = replies(slack)
    assert message.blocks == []
    assert "It takes 5 minutes." in message.text
    assert "Reset a bridge" in message.text
    assert message.text.endswith(NO_BUTTONS)


@pytest.mark.parametrize("refusal", ["message_not_found", "edit_window_closed"])
async def test_a_begun_message_that_is_gone_is_posted_anew(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun, refusal: str
) -> None:
    slack.workspace.message(SUPPORT, begun.ts).deleted = True
    if refusal == "edit_window_closed":
        slack.fail("chat.update", error=refusal)
    delivered = await deliveries.deliver(asked, MESSAGE, Begun(begun.ts), WORDS)
    assert delivered.way == "blocks"
    (_, message) = replies(slack)
    assert message.ts == delivered.ts
    assert message.action_ids[:2] == ["vote", "show_passages"]


async def test_a_begun_stream_that_is_gone_is_posted_anew(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun
) -> None:
    slack.workspace.message(SUPPORT, begun.ts).deleted = True
    assert (await deliveries.deliver(asked, MESSAGE, begun, WORDS)).way == "blocks"


async def test_without_a_stream_it_is_posted_with_our_mark(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion
) -> None:
    assert (await deliveries.deliver(asked, MESSAGE)).way == "blocks"
    assert_whole(slack)
    (message,) = replies(slack)
    assert message.text == "Open Settings and tap Reset."
    assert message.metadata == {"event_type": MARK, "event_payload": {"question": 7}}


@pytest.mark.parametrize("refusal", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
async def test_refused_blocks_become_text_that_says_so(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, refusal: str
) -> None:
    slack.fail("chat.postMessage", error=refusal, times=2)
    assert (await deliveries.deliver(asked, MESSAGE)).way == "text"
    (message,) = replies(slack)
    assert "It takes 5 minutes." in message.text
    assert message.text.endswith(NO_BUTTONS)


async def test_blocks_that_are_new_to_slack_become_classic_ones(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun
) -> None:
    slack.fail("chat.stopStream", error="invalid_blocks")
    slack.fail("chat.update", error="streaming_state_conflict")
    slack.fail("chat.update", error="invalid_blocks")
    assert (await deliveries.deliver(asked, MESSAGE, begun, WORDS)).way == "update_classic"
    slack.fail("chat.postMessage", error="invalid_blocks")
    assert (await deliveries.deliver(asked, MESSAGE)).way == "classic"
    for message in replies(slack):
        assert message.action_ids[:3] == ["vote_up", "vote_down", "show_passages"]


async def test_something_else_is_posted_without_our_mark(
    slack: SlackServer, deliveries: Deliveries
) -> None:
    ts = await deliveries.post(Place(SUPPORT, None), plain_message("Handed off."))
    (message,) = replies(slack)
    assert (message.ts, message.metadata, message.thread_ts) == (ts, None, None)


async def test_a_word_of_ours_lacks_no_buttons(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion
) -> None:
    slack.fail("chat.postMessage", error="invalid_blocks")
    await deliveries.deliver(asked, plain_message("Ask me a question."))
    assert replies(slack)[0].text == "Ask me a question."


@pytest.mark.parametrize("method", ["chat.stopStream", "chat.update", "chat.postMessage"])
async def test_a_429_is_waited_out_on_every_rung(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun, method: str
) -> None:
    slack.throttle(method, retry_after=0)
    known = begun if method != "chat.update" else Begun(begun.ts)
    if method == "chat.postMessage":
        slack.workspace.message(SUPPORT, begun.ts).deleted = True
    await deliveries.deliver(asked, MESSAGE, known, WORDS)
    assert replies(slack)[-1].action_ids[:2] == ["vote", "show_passages"]


@pytest.mark.parametrize("code", list(delivery.ELSEWHERE))
@pytest.mark.parametrize("streamed", [True, False])
async def test_where_the_place_refuses_the_asker_is_told_directly(
    slack: SlackServer,
    deliveries: Deliveries,
    metrics: Metrics,
    asked: StoredQuestion,
    begun: Begun,
    code: str,
    *,
    streamed: bool,
) -> None:
    slack.fail("chat.stopStream" if streamed else "chat.postMessage", error=code)
    delivered = await deliveries.deliver(asked, MESSAGE, begun if streamed else None, WORDS)
    direct = slack.workspace.direct_channel(ALICE).id
    assert (delivered.way, delivered.channel) == ("direct", direct)
    (message,) = replies(slack, direct)
    told = words_of(message.blocks)
    assert f"I could not answer in <#{SUPPORT}>, because {delivery.ELSEWHERE[code]}." in told
    assert "How do I reset it?" in told
    assert "It takes 5 minutes." in told
    assert message.action_ids[:2] == ["vote", "show_passages"]
    assert ways(metrics) == ["direct"]
    assert code not in told


@pytest.mark.parametrize("code", ["account_inactive", "token_revoked"])
async def test_where_nothing_can_be_said_the_operator_is_told(
    slack: SlackServer, deliveries: Deliveries, metrics: Metrics, asked: StoredQuestion, code: str
) -> None:
    slack.fail("chat.postMessage", error=code, times=None)
    with pytest.raises(SlackError):
        await deliveries.deliver(asked, MESSAGE)
    assert f'footnote_slack_refusals_total{{error="{code}"}} 1.0' in metrics.text().decode()


async def test_an_unknown_refusal_is_tried_again_later(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion
) -> None:
    slack.fail("chat.postMessage", error="internal_error")
    with pytest.raises(ProviderUnavailable):
        await deliveries.deliver(asked, MESSAGE)
    await deliveries.deliver(asked, MESSAGE)
    assert_whole(slack)


async def test_a_circle_of_refusals_ends(
    slack: SlackServer, deliveries: Deliveries, asked: StoredQuestion, begun: Begun
) -> None:
    slack.fail("chat.update", error="streaming_state_conflict", times=None)
    with pytest.raises(SlackError, match="every way"):
        await deliveries.deliver(asked, MESSAGE, Begun(begun.ts), WORDS)


async def test_what_an_attempt_left_behind_is_found(
    slack: SlackServer,
    workspace: Workspace,
    deliveries: Deliveries,
    asked: StoredQuestion,
    begun: Begun,
) -> None:
    assert await deliveries.left_behind(asked, set()) == Begun(begun.ts)
    assert await deliveries.left_behind(asked, {begun.ts}) is None
    whole = await deliveries.deliver(asked, MESSAGE)
    assert await deliveries.left_behind(asked, set()) == Begun(whole.ts, whole=True)
    other = replace(asked, id=8)
    assert await deliveries.left_behind(other, {begun.ts}) is None
    slack.fail("conversations.replies", error="missing_scope")
    assert await deliveries.left_behind(asked, set()) is None
    slack.fail("conversations.replies", error="internal_error")
    with pytest.raises(ProviderUnavailable):
        await deliveries.left_behind(asked, set())


def test_every_rung_leads_to_one_that_is_there() -> None:
    for rung in LADDER.values():
        onwards: Sequence[str | None] = [*rung.refused.values(), rung.then]
        assert {way for way in onwards if way} <= set(LADDER)


def test_what_stands_below_the_words() -> None:
    kinds = [block["type"] for block in MESSAGE.below]
    assert kinds == ["context", "context", "context_actions", "actions"]
    assert Said("", [], "").below == []
