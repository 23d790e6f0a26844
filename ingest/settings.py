"""What the ingest side is told: environment variables, then footnote.toml.

The environment is read here and in bot/settings.py, nowhere else.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pydantic_settings
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from ingest.errors import SettingsError

MINILM = ("all-MiniLM-L6-v2", 384)  # the embedded model's name and dimensions


class Section(BaseModel):
    """A table of footnote.toml: a word it does not know is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


KINDS = ("folder", "zendesk", "intercom", "sitemap", "reader")


class SourceSettings(Section):
    """`[sources.NAME]`: where articles come from and when. One of the first five says where."""

    folder: Path | None = None
    zendesk: str | None = None  # https://NAME.zendesk.com
    intercom: str | None = None  # https://api.intercom.io, or that of a region
    sitemap: str | None = None  # the address of a sitemap.xml
    reader: str | None = None  # a LlamaHub reader, as module:Class
    arguments: dict[str, Any] = {}  # of the reader; `load_data` has its own under that name
    fields: dict[str, str] = {}  # article's field → the reader's metadata key
    url: str | None = None  # of an article, with {id}, {path} or {slug} in it
    locale: str = "en"
    schedule: str | None = None  # cron
    timezone: str = "UTC"
    max_removed: float = Field(default=0.2, ge=0, le=1)  # a share of the source's articles

    @property
    def kind(self) -> str:
        """Which of KINDS it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        given = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(
                f"a source has exactly one of {', '.join(KINDS)}; here is"
                f" {' and '.join(given) or 'none'}"
            )
        return self

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ValueError, ZoneInfoNotFoundError) as error:
            raise ValueError(f"{name} is no time zone, such as Europe/Berlin") from error
        return name


class EmbeddingSettings(Section):
    """`[embedding]` or `[embeddings.NAME]`: the embedded MiniLM, or any OpenAI-compatible model."""

    provider: Literal["minilm", "openai"] = "minilm"
    model: str = MINILM[0]
    dimensions: int = Field(default=MINILM[1], ge=2, le=4000)
    base_url: str | None = None
    tokens_per_minute: int | None = Field(default=None, gt=0)  # what ingest may use of them
    price_per_million: float = Field(default=0, ge=0)  # US dollars for a million tokens

    @model_validator(mode="after")
    def _minilm_is_what_it_is(self) -> Self:
        if self.provider == "minilm" and (self.model, self.dimensions) != MINILM:
            raise ValueError(
                'the embedded model is all-MiniLM-L6-v2; name provider = "openai" for another one,'
                " or its folder in FOOTNOTE_MODEL_DIR"
            )
        return self


class Settings(BaseSettings):
    """Everything ingest needs to know."""

    model_config = SettingsConfigDict(
        extra="forbid", frozen=True, env_ignore_empty=True, env_prefix="FOOTNOTE_"
    )

    home: Path = Field(default=Path(".footnote"), validation_alias="FOOTNOTE_HOME")
    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    model_dir: Path | None = Field(default=None, validation_alias="FOOTNOTE_MODEL_DIR")
    blas_core_type: str | None = Field(default=None, validation_alias="OPENBLAS_CORETYPE")
    openai_api_key: SecretStr | None = Field(default=None, validation_alias="OPENAI_API_KEY")
    zendesk_email: str | None = Field(default=None, validation_alias="ZENDESK_EMAIL")
    zendesk_token: SecretStr | None = Field(default=None, validation_alias="ZENDESK_API_TOKEN")
    intercom_token: SecretStr | None = Field(default=None, validation_alias="INTERCOM_TOKEN")
    embedding: EmbeddingSettings = EmbeddingSettings()
    embeddings: dict[str, EmbeddingSettings] = {}  # further models, for `footnote embeddings`
    golden_questions: Path | None = None  # lines of JSON, each a `question` and its `article`
    sources: dict[str, SourceSettings] = {}
    # The answering side's tables, read by bot/settings.py: known here, so that any other name in
    # footnote.toml is a mistake to every command.
    answers: Any = None
    canary: Any = None
    chat: Any = None
    ends: Any = None
    limits: Any = None
    prices: Any = None
    reranker: Any = None
    review: Any = None
    slack: Any = None
    style: Any = None
    voices: Any = None

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

    @field_validator("golden_questions")
    @classmethod
    def _beside_the_file(cls, path: Path | None) -> Path | None:
        return (config_file().parent / path.expanduser()).resolve() if path else None

    @field_validator("embeddings")
    @classmethod
    def _names_are_free(cls, named: dict[str, EmbeddingSettings]) -> dict[str, EmbeddingSettings]:
        for taken in ("default", "minilm"):
            if taken in named:
                raise ValueError(
                    f"the name {taken} is taken: default is the model under [embedding], minilm the"
                    " embedded one"
                )
        return named

    @classmethod
    def load(cls) -> Self:
        """Read everything. Raises SettingsError naming every missing or bad value at once."""
        file = config_file()
        if os.environ.get("FOOTNOTE_CONFIG") and not file.is_file():
            raise SettingsError(f"FOOTNOTE_CONFIG names {file}, which is not a file.")
        if file.exists() and not file.is_file():
            raise SettingsError(f"{file} cannot be read: it is not a file.")
        try:
            settings = cls()
        except tomllib.TOMLDecodeError as error:
            raise SettingsError(f"{file} is not valid TOML: {error}") from error
        except OSError as error:
            raise SettingsError(f"{file} cannot be read: {error.strerror}") from error
        except UnicodeDecodeError as error:
            raise SettingsError(f"{file} is not UTF-8 text.") from error
        except pydantic_settings.SettingsError as error:
            # It names the variable, as in: error parsing value for field "sources" from source …
            raise SettingsError(f"A setting in the environment is not JSON: {error}.") from error
        except ValidationError as error:
            raise SettingsError(_complaint(error, file)) from error
        return settings.with_sources(settings.resolved_sources(file.parent))

    def with_sources(self, sources: Mapping[str, SourceSettings]) -> Self:
        """The same settings with these sources instead of their own."""
        return self.model_copy(update={"sources": dict(sources)})

    def resolved_sources(self, base: Path) -> dict[str, SourceSettings]:
        """The sources with their folders taken as relative to footnote.toml."""
        return {
            name: source.model_copy(
                update={"folder": (base / source.folder.expanduser()).resolve()}
            )
            if source.folder is not None
            else source
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
    where = place if place.isupper() else f"{file.name}: {place}".removesuffix(": ")
    if detail["type"] == "extra_forbidden":
        return f"{where}: there is no such setting; see the README's table of settings."
    if detail["type"] == "missing":
        return f"{where}: this setting is missing."
    reason = detail["msg"].removeprefix("Value error, ")
    return f"{where}: {reason[0].lower()}{reason[1:]}."
