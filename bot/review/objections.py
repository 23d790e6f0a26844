"""Objections: what speaks against a lead's wording of a statement, in words a lead can act on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answers import Draft, Part, Support
from bot.evidence import Evidence
from bot.grounding import needs_no_source
from bot.grounding.citing import Case, case
from bot.grounding.quantities import Quantity
from bot.grounding.reading import Sentence

MOST = 4  # objections to one statement
LONGEST = 160  # characters of an article's sentence that is quoted


@dataclass(frozen=True, slots=True)
class Checked:
    """A wording against what it cites."""

    support: Support
    objections: tuple[str, ...] = ()


def check(part: Part, wording: str, evidence: Evidence) -> Checked:
    """Whether what a part cites bears a new wording of it; by words alone, in milliseconds."""
    passages = [
        passage for cited in part.citations if (passage := evidence.numbered(cited.n)) is not None
    ]
    if not wording.strip() or wording == part.text:
        return Checked(part.support)
    if not passages:
        if needs_no_source(Draft(wording, kind=part.kind)):
            return Checked(Support.NONE_NEEDED)
        return Checked(Support.UNSUPPORTED, ("This states something and cites no article.",))
    judged = case(wording, passages)
    found = judged.support(None)
    said = tuple(dict.fromkeys(_objections(judged)))[:MOST]
    if found is not Support.SUPPORTED and not said:
        said = ("Much of this is not in what it cites.",)
    return Checked(found if said else Support.SUPPORTED, said)


def check_all(
    parts: Sequence[Part], wordings: dict[int, str], evidence: Evidence
) -> dict[int, Checked]:
    """The changed wordings that something speaks against, by position."""
    checked = {at: check(parts[at], wording, evidence) for at, wording in wordings.items()}
    return {at: each for at, each in checked.items() if each.objections}


def _objections(judged: Case) -> Iterator[str]:
    claim, ground = judged.claim, judged.ground
    at = judged.judged.at
    near = ground.sentences[at] if at is not None else None
    for quantity in claim.stated:
        yield from _about(quantity, judged, near)
    for address in sorted(claim.facts.addresses - ground.addresses):
        yield f"“{address}” is not in what it cites."
    for name in sorted(claim.facts.names):
        if name not in ground.words and name.removesuffix("s") not in ground.words:
            yield f"“{name}” is not named in what it cites."
    if near is not None and claim.polarity.contradicts(near.polarity):
        yield f"It says the opposite of the article: “{_shortened(near.text)}”"


def _about(quantity: Quantity, judged: Case, near: Sentence | None) -> Iterator[str]:
    """What the article has in place of a number that it does not have, or not there."""
    said = judged.claim.text[quantity.start : quantity.end].strip()
    there = [] if near is None else [q for q in near.stated if q.scale == quantity.scale]
    if any(quantity.agrees(other) for other in there):
        return
    if near is not None and there:
        other = near.text[there[0].start : there[0].end].strip()
        yield f"It says “{said}”; the article says “{other}”."
    elif not any(quantity.agrees(other) for other in judged.ground.quantities):
        yield f"“{said}” is not in what it cites."


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"
