"""A rewording keeps the facts: every alteration is caught, harmless rewordings pass."""

import pytest

from bot.voice.facts import altered

NEUTRAL = (
    "You must not unplug the Bridge for 5 minutes; open **Settings > Billing**, press `OK`"
    " and write to help@rimeholt.example. It costs €4.50."
)


def test_the_same_words_pass() -> None:
    assert altered(NEUTRAL, NEUTRAL) is None


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("5 minutes", "6 minutes", "changed a number"),
        ("5 minutes", "a few minutes", "changed a number"),
        ("5 minutes", "5 hours", "changed a unit"),
        ("€4.50", "€4.05", "changed a number"),
        ("€4.50", "$4.50", "changed a currency"),
        ("help@rimeholt.example", "help@rimehold.example", "changed an address"),
        ("help@rimeholt.example", "https://evil.example", "changed an address"),
        ("**Settings > Billing**", "**Settings > Plan**", "changed a name on screen"),
        ("**Settings > Billing**", "the settings", "changed a name on screen"),
        ("`OK`", "`Cancel`", "changed a name on screen"),
        ("must not", "must", "changed a negation or limit"),
        ("must not", "should not", "changed a negation or limit"),
        ("It costs", "It only costs", "changed a negation or limit"),
        ("It costs", "It costs another 7 €, no, it costs", "changed a number"),
    ],
)
def test_each_alteration_is_caught(old: str, new: str, what: str) -> None:
    assert old in NEUTRAL
    assert altered(NEUTRAL, NEUTRAL.replace(old, new)) == what


def test_what_was_added_or_lost_is_caught() -> None:
    assert altered("Restart it.", "Restart it. " + "We are so very happy to help! " * 9) == (
        "added something"
    )
    assert altered("Restart it.", "  ") == "left nothing"
    assert (
        altered("Wait 5 minutes, then 10 days.", "Wait 10 minutes, then 5 days.")
        == "changed a unit"
    )


@pytest.mark.parametrize(
    ("neutral", "wording"),
    [
        ("Refunds take 5 working days.", "Happy to help! Your refund arrives in 5 working days."),
        ("You cannot undo this.", "Please note that this can't be undone."),
        ("You must be the Owner.", "You need to be the Owner for this one."),
        ("Open **Billing** and choose the year.", "Just go to **Billing** and pick the year."),
        ("It costs €8 a month.", "That's €8 per month."),
        ("Home Plus costs €3.49, Home Free €0.", "Home Free is €0 and Home Plus is €3.49."),
        ("Drücken Sie die Taste 3 Sekunden lang.", "Halten Sie sie einfach 3 Sekunden gedrückt."),
        ("Only the Owner can do this.", "This is something only the Owner can do."),
    ],
)  # fmt: skip
def test_harmless_rewordings_pass(neutral: str, wording: str) -> None:
    assert altered(neutral, wording) is None
