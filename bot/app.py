"""The composition root: settings in, working parts out. Nothing else builds its own parts."""

import asyncio
import contextlib
import functools
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from bot.answering import Answering
from bot.chat.writing import Writer
from bot.reranking import NodePostprocessorReranker
from bot.retrieval import Retriever
from bot.review.verified import VerifiedAnswers
from bot.settings import Settings
from bot.voice.canary import Canary
from bot.voice.exemplars import Exemplars
from bot.voice.lifecycle import Lifecycle
from bot.voice.speaking import Speaking
from bot.voice.voices import Voices
from ingest.background import beside
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.embeddings.models import Embedders
from ingest.errors import DatabaseError, FootnoteError
from ingest.migrations import open_database
from ingest.spaces import current_space

log = logging.getLogger("footnote.app")

CONNECTIONS = 16  # to Postgres; most of the time of a hundred questions is a model's
LOOK = 2.0  # seconds between looks at which embedding space is served


@dataclass(frozen=True, slots=True)
class App:
    """What a command or a server works with."""

    settings: Settings
    database: Database
    embedders: Embedders
    retriever: Retriever
    answering: Answering
    voices: Voices
    canary: Canary
    speaking: Speaking

    @property
    def embedder(self) -> Embedder:
        """The model of the served space."""
        return self.retriever.served.embedder


@contextlib.asynccontextmanager
async def open_app(settings: Settings, *, may_be_empty: bool = False) -> AsyncIterator[App]:
    """Everything needed to answer.

    Raises DatabaseError when nothing has been ingested, unless it `may_be_empty`; SpaceMismatch
    when the settings do not have the model that the passages are embedded with; and what
    open_database raises.
    """
    async with open_database(settings, size=CONNECTIONS) as database:
        embedders = Embedders(settings, type(settings).load)
        if not may_be_empty and await current_space(database) is None:
            raise DatabaseError(
                "Nothing has been ingested yet, so there is nothing to answer from.\n"
                "Run: footnote ingest run --source FOLDER"
            )
        served = await embedders.served(database)
        writer = _writer(settings)
        voices = Voices(settings, database)
        named = settings.reranker
        reranker = NodePostprocessorReranker.open(named) if named else None
        look = functools.partial(embedders.served, database)
        retriever = Retriever(
            database, served.embedder, served.space, reranker, look, embedders.local
        )
        verified = VerifiedAnswers(database, settings.answers.stale_days)
        answering = Answering(retriever, writer, verified)
        canary = Canary(database, Lifecycle(database, voices), settings.canary)
        exemplars = Exemplars(database, lambda: retriever.served.embedder)
        speaking = Speaking(database, voices, exemplars, canary)
        try:
            async with beside(_follow(retriever)):
                yield App(
                    settings, database, embedders, retriever, answering, voices, canary, speaking
                )
        finally:
            for each in [writer.model, writer.judge, voices] if writer else [voices]:
                if each is not None:
                    await each.close()
            await embedders.close()


async def _follow(retriever: Retriever) -> None:
    """Take up another space within seconds of a switch, outside any question's way."""
    said = ""
    while True:
        await asyncio.sleep(LOOK)
        try:
            if await retriever.follow():
                log.info("answers come from %s now", retriever.served.space.name)
            said = ""
        except FootnoteError as error:
            # Answers go on coming from the space before, which is there until it is dropped.
            if str(error) != said:
                log.warning("the embedding space cannot be followed: %s", error)
            said = str(error)


def _writer(settings: Settings) -> Writer | None:
    chat = settings.effective_chat
    if chat is None:
        return None
    from bot.chat.model import ChatModel  # noqa: PLC0415 - slow, and not needed without a model

    named = settings.answers.judge_model
    judged_by = chat.model_copy(update={"model": named})
    return Writer(
        ChatModel(chat, settings.openai_api_key),
        ChatModel(judged_by, settings.openai_api_key) if named else None,
        mark=settings.answers.unsupported == "mark",
    )
