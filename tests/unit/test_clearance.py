"""What of a checked answer its reader gets to see."""

import pytest

from bot.addresses import IN_ARTICLE, LEFT_OUT
from bot.answers import Citation, Kind, Part, Support
from bot.chat.prompt import rules
from bot.clearance import cleared
from bot.evidence import Evidence, Passage

TEXT = (
    "Refunds take 5 days. See https://my.acme.example/refunds or https://partner.test/x."
    " Write to ann@partner.test."
)
EVIDENCE = Evidence(
    (
        Passage(
            1, 1, "a", 1, "Refunds", "https://help.acme.example/1", "public", "en", None,
            ("Refunds",), None, 0, len(TEXT), TEXT, 1.0,
        ),
    )
)  # fmt: skip


def good(text: str = "Refunds take 5 days.", kind: Kind = Kind.STATEMENT) -> Part:
    return Part(text, (Citation(1, 0, 20, Support.SUPPORTED),), kind, Support.SUPPORTED)


def bad(text: str = "Refunds take 9 days.", kind: Kind = Kind.STATEMENT) -> Part:
    return Part(text, (Citation(1, 0, 20, Support.UNSUPPORTED),), kind, Support.UNSUPPORTED)


def lead(text: str = "Here is how:") -> Part:
    return Part(text)


def shown(*parts: Part, mark: bool = False) -> list[str]:
    return [part.text for part in cleared(parts, EVIDENCE, mark=mark).parts]


def stands(*parts: Part, mark: bool = False) -> bool:
    return cleared(parts, EVIDENCE, mark=mark).stands


def test_what_is_not_borne_out_goes_or_is_kept() -> None:
    assert shown(good(), bad()) == ["Refunds take 5 days."]
    assert shown(good(), bad(), mark=True) == ["Refunds take 5 days.", "Refunds take 9 days."]
    assert cleared([good(), bad()], EVIDENCE, mark=True).parts[1].citations == ()


def test_the_core_is_the_first_statement_or_most_of_them() -> None:
    assert stands(good())
    assert stands(good(), bad(), bad(), bad())
    assert stands(lead(), good(), bad())
    assert stands(bad(), good(), good())
    assert not stands(bad())
    assert not stands(bad(), good())
    assert not stands(bad(), good(), bad(), good())
    assert not stands(bad(), good(), mark=True)
    assert not stands(lead("Hello."), lead())
    assert not stands()


def test_the_reader_is_told_what_is_missing() -> None:
    step = Kind.STEP

    assert cleared([good()], EVIDENCE).note is None
    assert cleared([good(), bad()], EVIDENCE).note == (
        "1 statement was left out: the articles do not bear it out."
    )
    assert cleared([good("a", step), bad("b", step), bad("c", step)], EVIDENCE).note == (
        "2 statements were left out: the articles do not bear it out."
        " Steps are missing: follow the article."
    )
    assert cleared([good(), bad()], EVIDENCE, mark=True).note is None


def test_words_that_lead_nowhere_go() -> None:
    assert shown(lead(), good()) == ["Here is how:", "Refunds take 5 days."]
    assert shown(good(), lead()) == ["Refunds take 5 days."]
    assert shown(lead(), bad(), lead("**So:**"), lead("Or:")) == []
    assert shown(lead("Hello."), good()) == ["Hello.", "Refunds take 5 days."]


def test_the_rules_are_never_shown() -> None:
    leak = " ".join(rules().split()[10:30])

    for mark in (True, False):
        assert shown(good(), good(leak), lead(leak), bad(leak), mark=mark) == [
            "Refunds take 5 days."
        ]


def test_an_address_stays_where_the_article_has_it_and_it_is_its_own() -> None:
    assert shown(good("See https://my.acme.example/refunds.")) == [
        "See https://my.acme.example/refunds."
    ]
    assert shown(good("See https://partner.test/x or ann@partner.test.")) == [
        f"See {IN_ARTICLE} or {IN_ARTICLE}."
    ]


@pytest.mark.parametrize(
    "address", ["https://my.acme.example/evil", "https://evil.test", "bob@acme.example", "evil.com"]
)
def test_an_address_that_no_cited_passage_has_takes_its_statement_along(address: str) -> None:
    assert shown(good(), good(f"See {address}.")) == ["Refunds take 5 days."]
    assert shown(good(), lead(f"{address}:"), good()) == ["Refunds take 5 days."] * 2
    assert shown(good(), good(f"See {address}."), mark=True)[1] == f"See {LEFT_OUT}."


def test_a_refusal_ends_an_answer_or_is_all_there_is() -> None:
    refusal = bad("The passages do not mention a price.")
    after = cleared([good(), refusal], EVIDENCE)

    assert [part.text for part in after.parts] == ["Refunds take 5 days."]
    assert (after.stands, after.note) == (True, "The articles say no more about this.")
    assert not stands(refusal, good())
    assert not stands(lead(), refusal, good())
    assert not stands(good(), bad("NOT_COVERED"))
    assert stands(good("The passages do not mention a price."))  # an article says so itself


def test_courtesies_need_no_source_and_are_no_core() -> None:
    assert shown(bad("Sure, here is what I found."), good()) == [
        "Sure, here is what I found.",
        "Refunds take 5 days.",
    ]
    assert stands(bad("Hello!"), good(), bad())
    assert cleared([bad("Hello!"), good()], EVIDENCE).note is None
    assert not stands(bad("Hello!"))
