"""A support desk in a test: Footnote's service, connected to the fake Slack."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bot.serving import Service, open_service
from bot.settings import Settings
from tests.fakes.reading import words_of
from tests.fakes.serving import HOST
from tests.fakes.slack_server import LEAD, SUPPORT, Message, SlackServer
from tests.fakes.slack_state import elements_of

WHERE_FROM = "https://help.rimeholt.example/"
DELIVERY = "How much does delivery to Switzerland cost?"
TUNGSTEN = "What is the boiling point of tungsten?"


def settings_for(url: str, slack: SlackServer, /, **more: Any) -> Settings:
    """Settings of a desk in Socket Mode, with more by variable or table; None takes one away."""
    values: dict[str, Any] = {
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "FOOTNOTE_HOST": HOST,
        "PORT": 0,
        "slack": {"leads": [LEAD]},
        **more,
    }
    known = {name: value for name, value in values.items() if value is not None}
    return Settings.model_validate(known)


@asynccontextmanager
async def serving(settings: Settings, slack: SlackServer) -> AsyncIterator[Service]:
    """The service, connected."""
    async with open_service(settings) as service:
        if settings.slack_app_token is None:
            slack.request_url = f"http://{HOST}:{service.port}/slack/events"
        else:
            await slack.socket.wait_for_connections(1)
        yield service


async def answer_to(
    slack: SlackServer, asked: Message, wanted: Callable[[Message], bool] = lambda _: True
) -> Message:
    """The bot's first message in the thread that a message is in or begins."""
    thread = asked.thread_ts or asked.ts
    return await slack.wait_for_message(
        lambda one: (
            one.channel == asked.channel
            and one.thread_ts == thread
            and one.ts > asked.ts
            and one.ephemeral_to is None
            and wanted(one)
        ),
        timeout=20,
    )


async def whisper_to(slack: SlackServer, user: str, text: str = "") -> Message:
    """The first message that only this person sees, with this text in it."""
    return await slack.wait_for_message(
        lambda one: one.ephemeral_to == user and text in one.text, timeout=20
    )


async def vote(slack: SlackServer, answer: Message, choice: str, user: str) -> None:
    """Click a feedback button: up or down."""
    await slack.click(answer, "vote", user, f"{choice} {answer_id(answer)}")


async def choose(slack: SlackServer, answer: Message, choice: str, user: str) -> None:
    """Choose from the menu below an answer."""
    await slack.click(answer, "more", user, f"{choice} {answer_id(answer)}")


def answer_id(answer: Message) -> str:
    """The number that an answer's controls carry."""
    values = [str(each.get("value", "")) for _, each in elements_of(answer.blocks)]
    return next(value for value in values if value.isdigit())


def replies(slack: SlackServer, channel: str = SUPPORT) -> list[Message]:
    """What the bot said in a channel for all to see."""
    return [one for one in slack.messages[channel] if one.by_bot and one.ephemeral_to is None]


def command_environment(url: str, slack: SlackServer) -> dict[str, str]:
    """What `footnote serve` and `footnote worker` are told, as variables."""
    return {
        "DATABASE_URL": url,
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_APP_TOKEN": slack.app_token,
        "SLACK_API_URL": slack.api_url,
        "FOOTNOTE_HOST": HOST,
        "PORT": "0",
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def said(message: Message) -> str:
    """What a message says: what was streamed, then its blocks."""
    return f"{message.text}\n{words_of(message.blocks)}"
