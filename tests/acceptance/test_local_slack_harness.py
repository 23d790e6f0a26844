"""The local Slack harness, proved with the smallest app that uses every part of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession, web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.acceptance.local_slack import (
    LocalSlack,
    LocalSlackError,
    find_binary,
    require_binary,
)

Payload = dict[str, Any]

ANSWER: list[Payload] = [
    {
        "type": "section",
        "text": {
            "type": "mrkdwn",
            "text": (
                "*Invoices* are under _Account_ › `Billing` "
                "<https://help.example.com/invoices#where|[1]>\n"
                "1. Sign in.\n2. Choose *Billing*. "
                "<https://help.example.com/billing#steps:~:text=Choose%20Billing|[2]>"
            ),
        },
    },
    {"type": "context", "elements": [{"type": "mrkdwn", "text": "Written by *echo*"}]},
    {
        "type": "actions",
        "block_id": "under_answer",
        "elements": [
            {
                "type": "button",
                "action_id": "review",
                "value": "answer-7",
                "text": {"type": "plain_text", "text": "Review"},
            },
            {
                "type": "overflow",
                "action_id": "more",
                "options": [
                    {"text": {"type": "plain_text", "text": name}, "value": name}
                    for name in ("copy", "report")
                ],
            },
        ],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": {"type": "plain_text", "text": "👍"}, "value": "up"},
                "negative_button": {"text": {"type": "plain_text", "text": "👎"}, "value": "down"},
            }
        ],
    },
]

VERDICTS = [
    {"text": {"type": "plain_text", "text": name}, "value": name} for name in ("approve", "reject")
]

REVIEW = {
    "type": "modal",
    "callback_id": "review",
    "private_metadata": "answer-7",
    "title": {"type": "plain_text", "text": "Review"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "verdict",
            "label": {"type": "plain_text", "text": "Verdict"},
            "element": {"type": "static_select", "action_id": "chosen", "options": VERDICTS},
        },
        {
            "type": "input",
            "block_id": "amended",
            "label": {"type": "plain_text", "text": "Wording"},
            "element": {
                "type": "plain_text_input",
                "action_id": "text",
                "multiline": True,
                "initial_value": "As it was.",
            },
        },
    ],
}


@dataclass
class EchoBot:
    """An app that answers in the thread, opens a modal, and keeps what it heard."""

    app: AsyncApp
    heard: list[Payload] = field(default_factory=list)

    def listen(self) -> None:
        self.app.event("app_mention")(self.answer)
        self.app.event("message")(self.answer_direct_message)
        self.app.action("review")(self.open_review)
        self.app.action("more")(self.keep)
        self.app.action("feedback")(self.keep)
        self.app.command("/ask")(self.answer_command)
        self.app.view("review")(self.take_review)

    async def answer(self, event: Payload, client: AsyncWebClient) -> None:
        self.heard.append(event)
        await client.chat_postMessage(
            channel=event["channel"],
            thread_ts=event.get("thread_ts", event["ts"]),
            text="You said: " + event["text"],
            blocks=ANSWER,
        )

    async def answer_direct_message(self, event: Payload, client: AsyncWebClient) -> None:
        if event["channel_type"] == "im":
            await self.answer(event, client)
        else:
            self.heard.append(event)

    async def answer_command(self, ack: Any, command: Payload) -> None:
        await ack(text="Asked: " + command["text"], response_type="ephemeral")

    async def keep(self, ack: Any, body: Payload) -> None:
        self.heard.append(body)
        await ack()

    async def open_review(self, ack: Any, body: Payload, client: AsyncWebClient) -> None:
        await self.keep(ack, body)
        await client.views_open(trigger_id=body["trigger_id"], view=REVIEW)

    async def take_review(self, ack: Any, body: Payload) -> None:
        self.heard.append(body)
        if body["view"]["state"]["values"]["verdict"]["chosen"]["selected_option"] is None:
            await ack(response_action="errors", errors={"verdict": "Choose one"})
        else:
            await ack()


def echo_bot(slack: LocalSlack) -> EchoBot:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url)
    bot = EchoBot(AsyncApp(client=client, signing_secret=slack.signing_secret))
    bot.listen()
    return bot


@asynccontextmanager
async def connected(slack: LocalSlack) -> AsyncIterator[EchoBot]:
    bot = echo_bot(slack)
    handler = AsyncSocketModeHandler(bot.app, slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped
    try:
        await slack.wait_for_app()
        yield bot
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]  # slack_bolt leaves it untyped


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    # slack_sdk would send loopback traffic to a proxy, whatever NO_PROXY says.
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def binary() -> Path:
    return require_binary()


@pytest.fixture
async def slack(binary: Path, tmp_path: Path) -> AsyncIterator[LocalSlack]:
    async with LocalSlack.start(binary, tmp_path / "slack") as running:
        yield running


async def test_a_mention_is_heard_twice_and_answered_in_its_thread(slack: LocalSlack) -> None:
    async with connected(slack) as bot:
        posted = await slack.post_as("alice", "support", f"<@{slack.bot_user_id}> hello")
        reply = await slack.wait_for_reply("support", posted.ts)
    assert reply["text"] == f"You said: <@{slack.bot_user_id}> hello"
    assert await slack.replies("support", posted.ts) == [reply]
    assert [(e["type"], e["ts"], e["user"]) for e in bot.heard] == [
        ("message", posted.ts, slack.user("alice")),
        ("app_mention", posted.ts, slack.user("alice")),
    ]


async def test_a_follow_up_in_the_thread_is_heard_with_its_root(slack: LocalSlack) -> None:
    async with connected(slack) as bot:
        root = await slack.post_as("alice", "support", "Who knows?")
        await slack.post_as("bob", "support", f"<@{slack.bot_user_id}>?", thread_ts=root.ts)
        await slack.wait_for_reply("support", root.ts)
    assert {event.get("thread_ts") for event in bot.heard[1:]} == {root.ts}


async def test_a_direct_message_is_answered_where_it_was_written(slack: LocalSlack) -> None:
    async with connected(slack) as bot:
        posted = await slack.direct_message("bob", "hello")
        reply = await slack.wait_for_reply(posted.channel, posted.ts)
    assert posted.channel.startswith("D")
    assert reply["text"] == "You said: hello"
    assert [event["channel_type"] for event in bot.heard] == ["im"]


async def test_nothing_is_heard_where_the_app_is_not_a_member(slack: LocalSlack) -> None:
    async with connected(slack) as bot:
        await slack.post_as("alice", "random", f"<@{slack.bot_user_id}> hello")
        await slack.direct_message("alice", "hello")
    assert [event["text"] for event in bot.heard] == ["hello"]


async def test_a_click_opens_a_modal_and_its_submission_arrives(
    slack: LocalSlack, tmp_path: Path
) -> None:
    async with connected(slack) as bot:
        posted = await slack.post_as("alice", "support", f"<@{slack.bot_user_id}> hello")
        reply = await slack.wait_for_reply("support", posted.ts)
        await slack.click("lena", "support", reply["ts"], "review")
        view = await slack.modal()
        await slack.screenshot(tmp_path / "modal.png", "support", posted.ts)
        refused = await slack.submit("lena", {})
        accepted = await slack.submit("lena", {"verdict": "approve"})

    clicked = next(each for each in bot.heard if each["type"] == "block_actions")
    assert clicked["user"]["id"] == slack.user("lena")
    assert clicked["actions"][0]["value"] == "answer-7"
    assert clicked["message"]["ts"] == reply["ts"]
    assert view["private_metadata"] == "answer-7"
    assert (refused.errors, len(refused.views)) == ({"verdict": "Choose one"}, 1)
    assert (accepted.errors, accepted.views) == ({}, ())
    values = bot.heard[-1]["view"]["state"]["values"]
    assert values["verdict"]["chosen"]["selected_option"] == VERDICTS[0]
    assert values["amended"]["text"]["value"] == "As it was."
    assert (tmp_path / "modal.png").stat().st_size > 20_000


async def test_menus_and_feedback_buttons_are_clicked_by_value(slack: LocalSlack) -> None:
    async with connected(slack) as bot:
        posted = await slack.direct_message("bob", "hello")
        reply = await slack.wait_for_reply(posted.channel, posted.ts)
        await slack.click("bob", posted.channel, reply["ts"], "feedback", "down")
        await slack.click("bob", posted.channel, reply["ts"], "more", "report")
        with pytest.raises(LocalSlackError, match="no_such_action"):
            await slack.click("bob", posted.channel, reply["ts"], "no_such_action")
    feedback, more = (each["actions"][0] for each in bot.heard[1:])
    assert (feedback["type"], feedback["value"]) == ("feedback_buttons", "down")
    assert more["selected_option"]["value"] == "report"


async def test_a_modal_can_be_closed(slack: LocalSlack) -> None:
    async with connected(slack):
        posted = await slack.direct_message("bob", "hello")
        reply = await slack.wait_for_reply(posted.channel, posted.ts)
        await slack.click("bob", posted.channel, reply["ts"], "review")
        await slack.modal()
        await slack.close_modals("bob")
        with pytest.raises(TimeoutError):
            await slack.modal(within=0.2)


async def test_a_slash_command_is_answered(slack: LocalSlack) -> None:
    async with connected(slack):
        await slack.command("alice", "support", "/ask", "where?")
        answer = await slack.wait_for_message("support", lambda m: "bot_id" in m)
    assert (answer["text"], answer["subtype"]) == ("Asked: where?", "ephemeral")


async def test_a_channel_and_a_thread_can_be_pictured(slack: LocalSlack, tmp_path: Path) -> None:
    async with connected(slack):
        posted = await slack.post_as("alice", "support", f"<@{slack.bot_user_id}> hello")
        await slack.wait_for_reply("support", posted.ts)
    await slack.screenshot(tmp_path / "channel.png", "support")
    await slack.screenshot(tmp_path / "thread.png", "support", posted.ts, width=1440)
    for name in ("channel.png", "thread.png"):
        picture = (tmp_path / name).read_bytes()
        assert picture.startswith(b"\x89PNG")
        assert len(picture) > 20_000


async def test_the_apps_calls_are_on_record_and_streams_are_unknown(slack: LocalSlack) -> None:
    client = AsyncWebClient(token=slack.bot_token, base_url=slack.base_url)
    with pytest.raises(SlackApiError, match="unknown_method"):
        await client.chat_startStream(channel=slack.channel("support"), thread_ts="1.000001")
    assert [call["thread_ts"] for call in await slack.calls("chat.startStream")] == ["1.000001"]


async def test_events_mode_signs_what_it_sends(binary: Path, tmp_path: Path) -> None:
    incoming: asyncio.Queue[AsyncBoltRequest] = asyncio.Queue()

    async def take(request: web.Request) -> web.Response:
        await incoming.put(
            AsyncBoltRequest(body=await request.text(), headers=dict(request.headers))
        )
        return web.Response()

    server = web.Application()
    server.router.add_post("/slack/events", take)
    runner = web.AppRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    program = LocalSlack.start(binary, tmp_path / "slack", request_url=f"{site.name}/slack/events")
    try:
        async with program as slack:
            posted = await slack.direct_message("alice", "hello")
            bot = echo_bot(slack)
            answer = await bot.app.async_dispatch(await incoming.get())
            assert answer.status == 200
            await slack.wait_for_reply(posted.channel, posted.ts)
    finally:
        await runner.cleanup()


async def test_the_program_stops_with_its_block(binary: Path, tmp_path: Path) -> None:
    async with LocalSlack.start(binary, tmp_path / "slack") as slack:
        origin = slack.origin
    async with ClientSession() as http:
        with pytest.raises(OSError, match="Cannot connect"):
            await http.get(origin)


async def test_a_program_that_cannot_start_says_why(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text("#!/bin/sh\necho no such workspace\n")
    program.chmod(0o755)
    with pytest.raises(LocalSlackError, match="no such workspace"):
        async with LocalSlack.start(program, tmp_path / "slack"):
            pass


def test_the_program_is_the_one_the_environment_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_SLACK_BIN", str(tmp_path / "program"))
    assert find_binary() is None
    (tmp_path / "program").touch()
    assert find_binary() == tmp_path / "program"


def test_a_missing_program_skips_or_fails_as_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCAL_SLACK_BIN", str(tmp_path / "nowhere"))
    monkeypatch.delenv("FOOTNOTE_REQUIRE_LOCAL_SLACK", raising=False)
    with pytest.raises(pytest.skip.Exception, match="npm"):
        require_binary()
    monkeypatch.setenv("FOOTNOTE_REQUIRE_LOCAL_SLACK", "1")
    with pytest.raises(pytest.fail.Exception, match="npm"):
        require_binary()
