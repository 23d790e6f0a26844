"""Stretches: how much of a section is shown around what was found in it.

A short section is shown whole. Of a long one what was found is shown with its surroundings, but
never half a procedure, a step or a piece of code, however long they are.
"""

import re
from collections.abc import Iterator, Sequence

from ingest.markup import parse
from ingest.markup.blocks import Block

WHOLE_SECTION = 2_400  # characters; up to here a section is shown whole
MARGIN = 600  # characters shown around what was found in a longer section
BETWEEN = 4  # paragraphs, notes and pieces of code that may stand between two steps

_NUMBER = re.compile(r"\d{1,9}")


def stretch(text: str, hits: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Where what is shown of a section begins and ends; the best hit comes first."""
    if len(text) <= WHOLE_SECTION:
        return 0, len(text)
    start, end = hits[0]
    for low, high in hits[1:]:
        if low <= end + MARGIN and high >= start - MARGIN:
            start, end = min(start, low), max(end, high)
    before = text.find("\n\n", max(0, start - MARGIN), start)
    after = text.rfind("\n\n", end, end + MARGIN)
    start = before + 2 if before >= 0 else start
    end = after if after >= 0 else end
    for low, high in _unbroken(text):
        if low < end and high > start:
            start, end = min(start, low), max(end, high)
    return start, end


def _unbroken(text: str) -> Iterator[tuple[int, int]]:
    """Procedures from what leads in to them to their last step, and whole pieces of code."""
    steps: list[Block] = []  # of the procedure that may go on
    first: Block | None = None
    before: Block | None = None
    end = between = 0
    for block in parse(text).blocks:
        number = _number(block)
        if steps and number == _number(steps[-1]) + 1 and between <= BETWEEN:
            steps.append(block)
            end, between = block.end, 0
        elif number:
            if first is not None:
                yield first.start, end
            leads = before is not None and before.plain.endswith((":", "："))
            first = before if leads else block
            steps, end, between = [block], block.end, 0
        elif block.kind == "item" and block.depth > 1:
            end = block.end  # belongs to the step above it
        elif steps:
            between += 1
        if block.kind == "code":
            yield block.start, block.end
        before = block
    if first is not None:
        yield first.start, end


def _number(block: Block) -> int:
    """The number of a step; 0 of anything else."""
    found = _NUMBER.match(block.ordinal or "")
    return int(found[0]) if found and block.kind == "item" and block.depth == 1 else 0
