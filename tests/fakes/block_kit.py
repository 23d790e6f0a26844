"""Checks blocks and views as strictly as can be done away from Slack.

Three looks: slack_sdk's own models (lengths, numbers of things), the shape of every object (what it
must have and may have, by Slack's reference), and the limits that the fake workspace enforces.
"""

from collections.abc import Iterator
from typing import Any

from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View

from tests.fakes.slack_limits import check_message_blocks, check_view

Json = dict[str, Any]

# Object → what it must have, and what it may have besides `type`.
_TEXT = "text verbatim emoji"
SHAPES: dict[str, tuple[str, str]] = {
    "mrkdwn": ("text", _TEXT),
    "plain_text": ("text", _TEXT),
    "section": ("text", "text block_id accessory fields expand"),
    "context": ("elements", "elements block_id"),
    "context_actions": ("elements", "elements block_id"),
    "actions": ("elements", "elements block_id"),
    "divider": ("", "block_id"),
    "input": ("label element", "label element block_id hint optional dispatch_action"),
    "button": ("text action_id", "text action_id value url style confirm accessibility_label"),
    "overflow": ("action_id options", "action_id options confirm"),
    "feedback_buttons": (
        "positive_button negative_button",
        "positive_button negative_button action_id",
    ),
    "plain_text_input": (
        "action_id",
        "action_id initial_value multiline placeholder max_length dispatch_action_config",
    ),
    "radio_buttons": ("action_id options", "action_id options initial_option"),
    "checkboxes": ("action_id options", "action_id options initial_options"),
    "static_select": ("action_id options", "action_id options initial_option placeholder"),
    "multi_static_select": (
        "action_id options",
        "action_id options initial_options placeholder max_selected_items",
    ),
    "conversations_select": (
        "action_id",
        "action_id initial_conversation filter placeholder default_to_current_conversation",
    ),
    "modal": (
        "title blocks",
        "title blocks submit close callback_id private_metadata notify_on_close",
    ),
    "home": ("blocks", "blocks callback_id private_metadata"),
}
# What may stand in what.
INSIDE = {
    "context": {"mrkdwn", "plain_text", "image"},
    "context_actions": {"feedback_buttons", "icon_button"},
    "actions": {"button", "overflow", "static_select", "conversations_select"},
    "input": {
        *("plain_text_input", "radio_buttons", "checkboxes", "static_select"),
        *("multi_static_select", "conversations_select"),
    },
    "section": {"button", "overflow", "static_select", "conversations_select"},
}


def check_message(blocks: list[Json]) -> None:
    """Raise what is wrong with a message's blocks."""
    check_message_blocks(blocks)
    _check_models(blocks)
    assert list(_misshapen(blocks, "/blocks")) == []


def check_modal_or_home(view: Json) -> None:
    """Raise what is wrong with a view."""
    check_view(view)
    _check_models(view["blocks"])
    assert View(**view).to_dict()["type"] == view["type"]
    assert list(_misshapen(view, "/view")) == []


def _check_models(blocks: list[Json]) -> None:
    for block in blocks:
        model = Block.parse(block)
        assert model is not None, f"slack_sdk knows no block {block['type']}"
        model.validate_json()


def _misshapen(node: Any, here: str) -> Iterator[str]:
    if isinstance(node, list):
        for index, each in enumerate(node):
            yield from _misshapen(each, f"{here}/{index}")
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    if isinstance(kind, str) and here.rpartition("/")[2] != "filter":
        if kind not in SHAPES:
            yield f"{here}: {kind} is not in the reference"
            return
        needed, allowed = (set(names.split()) for names in SHAPES[kind])
        yield from (f"{here}: {kind} lacks {name}" for name in needed - node.keys())
        yield from (f"{here}: {kind} has {n}" for n in node.keys() - allowed - {"type"})
        for inner in (*node.get("elements", []), node.get("element"), node.get("accessory")):
            if inner and inner["type"] not in INSIDE[kind]:
                yield f"{here}: {inner['type']} in {kind}"
    for name, value in node.items():
        yield from _misshapen(value, f"{here}/{name}")
