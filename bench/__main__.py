"""`make bench`: the table of the README, on this machine. `python -m bench --help`."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from bench import embedder as embedder_bench
from bench.help_centre import ComposingEmbedder
from bench.retrieval import Report, measure
from bench.texts import Texts, real_texts
from bot.settings import Settings
from ingest.embeddings import open_embedder

EMBEDDED_TEXTS, WORDS = 256, 110


def main(
    sizes: Annotated[str, typer.Option(help="Passages, separated by commas.")] = "10000,100000",
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = Path("bench-results"),
    retrieval: Annotated[bool, typer.Option(help="Measure retrieval.")] = True,
    embedding: Annotated[bool, typer.Option(help="Measure the embedded model.")] = True,
) -> None:
    """Measure retrieval and the embedded model; print a table and write it as JSON."""
    texts = real_texts()
    found: dict[str, object] = {"texts": texts.origin}
    console = Console()
    if embedding:
        _say("embedder")
        report = embedder_bench.measure(_passages(texts), list(texts.questions))
        found["embedder"] = report.as_json()
        console.print(found["embedder"])
    if retrieval:
        reports = []

        def show(report: Report) -> None:
            reports.append(report.as_json())
            console.print(_table(report))

        asyncio.run(_retrieval(texts, [int(size) for size in sizes.split(",")], show))
        found["retrieval"] = reports
    out.mkdir(parents=True, exist_ok=True)
    (out / "bench.json").write_text(json.dumps(found, indent=2), encoding="utf-8")
    console.print(f"Written to {out / 'bench.json'}")


async def _retrieval(texts: Texts, sizes: list[int], show: Callable[[Report], None]) -> None:
    settings = Settings.load()
    embedder = ComposingEmbedder(open_embedder(settings))
    lines = [*texts.titles, *(line for document in texts.documents for line in document)]
    _say(f"embedding {len(lines)} sentences")
    await embedder.learn(list(dict.fromkeys(lines)))
    for size in sizes:
        show(await measure(settings, embedder, texts, size, _say))


def _passages(texts: Texts) -> list[str]:
    """Texts as long as passages are."""
    words = " ".join(line for document in texts.documents for line in document).split()
    windows = [words[start : start + WORDS] for start in range(0, len(words), WORDS)]
    return [" ".join(window) for window in windows[:EMBEDDED_TEXTS]]


def _table(report: Report) -> Table:
    title = (
        f"{report.passages:,} passages; written {report.rows_per_second:,.0f} a second;"
        f" MB: {', '.join(f'{name} {size}' for name, size in report.megabytes.items())}"
    )
    drawn = Table("what", "p50 ms", "p95 ms", "recall@10", "p95 × hybrid", title=title)
    for line in report.lines:
        recall = f"{line.recall:.3f}" if line.recall is not None else ""
        drawn.add_row(line.what, f"{line.p50_ms}", f"{line.p95_ms}", recall, f"{line.ratio}")
    return drawn


def _say(stage: str) -> None:
    print(stage, file=sys.stderr, flush=True)


if __name__ == "__main__":
    typer.run(main)
