"""Runs: what they write, what they leave alone, and what they survive."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path

import pytest

import ingest.spaces.vector_index
from ingest.database import Database
from ingest.embeddings import Embedder
from ingest.embeddings.hosted import HostedEmbedder
from ingest.errors import EmbeddingModelError, SourceBusy, SpaceMismatch
from ingest.pipeline import forget_source, only_run
from ingest.settings import EmbeddingSettings
from tests.fakes.openai_server import OpenAIServer, Reply, error
from tests.integration.command import FOOTNOTE, PATIENCE, Command, started
from tests.integration.help_centre import HelpCentre

GOODS = ("lamps", "chairs", "desks", "shelves", "rugs", "beds")


@pytest.fixture
def centre(empty_database: Database, embedder: Embedder, tmp_path: Path) -> HelpCentre:
    """Three articles."""
    made = HelpCentre(empty_database, embedder, tmp_path / "articles")
    made.write("refunds.md", "# Refunds\n\nRefunds take five days.", id="1", title="Refunds")
    made.write(
        "delivery.md", "Delivery is free.\n\n## Abroad\n\nIt costs 9 euros.", title="Delivery"
    )
    made.write("returns/how.md", "# Returns\n\n1. Print the label.\n2. Send it back.")
    return made


def write_many(centre: HelpCentre, count: int) -> None:
    for number in range(count):
        goods = GOODS[number % len(GOODS)]
        centre.write(f"many/{number}.md", f"# About {goods} {number}\n\nWe sell {number} {goods}.")


@asynccontextmanager
async def hosted(server: OpenAIServer) -> AsyncIterator[HostedEmbedder]:
    settings = EmbeddingSettings(
        provider="openai", model="fake", dimensions=256, base_url=server.base_url
    )
    embedder = HostedEmbedder(settings, None)
    yield embedder
    await embedder.close()


async def test_the_first_run_adds_and_the_second_writes_nothing(centre: HelpCentre) -> None:
    first = await centre.run()
    assert first.articles.added == 3
    assert (first.passages, first.embedded) == (4, 8)
    await centre.assert_whole()

    before = await centre.written()
    second = await centre.run()
    assert second.as_json()["articles"] == {
        "added": 0, "changed": 0, "moved": 0, "removed": 0, "kept": 3, "failed": 0,
        "held": 0, "pending": 0
    }  # fmt: skip
    assert (second.passages, second.embedded) == (0, 0)
    assert await centre.written() == before


async def test_an_edit_makes_a_version_and_keeps_the_former(centre: HelpCentre) -> None:
    await centre.run()
    before = {row["id"]: row for row in await centre.sql("SELECT id, xmin::text FROM passage")}
    centre.write("refunds.md", "# Refunds\n\nRefunds take six days.", id="1", title="Refunds")

    result = await centre.run()

    assert (result.articles.changed, result.articles.kept) == (1, 2)
    assert result.embedded == 1  # the heading was known
    versions = await centre.sql(
        "SELECT v.version, v.body, v.id = a.current_version_id AS served FROM article_version v"
        " JOIN article a ON a.id = v.article_id WHERE a.external_id = '1' ORDER BY version"
    )
    assert [(row["version"], row["served"]) for row in versions] == [(1, False), (2, True)]
    assert "five days" in versions[0]["body"]
    assert "six days" in versions[1]["body"]
    after = {row["id"]: row for row in await centre.sql("SELECT id, xmin::text FROM passage")}
    assert len(before.keys() - after.keys()) == len(after.keys() - before.keys()) == 1
    await centre.assert_whole()


async def test_back_to_a_former_text_embeds_nothing(centre: HelpCentre) -> None:
    await centre.run()
    was = (centre.folder / "refunds.md").read_text()
    centre.write("refunds.md", "# Refunds\n\nRefunds take six days.", id="1", title="Refunds")
    await centre.run()
    (centre.folder / "refunds.md").write_text(was)
    result = await centre.run()
    assert (result.articles.changed, result.embedded) == (1, 0)


@pytest.mark.parametrize("url", [None, "https://help.example/{id}", "https://help.example/{path}"])
async def test_a_moved_article_stays_the_same_article(centre: HelpCentre, url: str | None) -> None:
    await centre.run(url=url)
    (before,) = await centre.sql("SELECT id FROM article WHERE external_id = '1'")
    centre.move("refunds.md", "money/back.md")

    result = await centre.run()

    assert (result.articles.moved, result.articles.kept, result.embedded) == (1, 2, 0)
    (after,) = await centre.sql(
        "SELECT a.id, a.path, v.url FROM article a JOIN article_version v"
        " ON v.id = a.current_version_id WHERE external_id = '1'"
    )
    assert (after["id"], after["path"]) == (before["id"], "money/back.md")
    if url != "https://help.example/{id}":
        assert "money/back" in after["url"]
    assert await centre.counts() == {"kept": 3}
    await centre.assert_whole()


async def test_a_removed_article_is_gone_at_once_and_its_version_stays(
    centre: HelpCentre,
) -> None:
    await centre.run()
    (centre.folder / "refunds.md").unlink()

    assert await centre.counts() == {"removed": 1, "kept": 2}

    assert await centre.sql("SELECT body FROM article_version WHERE body LIKE '%%five days%%'")
    assert not [row for row in await centre.state() if row["external_id"] == "1" and row["version"]]
    await centre.assert_whole()
    centre.write("refunds.md", "# Refunds\n\nRefunds take five days.", id="1", title="Refunds")
    assert (await centre.run()).articles.added == 1
    versions = await centre.sql(
        "SELECT version FROM article_version v JOIN article a ON a.id = v.article_id"
        " WHERE external_id = '1' ORDER BY version"
    )
    assert [row["version"] for row in versions] == [1, 2]


async def test_bad_articles_are_counted_with_a_reason_and_stop_nothing(
    centre: HelpCentre,
) -> None:
    folder = centre.folder
    (folder / "a-broken.md").write_text("---\ntitle: [unclosed\n---\nText.")
    (folder / "b-latin.md").write_bytes("Rückgabe".encode("latin-1"))
    (folder / "c-empty.md").write_text("")
    (folder / "d-long.md").write_text("x" * 5_000_000)
    (folder / "e-nul.md").write_bytes(b"some\0thing")
    # More than an index of Postgres holds, and nothing it could compress.
    long_id = "".join(sha256(bytes([number])).hexdigest() for number in range(200))
    centre.write("f-id.md", "Text.", id=long_id)

    result = await centre.run()

    assert (result.articles.added, result.articles.failed) == (3, 6)
    failures = {failure.path[0]: failure.reason for failure in result.failures}
    assert sorted(failures) == list("abcdef")
    assert "YAML" in failures["a"]
    assert "UTF-8" in failures["b"]
    assert "no text" in failures["c"]
    assert "larger than" in failures["d"]
    assert "cannot be stored" in failures["f"]
    await centre.assert_whole()
    assert (await centre.run()).articles.failed == 6


async def test_an_article_that_turns_bad_is_still_served(centre: HelpCentre) -> None:
    await centre.run()
    (centre.folder / "refunds.md").write_bytes(b"Refunds take \xff days.")
    assert await centre.counts() == {"failed": 1, "kept": 2}
    assert any("five days" in row["body"] for row in await centre.state())


async def test_the_same_text_twice_is_two_articles_embedded_once(centre: HelpCentre) -> None:
    first = await centre.run()
    centre.write("copy.md", "# Refunds\n\nRefunds take five days.", id="7", title="Refunds")
    second = await centre.run()
    assert (first.articles.added, second.articles.added) == (3, 1)
    assert (second.passages, second.embedded) == (1, 0)
    await centre.assert_whole()


async def test_a_long_block_of_ever_new_words_can_be_stored(centre: HelpCentre) -> None:
    words = " ".join(f"{number:x}z" for number in range(20_000))
    centre.write("log.md", f"```\n{words}\n```")
    centre.write("zh.md", "".join(map(chr, range(0x4E00, 0x9F00))), locale="zh")
    async with OpenAIServer(dimensions=256) as server, hosted(server) as model:
        assert await centre.counts(embedder=model) == {"added": 5}
    await centre.assert_whole()


async def test_the_url_template_is_remembered(centre: HelpCentre) -> None:
    await centre.run(url="https://help.example/{id}")
    assert await centre.counts() == {"kept": 3}
    urls = {row["url"] for row in await centre.state()}
    assert "https://help.example/1" in urls
    assert await centre.counts(url="https://desk.example/{id}") == {"changed": 3}


async def test_an_empty_folder_changes_nothing(centre: HelpCentre) -> None:
    await centre.run()
    before = await centre.written()
    for file in centre.folder.rglob("*.md"):
        file.unlink()
    held = await centre.run()
    assert (held.state, held.reason) == (
        "held", "The source is empty now; the 3 articles served from it stay."
    )  # fmt: skip
    assert await centre.written() == before


async def test_two_runs_on_a_source_at_once_are_one(centre: HelpCentre) -> None:
    both = await asyncio.gather(centre.run(), centre.run())
    # The second one looks whether the first is alive; until then that one has ended.
    assert sorted(report.articles.added for report in both) == [0, 3]
    await centre.assert_whole()
    assert await centre.counts() == {"kept": 3}


async def test_a_source_is_not_forgotten_under_a_run(centre: HelpCentre) -> None:
    await centre.run()
    (source,) = await centre.sql("SELECT id FROM source")
    async with only_run(centre.database, source["id"], "help"):
        with pytest.raises(SourceBusy, match=r"help: another run is at work \(.*process \d+\)"):
            await forget_source(centre.database, "help")


async def test_runs_on_two_sources_at_once_count_their_words(centre: HelpCentre) -> None:
    write_many(centre, 40)
    await asyncio.gather(*(centre.run(name=name) for name in ("one", "two", "three")))
    await centre.assert_whole()


async def test_runs_that_end_together_build_one_vector_index(
    centre: HelpCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingest.spaces.vector_index, "EXACT_ROWS", 3)
    await asyncio.gather(*(centre.run(name=name) for name in ("one", "two", "three")))
    assert len(await centre.sql("SELECT FROM pg_indexes WHERE indexdef LIKE '%%hnsw%%'")) == 1
    assert await centre.counts(name="one") == {"kept": 3}


async def test_readers_never_see_an_article_without_its_passages(centre: HelpCentre) -> None:
    write_many(centre, 40)
    await centre.run()
    for number in range(40):
        centre.write(f"many/{number}.md", f"# About rugs {number}\n\nWe sold {number} of them.")
    running = asyncio.create_task(centre.counts())
    looks = 0
    while not running.done():
        rows = await centre.sql(
            "SELECT a.external_id, v.passage_id FROM article a"
            " LEFT JOIN passage p ON p.article_version_id = a.current_version_id"
            " LEFT JOIN served_vector v ON v.passage_id = p.id"
        )
        assert all(row["passage_id"] is not None for row in rows)
        assert len({row["external_id"] for row in rows}) == 43
        looks += 1
    assert looks > 5
    assert await running == {"changed": 40, "kept": 3}


async def test_a_model_that_fails_half_way_leaves_what_is_finished(centre: HelpCentre) -> None:
    write_many(centre, 40)
    async with OpenAIServer(dimensions=256) as server, hosted(server) as model:
        server.script(*[Reply()] * 3, error(401), endpoint="embeddings")
        with pytest.raises(EmbeddingModelError, match="OPENAI_API_KEY"):
            await centre.run(embedder=model)
        (run,) = await centre.database.rows("latest_runs", limit=1)
        assert run["state"] == "failed"
        assert "refused the request (401)" in run["reason"]
        (served,) = await centre.database.rows("served_articles")
        assert served["articles"] == 32

        assert await centre.counts(embedder=model) == {"added": 11, "kept": 32}
        await centre.assert_whole()


async def test_another_model_is_refused_by_name(centre: HelpCentre) -> None:
    await centre.run()
    async with OpenAIServer(dimensions=256) as server, hosted(server) as model:
        with pytest.raises(
            SpaceMismatch,
            match=r"minilm/all-MiniLM-L6-v2 \(384\), not with openai/fake \(256\)"
            r"[\s\S]*footnote embeddings switch",
        ):
            await centre.run(embedder=model)
    assert await centre.counts() == {"kept": 3}


@pytest.mark.parametrize("how", ["kill", "terminate"])
async def test_a_stopped_run_is_resumed(centre: HelpCentre, how: str, empty_url: str) -> None:
    write_many(centre, 120)
    with started(
        FOOTNOTE, "ingest", "run", "--source", str(centre.folder), DATABASE_URL=empty_url
    ) as process:
        served = 0
        while not served and process.poll() is None:
            (row,) = await centre.database.rows("served_articles")
            served = row["articles"]
        getattr(process, how)()
        _, said = await asyncio.to_thread(process.communicate, timeout=PATIENCE)
    assert process.returncode != 0
    assert "Traceback" not in said
    (run,) = await centre.database.rows("latest_runs", limit=1)
    assert run["state"] == ("running" if how == "kill" else "failed")

    (row,) = await centre.database.rows("served_articles")
    assert 0 < row["articles"] < 123
    name = str(centre.folder)
    assert await centre.counts(name=name) == {
        "added": 123 - row["articles"], "kept": row["articles"]
    }  # fmt: skip
    await centre.assert_whole()
    latest, stopped = await centre.database.rows("latest_runs", limit=2)
    assert (latest["state"], stopped["state"]) == ("done", "failed")
    assert stopped["reason"]
    await centre.run(name="fresh")
    assert await centre.state(name) == await centre.state("fresh")


def test_the_commands(
    centre: HelpCentre, empty_url: str, footnote: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_url)
    folder = str(centre.folder)
    (centre.folder / "empty.md").write_text("")
    assert "No run yet" in footnote("ingest", "runs").out

    ran = footnote("ingest", "run", "--source", folder, "--json")
    result = json.loads(ran.out)
    assert ran.code == 0
    assert set(result) >= {"run_id", "articles", "passages", "embedded", "seconds"}
    assert result["articles"] == {
        "added": 3, "changed": 0, "moved": 0, "removed": 0, "kept": 0, "failed": 1,
        "held": 0, "pending": 0
    }  # fmt: skip
    assert result["failures"] == [{"path": "empty.md", "reason": "The article has no text."}]
    assert "indexed 3 of 3" in ran.err

    plain = footnote("ingest", "run", "--source", folder).out
    assert plain.startswith("0 added, 0 changed, 0 moved, 0 removed, 3 kept, 1 failed")
    assert "failed: empty.md: The article has no text." in plain

    runs = json.loads(footnote("ingest", "runs", "--limit", "1", "--json").out)
    assert [run["state"] for run in runs] == ["done"]
    listed = footnote("ingest", "runs").out.splitlines()
    assert [line for line in listed if not line.startswith(" ")] == [listed[0], listed[3]]
    assert listed[1].strip().startswith("0 added, 0 changed, 0 moved, 0 removed, 3 kept, 1 failed")

    assert footnote("ingest", "forget", folder).out == (
        f"3 articles of {folder} are no longer served.\n"
    )
    status = json.loads(footnote("db", "status", "--json").out)
    assert (status["articles"], status["passages"]) == (0, 0)
    footnote("ingest", "forget", "nobody").assert_told("No source named nobody")


def test_named_sources_run_all_together(
    centre: HelpCentre, empty_url: str, footnote: Command, tmp_path: Path
) -> None:
    (tmp_path / "footnote.toml").write_text(
        "[sources.help]\nfolder = 'articles'\nurl = 'https://help.example/{id}'\n"
        "[sources.back]\nfolder = 'articles/returns'\n"
    )
    both = json.loads(footnote("ingest", "run", "--json", DATABASE_URL=empty_url).out)
    assert [(one["source"], one["articles"]["added"]) for one in both] == [("help", 3), ("back", 1)]
    one = json.loads(
        footnote("ingest", "run", "--source", "back", "--json", DATABASE_URL=empty_url).out
    )
    assert (one["source"], one["articles"]["kept"]) == ("back", 1)
