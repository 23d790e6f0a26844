"""The manifest grants and subscribes to what the code uses, and nothing it does not."""

import re
from pathlib import Path

from bot.slack import actions
from bot.slack.client import manifest

ROOM = Path(actions.__file__).parent
# What each Web API method and event needs; the empty set where any token will do.
SCOPES = {
    "auth_test": set(),
    "apps_connections_open": set(),  # the app-level token's connections:write
    "chat_postMessage": {"chat:write"},
    "chat_postEphemeral": {"chat:write"},
    "chat_update": {"chat:write"},
    "views_open": set(),
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "app_mention": {"app_mentions:read"},
    "message": {"im:history"},  # message.im
}
# What agent_view asks for beyond the code.
AGENT_SCOPES, AGENT_EVENTS = {"assistant:write"}, {"app_home_opened"}


def code() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in ROOM.glob("*.py"))


def test_every_method_and_event_in_use_has_its_scopes() -> None:
    methods = set(re.findall(r"client\.((?:chat|views|conversations|auth|users)_\w+)", code()))
    events = set(re.findall(r'bolt\.event\("(\w+)"\)', code()))
    assert methods
    assert events == {"app_mention", "message"}
    needed = set().union(*(SCOPES[name] for name in methods | events), {"commands"})
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == needed | AGENT_SCOPES


def test_every_event_in_use_is_subscribed_to() -> None:
    subscribed = set(manifest()["settings"]["event_subscriptions"]["bot_events"])
    assert subscribed == {"app_mention", "message.im"} | AGENT_EVENTS


def test_commands_and_shortcuts_have_a_listener() -> None:
    features = manifest()["features"]
    assert [each["command"] for each in features["slash_commands"]] == [actions.COMMAND]
    assert [each["callback_id"] for each in features["shortcuts"]] == [actions.SHORTCUT]
    assert manifest()["settings"]["interactivity"]["is_enabled"]
    assert "agent_description" in features["agent_view"]


def test_texts_keep_the_manifests_limits() -> None:
    shown, features = manifest()["display_information"], manifest()["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4_000
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["agent_view"]["suggested_prompts"]) <= 4
    assert all(len(each["name"]) <= 24 for each in features["shortcuts"])
