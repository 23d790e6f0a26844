"""The fake Slack, driven by slack_sdk and slack_bolt as the product uses them."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from aiohttp import ClientConnectionError, web
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from tests.fakes.serving import Json, Listener
from tests.fakes.slack_server import (
    ALICE,
    BOT_USER,
    LEAD,
    LEADS_GROUP,
    SUPPORT,
    TEAM_ID,
    Message,
    SlackServer,
)

PLAIN = {"type": "plain_text", "text": "Review"}
BUTTON = {"type": "button", "action_id": "review", "text": PLAIN, "value": "answer-7"}
ANSWER_BLOCKS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "Five days. [1]"}},
    {"type": "actions", "block_id": "verdict", "elements": [BUTTON]},
]
MODAL: Json = {
    "type": "modal",
    "callback_id": "review",
    "title": PLAIN,
    "submit": PLAIN,
    "private_metadata": "answer-7",
    "blocks": [
        {
            "type": "input",
            "block_id": "wording",
            "label": PLAIN,
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer(ack_seconds=0.1) as running:
        yield running


@pytest.fixture
def client(slack: SlackServer) -> AsyncWebClient:
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url)


@pytest.fixture
def app(client: AsyncWebClient) -> AsyncApp:
    return AsyncApp(client=client, signing_secret="fake-signing-secret")


@asynccontextmanager
async def connected(
    app: AsyncApp, slack: SlackServer, times: int = 1
) -> AsyncIterator[list[AsyncSocketModeHandler]]:
    """Connect the app by Socket Mode, several times over if asked."""
    handlers = []
    async with AsyncExitStack() as stack:
        for _ in range(times):
            handler = AsyncSocketModeHandler(app, slack.app_token, ping_interval=1)
            stack.push_async_callback(handler.close_async)
            await handler.connect_async()  # type: ignore[no-untyped-call] # bolt left it so
            handlers.append(handler)
        await slack.socket.wait_for_connections(times)
        yield handlers


@asynccontextmanager
async def served(app: AsyncApp, slack: SlackServer) -> AsyncIterator[str]:
    """Serve the app's request URL by HTTP and make Slack use it."""

    async def handle(request: web.Request) -> web.Response:
        headers: dict[str, str | Sequence[str]] = {**request.headers}
        bolt_request = AsyncBoltRequest(body=await request.text(), headers=headers)
        answer = await app.async_dispatch(bolt_request)
        return web.Response(status=answer.status, text=answer.body, headers=answer.first_headers())

    listener = Listener([web.post("/slack/events", handle)])
    await listener.start()
    slack.request_url = f"http://127.0.0.1:{listener.port}/slack/events"
    try:
        yield slack.request_url
    finally:
        await listener.stop()


def listen(app: AsyncApp, *kinds: str) -> list[Json]:
    """Collect the bodies of events of these kinds."""
    bodies: list[Json] = []

    async def collect(body: Json) -> None:
        bodies.append(body)

    for kind in kinds:
        app.event(kind)(collect)
    return bodies


def refused(caught: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(caught.value.response["error"])


async def post_answer(slack: SlackServer, client: AsyncWebClient) -> Message:
    await client.chat_postMessage(channel=SUPPORT, text="Five days. [1]", blocks=ANSWER_BLOCKS)
    return await slack.wait_for_message()


async def test_tokens_are_checked(slack: SlackServer, client: AsyncWebClient) -> None:
    who = await client.auth_test()
    assert (who["user_id"], who["team_id"]) == (BOT_USER, TEAM_ID)
    for token, error in (
        ("xoxb-wrong", "invalid_auth"),
        (slack.app_token, "not_allowed_token_type"),
    ):
        with pytest.raises(SlackApiError) as caught:
            await client.auth_test(token=token)
        assert refused(caught) == error
    with pytest.raises(SlackApiError) as caught:
        await client.apps_connections_open(app_token="xapp-wrong")
    assert refused(caught) == "invalid_auth"
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("team.unheardOf")
    assert refused(caught) == "unknown_method"


async def test_messages_are_posted_updated_deleted(
    slack: SlackServer, client: AsyncWebClient
) -> None:
    first = await post_answer(slack, client)
    reply = await client.chat_postMessage(channel=SUPPORT, text="more", thread_ts=first.ts)
    assert reply["ts"] > first.ts
    await client.chat_update(channel=SUPPORT, ts=first.ts, text="Six days. [1]")
    assert (first.text, first.blocks) == ("Six days. [1]", [])
    assert first.history[0][0] == "Five days. [1]"
    thread = await client.conversations_replies(channel=SUPPORT, ts=first.ts)
    assert [message["text"] for message in thread["messages"]] == ["Six days. [1]", "more"]
    assert thread["messages"][0]["reply_count"] == 1
    await client.reactions_add(channel=SUPPORT, timestamp=first.ts, name="eyes")
    await client.chat_delete(channel=SUPPORT, ts=reply["ts"])
    recent = await client.conversations_history(channel=SUPPORT)
    assert [message["reactions"][0]["name"] for message in recent["messages"]] == ["eyes"]
    await client.chat_postEphemeral(channel=SUPPORT, user=ALICE, text="only you")
    assert slack.messages[SUPPORT][-1].ephemeral_to == ALICE


async def test_people_and_channels(client: AsyncWebClient) -> None:
    assert (await client.users_info(user=ALICE))["user"]["name"] == "alice"
    assert LEAD in [user["id"] for user in (await client.users_list())["members"]]
    assert (await client.usergroups_users_list(usergroup=LEADS_GROUP))["users"] == [LEAD]
    assert (await client.conversations_info(channel=SUPPORT))["channel"]["is_member"]
    page = await client.conversations_members(channel=SUPPORT, limit=3)
    rest = await client.conversations_members(
        channel=SUPPORT, cursor=page["response_metadata"]["next_cursor"]
    )
    assert ALICE in page["members"] + rest["members"]
    direct = (await client.conversations_open(users=[ALICE]))["channel"]["id"]
    assert direct.startswith("D")
    posted = await client.chat_postMessage(channel=ALICE, text="hello")
    assert posted["channel"] == direct


def section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ({"blocks": [{"type": "divider"}] * 51}, "invalid_blocks"),
        ({"blocks": [section("x" * 3_001)]}, "invalid_blocks"),
        ({"blocks": [section("")]}, "invalid_blocks"),
        ({"blocks": [section("x" * 2_700)] * 5}, "msg_blocks_too_long"),
        ({"blocks": [{"type": "actions", "elements": [BUTTON, BUTTON]}]}, "invalid_blocks"),
        (
            {"blocks": [{"type": "actions", "elements": [BUTTON | {"value": "v" * 2_001}]}]},
            "invalid_blocks",
        ),
        (
            {
                "blocks": [
                    section("x") | {"accessory": BUTTON | {"text": PLAIN | {"text": "x" * 76}}},
                ]
            },
            "invalid_blocks",
        ),
        ({"blocks": "not json"}, "invalid_blocks_format"),
        ({"markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"markdown_text": "x", "text": "x"}, "markdown_text_conflict"),
        ({"text": ""}, "no_text"),
        ({"text": "x", "channel": "C0NOWHERE"}, "channel_not_found"),
    ],
)
async def test_limits_of_messages(client: AsyncWebClient, content: Json, error: str) -> None:
    with pytest.raises(SlackApiError) as caught:
        await client.api_call("chat.postMessage", json={"channel": SUPPORT} | content)
    assert refused(caught) == error


async def test_streams(slack: SlackServer, client: AsyncWebClient) -> None:
    asked = slack.workspace.store(Message(SUPPORT, slack.workspace.new_ts(), ALICE, "How long?"))
    with pytest.raises(SlackApiError) as caught:
        await client.chat_startStream(channel=SUPPORT, thread_ts=asked.ts)
    assert refused(caught) == "missing_recipient_user_id"
    stream = await client.chat_stream(
        channel=SUPPORT,
        thread_ts=asked.ts,
        recipient_user_id=ALICE,
        recipient_team_id=TEAM_ID,
        buffer_size=1,
    )
    await stream.append(markdown_text="Five ")
    await stream.append(markdown_text="days. [1]")
    open_one = await slack.wait_for_message(streaming=True)
    assert (open_one.text, open_one.streaming) == ("Five days. [1]", "chunks")
    with pytest.raises(SlackApiError) as caught:
        await client.chat_update(channel=SUPPORT, ts=open_one.ts, text="no")
    assert refused(caught) == "streaming_state_conflict"
    with pytest.raises(SlackApiError) as caught:
        await client.chat_appendStream(channel=SUPPORT, ts=open_one.ts, markdown_text="x")
    assert refused(caught) == "streaming_mode_mismatch"
    await stream.stop(blocks=ANSWER_BLOCKS)
    done = await slack.wait_for_message(lambda message: message.thread_ts == asked.ts)
    assert done.action_ids == ["review"]


async def test_streams_expire(slack: SlackServer, client: AsyncWebClient) -> None:
    direct = (await client.conversations_open(users=[ALICE]))["channel"]["id"]
    started = await client.chat_startStream(channel=direct, thread_ts="1.1", markdown_text="Fi")
    slack.expire_streams()
    with pytest.raises(SlackApiError) as caught:
        await client.chat_appendStream(channel=direct, ts=started["ts"], markdown_text="ve")
    assert refused(caught) == "message_not_in_streaming_state"
    await client.chat_update(channel=direct, ts=started["ts"], text="Five")
    assert (await slack.wait_for_message()).text == "Five"


async def test_misbehaviour(slack: SlackServer, client: AsyncWebClient) -> None:
    async def post() -> Any:
        return await client.chat_postMessage(channel=SUPPORT, text="hello")

    slack.fail("chat.postMessage", error="is_archived")
    with pytest.raises(SlackApiError) as caught:
        await post()
    assert refused(caught) == "is_archived"
    slack.throttle("chat.postMessage", retry_after=2)
    with pytest.raises(SlackApiError) as caught:
        await post()
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "2"
    slack.drop("chat.postMessage", done_first=True)
    await post()  # the client tries once more by itself, and so it stands there twice
    assert len(slack.messages[SUPPORT]) == 2
    client.retry_handlers.clear()
    slack.drop("chat.postMessage")
    with pytest.raises(ClientConnectionError):
        await post()
    assert len(slack.messages[SUPPORT]) == 2
    slack.slow("chat.postMessage", 0.01, times=1)
    assert (await post())["ok"]
    client.retry_handlers.append(AsyncRateLimitErrorRetryHandler(max_retry_count=1))
    slack.throttle("chat.postMessage", retry_after=0)
    assert (await post())["ok"]


async def test_assistant_threads_are_recorded(slack: SlackServer, client: AsyncWebClient) -> None:
    direct = (await client.conversations_open(users=[ALICE]))["channel"]["id"]
    await client.assistant_threads_setStatus(channel_id=direct, thread_ts="1.1", status="reading…")
    await client.assistant_threads_setTitle(channel_id=direct, thread_ts="1.1", title="Refunds")
    prompts = [{"title": "Refunds", "message": "How long do refunds take?"}]
    await client.assistant_threads_setSuggestedPrompts(channel_id=direct, prompts=prompts)
    names = [call.method for call in slack.workspace.assistant]
    assert names == ["setStatus", "setTitle", "setSuggestedPrompts"]
    with pytest.raises(SlackApiError):
        await client.assistant_threads_setSuggestedPrompts(channel_id=direct, prompts=prompts * 5)


async def test_mention_and_its_twin(slack: SlackServer, app: AsyncApp) -> None:
    bodies = listen(app, "app_mention", "message")

    async with connected(app, slack):
        asked = await slack.mention(SUPPORT, ALICE, "How long do refunds take?")
        for delivery in asked.events:
            await asyncio.wait_for(delivery.acked.wait(), 5)
    assert [body["event"]["type"] for body in bodies] == ["app_mention", "message"]
    assert {body["event"]["ts"] for body in bodies} == {asked.ts}
    assert len({body["event_id"] for body in bodies}) == 2
    assert bodies[0]["event"]["text"] == f"<@{BOT_USER}> How long do refunds take?"
    assert bodies[0]["authorizations"][0]["user_id"] == BOT_USER
    assert bodies[1]["event"]["channel_type"] == "channel"


async def test_direct_message_is_answered(slack: SlackServer, app: AsyncApp) -> None:
    @app.event("message")
    async def answer(event: Json, say: Any) -> None:
        await say(text="Five days. [1]", thread_ts=event["ts"])

    async with connected(app, slack):
        asked = await slack.direct_message(ALICE, "How long?")
        reply = await slack.wait_for_message()
    assert (reply.channel, reply.thread_ts) == (asked.channel, asked.ts)
    assert asked.channel.startswith("D")


async def test_unacked_events_are_sent_again(slack: SlackServer, app: AsyncApp) -> None:
    attempts: list[Json] = []

    @app.middleware
    async def refuse_twice(body: Json, req: AsyncBoltRequest, next: Any) -> None:  # noqa: A002 -- bolt passes it by this name
        attempts.append({"event_id": body["event_id"], "headers": req.headers})
        if len(attempts) < 3:
            raise RuntimeError("crashed")
        await next()

    listen(app, "message")
    async with connected(app, slack):
        asked = await slack.say(SUPPORT, ALICE, "anyone there?")
        await asyncio.wait_for(asked.events[0].acked.wait(), 5)
    assert len(attempts) == asked.events[0].attempts == 3
    assert len(set(asked.events[0].envelope_ids)) == 3
    assert len({attempt["event_id"] for attempt in attempts}) == 1
    assert attempts[2]["headers"]["x-slack-retry-num"] == ["2"]


async def test_events_wait_for_an_app_that_went_away(slack: SlackServer, app: AsyncApp) -> None:
    bodies = listen(app, "message")
    async with connected(app, slack):
        asked = await slack.say(SUPPORT, ALICE, "first")
        await asyncio.wait_for(asked.events[0].acked.wait(), 5)
        slack.socket.drop()
        await slack.wait_for_call("apps.connections.open", 2)  # the client came back by itself
        await slack.socket.wait_for_connections(1)
        await slack.redeliver(asked)
        await asyncio.wait_for(asked.events[0].acked.wait(), 5)
    with pytest.raises(TimeoutError, match="no Socket Mode connection"):
        await slack.socket.wait_for_connections(1, timeout=0.05)
    assert [body["event"]["text"] for body in bodies] == ["first", "first"]
    assert len({body["event_id"] for body in bodies}) == 1


async def test_several_connections(slack: SlackServer, app: AsyncApp) -> None:
    bodies = listen(app, "message")
    async with connected(app, slack, times=2):
        for _ in range(2):
            asked = await slack.say(SUPPORT, ALICE, "in turn")
            await asyncio.wait_for(asked.events[0].acked.wait(), 5)
        assert len(bodies) == 2
        slack.socket.deliver_to_all = True
        asked = await slack.say(SUPPORT, ALICE, "to all")
        await slack.workspace.wait_for(
            lambda: len(slack.socket.acks) == 4 or None, 5.0, "fourth ack"
        )
        assert len(bodies) == 4
        await slack.socket.disconnect()
        await slack.wait_for_call("apps.connections.open", 4)


async def test_click_opens_a_modal_and_its_submission_is_checked(
    slack: SlackServer, app: AsyncApp, client: AsyncWebClient
) -> None:
    clicks: list[Json] = []

    @app.action("review")
    async def review(ack: Any, body: Json, client: AsyncWebClient) -> None:
        await ack()
        clicks.append(body)
        await client.views_open(trigger_id=body["trigger_id"], view=MODAL)

    @app.view("review")
    async def submitted(ack: Any, view: Json) -> None:
        said = view["state"]["values"]["wording"]["text"]["value"]
        if said == "bad":
            await ack(response_action="errors", errors={"wording": "Say more."})
        elif said == "next":
            await ack(response_action="update", view=MODAL | {"title": PLAIN | {"text": "Two"}})
        else:
            await ack()

    async with connected(app, slack):
        message = await post_answer(slack, client)
        await slack.click(message, "review", LEAD)
        view = await slack.wait_for_view(lambda view: view["callback_id"] == "review")
        errors = await slack.submit_view(view, LEAD, {"text": "bad"})
        assert errors["errors"] == {"wording": "Say more."}
        await slack.submit_view(view, LEAD, {"text": "next"})
        assert view["title"]["text"] == "Two"
        assert await slack.submit_view(view, LEAD, {"text": "Five working days. [1]"}) == {}
        with pytest.raises(ValueError, match="needs a value"):
            await slack.submit_view(view, LEAD, {})
        with pytest.raises(LookupError, match=r"there are \['review'\]"):
            await slack.click(message, "nothing", LEAD)
    assert clicks[0]["actions"][0]["value"] == "answer-7"
    assert clicks[0]["actions"][0]["block_id"] == "verdict"
    assert clicks[0]["container"]["message_ts"] == clicks[0]["message"]["ts"] == message.ts
    assert clicks[0]["user"]["id"] == LEAD


async def test_choices_in_messages_and_views(
    slack: SlackServer, app: AsyncApp, client: AsyncWebClient
) -> None:
    actions: list[Json] = []

    @app.action("feedback")
    @app.action("voice")
    async def chosen(ack: Any, body: Json) -> None:
        await ack()
        actions.append(body["actions"][0])

    feedback = {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {"text": PLAIN, "value": "good"},
        "negative_button": {"text": PLAIN, "value": "bad"},
    }
    select = {
        "type": "static_select",
        "action_id": "voice",
        "options": [{"text": PLAIN, "value": "neutral"}, {"text": PLAIN, "value": "brand"}],
    }
    await client.chat_postMessage(
        channel=SUPPORT, text="x", blocks=[{"type": "context_actions", "elements": [feedback]}]
    )
    view = MODAL | {"blocks": [{"type": "actions", "elements": [select]}]}
    await client.views_open(trigger_id=slack.workspace.new_trigger(), view=view)
    async with connected(app, slack):
        first = await slack.click(await slack.wait_for_message(), "feedback", ALICE, "bad")
        second = await slack.click(slack.views[0], "voice", ALICE, "brand")
        for delivery in (first, second):
            await asyncio.wait_for(delivery.acked.wait(), 5)
    assert [actions[0]["value"], actions[1]["selected_option"]["value"]] == ["bad", "brand"]
    assert second.payload["container"] == {"type": "view", "view_id": slack.views[0]["id"]}


async def test_limits_of_views(slack: SlackServer, client: AsyncWebClient) -> None:
    async def open_one(trigger: str, view: Json) -> str:
        with pytest.raises(SlackApiError) as caught:
            await client.views_open(trigger_id=trigger, view=view)
        return refused(caught)

    new = slack.workspace.new_trigger
    assert await open_one("made.up", MODAL) == "invalid_trigger_id"
    assert (
        await open_one(new(), MODAL | {"title": PLAIN | {"text": "x" * 25}}) == "invalid_arguments"
    )
    assert await open_one(new(), MODAL | {"private_metadata": "x" * 3_001}) == "invalid_arguments"
    assert (
        await open_one(new(), MODAL | {"blocks": [{"type": "divider"}] * 101})
        == "invalid_arguments"
    )
    late, used = new(), new()
    opened = await client.views_open(trigger_id=used, view=MODAL)
    assert await open_one(used, MODAL) == "exchanged_trigger_id"
    slack.expire_triggers()
    assert await open_one(late, MODAL) == "expired_trigger_id"
    await client.views_update(view_id=opened["view"]["id"], view=MODAL | {"callback_id": "later"})
    assert [view["callback_id"] for view in slack.views] == ["later"]
    with pytest.raises(SlackApiError) as caught:
        await client.views_update(view_id="V0", view=MODAL)
    assert refused(caught) == "not_found"


async def test_home_command_shortcut_and_response_url(
    slack: SlackServer, app: AsyncApp, client: AsyncWebClient
) -> None:
    @app.event("app_home_opened")
    async def home(event: Json, client: AsyncWebClient) -> None:
        view = {"type": "home", "blocks": [{"type": "divider"}]}
        await client.views_publish(user_id=event["user"], view=view)

    @app.command("/footnote")
    async def command(ack: Any, command: Json, respond: Any) -> None:
        await ack(f"You asked: {command['text']}")
        await respond(text="Everyone sees this.", response_type="in_channel")

    @app.shortcut("ask_about")
    async def ask_about(ack: Any, shortcut: Json, respond: Any) -> None:
        await ack()
        await respond(text=f"About {shortcut['message']['text']}", replace_original=True)

    async with connected(app, slack):
        await slack.open_home(ALICE)
        await slack.wait_for_call("views.publish")
        await slack.slash_command(ALICE, SUPPORT, "/footnote", "refunds")
        await slack.wait_for_message(lambda message: message.text == "Everyone sees this.")
        await post_answer(slack, client)
        await slack.shortcut("ask_about", LEAD, on=slack.messages[SUPPORT][-1])
        await slack.wait_for_message(lambda message: message.text == "About Five days. [1]")
    assert slack.homes[ALICE]["type"] == "home"
    shown = [one for one in slack.messages[SUPPORT] if one.text == "You asked: refunds"]
    assert [one.ephemeral_to for one in shown] == [ALICE]


async def test_signed_http(slack: SlackServer, app: AsyncApp, client: AsyncWebClient) -> None:
    bodies = listen(app, "app_mention", "message")

    @app.action("review")
    async def review(ack: Any, body: Json) -> None:
        await ack()
        bodies.append(body)

    async with served(app, slack) as url:
        asked = await slack.mention(SUPPORT, ALICE, "How long?")
        assert all(delivery.acked.is_set() for delivery in asked.events)
        await slack.click(await post_answer(slack, client), "review", LEAD)
        payload = asked.events[0].payload
        bad = await slack.post_event(url, payload, bad_signature=True)
        old = await slack.post_event(url, payload, timestamp=int(time.time()) - 600)
        wrong = await slack.post_event(url, payload, "another secret")
        assert [bad.status, old.status, wrong.status] == [401, 401, 401]
        challenge = {"type": "url_verification", "challenge": "c3", "token": "t"}
        said = await slack.post_event(url, challenge)
        assert json.loads(said.text) == {"challenge": "c3"}
    kinds = [body.get("event", body)["type"] for body in bodies]
    assert kinds == ["app_mention", "message", "block_actions"]


async def test_http_events_are_sent_again(slack: SlackServer, app: AsyncApp) -> None:
    listen(app, "message")
    async with served(app, slack) as url:
        slack.request_url = url.replace("/slack/events", "/not/there")
        asked = await slack.say(SUPPORT, ALICE, "hello")
        assert not asked.events[0].acked.is_set()
        slack.request_url = url
        await asyncio.wait_for(asked.events[0].acked.wait(), 5)
    assert asked.events[0].attempts > 1


async def test_waiting_says_what_was_there(slack: SlackServer, client: AsyncWebClient) -> None:
    await post_answer(slack, client)
    with pytest.raises(TimeoutError, match=r"Five days\. \[1\]"):
        await slack.wait_for_message(lambda message: message.text == "never", timeout=0.01)


def test_runs_as_a_process() -> None:
    command = [sys.executable, "-m", "tests.fakes.slack_server", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        token = {"Authorization": "Bearer xoxb-fake-bot-token"}
        form = {"channel": SUPPORT, "text": "hi", "blocks": json.dumps(ANSWER_BLOCKS)}
        assert httpx.post(f"{url}/api/chat.postMessage", data=form, headers=token).json()["ok"]
        listed = httpx.get(f"{url}/_fake/messages").json()
        assert listed["messages"][SUPPORT][0]["text"] == "hi"
        wrong = httpx.post(f"{url}/_fake/say", json={"channel": "C0", "user": ALICE, "text": "x"})
        assert "channel_not_found" in wrong.json()["error"]
        process.terminate()
        assert process.wait(timeout=10) == 0
