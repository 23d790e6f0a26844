"""A model's text → draft parts, as the text comes in: statements, steps, rows, what they cite.

A text is read character by character, and what is made of it depends on nothing else: it may
come in pieces of any size. Nothing here is ever shown; a reader sees parts that were checked.
"""

import re
from dataclasses import replace

from bot.answers import Draft, Kind
from bot.chat import markers
from bot.wording import code, row, wording
from ingest.markup.sentences import sentences

LONGEST_LINE = 2_000  # characters in which sentences are looked for before the line ends
_LINE_ENDS = frozenset("\n\r\v\f\x85\u2028\u2029")
_LEADING = re.compile(r"(?:\s*\[\d+\])+")
_STEP = re.compile(r"^\s*(\d{1,3})[.)]\s+")
_ITEM = re.compile(r"^\s*[-*•]\s+")
_CONTINUED = re.compile(r"^(?: {2,}|\t)")
_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_ROW = re.compile(r"^\s*\|(.*?)\|?\s*((?:\[\d+\]\s*)*)$")
_RULE = re.compile(r"^\s*\|(?:\s*:?-+:?\s*\|)*\s*:?-+:?\s*\|?\s*$")
_CELL_ENDS = re.compile(r"(?<!\\)\|")
_LISTED = re.compile(r"^(?:\s|[-*•]\s|[|>#]|`{3}|~{3}|\d{1,3}[.)])")
_MAY_END = re.compile(r"[.!?…。！？<]")  # in a line without these there is no end of a sentence
_ONLY_MARKS = re.compile(r"^[\s.,;:!?]*$")


def drafts(text: str) -> list[Draft]:
    """The parts of a whole text in order."""
    reader = Drafting()
    return [*reader.feed(text), *reader.close()]


class Drafting:
    """Reads one text. A marker belongs to the sentence, step or row it follows."""

    def __init__(self) -> None:
        """Begin with nothing read."""
        self._line = ""
        self._running = False  # whether sentences of this line were taken already
        self._leading = False  # whether this line's markers stand before their sentences
        self._fence = ""  # what closes the code block we are in
        self._held: str | None = None  # the first row of a table, maybe its header
        self._header: list[str] | None = None
        self._found: list[Draft] = []
        self._settled = 0  # how many of them nothing that follows can change
        self._given = 0

    def feed(self, delta: str) -> list[Draft]:
        """Read on; the drafts that are finished by now, each given once."""
        for character in delta:
            if character in _LINE_ENDS:
                self._end_line()
                continue
            self._line += character
            if character in " \t":
                self._take_sentences()
        return self._finished(self._settled)

    def close(self) -> list[Draft]:
        """The drafts that are left at the end of the text."""
        self._line = markers.cut_off(self._line)
        self._end_line()
        self._end_table()
        return self._finished(len(self._found))

    def _settle(self, *, running: bool) -> None:
        """Where there are steps, what follows one may belong to it; else the last may get a mark.

        Not even that once another sentence was begun after it.
        """
        settled = len(self._found) - (not running)
        if any(draft.kind is Kind.STEP for draft in self._found):
            settled = max(
                i for i, draft in enumerate(self._found) if draft.kind is not Kind.STATEMENT
            )
        self._settled = max(self._settled, settled)

    def _finished(self, count: int) -> list[Draft]:
        finished = self._found[self._given : count]
        self._given = count
        return finished

    def _take_sentences(self) -> None:
        """Take the sentences of a running line after which another has begun."""
        line = self._line
        if not _MAY_END.search(line):
            return
        if len(line) > LONGEST_LINE or self._fence or markers.is_open(line):
            return
        if not self._running and _LISTED.match(line):
            return
        pieces = self._sentences(markers.plain(line))
        if len(pieces) > 1 and not _LEADING.fullmatch(pieces[-1].rstrip()):
            self._end_table()
            for piece in pieces[:-1]:
                self._found.extend(_draft(piece, Kind.STATEMENT))
            self._running, self._line = True, f"{pieces[-1]} "
            self._settle(running=True)

    def _end_line(self) -> None:
        line, running = self._line, self._running
        if self._fence or (not running and _FENCE.match(line)):
            self._take_code(line)
        elif line.strip():
            self._take_line(markers.plain(line), running=running)
        self._line, self._running, self._leading = "", False, False
        self._settle(running=False)

    def _take_code(self, line: str) -> None:
        """A line of a code block, or one that opens or closes it."""
        mark = _FENCE.match(line)
        if not self._fence and mark:
            self._end_table()
            self._fence = mark[1]
        elif mark and mark[1].startswith(self._fence):
            self._fence = ""
        elif line.strip():
            words = Draft(code(line))
            if self._found and self._found[-1].kind is not Kind.STATEMENT:
                self._found[-1] = _joined(self._found[-1], words)
            else:
                self._found.append(words)

    def _take_line(self, line: str, *, running: bool) -> None:
        if not running and _ROW.match(line):
            self._take_row(line)
            return
        self._end_table()
        found, step = self._found, _STEP.match(line)
        if running:
            self._take_statements(line)
        elif step:
            if int(step[1]) > 1:
                _take_in_remarks(found, self._settled)
            found.extend(_draft(_STEP.sub("", line), Kind.STEP))
        elif _ITEM.match(line):
            found.extend(_draft(_ITEM.sub("", line), Kind.ITEM))
        elif len(found) > self._settled and _LEADING.fullmatch(line.rstrip()):
            found[-1] = _joined(found[-1], Draft("", markers.cited(line)))
        elif _CONTINUED.match(line) and found and found[-1].kind is not Kind.STATEMENT:
            found[-1] = _joined(found[-1], *_draft(line, Kind.STATEMENT))
        else:
            self._take_statements(line)

    def _take_statements(self, line: str) -> None:
        for sentence in self._sentences(line):
            self._found.extend(_draft(sentence, Kind.STATEMENT))

    def _sentences(self, line: str) -> list[str]:
        """Sentences, each with the markers after it: `First. [1] Second [2].` are two.

        In a line that begins with a marker each has those before it.
        """
        self._leading = self._leading or (not self._running and bool(_LEADING.match(line)))
        pieces: list[str] = []
        for start, end in sentences(line, 0, len(line)):
            piece = line[start:end]
            marks = _LEADING.match(piece)
            if marks and pieces and (not self._leading or marks.end() == len(piece)):
                pieces[-1] += f" {marks.group()}"
                piece = piece[marks.end() :]
            if piece.strip():
                pieces.append(piece)
        return pieces

    def _take_row(self, line: str) -> None:
        """A row of a table; the first one is a header when a rule follows it."""
        if _RULE.match(line):
            self._header = _cells(self._held) if self._held else []
            self._held = None
        elif self._header is None and self._held is None:
            self._held = line
        else:
            self._release()
            self._found.extend(_row(line, self._header or []))

    def _release(self) -> None:
        if self._held is not None:
            self._found.extend(_row(self._held, []))
            self._held, self._header = None, []

    def _end_table(self) -> None:
        self._release()
        self._header = None


def _cells(line: str) -> list[str]:
    match = _ROW.match(line)
    inside = match[1] if match else line
    return [wording(markers.without(cell)) for cell in _CELL_ENDS.split(inside)]


def _row(line: str, names: list[str]) -> list[Draft]:
    words = row(_cells(line), names)
    return [] if _ONLY_MARKS.match(words) else [Draft(words, markers.cited(line), Kind.ITEM)]


def _draft(text: str, kind: Kind) -> list[Draft]:
    words = wording(markers.without(text))
    return [] if _ONLY_MARKS.match(words) else [Draft(words, markers.cited(text), kind)]


def _joined(draft: Draft, *more: Draft) -> Draft:
    """The draft with what was written below it and belongs to it."""
    together = (draft, *more)
    words = " ".join(each.text for each in together if each.text)
    cites = dict.fromkeys(n for each in together for n in each.cites)
    return replace(draft, text=words, cites=tuple(cites))


def _take_in_remarks(found: list[Draft], settled: int) -> None:
    """Statements between two steps of one procedure join the step before them."""
    last = len(found) - 1
    while last >= settled and found[last].kind is Kind.STATEMENT:
        last -= 1
    remarks = found[last + 1 :]
    if last >= settled and remarks and not remarks[-1].text.endswith(":"):
        found[last:] = [_joined(found[last], *remarks)]
