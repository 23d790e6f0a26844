"""Every place Slack has for a question: what is heard, where it is answered, who sees it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.serving import Service
from bot.slack.client import manifest
from bot.slack.places.channel_form import LEADS_ONLY
from bot.slack.places.commands import HELP
from tests.fakes.block_kit import check_modal_or_home
from tests.fakes.grounded_model import cheerful_voice
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.reading import words_of
from tests.fakes.serving import Json
from tests.fakes.slack_server import (
    ALICE,
    BOB,
    BOT_USER,
    LEAD,
    LEADS_GROUP,
    PRIVATE,
    SUPPORT,
    Message,
    SlackServer,
)
from tests.integration.desk import (
    DELIVERY,
    TUNGSTEN,
    answer_to,
    choose,
    replies,
    said,
    serving,
    settings_for,
    vote,
    whisper_to,
)

PASSWORD = "How do I reset my password?"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as running:
        yield running


@pytest.fixture
async def model() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        server.models["warm-1"] = cheerful_voice
        yield server


@pytest.fixture
async def desk(sample_url: str, slack: SlackServer, model: OpenAIServer) -> AsyncIterator[Service]:
    voices = {"warm": {"base_url": model.base_url, "model": "warm-1"}}
    table = {
        "leads": [LEADS_GROUP],
        "channels": {"default": {"handoff_channel": PRIVATE, "handoff_group": LEADS_GROUP}},
    }
    settings = settings_for(sample_url, slack, voices=voices, slack=table)
    async with serving(settings, slack) as service:
        yield service


async def heard(*said: Message) -> None:
    """Wait until the app has taken these; what is a question is stored by then."""
    for message in said:
        await asyncio.gather(*(asyncio.wait_for(each.acked.wait(), 5) for each in message.events))


async def questions(desk: Service) -> list[str]:
    async with desk.app.database.session() as session:
        cursor = await session.connection.execute("SELECT text FROM question ORDER BY id")
        return [row["text"] for row in await cursor.fetchall()]


# Threads


async def test_a_follow_up_needs_no_mention_also_after_a_restart(
    sample_url: str, slack: SlackServer
) -> None:
    settings = settings_for(sample_url, slack)
    async with serving(settings, slack):
        asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
        await answer_to(slack, asked)
    async with serving(settings, slack):
        more = await slack.say(SUPPORT, ALICE, "And to Austria?", thread_ts=asked.ts)
        answer = await answer_to(slack, more)
    assert "Austria" in words_of(answer.blocks)
    assert answer.thread_ts == asked.ts


async def test_people_are_left_to_talk_until_the_bot_is_mentioned_again(
    desk: Service, slack: SlackServer
) -> None:
    asked = await slack.mention(SUPPORT, ALICE, DELIVERY)
    await answer_to(slack, asked)

    async def say(user: str, text: str) -> Message:
        return await slack.say(SUPPORT, user, text, thread_ts=asked.ts)

    await heard(await say(ALICE, "Thank you"), await say(ALICE, "I will tell them."))
    await heard(await say(BOB, "Which carrier is that?"))
    await heard(await say(ALICE, "And to Austria?"))
    assert await questions(desk) == [DELIVERY]
    again = await slack.mention(SUPPORT, ALICE, "And to Austria?", thread_ts=asked.ts)
    await answer_to(slack, again)
    last = await say(ALICE, "And to Norway?")
    await answer_to(slack, last)
    assert await questions(desk) == [DELIVERY, "And to Austria?", "And to Norway?"]


async def test_a_thread_without_the_bot_is_nobodys_business(
    desk: Service, slack: SlackServer
) -> None:
    root = await slack.say(SUPPORT, ALICE, "Who is in today?")
    await heard(root, await slack.say(SUPPORT, BOB, "Where is the key?", thread_ts=root.ts))
    assert await questions(desk) == []


async def test_where_a_lead_wants_it_every_question_is_answered(
    sample_url: str, slack: SlackServer
) -> None:
    channels = {SUPPORT: {"every_question": True}}
    settings = settings_for(sample_url, slack, slack={"channels": channels})
    async with serving(settings, slack) as desk:
        passed = [
            await slack.say(SUPPORT, ALICE, "Good morning all"),
            await slack.say(SUPPORT, ALICE, f"<@{BOB}> are you there?"),
            await slack.say(PRIVATE, ALICE, DELIVERY),
        ]
        asked = await slack.say(SUPPORT, ALICE, DELIVERY)
        await answer_to(slack, asked)
        await heard(*passed)
        assert await questions(desk) == [DELIVERY]


# The pane, private answers


async def test_the_pane_suggests_questions_and_titles_threads(
    desk: Service, slack: SlackServer
) -> None:
    await slack.open_home(ALICE, tab="messages")
    (call,) = await slack.wait_for_call("assistant.threads.setSuggestedPrompts")
    assert call.args["prompts"] == manifest()["features"]["agent_view"]["suggested_prompts"]
    assert "thread_ts" not in call.args

    asked = await slack.direct_message(ALICE, DELIVERY)
    answer = await answer_to(slack, asked)
    (title,) = await slack.wait_for_call("assistant.threads.setTitle")
    assert (title.args["thread_ts"], title.args["title"]) == (asked.ts, DELIVERY)
    await vote(slack, answer, "up", ALICE)
    await whisper_to(slack, ALICE, "noted as helpful")
    await slack.open_home(BOB, tab="messages")
    calls = await slack.wait_for_call("assistant.threads.setSuggestedPrompts", times=2)
    assert calls[1].args["prompts"][0]["message"] == DELIVERY


async def test_a_private_answer_is_shared_and_its_thread_goes_on(
    desk: Service, slack: SlackServer
) -> None:
    await slack.slash_command(ALICE, SUPPORT, "/footnote", DELIVERY)
    private = await whisper_to(slack, ALICE, "14.90")
    await slack.click(private, "share_here", ALICE)
    shared = await slack.wait_for_message(
        lambda one: one.ephemeral_to is None and "Shared by" in words_of(one.blocks)
    )
    assert f"*{DELIVERY}*\nShared by <@{ALICE}>" in words_of(shared.blocks)
    async with asyncio.timeout(20):  # until it is noted, the thread is nobody's
        place = {"channel": SUPPORT, "thread_ts": shared.ts}
        while await desk.app.database.row("thread", **place) is None:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(0.02)
    more = await slack.say(SUPPORT, ALICE, "And to Austria?", thread_ts=shared.ts)
    assert "Austria" in words_of((await answer_to(slack, more)).blocks)
    assert private.deleted


async def test_a_private_answer_also_comes_where_the_bot_is_no_member(
    desk: Service, slack: SlackServer
) -> None:
    slack.workspace.channels[SUPPORT].members.discard(BOT_USER)
    await slack.slash_command(ALICE, SUPPORT, "/footnote", DELIVERY)
    private = await whisper_to(slack, ALICE, "14.90")
    await slack.click(private, "share_here", ALICE)
    told = await slack.wait_for_message(lambda one: "Invite me there" in one.text)
    assert told.channel == slack.workspace.direct_channel(ALICE).id


async def test_a_private_answer_is_kept(desk: Service, slack: SlackServer) -> None:
    await slack.slash_command(ALICE, SUPPORT, "/footnote", DELIVERY)
    private = await whisper_to(slack, ALICE, "14.90")
    await slack.click(private, "keep_private", ALICE)
    kept = await slack.wait_for_message(
        lambda one: one is private and "share_here" not in one.action_ids
    )
    assert "14.90" in words_of(kept.blocks)
    assert replies(slack) == []


async def test_a_private_answer_changes_its_voice_in_place(
    desk: Service, slack: SlackServer
) -> None:
    said = await slack.say(SUPPORT, BOB, PASSWORD)
    await slack.shortcut("answer_message", ALICE, said)
    draft = await whisper_to(slack, ALICE)
    assert draft.thread_ts == said.ts
    await slack.click(draft, "brand_voice", ALICE)
    worded = await slack.wait_for_message(
        lambda one: one is draft and "Happy to help! " in words_of(one.blocks)
    )
    assert worded.action_ids[:2] == ["vote", "share_here"]


async def test_the_command_tells_what_it_can_and_how_fresh_it_is(
    desk: Service, slack: SlackServer
) -> None:
    await slack.slash_command(ALICE, SUPPORT, "/footnote", "help")
    await whisper_to(slack, ALICE, HELP)
    await slack.slash_command(ALICE, SUPPORT, "/footnote", "status")
    await whisper_to(slack, ALICE, "The help centre has ")
    await slack.slash_command(ALICE, SUPPORT, "/footnote", "voice loud")
    await whisper_to(slack, ALICE, "There are: neutral, warm.")
    await slack.slash_command(ALICE, SUPPORT, "/footnote", "voice warm")
    await whisper_to(slack, ALICE, "in the warm voice from now on")
    await slack.slash_command(ALICE, SUPPORT, "/footnote", PASSWORD)
    await whisper_to(slack, ALICE, "Happy to help!")
    await slack.slash_command(BOB, SUPPORT, "/footnote", PASSWORD)
    assert "Happy" not in words_of((await whisper_to(slack, BOB)).blocks)


# What is done with an answer


async def test_a_hand_off_mentions_the_group_and_leads_back(
    desk: Service, slack: SlackServer
) -> None:
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, TUNGSTEN))
    await slack.click(answer, "hand_off", ALICE)
    view = await slack.wait_for_view()
    check_modal_or_home({name: view[name] for name in ("type", "title", "submit", "blocks")})
    await slack.submit_view(view, ALICE, {"note": "By Friday"})
    handed = await slack.wait_for_message(lambda one: one.channel == PRIVATE)
    shown = words_of(handed.blocks)
    assert shown.startswith(f"<!subteam^{LEADS_GROUP}> <@{ALICE}> hands off a question:\n")
    assert "“By Friday”" in shown
    assert f"/archives/{SUPPORT}/p{answer.ts.replace('.', '')}|Open the thread>" in shown
    assert "The nearest articles" in shown
    await whisper_to(slack, ALICE, f"Handed off in <#{PRIVATE}>.")


async def test_where_nobody_is_named_a_hand_off_says_what_to_do(
    sample_url: str, slack: SlackServer
) -> None:
    async with serving(settings_for(sample_url, slack), slack):
        answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, DELIVERY))
        await choose(slack, answer, "hand_off", ALICE)
        await whisper_to(slack, ALICE, "A lead can name a channel")


async def test_where_the_bot_is_not_it_says_how_to_let_it_in(
    desk: Service, slack: SlackServer
) -> None:
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, DELIVERY))
    slack.fail("chat.postMessage", error="not_in_channel")
    await choose(slack, answer, "share", ALICE)
    await slack.submit_view(await slack.wait_for_view(), ALICE, {"where": PRIVATE})
    await whisper_to(slack, ALICE, "Invite me there with /invite")


async def test_an_answer_is_copied_without_its_markers(desk: Service, slack: SlackServer) -> None:
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, PASSWORD))
    await slack.click(answer, "copy", ALICE)
    view = await slack.wait_for_view()
    text = next(each["element"]["initial_value"] for each in view["blocks"] if "element" in each)
    assert "Forgot password?" in text
    assert "[1]" not in text
    assert "**" not in text
    assert await slack.submit_view(view, ALICE, {}) == {}


# Home


async def home_of(slack: SlackServer, user: str, text: str) -> Json:
    """A person's Home tab once this can be read in it."""
    await slack.open_home(user)

    def find() -> Json | None:
        home = slack.homes.get(user)
        return home if home and text in words_of(home["blocks"]) else None

    return await slack.workspace.wait_for(find, 10, f"Home with {text!r}")


async def test_home_answers_in_the_persons_messages(desk: Service, slack: SlackServer) -> None:
    home = await home_of(slack, ALICE, "None yet")
    assert "To review" not in words_of(home["blocks"])
    await slack.click(home, "ask", ALICE)
    box = await slack.wait_for_view()
    assert await slack.submit_view(box, ALICE, {"question": DELIVERY}) == {}
    answer = await slack.wait_for_message(lambda one: "14.90" in one.text)
    assert answer.channel == slack.workspace.direct_channel(ALICE).id
    home = await home_of(slack, ALICE, "\nanswered · just now")
    await slack.click(home, "open_answer", ALICE)
    shown = await slack.wait_for_view(lambda view: view["title"]["text"] == "Answer")
    assert "14.90" in words_of(shown["blocks"])


async def test_a_lead_sets_a_channel_and_it_counts_at_once(
    desk: Service, slack: SlackServer, model: OpenAIServer
) -> None:
    home = await home_of(slack, LEAD, "Channel settings")
    await slack.click(home, "channel", LEAD, SUPPORT)
    form = await slack.wait_for_view()
    entered = {"voice": "warm", "listens": "questions", "products": []}
    assert await slack.submit_view(form, LEAD, entered) == {}
    await slack.wait_for_message(lambda one: one.text.startswith("Kept."))
    answer = await answer_to(slack, await slack.say(SUPPORT, ALICE, PASSWORD))
    assert "Happy to help! " in said(answer)
    assert "neutral_voice" in answer.action_ids

    await slack.click(home, "channel", ALICE, SUPPORT)
    await slack.wait_for_message(lambda one: one.text == LEADS_ONLY)
    refused = await slack.submit_view(form, ALICE, entered)
    assert refused["errors"] == {"audiences": LEADS_ONLY}


async def test_a_channels_languages_narrow_what_is_found(
    sample_url: str, slack: SlackServer
) -> None:
    channels = {SUPPORT: {"locales": ["de"]}}
    settings = settings_for(sample_url, slack, slack={"channels": channels})
    async with serving(settings, slack) as desk:
        await answer_to(slack, await slack.mention(SUPPORT, ALICE, PASSWORD))
        async with desk.app.database.session() as session:
            cursor = await session.connection.execute(
                "SELECT DISTINCT v.locale FROM evidence e"
                " JOIN article_version v ON v.id = e.article_version_id"
            )
            assert [row["locale"] for row in await cursor.fetchall()] == ["de"]


async def test_the_queue_empties_as_it_is_reviewed(desk: Service, slack: SlackServer) -> None:
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, PASSWORD))
    await vote(slack, answer, "down", ALICE)
    why = await slack.wait_for_view()
    refused = await slack.submit_view(why, ALICE, {})
    assert list(refused["errors"]) == ["reasons"]
    told = {"reasons": ["wrong", "tone"], "comment": "We say “passphrase”."}
    assert await slack.submit_view(why, ALICE, told) == {}
    home = await home_of(slack, LEAD, "👎 1 (tone, wrong)")
    assert "“We say “passphrase”.”" in words_of(home["blocks"])
    await slack.click(home, "review", LEAD)
    form = await slack.wait_for_view(lambda view: view["callback_id"] == "review")
    assert await slack.submit_view(form, LEAD, {"verdict": "approve"}) == {}
    await home_of(slack, LEAD, "Nothing waits for a review.")
