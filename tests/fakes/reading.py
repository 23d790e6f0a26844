"""Reads messages and modals as a person would."""

import re

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
    """The text of each passage in a modal, in order, without marks."""
    found: list[str] = []
    for text in _sections(view):
        if "\nversion " in text:
            found.append("")
        elif found:
            found[-1] += text.replace("*", "") + "\n"
    return [unescaped(text) for text in found]


def cited_words(view: Json) -> list[str]:
    """What stands out in a passages modal."""
    texts = [text for text in _sections(view) if "\nversion " not in text]
    return [unescaped(bold) for text in texts for bold in re.findall(r"\*([^*]+)\*", text)]


def letters(text: str) -> str:
    """A text's letters and digits alone, to compare what is shown with what was written."""
    return "".join(filter(str.isalnum, text))


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _sections(view: Json) -> list[str]:
    return [block["text"]["text"] for block in view["blocks"] if block["type"] == "section"]
