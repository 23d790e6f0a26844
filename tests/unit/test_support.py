"""What is said differently passes; what says something different does not."""

# ruff: noqa: E501 - tables of sentences

from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.answers import Draft, Support
from bot.evaluation.grounding import passage_of
from bot.evidence import Evidence
from bot.grounding import check, check_all, read_ahead, support
from bot.spans import spans
from ingest.embeddings.embedded import EmbeddedEmbedder
from ingest.embeddings.minilm import Tokens

# Passage, an honest paraphrase of what it says.
PARAPHRASES = [
    ("Refunds take 5 business days to reach your card.", "Your card gets the refund within five business days."),
    ("You cannot undo deleting a room.", "Deleting a room can't be undone."),
    ("Hold the button for ten seconds until the light blinks blue.", "Hold the button 10 seconds, until a blue light blinks."),
    ("The trial lasts 1 month and costs nothing.", "The trial costs nothing and lasts one month."),
    ("Only the Owner can invite members.", "Members can be invited only by the Owner."),
    ("Never share your recovery code with anyone.", "Do not share the recovery code with anyone."),
    ("If the Bridge is offline, restart your router first.", "Restart the router first if the Bridge is offline."),
    ("Home Plus costs €3.49 a month.", "You pay €3.49 per month for Home Plus."),
    ("Invoices from 3 January 2025 show the new address.", "The new address is on invoices from 2025-01-03 on."),
    ("Files may be up to 1,000 MB.", "A file may have up to 1000 MB."),
    ("Open **Settings** and choose **Billing**.", "Choose **Billing** in **Settings**."),
    ("You must be 18 or older to open an account.", "To open an account you have to be 18 or older."),
    ("The app needs version 2.10 or later of the firmware.", "Firmware version 2.10 or later is needed for the app."),
    ("Support is open from 8:00 to 17:30 on weekdays.", "On weekdays support is open from 8 am to 5:30 pm."),
    ("The sensor does not work below -10 °C.", "Below -10 °C the sensor doesn't work."),
    ("Write to help@rimeholt.example with your order number.", "Send your order number to help@rimeholt.example by writing there."),
    ("Without a subscription, recordings are kept for 24 hours.", "Recordings are kept for one day without a subscription."),
    ("Unplug the Bridge before you change its battery.", "Before changing the battery of the Bridge, unplug it."),
    ("Exports are saved as CSV in your Downloads folder.", "The export is saved in the Downloads folder as CSV."),
    ("You can add two more users to Home Plus.", "Home Plus lets you add 2 more users."),
    ("We don't store card numbers.", "Card numbers are not stored."),
    ("A discount of 20% applies to yearly plans.", "Yearly plans have a 20 percent discount."),
    ("Select *Forget device*, then pair it again.", "Pair it again after selecting Forget device."),
    ("The warranty covers the device for two years from purchase.", "For 2 years from purchase, the device is covered by warranty."),
    ("Use a 5 V, 2 A power supply.", "The power supply used has 5V and 2A."),
    ("Accounts that are not used for 12 months are closed.", "We close accounts not used for a year."),
    ("| Plan | Price |\n|---|---|\n| Pro | €12 |", "The price of the Pro plan is 12 EUR."),
    ("1. Open the lid.\n2. Press Reset for 3 seconds.", "Press Reset for three seconds."),
    ("Run `footnote ingest` once a night.", "Once a night, run `footnote ingest`."),
    ("Parcels to Switzerland take at least 7 days.", "To Switzerland a parcel takes at least seven days."),
    ("No one but the Owner can see invoices.", "Nobody except the Owner can see invoices."),
]  # fmt: skip

# Passage, a statement that says something else.
FALSE = [
    ("Refunds take 5 days.", "Refunds take 5 weeks."),
    ("Refunds take 5 days. Exchanges take 9 days.", "Refunds take 9 days."),
    ("The plan costs $5.", "The plan costs €5."),
    ("Invoices from 3 January 2025 on.", "Invoices from 4 January 2025 on."),
    ("You can undo deleting a room.", "You cannot undo deleting a room."),
    ("You cannot undo deleting a room.", "You can undo deleting a room."),
    ("Never unplug the Bridge while it updates.", "Unplug the Bridge while it updates."),
    ("We don't store card numbers.", "We store card numbers."),
    ("This setting is on by default: enable the alarm here.", "This setting is off by default: disable the alarm here."),
    ("Unplug the Bridge before the update starts.", "Unplug the Bridge after the update starts."),
    ("Connect the sensor to the Bridge.", "Connect the sensor to the Gateway."),
    ("Tap **Forget device** in the list.", "Tap **Remove room** in the list."),
    ("Run `footnote ingest` once a night.", "Run `footnote purge` once a night."),
    ("Install version 2.1.0 of the driver.", "Install version 2.2.0 of the driver."),
    ("Write to help@rimeholt.example.", "Write to help@rimeholt.test."),
    ("Files may be up to 100 MB.", "Files may be up to 100 GB."),
    ("Das Gerät funktioniert nicht im Freien.", "Das Gerät funktioniert im Freien."),
    ("El sensor no funciona con otros routers.", "El sensor funciona con otros routers."),
    ("Le capteur ne fonctionne pas dehors.", "Le capteur fonctionne dehors."),
    ("O sensor não funciona com outros roteadores.", "O sensor funciona com outros roteadores."),
]  # fmt: skip

OTHER_LANGUAGES = [
    ("Die Erstattung dauert fünf Tage und kann nicht beschleunigt werden.", "Die Erstattung dauert 5 Tage und kann nicht beschleunigt werden."),
    ("El sensor no funciona con routers de 5 GHz.", "Con routers de 5 GHz el sensor no funciona."),
    ("Le capteur ne fonctionne pas dehors en hiver.", "En hiver, le capteur ne fonctionne pas dehors."),
    ("O reembolso demora três dias.", "O reembolso demora 3 dias."),
    ("返金には5日かかります。", "返金には5日かかります。"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), [*PARAPHRASES, *OTHER_LANGUAGES])
async def test_what_is_said_otherwise_is_supported(
    text: str, said: str, embedder: EmbeddedEmbedder
) -> None:
    evidence = Evidence((passage_of(text),))
    (part,) = await check_all([Draft(said, (1,))], evidence, embedder)

    assert part.support is Support.SUPPORTED


class Recording(EmbeddedEmbedder):
    """Notes what it is asked to read."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    async def read(self, texts: Sequence[str], *, urgent: bool = False) -> list[Tokens]:
        self.asked |= {*texts}
        return await super().read(texts, urgent=urgent)


async def test_what_statements_are_compared_with_is_read_before_there_are_any() -> None:
    local = Recording()
    evidence = Evidence((passage_of("Hold the button. The light blinks blue. Then let go."),))

    await read_ahead(evidence, local)
    ahead = {*local.asked}
    said = "A light that blinks appears, in blue"
    await check_all([Draft(said, (1,))], evidence, local)

    assert local.asked - ahead == {said, "The light blinks blue."}


@pytest.mark.parametrize(("text", "said"), FALSE)
async def test_what_says_something_else_is_not(
    text: str, said: str, embedder: EmbeddedEmbedder
) -> None:
    evidence = Evidence((passage_of(text),))
    (part,) = await check_all([Draft(said, (1,))], evidence, embedder)

    assert part.support is not Support.SUPPORTED
    assert check(Draft(said, (1,)), evidence).support is not Support.SUPPORTED


WORDS = st.text(max_size=80) | st.lists(
    st.sampled_from(
        "not 5 days €3,49 1.2.3 v2 **Bridge** `x` 24:99 3. - | can't May 31/12/99 ① ½ ſix İ 二 £ ² "
        "cannot only the light www. a@b.c \n . ? ! : […] \0 \ud800 twenty-one million".split(" ")
    ),
    max_size=24,
).map(" ".join)


@settings(deadline=None, max_examples=300)
@given(WORDS, WORDS)
@example("5 ①", "0/0/00")
def test_no_text_is_too_odd_and_a_verbatim_sentence_bears_itself(text: str, said: str) -> None:
    passage = passage_of(text)
    assert check(Draft(said, (1,)), Evidence((passage,))).text == said
    for span in spans(passage):
        assert support(span.text, passage) is Support.SUPPORTED
