"""Matching: which sentences of an amended wording belong to which neutral statement.

A lead amends an answer as one text. Where it has as many parts as the answer they belong together
in order; else sentences go, in order, to the statements they share most words with.
"""

from collections.abc import Sequence

from bot.chat.drafts import drafts
from bot.voice.facts.content import terms
from bot.voice.languages import language

_NEXT = 0.01  # what makes a sentence stay with the statement before it when nothing else tells


def matched(neutral: Sequence[str], wording: str) -> tuple[str, ...] | None:
    """The wording of each statement; None where a statement has none."""
    said = [draft.text for draft in drafts(wording) if draft.text]
    if len(said) == len(neutral):
        return tuple(said)
    if len(said) < len(neutral):
        return None
    spoken = language(" ".join(neutral)) or "en"
    alike = [[_alike(text, each, spoken) for each in neutral] for text in said]
    places = _best_path(alike)
    found = tuple(
        " ".join(text for text, at in zip(said, places, strict=True) if at == place)
        for place in range(len(neutral))
    )
    return found if all(found) else None


def _alike(text: str, statement: str, spoken: str) -> float:
    """The share of a sentence's words that are the statement's."""
    mine, theirs = terms(text, spoken), terms(statement, spoken)
    return len(mine & theirs) / len(mine) if mine else 0.0


def _best_path(alike: Sequence[Sequence[float]]) -> list[int]:
    """A place for each sentence, never before that of the one before, none left out."""
    count = len(alike[0])
    best: list[list[tuple[float, int]]] = []
    for row, scores in enumerate(alike):
        best.append([])
        for place in range(count):
            stay = best[row - 1][place][0] + _NEXT if row else (0.0 if place == 0 else -1e9)
            move = best[row - 1][place - 1][0] if row and place else -1e9
            came = (stay, place) if stay >= move else (move, place - 1)
            best[row].append((came[0] + scores[place], came[1]))
    places = [count - 1]
    for row in range(len(alike) - 1, 0, -1):
        places.append(best[row][places[-1]][1])
    return places[::-1]
