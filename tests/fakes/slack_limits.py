"""Slack's limits on messages, blocks and views, refused in Slack's words."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tests.fakes.serving import Json
from tests.fakes.slack_state import RefusedError

MAX_MESSAGE_CHARACTERS = 13_200  # over all blocks; undocumented, measured
MAX_MARKDOWN = 12_000
MAX_UPDATE_TEXT = 4_000
MAX_VIEW_BYTES = 250_000

_BOTH = {"section", "divider", "header", "context", "actions", "image", "input", "rich_text"}
_BLOCKS = {
    "message": _BOTH
    | {"markdown", "context_actions", "table", "video", "file", "plan", "task_card"},
    "modal": _BOTH | {"video", "table"},
    "home": _BOTH | {"video", "table"},
}
_MOST_BLOCKS = {"message": 50, "modal": 100, "home": 100}
_MOST_ELEMENTS = {"actions": 25, "context": 10, "context_actions": 5}
_OPTIONS = {"static_select": 100, "multi_static_select": 100, "overflow": 5, "radio_buttons": 10}

Problem = tuple[str, str]  # JSON pointer, what is wrong with it


def required(args: Json, name: str) -> Any:
    if args.get(name) is None:
        raise RefusedError("invalid_arguments", f"[ERROR] missing required field: {name}")
    return args[name]


def parse_blocks(given: Any) -> list[Json]:
    """Return blocks given as a list or as its JSON; raises RefusedError."""
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            raise RefusedError("invalid_blocks_format") from None
    if not isinstance(given, list) or not all(isinstance(block, dict) for block in given):
        raise RefusedError("invalid_blocks_format")
    return given


def check_message_blocks(blocks: Sequence[Json]) -> None:
    _refuse("invalid_blocks", _block_problems(blocks, "message", "/blocks"))
    if sum(map(len, _texts(blocks))) > MAX_MESSAGE_CHARACTERS:
        raise RefusedError("msg_blocks_too_long")


def check_view(view: Json) -> None:
    """Check a modal or Home view; raises RefusedError."""
    _refuse("invalid_arguments", _view_problems(view))
    if len(json.dumps(view)) > MAX_VIEW_BYTES:
        raise RefusedError("view_too_large")


def _refuse(error: str, problems: Iterator[Problem]) -> None:
    messages = [f"[ERROR] {problem} [json-pointer:{pointer}]" for pointer, problem in problems]
    if messages:
        raise RefusedError(error, *messages)


def _view_problems(view: Json) -> Iterator[Problem]:
    surface = view.get("type")
    if surface not in {"modal", "home"}:
        yield "/view/type", "must be modal or home"
        return
    if surface == "modal":
        if "title" not in view:
            yield "/view", "missing required field: title"
        for name in ("title", "submit", "close"):
            if view.get(name) is not None:
                yield from _text_problems(view[name], 24, f"/view/{name}", plain=True)
    yield from _length(view.get("private_metadata", ""), 3_000, "/view/private_metadata", least=0)
    yield from _length(view.get("callback_id", ""), 255, "/view/callback_id", least=0)
    blocks = view.get("blocks")
    if not isinstance(blocks, list):
        yield "/view", "missing required field: blocks"
        return
    asks = surface == "modal" and any(block.get("type") == "input" for block in blocks)
    if asks and "submit" not in view:
        yield "/view", "missing required field: submit"
    yield from _block_problems(blocks, surface, "/view/blocks")


def _block_problems(blocks: Sequence[Json], surface: str, pointer: str) -> Iterator[Problem]:
    if len(blocks) > _MOST_BLOCKS[surface]:
        yield pointer, f"no more than {_MOST_BLOCKS[surface]} items allowed"
        return
    names = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(names)) < len(names):
        yield pointer, "block_id already exists"
    for index, block in enumerate(blocks):
        here = f"{pointer}/{index}"
        if block.get("type") not in _BLOCKS[surface]:
            yield f"{here}/type", f"unsupported type: {block.get('type')}"
            continue
        yield from _length(block.get("block_id", "b"), 255, f"{here}/block_id")
        yield from _body_problems(block, here)


def _body_problems(block: Json, here: str) -> Iterator[Problem]:
    kind = block["type"]
    if kind == "section":
        yield from _section_problems(block, here)
    elif kind == "header":
        yield from _text_problems(block.get("text"), 150, f"{here}/text", plain=True)
    elif kind == "markdown":
        yield from _length(block.get("text"), MAX_MARKDOWN, f"{here}/text")
    elif kind == "image":
        yield from _length(block.get("image_url"), 3_000, f"{here}/image_url")
        yield from _length(block.get("alt_text"), 2_000, f"{here}/alt_text")
    elif kind == "input":
        yield from _text_problems(block.get("label"), 2_000, f"{here}/label", plain=True)
        yield from _element_problems(block.get("element", {}), f"{here}/element")
    elif kind in _MOST_ELEMENTS:
        yield from _elements_problems(block.get("elements", []), kind, f"{here}/elements")


def _section_problems(block: Json, here: str) -> Iterator[Problem]:
    if "text" in block:
        yield from _text_problems(block["text"], 3_000, f"{here}/text")
    elif "fields" not in block:
        yield here, "missing required field: text or fields"
    fields = block.get("fields", [])
    if len(fields) > 10:
        yield f"{here}/fields", "no more than 10 items allowed"
    for index, one in enumerate(fields):
        yield from _text_problems(one, 2_000, f"{here}/fields/{index}")
    if "accessory" in block:
        yield from _element_problems(block["accessory"], f"{here}/accessory")


def _elements_problems(elements: Sequence[Json], kind: str, here: str) -> Iterator[Problem]:
    if not 1 <= len(elements) <= _MOST_ELEMENTS[kind]:
        yield here, f"between 1 and {_MOST_ELEMENTS[kind]} items allowed"
    names = [element["action_id"] for element in elements if "action_id" in element]
    if len(set(names)) < len(names):
        yield here, "duplicate action_id"
    for index, element in enumerate(elements):
        yield from _element_problems(element, f"{here}/{index}")


def _element_problems(element: Json, here: str) -> Iterator[Problem]:
    kind = element.get("type")
    if kind in {"mrkdwn", "plain_text"}:
        yield from _text_problems(element, 3_000, here)
        return
    if not kind:
        yield here, "missing required field: type"
    yield from _length(element.get("action_id", "a"), 255, f"{here}/action_id")
    if kind == "button":
        yield from _button_problems(element, here)
    for name in ("positive_button", "negative_button") if kind == "feedback_buttons" else ():
        yield from _button_problems(element.get(name, {}), f"{here}/{name}")
    options = element.get("options", [])
    if kind in _OPTIONS and not 1 <= len(options) <= _OPTIONS[kind]:
        yield f"{here}/options", f"between 1 and {_OPTIONS[kind]} items allowed"
    for index, option in enumerate(options):
        yield from _text_problems(option.get("text"), 75, f"{here}/options/{index}/text")
        yield from _length(option.get("value"), 150, f"{here}/options/{index}/value")
    if "placeholder" in element:
        yield from _text_problems(element["placeholder"], 150, f"{here}/placeholder", plain=True)
    yield from _length(element.get("initial_value", ""), 3_000, f"{here}/initial_value", least=0)


def _button_problems(button: Json, here: str) -> Iterator[Problem]:
    yield from _text_problems(button.get("text"), 75, f"{here}/text", plain=True)
    yield from _length(button.get("value", "v"), 2_000, f"{here}/value")
    yield from _length(button.get("url", "u"), 3_000, f"{here}/url")
    if button.get("style", "primary") not in {"primary", "danger"}:
        yield f"{here}/style", "must be primary or danger"


def _text_problems(given: Any, most: int, here: str, *, plain: bool = False) -> Iterator[Problem]:
    if not isinstance(given, dict):
        yield here, "missing required field: text"
        return
    if given.get("type") not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
        yield f"{here}/type", f"unsupported type: {given.get('type')}"
    yield from _length(given.get("text"), most, f"{here}/text")


def _length(given: Any, most: int, here: str, *, least: int = 1) -> Iterator[Problem]:
    if not isinstance(given, str):
        yield here, "must be a string"
    elif len(given) > most:
        yield here, f"must be less than {most + 1} characters"
    elif len(given) < least:
        yield here, f"must be more than {least - 1} characters"


def _texts(node: Any) -> Iterator[str]:
    """Yield every text shown in blocks, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from _texts(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name == "text" and isinstance(value, str):
                yield value
            else:
                yield from _texts(value)
