"""Calibration: a help centre's line between answering and not, found without labels.

A score means something else in each help centre. So it is asked its own sentences, which it must
answer; the same with the article they are from left out, and strangers' questions, which it must
not. Leads' verdicts then move the line, the more of them there are.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from bot.retrieval import Retriever
from bot.sufficiency.judgement import Calibration
from bot.sufficiency.measured import Measured
from bot.sufficiency.questions import own_questions, strangers
from bot.sufficiency.trials import trials
from ingest.database import Database
from ingest.progress import Progress

STRANGERS = 0.95  # to be refused, and
NEAR = 0.57  # of the own sentences without their article (.55 to .6 do as well), unless it costs
PRICE = 1 / 3  # of the share refused of those or more of the own sentences with their article
SURE = 0.7  # of those lie below the line from which an answer goes without a warning
PRIOR = 5  # sentences that weigh as much as the default line
STEADY = 30  # verdicts that weigh as much as the line found without them
MUCH = 0.2  # share of the articles whose change makes a calibration an old one


class Labelled(NamedTuple):
    """A score, and whether the question could be answered, as a lead sees it."""

    score: float
    answerable: bool


async def calibrate(database: Database, retriever: Retriever, progress: Progress) -> Measured:
    """Find the line of what is served, and keep it with its embedding space.

    Every process judges by it from the next question on. Raises what the embedder raises, and
    DatabaseUnavailable.
    """
    space = retriever.served.space.id
    measured = await measure(database, retriever, progress)
    rows = await database.rows("verdicts_on_scores", space=space)
    verdicts = [Labelled(row["score"], row["answerable"]) for row in rows]
    calibration = refined(measured.calibration, verdicts)
    await database.run(
        "keep_calibration",
        space=space,
        threshold=calibration.threshold,
        sure=calibration.sure,
    )
    return replace(measured, calibration=calibration)


async def due(database: Database, space: int) -> bool:
    """Whether a space has no calibration, or much has changed since it was made."""
    row = await database.row("changed_since_calibration", space=space)
    return row is None or row["share"] > MUCH


async def measure(database: Database, retriever: Retriever, progress: Progress) -> Measured:
    """What is served asked the questions that need no labels, and the line that follows."""
    own = await trials(retriever, await own_questions(database), "own sentences", progress)
    foreign = await trials(retriever, await strangers(database), "strangers' questions", progress)
    answerable = tuple(trial.score for trial in own)
    near = tuple(trial.held_out for trial in own if trial.held_out is not None)
    far = tuple(trial.score for trial in foreign)
    return Measured(calibrated(answerable, near, far), answerable, near, far)


def calibrated(
    answerable: Sequence[float], near: Sequence[float], strangers: Sequence[float]
) -> Calibration:
    """The line from scores of own sentences, with and without their article, and of strangers.

    With few sentences it stays near the default, with none it is the default.
    """
    default = Calibration()
    if not answerable or not near or not strangers:
        return default
    strict = max(np.quantile(near, NEAR), np.quantile(strangers, STRANGERS))
    line = min(float(strict), _worth_its_price(answerable, near))
    threshold = _shrunk(line, len(answerable), default.threshold, PRIOR)
    sure = _shrunk(float(np.quantile(near, SURE)), len(near), default.sure, PRIOR)
    return Calibration(threshold, max(sure, threshold))


def _worth_its_price(answerable: Sequence[float], near: Sequence[float]) -> float:
    """The strictest line that refuses enough of what it must for what it loses."""
    lines = np.unique([*answerable, *near])
    lost = np.searchsorted(np.sort(answerable), lines) / len(answerable)
    refused = np.searchsorted(np.sort(near), lines) / len(near)
    return float(lines[lost <= PRICE * refused].max())


def refined(calibration: Calibration, verdicts: Sequence[Labelled]) -> Calibration:
    """The line moved towards where it contradicts the fewest verdicts; the more, the farther.

    Of lines that contradict equally few, the nearest counts, so that verdicts which agree with a
    calibration leave it as it is.
    """
    if not verdicts:
        return calibration
    scores = sorted({each.score for each in verdicts})
    between = [(low + high) / 2 for low, high in itertools.pairwise(scores)]
    lines = [calibration.threshold, scores[0], *between, np.nextafter(scores[-1], 2.0)]

    def badness(line: float) -> tuple[int, float]:
        wrong = sum((each.score >= line) is not each.answerable for each in verdicts)
        return wrong, abs(line - calibration.threshold)

    threshold = _shrunk(min(lines, key=badness), len(verdicts), calibration.threshold, STEADY)
    return Calibration(threshold, max(calibration.sure, threshold))


def _shrunk(found: float, count: int, believed: float, weight: int) -> float:
    return float((count * found + weight * believed) / (count + weight))
