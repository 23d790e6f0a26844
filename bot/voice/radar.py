"""The retirement radar: models in use that end, told 60, 30 and 7 days ahead, or that are gone.

What ends when is said by a voice's `shutdown_date`, by the table `[ends]` of footnote.toml, and by
what providers have announced (bot/voice/ends.py).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import openai
from pydantic import SecretStr

from bot.settings import Settings
from bot.voice.ends import tuned_end
from bot.voice.voices import Voices
from ingest.database import Database
from ingest.spaces import current_space

AHEAD = (60, 30, 7)  # days
SECONDS = 20.0  # for a provider's list of models


@dataclass(frozen=True, slots=True)
class Model:
    """A model in use, for what, at which address, and until when if that is known."""

    name: str
    role: str  # chat, judge, embedding, or the voice's name
    base_url: str | None
    ends: date | None = None

    @property
    def is_voice(self) -> bool:
        """Whether it is a voice's."""
        return self.role not in ("chat", "judge", "embedding")

    def commands(self) -> list[str]:
        """How to move away from it, exactly."""
        if self.role == "embedding":
            return [
                "  Name another under [embeddings.NAME] in footnote.toml, then:",
                "  footnote embeddings build NAME",
                "  footnote embeddings switch NAME",
            ]
        if not self.is_voice:
            setting = "model" if self.role == "chat" else "judge_model"
            table = "chat" if self.role == "chat" else "answers"
            return [f"  Set another {setting} under [{table}] in footnote.toml, then restart."]
        return [
            "  footnote voice dataset build",
            f"  footnote voice train {self.role}-next --model BASE_MODEL",
            f"  footnote voice test {self.role}-next",
            f'  footnote voice promote {self.role}-next --why "{self.name} ends"',
            f'  footnote voice retire {self.role} --why "{self.name} ends"',
        ]


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something leads are to be told once; `about` tells it from others."""

    about: str
    lines: tuple[str, ...]


async def in_use(database: Database, voices: Voices, settings: Settings) -> list[Model]:
    """Every model that answers depend on."""
    found = []
    chat = settings.effective_chat
    if chat is not None:
        found.append(Model(chat.model, "chat", chat.base_url))
        if settings.answers.judge_model:
            found.append(Model(settings.answers.judge_model, "judge", chat.base_url))
    space = await current_space(database)
    if space is not None and space.name.provider == "openai":
        named = [settings.embedding, *settings.embeddings.values()]
        url = next((each.base_url for each in named if each.model == space.name.model), None)
        found.append(Model(space.name.model, "embedding", url or settings.openai_base_url))
    for name in await voices.names():
        voice = await voices.choose(name)
        if voice.state != "retired":
            own = voice.settings
            ends = own.shutdown_date or _announced(own.model)
            found.append(Model(own.model, name, own.base_url, ends))
    return [_with_end(model, settings.ends.get(model.name)) for model in found]


def _announced(model: str) -> date | None:
    kind, _, rest = model.partition(":")
    return tuned_end(rest) if kind == "ft" else None


def _with_end(model: Model, told: date | None) -> Model:
    return Model(model.name, model.role, model.base_url, told or model.ends)


def ending(models: Iterable[Model], today: date) -> list[Sighting]:
    """What ends within 60, 30 or 7 days, each told once."""
    found = []
    for model in models:
        left = (model.ends - today).days if model.ends else None
        stage = min((days for days in AHEAD if left is not None and left <= days), default=None)
        if left is None or stage is None:
            continue
        when = f"in {left} days" if left > 1 else "tomorrow" if left == 1 else "and is over"
        head = f"The model {model.name} ({_what(model)}) ends on {model.ends}, {when}."
        about = f"end {model.role} {model.name} {model.ends} {stage if left > 0 else 0}"
        found.append(Sighting(about, (head, *model.commands())))
    return found


def gone(models: Iterable[Model], there: Collection[str]) -> list[Sighting]:
    """Which of some models at one address its list of models does not have."""
    return [
        Sighting(
            f"gone {model.role} {model.name}",
            (
                f"The model {model.name} ({_what(model)}) is not in its provider's list any more.",
                *model.commands(),
            ),
        )
        for model in models
        if model.name not in there
    ]


def _what(model: Model) -> str:
    return f"voice {model.role}" if model.is_voice else model.role


async def look(
    database: Database, models: Sequence[Model], key: SecretStr | None, today: date
) -> list[Sighting]:
    """Everything there is to tell. A provider that does not answer is asked another night.

    A model is gone when its provider's list had it once and has it no more.
    """
    found = ending(models, today)
    seen = {(row["base_url"], row["name"]) for row in await database.rows("seen_models")}
    for url in dict.fromkeys(model.base_url for model in models):
        there = await _listed(url, key)
        if there is None:
            continue
        here = [model for model in models if model.base_url == url]
        found += gone([model for model in here if (url or "", model.name) in seen], there)
        for model in here:
            if model.name in there:
                await database.run("note_seen_model", base_url=url or "", name=model.name)
    return found


async def _listed(url: str | None, key: SecretStr | None) -> set[str] | None:
    """The models a provider has; None where it does not say."""
    client = openai.AsyncOpenAI(
        api_key=key.get_secret_value() if key else "none",
        base_url=url,
        timeout=SECONDS,
        max_retries=1,
    )
    try:
        return {model.id async for model in client.models.list()}
    except openai.OpenAIError:
        return None
    finally:
        await client.close()
