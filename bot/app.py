"""The composition root: settings in, working parts out. Nothing else builds its own parts."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.answering import Answering
from bot.reranking import NodePostprocessorReranker
from bot.retrieval import Retriever
from bot.settings import Settings
from bot.voice.voices import Voice, open_voices
from ingest.database import Database
from ingest.embeddings import Embedder, open_embedder
from ingest.errors import DatabaseError
from ingest.migrations import open_database
from ingest.spaces import current_space, space_for

if TYPE_CHECKING:
    from bot.chat_model import ChatModel


@dataclass(frozen=True, slots=True)
class App:
    """What a command or a server works with."""

    settings: Settings
    database: Database
    embedder: Embedder
    answering: Answering
    voices: dict[str, Voice]


@contextlib.asynccontextmanager
async def open_app(settings: Settings, *, may_be_empty: bool = False) -> AsyncIterator[App]:
    """Everything needed to answer.

    Raises DatabaseError when nothing has been ingested, unless it `may_be_empty`; SpaceMismatch
    when the passages were embedded with another model than the settings name; and what
    open_database raises.
    """
    async with open_database(settings) as database:
        embedder = open_embedder(settings)
        if not may_be_empty and await current_space(database) is None:
            raise DatabaseError(
                "Nothing has been ingested yet, so there is nothing to answer from.\n"
                "Run: footnote ingest run --source FOLDER"
            )
        space = await space_for(database, await embedder.space_name())
        model = _chat_model(settings)
        voices = open_voices(settings)
        named = settings.reranker
        reranker = NodePostprocessorReranker.open(named) if named else None
        retriever = Retriever(database, embedder, space, reranker)
        answering = Answering(retriever, embedder, model)
        try:
            yield App(settings, database, embedder, answering, voices)
        finally:
            for each in [model, *(voice.model for voice in voices.values())]:
                if each is not None:
                    await each.close()
            await embedder.close()


def _chat_model(settings: Settings) -> "ChatModel | None":
    chat = settings.effective_chat
    if chat is None:
        return None
    from bot.chat_model import ChatModel  # noqa: PLC0415 - slow, and not needed without a model

    return ChatModel(chat, settings.openai_api_key)
