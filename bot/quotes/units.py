"""Units: what of a passage is quoted as a whole, so that nothing is cut in the middle."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.evidence import Passage
from bot.spans import Span, spans
from bot.wording import unmarked

LABEL = 4  # words of a line that is a label rather than a sentence, at most
BETWEEN = 4  # paragraphs, notes and lists that may stand between two steps of one procedure

_LINK = re.compile(r"\[[^\[\]]*\]\([^()\s]*\)|<https?://[^<>\s]*>")
_LETTER = re.compile(r"[^\W\d_]")
_ENDS = (".", "!", "?", "…", "。", "！", "？")
_ANNOUNCES = re.compile(
    r"(?:learn|find out|discover) (?:how|more|what|about)\b"
    r"|in this (?:article|guide|page|section)\b"
    r"|this (?:article|guide|page|section) (?:explains|describes|shows|covers|provides|lists)\b"
    r"|(?:erfahren|lernen) sie\b|in diesem (?:artikel|abschnitt)\b",
    re.IGNORECASE,
)
_SEE = re.compile(
    r"(?:^|[,;–—(]|\b(?:please|and)) *(?:see|read|check out|refer to|siehe|lesen sie)\b"
    r"|\b(?:learn|read) more\b|\bmehr (?:dazu|erfahren)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A paragraph, a list with its lead-in, a whole procedure, or a table row."""

    passage: Passage
    position: int  # among the units of its passage
    spans: tuple[Span, ...]

    @property
    def is_procedure(self) -> bool:
        """Whether it has numbered steps."""
        return any(span.numbered for span in self.spans)

    @property
    def is_signpost(self) -> bool:
        """Whether it only says what is elsewhere: names of pages, "See …", "You have two ways:"."""
        return all(_leads_in(span) or self._points(span) for span in self.spans)

    @property
    def is_code(self) -> bool:
        """Whether it is code and nothing else, such as an error's text."""
        return all(span.kind == "code" for span in self.spans)

    def _points(self, span: Span) -> bool:
        at = self.passage.start
        raw = self.passage.text[span.start - at : span.end - at]
        said = unmarked(span.text)
        if not _LETTER.search(_LINK.sub("", raw)) or _ANNOUNCES.match(said):
            return True
        label = span.kind == "paragraph" and not said.endswith(_ENDS)
        return (label and len(said.split()) <= LABEL) or (
            _LINK.search(raw) is not None and _SEE.search(said) is not None
        )

    @property
    def first_step(self) -> int:
        """The number in it of the span that is its first step or item; its length if none is."""
        found = (index for index, span in enumerate(self.spans) if span.kind == "item")
        return next(found, len(self.spans))


def units(passage: Passage) -> list[Unit]:
    """A passage's units in order."""
    runs: list[list[Span]] = []
    for span in spans(passage):
        if (first := _procedure_before(span, runs)) is not None:
            runs[first:] = [[*(each for run in runs[first:] for each in run), span]]
        elif runs and _belongs(span, runs[-1]):
            runs[-1].append(span)
        else:
            runs.append([span])
    return [Unit(passage, position, tuple(run)) for position, run in enumerate(runs)]


def _belongs(span: Span, run: Sequence[Span]) -> bool:
    """Whether a span continues a unit: the same paragraph, the same list, what a ":" leads in."""
    last = run[-1]
    if span.block == last.block:
        return True
    if span.kind == "item":
        listed = [each for each in run if each.kind == "item" and each.depth == 1]
        if not listed:
            return last.kind == "paragraph" and (span.numbered or _leads_in(last))
        return span.depth > 1 or span.group == listed[-1].group
    return span.kind == "code" and (last.kind in ("item", "code") or _leads_in(last))


def _procedure_before(span: Span, runs: Sequence[Sequence[Span]]) -> int | None:
    """Which run a step goes on from: notes or code between two steps do not part them."""
    if span.ordinal is None or span.ordinal == 1 or span.depth != 1:
        return None
    for back in range(1, min(BETWEEN, len(runs)) + 1):
        steps = [each for each in runs[-back] if each.numbered and each.depth == 1]
        if steps:
            return len(runs) - back if steps[-1].ordinal == span.ordinal - 1 else None
    return None


def _leads_in(span: Span) -> bool:
    return unmarked(span.text).endswith((":", "："))
