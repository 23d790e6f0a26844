"""`footnote eval retrieval` on a labelled set in BEIR form, through the real command."""

import json
from pathlib import Path

import pytest

from tests.integration.command import Command

KEYS = {"ndcg@10", "recall@5", "recall@20", "mrr@10", "hit@1", "queries", "documents", "passages"}
TOPICS = {
    "kettle": "Fill the kettle with cold water and press the lever to boil it.",
    "toaster": "Empty the crumb tray of the toaster every week.",
    "lamp": "Turn the knob of the lamp to make its light warmer.",
    "fridge": "Defrost the freezer compartment twice a year.",
}


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    folder = tmp_path / "appliances"
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": name, "title": name.title(), "text": text} for name, text in TOPICS.items()]
    queries = [{"_id": f"q-{name}", "text": f"What do I do with the {name}?"} for name in TOPICS]
    for file, rows in (("corpus.jsonl", corpus), ("queries.jsonl", queries)):
        text = "\n".join(json.dumps(row) for row in rows)
        (folder / file).write_text(text, encoding="utf-8")
    judged = "".join(f"q-{name}\t{name}\t1\n" for name in TOPICS)
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{judged}")
    return folder


def test_it_scores_every_judged_question(footnote: Command, labelled: Path, home: Path) -> None:
    done = footnote("eval", "retrieval", "--beir", str(labelled), "--json", FOOTNOTE_HOME=str(home))

    found = json.loads(done.out)
    assert found.keys() >= KEYS | {"p50_ms", "p95_ms"}
    assert (found["queries"], found["documents"], found["ndcg@10"]) == (4, 4, 1)


def test_a_second_run_embeds_nothing(footnote: Command, labelled: Path, home: Path) -> None:
    footnote("eval", "retrieval", "--beir", str(labelled), FOOTNOTE_HOME=str(home))
    again = footnote(
        "eval", "retrieval", "--beir", str(labelled), "--json", FOOTNOTE_HOME=str(home)
    )

    assert "indexed" not in again.err
    assert json.loads(again.out)["ndcg@10"] == 1


def test_the_ablation_shows_what_was_chosen_over(
    footnote: Command, labelled: Path, home: Path
) -> None:
    done = footnote(
        "eval", "retrieval", "--beir", str(labelled), "--ablate", "--json", FOOTNOTE_HOME=str(home)
    )

    rankings = [row["ranking"] for row in json.loads(done.out)]
    assert rankings[0] == "shipped"
    assert {"dense only", "BM25 only", "reciprocal ranks"} < set(rankings)


def test_other_judgements_can_be_named(footnote: Command, labelled: Path, home: Path) -> None:
    (labelled / "wrong.tsv").write_text("q-kettle\tlamp\t1\nq-lamp\tlamp\t0\n")
    done = footnote(
        "eval",
        "retrieval",
        "--beir",
        str(labelled),
        "--qrels",
        "wrong.tsv",
        "--json",
        FOOTNOTE_HOME=str(home),
    )

    found = json.loads(done.out)
    assert found["queries"] == 1
    assert found["hit@1"] == 0


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("corpus.jsonl", None, "has no corpus.jsonl"),
        ("qrels/test.tsv", None, "has no judgements"),
        ("qrels/test.tsv", "q-kettle kettle 1\nq-lamp lamp 1\n", "three columns"),
        ("qrels/test.tsv", "q-unknown\tkettle\t1\n", "no question"),
        ("queries.jsonl", "{not json", "queries.jsonl cannot be read"),
        ("queries.jsonl", '{"text": "?"}', "there is no _id"),
        ("corpus.jsonl", '["a", "list"]', "corpus.jsonl"),
    ],
)
def test_a_broken_set_is_named(
    footnote: Command, labelled: Path, file: str, text: str | None, said: str, home: Path
) -> None:
    if text is None:
        (labelled / file).unlink()
    else:
        (labelled / file).write_text(text, encoding="utf-8")

    done = footnote("eval", "retrieval", "--beir", str(labelled), FOOTNOTE_HOME=str(home))

    done.assert_told(said)


def test_abstention_is_told_apart_by_a_line_found_without_labels(
    footnote: Command, labelled: Path, home: Path
) -> None:
    others = labelled / "others.txt"
    others.write_text("Which vaccinations do I need?\nWho paints the walls?\n", encoding="utf-8")
    words = ("eval", "abstain", "--beir", str(labelled), "--unanswerable", str(others))

    told = json.loads(footnote(*words, "--json", FOOTNOTE_HOME=str(home)).out)
    shown = footnote(*words, FOOTNOTE_HOME=str(home)).out

    assert told["auroc"] == told["auroc_near"] == 1
    assert told["n"] == {"answerable": 4, "near": 4, "strangers": 2}
    assert told["answered"] == {"answerable": 1, "near": 0, "strangers": 0}
    assert f"from a score of {told['threshold']:.3f} on" in shown
