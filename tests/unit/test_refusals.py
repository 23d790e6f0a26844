"""A model says that there is no answer, in its own words."""

import pytest

from bot.chat.refusals import is_refusal


@pytest.mark.parametrize(
    "text",
    [
        "NOT_COVERED",
        "NOT_COVERED.",
        "Sorry: NOT COVERED",
        "The passages do not mention a price.",
        "The provided passages don't contain any information about Norway.",
        "This is not mentioned in the passages.",
        "None of the articles says how long it takes, and nothing is mentioned about Norway.",
        "The help centre does not cover this.",
        "The help center's articles do not say.",
        "There is no information on that in these articles.",
        "I could not find an answer in the given context.",
        "I'm sorry, but I cannot answer this question.",
        "I don't have enough information to answer.",
        "Based on the provided information, I cannot determine the cost.",
        "Die Passagen enthalten keine Angaben dazu.",
        "In den Artikeln steht nichts darüber.",
        "Das wird in den Passagen nicht erwähnt.",
        "Los artículos no mencionan el precio.",
        "No encuentro esa información.",
        "Les passages ne mentionnent pas le prix.",
    ],
)
def test_refusals(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    [
        "Refunds take five days.",
        "You cannot cancel after 14 days.",
        "The plan does not include text messages.",
        "A sensor does not connect to Wi-Fi itself.",
        "If you can't find the code, ask support.",
        "Support cannot see your password.",
        "Monthly plans are not refunded.",
        "There is no notice period.",
        "Open the article and copy its address.",
        "Die Brücke findet das WLAN nicht.",
        "El plan no incluye mensajes.",
        "Covered: faults of material. Not covered: empty batteries.",
    ],
)
def test_statements(text: str) -> None:
    assert not is_refusal(text)
