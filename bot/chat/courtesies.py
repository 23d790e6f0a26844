"""Courtesies: sentences that say nothing, which models begin and end with."""

import re

from ingest.lexicon import words

_SAID = frozenset(
    """
    hello hi hey dear there good morning afternoon evening thanks thank you your for reaching out
    the question asking sure certainly of course happy glad pleased to help assist
    i i'm i'll we we'll am be here is are here's how what found this it hope helps
    let me us know if have any other more further questions need anything else please ask
    as follows below answer steps details information great today with a an and

    hallo guten tag morgen abend liebe lieber danke dank vielen für ihre deine die frage gerne gern
    natürlich sicher hier ist sind die wie folgt antwort ich hoffe hilft ihnen dir weiter
    bei weiteren fragen wenn sie haben melden sich bitte
    hola buenos días buenas tardes gracias por tu su pregunta claro con gusto aquí está tienes la
    respuesta espero que te le ayude si tienes tiene más preguntas
    bonjour merci pour votre ta bien sûr voici réponse j'espère que cela vous aide
    """.split()
)
_OFFER = re.compile(
    r"(?:I|we)(?: can|['’]d be happy to|['’]m here to)? help(?: you)?(?: with (?:this|that))?[.!]",
    re.IGNORECASE,
)
_FREE = re.compile(r"\bfeel free to\b", re.IGNORECASE)  # "free" alone may be a price
_LONGEST = 16  # words


def is_courtesy(text: str) -> bool:
    """Whether a sentence is made of words of politeness alone, and so cannot be wrong."""
    if _OFFER.fullmatch(text):
        return True
    said = words(_FREE.sub("", text))
    return 0 < len(said) <= _LONGEST and _SAID.issuperset(said)
