"""Who sees what: internal articles stay among the desk's own people, and what is unknown is public.

Each question here is answered by an internal article alone, and is asked of the real service.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from bot.serving import Service
from bot.slack.actions.handoff import WITHHELD
from bot.slack.actions.sharing import NOT_THERE
from bot.slack.desk import NOT_HERE
from tests.fakes.reading import words_of
from tests.fakes.serving import Json
from tests.fakes.slack_server import ALICE, BOB, SUPPORT, Message, SlackServer
from tests.fakes.slack_state import Channel
from tests.integration.desk import answer_to, choose, replies, serving, settings_for, whisper_to

LIMIT = "How much may an agent refund on a plan without asking a team lead?"
SECRETS = ("150", "9001", "Refund exceptions", "fraud", "Escalation", "🔒")
SHARED = "C01SHARED01"


@pytest.fixture
async def slack() -> AsyncIterator[SlackServer]:
    async with SlackServer() as running:
        workspace = running.workspace
        members = set(workspace.channels[SUPPORT].members)
        workspace.add_channel(Channel(SHARED, "with-acme", members, is_ext_shared=True))
        yield running


@pytest.fixture
async def desk(sample_url: str, slack: SlackServer) -> AsyncIterator[Service]:
    async with serving(settings_for(sample_url, slack), slack) as service:
        yield service


def everything_in(message: Message) -> str:
    return f"{message.text}\n{message.blocks}"


async def retrieved(desk: Service) -> set[str]:
    """The audiences of all that was ever found for a question."""
    async with desk.app.database.session() as session:
        cursor = await session.connection.execute(
            "SELECT v.audience FROM evidence e JOIN article_version v"
            " ON v.id = e.article_version_id"
        )
        return {row["audience"] for row in await cursor.fetchall()}


async def test_the_desks_own_people_get_internal_articles_marked_as_such(
    desk: Service, slack: SlackServer
) -> None:
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, LIMIT))
    shown = words_of(answer.blocks)
    assert "150" in shown
    assert "🔒 internal" in shown
    direct = await answer_to(slack, await slack.direct_message(ALICE, LIMIT))
    assert "150" in words_of(direct.blocks)


def guest_in_the_channel(slack: SlackServer) -> None:
    slack.workspace.guests.add(BOB)


def stranger_in_the_channel(slack: SlackServer) -> None:
    slack.workspace.foreign.add(BOB)


def channel_of_two_companies(slack: SlackServer) -> None:
    slack.workspace.channels[SUPPORT].is_ext_shared = True


def channel_not_known(slack: SlackServer) -> None:
    slack.fail("conversations.info", error="missing_scope", times=None)


def members_not_known(slack: SlackServer) -> None:
    slack.fail("conversations.members", error="fatal_error", times=None)


def people_not_known(slack: SlackServer) -> None:
    slack.fail("users.info", error="user_not_found", times=None)


def too_many_members(slack: SlackServer) -> None:
    people = {f"U01CROWD{n:03d}": f"crowd{n}" for n in range(120)}
    slack.workspace.users |= people
    slack.workspace.channels[SUPPORT].members |= people.keys()


@pytest.mark.parametrize(
    "company",
    [
        guest_in_the_channel,
        stranger_in_the_channel,
        channel_of_two_companies,
        channel_not_known,
        members_not_known,
        people_not_known,
        too_many_members,
    ],
    ids=lambda company: company.__name__,
)
async def test_where_others_may_read_an_internal_article_is_not_found_cited_or_named(
    desk: Service, slack: SlackServer, company: Callable[[SlackServer], None]
) -> None:
    company(slack)
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, LIMIT))
    assert not [secret for secret in SECRETS if secret in everything_in(answer)]
    assert await retrieved(desk) == {"public"}
    await slack.click(answer, "show_passages", ALICE)
    view = await slack.wait_for_view()
    assert not [secret for secret in SECRETS if secret in str(view)]


async def test_a_guest_gets_public_articles_only_wherever_they_ask(
    desk: Service, slack: SlackServer
) -> None:
    slack.workspace.guests.add(BOB)
    said = [
        await answer_to(slack, await slack.direct_message(BOB, LIMIT)),
        await answer_to(slack, await slack.mention(SUPPORT, BOB, LIMIT)),
    ]
    await slack.slash_command(BOB, SUPPORT, "/footnote", LIMIT)
    said.append(await whisper_to(slack, BOB))
    for answer in said:
        assert not [secret for secret in SECRETS if secret in everything_in(answer)]
    assert await retrieved(desk) == {"public"}


async def test_a_private_answer_in_a_shared_channel_is_public_too(
    desk: Service, slack: SlackServer
) -> None:
    """What is drafted there is meant for there."""
    await slack.slash_command(ALICE, SHARED, "/footnote", LIMIT)
    answer = await whisper_to(slack, ALICE)
    assert not [secret for secret in SECRETS if secret in everything_in(answer)]
    assert await retrieved(desk) == {"public"}


async def share(slack: SlackServer, answer: Message, where: str) -> None:
    await choose(slack, answer, "share", ALICE)
    view = await slack.wait_for_view()
    assert await slack.submit_view(view, ALICE, {"where": where}) == {}


async def test_an_internal_answer_is_not_shared_where_it_may_not_be_seen(
    desk: Service, slack: SlackServer
) -> None:
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, LIMIT))
    await share(slack, answer, SHARED)
    await whisper_to(slack, ALICE, NOT_THERE)
    assert replies(slack, SHARED) == []


async def test_an_internal_answer_is_not_handed_off_where_it_may_not_be_seen(
    sample_url: str, slack: SlackServer
) -> None:
    channels = {"default": {"handoff_channel": SHARED}}
    async with serving(settings_for(sample_url, slack, slack={"channels": channels}), slack):
        answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, LIMIT))
        await choose(slack, answer, "hand_off", ALICE)
        await slack.submit_view(await slack.wait_for_view(), ALICE, {})
        handed = await slack.wait_for_message(lambda one: one.channel == SHARED)
    assert WITHHELD in words_of(handed.blocks)
    assert LIMIT in words_of(handed.blocks)
    assert "150" not in everything_in(handed)


async def test_what_was_said_among_us_is_not_shown_to_a_guest_who_came_later(
    desk: Service, slack: SlackServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, LIMIT))
    slack.workspace.guests.add(BOB)
    for seconds in ("_people", "_places"):  # as if some minutes had gone by
        getattr(audiences_of(desk), seconds).known.clear()
    for action in ("show_passages", "copy"):
        await slack.click(answer, action, BOB)
    await slack.wait_for_message(lambda one: one.ephemeral_to == BOB and one.text == NOT_HERE)
    assert slack.views == []


def audiences_of(desk: Service) -> Any:
    return desk.jobs._replies._audiences


@pytest.mark.parametrize("set_by", ["footnote.toml", "Home"])
async def test_a_channel_may_be_set_to_public_articles(
    sample_url: str, slack: SlackServer, set_by: str
) -> None:
    public: Json = {SUPPORT: {"audiences": ["public"]}}
    tables = {"channels": public} if set_by == "footnote.toml" else {}
    async with serving(settings_for(sample_url, slack, slack=tables), slack) as desk:
        if set_by == "Home":
            async with desk.app.database.session() as session:
                await session.connection.execute(
                    "INSERT INTO channel_setting (channel, audiences, every_question, changed_by)"
                    " VALUES (%s, '{public}', false, 'U01LEAD0001')",
                    [SUPPORT],
                )
        answer = await answer_to(slack, await slack.mention(SUPPORT, ALICE, LIMIT))
        assert not [secret for secret in SECRETS if secret in everything_in(answer)]
        assert await retrieved(desk) == {"public"}
