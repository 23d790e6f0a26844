"""Runs of the real command, killed at random moments, and what is served then."""

import asyncio
import os
import random
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from bench.nights import FOOTNOTE
from bench.replay import URL, Nights, Prints
from tests.integration.help_centre import HelpCentre

BASE_SHARE = 4  # one kill in so many meets the first, large run
FIRST_WINDOW = 2.0
TRIES = 4  # a night, at most


@dataclass(slots=True)
class Kills:
    """How far the runs had come when they were killed, and what was wrong then or at the end."""

    before_writing: int = 0
    half_way: int = 0
    all_written: int = 0
    too_late: int = 0  # the run was through; not counted
    nights: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Kills that met a run."""
        return self.before_writing + self.half_way + self.all_written

    def as_json(self) -> dict[str, object]:
        """For the JSON file."""
        return {"kills": self.done} | {name: getattr(self, name) for name in self.__slots__}


@dataclass(slots=True)
class Killing:
    """The replay once more, in a database of its own; `states` are the undisturbed one's."""

    nights: Nights
    url: str
    states: list[Prints]
    kills: int
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311
    found: Kills = field(default_factory=Kills)
    window: float = FIRST_WINDOW  # seconds; follows from what the kills meet

    async def play(self) -> Kills:
        """Kill, look, go on; finish each night undisturbed and compare."""
        self.nights.tree.begin()
        # With the vectors at hand, the kills meet a run that writes, not one that waits for them.
        await self.nights.run()
        await self.nights.database.run("drop_articles")
        await self._night({}, self.states[0], self.kills // BASE_SHARE, self.kills)
        self.window = FIRST_WINDOW
        for number, _ in enumerate(self.nights.tree.days(), start=1):
            share = self.kills * (1 / BASE_SHARE + (1 - 1 / BASE_SHARE) * number / 80)
            before, after = self.states[number - 1 : number + 1]
            await self._night(before, after, min(self.kills, round(share)), TRIES)
        return self.found

    async def _night(self, before: Prints, after: Prints, until: int, tries: int) -> None:
        while self.found.done < until and tries:
            tries -= 1
            if not await self._kill_one():
                break
            await self._look(before, after)
            await self.nights.database.run("end_leases")
        await self.nights.run()
        self.found.nights += 1
        if await self.nights.prints() != after:
            self.found.wrong.append(f"night {self.found.nights} ended otherwise than undisturbed")
        await self._whole(counted=True)

    async def _kill_one(self) -> bool:
        """Whether a run was there to be killed."""
        process = await asyncio.to_thread(self._started)
        await asyncio.sleep(self.dice.uniform(0, self.window))
        ended = process.poll() is not None
        process.kill()
        await asyncio.to_thread(process.communicate)
        if ended:
            self.found.too_late += 1
            self.window *= 0.9
        return not ended

    def _started(self) -> "subprocess.Popen[str]":
        """A run that has begun to read."""
        folder = self.nights.tree.folder
        config = folder.with_suffix(".toml")
        config.write_text(f"[sources.help]\nfolder = {str(folder)!r}\nurl = {URL!r}\n", "utf-8")
        process = subprocess.Popen(  # noqa: S603 - our own command
            [FOOTNOTE, "ingest", "run", "--source", "help"],
            env={**os.environ, "DATABASE_URL": self.url, "FOOTNOTE_CONFIG": str(config)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None
        process.stderr.readline()
        return process

    async def _look(self, before: Prints, after: Prints) -> None:
        await self._whole(counted=False)
        now = await self.nights.prints()
        for article, served in now.items():
            if served not in (before.get(article), after.get(article)):
                self.found.wrong.append(f"{article} is neither old nor new: {served}")
        self.found.wrong += [f"{article} is lost" for article in before.keys() - now.keys()]
        if now == before:
            self.found.before_writing += 1
            self.window *= 1.03
        elif now == after:
            self.found.all_written += 1
        else:
            self.found.half_way += 1

    async def _whole(self, *, counted: bool) -> None:
        centre = HelpCentre(self.nights.database, self.nights.embedder, Path())
        try:
            await centre.assert_whole(counted=counted)
        except AssertionError as flaw:
            self.found.wrong.append(str(flaw).splitlines()[0])
