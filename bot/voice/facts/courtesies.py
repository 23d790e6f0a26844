"""Courtesies: what a voice may say around a statement, and what is left of a wording without it."""

import re

from bot.grounding.facts import facts
from bot.grounding.polarity import demands, denials, naming_words
from bot.wording import unmarked

# Words that say nothing of the matter: where a clause has no others, it is a courtesy.
COURTESIES = frozenset(
    """
    absolutely afternoon all always anything anytime apologies appreciate ask asking assist
    assistance awesome best bet care cheers clear clearly course day dear easily easy else enjoy
    evening excellent fantastic feel fine folks found friendly friend friends get getting give glad
    gladly good got great greetings guidance hand happily happy hear hello helped helpful help
    helping helps hey hi hope kind kindly kindest know let little look lovely luck made matter
    mention moment out morning need news nice patience perfect please pleased pleasure point problem
    question questions quick quickly reach reaching regards right rest see shout simple simply
    sincerely smile sorry sounds start super sure take talk team thank thanks that's there thing
    things touch trouble trust try unclear understand us walk warm warmly way we welcome wish wishes
    wonderful wondering worries worry worth yes just here any have very we're you're i'm it's
    there's
    hallo gerne bitte danke dank freundliche freundlichen grüße liebe lieber viele herzlich
    herzlichen klar natürlich schön schönen tag frage fragen hilfe helfen freuen freue sehr
    hola gracias favor gusto encantados encantado saludos cordial cordialmente claro pregunta
    preguntas ayuda ayudar ayudarte buen buena buenas buenos día tarde
    bonjour merci plaisir cordialement bien sûr volontiers question aide aider bonne journée
    olá obrigado obrigada prazer atenciosamente pergunta ajuda ajudar dia bom boa
    """.split()
)
# What denies or asks something in form only.
_SET_PHRASES = re.compile(
    r"\b(?:(?:please )?(?:do not|don['’]t|never) "
    r"(?:worry|fret|panic|hesitate(?: to (?:ask|write|call|reach out|get in touch|contact us))?)"
    r"|no (?:worries|problem|trouble|need to worry|stress)(?: at all)?|not to worry|not at all"
    r"|why not|if need be"
    r"|if (?:you (?:have|need)|there(?:['’]s| is)) (?:any|anything|more|further)"
    r"(?: other| more| further| else)*(?: questions?| help| assistance)?(?=\s*(?:[.,!?]|$))"
    r"|if you(?: would| don['’]t mind| like| please)(?=\s*(?:[.,!?]|$))"
    r"|whenever you(?:['’]re| are) ready|feel free"
    r"|(?:just )?(?:let|tell) us know|keine sorge|no te preocupes)\b,?",
    re.IGNORECASE,
)
_SEAM = re.compile(r"(?<=[.!?,:;])\s+|\s+[–—-]\s+|(?<=[–—])\s*")
_SHARED = 0.5  # of a clause's words in the neutral text from which it is no courtesy


def core(wording: str, neutral: str, own: frozenset[str] = frozenset()) -> str:
    """A wording without the courtesies that the neutral text does not have.

    `own` are words of the voice's, such as the desk's name in its greeting.
    """
    said = frozenset(naming_words(unmarked(neutral)))
    bare = wording if _SET_PHRASES.search(neutral) else _SET_PHRASES.sub(" ", wording)
    pieces: list[str] = []
    at = 0
    for seam in [*_SEAM.finditer(bare), None]:
        piece = bare[at : seam.start() if seam else None]
        if not _is_courtesy(piece, said, own):
            pieces.append(bare[at : seam.end()] if seam else piece)
        elif pieces and pieces[-1].rstrip().endswith((",", ":", ";")):
            pieces[-1] = pieces[-1].rstrip(" ,:;") + ". "
        at = seam.end() if seam else at
    return "".join(pieces).strip()


def _is_courtesy(piece: str, said: frozenset[str], own: frozenset[str]) -> bool:
    found = naming_words(unmarked(piece))
    if not found:
        return not any(each.isalnum() for each in piece)
    stated = facts(piece)
    if stated.stated or stated.addresses or stated.set_apart or denials(piece) or demands(piece):
        return False
    if sum(word in said for word in found) >= _SHARED * len(found):
        return False
    return all(word in COURTESIES or word in own for word in found)
