"""`footnote eval …`: the product measured on labelled data, yours or the sample's."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.evaluation.retrieval import Measured

evaluation = typer.Typer(
    help="Measure quality and speed.", no_args_is_help=True, rich_markup_mode=None
)


@evaluation.callback()
def _root() -> None:
    """Measure quality and speed."""


@evaluation.command("retrieval")
def eval_retrieval(
    beir: Annotated[
        Path | None,
        typer.Option(help="A folder with corpus.jsonl, queries.jsonl and qrels.tsv."),
    ] = None,
    qrels: Annotated[str | None, typer.Option(help="Another judgements file in it.")] = None,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Also score the rankings it was chosen over.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the table as JSON.")] = False,
) -> None:
    """Score retrieval on labelled questions; without --beir on the sample's golden questions."""
    from bot.evaluation.beir import load
    from bot.evaluation.golden import golden_dataset
    from bot.evaluation.retrieval import evaluate
    from bot.settings import Settings
    from ingest.console import print_json, progress, run
    from ingest.embeddings import open_embedder

    settings = Settings.load()
    dataset = load(beir, qrels) if beir else golden_dataset()
    with progress("Evaluating") as show:
        table = run(evaluate(settings, open_embedder(settings), dataset, show, ablate=ablate))
    if json:
        rows = [measured.as_json() for measured in table]
        print_json(rows if ablate else rows[0])
    else:
        print_table(table)


def print_table(table: "list[Measured]") -> None:
    """The rankings as a table, and the size and latencies of the shipped one below it."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table("ranking", *table[0].scores)
    for measured in table:
        drawn.add_row(measured.ranking, *(f"{value:.3f}" for value in measured.scores.values()))
    console = Console()
    console.print(drawn)
    shipped = table[0]
    console.print(
        f"{shipped.queries} questions, {shipped.documents} documents, {shipped.passages} passages;"
        f" query p50 {shipped.p50_ms} ms, p95 {shipped.p95_ms} ms; with embedding the question"
        f" p50 {shipped.asked_p50_ms} ms, p95 {shipped.asked_p95_ms} ms"
    )
