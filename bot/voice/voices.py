"""Voices: how an answer is worded. Each is a model at an OpenAI-compatible address."""

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.errors import VoiceError
from bot.settings import Settings, VoiceSettings
from bot.voice.facts import names
from bot.voice.pairs import Pair
from ingest.lexicon import words

if TYPE_CHECKING:
    from bot.chat.model import ChatModel

NEUTRAL = "neutral"


@dataclass(frozen=True)
class Voice:
    """A named way of wording, with the model that words."""

    name: str
    model: "ChatModel"
    settings: VoiceSettings

    @property
    def instructions(self) -> str:
        """What its model is told, besides the rules."""
        return self.settings.instructions

    @property
    def patience(self) -> float:
        """Seconds an answer may take, tries included."""
        return self.settings.timeout_seconds

    @functools.cached_property
    def exemplars(self) -> tuple[Pair, ...]:
        """What its model is shown first."""
        return tuple(Pair((each.neutral,), (each.wording,)) for each in self.settings.exemplars)

    @functools.cached_property
    def own_words(self) -> frozenset[str]:
        """Names it may say around a statement, such as the desk's, because it was told them."""
        facts = " ".join(each.neutral for each in self.settings.exemplars)
        told = (self.instructions, *(each.wording for each in self.settings.exemplars))
        return names(*told) - frozenset(words(facts))

    @property
    def unusable(self) -> str | None:
        """Why it cannot be used today; None when it can."""
        ends = self.settings.shutdown_date
        if ends is not None and datetime.now(UTC).date() >= ends:
            return f"its model was shut down on {ends}."
        return None


def open_voices(settings: Settings) -> dict[str, Voice]:
    """The voices footnote.toml names. Nothing is called before one is used."""
    if not settings.voices:
        return {}
    from bot.chat.model import ChatModel  # noqa: PLC0415 - slow, and not needed without a model

    return {
        name: Voice(name, ChatModel(voice, settings.openai_api_key), voice)
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
