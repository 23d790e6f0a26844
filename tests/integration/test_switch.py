"""Changing the embedding model: to a hosted one and back, without a question left unanswered."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import ingest.vector_index
from bot.retrieval import Retriever
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.embeddings.hosted import HostedEmbedder
from ingest.errors import DatabaseError, EmbeddingModelError, SourceBusy
from ingest.pipeline import no_runs
from ingest.settings import EmbeddingSettings
from ingest.spaces import current_space, space_for
from ingest.switch import switch_space
from tests.fakes.openai_server import OpenAIServer, Reply, error
from tests.integration.command import Command, Outcome, run_footnote
from tests.integration.help_centre import HelpCentre


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(dimensions=256) as listening:
        yield listening


@pytest.fixture
async def hosted(server: OpenAIServer) -> AsyncIterator[HostedEmbedder]:
    settings = EmbeddingSettings(
        provider="openai", model="fake", dimensions=256, base_url=server.base_url
    )
    embedder = HostedEmbedder(settings, None)
    yield embedder
    await embedder.close()


@pytest.fixture
async def centre(empty_database: Database, embedder: Embedder, tmp_path: Path) -> HelpCentre:
    """Forty articles, served."""
    made = HelpCentre(empty_database, embedder, tmp_path / "articles")
    for number in range(39):
        made.write(f"{number}.md", f"# Lamp {number}\n\nIt has {number} bulbs.\n\n## Use\n\nPull.")
    made.write("refunds.md", "# Refunds\n\nRefunds take five days.", id="refunds")
    await made.run()
    return made


async def run_beside(*words: str, **environment: str) -> Outcome:
    """Run a command while the fake model goes on serving in this process."""
    return await asyncio.to_thread(run_footnote, *words, **environment)


async def found(centre: HelpCentre, embedder: Embedder) -> str:
    """The article that answers best in the served space."""
    space = await space_for(centre.database, await embedder.space_name())
    retrieval = await Retriever(centre.database, embedder, space).retrieve(
        "How long do refunds take?"
    )
    return retrieval.evidence.passages[0].article


def said(stage: str, done: int, total: int) -> None:
    assert stage == "embedded"
    assert 0 < done <= total == 40


@pytest.mark.parametrize("exact_rows", [20_000, 10], ids=["exact", "indexed"])
async def test_there_and_back(
    centre: HelpCentre,
    embedder: Embedder,
    hosted: HostedEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    exact_rows: int,
) -> None:
    monkeypatch.setattr(ingest.vector_index, "EXACT_ROWS", exact_rows)
    assert await found(centre, embedder) == "refunds"

    done = await switch_space(centre.database, hosted, said)

    assert done.needed
    assert (str(done.before), str(done.after)) == (
        "minilm/all-MiniLM-L6-v2 (384)",
        "openai/fake (256)",
    )
    assert done.served == (39 * 2 + 1) * 2  # a heading and a passage for each section
    assert done.embedded > 0
    await centre.assert_whole()
    assert await found(centre, hosted) == "refunds"
    assert await centre.counts(embedder=hosted) == {"kept": 40}
    centre.write("new.md", "# Gifts\n\nWe wrap them.")
    assert await centre.counts(embedder=hosted) == {"added": 1, "kept": 40}

    back = await switch_space(centre.database, embedder, lambda *_: None)
    assert back.embedded == 2  # what came in meanwhile
    await centre.assert_whole()
    assert await found(centre, embedder) == "refunds"
    again = await switch_space(centre.database, embedder, said)
    assert (again.needed, again.served) == (False, 0)


async def test_a_switch_that_fails_half_way_changes_nothing(
    centre: HelpCentre, embedder: Embedder, hosted: HostedEmbedder, server: OpenAIServer
) -> None:
    server.script(Reply(), error(401), endpoint="embeddings")
    with pytest.raises(EmbeddingModelError):
        await switch_space(centre.database, hosted, said)
    assert await found(centre, embedder) == "refunds"
    space = await current_space(centre.database)
    assert space is not None
    assert space.name.provider == "minilm"
    # A run does not mind the shadow, and the next switch takes up what has been embedded.
    centre.write("refunds.md", "# Refunds\n\nRefunds take six days.", id="refunds")
    assert await centre.counts() == {"changed": 1, "kept": 39}
    asked = len(server.requests)
    await switch_space(centre.database, hosted, said)
    assert len(server.requests) == asked + 1
    await centre.assert_whole()


async def test_a_switch_and_a_run_keep_out_of_each_others_way(
    centre: HelpCentre, hosted: HostedEmbedder
) -> None:
    async with no_runs(centre.database):
        with pytest.raises(SourceBusy, match="being switched"):
            await centre.run()
        with pytest.raises(SourceBusy, match="A run is at work"):
            await switch_space(centre.database, hosted, said)


async def test_passages_cut_otherwise_have_to_be_cut_again_first(
    centre: HelpCentre, hosted: HostedEmbedder, embedder: Embedder
) -> None:
    await centre.sql("UPDATE passage SET text_hash = 'other' WHERE id = 1 RETURNING id")
    with pytest.raises(DatabaseError, match="cut again first"):
        await switch_space(centre.database, hosted, said)
    assert await found(centre, embedder) == "refunds"


def test_the_commands(
    centre: HelpCentre,
    empty_url: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    footnote = Command(capsys, monkeypatch)
    monkeypatch.setenv("DATABASE_URL", empty_url)
    status = footnote("embeddings", "status")
    assert status.out.startswith("minilm/all-MiniLM-L6-v2 (384)  served, ")
    done = footnote("embeddings", "switch")
    assert (done.code, done.out) == (
        0, "Answers come from minilm/all-MiniLM-L6-v2 (384) already.\n"
    )  # fmt: skip


async def test_the_command_switches(
    centre: HelpCentre, server: OpenAIServer, empty_url: str, tmp_path: Path
) -> None:
    (tmp_path / "footnote.toml").write_text(
        "[embedding]\nprovider = 'openai'\nmodel = 'fake'\ndimensions = 256\n"
        f"base_url = '{server.base_url}'\n"
    )
    refused = await run_beside("ask", "How long do refunds take?", DATABASE_URL=empty_url)
    refused.assert_told("footnote embeddings switch")
    done = await run_beside("embeddings", "switch", DATABASE_URL=empty_url)
    assert done.code == 0
    assert done.out.startswith("Answers come from openai/fake (256) now: 158 texts, ")
    assert "Switching: embedded 40 of 40" in done.err
    status = await run_beside("embeddings", "status", DATABASE_URL=empty_url)
    assert [line.split(",")[0] for line in status.out.splitlines()] == [
        "openai/fake (256)  served",
        "minilm/all-MiniLM-L6-v2 (384)  kept",
    ]
