"""Markers: the `[n]` a model cites passages with, in all the ways models write it.

A marker is read and taken away; those a reader sees are made by code, from checked citations.
"""

import re
from collections.abc import Iterator

# [1], [1, 2], [1-3], [^1], [passage 2], 【1】, 【4:0†source】 and full-width brackets. What stands
# in code is no marker. A link behind one (`[1](#)`) goes with it: code makes the links.
_NAMED = r"(?:(?:passages?|sources?|ref)\s*)?"
_NUMBERS = r"\^?\d{1,3}(?::\d+)?(?:\s*(?:[,;&–-]|and)\s*\^?\d{1,3})*"
_MARKER = re.compile(
    rf"(?P<code>`[^`\n]*`)|[ \t]*[\[【［]\s*(?i:{_NAMED})(?P<numbers>{_NUMBERS})"
    r"\s*(?:†[^\]】］]*)?[\]】］](?:\([^()\s]*\))?(?P<on>(?=\w))?"
)
_NUMBER_OR_RANGE = re.compile(r"(\d+)(?::\d+)?(?:\s*[–-]\s*\^?(\d+))?")
_LONGEST_RANGE = 20
# "(1)" is safe to read as a marker only where a sentence or a line ends with it.
_ROUND = re.compile(r"(?<=\S)[ \t]+\((\d{1,2})\)(?=[ \t]*[.!?]?[ \t]*$)")
_BEGUN = re.compile(r"[ \t]*[\[【［]\s*(?i:[a-z]{0,8}\s*)\^?[\d\s,;&–:†^-]*$")
_OPENS, _CLOSES = "[【［", "]】］"


def plain(text: str) -> str:
    """The text with every marker as ` [1] [2]`, so that only one form is left to be read."""

    def spread(match: re.Match[str]) -> str:
        if match["code"]:
            return match["code"]
        marks = "".join(f" [{n}]" for n in _listed(match["numbers"]))
        return marks if match["on"] is None else f"{marks} "

    return _MARKER.sub(spread, text)


def without(text: str) -> str:
    """The words of a stretch without its markers."""
    return _ROUND.sub("", _MARKER.sub(lambda match: match["code"] or "", text))


def cited(text: str) -> tuple[int, ...]:
    """The numbers that a stretch's markers name, each once."""
    listed = [match["numbers"] for match in _MARKER.finditer(text) if match["numbers"]]
    numbers = [n for each in listed for n in _listed(each)]
    bare = _MARKER.sub(lambda match: match["code"] or "", text)
    return tuple(dict.fromkeys([*numbers, *map(int, _ROUND.findall(bare))]))


def cut_off(text: str) -> str:
    """The text without a marker that was begun and never ended, as where a model stopped."""
    return _BEGUN.sub("", text)


def is_open(text: str) -> bool:
    """Whether a bracket or code was begun at the end of a text and may go on."""
    if text.count("`") % 2:
        return True
    opened = max(map(text.rfind, _OPENS))
    return opened > max(map(text.rfind, _CLOSES))


def _listed(numbers: str) -> Iterator[int]:
    """The numbers of `1, 3-5`."""
    for first, last in _NUMBER_OR_RANGE.findall(numbers):
        yield from range(int(first), min(int(last or first), int(first) + _LONGEST_RANGE) + 1)
