"""Personal data in questions: whatever it is planted in it is masked, and nothing else is."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.privacy import CARD, E_MAIL, IBAN, PHONE, SECRET, masked
from bot.questions import LONGEST, cleaned, own_words, readable

E_MAILS = (
    "john.doe+tag@mail.example.co.uk",
    "jürgen@müller-büro.de",
    "a_b-c@example.museum",
    '"John Doe"@example.com',
    "x@xn--bcher-kva.example",
)
TELEPHONES = (
    *("+49 30 1234567", "+49 (0)30 123456-78", "+15551234567", "+1 (555) 123-4567"),
    "+44 20 7946 0958",
    *("0049 171 1234567", "004917112345678", "+33 6 12 34 56 78", "+81-3-1234-5678"),
    *("(555) 123-4567", "555-123-4567", "555.123.4567", "1-800-555-0199"),
    *("030 1234567", "(030) 12345678", "0171/1234567", "0171 / 123 45 67", "01711234567"),
    *("020 7946 0958", "07700 900123", "0412 345 678", "01 23 45 67 89", "06.12.34.56.78"),
    *("612 345 678", "91 123 45 67", "0475 12 34 56", "044 123 45 67", "98765 43210"),
)  # fmt: skip
CARDS = (
    *("4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "5555555555554444"),
    *("378282246310005", "3782 822463 10005", "6011 1111 1111 1117", "30569309025904"),
    *("2223003122003222", "3530111333300000", "6304000000000000"),
)
IBANS = (
    *("DE89 3704 0044 0532 0130 00", "de89370400440532013000", "GB29-NWBK-6016-1331-9268-19"),
    *("NO93 8601 1117 947", "FR14 2004 1010 0505 0001 3M02 606", "MT84MALT011000012345MTLCAST001S"),
)
SECRETS = (
    *("sk-abc123def456ghi789", "sk-proj-AbC_12-xyz9999999", "sk_live_a1b2c3d4e5f6"),
    "AKIAIOSFODNN7EXAMPLE",
    *("xoxb-1234567890-abcdefghij", "xapp-1-A012-345-abcdef", "github_pat_11ABCDEFG0123456789_abc"),
    *("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "glpat-abcdefgh12345678xyz9"),
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U",
)  # fmt: skip
PLANTED = {E_MAIL: E_MAILS, PHONE: TELEPHONES, CARD: CARDS, IBAN: IBANS, SECRET: SECRETS}
UNHARMED = (
    "How do I update to version 4.12.3.1034, or 10.2.1 on iOS 17.5.1?",
    "Order #10034567 is late, and order number 4500012345 too.",
    "Order 302-4567890-1234567; Bestellnummer 0171 1234567; pedido 612 345 678",
    "It happened on 2024-11-03 14:30, on 03.11.2024 12:30 Uhr and on 11/03/2024.",
    "The card is valid until 04/2026, invoice RE-2024-0001234 of 01/2024.",
    "Which port at 192.168.100.200, 10.0.0.1 or 45.123.200.111 52.12.34.156: 8883?",
    "Error 0x80070057, AUTH-498: Code is not valid, E79, the code is 123456",
    "It costs €14.90, $1,234,567.89, 1.234.567,89 € or 1 000 000 readings.",
    "The fridge says 4 °C, Rimeholt −127 °C or +2.5 °C; +10 20 30 %.",
    "The serial number 0123456789, SN 0412345678, firmware 2.4.10 build 20240115",
    "The password is not accepted. My password is expired, the password is wrong!",
    "Why must a password have 12 characters, and be case-sensitive?",
    "My API key expired yesterday, token expired after 3600 seconds, key A1B2C3",
    "What does the PIN do, and why has the PIN code 4 digits?",
    "GMT+0200, 2024-11-03T14:30:00+0000, 1700000000000, 20241103123456, 20241103123456789",
    "MAC 00:1A:2B:3C:4D:5E, 2001:db8::ff00:42:8329, UUID 550e8400-e29b-41d4-a716-446655440000",
    "react@18.2.10, @sales, a @ b, sk-learn, RP2040 Connect is not recognised",
    "The phone shows error 1234567 in the mobile app version 4.12.3.1034.",
    "Call 24/7? Call me on 2024-11-03 or 03-11-2024. Text messages: 100 included.",
    "Parcel 00340434161094042557, tracking number 0171234567, SKU 4006381333931",
    "https://desk.example.com/hc/articles/4402764401554-If-it-does-not-start",
    "The pin on the board ESP32: img/nano-esp32-boot-pins.png, BM03B-ACHSS-GAN-TF",
)
# Not from a script whose letters could be one of an address.
AROUND = st.text(st.characters(codec="utf-8", exclude_characters="@"), max_size=60)
PLANT = st.sampled_from([(mask, each) for mask, plants in PLANTED.items() for each in plants])


@pytest.mark.parametrize("text", UNHARMED)
def test_an_ordinary_question_is_left_as_it_is(text: str) -> None:
    assert masked(text) == text


@pytest.mark.parametrize("mask", PLANTED)
def test_each_kind_is_named_by_its_mask(mask: str) -> None:
    for each in PLANTED[mask]:
        assert masked(f"I wrote {each}, what now?") == f"I wrote {mask}, what now?"


@given(before=AROUND, plant=PLANT, after=AROUND)
@example(before="order 77", plant=(CARD, CARDS[0]), after="12/26")
def test_what_is_planted_never_survives(before: str, plant: tuple[str, str], after: str) -> None:
    _, secret = plant
    found = readable(f"{before} ; {secret} ; {after}")

    assert secret not in found
    assert _bare(secret) not in _bare(found)


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


@given(st.lists(PLANT, min_size=1, max_size=8))
def test_many_at_once_are_all_masked(plants: list[tuple[str, str]]) -> None:
    found = masked("; ".join(secret for _, secret in plants))

    assert found == "; ".join(mask for mask, _ in plants)


@given(st.integers(10**13, 10**14 - 1), st.sampled_from(["", " ", "-"]))
def test_every_card_number_is_masked(number: int, joint: str) -> None:
    digits = f"4{number}"
    digits += str(-_luhn(digits + "0") % 10)
    written = joint.join(digits[at : at + 4] for at in range(0, 16, 4))
    assert masked(f"It is {written}.") == f"It is {CARD}."

    wrong = digits[:-1] + str((int(digits[-1]) + 1) % 10)
    assert masked(f"It is {wrong}.") == f"It is {wrong}."


def _luhn(digits: str) -> int:
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return sum(doubled) + sum(map(int, digits[-1::-2]))


@given(st.text(string.digits, min_size=18, max_size=18))
def test_every_german_iban_is_masked(account: str) -> None:
    check = 98 - int(f"{account}131400") % 97
    assert masked(f"to DE{check:02}{account} today") == f"to {IBAN} today"
    wrong = f"DE{(check + 1) % 97:02}{account}"
    assert IBAN not in masked(wrong)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("my API key is 9f86d081884c7d659a2feaa0c55ad015", f"my API key is {SECRET}"),
        ("api_key=9f86d081884c7d659a2f", f"api_key={SECRET}"),
        ("token: dGhpcyBpcyBhIHNlY3JldA0xMjM=", f"token: {SECRET}"),
        ("secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", f"secret {SECRET}"),
        ("The password is hunter2!", f"The password is {SECRET}!"),
        ("Mein Passwort lautet Gehe1m, warum?", f"Mein Passwort lautet {SECRET}, warum?"),
        ("pwd=abc123 fails", f"pwd={SECRET} fails"),
        ("my PIN is 4711", f"my PIN is {SECRET}"),
        ("Authorization: Bearer abcdef1234567890", f"Authorization: Bearer {SECRET}"),
        ("https://me:pa55@host.example/x", f"https://{SECRET}@host.example/x"),
        ("my phone number is 5551234567", f"my phone number is {PHONE}"),
        ("call me on 555-1234 please", f"call me on {PHONE} please"),
        ("Meine Handynummer: 15112345678", f"Meine Handynummer: {PHONE}"),
        ("致电800-633-4227，或", f"致电{PHONE}，或"),
        ("card 123456789015 declined", f"card {CARD} declined"),
    ],
)
def test_what_is_said_to_be_one_is_one(text: str, kept: str) -> None:
    assert masked(text) == kept


@given(st.text(max_size=300))
def test_what_is_masked_stays_as_it_is(text: str) -> None:
    assert masked(masked(text)) == masked(text)


def test_a_long_text_is_read_in_a_moment() -> None:
    for piece in ("1 ", "0 ", "a@", "DE89 ", "key ", "(", "-----BEGIN PRIVATE KEY-----", "tel at "):
        assert len(readable(piece * 20_000)) <= LONGEST


def test_the_asker_alone_has_their_own_words() -> None:
    text = "Write to <mailto:a@b.example|a@b.example> or <tel:+49301234567|+49 30 1234567>"
    assert cleaned(text) == f"Write to {E_MAIL} or {PHONE}"
    assert own_words("It is\na@b.example") == "It is a@b.example"


def test_nothing_hides_behind_a_line_break_or_at_the_end_of_what_is_read() -> None:
    assert readable("0171\n1234567") == PHONE
    assert "4111" not in readable("word " * 399 + "4111 1111 1111 1111")
