"""How a phrase that speaks to a model is written down, and the parts that phrases share.

Patterns meet text in lower case with markup taken off, and reach no further than a sentence.
"""

import re
from dataclasses import dataclass

_PARTS = {
    # Where an order begins: with a sentence, or after a word that can stand before it.
    "OPEN": r"""(?:(?:^|[\n.!?:;,"'(\[{>-]
        |\b(?:please|and|then|now|must|should|you|just|also|but))\s*)""",
    # Within a sentence.
    "GAP": r"[^.!?\n]{0,60}?",
    "AGENT": r"""(?:(?:a\.?i\.?|artificial intelligence)
        (?:[ -](?:language )?(?:assistants?|models?|chat ?bots?|bots?|agents?|systems?))?
        |(?:large )?language models?|llms?|chat ?bots?|chatgpt|gpt-?[3-9][\w.]*
        |(?:virtual|digital|helpful|obedient|unrestricted|uncensored|unfiltered) assistants?)""",
    # The agent is all there is: "an AI developer" is none.
    "CLOSE": r"""(?=\s*(?:$|[.,;:!?)\]"'\n–—-]|\b(?:and|or|that|who|which|whose|with|without|named
        |called|trained|designed|created|made|built|developed|for|in|on|to|of|from|by|reading
        |processing|summari[sz]ing|working|acting|helping|answering|tasked|programmed
        |instructed)\b))""",
    "FORGET": r"""(?:ignore|disregard|forget|override|overrule|bypass|discard|set aside
        |(?:do not|don't|stop) (?:follow|obey)(?:ing)?|pay no attention to)""",
    "BEFORE": r"(?:previous|prior|above|earlier|preceding|former|foregoing|initial|original)",
    "TOLD": r"(?:instructions?|directives?|directions|guidelines|guidance)",
    "PROMPT": r"(?:prompts?|context|programming|guardrails|system messages?)",
    "ANY": r"(?:of|the|your|my|our|any|all|other|and|or|these|those|system|<BEFORE>)",
    "OUTPUT": r"your (?:\w+ ){0,2}?(?:answers?|responses?|repl(?:y|ies)|outputs?)(?:'s)?\b",
    "TONGUE": r"""(?:english|spanish|french|german|italian|portuguese|dutch|russian|chinese|japanese
        |korean|arabic|hindi|turkish|polish|swedish|latin|greek|hebrew)\b""",
    # How nobody answers, and nobody asks a reader to.
    "CODE": r"""(?:\b(?:cipher\w*|caesar|rot-?13|base-? ?(?:16|32|58|64|85)|morse|pig latin
        |anagram\w*|leet ?speak|backwards?|in reverse|reversed? (?:order|sequence)|homophonic
        |ascii (?:art|codes?)|emojis? only|only emojis?
        |(?:intentional|deliberate|random) (?:typos?|misspellings?))\b)""",
    "LETTERS": r"(?:letters?|vowels?|consonants?|characters?|words?|keywords?)",
    # Acts of speech, as what an answer is bent to.
    "SPEAK": r"""(?:(?:includ|mention|promot|highlight|claim|say|suggest|recommend|prais|spread|hint
        |allud|endors|advertis|referenc|express|thank|invit|offer|encourag|urg|warn)\w*
        |stat(?:e|ing)\b|an? (?:appeal|recommendation|endorsement|plug|link)\b
        |the (?:recent|latest|words|phrase)\b)""",
    "TELL": r"""(?:must|should|always|never|ignore|disregard|recommend|respond|answer|reply|say
        |tell)\b""",
    # What makes an order harmless: it holds in a case, is an offer, or is about something else.
    "CASE": r"""\b(?:if|unless|when|once|where|in case|can|could|may|might|safely|not|never|don't
        |cannot|otherwise|already|users|people|attackers?)\b""",
}


@dataclass(frozen=True, slots=True)
class Phrase:
    """One way to speak to a model: looked for only where one of `words` occurs.

    A sentence in which `unless` is found is meant for readers.
    """

    words: tuple[str, ...]
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None

    def search(self, sentence: str) -> int | None:
        """Where in a sentence it begins, if the sentence is not meant for readers."""
        found = self.pattern.search(sentence)
        if found is None or (self.unless is not None and self.unless.search(sentence)):
            return None
        return found.start()


def phrase(words: str, pattern: str, unless: str | None = None) -> Phrase:
    """A phrase from its words, divided by bars, and patterns in which <NAME> stands for a part.

    Line breaks in a pattern and the indentation after them stand for nothing.
    """
    compiled = re.compile(_whole(pattern))
    return Phrase(tuple(words.split("|")), compiled, re.compile(_whole(unless)) if unless else None)


def _whole(pattern: str) -> str:
    while found := re.search(r"<([A-Z]+)>", pattern):
        pattern = pattern.replace(found[0], _PARTS[found[1]])
    return re.sub(r"\n\s*", "", pattern)
