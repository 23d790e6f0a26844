"""A model's text → draft parts: statements and steps with the numbers they cite."""

import re
from collections.abc import Iterator
from dataclasses import replace

from bot.answers import Draft, Kind
from bot.wording import wording
from ingest.markup.sentences import sentences

# [1], [1, 2], [1-3], [^1], 【1†source】 and full-width brackets: however a model writes it. What
# stands in code is no marker. A link behind one (`[1](#)`) goes with it: code makes the links.
_NUMBERS = r"\^?\d{1,3}(?:\s*(?:[,;&–-]|and)\s*\^?\d{1,3})*"
_MARKER = re.compile(
    rf"(?P<code>`[^`\n]*`)|[ \t]*[\[【［]\s*(?P<numbers>{_NUMBERS})\s*(?:†[^\]】］]*)?[\]】］]"
    r"(?:\([^()\s]*\))?(?P<on>(?=\w))?"
)
_NUMBER_OR_RANGE = re.compile(r"(\d+)(?:\s*[–-]\s*\^?(\d+))?")
_LONGEST_RANGE = 20
_LEADING = re.compile(r"(?:\s*\[\d+\])+")
_STEP = re.compile(r"^\s*(\d{1,3})[.)]\s+")
_ITEM = re.compile(r"^\s*[-*•]\s+")
_CONTINUED = re.compile(r"^(?: {2,}|\t)")
_ONLY_MARKS = re.compile(r"^[\s.,;:!?]*$")


def drafts(text: str) -> list[Draft]:
    """The parts of a text in order. A marker belongs to the sentence or step it follows."""
    found: list[Draft] = []
    for line in _with_plain_markers(text).splitlines():
        if not line.strip():
            continue
        step = _STEP.match(line)
        if step:
            if int(step[1]) > 1:
                _take_in_remarks(found)
            found.extend(_draft(_STEP.sub("", line), Kind.STEP))
        elif _ITEM.match(line):
            found.extend(_draft(_ITEM.sub("", line), Kind.ITEM))
        elif found and _LEADING.fullmatch(line):
            found[-1] = _joined(found[-1], Draft("", _cited(line)))
        elif _CONTINUED.match(line) and found and found[-1].kind is not Kind.STATEMENT:
            found[-1] = _joined(found[-1], *_draft(line, Kind.STATEMENT))
        else:
            for sentence in _cited_sentences(line):
                found.extend(_draft(sentence, Kind.STATEMENT))
    return found


def _with_plain_markers(text: str) -> str:
    """The text with every marker as ` [1] [2]`, so that only one form is left to be read."""

    def plain(match: re.Match[str]) -> str:
        if match["code"]:
            return match["code"]
        marks = "".join(f" [{n}]" for n in _listed(match["numbers"]))
        return marks if match["on"] is None else f"{marks} "

    return _MARKER.sub(plain, text)


def _listed(numbers: str) -> Iterator[int]:
    """The numbers of `1, 3-5`."""
    for first, last in _NUMBER_OR_RANGE.findall(numbers):
        yield from range(int(first), min(int(last or first), int(first) + _LONGEST_RANGE) + 1)


def _cited_sentences(line: str) -> list[str]:
    """Sentences, each with the markers after it: `First. [1] Second [2].` are two."""
    pieces: list[str] = []
    for start, end in sentences(line, 0, len(line)):
        piece = line[start:end]
        leading = _LEADING.match(piece)
        if leading and pieces:
            pieces[-1] += f" {leading.group()}"
            piece = piece[leading.end() :]
        if piece.strip():
            pieces.append(piece)
    return pieces


def _draft(text: str, kind: Kind) -> list[Draft]:
    words = wording(_MARKER.sub(lambda match: match["code"] or "", text))
    return [] if _ONLY_MARKS.match(words) else [Draft(words, _cited(text), kind)]


def _cited(text: str) -> tuple[int, ...]:
    """The numbers its markers name, each once."""
    listed = [match["numbers"] for match in _MARKER.finditer(text) if match["numbers"]]
    return tuple(dict.fromkeys(n for numbers in listed for n in _listed(numbers)))


def _joined(draft: Draft, *more: Draft) -> Draft:
    """The draft with what was written below it and belongs to it."""
    together = (draft, *more)
    words = " ".join(each.text for each in together if each.text)
    cites = dict.fromkeys(n for each in together for n in each.cites)
    return replace(draft, text=words, cites=tuple(cites))


def _take_in_remarks(found: list[Draft]) -> None:
    """Statements between two steps of one procedure join the step before them."""
    last = len(found) - 1
    while last >= 0 and found[last].kind is Kind.STATEMENT:
        last -= 1
    remarks = found[last + 1 :]
    if last >= 0 and remarks and not remarks[-1].text.endswith(":"):
        found[last:] = [_joined(found[last], *remarks)]
