"""What the answering side is told, on top of what ingest is told.

The environment is read here and in ingest/settings.py, nowhere else.
"""

from datetime import date
from typing import Any, Literal

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from ingest.settings import Section
from ingest.settings import Settings as IngestSettings


class ChatSettings(Section):
    """`[chat]`: the model that writes answers, at any OpenAI-compatible server."""

    model: str = "gpt-5-mini"
    base_url: str | None = None
    timeout_seconds: float = Field(default=30, gt=0)
    # US dollars for a million tokens; without them the cost of an answer is unknown, shown as 0.
    input_price: float = Field(default=0, ge=0)
    output_price: float = Field(default=0, ge=0)


class AnswerSettings(Section):
    """`[answers]`: what becomes of what the articles do not bear out, or do no longer.

    It is dropped, or kept and marked. `judge_model`, at the server of `[chat]`, is asked about what
    they bear out only in part. Answers are watched for `stale_days` and kept for `keep_days`, if it
    is set.
    """

    unsupported: Literal["drop", "mark"] = "drop"
    judge_model: str | None = None
    stale_days: int = Field(default=90, ge=1, le=36_500)
    keep_days: int | None = Field(default=None, ge=1)


class Exemplar(Section):
    """One neutral statement and how the desk words it."""

    neutral: str
    wording: str


class VoiceSettings(Section):
    """`[voices.NAME]`: a model and how it should word answers.

    It has `timeout_seconds` for an answer, tries included, and is shown so many of the approved
    answers as `nearest` says. On its `shutdown_date` its model ends; `budget_usd` is a month's.
    """

    base_url: str | None = None
    model: str
    instructions: str = "Reword in a warm, plain and helpful tone."
    exemplars: tuple[Exemplar, ...] = ()
    shutdown_date: date | None = None
    nearest: int = Field(default=0, ge=0, le=20)
    timeout_seconds: float = Field(default=20, gt=0)
    input_price: float = Field(default=0, ge=0)
    output_price: float = Field(default=0, ge=0)
    budget_usd: float | None = Field(default=None, ge=0)
    # Of a tuned voice: the run that trained it and the hash of what it was trained on.
    training_run: int | None = None
    dataset: str | None = None

    @property
    def kind(self) -> Literal["prompted", "tuned"]:
        """What makes the voice: what its model is told, or what it was trained on."""
        return "tuned" if self.dataset or self.model.startswith("ft:") else "prompted"


class CanarySettings(Section):
    """`[canary]`: when a voice that is tried on a share of the answers is taken off by itself.

    Judged from so many `answers` or `votes` on: more than a share that `fell_back` to the neutral
    wording, more than a share of votes that `voted_down`, or one answer in twenty that took longer.
    """

    answers: int = Field(default=20, ge=1)
    votes: int = Field(default=5, ge=1)
    fell_back: float = Field(default=0.2, ge=0, le=1)
    voted_down: float = Field(default=0.3, ge=0, le=1)
    seconds: float = Field(default=10, gt=0)


class StyleSettings(Section):
    """`[style]`: terms of which each answer should have one, and terms that none should have."""

    required: tuple[str, ...] = ()
    banned: tuple[str, ...] = ()


class PriceSettings(Section):
    """`[prices."MODEL"]`: US dollars for a million tokens, and how many are trained in a minute.

    `tuned_input` and `tuned_output` are those of a model tuned from it; its own unless told.
    """

    training: float = Field(default=0, ge=0)
    input: float = Field(default=0, ge=0)
    output: float = Field(default=0, ge=0)
    tuned_input: float = Field(default=0, ge=0)
    tuned_output: float = Field(default=0, ge=0)
    tokens_per_minute: int = Field(default=20_000, gt=0)


class RerankerSettings(Section):
    """`[reranker]`: a LlamaIndex node postprocessor, as `package.module:Class`."""

    postprocessor: str = Field(pattern=r"^[\w.]+:\w+$")
    arguments: dict[str, Any] = Field(default_factory=dict)


Audience = Literal["public", "internal"]


class ChannelSettings(Section):
    """`[slack.channels.C012AB3CD]`: what is answered in a channel, and how.

    `[slack.channels.default]` is for all that have no table of their own. What Slack says of a
    channel (guests, another company) narrows `audiences` further; nothing here widens it.
    """

    audiences: tuple[Audience, ...] = ("public", "internal")
    voice: str | None = None  # of answers there; neutral unless told
    products: tuple[str, ...] | None = None  # only articles on these, or on no product
    locales: tuple[str, ...] | None = None  # only articles in these languages; de is de-AT, too
    every_question: bool = False  # also those that do not mention the app
    handoff_channel: str | None = None  # the team's channel, by its id
    handoff_group: str | None = None  # a user group's id, mentioned there

    @field_validator("audiences")
    @classmethod
    def _some_audience(cls, audiences: tuple[Audience, ...]) -> tuple[Audience, ...]:
        if not audiences:
            raise ValueError("name public, internal or both")
        return audiences


class SlackSettings(Section):
    """`[slack]`: who may review, which voice the voice button switches to, who is told of nights.

    `reports` is the id of the channel where each scheduled ingest run is reported.
    """

    leads: tuple[str, ...] = ()
    voice: str | None = None
    reports: str | None = None
    channels: dict[str, ChannelSettings] = Field(default_factory=dict)


class LimitSettings(Section):
    """`[limits]`: how many questions one person and the whole workspace may ask within an hour."""

    person: int = Field(default=60, ge=1)
    workspace: int = Field(default=2_000, ge=1)


class ReviewSettings(Section):
    """`[review]`: the console, and who gets into it besides `[slack] leads`.

    People are Slack members (`U…`) or user groups (`S…`); `*` is everyone in the workspace. `url`
    is where the console is reached from outside: Slack sends people back there.
    """

    url: str | None = Field(default=None, pattern=r"^https?://[^/\s]+$")
    admins: tuple[str, ...] = ()
    viewers: tuple[str, ...] = ()
    session_hours: float = Field(default=12, gt=0, le=720)


class Settings(IngestSettings):
    """Everything Footnote needs to know. A name it does not know in footnote.toml is an error."""

    model_config = SettingsConfigDict(extra="forbid")

    openai_base_url: str | None = Field(default=None, validation_alias="OPENAI_BASE_URL")
    chat_model: str | None = Field(default=None, validation_alias="FOOTNOTE_CHAT_MODEL")
    slack_bot_token: SecretStr | None = Field(default=None, validation_alias="SLACK_BOT_TOKEN")
    slack_app_token: SecretStr | None = Field(default=None, validation_alias="SLACK_APP_TOKEN")
    slack_signing_secret: SecretStr | None = Field(
        default=None, validation_alias="SLACK_SIGNING_SECRET"
    )
    slack_client_id: str | None = Field(default=None, validation_alias="SLACK_CLIENT_ID")
    slack_client_secret: SecretStr | None = Field(
        default=None, validation_alias="SLACK_CLIENT_SECRET"
    )
    slack_api_url: str = Field(default="https://slack.com/api/", validation_alias="SLACK_API_URL")
    host: str = Field(default="0.0.0.0", validation_alias="FOOTNOTE_HOST")  # noqa: S104 - a service
    port: int = Field(default=3000, ge=0, le=65535, validation_alias="PORT")
    chat: ChatSettings = ChatSettings()
    answers: AnswerSettings = AnswerSettings()
    slack: SlackSettings = SlackSettings()
    limits: LimitSettings = LimitSettings()
    review: ReviewSettings = ReviewSettings()
    reranker: RerankerSettings | None = None
    voices: dict[str, VoiceSettings] = Field(default_factory=dict)
    canary: CanarySettings = CanarySettings()
    prices: dict[str, PriceSettings] = Field(default_factory=dict)
    style: StyleSettings = StyleSettings()
    ends: dict[str, date] = Field(default_factory=dict)  # until when models are there, by name

    @model_validator(mode="after")
    def _neutral_is_no_model(self) -> "Settings":
        if "neutral" in self.voices:
            raise ValueError("[voices.neutral]: neutral is the voice without a model; rename yours")
        return self

    @property
    def effective_chat(self) -> ChatSettings | None:
        """The chat model in use; None when neither a key nor a server is named."""
        base_url = self.chat.base_url or self.openai_base_url
        if self.openai_api_key is None and base_url is None:
            return None
        return self.chat.model_copy(
            update={"base_url": base_url, "model": self.chat_model or self.chat.model}
        )

    @property
    def button_voice(self) -> str | None:
        """The voice behind "In brand voice": the one named, else the only or first one."""
        return self.slack.voice or next(iter(self.voices), None)
