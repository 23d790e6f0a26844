"""Changing the embedding model: built beside, switched to, gone back from, without a gap."""

import asyncio
import contextlib
import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import bot.app
import ingest.leases
import ingest.spaces.vector_index
from bot.answers import Verdict
from bot.app import App, open_app
from bot.retrieval import Retriever
from bot.settings import Settings
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.embeddings.models import Embedders
from ingest.errors import (
    DatabaseError,
    EmbeddingModelError,
    RecallFell,
    SettingsError,
    SourceBusy,
    SpaceMismatch,
    SpaceSwitched,
)
from ingest.settings import EmbeddingSettings
from ingest.spaces import current_space
from ingest.spaces.cli import _spaces as spaces
from ingest.spaces.switch import Switching
from tests.fakes.openai_server import OpenAIServer, Reply, error
from tests.integration.command import (
    FOOTNOTE,
    PATIENCE,
    Command,
    Outcome,
    run_footnote,
    started,
    until,
)
from tests.integration.help_centre import HelpCentre

QUESTION = "How long do refunds take?"
MINILM = "minilm/all-MiniLM-L6-v2 (384)"
ARTICLES = 40  # more than one group
TEXTS = 2 * (2 * ARTICLES - 1)  # a heading and a passage for each section


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(dimensions=256) as listening:
        yield listening


@pytest.fixture
async def centre(empty_database: Database, embedder: Embedder, tmp_path: Path) -> HelpCentre:
    """Forty articles, served in the embedded model's space."""
    made = HelpCentre(empty_database, embedder, tmp_path / "articles")
    for number in range(ARTICLES - 1):
        text = f"# Lamp {number}\n\nIt has {number} bulbs.\n\n## Use of {number}\n\nPull {number}."
        made.write(f"{number}.md", text)
    made.write("refunds.md", "# Refunds\n\nRefunds take five days.", id="refunds")
    await made.run()
    return made


def toml(server: OpenAIServer, *names: str) -> str:
    """The tables of hosted models."""
    return "".join(
        f"[embeddings.{name}]\nprovider = 'openai'\nmodel = '{name}'\ndimensions = 256\n"
        f"base_url = '{server.base_url}'\n"
        for name in names
    )


@pytest.fixture
def named(server: OpenAIServer, tmp_path: Path, empty_url: str) -> Iterator[None]:
    """A footnote.toml that names a good model and a bad one."""
    server.shuffled.add("bad")
    (tmp_path / "footnote.toml").write_text(toml(server, "new", "bad"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DATABASE_URL", empty_url)
        yield


@pytest.fixture
async def embedders(named: None) -> AsyncIterator[Embedders]:
    opened = Embedders(Settings.load())
    yield opened
    await opened.close()


@pytest.fixture
def switching(centre: HelpCentre, embedders: Embedders) -> Switching:
    return Switching(centre.database, embedders, lambda *_: None)


async def run_beside(*words: str, **environment: str) -> Outcome:
    """Run a command while the fake model goes on serving in this process."""
    return await asyncio.to_thread(run_footnote, *words, **environment)


async def found(switching: Switching) -> str:
    """The article that answers best in the served space."""
    served = await switching.embedders.served(switching.database)
    retrieval = await Retriever(switching.database, served.embedder, served.space).retrieve(
        QUESTION
    )
    return retrieval.evidence.passages[0].article


async def served_name(database: Database) -> str:
    space = await current_space(database)
    assert space is not None
    return str(space.name)


def answering(app: App) -> str:
    """The space that a bot answers from."""
    return str(app.retriever.served.space.name)


async def states() -> dict[str, str]:
    """The state of each space by its name, as the command tells it."""
    return {space["space"]: space["state"] for space in await spaces(Settings.load())}


# Build, switch, rollback


@pytest.mark.parametrize("exact_rows", [20_000, 10], ids=["exact", "indexed"])
async def test_there_and_back(
    centre: HelpCentre,
    switching: Switching,
    server: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
    exact_rows: int,
) -> None:
    monkeypatch.setattr(ingest.spaces.vector_index, "EXACT_ROWS", exact_rows)
    told: list[tuple[int, int]] = []
    watched = Switching(
        centre.database, switching.embedders, lambda _, done, total: told.append((done, total))
    )

    built = await watched.build("new")

    assert (str(built.space.name), built.served) == ("openai/new (256)", False)
    assert built.embedded == len({text for each in server.requests for text in each.body["input"]})
    assert told[-1] == (TEXTS, TEXTS)
    indexed = await centre.sql("SELECT FROM pg_class WHERE relname LIKE 'served_vector_hnsw_%%'")
    assert len(indexed) == (exact_rows == 10)
    assert await served_name(centre.database) == MINILM
    assert await found(switching) == "refunds"

    asked = len(server.requests)
    done = await switching.switch("new", None, force=False)

    assert (str(done.before.name), str(done.after.name)) == (MINILM, "openai/new (256)")
    assert done.embedded == 0
    assert done.recalls is not None
    assert done.recalls[1].questions == 2 * ARTICLES - 1
    assert done.recalls[1].share > 0.9
    assert len(server.requests) == asked + 3  # the measure's questions alone
    await centre.assert_whole()
    assert await found(switching) == "refunds"
    again = await switching.switch("new", None, force=False)
    assert not again.needed

    # What came in meanwhile is caught up with on the way back.
    hosted = switching.embedders.named("new")
    centre.write("gifts.md", "# Gifts\n\nWe wrap them.", id="gifts")
    assert await centre.counts(embedder=hosted) == {"added": 1, "kept": ARTICLES}
    back = await switching.rollback()
    assert (str(back.after.name), back.embedded) == (MINILM, 2)
    await centre.assert_whole()
    forth = await switching.rollback()
    assert (str(forth.after.name), forth.embedded) == ("openai/new (256)", 0)
    await centre.assert_whole()


async def test_there_is_nothing_to_go_back_to(switching: Switching) -> None:
    with pytest.raises(DatabaseError, match="no space to go back to"):
        await switching.rollback()


async def test_a_switch_that_fails_half_way_changes_nothing(
    centre: HelpCentre, switching: Switching, server: OpenAIServer
) -> None:
    server.script(*[Reply()] * 4, error(401), endpoint="embeddings")
    with pytest.raises(EmbeddingModelError):
        await switching.switch("new", None, force=False)
    assert await served_name(centre.database) == MINILM
    assert await found(switching) == "refunds"
    # A run does not mind the shadow, and the next switch goes on.
    centre.write("refunds.md", "# Refunds\n\nRefunds take six days.", id="refunds")
    assert await centre.counts() == {"changed": 1, "kept": ARTICLES - 1}
    await switching.switch("new", None, force=False)
    await centre.assert_whole()


async def test_spaces_are_worked_on_one_at_a_time(
    switching: Switching, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.leases, "RENEWED", 0.1)
    monkeypatch.setattr(ingest.leases, "LOOK", 0.1)
    server.answering.clear()
    build = asyncio.create_task(switching.build("new"))
    await until(lambda: bool(server.requests))
    with pytest.raises(SourceBusy, match="Embedding spaces: another run is at work"):
        await switching.switch("new", None, force=True)
    server.answering.set()
    await build


async def test_passages_cut_otherwise_have_to_be_cut_again_first(
    centre: HelpCentre, switching: Switching
) -> None:
    await centre.sql("UPDATE passage SET text_hash = 'other' WHERE id = 1 RETURNING id")
    with pytest.raises(DatabaseError, match=r"cut again first\.\nRun: footnote ingest run"):
        await switching.switch("new", None, force=False)
    assert await found(switching) == "refunds"


# Beside other work


async def test_a_build_goes_on_beside_an_ingest(
    centre: HelpCentre, switching: Switching, server: OpenAIServer
) -> None:
    server.answering.clear()
    build = asyncio.create_task(switching.build("new"))
    await until(lambda: bool(server.requests))
    (centre.folder / "0.md").unlink()
    centre.write("1.md", "# Lamp 1\n\nIt has one bulb.", id="1")
    centre.write("gifts.md", "# Gifts\n\nWe wrap them.", id="gifts")
    assert await centre.counts() == {"added": 1, "changed": 1, "removed": 1, "kept": ARTICLES - 2}
    assert not build.done()
    server.answering.set()
    await build
    await switching.switch("new", None, force=False)
    await centre.assert_whole()


async def test_a_killed_build_embeds_nothing_twice(
    centre: HelpCentre, server: OpenAIServer, named: None
) -> None:
    server.script(*[Reply(wait=0.5)] * 30, endpoint="embeddings")
    with started(FOOTNOTE, "embeddings", "build", "new") as process:
        cached: list[bytes] = []
        while not cached and process.poll() is None:
            rows = await centre.sql(
                "SELECT text_hash FROM embedding e JOIN embedding_space s ON s.id = e.space_id"
                " WHERE s.model = 'new'"
            )
            cached = [row["text_hash"] for row in rows]
        process.kill()
        await asyncio.to_thread(process.communicate, timeout=PATIENCE)
    assert 0 < len(cached) < TEXTS
    assert (await states())["openai/new (256)"] == "building"
    server.requests.clear()
    await centre.sql("UPDATE lease_holder SET expires_at = now() RETURNING name")  # as time does

    done = await run_beside("embeddings", "build", "new")

    assert done.code == 0
    sent = [text for each in server.requests for text in each.body["input"]]
    assert {hashlib.sha256(text.encode()).digest() for text in sent}.isdisjoint(cached)
    assert done.out.startswith(f"openai/new (256) is ready, {len(set(sent))} texts newly embedded.")
    assert f"Building: embedded {TEXTS} of {TEXTS}" in done.err
    assert await states() == {MINILM: "served", "openai/new (256)": "ready"}


@pytest.fixture
async def running(
    centre: HelpCentre, named: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[App]:
    """A bot that looks at the pointer ten times a second."""
    monkeypatch.setattr(bot.app, "LOOK", 0.1)
    async with open_app(Settings.load()) as app:
        yield app


async def test_a_switch_under_load_fails_no_question(
    centre: HelpCentre, running: App, switching: Switching
) -> None:
    """Vectors of two spaces have not even the same length: to mix them would be an error."""
    asked: dict[str, int] = {}
    over = asyncio.Event()

    async def ask() -> None:
        while not over.is_set():
            name = answering(running)
            answer, _ = await running.answering.answer(QUESTION)
            assert answer.verdict is Verdict.ANSWERED, answer.note
            assert answer.cited[0].article == "refunds"
            asked[name] = asked.get(name, 0) + 1

    async def edit() -> None:
        number = 0
        while not over.is_set():
            number += 1
            centre.write("gifts.md", f"# Gifts\n\nWe wrap {number} of them.", id="gifts")
            embedder = (await running.embedders.served(centre.database)).embedder
            with contextlib.suppress(SpaceSwitched, SpaceMismatch):  # it is run again
                await centre.run(embedder=embedder)
            await asyncio.sleep(0.2)

    async def follow(name: str) -> None:
        assert await served_name(centre.database) == name
        await until(lambda: answering(running) == name and name in asked)

    async with asyncio.TaskGroup() as tasks:
        for _ in range(3):
            tasks.create_task(ask())
        tasks.create_task(edit())
        done = await run_beside("embeddings", "switch", "new")
        assert done.code == 0, done.err
        await follow("openai/new (256)")
        back = await switching.rollback()
        await switching.drop(back.before)
        await follow(MINILM)
        over.set()

    assert asked.keys() == {MINILM, "openai/new (256)"}
    await centre.assert_whole()
    assert await states() == {MINILM: "served"}


async def test_a_bot_follows_to_a_model_that_was_named_after_it_started(
    centre: HelpCentre, running: App, server: OpenAIServer, tmp_path: Path
) -> None:
    config = tmp_path / "footnote.toml"
    config.write_text(config.read_text() + toml(server, "newest"))
    assert (await run_beside("embeddings", "switch", "newest")).code == 0
    await until(lambda: answering(running) == "openai/newest (256)")
    answer, _ = await running.answering.answer(QUESTION)
    assert answer.cited[0].article == "refunds"


async def test_a_bot_without_the_model_goes_on_answering(
    centre: HelpCentre, running: App, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert (await run_beside("embeddings", "build", "new")).code == 0
    config = (tmp_path / "footnote.toml").read_text()
    elsewhere = tmp_path / "elsewhere.toml"
    elsewhere.write_text(config)
    (tmp_path / "footnote.toml").write_text("")
    running.embedders._settings = Settings.load()
    switch = ("embeddings", "switch", "new")
    assert (await run_beside(*switch, FOOTNOTE_CONFIG=str(elsewhere))).code == 0
    await until(lambda: "cannot be followed" in caplog.text)
    answer, _ = await running.answering.answer(QUESTION)
    assert answer.verdict is Verdict.ANSWERED
    refused = await run_beside("ask", QUESTION)
    refused.assert_told("openai/new (256), and no model in the settings is that", "[embeddings.")


async def test_a_space_dropped_under_a_bot_costs_no_answer(
    centre: HelpCentre, named: None, switching: Switching
) -> None:
    """It has had no time to look: the question itself finds that its space is empty."""
    async with open_app(Settings.load()) as app:
        before = app.retriever.served.space
        await switching.switch("new", None, force=True)
        await switching.drop(before)
        assert app.retriever.served.space == before
        answer, _ = await app.answering.answer(QUESTION)
        assert answer.cited[0].article == "refunds"
        assert app.retriever.served.space != before


async def test_a_run_whose_space_was_switched_under_it_is_run_again(
    centre: HelpCentre, switching: Switching, server: OpenAIServer
) -> None:
    await switching.switch("new", None, force=True)
    hosted = switching.embedders.named("new")
    centre.write("gifts.md", "# Gifts\n\nWe wrap them.", id="gifts")
    server.requests.clear()
    server.answering.clear()
    run = asyncio.create_task(centre.run(embedder=hosted))
    await until(lambda: bool(server.requests))
    await switching.rollback()
    server.answering.set()
    with pytest.raises(SpaceSwitched, match="Run it again"):
        await run
    await centre.assert_whole()
    assert await centre.counts() == {"added": 1, "kept": ARTICLES}
    await centre.assert_whole()


# The gate


async def test_a_bad_space_is_refused_unless_forced(
    centre: HelpCentre, switching: Switching, server: OpenAIServer
) -> None:
    refused = await run_beside("embeddings", "switch", "bad")
    refused.assert_ended(
        "Not switched: openai/bad (256) has recall@5 0.",
        f"{MINILM} has recall@5 ",
        "footnote embeddings switch bad --force",
    )
    assert await states() == {MINILM: "served", "openai/bad (256)": "ready"}

    forced = await run_beside("embeddings", "switch", "bad", "--force")
    assert forced.code == 0
    assert forced.out.startswith("Answers come from openai/bad (256) now, 0 texts newly embedded.")
    # What is ingested now is written where answers come from.
    centre.write("gifts.md", "# Gifts\n\nWe wrap them.", id="gifts")
    ingested = await run_beside("ingest", "run", "--source", str(centre.folder))
    assert ingested.code == 0, ingested.err
    assert "gifts" in str(server.requests[-1].body["input"]).lower()
    await centre.assert_whole()
    assert await states() == {"openai/bad (256)": "served", MINILM: "kept"}
    told = (await run_beside("embeddings", "status")).out.splitlines()
    assert told[0].startswith("openai/bad (256)  served, ")
    assert ", bad, recall@5 0." in told[0]
    assert told[1].startswith(f"{MINILM}  kept, {TEXTS} of ")

    bad = (await switching.embedders.served(centre.database)).space
    with pytest.raises(DatabaseError, match=r"openai/bad \(256\), so it cannot be dropped"):
        await switching.drop(bad)
    await switching.rollback()
    await centre.assert_whole()
    await switching.drop(bad)
    assert await states() == {MINILM: "served"}
    assert await centre.sql("SELECT FROM embedding WHERE space_id = %s", bad.id) == []
    assert await centre.sql("SELECT FROM served_vector WHERE space_id = %s", bad.id) == []


def test_names_that_mean_nothing_or_what_is_served_already(
    footnote: Command, named: None, sample_url: str
) -> None:
    here = {"DATABASE_URL": sample_url}
    footnote("embeddings", "drop", "bad", **here).assert_told("There is no space bad")
    footnote("embeddings", "build", "gone", **here).assert_told(
        "There is no embedding model gone in the settings; there is default, new, bad, minilm",
        "[embeddings.gone]",
    )
    for command in ("build", "switch"):
        done = footnote("embeddings", command, "default", **here)
        assert done.out == f"Answers come from {MINILM} already.\n"
    status = footnote("embeddings", "status", **here)
    assert status.out.startswith(f"{MINILM}  served, ")
    assert status.out.endswith(" vectors, default\n")


async def test_golden_questions_are_asked_where_there_are_any(
    centre: HelpCentre, switching: Switching, tmp_path: Path
) -> None:
    golden = tmp_path / "golden.jsonl"
    lines = [
        {"question": QUESTION, "article": "refunds"},
        {"question": "What is the capital of Peru?", "article": None},
        {"question": "Where is the article that was removed?", "article": "gone"},
    ]
    golden.write_text("\n".join(map(json.dumps, lines)))
    config = tmp_path / "footnote.toml"
    config.write_text("golden_questions = 'golden.jsonl'\n" + config.read_text())
    assert Settings.load().golden_questions == golden.resolve()

    with pytest.raises(RecallFell, match=r"recall@5 0\.000, .* recall@5 1\.000 \(1 questions\)"):
        await switching.switch("bad", golden, force=False)
    done = await run_beside("embeddings", "switch", "new")
    assert f"It has recall@5 1.000, {MINILM} has recall@5 1.000 (1 questions)." in done.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"question": "?", "article": "gone"}', "no question about an article that is served"),
        ("", "no question about an article that is served"),
        ('{"question": "?"}', "line 1 of .* is not a JSON object"),
        ("[1]", "line 1 of .* is not a JSON object"),
        (None, "cannot be read"),
    ],
)
async def test_a_golden_file_that_cannot_be_used(
    switching: Switching, tmp_path: Path, text: str | None, said: str
) -> None:
    golden = tmp_path / "golden.jsonl"
    if text is not None:
        golden.write_text(text)
    with pytest.raises(SettingsError, match=said):
        await switching.switch("new", golden, force=False)
    assert await served_name(switching.database) == MINILM


async def test_a_fresh_database_takes_the_model_under_embedding(
    server: OpenAIServer, empty_database: Database
) -> None:
    hosted = EmbeddingSettings(
        provider="openai", model="first", dimensions=256, base_url=server.base_url
    )
    embedders = Embedders(Settings(embedding=hosted))
    served = await embedders.served(empty_database)
    assert str(served.space.name) == "openai/first (256)"
    # It stays, whatever [embedding] says later; the built-in model needs no naming.
    with pytest.raises(SpaceMismatch, match="no model in the settings is that"):
        await Embedders(Settings()).served(empty_database)
    assert await embedders.name_of(await embedders.named("minilm").space_name()) == "minilm"
    await embedders.close()
