"""What the ingest side is told: environment variables, then footnote.toml.

The environment is read here and in bot/settings.py, nowhere else.
"""

import os
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ingest.errors import SettingsError


class Section(BaseModel):
    """A table of footnote.toml: a word it does not know is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(Section):
    """`[sources.NAME]`: where articles come from and when."""

    folder: Path
    url: str | None = None
    locale: str = "en"
    schedule: str | None = None


class EmbeddingSettings(Section):
    """`[embedding]`: the embedded MiniLM, or a model behind any OpenAI-compatible server."""

    provider: Literal["minilm", "openai"] = "minilm"
    model: str = "all-MiniLM-L6-v2"
    dimensions: int = Field(default=384, ge=2, le=4000)
    base_url: str | None = None


class Settings(BaseSettings):
    """Everything ingest needs to know."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_ignore_empty=True, env_prefix="FOOTNOTE_"
    )

    home: Path = Field(default=Path(".footnote"), validation_alias="FOOTNOTE_HOME")
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    model_dir: Path | None = Field(default=None, validation_alias="FOOTNOTE_MODEL_DIR")
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    embedding: EmbeddingSettings = EmbeddingSettings()
    sources: dict[str, SourceSettings] = {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, footnote.toml second."""
        del dotenv_settings, file_secret_settings
        return (
            init_settings,
            env_settings,
            TomlConfigSettingsSource(settings_cls, toml_file=config_file()),
        )

    @classmethod
    def load(cls) -> Self:
        """Read everything. Raises SettingsError naming every missing or bad value at once."""
        file = config_file()
        if "FOOTNOTE_CONFIG" in os.environ and not file.is_file():
            raise SettingsError(f"FOOTNOTE_CONFIG names {file}, which is not a file.")
        try:
            settings = cls()
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{file} is not valid TOML: {error}") from error
        except OSError as error:
            raise SettingsError(f"{file} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{file} is not UTF-8 text.") from error
        except ValidationError as error:
            raise SettingsError(_complaint(error, file)) from error
        return settings.model_copy(update={"sources": settings.resolved_sources(file.parent)})

    def resolved_sources(self, base: Path) -> dict[str, SourceSettings]:
        """The sources with their folders taken as relative to footnote.toml."""
        return {
            name: source.model_copy(update={"folder": (base / source.folder).resolve()})
            for name, source in self.sources.items()
        }


def config_file() -> Path:
    """footnote.toml of the current folder, or the one FOOTNOTE_CONFIG names."""
    return Path(os.environ.get("FOOTNOTE_CONFIG") or "footnote.toml")


def _complaint(error: ValidationError, file: Path) -> str:
    """Every bad value in a line of its own, without its content: it may be a secret."""
    return "\n".join(_line(detail, file) for detail in error.errors())


def _line(detail: Any, file: Path) -> str:
    place = ".".join(str(step) for step in detail["loc"])
    where = place if place.isupper() else f"{file.name}: {place}"
    if detail["type"] == "extra_forbidden":
        return f"{where}: there is no such setting; see the README's table of settings."
    return f"{where}: {detail['msg'][0].lower()}{detail['msg'][1:]}."
