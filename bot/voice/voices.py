"""Voices: how an answer is worded. Each is a model at an OpenAI-compatible address.

A voice is a table `[voices.NAME]`: in footnote.toml, or in a row of Postgres, where it was added by
`footnote voice add`. A *prompted* voice has instructions and exemplars, its own or the approved
answers nearest to the question; a *tuned* one has a model that was trained on approved answers.
"""

import functools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from bot.errors import VoiceError
from bot.settings import Settings, VoiceSettings
from bot.voice.facts import names
from bot.voice.pairs import Pair
from ingest.database import Database
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
    state: str | None = None  # None where nothing was done to a voice of footnote.toml yet
    spent_usd: float = 0.0  # in this calendar month

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
    def ended(self) -> bool:
        """Whether its model's last day is over."""
        ends = self.settings.shutdown_date
        return ends is not None and today() >= ends

    @property
    def unusable(self) -> str | None:
        """Why it cannot be used today; None when it can."""
        if self.state == "retired":
            return "it was retired."
        if self.ended:
            return f"its model was shut down on {self.settings.shutdown_date}."
        budget = self.settings.budget_usd
        if budget is not None and self.spent_usd >= budget:
            return f"its budget of ${budget:g} for this month is spent."
        return None


def today() -> date:
    """The day by which shutdown dates count."""
    return datetime.now(UTC).date()


class Voices:
    """The voices of a desk. A client is kept for each model; nothing is called before its use."""

    def __init__(self, settings: Settings, database: Database) -> None:
        """Voices of footnote.toml, and those in the database's rows."""
        self._settings = settings
        self._database = database
        self._models: dict[str, ChatModel] = {}

    async def get(self, name: str) -> Voice | None:
        """A voice as it is now; None when there is none of that name."""
        row = await self._database.row("voice_row", voice=name)
        defined = _defined(name, self._settings, row["definition"] if row else None)
        if defined is None:
            return None
        spent = 0.0
        if defined.budget_usd is not None:
            found = await self._database.row("spent_on_voice", voice=name)
            spent = float(found["spent"]) if found else 0.0
        return Voice(name, self._model(defined), defined, row["state"] if row else None, spent)

    async def choose(self, name: str) -> Voice:
        """A voice by name. Raises VoiceError naming those there are."""
        voice = await self.get(name)
        if voice is None:
            known = ", ".join([NEUTRAL, *await self.names()])
            raise VoiceError(
                f"There is no voice named {name}; there are: {known}.\n"
                "Voices are tables [voices.NAME] in footnote.toml, or added by: footnote voice add"
            )
        return voice

    async def names(self) -> list[str]:
        """Every voice by name; neutral, which is none, is not among them."""
        rows = await self._database.rows("voice_rows")
        kept = [row["name"] for row in rows if row["definition"] is not None]
        return [*self._settings.voices, *(each for each in kept if not self.written(each))]

    def written(self, name: str) -> bool:
        """Whether a voice stands in footnote.toml."""
        return name in self._settings.voices

    def _model(self, defined: VoiceSettings) -> "ChatModel":
        from bot.chat.model import ChatModel  # noqa: PLC0415 - slow, and not needed without a model

        key = defined.model_dump_json()
        if key not in self._models:
            self._models[key] = ChatModel(defined, self._settings.openai_api_key)
        return self._models[key]

    async def close(self) -> None:
        """Let go of the connections."""
        for model in self._models.values():
            await model.close()


def _defined(name: str, settings: Settings, row: object) -> VoiceSettings | None:
    """A voice's table. One that names no server is at that of the chat model."""
    written = settings.voices.get(name)
    if written is None and row is None:
        return None
    defined = written or VoiceSettings.model_validate(row)
    if defined.base_url is None and settings.openai_base_url is not None:
        return defined.model_copy(update={"base_url": settings.openai_base_url})
    return defined
