"""Facts: what a text says that no rewording may change, each in one form however it is written."""

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.grounding.polarity import naming_words
from bot.grounding.quantities import ADDRESS, Quantity, blanked, quantities
from bot.wording import styled, unmarked
from ingest.lexicon import UNSTEMMED, words

_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{2,60})[\"”“»]")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_OPENING = " \t\"'“„«¿¡([*_–—-”’»)]"  # between the end of a sentence and the next one's first word
_ENDS = ".!?:;…|\n"
_CASELESS = frozenset({"de", UNSTEMMED})  # where a capital makes no name
_LONGEST_LABEL = 6  # words; what is bold beyond is stressed, not named
_MOSTLY = 0.6  # of the words capitalised: a title, where a capital says nothing


@dataclass(frozen=True, slots=True)
class Facts:
    """The quantities, addresses and names of a text, in order.

    `labels` are what it sets apart (bold, code, in quotation marks), `names` its capitalised words
    and those with digits, folded; `openers` begin a sentence and may be names.
    """

    quantities: tuple[Quantity, ...]
    addresses: frozenset[str]
    labels: tuple[str, ...]
    names: frozenset[str]
    openers: frozenset[str]
    quoted: int = 0  # of the labels, the last ones, are in quotation marks only

    @property
    def set_apart(self) -> tuple[str, ...]:
        """The labels in bold or code."""
        return self.labels[: len(self.labels) - self.quoted]

    @property
    def stated(self) -> tuple[Quantity, ...]:
        """The quantities that are written as such."""
        return tuple(each for each in self.quantities if each.stated)


@functools.lru_cache(maxsize=512)
def facts(text: str, language: str = "en") -> Facts:
    """The facts of a text in the Markdown of parts: words, **bold** and `code`."""
    said = unmarked(text)
    counted = tuple(quantities(said))
    names, openers = _names(blanked(said, ((q.start, q.end) for q in counted)), language)
    return Facts(
        counted,
        frozenset(addresses(said)),
        tuple(labels(text)),
        names,
        openers,
        len(_QUOTED.findall(said)),
    )


def addresses(text: str) -> Iterator[str]:
    """URLs and e-mail addresses without what may be left out of them."""
    for match in _found(text):
        address = match.group().rstrip(".,;:!?'\"*_").casefold()
        yield re.sub(r"^(?:https?://)?(?:www\.)?", "", address).rstrip("/")


def _found(text: str) -> list[re.Match[str]]:
    likely = "@" in text or "//" in text or "www." in text.casefold()
    return list(ADDRESS.finditer(text)) if likely else []


def labels(text: str) -> Iterator[str]:
    """What a text sets in bold or code or puts in quotation marks as the name of something."""
    for run, bold, as_code in styled(text):
        if (as_code and run.strip()) or (bold and _is_label(run.strip())):
            yield run.strip()
    yield from (match[1].strip() for match in _QUOTED.finditer(unmarked(text)))


def _is_label(bold: str) -> bool:
    """Whether what is bold names something on a screen; else it is stressed or leads in."""
    return (
        0 < len(bold.split()) <= _LONGEST_LABEL
        and not bold.endswith(":")
        and (bold[0].isupper() or bold[0].isdigit())
    )


def _names(text: str, language: str) -> tuple[frozenset[str], frozenset[str]]:
    """The words that a capital or a digit makes names, and those that begin a sentence."""
    text = blanked(text, (match.span() for match in _found(text)))
    found: set[str] = set()
    openers: set[str] = set()
    matches = list(_WORD.finditer(text))
    capitals = sum(match.group()[0].isupper() for match in matches)
    title = len(matches) > 1 and capitals > _MOSTLY * len(matches)
    marked_words = [match for match in matches if not match.group().islower()]
    naming = frozenset(naming_words(" ".join(match.group() for match in marked_words)))
    for match in marked_words:
        word = match.group()
        folded = next(iter(words(word)), "")
        if folded not in naming:
            continue
        marked = any(each.isdigit() for each in word) and any(each.isalpha() for each in word)
        if marked or any(each.isupper() for each in word[1:]):
            found.add(folded)
        elif word[0].isupper() and language not in _CASELESS:
            before = text[: match.start()].rstrip(_OPENING)
            first = not before or before[-1] in _ENDS
            (openers if title or first else found).add(folded)
    return frozenset(found), frozenset(openers)
