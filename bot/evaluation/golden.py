"""The sample help centre's golden questions."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from bot.evaluation.beir import Dataset
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
