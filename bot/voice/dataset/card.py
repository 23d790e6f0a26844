"""The card of a dataset: what it holds, where from, and what training on it would cost."""

from collections.abc import Mapping
from typing import Any

from bot.voice.dataset.splits import TEST, TRAIN, VALIDATION

PREFERENCES = "preferences"
FILES = (TRAIN, VALIDATION, TEST, PREFERENCES)


def card_lines(card: Mapping[str, Any]) -> list[str]:
    """The card as Markdown, for people."""
    cost = card["cost"]
    amount = "unknown" if cost["usd"] is None else f"${cost['usd']:,.4f}"
    low, high = card["recommended"]
    least = f"{card['minimum']} examples to train on; {low} to {high} recommended"
    trained = f"{card['base_model']}: {amount} ({cost['formula']}), {card['minutes']:g} minutes"
    return [
        f"# Dataset {card['hash'][:12]}",
        "",
        f"- hash: sha256 {card['hash']}",
        f"- source: {card['source']}",
        f"- reviews from {card['from']} to {card['to']}",
        *(_file_line(card, name) for name in FILES),
        *(f"- left out: {count} × {reason}" for reason, count in card["left_out"].items()),
        f"- at least {least}",
        f"- training {trained}",
        f"- instructions: {card['instructions']}",
    ]


def _file_line(card: Mapping[str, Any], name: str) -> str:
    families = card["families"].get(name)
    tied = f", {families} article families" if families is not None else ""
    tokens = card["tokens"][name]
    return f"- {name}: {card['examples'][name]} examples, about {tokens:,} tokens{tied}"
