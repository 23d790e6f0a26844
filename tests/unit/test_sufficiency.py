"""What evidence is worth, where the line lies, and what moves it."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.closeness import Closeness
from bot.evaluation.abstention import read_questions
from bot.evidence import Evidence, Passage
from bot.sufficiency.calibration import Labelled, calibrated, refined
from bot.sufficiency.judgement import ENOUGH, Calibration, Decision, judge, worth
from bot.sufficiency.measured import Measured
from bot.sufficiency.plot import WIDTH, histogram
from bot.sufficiency.signals import Signals
from ingest.errors import SourceError

SCORES = st.lists(st.floats(0, 1.2), max_size=40)
PASSAGE = Passage(1, 1, "a", 1, "T", "", "public", "en", None, ("T",), None, 0, 4, "Text", 1.0)


def row(article: int, dense: float, score: float, **other: Any) -> dict[str, Any]:
    return {"article_id": article, "dense": dense, "score": score, "head": None} | other


def evidence(score: float) -> Evidence:
    """Evidence that is worth that much when no word of the question is near."""
    return Evidence((PASSAGE,), Signals(similarity=4 * score))


def test_nothing_found_is_worth_nothing() -> None:
    assert worth(Evidence(signals=Signals.of([])), Closeness()) == 0
    nothing = judge(Evidence(), Closeness(words=1), Calibration(threshold=-1))
    assert nothing.decision is Decision.NOT_COVERED


def test_signals_are_read_off_the_rows() -> None:
    rows = [row(1, 0.8, 1.0, head=0.6), row(1, 0.7, 0.9), row(2, 0.5, 0.4), row(3, 0.3, 0.2)]

    found = Signals.of(rows)

    assert (found.similarity, found.heading) == (0.8, 0.6)
    assert found.apart == pytest.approx(0.7)


def test_an_article_alone_stands_out_from_nothing() -> None:
    found = Signals.of([row(1, 0.8, 1.0), row(1, 0.2, 0.0)])

    assert found.apart == 0


def test_an_article_that_stands_out_is_worth_more_than_one_among_its_likes() -> None:
    out = [row(1, 0.8, 1.0), *(row(n, 0.3, 0.2) for n in range(2, 9))]
    among = [row(1, 0.8, 1.0), *(row(n, 0.75, 0.9) for n in range(2, 9))]

    one, other = (Evidence((PASSAGE,), Signals.of(rows)) for rows in (out, among))
    assert worth(one, Closeness()) > worth(other, Closeness())


def test_words_that_are_near_count_until_there_are_enough() -> None:
    found = [worth(evidence(0.1), Closeness(words=words)) for words in (0.2, 0.5, ENOUGH, 0.9)]

    assert found[0] < found[1] < found[2] == found[3]


def test_the_line_decides() -> None:
    calibration = Calibration(threshold=0.4, sure=0.6)

    decisions = [
        judge(evidence(score), Closeness(), calibration).decision for score in (0.39, 0.41, 0.61)
    ]

    assert decisions == [Decision.NOT_COVERED, Decision.WARN, Decision.ANSWER]


@given(SCORES, SCORES, SCORES)
def test_any_scores_give_a_line(own: list[float], near: list[float], far: list[float]) -> None:
    found = calibrated(own, near, far)

    assert 0 <= found.threshold <= found.sure <= 1.2


def test_without_articles_the_default_stands() -> None:
    assert calibrated([], [], [0.2] * 100) == Calibration()


def test_few_sentences_stay_near_the_default_and_many_leave_it() -> None:
    lines = [calibrated([0.9] * n, [0.8] * n, [0.2] * 100).threshold for n in (1, 10, 1_000)]

    assert lines == sorted(lines)
    assert lines[0] == pytest.approx(Calibration().threshold, abs=0.1)
    assert lines[2] == pytest.approx(0.8, abs=0.01)


def test_the_line_is_as_strict_as_needed_and_loses_few_answers() -> None:
    own = [n / 1_000 for n in range(1_000)]

    needed = calibrated(own, [0.05] * 1_000, [0.1] * 100).threshold
    limited = calibrated(own, [n / 1_000 for n in range(1_000)], [0.9] * 100).threshold
    bought = calibrated(own, [n / 4_000 for n in range(1_000)], [0.2] * 100).threshold

    assert needed == pytest.approx(0.1, abs=0.01)
    assert limited == pytest.approx(0.0, abs=0.01)  # each line loses as much as it refuses
    assert bought == pytest.approx(0.2, abs=0.01)


PAIRS = st.lists(st.builds(Labelled, st.floats(0, 1.2), st.booleans()), max_size=40)


@given(PAIRS)
def test_verdicts_move_the_line_within_what_they_have_seen(pairs: list[Labelled]) -> None:
    before = Calibration(threshold=0.5, sure=0.6)

    after = refined(before, pairs)

    seen = [0.5, *(score for score, _ in pairs)]
    assert min(seen) - 1e-9 <= after.threshold <= max(seen) + 1e-9
    assert after.threshold <= after.sure


def test_verdicts_that_agree_leave_the_line() -> None:
    agreeing = [Labelled(0.7, answerable=True), Labelled(0.2, answerable=False)]

    after = refined(Calibration(0.5, 0.6), agreeing * 50)

    assert (after.threshold, after.sure) == pytest.approx((0.5, 0.6))


def test_the_more_verdicts_disagree_the_farther_the_line_goes() -> None:
    missed = [Labelled(0.4, answerable=True), Labelled(0.3, answerable=False)]

    lines = [refined(Calibration(0.5, 0.6), missed * n).threshold for n in (0, 1, 10, 1_000)]

    assert lines == sorted(lines, reverse=True)
    assert len(set(lines)) == 4
    assert lines[0] == 0.5
    assert 0.3 < lines[-1] <= 0.4


def test_measured_shares_and_curve() -> None:
    found = Measured(Calibration(0.5, 0.7), (0.9, 0.8, 0.6, 0.4), (0.6, 0.1), (0.2, 0.1))
    told = found.as_json()

    assert (told["auroc"], told["auroc_near"]) == (1.0, 0.8125)
    assert told["answered"] == {"answerable": 0.75, "near": 0.5, "strangers": 0.0}
    assert told["warned"] == {"answerable": 0.25, "near": 0.5, "strangers": 0.0}
    assert told["risk_coverage"][-1] == {"threshold": 0.1, "coverage": 1.0, "risk": 0.5}
    assert told["risk_coverage"][0]["risk"] == 0.0


@given(SCORES, SCORES, SCORES)
def test_anything_measured_can_be_told(
    own: list[float], near: list[float], far: list[float]
) -> None:
    found = Measured(Calibration(), tuple(own), tuple(near), tuple(far))

    curve = found.as_json()["risk_coverage"]

    assert [point["coverage"] for point in curve] == sorted(point["coverage"] for point in curve)
    assert all(0 <= point["risk"] <= 1 for point in curve)
    assert len(histogram(own)) <= WIDTH


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("q.jsonl", '{"_id": "1", "text": "Where?"}\n\n{"question": "When?"}\n'),
        ("q.csv", "text,category\nWhere?,place\nWhen?,time\n"),
        ("q.txt", "Where?\n\n  When?\n"),
    ],
)
def test_questions_are_read_from_what_there_is(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    assert read_questions(tmp_path / name) == ["Where?", "When?"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("q.jsonl", '{"_id": "1"}\n', "needs a `text` or `question`"),
        ("q.jsonl", "{broken\n", "cannot be read"),
        ("q.txt", "\n", "has no question"),
        ("q.txt", None, "cannot be read"),
    ],
)
def test_a_file_without_questions_is_named(
    tmp_path: Path, name: str, text: str | None, said: str
) -> None:
    if text is not None:
        (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(SourceError, match=said):
        read_questions(tmp_path / name)
