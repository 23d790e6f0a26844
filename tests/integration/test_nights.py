"""Nights: what many runs in a row come to, and what they survive."""

import asyncio
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from bot.retrieval import Retrieval, Retriever
from ingest.database import Database, Row
from ingest.embeddings import Embedder
from ingest.errors import LeaseLost
from ingest.spaces import SpaceName, space_for
from tests.integration.changing import GOODS, ChangingCentre
from tests.integration.command import FOOTNOTE, PATIENCE, started
from tests.integration.help_centre import HelpCentre

NIGHTS, KILLS_A_NIGHT, READERS = 4, 2, 3
_EDITION = re.compile(r"number (\d+) of edition(\d+)")


@dataclass(slots=True)
class WatchedEmbedder:
    """Keeps what it was given; from call `stops_at` on it waits until it may `go`."""

    real: Embedder
    stops_at: int | None = None
    texts: list[str] = field(default_factory=list)
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    _calls: int = 0

    @property
    def tokens(self) -> int:
        return 0

    @property
    def cost_usd(self) -> float:
        return 0.0

    async def space_name(self) -> SpaceName:
        return await self.real.space_name()

    async def embed(self, texts: Sequence[str], *, bulk: bool = False) -> npt.NDArray[np.float32]:
        self._calls += 1
        self.texts += texts
        if self._calls == self.stops_at:
            self.stopped.set()
            await self.go.wait()
        return await self.real.embed(texts, bulk=bulk)

    async def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def centre(empty_database: Database, embedder: Embedder, tmp_path: Path) -> HelpCentre:
    return HelpCentre(empty_database, embedder, tmp_path / "articles")


@pytest.fixture
def changing(centre: HelpCentre) -> ChangingCentre:
    made = ChangingCentre(centre, random.Random(11))
    made.add(40)
    made.add_twins()
    return made


async def retriever(centre: HelpCentre) -> Retriever:
    space = await space_for(centre.database, await centre.embedder.space_name())
    return Retriever(centre.database, centre.embedder, space)


def unversioned(rows: Sequence[Row]) -> list[Row]:
    """State without the numbers of versions, of which a fresh source has but one, and removals."""
    served = [row for row in rows if row["version"] is not None]
    return [{key: value for key, value in row.items() if key != "version"} for row in served]


def by_article(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["external_id"], []).append(row)
    return found


async def end_leases(centre: HelpCentre) -> None:
    """As if the time had passed."""
    await centre.sql("UPDATE lease_holder SET expires_at = now() RETURNING name")


async def found_articles(search: Retriever, question: str) -> set[str]:
    found = await search.retrieve(question)
    return {passage.article for passage in found.evidence.passages}


async def test_nights_come_to_what_a_fresh_ingest_gives(changing: ChangingCentre) -> None:
    centre = changing.centre
    model = WatchedEmbedder(centre.embedder)
    await centre.run(embedder=model)
    texts = changing.texts()
    search = await retriever(centre)
    ids: dict[str, int] = {}
    for _ in range(NIGHTS):
        changing.night()
        for page in changing.gone:
            assert str(page.number) in await found_articles(search, page.title)
        texts |= changing.texts()

        report = await centre.run(embedder=model)

        assert (report.articles.removed, report.articles.added) == (2, 3)
        for page in changing.gone:
            assert str(page.number) not in await found_articles(search, page.title)
            assert await centre.sql(
                "SELECT FROM article_version WHERE body = %s AND title = %s", page.text, page.title
            ), "answers still cite it"
        rows = await centre.sql("SELECT external_id, id FROM article")
        known = {row["external_id"]: row["id"] for row in rows}
        assert known == known | ids, "an article keeps its id"
        ids = known
        await centre.assert_whole()

    assert changing.moved & changing.pages.keys()
    assert sorted(model.texts) == sorted(texts), "each text was embedded, and once"
    await centre.run(name="fresh", embedder=model)
    assert unversioned(await centre.state()) == unversioned(await centre.state("fresh"))
    assert len(model.texts) == len(texts)


async def test_killed_runs_end_where_an_undisturbed_one_does(
    changing: ChangingCentre, empty_url: str, tmp_path: Path
) -> None:
    centre = changing.centre
    (tmp_path / "footnote.toml").write_text(
        f"[sources.help]\nfolder = '{centre.folder}'\nmax_removed = 1.0\n"
    )
    left_half_way = 0
    for night in range(NIGHTS):
        if night:
            changing.night()
            changing.edit(30)
        before = by_article(await centre.state())
        killed = [before]
        for _ in range(KILLS_A_NIGHT):
            await run_and_kill(centre, changing.dice.randrange(35), empty_url)
            await centre.assert_whole(counted=False)
            killed.append(by_article(await centre.state()))
            await end_leases(centre)

        await centre.run()
        await centre.run(name="calm")

        after = by_article(await centre.state("calm"))
        assert by_article(await centre.state()) == after
        await centre.assert_whole()
        for state in killed:
            assert before.keys() <= state.keys() <= after.keys()
            for article, rows in state.items():
                assert rows in (before.get(article), after[article]), "old or new, and whole"
        left_half_way += sum(state not in (before, after) for state in killed)
    assert left_half_way, "no run was killed in time"


async def run_and_kill(centre: HelpCentre, written: int, url: str) -> None:
    """Kill a run of the command once it has written so many versions, or none that many."""
    versions = "SELECT count(*) AS count FROM article_version"
    ((before,), runs) = await centre.sql(versions), await centre.sql("SELECT FROM ingest_run")
    with started(FOOTNOTE, "ingest", "run", "--source", "help", DATABASE_URL=url) as process:
        while process.poll() is None:
            (now,) = await centre.sql(versions)
            begun = len(await centre.sql("SELECT FROM ingest_run")) > len(runs)
            if begun and now["count"] >= before["count"] + written:
                break
            await asyncio.sleep(0.005)  # the command needs the processor more
        process.kill()
        _, said = await asyncio.to_thread(process.communicate, timeout=PATIENCE)
    assert "Traceback" not in said


async def test_a_run_that_stood_still_writes_nothing_more(changing: ChangingCentre) -> None:
    centre = changing.centre
    standing = WatchedEmbedder(centre.embedder, stops_at=2)
    slow = asyncio.create_task(centre.run(embedder=standing))
    await standing.stopped.wait()
    await end_leases(centre)
    assert (await centre.run()).state == "done"
    before = await centre.written()

    standing.go.set()
    with pytest.raises(LeaseLost, match="help: this run stood still and another one took over"):
        await slow

    assert await centre.written() == before
    late, other = sorted(await centre.database.rows("latest_runs", limit=2), key=lambda r: r["id"])
    assert (late["state"], other["state"]) == ("failed", "done")
    await centre.assert_whole()


async def test_a_killed_runs_words_are_counted_though_another_source_was_in_between(
    changing: ChangingCentre,
) -> None:
    """All it had left to do was to count, and the other source counted before it was through."""
    centre = changing.centre
    await centre.run()
    await centre.sql("UPDATE ingest_run SET state = 'running' RETURNING id")
    await centre.sql("UPDATE lexicon SET passages = passages + 1 RETURNING term")

    assert (await centre.run()).passages == 0

    await centre.assert_whole()


async def test_readers_see_one_edition_of_an_article(changing: ChangingCentre) -> None:
    centre = changing.centre
    await centre.run()
    search = await retriever(centre)
    asked = [f"Return {goods}, and take care of them" for goods in GOODS]
    looks: list[Retrieval] = []

    async def read(until: asyncio.Task[object], dice: random.Random) -> None:
        while not until.done():
            looks.append(await search.retrieve(dice.choice(asked)))

    async def rewrite() -> None:
        for _ in range(2):
            changing.edit_all()
            await centre.run()

    writing: asyncio.Task[object] = asyncio.create_task(rewrite())
    await asyncio.gather(*(read(writing, random.Random(n)) for n in range(READERS)), writing)

    met: set[str] = set()
    for look in looks:
        found = editions_by_article(look)
        assert found
        assert all(len(editions) <= 1 for editions in found.values())
        met.update(*found.values())
        versions = {(p.article, p.article_version_id) for p in look.evidence.passages}
        assert len(versions) == len(found)
    assert met >= {"1", "3"}


def editions_by_article(look: Retrieval) -> dict[str, set[str]]:
    """The editions that an article's passages say they are of."""
    found: dict[str, set[str]] = {}
    for passage in look.evidence.passages:
        said = _EDITION.findall(passage.text)
        assert all(number == passage.article for number, _ in said)
        found.setdefault(passage.article, set()).update(edition for _, edition in said)
    return found
