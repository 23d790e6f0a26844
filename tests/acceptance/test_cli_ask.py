"""`footnote ask` and `footnote demo`, as they are run: real processes, a real Postgres."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest

ROOT = Path(__file__).parents[2]
DELIVERY = "How much does delivery to Switzerland cost?"
BILL = "Where can I download the bill for my subscription?"


def footnote(*args: str, database: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command in the current folder, which is the test's own."""
    return subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", *args],
        env=_environment(database, environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _environment(database: str, more: dict[str, str]) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": database, "PYTHONPATH": str(ROOT), "COLUMNS": "100",
    } | more  # fmt: skip


@pytest.fixture
def fake_model() -> Iterator[str]:
    """The fake OpenAI server as a process of its own; yields its base url."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.fakes.openai_server"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        found = re.search(r"http://[\d.]+:\d+", process.stdout.readline())
        assert found is not None
        yield f"{found[0]}/v1"
        process.terminate()


def test_the_json_of_an_answer(sample_url: str) -> None:
    done = footnote("ask", DELIVERY, "--json", database=sample_url)
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)

    assert {
        "question", "verdict", "engine", "model", "voice", "text", "parts", "sources", "timings_ms",
        "cost_usd",
    } <= set(answer)  # fmt: skip
    assert (answer["question"], answer["verdict"]) == (DELIVERY, "answered")
    assert (answer["engine"], answer["model"], answer["voice"]) == ("quotes", None, "neutral")
    assert set(answer["timings_ms"]) == {"embed", "retrieve", "generate", "verify", "total"}
    assert all({"text", "citations"} <= set(part) for part in answer["parts"])
    (source,) = answer["sources"]
    assert set(source) == {
        "n", "article", "title", "url", "heading_path", "quote", "version", "updated_at",
    }  # fmt: skip
    article = ROOT / "ingest/sample/articles/orders/shipping-times-and-costs.md"
    assert source["quote"] in article.read_text(encoding="utf-8")
    assert source["url"].startswith("https://help.rimeholt.example/articles/2101-")


def test_an_answer_on_the_terminal_has_numbered_sources_with_links(sample_url: str) -> None:
    done = footnote("ask", BILL, database=sample_url)

    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "1. Go to Settings > Billing > Invoices. On Pro you must be the Owner. [1]"
    at = next(i for i, line in enumerate(lines) if line.startswith("[1] "))
    assert lines[at] == "[1] Invoices and VAT › Find an invoice (updated 2026-02-17)"
    link = lines[at + 1].strip()
    assert link.startswith(
        "https://help.rimeholt.example/articles/1205-invoices-and-vat#find:~:text="
    )
    assert "Go to Settings > Billing" in unquote(link)
    assert lines[-1].startswith("Quoted from the articles · neutral voice · ")
    assert not re.search(r"\*\*|`", done.stdout)
    assert all(len(line) <= 96 for line in lines if "https://" not in line)


def test_the_reader_of_a_pipe_may_leave(sample_url: str) -> None:
    command = f'exec "$0" -c "from bot.cli import main; main()" ask "{BILL}" --json | head -1'
    done = subprocess.run(
        ["bash", "-c", command, sys.executable],
        env=_environment(sample_url, {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert done.stdout.count("\n") == 1
    assert done.stderr == ""


def test_an_answer_in_a_voice(sample_url: str, fake_model: str) -> None:
    Path("footnote.toml").write_text(
        f'[voices.brand]\nbase_url = "{fake_model}"\nmodel = "ft:brand"\ntimeout_seconds = 10\n',
        encoding="utf-8",
    )
    neutral = "Destination: **Switzerland, Norway**; Business days: 5–8; Cost: €14.90"
    _script(fake_model, f"1. Happy to help! {neutral}")
    done = footnote("ask", DELIVERY, "--voice", "brand", "--json", database=sample_url)
    worded = json.loads(done.stdout)

    assert (worded["voice"], worded["model"], worded["note"]) == ("brand", "ft:brand", None)
    assert worded["text"] == f"- Happy to help! {neutral} [1]"
    assert [source["article"] for source in worded["sources"]] == ["2101"]

    unknown = footnote("ask", BILL, "--voice", "pirate", database=sample_url)
    assert unknown.returncode == 1
    assert unknown.stderr == (
        "footnote: There is no voice named pirate; there are: neutral, brand.\n"
        "Voices are tables [voices.NAME] in footnote.toml, or added by: footnote voice add\n"
    )


def _script(base_url: str, reply: str) -> None:
    httpx.post(base_url.removesuffix("/v1") + "/_fake/script", json=[reply]).raise_for_status()


def test_the_demo_answers_three_questions_and_declines_one(sample_url: str) -> None:
    done = footnote("demo", database=sample_url)

    assert done.returncode == 0, done.stderr
    assert "60 kept, 0 failed" in done.stdout
    assert done.stdout.count("Quoted from the articles · ") == 3
    assert done.stdout.count("The help centre does not cover this.") == 1
    assert done.stdout.count("\n[1] ") == 3
    for promised in ("Billing > Invoices", "€14.90", "let the Pip dry for 48 hours"):
        assert promised in " ".join(done.stdout.split())


ARTICLES = {
    "bell.md": "# How do I mute the bell?\n\n1. Open **Sounds**.\n2. Switch off `Bell`.\n",
    "clapper.md": "# Replace the clapper\n\nThe clapper of the Dong 9 weighs 412 grams.\n\n"
    "## Order one\n\nA new clapper costs €31.50 and fits every Dong.\n",
    "rope.md": "# [Old] Where can I buy a rope?\n\nRopes are sold in the shop, 12 metres at €18.",
    "tower.html": "<title>How can I clean the tower?</title><h1>How can I clean the tower?</h1>"
    "<p>Use a dry cloth. Never use bleach on the Dong tower.</p>",
}


def test_the_demo_with_a_folder_of_ones_own(sample_url: str) -> None:
    folder = Path("my docs [1]")
    folder.mkdir()
    for name, text in ARTICLES.items():
        (folder / name).write_text(text, encoding="utf-8")

    done = footnote(
        "demo", "--docs", str(folder), "--url", "https://dong.example/{id}", database=sample_url
    )
    assert done.returncode == 0, done.stderr
    assert "4 articles added" in done.stdout
    assert f"Ingesting {folder.resolve()}" in done.stdout
    assert done.stdout.count("Quoted from the articles · ") == 3
    assert done.stdout.count("The help centre does not cover this.") == 1
    assert "Rimeholt" not in done.stdout

    asked = footnote("ask", "How heavy is the clapper of a Dong 9?", "--json", database=sample_url)
    answer = json.loads(asked.stdout)
    assert answer["verdict"] == "answered"
    assert "412 grams" in answer["text"]
    assert answer["sources"][0]["url"].startswith("https://dong.example/clapper")


def test_what_is_wrong_is_said_in_a_line_or_two(sample_url: str, empty_url: str) -> None:
    nothing = footnote("ask", BILL, database=empty_url)
    gone = footnote("ask", BILL, database="postgresql://nobody@127.0.0.1:1/none")
    folder = footnote("demo", "--docs", "nowhere", database=sample_url)

    for done in (nothing, gone, folder):
        assert done.returncode == 1
        assert done.stdout == ""
        assert 1 <= len(done.stderr.splitlines()) <= 3
        assert "Traceback" not in done.stderr
    assert "footnote ingest run" in nothing.stderr
    assert "DATABASE_URL" in gone.stderr
    assert "nowhere" in folder.stderr
