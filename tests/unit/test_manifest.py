"""The manifest grants and subscribes to what the code uses, and nothing it does not.

The rules are Slack's: https://docs.slack.dev/reference/app-manifest
"""

import re
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

import bot.slack
from bot.slack.client import manifest
from bot.slack.places.commands import COMMAND
from bot.slack.places.shortcuts import SHORTCUT

ROOM = Path(bot.slack.__file__).parent
# What each Web API method needs; the empty set where any token will do. A channel is public or
# private, or a direct message: of those only the history is read.
_ABOUT_CHANNELS = {"channels:read", "groups:read"}
SCOPES: dict[str, set[str]] = {
    "agents_sessions_setStatus": {"chat:write"},
    "auth_test": set(),
    "apps_connections_open": set(),  # the app-level token's connections:write
    "assistant_threads_setStatus": {"assistant:write"},
    "assistant_threads_setSuggestedPrompts": {"assistant:write"},
    "assistant_threads_setTitle": {"assistant:write"},
    "chat_appendStream": {"chat:write"},
    "chat_delete": {"chat:write"},
    "chat_getPermalink": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_startStream": {"chat:write"},
    "chat_stopStream": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_info": _ABOUT_CHANNELS,
    "conversations_members": _ABOUT_CHANNELS,
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read"},
    "views_open": set(),
    "views_publish": set(),
}
# What each event handled is subscribed to as, and needs.
EVENTS: dict[str, dict[str, set[str]]] = {
    "agent_session_stopped": {"agent_session_stopped": {"assistant:write"}},
    "app_home_opened": {"app_home_opened": set()},
    "app_mention": {"app_mention": {"app_mentions:read"}},
    "message": {
        "message.channels": {"channels:history"},
        "message.groups": {"groups:history"},
        "message.im": {"im:history"},
    },
}
# What the agent view asks for, whether or not a method is called.
AGENT = {"assistant:write"}
KEYS = {
    "": {"_metadata", "display_information", "features", "oauth_config", "settings"},
    "display_information": {"name", "description", "long_description", "background_color"},
    "features": {"app_home", "agent_view", "bot_user", "shortcuts", "slash_commands"},
    "settings": {
        *("event_subscriptions", "interactivity", "org_deploy_enabled"),
        *("socket_mode_enabled", "token_rotation_enabled"),
    },
}


def code() -> str:
    room = ROOM.parent
    files = [*ROOM.rglob("*.py"), *room.glob("*.py"), *(room / "web").rglob("*.py")]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def methods() -> set[str]:
    """Every method of Slack's client that the code calls."""
    known = {name for name in dir(AsyncWebClient) if "_" in name.strip("_")}
    return set(re.findall(r"(?:client|brisk)\.(\w+)\b", code())) & known - {"api_call", "base_url"}


def events() -> set[str]:
    return set(re.findall(r'bolt\.event\("(\w+)"\)', code()))


def test_every_method_and_event_in_use_has_its_scopes() -> None:
    assert {"chat_postMessage", "views_publish", "users_info"} <= methods()
    assert {"app_mention", "message", "app_home_opened"} <= events()
    needed = {"commands"} | AGENT
    for method in methods():
        needed |= SCOPES[method]
    for event in events():
        needed |= set().union(*EVENTS[event].values())
    assert set(manifest()["oauth_config"]["scopes"]["bot"]) == needed


def test_every_event_in_use_is_subscribed_to() -> None:
    subscribed = manifest()["settings"]["event_subscriptions"]["bot_events"]
    assert subscribed == sorted(subscribed)
    assert set(subscribed) == {name for event in events() for name in EVENTS[event]}


def test_commands_and_shortcuts_have_a_listener() -> None:
    features = manifest()["features"]
    assert [each["command"] for each in features["slash_commands"]] == [COMMAND]
    assert [each["callback_id"] for each in features["shortcuts"]] == [SHORTCUT]
    assert [each["type"] for each in features["shortcuts"]] == ["message"]
    assert manifest()["settings"]["interactivity"]["is_enabled"]


def test_the_app_has_a_home_messages_and_the_agent_view() -> None:
    features = manifest()["features"]
    assert features["app_home"] == {
        "home_tab_enabled": True,
        "messages_tab_enabled": True,
        "messages_tab_read_only_enabled": False,
    }
    assert set(features["agent_view"]) == {"agent_description", "suggested_prompts"}
    assert features["bot_user"]["always_online"] is True


@pytest.mark.parametrize("table", KEYS)
def test_nothing_is_in_the_manifest_that_slack_does_not_know(table: str) -> None:
    found = manifest()[table] if table else manifest()
    assert set(found) <= KEYS[table]


def test_texts_keep_the_manifests_limits() -> None:
    shown, features = manifest()["display_information"], manifest()["features"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4_000
    assert re.fullmatch(r"#[0-9a-f]{6}", shown["background_color"])
    assert len(features["bot_user"]["display_name"]) <= 80
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert len(features["agent_view"]["suggested_prompts"]) <= 4
    assert all({"title", "message"} == set(p) for p in features["agent_view"]["suggested_prompts"])
    assert len(features["shortcuts"]) <= 10
    assert all(len(each["name"]) <= 24 for each in features["shortcuts"])
    assert all(len(each["description"]) <= 150 for each in features["shortcuts"])
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z_-]{1,31}", command["command"])
        assert len(command["description"]) <= 2_000
        assert len(command["usage_hint"]) <= 1_000
    assert len(manifest()["settings"]["event_subscriptions"]["bot_events"]) <= 100
    assert len(manifest()["oauth_config"]["scopes"]["bot"]) <= 255
