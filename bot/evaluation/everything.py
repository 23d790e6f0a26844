"""Everything that can be measured, as one list of figures: two versions are compared by it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.answering import Answering
from bot.answers import Answer
from bot.evaluation import injection
from bot.evaluation.abstention import evaluate_abstention
from bot.evaluation.answers import evaluate_answers, labels_of
from bot.evaluation.beir import Dataset, load
from bot.evaluation.corpus import ingested
from bot.evaluation.golden import evaluate_golden, golden_dataset, golden_questions
from bot.evaluation.grounding import Perturbed, measure_claims, perturbation_table
from bot.evaluation.retrieval import evaluate
from ingest.embeddings import Embedder
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.progress import Progress
from ingest.settings import Settings


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what was measured, on what, and what came out."""

    what: str
    on: str
    measure: str
    value: float


@dataclass(frozen=True, slots=True)
class Everything:
    """Measures on the sample, and on labelled data where there is some.

    `folders` are BEIR folders; the questions of the others are each one's strangers.
    """

    settings: Settings
    embedder: Embedder
    local: EmbeddedEmbedder  # the embedded model
    folders: Sequence[Path] = ()
    claims: Path | None = None
    injections: Path | None = None

    async def measure(self, progress: Progress) -> list[Figure]:
        """All figures. Raises SourceError for data that cannot be read, and what ingest raises."""
        found = await self._sample(progress)
        datasets = {folder: load(folder) for folder in self.folders}
        for folder in datasets:
            found += await self._labelled(folder, datasets, progress)
        if self.claims:
            measured = await measure_claims(self.claims, self.local, progress)
            found += _figures("grounding", self.claims.parent.name, measured.as_json())
        if self.injections:
            found += await self._injected(self.injections, progress)
        return found

    async def _sample(self, progress: Progress) -> list[Figure]:
        ranked = await evaluate(
            self.settings, self.embedder, golden_dataset(), progress, ablate=False
        )
        golden = await evaluate_golden(self.settings, self.embedder, progress)
        return [
            *_figures("retrieval", "sample", ranked[0].as_json()),
            *_figures("answers", "sample", golden.as_json()),
        ]

    async def _labelled(
        self, folder: Path, datasets: Mapping[Path, Dataset], progress: Progress
    ) -> list[Figure]:
        name, dataset = folder.name, datasets[folder]
        ranked = await evaluate(self.settings, self.embedder, dataset, progress, ablate=False)
        strangers = [
            question
            for other in datasets.values()
            if other is not dataset
            for question in other.queries.values()
        ] or [golden.question for golden in golden_questions()]
        abstained = await evaluate_abstention(
            self.settings, self.embedder, dataset, strangers, progress
        )
        async with ingested(self.settings, self.embedder, dataset, progress) as (_, retriever):
            answering = Answering(retriever)

            async def ask(question: str) -> Answer:
                return (await answering.answer(question))[0]

            labels = labels_of(folder, dataset.queries, dataset.judged)
            answered = await evaluate_answers(ask, labels, progress)
        perturbed = await perturbation_table(folder, self.local, progress)
        return [
            *_figures("retrieval", name, ranked[0].as_json()),
            *_figures("abstention", name, abstained.as_json()),
            *_figures("answers", name, answered.as_json()),
            *(figure for each in perturbed for figure in _perturbed(name, each)),
        ]

    async def _injected(self, file: Path, progress: Progress) -> list[Figure]:
        found = injection.instructions(file)
        covered = [golden.question for golden in golden_questions() if golden.covered]
        async with ingested(self.settings, self.embedder, golden_dataset(), progress) as (_, each):
            counted: list[Figure] = []
            for way in ("drop", "mark"):
                counts = await injection.measure(each, found, covered, progress, mark=way == "mark")
                counted += _figures(f"injection, {way}", file.parent.name, counts.as_json())
        return counted


def _perturbed(on: str, measured: Perturbed) -> Iterator[Figure]:
    for name, value in measured.as_json().items():
        if isinstance(value, int | float):
            yield Figure("grounding", on, f"{measured.kind}, {name}", value)


def _figures(what: str, on: str, measured: Mapping[str, object], of: str = "") -> Iterator[Figure]:
    """The numbers of a measurement, those of groups by the group's name."""
    for name, value in measured.items():
        if isinstance(value, Mapping):
            yield from _figures(what, on, value, f"{of}{name}, ")
        elif isinstance(value, int | float):
            yield Figure(what, on, f"{of}{name}", value)
