"""What is said is borne by what is cited, or it does not count."""

from dataclasses import replace

import pytest

from bot.answers import Draft, Kind, Support
from bot.evidence import Evidence, Passage
from bot.grounding import check, needs_no_source, pinned, support

TEXTS = {
    1: "Refunds take **5 days**. Write to billing@rimeholt.example or see https://rimeholt.example/refunds.",
    2: "| Plan | Price |\n|---|---|\n| Home Plus | €3.49 |\n| Pro | €1,200.00 |",
    3: "Press the button for 10 seconds, until the light blinks blue.",
}


def passage(n: int, locale: str = "en") -> Passage:
    text = TEXTS[n]
    return Passage(
        n, n, str(n), 1, "Refunds", "", "public", locale, None, ("Refunds", "How long"), None,
        50, 50 + len(text), text, 1.0,
    )  # fmt: skip


EVIDENCE = Evidence(tuple(passage(n) for n in TEXTS))


@pytest.mark.parametrize(
    ("said", "n", "wanted"),
    [
        ("Refunds take **5 days**.", 1, Support.SUPPORTED),
        ("A refund takes 5 days.", 1, Support.SUPPORTED),
        ("Refunds take 6 days.", 1, Support.UNSUPPORTED),
        ("Refunds take 5.5 days.", 1, Support.UNSUPPORTED),
        ("Write to billing@rimeholt.example.", 1, Support.SUPPORTED),
        ("Write to refunds@rimeholt.example.", 1, Support.UNSUPPORTED),
        ("See https://rimeholt.example/refunds.", 1, Support.SUPPORTED),
        ("See https://rimeholt.example/evil.", 1, Support.UNSUPPORTED),
        ("Home Plus: €3.49", 2, Support.SUPPORTED),
        ("Home Plus: €3.94", 2, Support.UNSUPPORTED),
        ("Pro costs €1,200.00.", 2, Support.SUPPORTED),
        ("Press the button, then dance in the moonlight.", 3, Support.PARTLY),
        ("Penguins live in Antarctica.", 3, Support.UNSUPPORTED),
        ("`10` seconds, **blue** light", 3, Support.SUPPORTED),
    ],
)
def test_numbers_addresses_and_words_decide(said: str, n: int, wanted: Support) -> None:
    assert support(said, passage(n)) is wanted


def test_numbers_outside_the_evidence_are_dropped() -> None:
    part = check(Draft("Refunds take 5 days.", (9, 1, 0, 1)), EVIDENCE)

    assert [citation.n for citation in part.citations] == [1]
    assert part.support is Support.SUPPORTED

    assert check(Draft("Refunds take 6 days.", (9,)), EVIDENCE).citations == ()
    assert check(Draft("Refunds take 6 days.", (9,)), EVIDENCE).support is Support.UNSUPPORTED
    assert check(Draft("Refunds take 6 days."), EVIDENCE).support is Support.UNSUPPORTED


@pytest.mark.parametrize("cites", [(3,), (2, 3), (9,), ()])
def test_a_citation_is_corrected_to_the_passage_that_bears_the_part(cites: tuple[int, ...]) -> None:
    part = check(Draft("Refunds take 5 days.", cites), EVIDENCE)

    assert [(cited.n, cited.support) for cited in part.citations] == [(1, Support.SUPPORTED)]
    assert part.support is Support.SUPPORTED


def test_a_citation_that_does_is_left_alone() -> None:
    twins = Evidence((passage(1), replace(passage(1), n=2)))

    assert [cited.n for cited in check(Draft("A refund takes 5 days.", (2,)), twins).citations] == [
        2
    ]


def test_a_citation_is_pinned_to_the_sentence_that_bears_it() -> None:
    (citation,) = check(Draft("A refund takes 5 days.", (1,)), EVIDENCE).citations

    assert TEXTS[1][citation.start - 50 : citation.end - 50] == "Refunds take **5 days**."


def test_two_passages_may_bear_a_statement_together() -> None:
    part = check(Draft("Refunds take 5 days, and Home Plus costs €3.49.", (1, 2)), EVIDENCE)

    assert part.support is Support.SUPPORTED
    assert [(cited.n, cited.support) for cited in part.citations] == [
        (1, Support.PARTLY),
        (2, Support.PARTLY),
    ]


def test_a_citation_that_bears_nothing_goes_beside_one_that_bears_all() -> None:
    part = check(Draft("Refunds take 5 days.", (3, 1)), EVIDENCE)

    assert [citation.n for citation in part.citations] == [1]


def test_an_unsupported_part_keeps_what_it_claimed_to_stand_on() -> None:
    part = check(Draft("Refunds take 99 days.", (1, 3)), EVIDENCE)

    assert part.support is Support.UNSUPPORTED
    assert [citation.n for citation in part.citations] == [1, 3]


@pytest.mark.parametrize(
    ("draft", "wanted"),
    [
        (Draft("Here is how:"), True),
        (Draft("To change the Wi-Fi of your Bridge, follow these steps:"), True),
        (Draft("So geht es:"), True),
        (Draft("This is it."), True),
        (Draft("Refunds are never paid."), False),
        (Draft("It costs €99:"), False),
        (Draft("Write to evil@example.com:"), False),
        (
            Draft("Refunds are not paid for devices bought in shops, in sales or abroad at all:"),
            False,
        ),
        (Draft("Here is how:", kind=Kind.STEP), False),
    ],
)
def test_only_a_lead_in_needs_no_source(draft: Draft, wanted: bool) -> None:  # noqa: FBT001 - a table
    assert needs_no_source(draft) is wanted
    if wanted:
        assert check(draft, EVIDENCE).support is Support.NONE_NEEDED


def test_an_engine_that_knows_its_place_pins_it() -> None:
    part = pinned(check(Draft("Refunds take 5 days.", (1,)), EVIDENCE), {1: (60, 70)})

    assert [(cited.start, cited.end) for cited in part.citations] == [(60, 70)]
