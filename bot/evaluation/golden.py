"""The sample help centre's golden questions, and how the quotes engine answers them."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean

from bot.answering import Answering
from bot.answers import Verdict
from bot.evaluation.beir import Dataset
from bot.evaluation.corpus import ingested
from ingest.embeddings import Embedder
from ingest.progress import Progress
from ingest.settings import Settings
from ingest.sources.folder import FolderSource

FOLDER = Path(__file__).parents[2] / "ingest" / "sample"


@dataclass(frozen=True, slots=True)
class GoldenQuestion:
    """A question with the article and the words that answer it; neither when none does."""

    id: str
    question: str
    article: str | None
    quote: str | None
    covered: bool
    audience: str
    locale: str


def golden_questions() -> list[GoldenQuestion]:
    """All of them, in order."""
    lines = (FOLDER / "golden.jsonl").read_text(encoding="utf-8").splitlines()
    return [GoldenQuestion(**json.loads(line)) for line in lines]


def golden_dataset() -> Dataset:
    """The covered ones as labelled questions over the sample help centre."""
    articles = FOLDER / "articles"
    digest = hashlib.sha256()
    for file in sorted(articles.rglob("*.*")):
        digest.update(file.read_bytes())
    covered = [golden for golden in golden_questions() if golden.article is not None]
    return Dataset(
        FolderSource("sample", articles),
        digest.hexdigest()[:12],
        {golden.id: golden.question for golden in covered},
        {golden.id: {str(golden.article): 1.0} for golden in covered},
    )


@dataclass(frozen=True, slots=True)
class GoldenMeasured:
    """Shares of all golden questions, of those that are covered, and of those that are not."""

    questions: int
    right_verdict: float
    cited: float
    declined: float

    def as_json(self) -> dict[str, float]:
        """The form evaluation prints."""
        return {name: round(value, 4) for name, value in asdict(self).items()}


async def evaluate_golden(
    settings: Settings, embedder: Embedder, progress: Progress
) -> GoldenMeasured:
    """Have the quotes engine answer them all. Raises what ingest and retrieval raise."""
    asked = golden_questions()
    async with ingested(settings, embedder, golden_dataset(), progress) as (_, retriever):
        answering = Answering(retriever)
        answers = []
        for golden in asked:
            answers.append((await answering.answer(golden.question))[0])
            progress("asked", len(answers), len(asked))
    pairs = list(zip(asked, answers, strict=True))
    covered = [(golden, answer) for golden, answer in pairs if golden.covered]
    declined = [
        answer.verdict is Verdict.NOT_COVERED for golden, answer in pairs if not golden.covered
    ]
    return GoldenMeasured(
        len(pairs),
        fmean(golden.covered == (answer.verdict is Verdict.ANSWERED) for golden, answer in pairs),
        fmean(
            golden.article in {each.article for each in answer.cited} for golden, answer in covered
        ),
        fmean(declined),
    )
