"""The models the settings name, and which of them embeds in which space."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.database import Database
from ingest.embeddings import Embedder, open_model
from ingest.errors import SettingsError, SpaceMismatch
from ingest.settings import EmbeddingSettings, Settings
from ingest.spaces import Space, SpaceName, current_space, found_space

if TYPE_CHECKING:
    from ingest.embeddings.embedded import EmbeddedEmbedder

DEFAULT = "default"  # the model under [embedding]
BUILT_IN = "minilm"  # the embedded one, always there


@dataclass(frozen=True, slots=True)
class Served:
    """The space that is served, with the model that embeds in it."""

    space: Space
    embedder: Embedder


class Embedders:
    """Opens each model once, when it is first used."""

    def __init__(self, settings: Settings, reread: Callable[[], Settings] | None = None) -> None:
        """`reread` gives the settings anew when a space is met that they do not know.

        So a process that runs for weeks takes up a model that was named after it was started.
        """
        self._settings = settings
        self._reread = reread
        self._opened: dict[tuple[EmbeddingSettings, Path | None], Embedder] = {}

    @property
    def names(self) -> list[str]:
        """What the models are called."""
        return list(self._models())

    def named(self, name: str) -> Embedder:
        """The model of a name. Raises SettingsError when the settings have none of it."""
        models = self._models()
        if name not in models:
            raise SettingsError(
                f"There is no embedding model {name} in the settings; there is {', '.join(models)}."
                f"\nName it in a table [embeddings.{name}] of footnote.toml."
            )
        return self._open(*models[name])

    @property
    def local(self) -> "EmbeddedEmbedder":
        """The embedded model, whichever one the passages are found with."""
        from ingest.embeddings.embedded import EmbeddedEmbedder  # noqa: PLC0415 - loads numpy

        opened = self._open(EmbeddingSettings(), self._settings.model_dir)
        assert isinstance(opened, EmbeddedEmbedder)
        return opened

    async def of(self, space: SpaceName) -> Embedder:
        """The model that embeds in a space. Raises SpaceMismatch when the settings have none."""
        name = await self.name_of(space)
        if name is None and self._reread is not None:
            self._settings = self._reread()
            name = await self.name_of(space)
        if name is None:
            raise SpaceMismatch(
                f"The passages are embedded with {space}, and no model in the settings is that.\n"
                "Put it back under [embedding] or [embeddings.NAME] in footnote.toml, or take up"
                " another one with: footnote embeddings switch NAME --force"
            )
        return self.named(name)

    async def name_of(self, space: SpaceName) -> str | None:
        """What the model of a space is called; None when the settings have none."""
        for name, (model, folder) in self._models().items():
            # Only a model of the same kind is loaded to see which it is.
            if model.provider != space.provider:
                continue
            if await self._open(model, folder).space_name() == space:
                return name
        return None

    async def served(self, database: Database) -> Served:
        """The space that is served; a fresh database founds it with `[embedding]`.

        Raises SpaceMismatch when no model in the settings is its.
        """
        space = await current_space(database)
        if space is None:
            space = await found_space(database, await self.named(DEFAULT).space_name())
        return Served(space, await self.of(space.name))

    async def close(self) -> None:
        """Let go of connections."""
        for embedder in self._opened.values():
            await embedder.close()

    def _models(self) -> Mapping[str, tuple[EmbeddingSettings, Path | None]]:
        folder = self._settings.model_dir
        return {
            DEFAULT: (self._settings.embedding, folder),
            **{name: (model, folder) for name, model in self._settings.embeddings.items()},
            BUILT_IN: (EmbeddingSettings(), None),
        }

    def _open(self, model: EmbeddingSettings, folder: Path | None) -> Embedder:
        key = (model, folder)
        if key not in self._opened:
            self._opened[key] = open_model(self._settings, model, folder)
        return self._opened[key]
