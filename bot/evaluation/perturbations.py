"""Perturbations: true sentences made false by rule, and true ones put in other words by rule.

Each function returns None where its rule has nothing to take hold of. `turn` chooses among several
ways, so that a set made twice is the same.
"""

import re
from collections.abc import Callable, Sequence

_NUMBER = re.compile(r"(?<![\w.,/-])\d+(?:[.,]\d+)*(?![\w/])")
_COUNTED = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|twelve)\b", re.IGNORECASE)
_WORDS = "two three four five six seven eight nine ten eleven twelve".split()
_AUXILIARY = re.compile(
    r"\b(is|are|was|were|can|could|will|would|must|may|should|does|do|has been|have been)\b(?! not)"
)
_DENIED = (
    (re.compile(r"\bcan(?:not|'t|’t)\b"), "can"),
    (re.compile(r"\b(is|are|was|were|will|would|must|may|should|could|can|has|have) not\b"), r"\1"),
    (re.compile(r"\b(?:do|does) not "), ""),
    (re.compile(r"\b(?:don|doesn)['’]t "), ""),
    (re.compile(r"\b(is|are|was|were|would|should|could)n['’]t\b"), r"\1"),
    (re.compile(r"\bwon['’]t\b"), "will"),
    (re.compile(r"\bnever\b"), "always"),
)
_IMPERATIVE = re.compile(
    r"(?:press|click|select|open|choose|use|enter|go|connect|install|check|make|turn|tap|download|"
    r"add|remove|follow|contact|keep|call|apply|submit|send|complete|bring|visit|provide|fill|get|"
    r"read|sign|pay|try|copy|plug|hold|close|create|set|run|type|save|find|give|take|see)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,;] )[A-Z][\w&'’-]*(?: (?:of |and |& )?[A-Z][\w&'’-]*)*")
# Others would do; these change nothing that is said.
_REWORDINGS = (
    (re.compile(r"\bdo not\b"), "don't"),
    (re.compile(r"\bcannot\b"), "can't"),
    (re.compile(r"\bis not\b"), "isn't"),
    (re.compile(r"\bare not\b"), "aren't"),
    (re.compile(r"\bin order to\b"), "to"),
    (re.compile(r"\bprior to\b"), "before"),
    (re.compile(r"\byou must\b"), "you have to"),
    (re.compile(r"\byou need to\b"), "you must"),
    (re.compile(r"\bfor example\b"), "e.g."),
    (re.compile(r"\bin case\b"), "if"),
    (re.compile(r"\bas well as\b"), "and"),
    (re.compile(r"\bmay be able to\b"), "might be able to"),
    (re.compile(r"\bmake sure\b", re.IGNORECASE), "ensure"),
    (re.compile(r"\bobtain\b"), "get"),
    (re.compile(r"\badditional\b"), "further"),
    (re.compile(r"\bassist\b"), "help"),
    (re.compile(r"\bbegin\b"), "start"),
    (re.compile(r"\bclick\b", re.IGNORECASE), "select"),
    (re.compile(r"\bpurchase\b"), "buy"),
    (re.compile(r"\bhowever,? ?", re.IGNORECASE), ""),
    (re.compile(r"\bplease ", re.IGNORECASE), ""),
)
_IF = re.compile(r"^If ([^,]{8,}), (?:then )?([^,].{8,}?)([.!])?$")


def number_changed(claim: str, turn: int) -> str | None:
    """One number made another one of the same kind."""
    found = [*_NUMBER.finditer(claim), *_COUNTED.finditer(claim)]
    if not found:
        return None
    match = found[turn % len(found)]
    old = match.group()
    if old[0].isdigit():
        at = turn % sum(each.isdigit() for each in old)
        digits = [i for i, each in enumerate(old) if each.isdigit()]
        digit = (int(old[digits[at]]) + 1 + turn % 8) % 10 or 1
        new = f"{old[: digits[at]]}{digit}{old[digits[at] + 1 :]}"
        if new == old:
            new = f"{old[: digits[at]]}{digit + 1}{old[digits[at] + 1 :]}"
    else:
        new = _WORDS[(_WORDS.index(old.casefold()) + 1 + turn % 8) % len(_WORDS)]
    return claim[: match.start()] + new + claim[match.end() :]


def negation_flipped(claim: str, turn: int) -> str | None:
    """A negation taken out, or one put in."""
    for pattern, replacement in _DENIED:
        if pattern.search(claim):
            return pattern.sub(replacement, claim, count=1)
    found = list(_AUXILIARY.finditer(claim))
    if found:
        match = found[turn % len(found)]
        return f"{claim[: match.end()]} not{claim[match.end() :]}"
    if _IMPERATIVE.match(claim):
        return f"Do not {claim[0].lower()}{claim[1:]}"
    return None


def names(text: str) -> list[str]:
    """The names a sentence holds after its beginning."""
    return [match.group() for match in _NAME.finditer(text)]


def entity_swapped(claim: str, others: Sequence[str], turn: int) -> str | None:
    """One name made another one; `others` are names that are not the article's."""
    found = list(_NAME.finditer(claim))
    if not found or not others:
        return None
    match = found[turn % len(found)]
    new = others[turn % len(others)]
    return None if new in claim else claim[: match.start()] + new + claim[match.end() :]


def reworded(claim: str, turn: int) -> str | None:
    """The same said otherwise: contractions, common synonyms, a condition moved to the end."""
    del turn
    said = claim
    for pattern, replacement in _REWORDINGS:
        said = pattern.sub(replacement, said)
    moved = _IF.match(said)
    if moved:
        then = moved[2]
        said = f"{then[0].upper()}{then[1:]} if {moved[1]}{moved[3] or ''}"
    if said and said != claim:
        return said[0].upper() + said[1:]
    return None


Rule = Callable[[str, int], str | None]
