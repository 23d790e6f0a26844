"""Passages: the stretches of a section that are embedded, retrieved and cited.

Whole blocks are packed up to a budget the embedding model can read; a step, a table row or a
code block is never cut. Sizes are estimated word pieces: loading a tokenizer here would make
every run pay for it.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ingest.articles import Article
from ingest.markup import Block, Document, parse, sentences
from ingest.markup.blocks import HEADER
from ingest.markup.inline import slice_plain
from ingest.sections import Section, split_sections

# Word pieces. The embedded model reads 256; windows of about 110 words plus title rank best.
BUDGET = 200
OVERLAP = 35
# Below this (some fifteen words) a piece joins its neighbour.
TINY = 20
# Room that stays for text however long the title and the headings are.
MIN_ROOM = 80
# Characters. Only a block no database index could hold is cut against the rules.
MAX_BLOCK = 20_000

# Other languages make more pieces of a word of the embedded model's English vocabulary.
FOREIGN_WORDS = 1.4
_COUNTED_WELL = ("en", "zh", "ja", "ko")

_LONG = 7  # characters; a longer word is more than one piece
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")
_WIDE = re.compile(r"[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef]")
# A word for the last resort: links and code spans stay in one piece.
_CHUNK = re.compile(r"(?:`[^`\n]*`|!?\[[^\[\]]*\]\([^()\s]*\)|\S)+")

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one section. `text` is verbatim Markdown: the article's text[start:end]."""

    section: Section
    position: int
    start: int
    end: int
    text: str
    plain: str

    @property
    def embedding_text(self) -> str:
        """What is embedded: the heading path on one line, then the readable text."""
        return " › ".join(self.section.heading_path) + "\n" + self.plain

    @property
    def text_hash(self) -> bytes:
        """SHA-256 of `embedding_text`: equal hashes share one vector."""
        return hashlib.sha256(self.embedding_text.encode()).digest()


def estimate_pieces(text: str) -> int:
    """About how many word pieces the embedded model's tokenizer makes of English or CJK text."""
    words = _WORD.findall(text)
    long = sum((len(word) - 2) // 6 for word in words if len(word) > _LONG)
    return len(words) + long + len(_WIDE.findall(text))


def estimate_foreign_pieces(text: str) -> int:
    """The same for languages the vocabulary was not made for."""
    return round(estimate_pieces(text) * FOREIGN_WORDS)


def passages_of(article: Article, *, budget: int = BUDGET) -> list[Passage]:
    """Sections and passages of an article, from a single parse."""
    document = parse(article.text)
    sections = split_sections(article.title, article.text, document=document)
    well = article.locale.startswith(_COUNTED_WELL)
    count = estimate_pieces if well else estimate_foreign_pieces
    return cut_passages(
        article.title, article.text, sections, budget=budget, count=count, document=document
    )


def cut_passages(
    title: str,  # noqa: ARG001 - callers hold title, text and sections together
    text: str,
    sections: Sequence[Section],
    *,
    budget: int = BUDGET,
    overlap: int = OVERLAP,
    count: Count = estimate_pieces,
    document: Document | None = None,
) -> list[Passage]:
    """Cut sections into passages; `budget` and `overlap` are in what `count` returns.

    A passage ends where its section ends. A piece that would be tiny joins its neighbour, so a
    passage may exceed the budget by that much; a single step, row or code block may exceed it
    by any amount. Tables of contents yield nothing.
    """
    document = document or parse(text)
    found: list[Passage] = []
    for section in sections:
        room = max(MIN_ROOM, budget - count(" › ".join(section.heading_path)))
        cutter = _Cutter(text, room, overlap, count)
        for contents, run in groupby(
            document.between(section.start, section.end), key=lambda block: block.contents
        ):
            if contents:
                continue
            for chunk in cutter.pack(cutter.units(run)):
                start, end = chunk[0].start, chunk[-1].end
                plain = _joined(chunk)
                found.append(Passage(section, len(found), start, end, text[start:end], plain))
    return found


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is not cut any further; `glue` joins its readable text to the unit before."""

    start: int
    end: int
    plain: str
    cost: int
    kind: str
    glue: str = "\n"
    header: str = ""  # the header row, for the other rows of its table
    leads: bool = False  # announces what follows: "To do so:", a table's header


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Turns blocks into units and packs units into chunks, within one section's room."""

    text: str
    room: int
    overlap: int
    count: Count

    def units(self, run: Iterable[Block]) -> Iterator[_Unit]:
        header, table = "", 0
        for _, members in groupby(run, key=lambda block: block.step):
            step = list(members)
            whole = self.whole_step(step)
            if whole is not None:
                yield whole
                continue
            for block in step:
                if block.kind == "row" and block.group != table:
                    table, header = block.group, ""
                yield from self.block_units(block, header if block.kind == "row" else "")
                if block.ordinal == HEADER:
                    header = block.plain

    def whole_step(self, step: list[Block]) -> _Unit | None:
        """A step together with the steps below it, unless that is far too much."""
        if len(step) == 1:
            return None
        plain = "\n".join(block.plain for block in step)
        cost = self.count(plain)
        if cost > 2 * self.room or len(plain) > MAX_BLOCK:
            return None
        return _Unit(step[0].start, step[-1].end, plain, cost, "item")

    def block_units(self, block: Block, header: str) -> Iterator[_Unit]:
        cost = self.count(block.plain)
        soft = block.kind in ("paragraph", "quote")
        if (soft and cost > self.room) or block.end - block.start > MAX_BLOCK:
            yield from self.parts(block)
            return
        leads = block.ordinal == HEADER or (soft and block.plain.endswith((":", "：")))
        yield _Unit(
            block.start, block.end, block.plain, cost, block.kind, header=header, leads=leads
        )

    def parts(self, block: Block) -> Iterator[_Unit]:
        """The sentences of a block that is too long, or runs of words of too long a sentence."""
        glue = "\n"
        for start, end in sentences(self.text, block.start, block.end):
            for first, last in self.short_enough(start, end):
                plain = slice_plain(self.text[first:last])
                if plain:
                    yield _Unit(first, last, plain, self.count(plain), "paragraph", glue)
                    glue = " "

    def short_enough(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        stretch = self.text[start:end]
        if self.count(stretch) <= self.room:
            yield start, end
            return
        first = last = cost = 0
        for begin, stop in self.words(stretch):
            more = self.count(stretch[begin:stop])
            if last > first and cost + more > self.room:
                yield start + first, start + last
                first, cost = begin, 0
            last, cost = stop, cost + more
        yield start + first, end

    def words(self, stretch: str) -> Iterator[tuple[int, int]]:
        """Words, and where a "word" alone is too long (no spaces at all) equal parts of it."""
        for match in _CHUNK.finditer(stretch):
            begin, end = match.span()
            if self.count(match[0]) <= self.room:
                yield begin, end
                continue
            for part in range(begin, end, self.room):
                yield part, min(part + self.room, end)

    def pack(self, units: Iterable[_Unit]) -> list[list[_Unit]]:
        chunks: list[list[_Unit]] = []
        chunk: list[_Unit] = []
        borrowed = cost = 0  # borrowed: how many units at the front stand in the last chunk too
        for unit in units:
            fresh = sum(u.cost for u in chunk[borrowed:]) if cost < TINY + self.overlap else cost
            if chunk and cost + unit.cost > self.room and fresh >= TINY:
                chunk, moved = self.without_lead(chunk, unit)
                chunks.append(chunk)
                repeated = [] if moved else self.repeated(chunk, unit)
                chunk, borrowed = moved or repeated, len(repeated)
                cost = sum(u.cost for u in chunk)
            chunk.append(unit)
            cost += unit.cost
        rest = chunk[borrowed:]
        if chunks and sum(u.cost for u in rest) < TINY:
            chunks[-1].extend(rest)
        elif rest:
            chunks.append(chunk)
        return chunks

    def without_lead(self, chunk: list[_Unit], unit: _Unit) -> tuple[list[_Unit], list[_Unit]]:
        """Move "To do so:" and a table's header from the chunk's end to what they announce."""
        at = len(chunk)
        cost = unit.cost
        while at > 1 and chunk[at - 1].leads and cost + chunk[at - 1].cost <= self.room:
            at -= 1
            cost += chunk[at].cost
        return chunk[:at], chunk[at:]

    def repeated(self, chunk: list[_Unit], unit: _Unit) -> list[_Unit]:
        """The end of a chunk that the next one begins with: a short step or a last sentence."""
        last = chunk[-1]
        limit = min(self.overlap, self.room - unit.cost)
        if last.kind in ("row", "code"):
            return []
        if len(chunk) > 1 and last.cost <= limit:
            return [last]
        if last.kind != "paragraph":
            return []
        spans = sentences(self.text, last.start, last.end)
        if len(spans) < 2:  # noqa: PLR2004 - repeating the only sentence repeats everything
            return []
        plain = slice_plain(self.text[spans[-1][0] : last.end])
        cost = self.count(plain)
        return [_Unit(spans[-1][0], last.end, plain, cost, "paragraph")] if cost <= limit else []


def _joined(chunk: list[_Unit]) -> str:
    """Readable text of a chunk; a table that began in an earlier one shows its header again."""
    parts: list[str] = []
    header = ""
    for unit in chunk:
        if unit.kind == "row":
            if unit.header and unit.header != header:
                parts += ["\n", unit.header]
            header = unit.header or unit.plain
        parts += [unit.glue, unit.plain]
    return "".join(parts).strip()
