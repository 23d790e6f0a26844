"""Matching: which choice of a menu a listener is for."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.slack.controls import Shown

Matcher = Callable[[dict[str, Any]], Awaitable[bool]]


def chose(choice: str) -> Matcher:
    """Whether this was chosen."""

    async def matches(body: dict[str, Any]) -> bool:
        return Shown.clicked(body).choice == choice

    return matches
