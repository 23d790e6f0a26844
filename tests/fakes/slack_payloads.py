"""Builds what Slack sends: objects, event envelopes, interactions, slash commands."""

import base64
import json
import re
import time
import uuid
from collections.abc import Mapping
from typing import Any

from tests.fakes.serving import Json
from tests.fakes.slack_state import (
    APP_ID,
    BOT_ID,
    BOT_USER,
    LEAD,
    TEAM_DOMAIN,
    TEAM_ID,
    Channel,
    Message,
    Workspace,
    elements_of,
)

VERIFICATION_TOKEN = "verification-token-nobody-should-read"
_MENTION = re.compile(r"<@(\w+)>")


def user_json(workspace: Workspace, user: str) -> Json:
    name = workspace.users[user]
    team = "T01OTHER001" if user in workspace.foreign else TEAM_ID
    return {
        "id": user,
        "team_id": team,
        "name": name,
        "real_name": name.title(),
        "deleted": False,
        "tz": "Europe/Berlin",
        "tz_offset": 7200,
        "locale": "en-GB",
        "profile": {
            "real_name": name.title(),
            "display_name": name,
            "email": f"{name}@desk.example",
            "team": team,
        },
        "is_restricted": user in workspace.guests,
        "is_ultra_restricted": False,
        "is_admin": user == LEAD,
        "is_owner": False,
        "is_bot": user == BOT_USER,
        "is_app_user": False,
        "updated": 1_760_000_000,
    }


def channel_json(channel: Channel) -> Json:
    common = {
        "id": channel.id,
        "created": 1_760_000_000,
        "is_archived": channel.is_archived,
        "is_im": channel.im_user is not None,
        "context_team_id": TEAM_ID,
    }
    if channel.im_user:
        return common | {"user": channel.im_user, "is_user_deleted": False, "is_open": True}
    return common | {
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": not channel.is_private,
        "is_group": channel.is_private,
        "is_private": channel.is_private,
        "is_mpim": False,
        "is_member": BOT_USER in channel.members,
        "is_shared": channel.is_ext_shared,
        "is_ext_shared": channel.is_ext_shared,
        "num_members": len(channel.members),
        "topic": {"value": "", "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def message_json(message: Message) -> Json:
    """Return a message as history, interactions and chat.* answers show it."""
    shown: Json = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": TEAM_ID,
        "blocks": message.blocks,
    }
    if message.by_bot:
        profile = {"id": BOT_ID, "app_id": APP_ID, "name": "Footnote", "team_id": TEAM_ID}
        shown |= {"bot_id": BOT_ID, "app_id": APP_ID, "bot_profile": profile}
    if message.thread_ts:
        shown["thread_ts"] = message.thread_ts
    if message.history:
        shown["edited"] = {"user": message.user, "ts": f"{int(time.time())}.000000"}
    if message.streamed:
        shown["streaming_state"] = "in_progress" if message.streaming else "completed"
    if message.metadata:
        shown["metadata"] = message.metadata
    if message.reactions:
        shown["reactions"] = [
            {"name": name, "users": [BOT_USER], "count": 1} for name in message.reactions
        ]
    return shown


def view_json(workspace: Workspace, view: Json) -> Json:
    """Return a view as Slack keeps it: with an id, a hash and named blocks."""
    view_id = workspace.new_id("V")
    defaults: Json = {
        "id": view_id,
        "team_id": TEAM_ID,
        "private_metadata": "",
        "callback_id": "",
        "state": {"values": {}},
        "hash": f"{time.time():.6f}.{uuid.uuid4().hex[:8]}",
        "title": None,
        "submit": None,
        "close": None,
        "clear_on_close": False,
        "notify_on_close": False,
        "previous_view_id": None,
        "root_view_id": view_id,
        "app_id": APP_ID,
        "app_installed_team_id": TEAM_ID,
        "external_id": "",
        "bot_id": BOT_ID,
    }
    return defaults | view | {"blocks": workspace.with_block_ids(view["blocks"])}


def rich_text(text: str) -> list[Json]:
    """Return the rich_text block a person's own typing becomes."""
    elements: list[Json] = []
    for index, piece in enumerate(_MENTION.split(text)):
        if piece:
            kind = (
                {"type": "user", "user_id": piece} if index % 2 else {"type": "text", "text": piece}
            )
            elements.append(kind)
    section = {"type": "rich_text_section", "elements": elements}
    return [{"type": "rich_text", "elements": [section]}]


def changed_event(message: Message, channel: Channel, text: str) -> Json:
    """Return the inner event of an edit, of a message as it still stands."""
    now = message_json(message) | {"text": text, "edited": {"user": message.user, "ts": message.ts}}
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": message.ts,
        "message": now,
        "previous_message": message_json(message),
    }


def deleted_event(message: Message, channel: Channel) -> Json:
    """Return the inner event of a deletion."""
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "channel": channel.id,
        "channel_type": channel.kind,
        "ts": message.ts,
        "deleted_ts": message.ts,
        "previous_message": message_json(message),
    }


def message_event(message: Message, channel: Channel, kind: str) -> Json:
    """Return the inner event of a person's message: `message`, or its twin `app_mention`."""
    event: Json = {
        "user": message.user,
        "type": kind,
        "ts": message.ts,
        "client_msg_id": str(uuid.uuid5(uuid.NAMESPACE_URL, message.ts)),
        "text": message.text,
        "team": TEAM_ID,
        "blocks": message.blocks,
        "channel": message.channel,
        "event_ts": message.ts,
    }
    if message.thread_ts:
        event["thread_ts"] = message.thread_ts
    if kind == "message":
        event["channel_type"] = channel.kind
    return event


def event_callback(workspace: Workspace, event: Json) -> Json:
    """Wrap an inner event as the Events API does, under a new event_id."""
    inner = {"et": event["type"], "tid": TEAM_ID, "aid": APP_ID, "cid": event.get("channel")}
    authorization = {
        "enterprise_id": None,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "is_bot": True,
        "is_enterprise_install": False,
    }
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM_ID,
        "context_team_id": TEAM_ID,
        "context_enterprise_id": None,
        "api_app_id": APP_ID,
        "event": event,
        "type": "event_callback",
        "event_id": workspace.new_id("Ev"),
        "event_time": int(time.time()),
        "authorizations": [authorization],
        "is_ext_shared_channel": False,
        "event_context": "4-" + base64.b64encode(json.dumps(inner).encode()).decode(),
    }


def interaction(workspace: Workspace, kind: str, user: str, **rest: Any) -> Json:
    """Return what every interaction payload has, with a live trigger_id."""
    name = workspace.users[user]
    return {
        "type": kind,
        "user": {"id": user, "username": name, "name": name, "team_id": TEAM_ID},
        "api_app_id": APP_ID,
        "token": VERIFICATION_TOKEN,
        "team": {"id": TEAM_ID, "domain": TEAM_DOMAIN},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": workspace.new_trigger(),
        **rest,
    }


def message_context(workspace: Workspace, message: Message, response_url: str) -> Json:
    """Return the part of an interaction that says which message it happened on."""
    channel = workspace.channels[message.channel]
    container = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_to is not None,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    return {
        "container": container,
        "channel": {"id": channel.id, "name": channel.name or "directmessage"},
        "message": message_json(message),
        "state": {"values": {}},
        "response_url": response_url,
    }


def block_action(workspace: Workspace, blocks: list[Json], action_id: str, value: Any) -> Json:
    """Return the `actions` entry of a click; raises LookupError naming what can be clicked."""
    for block, element in elements_of(blocks):
        if element["action_id"] == action_id:
            entry = {"action_id": action_id, "block_id": block.get("block_id", "")}
            return entry | _chosen(element, value) | {"action_ts": workspace.new_ts()}
    known = [str(element["action_id"]) for _, element in elements_of(blocks)]
    raise LookupError(f"no element with action_id {action_id!r}; there are {known}")


def state_of(view: Json, values: Mapping[str, Any]) -> Json:
    """Return a modal's state as a person fills it in: `values` by action_id or block_id.

    Raises ValueError where a required input would be empty: Slack would not let it be sent.
    """
    state: Json = {}
    for block, element in elements_of(view["blocks"]):
        block_id, action_id = block.get("block_id", ""), element["action_id"]
        given = values.get(action_id, values.get(block_id))
        if isinstance(given, dict) and action_id in given:
            given = given[action_id]
        for name in ("value", "option", "options", "conversation"):
            if given is None:
                given = element.get(f"initial_{name}")
        if given is None and block["type"] == "input" and not block.get("optional"):
            raise ValueError(f"the modal needs a value for {block_id}/{action_id}")
        if element["type"] != "button":
            state.setdefault(block_id, {})[action_id] = _chosen(element, given)
    return state


def _chosen(element: Json, value: Any) -> Json:
    """Return an element's type with what was chosen in it."""
    kind = element["type"]
    if isinstance(value, dict) and "type" in value:
        return value
    if kind in {"static_select", "radio_buttons", "overflow"}:
        return {"type": kind, "selected_option": _option(element, value)}
    if kind in {"checkboxes", "multi_static_select"}:
        chosen = [_option(element, one) for one in value or []]
        return {"type": kind, "selected_options": chosen}
    if kind == "feedback_buttons":
        buttons = [element["positive_button"], element["negative_button"]]
        pressed = next((one for one in buttons if one["value"] == value), buttons[0])
        return {"type": kind, "text": pressed["text"], "value": pressed["value"]}
    if kind == "button":
        return {"type": kind, "text": element["text"], "value": element.get("value")}
    return {"type": kind, "selected_conversation" if "convers" in kind else "value": value}


def _option(element: Json, value: Any) -> Json | None:
    if value is None or isinstance(value, dict):
        return value
    for option in element.get("options", []):
        if option["value"] == value:
            return dict(option)
    raise LookupError(f"{element['action_id']} has no option {value!r}")
