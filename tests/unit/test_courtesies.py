"""Politeness is told from statements."""

import pytest

from bot.chat.courtesies import is_courtesy


@pytest.mark.parametrize(
    "text",
    [
        "Hello!",
        "Hi there, thanks for your question.",
        "Sure, here is what I found.",
        "Of course!",
        "I can help you with that.",
        "I hope this helps!",
        "Please let us know if you have any other questions.",
        "Gerne! Hier ist die Antwort.",
        "¡Hola! Gracias por tu pregunta.",
        "Bonjour, merci pour votre question.",
    ],
)
def test_courtesies(text: str) -> None:
    assert is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    ["Yes, you can.", "Sure, you can do that.", "It is free.", "Of course not.", "Call us.",
     "Thanks for your 5 orders.", "", "Hello, refunds take days.", "Ja, das geht."],
)  # fmt: skip
def test_statements(text: str) -> None:
    assert not is_courtesy(text)
