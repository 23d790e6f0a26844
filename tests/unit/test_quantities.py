"""Numbers mean the same however they are written."""

import pytest

from bot.grounding.quantities import quantities


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1,000", "1000"),
        ("1 000", "1000"),
        ("1.000,50 €", "€1,000.50"),
        ("two", "2"),
        ("twenty-five hours", "25 h"),
        ("5MB", "5 MB"),
        ("24 hours", "1 day"),
        ("an hour", "60 minutes"),
        ("3 January 2025", "2025-01-03"),
        ("Jan 3, 2025", "01/03/2025"),
        ("3. Januar 2025", "3 de enero de 2025"),
        ("5 percent", "5%"),
        ("5:30 pm", "17:30"),
        ("20 USD", "$20"),
        ("version 1.8.19", "1.8.19"),
        ("2.5 million", "2,500,000"),
        ("5 business days", "5-day"),
    ],
)
def test_the_same_written_otherwise(one: str, other: str) -> None:
    mine, theirs = quantities(one), quantities(other)

    assert mine
    assert all(any(each.agrees(it) for it in theirs) for each in mine)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 minutes", "5 hours"),
        ("$5", "€5"),
        ("1.5", "15"),
        ("version 1.10", "version 1.1"),
        ("3 January", "4 January"),
        ("5:30 pm", "5:30 am"),
        ("5 MB", "5 GB"),
        ("-5 °C", "5 °C"),
        ("5%", "5 days"),
    ],
)
def test_what_is_not_the_same(one: str, other: str) -> None:
    (mine,), theirs = [each for each in quantities(one) if each.stated], quantities(other)

    assert not any(mine.agrees(each) for each in theirs)


def test_names_and_addresses_have_no_numbers() -> None:
    assert quantities("The ESP32 and https://a.example/5 and a7@b9.example") == []


def test_both_ends_of_a_range_have_its_unit() -> None:
    assert [(sorted(q.values), q.unit) for q in quantities("5 to 10 days")] == [
        (["5"], "day"),
        (["10"], "day"),
    ]
