"""Which questions lean on their thread, and how they are made to stand alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.follow_ups import condensed, is_follow_up, rewritten

LEANING = (
    "And on Android?",
    "What about the Pro plan?",
    "How about iPhones?",
    "Does it also work offline?",
    "How long does that take?",
    "Can I undo this?",
    "Why?",
    "How much?",
    "And then?",
    "Is there a fee?",
    "How do I cancel it?",
    "Can they see my readings?",
    "Who can change those?",
    "Where do I find its serial number?",
    "What happens then?",
    "Does the same apply to Home?",
    "Which one is cheaper?",
    "How do I turn it off?",
    "Can I set an alert delay for it?",
    "What if that fails?",
    "In Germany too?",
    "With a Probe?",
    "How do I change that?",
    "What does it cost?",
    "But only for admins?",
    "Und auf Android?",
    "Und was ist mit dem Pro-Tarif?",
    "Wie lange dauert das?",
    "Geht das auch offline?",
    "Wie lösche ich sie?",
    "Was kostet es?",
    "Kann ich das rückgängig machen?",
    "Wo finde ich deren Seriennummer?",
    "Wie mache ich das in Slack?",
    "Was passiert danach?",
    "Wie schalte ich es aus?",
    "¿Y en Android?",
    "¿Y quién lo paga?",
    "¿Cómo lo cancelo?",
    "¿Puedo devolverlo?",
    "¿Qué pasa con el plan Pro?",
    "¿Cuánto cuesta?",
    "¿Cuánto tiempo tarda eso?",
    "Et sur Android ?",
    "Combien ça coûte ?",
    "Et pour les comptes Pro ?",
    "Comment l'annuler ?",
    "E su Android?",
    "En op Android?",
    "How long does it take to get them to all the shops in town?",
    "It hasn't arrived.",
    "Can I do that for several sensors at once?",
    "How do I invite someone to it?",
    "ok, and how do I remove her?",
    "What's the limit for those?",
)
STANDING_ALONE = (
    "How do I reset my password?",
    "How do I change the delivery address of an order?",
    "Where do I find the invoice of my yearly subscription?",
    "What does error E79 mean?",
    "My Pip is offline. How do I reset it?",
    "I bought a Bridge Plus last week and it doesn't show up in the app",
    "Is it possible to export readings to Excel?",
    "How long does it take to get a refund for an order?",
    "The app says that the sensor is out of touch",
    "Are there discounts for schools?",
    "How do I pair a Probe?",
    "Does Rimeholt work with Alexa?",
    "Do you ship to Norway?",
    "How do I create an API token?",
    "What is the warranty on a Bridge?",
    "E79",
    "reset password",
    "export csv",
    "How long do batteries last?",
    "Which Wi-Fi networks work with the Bridge?",
    "Can I use one Bridge in two homes?",
    "If I cancel my order, do I get it back?",
    "Wie ändere ich das Passwort?",
    "Wie setze ich mein Passwort zurück?",
    "Können Sie mir die Rechnung schicken?",
    "Wie verbinde ich die Bridge mit dem WLAN?",
    "Gibt es einen Rabatt für Schulen?",
    "Was bedeutet der Fehler E21?",
    "Meine Bridge blinkt rot, wie setze ich sie zurück?",
    "Wie lange dauert die Lieferung nach Österreich?",
    "¿Cómo devuelvo un pedido?",
    "¿Cómo cambio la contraseña de mi cuenta?",
    "¿Dónde encuentro la factura de mi pedido?",
    "Comment réinitialiser mon mot de passe ?",
    "Où trouver ma facture ?",
    "Come reimposto la password?",
    "Is the data stored in Germany?",
    "How do I add a second phone number for text messages?",
    "What ports must be open in the firewall?",
    "Is this product waterproof enough for a freezer?",
    "How do I know that the certificate is valid?",
    "Can I pay by PayPal instead of a credit card?",
    "How do I move a sensor to another Bridge?",
    "What is the difference between Home and Pro?",
    "Who can sign food safety reports?",
    "Can I set up the Bridge without a phone?",
    "How do I export the readings of one sensor?",
)


@pytest.mark.parametrize("question", LEANING)
def test_a_follow_up_is_recognised(question: str) -> None:
    assert is_follow_up(question)


@pytest.mark.parametrize("question", STANDING_ALONE)
def test_what_stands_alone_is_searched_for_as_it_is(question: str) -> None:
    assert not is_follow_up(question)
    assert condensed(question, ["How do I pair a Pip?"]) == question


@pytest.mark.parametrize(
    ("before", "follow_up", "standalone"),
    [
        ("How do I pair a Pip?", "And a Probe?", "How do I pair a Probe?"),
        ("How do I pair a Pip?", "What about the Probe?", "How do I pair the Probe?"),
        ("Why is it silent on my iPhone?", "And on Android?", "Why is it silent on Android?"),
        ("What does Rimeholt Home cost?", "how about the Pro plan", "What does the Pro plan cost?"),
        ("What does error E79 mean?", "And E21?", "What does error E21 mean?"),
        ("Do you work with Alexa?", "and with Home Assistant?", "Do you work with Home Assistant?"),
        ("Was kostet der Versand nach Österreich?",
         "Und nach Norwegen?",
         "Was kostet der Versand nach Norwegen?"),
        ("¿Cuánto cuesta el envío a España?", "¿Y en Francia?",
         "¿Cuánto cuesta el envío a España? ¿Y en Francia?"),
        ("How do I recycle batteries?", "How do I replace them?",
         "batteries? How do I replace them?"),
        ("How do I export readings?", "Can I schedule that?",
         "How do I export readings? Can I schedule that?"),
        ("What does purple light mean?", "And green?", "What does purple light mean? And green?"),
        ("How long is the warranty?", "And what does it cover in a shop in Norway?",
         "How long is the warranty? And what does it cover in a shop in Norway?"),
    ],
)  # fmt: skip
def test_a_follow_up_takes_along_what_it_leans_on(
    before: str, follow_up: str, standalone: str
) -> None:
    assert condensed(follow_up, ["What is a Bridge?", before]) == standalone
    assert condensed(follow_up, []) == follow_up


def test_a_long_thread_does_not_grow_without_end() -> None:
    standalone = "How do I pair a Pip?"
    for _ in range(200):
        standalone = condensed("And why is it green?", [standalone])
    assert len(standalone) < 500


@given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3))
def test_whatever_is_asked_is_searched_for(question: str, earlier: list[str]) -> None:
    found = condensed(question, earlier)
    assert found == question or earlier
    rewritten(found, question, earlier)


EARLIER = ["How much does delivery to Switzerland cost?"]
BY_RULE = "How much does delivery to Norway cost?"


@pytest.mark.parametrize(
    ("text", "standalone"),
    [
        ("What does delivery to Norway cost?", "What does delivery to Norway cost?"),
        ('Question: "How much is delivery to Norway?"', "How much is delivery to Norway?"),
        ("What does it cost\nto deliver to Norway?", "What does it cost to deliver to Norway?"),
        ("", BY_RULE),
        ("???", BY_RULE),
        ("And to Norway?", BY_RULE),
        ("One.\nTwo.\nThree: delivery to Norway cost.", BY_RULE),
        ("How much does delivery to Norway cost? " * 20, BY_RULE),
        ("How much does delivery of 20 sensors to Norway cost?", BY_RULE),
        ("Sure! I would be happy to help you with whatever you would like to know.", BY_RULE),
        ("How much does delivery to Norway cost? [1]", BY_RULE),
    ],
)  # fmt: skip
def test_a_models_rewriting_is_looked_at(text: str, standalone: str) -> None:
    assert rewritten(text, "And to Norway?", EARLIER) == standalone


def test_a_rewriting_keeps_the_codes_of_the_question() -> None:
    earlier = ["What does error E79 mean?"]
    assert (
        rewritten("What does error E79 mean?", "And E21?", earlier) == "What does error E21 mean?"
    )
    asked = "Where do I find the invoice?"
    assert rewritten(asked, asked, earlier) == asked  # the model says that it stands alone
