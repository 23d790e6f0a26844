"""An answer's shape: how it reads, its JSON, how its sources are numbered."""

from datetime import UTC, datetime

from bot.answers import (
    NOT_COVERED,
    UNFOUNDED,
    Answer,
    Citation,
    Kind,
    Part,
    Support,
    Verdict,
    render,
    renumbered,
    without_ground,
)
from bot.evidence import Evidence, Passage

BODY = "Open **Billing**. Choose the year."


def passage(n: int, **other: object) -> Passage:
    return Passage(
        n=n, article_version_id=n, article=f"a{n}", version=2, title="Invoices",
        url=f"https://h.example/{n}", audience="public", locale="en",
        updated_at=datetime(2026, 2, 17, 8, tzinfo=UTC), heading_path=("Invoices", "Find"),
        anchor="find", start=100, end=100 + len(BODY), text=BODY, score=0.5,
    )  # fmt: skip


def cite(n: int, start: int = 100, end: int = 117) -> Citation:
    return Citation(n, start, end, Support.SUPPORTED)


def part(text: str, *numbers: int, kind: Kind = Kind.STATEMENT) -> Part:
    return Part(text, tuple(map(cite, numbers)), kind, Support.SUPPORTED)


def rendered(*parts: Part) -> str:
    return render(parts, marker=lambda n: f"[{n}]")


def test_sentences_run_on_and_lists_stand_alone() -> None:
    assert (
        rendered(
            part("One.", 1),
            part("Two.", 1, 2),
            part("a", 1, kind=Kind.ITEM),
            part("b", 2, kind=Kind.ITEM),
            part("Three."),
        )
        == "One. [1] Two. [1][2]\n\n- a [1]\n- b [2]\n\nThree."
    )


def test_steps_are_numbered_through_their_items() -> None:
    assert rendered(
        part("Do this:"),
        part("Open it.", 1, kind=Kind.STEP),
        part("Choose:", 1, kind=Kind.STEP),
        part("Wi-Fi", 1, kind=Kind.ITEM),
        part("Cable", 1, kind=Kind.ITEM),
        part("Wait.", 2, kind=Kind.STEP),
    ) == (
        "Do this:\n\n1. Open it. [1]\n2. Choose: [1]\n   - Wi-Fi [1]\n   - Cable [1]\n3. Wait. [2]"
    )


def test_a_statement_between_two_procedures_starts_the_count_again() -> None:
    steps = [part("Tap A.", 1, kind=Kind.STEP), part("Tap B.", 1, kind=Kind.STEP)]

    assert rendered(*steps, part("On iPhone:"), *steps).count("\n1. Tap A.") == 1
    assert rendered(*steps, part("On iPhone:"), *steps).startswith("1. Tap A.")


def test_what_leads_in_or_is_code_has_a_line_of_its_own() -> None:
    assert rendered(part("Type:"), part("`npm i`", 1), part("Then wait.", 1)) == (
        "Type:\n\n`npm i` [1]\n\nThen wait. [1]"
    )


ANSWER = Answer(
    "Where?",
    Verdict.ANSWERED,
    "chat",
    parts=(
        Part("Choose the year.", (cite(3, 118, 134),), Kind.STEP, Support.SUPPORTED),
        Part("Open **Billing**.", (cite(3), cite(1)), Kind.STEP, Support.PARTLY),
    ),
    evidence=Evidence(tuple(map(passage, (1, 2, 3)))),
    model="gpt-5-mini",
    timings_ms={"embed": 1.04, "retrieve": 2.0, "generate": 3.0, "verify": 4.0, "total": 10.0},
    cost_usd=0.0021,
)


def test_sources_are_numbered_in_the_order_of_citation() -> None:
    answer = renumbered(ANSWER)

    assert [[cited.n for cited in each.citations] for each in answer.parts] == [[1], [1, 2]]
    assert [each.article for each in answer.cited] == ["a3", "a1"]
    assert [each.article for each in answer.evidence.passages] == ["a3", "a1", "a2"]
    assert renumbered(answer) == answer


def test_citations_of_a_part_are_named_in_ascending_order() -> None:
    parts = (part("One.", 2), part("Two.", 1, 2))
    answer = renumbered(Answer("?", Verdict.ANSWERED, "chat", parts, ANSWER.evidence))

    assert answer.text == "One. [1] Two. [1][2]"


def test_the_json_is_what_the_interface_promises() -> None:
    found = renumbered(ANSWER).as_json()

    assert set(found) == {
        "question", "verdict", "engine", "model", "voice", "note", "text", "parts", "sources",
        "timings_ms", "cost_usd", "verified",
    }  # fmt: skip
    assert found["verdict"] == "answered"
    assert (found["engine"], found["model"], found["voice"]) == ("chat", "gpt-5-mini", "neutral")
    assert found["text"] == "1. Choose the year. [1]\n2. Open **Billing**. [1][2]"
    assert [(each["text"], each["citations"]) for each in found["parts"]] == [
        ("Choose the year.", [1]),
        ("Open **Billing**.", [1, 2]),
    ]
    assert found["sources"][0] == {
        "n": 1,
        "article": "a3",
        "title": "Invoices",
        "url": "https://h.example/3#find:~:text=Choose%20the%20year.",
        "heading_path": ["Invoices", "Find"],
        "quote": "Choose the year.",
        "version": 2,
        "updated_at": "2026-02-17T08:00:00+00:00",
    }
    assert found["sources"][1]["quote"] == "Open **Billing**."
    assert list(found["timings_ms"]) == ["embed", "retrieve", "generate", "verify", "total"]
    assert found["cost_usd"] == 0.0021


def test_the_stretches_cited_of_a_passage_are_each_named_once() -> None:
    assert [(each.start, each.end) for each in ANSWER.quotes(3)] == [(118, 134), (100, 117)]
    assert ANSWER.quotes(2) == []
    assert ANSWER.quote(ANSWER.evidence.passages[2]) == "Choose the year."


def test_not_knowing_says_so_and_keeps_what_was_near() -> None:
    answer = without_ground("Why?", ANSWER.evidence, 0.2)

    assert answer.text == NOT_COVERED
    assert answer.as_json()["sources"] == []
    assert [each.article for each in answer.nearest_articles(2)] == ["a1", "a2"]


def test_what_no_article_bears_out_says_so() -> None:
    kept = Part("Penguins swim.", (), Kind.ITEM, Support.UNSUPPORTED)

    assert rendered(part("One.", 1), kept) == f"One. [1]\n\n- {UNFOUNDED}Penguins swim."
