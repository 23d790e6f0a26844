"""Answers are judged by the article they cite and the words they say."""

from bot.answers import Answer, Citation, Part, Support, Verdict
from bot.evaluation.answers import Label, evaluate_answers, measured
from bot.evidence import Evidence, Passage

TEXT = "A refund takes five days."
PASSAGES = tuple(
    Passage(n, n, f"a{n}", 1, "T", "", "public", "en", None, ("T",), None, 0, len(TEXT), TEXT, 1.0)
    for n in (1, 2)
)
RIGHT = Label("How long?", frozenset({"a1"}), "refund takes five days")


def answer(verdict: Verdict, *said: tuple[str, int]) -> Answer:
    parts = tuple(Part(text, (Citation(n, 0, len(TEXT), Support.SUPPORTED),)) for text, n in said)
    return Answer("How long?", verdict, "quotes", parts, Evidence(PASSAGES))


def test_words_count_where_the_right_article_bears_them() -> None:
    right = measured([RIGHT], [answer(Verdict.ANSWERED, (TEXT, 1))])
    wrong = measured([RIGHT], [answer(Verdict.ANSWERED, (TEXT, 2))])
    half = measured([RIGHT], [answer(Verdict.ANSWERED, ("A refund.", 1), ("Takes five days.", 2))])

    assert (right.cited, right.span_recall, right.span_f1) == (1.0, 1.0, 8 / 9)
    assert (wrong.cited, wrong.span_recall, wrong.span_f1) == (0.0, 0.0, 8 / 9)
    assert (half.cited, half.span_recall, half.parts) == (1.0, 0.25, 2.0)


def test_only_answers_whose_article_was_found_are_judged() -> None:
    labels = [RIGHT, RIGHT, Label("?", frozenset({"a9"}), "x"), Label("?", frozenset({"a1"}))]
    answers = [
        answer(Verdict.ANSWERED, (TEXT, 1)),
        answer(Verdict.NOT_COVERED),
        answer(Verdict.ANSWERED, (TEXT, 1)),
        answer(Verdict.ANSWERED, (TEXT, 2)),
    ]

    found = measured(labels, answers)

    assert found.as_json() == {
        "questions": 4, "retrieved": 0.75, "answered": 0.75, "cited": 0.5, "span_recall": 1.0,
        "span_f1": 0.8889, "parts": 1.0, "words": 5.0, "compose_p50_ms": 0.0,
    }  # fmt: skip


async def test_every_question_is_asked_once() -> None:
    asked: list[str] = []

    async def ask(question: str) -> Answer:
        asked.append(question)
        return answer(Verdict.ANSWERED, (TEXT, 1))

    found = await evaluate_answers(ask, [RIGHT, RIGHT], lambda *_: None)

    assert asked == ["How long?", "How long?"]
    assert found.cited == 1.0
