"""Modals: their frame, what a form asks for, and what was put into it. Pure."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.slack.blocks import plain_text
from bot.slack.controls import Block

LONGEST_INPUT = 3_000  # characters of a text a form can begin with


def form(
    callback_id: str, title: str, submit: str, blocks: Sequence[Block], **kept: object
) -> Block:
    """A modal to fill in; `kept` comes back with what was put into it."""
    return {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": json.dumps(kept),
        "title": plain_text(title),
        "submit": plain_text(submit),
        "close": plain_text("Cancel"),
        "blocks": list(blocks),
    }


def page(title: str, blocks: Sequence[Block]) -> Block:
    """A modal to read."""
    shown = {"type": "modal", "title": plain_text(title), "close": plain_text("Close")}
    return {**shown, "blocks": list(blocks)}


def field(
    name: str, label: str, element: Block, *, optional: bool = True, hint: str | None = None
) -> Block:
    """Something a form asks for, under a name of ours."""
    block: Block = {
        "type": "input",
        "block_id": name,
        "label": plain_text(label),
        "element": {**element, "action_id": name},
        "optional": optional,
    }
    return block | ({"hint": plain_text(hint)} if hint else {})


def text_input(initial: str | None = None, *, multiline: bool = True) -> Block:
    """Room for a text."""
    element: Block = {"type": "plain_text_input", "multiline": multiline}
    return element | ({"initial_value": initial} if initial else {})


def select(
    kind: str, options: Sequence[Block], initial: Sequence[str] = (), **more: object
) -> Block:
    """A choice among options: one, or several for `checkboxes` and `multi_static_select`."""
    element: Block = {"type": kind, "options": list(options), **more}
    chosen = [each for each in options if each["value"] in initial]
    if chosen and kind in ("checkboxes", "multi_static_select"):
        element["initial_options"] = chosen
    elif chosen:
        element["initial_option"] = chosen[0]
    return element


def kept(view: Mapping[str, Any]) -> dict[str, Any]:
    """What a form was given to keep."""
    return dict(json.loads(view["private_metadata"]))


def entered(view: Mapping[str, Any], name: str) -> Any:
    """What was put under a name: a text, an option's value or values, an id; None for nothing."""
    state = view["state"]["values"].get(name, {}).get(name) or {}
    if "selected_options" in state:
        return [each["value"] for each in state["selected_options"] or []]
    if "selected_option" in state:
        return (state["selected_option"] or {}).get("value")
    if "selected_conversation" in state:
        return state["selected_conversation"]
    return (state.get("value") or "").strip() or None
