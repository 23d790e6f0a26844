"""The grounding check is measured: on claims with labels, and on sentences made false by rule."""

import json
from pathlib import Path

import pytest

from bot.evaluation.grounding import perturbation_table
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.errors import SourceError
from tests.integration.command import run_footnote

REFUNDS = "Refunds take 5 days. You cannot speed them up. Write to Rimeholt Billing about yours."


def write(file: Path, *rows: object) -> Path:
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def claim(text: str, label: object) -> dict[str, object]:
    return {"claim": text, "evidence": [REFUNDS], "label": label}


def test_the_command_scores_labelled_claims(tmp_path: Path) -> None:
    file = write(
        tmp_path / "claims.jsonl",
        claim("A refund takes five days [1].", label=True),
        claim("You can't speed them up [1].", label=True),
        claim("Refunds take 9 days [1].", label=False),
        claim("You can speed them up.", label=False),
    )

    found = json.loads(run_footnote("eval", "grounding", "--claims", str(file), "--json").out)

    assert (found["auroc"], found["balanced_accuracy"], found["n"]) == (1.0, 1.0, 4)
    assert found["ms_per_claim"] > 0
    assert "AUROC 1.000" in run_footnote("eval", "grounding", "--claims", str(file)).out


def test_what_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "claims.jsonl", claim("Refunds take 5 days.", label="yes"))

    run_footnote("eval", "grounding", "--claims", str(file)).assert_ended("line 1", "label")


def silent(stage: str, done: int, total: int) -> None:
    """Show nothing."""


async def test_perturbed_sentences_are_flagged_and_untouched_ones_are_not(
    tmp_path: Path, embedder: EmbeddedEmbedder
) -> None:
    write(
        tmp_path / "corpus.jsonl",
        {"_id": "a", "title": "Refunds", "text": REFUNDS},
        {
            "_id": "b",
            "title": "Repairs",
            "text": "Send the device to Rimeholt Repairs with a note.",
        },
    )
    write(
        tmp_path / "queries.jsonl",
        {"_id": "q", "text": "?", "doc_id": "a", "evidence": ["You cannot speed them up."]},
    )

    table = {row.kind: row for row in await perturbation_table(tmp_path, embedder, silent)}

    assert table["untouched"].flagged == 0
    assert table["unrelated passage"].flagged == 1
    assert table["entity swapped"].as_json()["n"]
    with pytest.raises(SourceError):
        await perturbation_table(tmp_path / "none", embedder, silent)
