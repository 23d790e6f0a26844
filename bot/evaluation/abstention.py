"""How well it is told which questions the help centre does not cover, on labelled questions.

The corpus is calibrated as a desk's own is, without a look at the labels. Then the questions are
asked: as they are, without the articles that answer them, and beside others that nothing answers.
"""

import csv
import json
from pathlib import Path

from bot.evaluation.beir import Dataset
from bot.evaluation.corpus import ingested
from bot.sufficiency.calibration import calibrate
from bot.sufficiency.measured import Measured
from bot.sufficiency.trials import TrialQuestion, trials
from ingest.embeddings import Embedder
from ingest.errors import SourceError
from ingest.progress import Progress
from ingest.settings import Settings

_QUESTION = ("text", "question", "query")  # what the question is called in a row


async def evaluate_abstention(
    settings: Settings,
    embedder: Embedder,
    dataset: Dataset,
    unanswerable: list[str],
    progress: Progress,
) -> Measured:
    """Scores of the dataset's questions with and without their articles, and of the others.

    Raises DatabaseError where no scratch database can be made, and what ingest raises.
    """
    answerable = [
        TrialQuestion(text, frozenset(dataset.judged[query]))
        for query, text in dataset.queries.items()
    ]
    others = [TrialQuestion(text) for text in unanswerable]
    async with ingested(settings, embedder, dataset, progress) as (database, retriever):
        calibration = (await calibrate(database, retriever, progress)).calibration
        own = await trials(retriever, answerable, "questions", progress)
        foreign = await trials(retriever, others, "unanswerable questions", progress)
    return Measured(
        calibration,
        tuple(trial.score for trial in own),
        tuple(trial.held_out for trial in own if trial.held_out is not None),
        tuple(trial.score for trial in foreign),
    )


def read_questions(file: Path) -> list[str]:
    """Questions from JSON lines or CSV with a column `text` or `question`, or a text, one a line.

    Raises SourceError that names the file and what is wrong.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".csv":
            questions = [_question(row) for row in csv.DictReader(text.splitlines())]
        elif file.suffix == ".jsonl":
            questions = [_question(json.loads(line)) for line in text.splitlines() if line.strip()]
        else:
            questions = [line.strip() for line in text.splitlines() if line.strip()]
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise SourceError(f"{file} cannot be read: {error}") from error
    if not questions:
        raise SourceError(f"{file} has no question in it.")
    return questions


def _question(row: object) -> str:
    if isinstance(row, str):
        return row
    if isinstance(row, dict):
        for name in _QUESTION:
            if isinstance(row.get(name), str):
                return str(row[name])
    raise ValueError("each row needs a `text` or `question`")
