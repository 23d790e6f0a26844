"""Voices: how an answer is worded. Each is a model at an OpenAI-compatible address."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.errors import VoiceError
from bot.settings import Exemplar, Settings

if TYPE_CHECKING:
    from bot.chat.model import ChatModel

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Voice:
    """A named way of wording, with the model that words."""

    name: str
    model: "ChatModel"
    instructions: str
    exemplars: tuple[Exemplar, ...]


def open_voices(settings: Settings) -> dict[str, Voice]:
    """The voices footnote.toml names. Nothing is called before one is used."""
    if not settings.voices:
        return {}
    from bot.chat.model import ChatModel  # noqa: PLC0415 - slow, and not needed without a model

    return {
        name: Voice(
            name, ChatModel(voice, settings.openai_api_key), voice.instructions, voice.exemplars
        )
        for name, voice in settings.voices.items()
    }


def choose(voices: dict[str, Voice], name: str) -> Voice:
    """A voice by name. Raises VoiceError naming those there are."""
    try:
        return voices[name]
    except KeyError:
        known = ", ".join([NEUTRAL, *voices])
        raise VoiceError(
            f"There is no voice named {name}; there are: {known}.\n"
            "Voices are tables [voices.NAME] in footnote.toml."
        ) from None
