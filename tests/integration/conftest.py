"""What integration tests share: the command, and the embedded model loaded once a session."""

from pathlib import Path

import pytest

from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.embeddings.minilm import MiniLM
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
