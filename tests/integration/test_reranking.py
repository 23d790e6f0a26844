"""A LlamaIndex node postprocessor, named in footnote.toml, puts the evidence in its order."""

from pathlib import Path

import pytest

from bot.app import open_app
from bot.retrieval import Retriever
from bot.settings import Settings
from ingest.errors import SettingsError

QUESTION = "How much does delivery to Switzerland cost?"
CUT = "llama_index.core.postprocessor:SimilarityPostprocessor"
REORDER = "llama_index.core.postprocessor:LongContextReorder"


async def retrieved(sample_url: str, monkeypatch: pytest.MonkeyPatch, table: str) -> list[str]:
    monkeypatch.setenv("DATABASE_URL", sample_url)
    Path("footnote.toml").write_text(table, encoding="utf-8")  # noqa: ASYNC240 - a test's own file
    async with open_app(Settings.load()) as app:
        retriever: Retriever = app.answering._retriever
        found = await retriever.retrieve(QUESTION)
    assert [passage.n for passage in found.evidence.passages] == list(
        range(1, len(found.evidence.passages) + 1)
    )
    return [passage.heading for passage in found.evidence.passages]


async def test_its_order_and_its_choice_are_taken(
    sample_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = await retrieved(sample_url, monkeypatch, "")
    cut = await retrieved(
        sample_url,
        monkeypatch,
        f'[reranker]\npostprocessor = "{CUT}"\narguments = {{ similarity_cutoff = 0.99 }}\n',
    )
    reordered = await retrieved(sample_url, monkeypatch, f'[reranker]\npostprocessor = "{REORDER}"')

    assert cut == plain[: len(cut)]
    assert 0 < len(cut) < len(plain)
    assert sorted(reordered) == sorted(plain)
    assert reordered != plain


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('postprocessor = "no.such.module:Thing"', "no.such.module:Thing cannot be imported"),
        ('postprocessor = "llama_index.core:Nothing"', "cannot be imported"),
        ('postprocessor = "just a name"', "reranker.postprocessor"),
        (f'postprocessor = "{CUT}"\narguments = {{ similarity_cutoff = "x" }}', "do not suit"),
    ],
)
async def test_one_that_cannot_be_made_is_named(
    sample_url: str, monkeypatch: pytest.MonkeyPatch, table: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=said):
        await retrieved(sample_url, monkeypatch, f"[reranker]\n{table}\n")
