"""What integration tests share: the command, a chat model, the embedded model loaded once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.app import App, open_app
from bot.chat import model as chat_model
from bot.settings import Settings
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.embeddings.minilm import MiniLM
from tests.fakes.openai_server import OpenAIServer
from tests.integration.command import Command


@pytest.fixture(scope="session")
def loaded_models() -> dict[Path | None, MiniLM]:
    """Models by their folder, as they come to be needed."""
    return {}


@pytest.fixture(autouse=True)
def _model_loaded_once(
    loaded_models: dict[Path | None, MiniLM], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading takes half a second, and a model is read-only."""

    async def loaded(self: EmbeddedEmbedder) -> MiniLM:
        if self._folder not in loaded_models:
            loaded_models[self._folder] = MiniLM.load(self._folder)
        return loaded_models[self._folder]

    monkeypatch.setattr(EmbeddedEmbedder, "_loaded", loaded)


@pytest.fixture
def footnote(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """The command line, within this process."""
    return Command(capsys, monkeypatch)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    """A chat model that can be scripted."""
    async with OpenAIServer() as running:
        yield running


@pytest.fixture
def prices() -> None:
    """What the chat model costs."""
    Path("footnote.toml").write_text(
        '[chat]\nmodel = "gpt-fake"\ninput_price = 1.0\noutput_price = 2.0\n', encoding="utf-8"
    )


@pytest.fixture
async def chat_app(
    sample_url: str, server: OpenAIServer, prices: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[App]:
    """The program on the sample help centre, with the fake as its chat model."""
    monkeypatch.setenv("DATABASE_URL", sample_url)
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    monkeypatch.setattr(chat_model, "LONGEST_WAIT", 0.05)
    async with open_app(Settings.load()) as opened:
        yield opened
