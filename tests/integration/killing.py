"""Two processes on one database, of which one or the other is killed while they answer.

Every event is delivered three times, over whichever sockets there are, as Slack does when it is in
doubt. What counts is what is seen in the end: one finished answer to each question.
"""

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, field

from ingest.database import Database
from tests.fakes.openai_server import OpenAIServer, Reply, text
from tests.fakes.serving import Json
from tests.fakes.slack_server import PRIVATE, SUPPORT, Message, SlackServer
from tests.integration.command import FOOTNOTE
from tests.integration.desk import DELIVERY, command_environment

COSTS = "Delivery to Switzerland costs €14.90."
DUTIES = "In Switzerland the carrier collects duties and taxes at the door."
AGENTS = 30
PATIENCE = 120.0  # seconds until everything has to be answered, once all is asked


def writer(dice: random.Random, longest: float) -> Reply:
    """A model that takes its time in the middle of its answer."""
    first, second = text(f"{COSTS} [1] In ").tokens, text(f"{DUTIES[3:]} [1]").tokens
    pauses = dice.uniform(0, longest / 2), dice.uniform(0, longest)
    return Reply(tokens=(*first, (pauses[1], ""), *second), wait=pauses[0])


@dataclass(slots=True)
class Tally:
    """What was seen in the end."""

    questions: int = 0
    answers: Counter[int] = field(default_factory=Counter)  # questions by number of messages
    unfinished: int = 0  # messages still open, or without buttons
    kills: int = 0
    streamed: int = 0
    attempts: int = 0  # more than one for a question means that a kill met it

    @property
    def perfect(self) -> bool:
        """One finished answer to each."""
        return self.answers == Counter({1: self.questions}) and not self.unfinished

    def as_json(self) -> Json:
        """For the JSON file."""
        return {
            "questions": self.questions,
            "questions by number of answers": dict(self.answers),
            "unfinished answers": self.unfinished,
            "kills": self.kills,
            "answers that were streamed": self.streamed,
            "attempts at questions": self.attempts,
        }


@dataclass(slots=True)
class Killing:
    """Asks, kills and counts. `seconds` is how long the asking takes."""

    slack: SlackServer
    model: OpenAIServer
    database: Database
    url: str
    questions: int
    kills: int
    seconds: float
    dice: random.Random = field(default_factory=lambda: random.Random(7))
    tally: Tally = field(default_factory=Tally)
    processes: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def play(self) -> Tally:
        """Start two processes, ask and kill at the same time, wait, count."""
        self.model.respond = lambda _: writer(self.dice, 2.0)
        agents = {f"U02AGENT{number:03d}": f"agent{number}" for number in range(AGENTS)}
        self.slack.workspace.users |= agents
        try:
            self.processes = [await self._start() for _ in range(2)]
            await self.slack.socket.wait_for_connections(2, timeout=60)
            asking = asyncio.create_task(self._ask(list(agents)))
            await self._kill()
            asked = await asking
            await self._all_done()
        finally:
            for process in self.processes:
                if process.returncode is None:
                    process.kill()
                await process.wait()
        return await self._count(asked)

    async def _start(self) -> asyncio.subprocess.Process:
        environment = command_environment(self.url, self.slack) | {
            "OPENAI_BASE_URL": self.model.base_url
        }
        return await asyncio.create_subprocess_exec(
            *(FOOTNOTE, "serve"),
            env={**os.environ, **environment},
            stderr=asyncio.subprocess.DEVNULL,
        )

    async def _ask(self, agents: list[str]) -> list[Message]:
        """By direct message mostly, and in two channels."""
        asked, again = [], []
        for number in range(self.questions):
            agent, question = agents[number % AGENTS], f"{DELIVERY} ({number})"
            if number % 6:
                said = await self.slack.direct_message(agent, question)
            else:
                channel = (SUPPORT, PRIVATE)[number % 12 == 0]
                said = await self.slack.mention(channel, agent, question)
            asked.append(said)
            again += [asyncio.create_task(self.slack.redeliver(said)) for _ in range(2)]
            await asyncio.sleep(self.seconds / self.questions)
        await asyncio.gather(*again)
        return asked

    async def _kill(self) -> None:
        pause = self.seconds / (self.kills + 1)
        for _ in range(self.kills):
            await asyncio.sleep(self.dice.uniform(0.5 * pause, 1.5 * pause))
            victim = self.dice.randrange(2)
            self.processes[victim].kill()
            await self.processes[victim].wait()
            self.tally.kills += 1
            self.processes[victim] = await self._start()
            await self.slack.socket.wait_for_connections(2, timeout=60)

    async def _all_done(self) -> None:
        """Until every question that was heard has its outcome, and no job is left."""
        async with asyncio.timeout(PATIENCE):
            while await self._left():  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.2)

    async def _left(self) -> bool:
        async with self.database.session() as session:
            cursor = await session.connection.execute(
                "SELECT (SELECT count(*) FROM question) AS heard,"
                " (SELECT count(*) FROM delivery) AS answered,"
                " (SELECT count(*) FROM procrastinate_jobs) AS jobs"
            )
            row = await cursor.fetchone()
        assert row is not None
        return not (row["heard"] == row["answered"] == self.questions and row["jobs"] == 0)

    async def _count(self, asked: list[Message]) -> Tally:
        tally = self.tally
        tally.questions = len(asked)
        for said in asked:
            answers = [
                each
                for each in self.slack.messages[said.channel]
                if each.by_bot and each.thread_ts == said.ts
            ]
            tally.answers[len(answers)] += 1
            for answer in answers:
                tally.unfinished += (
                    bool(answer.streaming) or "show_passages" not in answer.action_ids
                )
                tally.streamed += answer.streamed
        async with self.database.session() as session:
            cursor = await session.connection.execute(
                "SELECT sum(attempts)::int AS n FROM question"
            )
            row = await cursor.fetchone()
        assert row is not None
        tally.attempts = row["n"]
        return tally
