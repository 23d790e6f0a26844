"""Slack's markup: words made safe, bold and code kept, links only where code makes them.

Every text object here is `verbatim`, so Slack turns nothing into a link or a mention by itself.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote

_PIECES = re.compile(r"(`[^`]+`|\*\*)")
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>|\"\x00-\x1f]")
LONGEST_ADDRESS = 1_500  # characters; beyond that an address is not worth its room


def escaped(text: str) -> str:
    """Words with the three characters that Slack gives a meaning to."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def words(text: str) -> str:
    """An answer's text, which is words with **bold** and `code`, on one line."""
    line = " ".join(text.split())
    if line.count("**") % 2:
        line = "".join(line.rsplit("**", 1))
    found: list[str] = []
    bold = False
    for piece in _PIECES.split(line):
        if piece == "**":
            bold = not bold
        elif bold and piece.strip():
            inner = piece.strip()
            mark = "" if "*" in inner or inner.startswith("`") else "*"
            found.append(piece.replace(inner, f"{mark}{escaped(inner)}{mark}"))
        else:
            found.append(escaped(piece))
    return "".join(found)


def pieces(text: str, longest: int) -> Iterator[str]:
    """A text cut between words so that each stretch is at most `longest` characters as `words`."""
    rest = text.strip()
    while len(words(rest)) > longest:
        cut = min(longest, len(rest))
        while len(words(rest[:cut])) > longest:
            cut = cut * 3 // 4
        space = rest.rfind(" ", 1, cut)
        cut = _outside_marks(rest, space if space > 0 else cut)
        yield rest[:cut]
        rest = rest[cut:].lstrip()
    yield rest


def _outside_marks(text: str, cut: int) -> int:
    """A place to cut that is neither in `code` nor in **bold**, if there is one before it."""
    for mark in ("`", "**"):
        if text.count(mark, 0, cut) % 2:
            opened = text.rfind(mark, 0, cut)
            cut = opened if text[:opened].strip() else cut
    return cut


def link(address: str, label: str) -> str:
    """A link, or the label alone where the address is none that a browser should open."""
    safe = _UNSAFE_IN_ADDRESS.sub(lambda found: quote(found.group()), address)
    shown = escaped(" ".join(label.split()))
    if not safe.startswith(("https://", "http://")) or len(safe) > LONGEST_ADDRESS:
        return shown
    return f"<{safe.replace('&', '&amp;')}|{shown}>"


def shortened(text: str, longest: int) -> str:
    """A text that is at most `longest` characters once escaped, with an ellipsis where cut."""
    line = " ".join(text.split())
    if len(escaped(line)) <= longest:
        return line
    cut = line[: longest - 1]
    while len(escaped(cut)) >= longest:
        cut = cut[:-1]
    return f"{cut.rstrip()}…"
