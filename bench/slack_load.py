"""Many who ask one process at the same time, while a model takes its time.

Measured from outside: when an event was sent and a token written by the fakes, and when a call of
ours arrived there. The rate limit of one append a second is taken off, as it is Slack's and not
ours.
"""

import asyncio
import itertools
import json
import os
import re
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psutil

from bot.chat.drafts import Drafting
from bot.evaluation.golden import golden_questions
from bot.slack.pace import INTERVAL
from tests.fakes.grounded_model import NumberedPassage, message_text, passages_in, statements
from tests.fakes.openai_server import OpenAIServer, RecordedRequest, Reply, text
from tests.fakes.serving import Json
from tests.fakes.slack_server import ApiCall, Message, SlackServer
from tests.integration.command import FOOTNOTE
from tests.integration.desk import command_environment

START, FINISH = 1.0, 5.0  # seconds a model takes to begin, and then to end
LONGEST = 200  # characters of a sentence that is taken up
PARTS = 5  # statements of an answer
NUMBER = re.compile(r"case (-?\d+)")
PATIENCE = 180.0  # seconds for one answer
LOOK = 0.2  # seconds between two looks at what has come and at the process


def covered() -> list[str]:
    """The sample's golden questions that it answers."""
    return [each.question for each in golden_questions() if each.covered]


def reply(body: Json) -> Reply:
    """Statements of the first passages, word by word, not quite as they stand there."""
    prompt = "\n\n".join(message_text(message) for message in body["messages"])
    found = [(one, passage.number) for passage in passages_in(prompt) for one in _said(passage)]
    said = " ".join(f"{one.rstrip('.')}, as things are now. [{n}]" for one, n in found[:PARTS])
    words = text(said).tokens
    return Reply(tokens=[(FINISH / len(words), str(word)) for word in words], wait=START)


def _said(passage: NumberedPassage) -> list[str]:
    return [one for one in statements(passage.text) if len(one) < LONGEST]


@dataclass(slots=True)
class Load:
    """One process, so many agents, and what was seen of both."""

    slack: SlackServer
    model: OpenAIServer
    url: str
    agents: int
    rounds: int
    burst: bool
    questions: Sequence[str] = field(default_factory=covered)
    asked: dict[int, tuple[float, Message]] = field(default_factory=dict)  # by number
    megabytes: list[float] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    cpu_seconds: float = 0.0

    async def measure(self) -> dict[str, Any]:
        """Ask everything, then compare the times."""
        self.model.respond = reply
        names = [f"U03AGENT{number:03d}" for number in range(self.agents)]
        self.slack.workspace.users |= {name: name.lower() for name in names}
        environment = command_environment(self.url, self.slack) | {
            "OPENAI_BASE_URL": self.model.base_url
        }
        process = await asyncio.create_subprocess_exec(
            *(FOOTNOTE, "serve"),
            env={**os.environ, **environment},
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            await self.slack.socket.wait_for_connections(1, timeout=60)
            await self._ask(names[0], -1)  # what is loaded at first use, is loaded by now
            self.slack.calls.clear()
            seen = psutil.Process(process.pid)
            before = _cpu(seen)
            watching = asyncio.create_task(self._watch(seen))
            numbers = itertools.count()
            async with asyncio.TaskGroup() as group:
                for place, name in enumerate(names):
                    late = 0.0 if self.burst else (START + FINISH) * place / self.agents
                    group.create_task(self._agent(name, late, numbers))
            watching.cancel()
            self.cpu_seconds = _cpu(seen) - before
        finally:
            process.terminate()
            await process.wait()
        return self._compared()

    async def _agent(self, name: str, late: float, numbers: "itertools.count[int]") -> None:
        await asyncio.sleep(late)
        for _ in range(self.rounds):
            await self._ask(name, next(numbers))

    async def _ask(self, name: str, number: int) -> None:
        began = time.monotonic()
        said = await self.slack.direct_message(
            name, f"{self.questions[number % len(self.questions)]} (case {number})"
        )
        if number >= 0:
            self.asked[number] = (began, said)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        async with asyncio.timeout(PATIENCE):
            while not self._finished(said):  # noqa: ASYNC110 - the fake's own waiting is dear for so many
                await asyncio.sleep(LOOK)
        self.under_way -= 1

    def _finished(self, said: Message) -> bool:
        return any(
            one.thread_ts == said.ts and one.action_ids for one in self.slack.messages[said.channel]
        )

    async def _watch(self, process: psutil.Process) -> None:
        while True:
            self.megabytes.append(process.memory_info().rss / 2**20)
            await asyncio.sleep(LOOK)

    # What the times say

    def _compared(self) -> dict[str, Any]:
        calls, status = self._calls()
        written = {_number(record): record for record in self.model.requests}
        statuses, appends, ends, streamed = [], [], [], 0
        for number, (began, said) in self.asked.items():
            statuses.append(status[said.ts] - began)
            if number not in written:  # it was not covered
                continue
            late, end = _overheads(calls[said.ts], written[number])
            appends += late
            ends.append(end)
            streamed += calls[said.ts][0].method == "chat.startStream"
        return {
            "questions": len(self.asked),
            "streamed": streamed,
            "under way at once": self.most_under_way,
            "event to status, ms": _percentiles(statuses),
            "token to append, ms": _percentiles(appends),
            "last token to finished answer, ms": _percentiles(ends),
            "CPU of the process for a question, ms": round(
                1000 * self.cpu_seconds / len(self.asked)
            ),
            "largest RSS, MB": round(max(self.megabytes)),
        }

    def _calls(self) -> tuple[dict[str, list[ApiCall]], dict[str, float]]:
        """The calls that write, by thread, and when each thread's status came."""
        threads = {
            message.ts: str(message.thread_ts)
            for messages in self.slack.messages.values()
            for message in messages
            if message.by_bot
        }
        writing: defaultdict[str, list[ApiCall]] = defaultdict(list)
        status: dict[str, float] = {}
        for call in self.slack.calls:
            if call.method == "assistant.threads.setStatus":
                status[call.args["thread_ts"]] = call.at
            elif call.method.startswith("chat."):
                thread = call.args.get("thread_ts") or threads[call.args["ts"]]
                writing[thread].append(call)
        return writing, status


def _number(record: RecordedRequest) -> int:
    return int(NUMBER.findall(record.prompt)[-1])


def _overheads(calls: Sequence[ApiCall], record: RecordedRequest) -> tuple[list[float], float]:
    """How late each append was beyond the rate limit, and the finished answer; in seconds.

    A part may be shown once the token is there that shows it to be whole.
    """
    ready, last = _parts(record)
    late, shown, free = [], 0, 0.0
    for call in calls:
        if call.method not in ("chat.startStream", "chat.appendStream"):
            continue
        late.append(call.at - max(ready[shown], free))
        texts = "".join(piece["text"] for piece in call.args["chunks"])
        shown += texts.count("[[1]]")
        free = call.at + INTERVAL
    return late, calls[-1].at - last


def _parts(record: RecordedRequest) -> tuple[list[float], float]:
    """When each part was whole, and when the last token was written."""
    reading, ready, last = Drafting(), [], 0.0
    for at, event in record.sent:
        if event == "[DONE]":
            break
        for choice in json.loads(event)["choices"]:
            piece = choice["delta"].get("content") or ""
            ready += [at] * len(reading.feed(piece))
            last = at if piece else last
    return ready, last


def _cpu(process: psutil.Process) -> float:
    used = process.cpu_times()
    return float(used.user + used.system)


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100)
    found = {"p50": cuts[49], "p95": cuts[94], "most": max(seconds)}
    return {name: round(value * 1000, 1) for name, value in found.items()}
