"""Addresses in words stand only where they are the help centre's own."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.addresses import IN_ARTICLE, addresses, site_of, web_address, withheld

HOME = {site_of("https://help.acme.example/articles/7")}


@pytest.mark.parametrize(
    "text",
    [
        "Go to https://my.acme.example/billing.",
        "curl `https://api.acme.example:8443/v1?x=1`",
        "Write to billing@acme.example or sales@mail.acme.example.",
        "See acme.example/status and www.acme.example.",
        "Open http://192.168.4.1/setup or http://localhost:8080/.",
        "It must begin with `https://` and end in settings.json.",
        "Use Node.js, `npm i @acme/cli`, version 2.1.3, e.g. and/or: this one.",
    ],
)
def test_these_stay(text: str) -> None:
    assert withheld(text, HOME) == text


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.test/claim?id=1",
        "HTTP://EVIL.TEST",
        "https://acme.example@evil.test/",
        "https://acme.example.evil.test",
        "https://evilacme.example",
        "https:\\\\evil.test\\@acme.example",
        "https://evil.test#acme.example",
        "www.evil.test",
        "evil.com",
        "evil.dev/claim",
        "mailto:help@evil.test",
        "mailto:help@acme.example",
        "help@evil.test",
        "javascript:alert(1)",
        "data:text/html,hello",
        "tel:+4915112345",
        "ftp://evil.test/x",
        "https://evil.test℀/x",
        "http://8.8.8.8/x",
    ],
)
def test_these_do_not(address: str) -> None:
    shown = withheld(f"See {address}, please.", HOME)

    assert IN_ARTICLE in shown
    assert "evil" not in shown.lower()
    assert not re.search(r"(?i)javascript:|mailto:|tel:|data:|8\.8", shown)


@pytest.mark.parametrize(
    "words",
    ["Call us by telephone.", "Two SMSes: one each", "teletext", "JavaScript", "at 9:30. No data:"],
)
def test_words_that_begin_as_addresses_do_stay(words: str) -> None:
    assert withheld(words, ()) == words
    assert addresses(words) == []


def test_without_a_known_home_no_address_stays() -> None:
    assert withheld("See https://acme.example", {""}) == f"See {IN_ARTICLE}"


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://help.acme.example/a", "acme.example"),
        ("https://acme.example", "acme.example"),
        ("https://help.acme.co.uk/a", "acme.co.uk"),
        ("https://acme.co.uk/a", "acme.co.uk"),
        ("https://acme.zendesk.com/hc", "acme.zendesk.com"),
        ("http://localhost:3000/a", "localhost"),
        ("", ""),
        ("javascript:alert(1)", ""),
    ],
)
def test_the_site_of_an_address(url: str, site: str) -> None:
    assert site_of(url) == site


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://h.example/a?b=c#d", "https://h.example/a?b=c#d"),
        (" HTTPS://h.example ", "HTTPS://h.example"),
        ("https://h.example/a b|c>d\x1b", "https://h.example/a%20b%7Cc%3Ed%1B"),
        ("javascript:alert(1)", ""),
        ("data:text/html,x", ""),
        ("//h.example", ""),
        ("", ""),
    ],
)
def test_an_articles_address(url: str, safe: str) -> None:
    assert web_address(url) == safe


@given(st.text(alphabet="ab.@:/\\htps-w?#% \n<>()`*1", max_size=60))
def test_no_scheme_is_left_whatever_stands_around_it(text: str) -> None:
    assert not re.search(r"(?i)https?://[a-z0-9]", withheld(text, ()))
    assert all(address in text for address in addresses(text))
