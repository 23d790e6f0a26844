"""Addresses: web and e-mail addresses in what is said, and which of them may be shown.

An answer's links are its citations. An address in its words may stand only where it belongs to the
help centre's own site (or to a device at home); any other is for the cited article to show.
"""

import ipaddress
import re
from collections.abc import Collection
from urllib.parse import quote, urlsplit

IN_ARTICLE = "(address: see the article)"
LEFT_OUT = "(address left out)"
_END = r"[^\s<>‹›\"'`|()\[\]{}“”«»]*[^\s<>‹›\"'`|()\[\]{}“”«».,;:!?*_…]"
_NAMES = "com|net|org|info|biz|xyz|site|online|shop|store|top|click|link|ru|cn|example|test|invalid"
_ADDRESS = re.compile(
    rf"""
    \b[a-z][a-z0-9+.-]{{1,20}}:(?://|\\\\){_END}
  | \b(?:(?:mailto|tel|sms|javascript|vbscript):|data:\w+/){_END}
  | [\w.+-]+(?:@|＠)[\w-]+(?:\.[\w-]+)+
  | \bwww\.{_END}
  | (?<![\w.@-])(?:[a-z0-9-]+\.)+(?:{_NAMES})\b(?:[/?:]{_END})?
  | (?<![\w.@/-])(?:[a-z0-9-]+\.)+[a-z]{{2,}}/{_END}
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LIKELY = re.compile(r"[:@＠]|\.\S")  # what every address has, and few sentences
_UNSAFE = re.compile(r"[\s<>|\"\\^`{}\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
# Where the label before such a pair is a customer's own, it belongs to the site's name.
_SECOND = frozenset("ac co com edu gov ne net or org".split())
_SHARED = frozenset(
    "zendesk.com intercom.help freshdesk.com github.io gitlab.io gitbook.io notion.site readme.io"
    " helpscoutdocs.com atlassian.net".split()
)


def web_address(url: str) -> str:
    """The address of an article as a link may have it; empty for one no browser should open."""
    safe = _UNSAFE.sub(lambda found: quote(found.group()), url.strip())
    return safe if safe.lower().startswith(("https://", "http://")) else ""


def addresses(text: str) -> list[str]:
    """Every web or e-mail address in a text, and what a reader might take for one."""
    likely = _LIKELY.search(text)
    return [found.group() for found in _ADDRESS.finditer(text)] if likely else []


def withheld(text: str, sites: Collection[str], instead: str = IN_ARTICLE) -> str:
    """The text without the addresses that belong to none of the sites."""

    def shown(found: re.Match[str]) -> str:
        host = _host(found.group())
        return found.group() if _is_at_home(host) or (site_of(host) or None) in sites else instead

    return _ADDRESS.sub(shown, text) if _LIKELY.search(text) else text


def site_of(url: str) -> str:
    """The site an address belongs to: `help.acme.co.uk` and `api.acme.co.uk` → `acme.co.uk`."""
    host = _host(url)
    labels = host.split(".")
    kept = 3 if len(labels[-1]) == 2 and labels[-2:-1] and labels[-2] in _SECOND else 2  # noqa: PLR2004 - a country's
    site = ".".join(labels[-kept:])
    return host if site in _SHARED else site


def _host(address: str) -> str:
    """The host of an address; empty where a browser would not go to one."""
    bare = address.replace("\\", "/").replace("＠", "@")
    scheme, slashes, _ = bare.partition("://")
    if slashes:
        if scheme.lower() not in ("http", "https"):
            return ""
    elif "@" in bare and ":" not in bare:
        bare = f"//{bare.rpartition('@')[2]}"
    elif re.match(r"(?i:mailto|tel|sms|javascript|vbscript|data):", bare):
        return ""
    else:
        bare = f"//{bare}"
    try:
        return (urlsplit(bare).hostname or "").rstrip(".")
    except ValueError:  # characters that would turn into others in a host
        return ""


def _is_at_home(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False
