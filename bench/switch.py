"""Another embedding model is taken up, left again and refused, while questions are answered."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from pydantic import SecretStr

from bench.speed import InMemory, ingest
from bot.answers import Verdict
from bot.app import App, open_app
from bot.settings import Settings
from ingest.articles import Article
from ingest.errors import FootnoteError, RecallFell
from ingest.settings import EmbeddingSettings
from ingest.spaces.switch import Switching
from tests.fakes.openai_server import OpenAIServer

READERS = 2
FEWEST = 50  # questions answered in each space before the next step
OLD, NEW = 384, 256  # dimensions: other lengths, so that to mix two spaces is an error


@dataclass(frozen=True, slots=True)
class Switched:
    """Questions by the space they were answered in, and what went wrong."""

    articles: int
    asked: dict[str, int]
    failed: int
    switched: str  # both recalls
    refused: str  # of the model whose vectors belong to other texts


@dataclass(slots=True)
class _Asking:
    """Questions without end, until they are over."""

    app: App
    questions: Sequence[str]
    asked: Counter[str] = field(default_factory=Counter)
    failed: int = 0
    over: bool = False

    async def ask(self) -> None:
        dice = random.Random(7)  # noqa: S311 - not a secret
        while not self.over:
            space = self.space
            try:
                answer, _ = await self.app.answering.answer(dice.choice(self.questions))
                self.failed += answer.verdict is Verdict.FAILED
            except FootnoteError:
                self.failed += 1
            self.asked[space] += 1

    @property
    def space(self) -> str:
        """Where answers come from."""
        return self.app.retriever.served.space.name.model

    async def some_in(self, space: str) -> None:
        """Wait until questions have been answered there."""
        goal = self.asked[space] + FEWEST
        while self.space != space or self.asked[space] < goal:  # noqa: ASYNC110 - it only looks on
            await asyncio.sleep(0.1)


async def switch(
    url: str, articles: Sequence[Article], questions: Sequence[str], say: Callable[[str], None]
) -> Switched:
    """In an empty database at `url`, with servers of hosted models that are ours."""
    async with OpenAIServer(dimensions=OLD) as old, OpenAIServer(dimensions=NEW) as new:
        new.shuffled.add("bad")
        async with open_app(_settings(url, old, new), may_be_empty=True) as app:
            source = InMemory(articles)
            await ingest(app.database, app.embedder, source)
            asking = _Asking(app, questions)
            switching = Switching(app.database, app.embedders, lambda *_: None)
            async with asyncio.TaskGroup() as tasks:
                for _ in range(READERS):
                    tasks.create_task(asking.ask())
                await asking.some_in("old")
                say("switch: to the new space")
                done = await switching.switch("new", None, force=False)
                await asking.some_in("new")
                say("switch: and back")
                await switching.rollback()
                await asking.some_in("old")
                say("switch: to a bad space")
                refused = await _refusal(switching)
                asking.over = True
    recalls = " → ".join(map(str, done.recalls or ()))
    return Switched(len(articles), dict(asking.asked), asking.failed, recalls, refused)


async def _refusal(switching: Switching) -> str:
    try:
        await switching.switch("bad", None, force=False)
    except RecallFell as error:
        return str(error).splitlines()[0]
    return "It was not refused."


def _settings(url: str, old: OpenAIServer, new: OpenAIServer) -> Settings:
    return Settings.load().model_copy(
        update={
            "database_url": SecretStr(url),
            "embedding": _model("old", old),
            "embeddings": {name: _model(name, new) for name in ("new", "bad")},
            "openai_api_key": None,  # answers are quotes
        }
    )


def _model(name: str, server: OpenAIServer) -> EmbeddingSettings:
    return EmbeddingSettings(
        provider="openai", model=name, dimensions=server.dimensions, base_url=server.base_url
    )
