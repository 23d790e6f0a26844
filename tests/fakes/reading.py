"""Reads messages and modals as a person would."""

from tests.fakes.serving import Json


def words_of(blocks: list[Json]) -> str:
    """Every text shown in blocks, in order."""
    found: list[str] = []
    for block in blocks:
        for holder in (block, *block.get("elements", [])):
            text = holder.get("text")
            found.append(text.get("text", "") if isinstance(text, dict) else text or "")
    return "\n".join(filter(None, found))


def passages_shown(view: Json) -> list[str]:
    """The text of each passage in a modal, in the order of its stretches."""
    found: list[str] = []
    for block in view["blocks"]:
        text: Json = block.get("text") or next(iter(block.get("elements", [])), {})
        if text.get("type") == "mrkdwn" and text["text"].startswith("*"):
            found.append("")
        elif text.get("type") == "plain_text":
            found[-1] += text["text"]
    return found


def cited_words(view: Json) -> list[str]:
    """What stands out in a passages modal."""
    texts = [block["text"] for block in view["blocks"] if block["type"] == "section"]
    return [text["text"] for text in texts if text["type"] == "plain_text"]
