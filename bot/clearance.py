"""Clearance: what of a checked answer its reader gets to see.

The engine may be a model that believed a hostile article. So nothing here asks what it meant:
what the articles do not bear out goes or is marked, what repeats our rules goes, and an address
stays only where the cited article has it and it is the help centre's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from bot.addresses import LEFT_OUT, addresses, site_of, withheld
from bot.answers import Kind, Part, Support
from bot.chat.courtesies import is_courtesy
from bot.chat.prompt import leaks
from bot.chat.refusals import is_asked_for, is_refusal
from bot.evidence import Evidence, Passage
from ingest.markup import plain_text

_LEADS_IN = (":", "：", ":**", "：**")


@dataclass(frozen=True, slots=True)
class Cleared:
    """The parts to show, how many are not among them, and whether the answer stands.

    It stands while its first statement that needs a source is borne out, or more than half of
    those are, and while it did not say that the passages hold no answer.
    """

    parts: tuple[Part, ...]
    stands: bool
    lost: int = 0  # statements that the articles do not bear out
    lost_steps: int = 0  # of them, steps of a procedure
    ended: bool = False  # whether the model said that there is no more to say

    @property
    def note(self) -> str | None:
        """What its reader should know."""
        said = []
        if self.lost:
            what = "1 statement was" if self.lost == 1 else f"{self.lost} statements were"
            said.append(f"{what} left out: the articles do not bear it out.")
        if self.lost_steps:
            said.append("Steps are missing: follow the article.")
        if self.ended:
            said.append("The articles say no more about this.")
        return " ".join(said) or None


def cleared(parts: Sequence[Part], evidence: Evidence, *, mark: bool = False) -> Cleared:
    """What may be shown of parts; with `mark` what is not borne out is kept and says so."""
    refusals = [part for part in parts if _refuses(part)]
    safe = [_safe(part, evidence) for part in parts if part not in refusals]
    claims = [part for part in safe if part.support is not Support.NONE_NEEDED]
    borne = [part for part in claims if part.support is not Support.UNSUPPORTED]
    lost = [part for part in claims if part.support is Support.UNSUPPORTED]
    refused = any(is_asked_for(part.text) for part in refusals) or _first_refuses(parts)
    core = bool(borne) and (claims[0] in borne or 2 * len(borne) > len(claims))
    kept = [part for part in safe if mark or part.support is not Support.UNSUPPORTED]
    return Cleared(
        tuple(_leading_somewhere([part for part in kept if part.text])),
        stands=core and not refused,
        lost=0 if mark else len(lost),
        lost_steps=0 if mark else sum(part.kind is Kind.STEP for part in lost),
        ended=bool(refusals),
    )


def _refuses(part: Part) -> bool:
    """Whether a part says that there is no answer; what an article says itself is no refusal."""
    if part.support is Support.SUPPORTED:
        return False
    return is_refusal(part.text)


def _first_refuses(parts: Sequence[Part]) -> bool:
    for part in parts:
        if _refuses(part):
            return True
        if part.support is not Support.NONE_NEEDED:
            return False
    return True


def _safe(part: Part, evidence: Evidence) -> Part:
    """The part as it may be shown; without words where it may not be."""
    if part.support is Support.UNSUPPORTED and is_courtesy(part.text):
        return replace(part, citations=(), support=Support.NONE_NEEDED)
    if leaks(part.text, evidence):
        return replace(part, text="", citations=(), support=Support.UNSUPPORTED)
    cited = [passage for passage in evidence.passages if passage.n in {c.n for c in part.citations}]
    if part.support is not Support.UNSUPPORTED and _has_all(cited, addresses(part.text)):
        return replace(part, text=withheld(part.text, {site_of(each.url) for each in cited}))
    return replace(
        part,
        text=withheld(part.text, (), LEFT_OUT),
        citations=(),
        support=Support.UNSUPPORTED,
    )


def _has_all(cited: Sequence[Passage], found: Sequence[str]) -> bool:
    """Whether the cited passages have every address."""
    if not found:
        return True
    ground = "\n".join(f"{each.text}\n{plain_text(each.text)}" for each in cited).casefold()
    return all(address.replace("＠", "@").casefold() in ground for address in found)


def _leading_somewhere(parts: Sequence[Part]) -> Iterator[Part]:
    """The parts without words that lead in to what is not there."""
    for index, part in enumerate(parts):
        leads = part.support is Support.NONE_NEEDED and part.text.endswith(_LEADS_IN)
        follower = parts[index + 1] if index + 1 < len(parts) else None
        if not leads or (follower is not None and follower.support is not Support.NONE_NEEDED):
            yield part
