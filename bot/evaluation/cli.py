"""`footnote eval …`: the product measured on labelled data, yours or the sample's."""

from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bot.evaluation.everything import Figure
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


@evaluation.command("abstain")
def eval_abstain(
    beir: Annotated[
        Path, typer.Option(help="A folder with corpus.jsonl, queries.jsonl and qrels.tsv.")
    ],
    unanswerable: Annotated[
        Path, typer.Option(help="Questions it does not answer: JSON lines, CSV, or one a line.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Score how well questions that the articles do not answer are told from those they do."""
    from rich.console import Console

    from bot.evaluation.abstention import evaluate_abstention, read_questions
    from bot.evaluation.beir import load
    from bot.settings import Settings
    from bot.sufficiency.plot import print_measured
    from ingest.console import print_json, progress, run
    from ingest.embeddings import open_embedder

    settings = Settings.load()
    dataset, others = load(beir), read_questions(unanswerable)
    with progress("Evaluating") as show:
        embedder = open_embedder(settings)
        measured = run(evaluate_abstention(settings, embedder, dataset, others, show))
    if json:
        print_json(measured.as_json())
    else:
        print_measured(measured, ("answerable", "article left out", "unanswerable"), Console())


@evaluation.command("grounding")
def eval_grounding(
    claims: Annotated[
        Path, typer.Option(help="JSONL: claim, evidence (a list of texts), label (true or false).")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON.")] = False,
) -> None:
    """Score the grounding check on labelled claims."""
    from bot.evaluation.grounding import measure_claims
    from ingest.console import print_json, progress, run
    from ingest.embeddings.embedded import EmbeddedEmbedder
    from ingest.settings import Settings

    with progress("Checking") as show:
        local = EmbeddedEmbedder(Settings.load().model_dir)
        measured = run(measure_claims(claims, local, show))
    if json:
        print_json(measured.as_json())
    else:
        print(
            f"AUROC {measured.auroc:.3f}, balanced accuracy {measured.balanced_accuracy:.3f};"
            f" {measured.n} claims, {measured.ms_per_claim:.1f} ms each beside embedding"
            f" ({measured.embed_ms_per_claim:.1f} ms)"
        )


@evaluation.command("gaps")
def eval_gaps(
    beir: Annotated[
        Path, typer.Option(help="A folder with corpus.jsonl, queries.jsonl and qrels.tsv.")
    ],
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Score content gaps: take pages out, and see whether their questions come together."""
    from bot.evaluation.beir import load
    from bot.evaluation.gaps import evaluate_gaps
    from bot.settings import Settings
    from ingest.console import print_json, progress, run
    from ingest.embeddings import open_embedder

    settings = Settings.load()
    with progress("Evaluating") as show:
        measured = run(evaluate_gaps(settings, open_embedder(settings), load(beir), show))
    if json:
        print_json(measured.as_json())
    else:
        print(
            f"{measured.pages} pages taken out; of their {measured.questions} questions"
            f" {measured.declined} are declined, in {measured.groups} groups: adjusted Rand"
            f" {measured.declined_rand:.3f} ({measured.all_rand:.3f} for all questions)"
        )


@evaluation.command("desk")
def eval_desk(
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Ask what leads have judged again, of the articles as they are now."""
    from bot.answering import Answering
    from bot.app import open_app
    from bot.evaluation.desk import DeskMeasured, evaluate_desk
    from bot.settings import Settings
    from ingest.console import print_json, progress, run

    async def measure(settings: Settings) -> DeskMeasured:
        async with open_app(settings) as app:
            with progress("Evaluating") as show:
                return await evaluate_desk(app.database, Answering(app.retriever), show)

    found = run(measure(Settings.load())).as_json()
    if json:
        print_json(found)
    else:
        for name, value in found.items():
            print(f"{name.replace('_', ' ')}: {'none yet' if value is None else f'{value:g}'}")


@evaluation.command("all")
def eval_all(
    beir: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of labelled questions, as for retrieval; give several."),
    ] = None,
    claims: Annotated[Path | None, typer.Option(help="Labelled claims, as for grounding.")] = None,
    injections: Annotated[
        Path | None, typer.Option(help="JSON: instructions for a model, in lists by goal.")
    ] = None,
    json: Annotated[Path | None, typer.Option(help="Also write the figures to this file.")] = None,
) -> None:
    """Measure everything: on the sample's golden questions, and on labelled data if you have it."""
    from bot.evaluation.everything import Everything
    from bot.settings import Settings
    from ingest.console import progress, run
    from ingest.embeddings import open_embedder
    from ingest.embeddings.embedded import EmbeddedEmbedder

    settings = Settings.load()
    with progress("Evaluating") as show:
        everything = Everything(
            settings,
            open_embedder(settings),
            EmbeddedEmbedder(settings.model_dir),
            tuple(beir or ()),
            claims,
            injections,
        )
        figures = run(everything.measure(show))
    if json:
        keyed = {f"{each.what} {each.on} {each.measure}": each.value for each in figures}
        json.write_text(dumps(keyed, indent=2) + "\n", encoding="utf-8")
    print_figures(figures)


def print_figures(figures: "list[Figure]") -> None:
    """All figures in one table."""
    from rich.console import Console
    from rich.table import Table

    drawn = Table("what", "on", "measure", "value")
    before = ("", "")
    for figure in figures:
        place = (figure.what, figure.on)
        shown = place if place != before else ("", "")
        drawn.add_row(*shown, figure.measure, f"{figure.value:g}")
        before = place
    Console().print(drawn)


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
