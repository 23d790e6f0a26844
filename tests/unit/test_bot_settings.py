"""What the answering side is told, and what it says when told wrong."""

from pathlib import Path

import pytest

from bot.settings import Settings
from ingest.errors import SettingsError


def configured(text: str) -> Settings:
    Path("footnote.toml").write_text(text, encoding="utf-8")
    return Settings.load()


def complaint(text: str) -> str:
    with pytest.raises(SettingsError) as caught:
        configured(text)
    return str(caught.value)


def test_without_a_key_or_a_server_there_is_no_chat_model() -> None:
    assert Settings.load().effective_chat is None
    assert configured('[chat]\nmodel = "m"').effective_chat is None


def test_a_key_turns_the_chat_model_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    chat = Settings.load().effective_chat

    assert chat is not None
    assert (chat.model, chat.base_url) == ("gpt-5-mini", None)
    assert "sk-secret" not in repr(Settings.load())


def test_an_empty_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "")

    assert Settings.load().effective_chat is None


def test_so_does_a_server_from_either_place(monkeypatch: pytest.MonkeyPatch) -> None:
    chat = configured('[chat]\nbase_url = "http://localhost:1/v1"\nmodel = "llama"').effective_chat
    assert chat is not None
    assert (chat.model, chat.base_url) == ("llama", "http://localhost:1/v1")

    monkeypatch.setenv("OPENAI_BASE_URL", "http://localhost:2/v1")
    chat = configured('[chat]\nmodel = "llama"').effective_chat
    assert chat is not None
    assert chat.base_url == "http://localhost:2/v1"


def test_the_environment_names_the_model_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    monkeypatch.setenv("FOOTNOTE_CHAT_MODEL", "mistral")
    chat = configured('[chat]\nmodel = "llama"\ninput_price = 0.5').effective_chat

    assert chat is not None
    assert (chat.model, chat.input_price) == ("mistral", 0.5)


VOICE = '[voices.brand]\nmodel = "ft:brand"\n'


def test_a_voice_is_named_in_full() -> None:
    settings = configured(
        VOICE + 'instructions = "Be kind."\nshutdown_date = 2027-01-14\n'
        '[[voices.brand.exemplars]]\nneutral = "Wait."\nwording = "Hang on."\n'
    )
    voice = settings.voices["brand"]

    assert voice.instructions == "Be kind."
    assert voice.exemplars[0].wording == "Hang on."
    assert str(voice.shutdown_date) == "2027-01-14"
    assert settings.button_voice == "brand"


def test_the_button_takes_the_voice_that_is_named() -> None:
    settings = configured('[slack]\nvoice = "b"\n[voices.a]\nmodel = "1"\n[voices.b]\nmodel = "2"')

    assert settings.button_voice == "b"
    assert configured('[slack]\nleads = ["U1"]').button_voice is None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (VOICE + 'tone = "warm"', "voices.brand.tone"),
        ('[slack]\nlead = "U1"', "slack.lead"),
        ('[chat]\nkey = "sk-secret"', "chat.key"),
        ('[chats]\nmodel = "m"', "chats"),
        ("[voices.brand]", "voices.brand.model"),
        ("[chat]\ntimeout_seconds = 0", "chat.timeout_seconds"),
        ("[chat]\ninput_price = -1", "chat.input_price"),
        ('[slack]\nleads = "U1"', "slack.leads"),
    ],
)
def test_what_is_wrong_is_named_and_its_value_is_not_shown(text: str, named: str) -> None:
    said = complaint(text)

    assert said.startswith(f"footnote.toml: {named}")
    assert "secret" not in said
    assert len(said.splitlines()) == 1


def test_everything_wrong_is_said_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "99999999")
    said = complaint('[slack]\nlead = "U1"\n[chat]\nkey = "x"')

    assert len(said.splitlines()) == 3
    assert "PORT" in said
