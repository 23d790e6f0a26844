"""Two articles that say different numbers of one thing are told; two things are left in peace."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.answers import Citation, Part, Support
from bot.contradictions import contradictions, newest_first
from bot.contradictions.claims import Side, contradict
from bot.evidence import Evidence, Passage
from bot.spans import spans

# Title and sentence of one article, title and sentence of the other.
CONTRADICTORY = (
    ("Refunds", "You can ask for a refund within 30 days.",
     "Refund policy", "You can ask for a refund within 14 days of the purchase."),
    ("Refunds", "Refunds are paid out within 5 business days.",
     "How refunds work", "We pay out refunds within 10 business days."),
    ("Reset your password", "The reset link works for 30 minutes.",
     "Cannot sign in", "The password reset link works for 24 hours."),
    ("Plans and prices", "Home Plus costs €3.49 a month.",
     "Compare plans", "Home Plus costs €4.99 a month."),
    ("Upload files", "A file may be up to 25 MB.", "File limits", "Files may be up to 50 MB."),
    ("API limits", "Pro Chain may send 300 requests a minute.",
     "Rate limits of the API", "Pro Chain may send 600 requests a minute."),
    ("Invite your team", "An invitation is valid for 7 days.",
     "Team invitations", "The invitation is valid for 14 days."),
    ("Warranty", "The warranty of a sensor lasts 2 years.",
     "Sensor warranty", "The warranty of a sensor lasts three years."),
    ("Shipping", "Delivery to Switzerland costs €14.90.",
     "Delivery costs", "Delivery to Switzerland costs €19.90."),
    ("Pair a Pip", "Hold the button of the Pip for 3 seconds.",
     "Pairing a Pip again", "Hold the button of the Pip for 10 seconds."),
    ("Storage of readings", "A Bridge keeps the readings for 72 hours.",
     "Readings when offline", "Without internet a Bridge keeps the readings for two weeks."),
    ("Free trial", "The free trial lasts 30 days.",
     "Trial of Pro", "The free trial lasts 14 days."),
    ("Close your account", "You can restore a closed account within 14 days.",
     "Restore an account", "You can restore a closed account within 30 days."),
    ("Battery life", "The battery lasts 14 months.",
     "Change the battery", "The battery lasts 24 months."),
    ("Sensors per plan", "The Home plan has room for 10 sensors.",
     "What is in the Home plan", "The Home plan has room for 5 sensors."),
    ("Late fees", "The late fee is 5 %.", "Fees", "The late fee is 8 %."),
    ("Prices", "| Plan | Price |\n|---|---|\n| Home Plus | €3 |",
     "Prices last year", "| Plan | Price |\n|---|---|\n| Home Plus | €4 |"),
    ("Rückgabe", "Sie können das Gerät innerhalb von 30 Tagen zurückgeben.",
     "Rückgabe von Geräten", "Sie können das Gerät innerhalb von 14 Tagen zurückgeben."),
)  # fmt: skip
HARMLESS = (
    ("Plans and prices", "Home Plus costs €3.49 a month.",
     "Pro plans", "Pro Team costs €12 a month."),
    ("Plans and prices", "Home Plus costs €3.49 a month.",
     "Yearly plans", "Home Plus costs €34.90 a year."),
    ("Reset your password", "The link is valid for 30 minutes.",
     "Invite your team", "The link is valid for 7 days."),
    ("Bridge", "The Bridge keeps readings for 72 hours.",
     "Bridge", "The Bridge Plus keeps readings for 14 days."),
    ("Refunds", "Refunds are paid within 24 hours.",
     "Refund times", "Refunds are paid within a day."),
    ("Uploads", "A file may be up to 1,000 MB.", "File limits", "A file may be up to 1 GB."),
    ("Passwords", "A password has at least 8 characters.",
     "Password rules", "A password has at most 64 characters."),
    ("Install on iOS", "The app needs 80 MB of storage on iOS.",
     "Install on Android", "The app needs 120 MB of storage on Android."),
    ("Shipping", "Delivery takes 3 to 5 days.", "Delivery times", "Delivery takes 4 days."),
    ("Shipping", "Standard delivery takes 5 days.",
     "Delivery", "Express delivery takes 2 days."),
    ("Refunds", "You can ask for a refund within 30 days.",
     "Refund fees", "A refund costs €5."),
    ("Two-step verification", "The code has 6 digits.",
     "Recovery codes", "You get 10 recovery codes."),
    ("Prices", "| Plan | Price |\n|---|---|\n| Home | €0 |",
     "Prices", "| Plan | Price |\n|---|---|\n| Pro | €9 |"),
    ("Export", "In version 3 an export holds 6 months.",
     "Export readings", "In version 4 an export holds 12 months."),
    ("Shipping to Norway", "Delivery to Norway costs €14.90.",
     "Shipping to Spain", "Delivery to Spain costs €4.90."),
    ("Roles", "An admin may invite 50 people.", "Roles of guests", "A guest may invite 2 people."),
    ("Temperature", "The sensor measures down to −40 °C.",
     "Sensor size", "The sensor is 40 mm wide."),
    ("Refunds", "You can ask for a refund within 14 days.",
     "Refund policy", "You can ask for a refund within 14 days of the purchase."),
    ("Steps", "Go to step 3 of the set-up.", "Steps of the set-up", "Go to step 5 of the set-up."),
    ("Opening hours", "On weekdays the phone is answered for 8 hours.",
     "Opening hours", "On weekends the phone is answered for 4 hours."),
)  # fmt: skip


def passage(title: str, text: str, n: int = 1, day: datetime | None = None) -> Passage:
    locale = "de" if title.startswith("Rück") else "en"
    return Passage(
        n, n, f"a{n}", 1, title, f"https://h.example/{n}", "public", locale, day, (title,), None,
        0, len(text), text, 1.0,
    )  # fmt: skip


def side(title: str, text: str, n: int = 1) -> Side:
    found = passage(title, text, n)
    return Side(found, spans(found)[-1])


@pytest.mark.parametrize("pair", CONTRADICTORY, ids=lambda pair: pair[1][:40])
def test_two_numbers_of_one_thing_contradict_each_other(pair: tuple[str, str, str, str]) -> None:
    one, two = side(*pair[:2]), side(*pair[2:], n=2)

    assert contradict(one, two)
    assert contradict(two, one)


@pytest.mark.parametrize("pair", HARMLESS, ids=lambda pair: pair[1][:40])
def test_two_things_are_left_in_peace(pair: tuple[str, str, str, str]) -> None:
    one, two = side(*pair[:2]), side(*pair[2:], n=2)

    assert not contradict(one, two)
    assert not contradict(two, one)


OLD, NEW = datetime(2024, 1, 12, tzinfo=UTC), datetime(2025, 5, 3, tzinfo=UTC)
THIRTY = "You can ask for a refund within 30 days."
FOURTEEN = "You can ask for a refund within 14 days."


def cited(found: Passage) -> Part:
    citation = Citation(found.n, found.start, found.end, Support.SUPPORTED)
    return Part(found.text, (citation,), support=Support.SUPPORTED)


def test_both_are_shown_with_their_dates_the_newer_first() -> None:
    old, new = passage("Refunds", THIRTY, 1, OLD), passage("Refund policy", FOURTEEN, 2, NEW)

    (found,) = contradictions([cited(old)], Evidence((old, new)))

    assert found.part.text == (
        "The articles differ: **Refund policy** (updated 3 May 2025) says “You can ask for a refund"
        " within 14 days”; **Refunds** (updated 12 January 2024) says “You can ask for a refund"
        " within 30 days”."
    )
    assert [(each.n, each.start, each.end) for each in found.part.citations] == [
        (2, 0, len(FOURTEEN)), (1, 0, len(THIRTY)),
    ]  # fmt: skip


def test_quotes_of_the_newer_article_come_first() -> None:
    old, new = passage("Refunds", THIRTY, 1, OLD), passage("Refund policy", FOURTEEN, 2, NEW)
    other = Part("Something else.")
    evidence = Evidence((old, new))
    both, alone = [other, cited(old), cited(new)], [other, cited(old)]

    moved = newest_first(both, contradictions(both, evidence))
    added = newest_first(alone, contradictions(alone, evidence))

    assert [part.text for part in moved] == [other.text, FOURTEEN, THIRTY]
    assert [part.text for part in added] == [other.text, FOURTEEN, THIRTY]
    assert added[1].citations == cited(new).citations
    assert newest_first(both, ()) == tuple(both)
    right = [cited(new), other, cited(old)]
    assert newest_first(right, contradictions(right, evidence)) == tuple(right)


def test_one_without_a_date_is_taken_for_the_older() -> None:
    undated, new = passage("Refunds", THIRTY), passage("Refund policy", FOURTEEN, 2, NEW)

    (found,) = contradictions([cited(undated)], Evidence((undated, new)))

    assert found.newer.passage is new
    assert "**Refunds** (no date)" in found.part.text


def test_two_articles_are_told_of_once_and_an_article_never_against_itself() -> None:
    text = f"{THIRTY}\n\nYou can ask for a refund within 20 days."
    one, two = passage("Refunds", text, 1, OLD), passage("Refund policy", FOURTEEN, 2, NEW)

    assert len(contradictions([cited(one), cited(two)], Evidence((one, two)))) == 1
    assert contradictions([cited(one)], Evidence((one,))) == ()


def test_what_is_not_cited_contradicts_nothing() -> None:
    one, two = passage("Refunds", THIRTY, 1, OLD), passage("Refund policy", FOURTEEN, 2, NEW)

    assert contradictions([Part("Hello!")], Evidence((one, two))) == ()
    assert contradictions([], Evidence()) == ()


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_text_can_be_compared(one: str, two: str) -> None:
    first, second = passage("Refunds", one), passage("Refunds", two, 2)
    parts = [cited(first)]

    for found in contradictions(parts, Evidence((first, second))):
        assert found.newer.passage.article != found.older.passage.article
    assert contradictions(parts, Evidence((first, passage("Refunds", one, 2)))) == ()
