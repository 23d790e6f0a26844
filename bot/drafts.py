"""A model's text → draft parts: statements and steps with the numbers they cite."""

import re

from bot.answers import Draft, Kind
from bot.wording import wording
from ingest.markup.sentences import sentences

# [1], [1, 2], [^1], 【1】 and full-width brackets: however a model writes it.
_MARKER = re.compile(r"\s*[\[【［]\s*\^?(\d{1,3}(?:\s*[,;]\s*\^?\d{1,3})*)[^\]】］\d]*[\]】］]")
_STEP = re.compile(r"^\s*\d{1,3}[.)]\s+")
_ITEM = re.compile(r"^\s*[-*•]\s+")
_ONLY_MARKERS = re.compile(r"^[\s.,;:!?]*$")


def drafts(text: str) -> list[Draft]:
    """The parts of a text in order. A marker belongs to the sentence or step it follows."""
    found: list[Draft] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        if _STEP.match(line):
            found.extend(_draft(_STEP.sub("", line), Kind.STEP))
        elif _ITEM.match(line):
            found.extend(_draft(_ITEM.sub("", line), Kind.ITEM))
        else:
            for sentence in _cited_sentences(line):
                found.extend(_draft(sentence, Kind.STATEMENT))
    return found


def _cited_sentences(line: str) -> list[str]:
    """Sentences, each with the markers after it: `First. [1] Second [2].` are two."""
    pieces: list[str] = []
    for start, end in sentences(line, 0, len(line)):
        piece = line[start:end]
        leading = re.match(rf"(?:{_MARKER.pattern})+", piece)
        if leading and pieces:
            pieces[-1] += leading.group()
            piece = piece[leading.end() :]
        if piece.strip():
            pieces.append(piece)
    return pieces


def _draft(text: str, kind: Kind) -> list[Draft]:
    cites = [int(n) for group in _MARKER.findall(text) for n in re.findall(r"\d+", group)]
    words = wording(_MARKER.sub("", text))
    if _ONLY_MARKERS.match(words):
        return []
    return [Draft(words, tuple(dict.fromkeys(cites)), kind)]
