"""The desk's own questions, as leads have judged them, asked again of the articles as they are.

What was verified is not looked up: this measures what the help centre and the engine answer.
"""

from dataclasses import asdict, dataclass
from statistics import fmean

from bot import records
from bot.answering import Answering
from bot.answers import Answer, Verdict
from bot.review.golden import JudgedQuestion, golden_set
from ingest.database import Database
from ingest.lexicon import words
from ingest.progress import Progress


@dataclass(frozen=True, slots=True)
class DeskMeasured:
    """Shares; of approved questions, and of rejected answers that are given word for word again."""

    questions: int
    right_verdict: float | None
    cited: float | None
    rejected: int
    repeated: float | None

    def as_json(self) -> dict[str, float | None]:
        """The form evaluation prints."""
        return {
            name: round(value, 4) if value is not None else None
            for name, value in asdict(self).items()
        }


async def evaluate_desk(
    database: Database, answering: Answering, progress: Progress
) -> DeskMeasured:
    """Ask them all. Raises what retrieval raises."""
    golden = await golden_set(database)
    found: list[tuple[JudgedQuestion, Answer]] = []
    for judged in golden:
        found.append((judged, (await answering.answer(judged.question))[0]))
        progress("asked", len(found), len(golden))
    approved = [(judged, answer) for judged, answer in found if not judged.rejected]
    covered = [(judged, answer) for judged, answer in approved if judged.covered]
    rejected = [(judged, answer) for judged, answer in found if judged.rejected]
    repeated = [await _repeats(database, judged, answer) for judged, answer in rejected]
    return DeskMeasured(
        len(approved),
        _share([each.covered == (answer.verdict is Verdict.ANSWERED) for each, answer in approved]),
        _share(
            [
                not set(each.articles).isdisjoint(one.article for one in answer.cited)
                for each, answer in covered
            ]
        ),
        len(rejected),
        _share(repeated),
    )


async def _repeats(database: Database, judged: JudgedQuestion, answer: Answer) -> bool:
    before = await records.load(database, judged.answer)
    return before is not None and words(before.text) == words(answer.text)


def _share(values: list[bool]) -> float | None:
    return fmean(values) if values else None
