"""Follow-ups: questions that lean on their thread, and how they are made to stand alone.

By rules on words alone, so in no time and in every thread; where there is a chat model it rewrites
the question, and what it wrote is looked at here.
"""

import re
from collections.abc import Sequence

from bot.questions import readable
from ingest.lexicon import content_words, words

LONGEST_REWRITE = 300  # characters; of a question that is longer itself, twice its own
MOST_LINES = 2
MOST_CARRIED = 400  # characters of the thread that a follow-up takes along
_FEW = 2  # naming words; a question with fewer is about what was asked before

# A question begins with one of these where it goes on from the one before.
_OPENER = re.compile(
    r"""(?ix)^[\s¿¡"'(]*(?:
        (?:and|but|or|also|plus|ok(?:ay)?,?\ and|then)\b(?:\s+(?:what|how)\s+about\b)?
      | (?:what|how)\s+about\b | same\s+(?:for|with|on|in)\b
      | (?:und|oder|aber|auch)\b(?:\s+(?:was\s+ist\s+mit|wie\s+(?:ist|sieht)\s+es)\b)?
      | was\s+ist\s+mit\b | wie\s+(?:ist|sieht)\s+es\b
      | (?:y|e|o|pero|también)\b(?:\s+qué\s+(?:pasa\s+con|tal)\b)?
      | qué\s+(?:pasa\s+con|hay\s+de|tal)\b
      | (?:et|ou|mais|aussi)\b | qu['’]en\s+est-il\b
      | (?:ed|ma|mas|maar|en(?=\s+(?:op|voor|met|de|het)))\b | hoe\s+zit\s+het\s+met\b
    )[\s,:]*"""
)
# Words that stand for something said before.
_PRONOUN = frozenset(
    "it its they them their theirs these those ones he she him her his same"
    " ihn ihm ihnen dies diese dieser dieses diesen denen dessen deren dort damit dafür dazu davon"
    " dabei darauf daran daraus dagegen hierfür derselbe dieselbe dasselbe"
    " esto eso ello ellos ellas este ese esta esa estos esos allí"
    " ça cela celui celle ceux celles lui leur là"
    " questo quello isso isto dele nele dit dat deze ermee ervan".split()
)
_CLITIC = re.compile(r"\w{2,}[aeiáéí]r(?:me|te|se)?(?:lo|la|los|las|le|les)\b")
# Those that do so in some places only; a German "das" before a noun is its article.
_SOMETIMES = re.compile(
    r"""(?x)
    \b(?:that|this|das|one|there|then|instead|afterwards|too|dann|danach|stattdessen|auch|después
       |entonces|aussi|après|alors)(?=[?!.,]?$)
  | \b(?:is|are|was|does|do|did|can|could|will|would|should|for|of|on|in|with|after|before|about
       |like|by|than|to|from)\ (?:that|this)\b
  | \bone(?=\ (?:of|in|on|at|for|to|with)\b)
  | \b(?:do|pay|go|find|see|happens?|still|already)\ (?:there|then)\b
  | \b(?:ich|wir|man|geht|ist|kostet|dauert|gilt|kann|muss|soll|wird|funktioniert|heißt|bedeutet)
    \ (?:es|sie|das(?!\ (?:(?!in|im|auf|bei|mit|für|an|am|von|zu|nach)[a-zäöüß]+\ )?[A-ZÄÖÜ]))\b
  | \blo(?=\ (?!que\b)\w+[aeo]s?\b)
    """
)
_IMPERSONAL = re.compile(
    r"(?i)\b(?:is it (?:possible|true|ok|okay|safe|allowed|normal)|there is|is there|are there"
    r"|how long does it take (?:to|for|until)|it (?:says|looks like|seems)"
    r"|gibt es|es gibt|geht es um|hay|il y a)\b"
)
_CLAUSE = re.compile(
    r"(?i)[.;:,!?—]\s|\b(?:when|if|because|but|and|so|after|before|while|once|although|wenn|weil|aber"
    r"|und|nachdem|bevor|obwohl|cuando|si|pero|y|porque|quand|mais|et|parce)\b"
)
# Naming words that name nothing by themselves.
_EMPTY = frozenset(
    "many much long often far big late soon mean means happen happens work works need possible"
    " also too then else instead now afterwards one ones it its they them their there same other"
    " viel viele lange oft weit dauert heißt bedeutet geht passiert auch dann noch denn da dabei"
    " cuánto cuánta cuántos cuántas tiempo pasa también funciona combien longtemps aussi".split()
)
_CODE = re.compile(r"(?=\w*\d)[\w.-]*\w")
_CAPITAL = r"(?:[A-ZÄÖÜÉ][\w-]*|[a-z][A-Z]\w*)"
_NAMES = rf"{_CAPITAL}(?:\s+{_CAPITAL})*"
_NAME = re.compile(rf"(?<!^)(?<![.?!]\s)\b(?:(?:a|an|the|my|our|your)\s+)?{_NAMES}")
_LINK_WORD = (
    "to|on|in|for|with|without|from|at|by|of|into|via|auf|für|mit|ohne|von|nach|bei|aus|unter|zu"
    "|en|para|con|sin|desde|hacia|sur|pour|avec|sans|dans|chez|à"
)
_ARTICLE = (
    "a|an|the|my|our|your|der|die|das|den|dem|ein|eine|einen|einem|einer|meine?|meinem|meinen"
    "|el|la|los|las|un|una|mi|mis|le|les|une|mon|ma|mes"
)
_PLACED = re.compile(rf"(?i)^(?P<link>{_LINK_WORD})\s+(?:(?:{_ARTICLE})\s+)?\w")
_DETERMINED = re.compile(rf"(?i)^(?P<article>{_ARTICLE})\s+\w")
_ACT = re.compile(
    r"(?i)^.*?\b(?:do|can|could|may|should|would|must|to|how)\s+(?:I|we|you)\s+\w+\s+"
)
_ON_THE_THING = re.compile(r"(?i)\b(?:I|we|you)\s+\w+(?:\s+\w+)?\s+(?:it|them|ones?)\b")
_LABEL = re.compile(r"(?i)^(?:(?:the )?(?:standalone|rewritten|last) )?question\s*:\s*")


def is_follow_up(question: str) -> bool:
    """Whether a question in a thread leans on what was asked before.

    It goes on ("And on Android?"), names too little ("How long?"), or speaks of something ("How do
    I reset it?") that no earlier clause of its own has named.
    """
    return _goes_on(question) or len(_naming(question)) < _FEW or _points_back(question)


def _goes_on(question: str) -> bool:
    opener = _OPENER.match(question)
    return opener is not None and opener.end() < len(question)


def _naming(question: str) -> list[str]:
    """What the question is about; an error code says it all, so it counts twice."""
    # `content_words` gives all words where none names anything; beside a name it never does.
    *found, _ = content_words(f"{question} name")
    found = [word for word in found if word not in _EMPTY]
    return found + [word for word in found if _CODE.fullmatch(word) and not word.isdigit()]


def _points_back(question: str) -> bool:
    plain = _IMPERSONAL.sub(" ", question)
    places = [match.start() for match in _SOMETIMES.finditer(plain)]
    places += [match.start() for match in re.finditer(r"[\w'’]+", plain) if _stands_in(match[0])]
    return any(not _named_before(plain, place) for place in places)


def _stands_in(word: str) -> bool:
    # A German "Sie" is you.
    return word.casefold() in _PRONOUN or _CLITIC.fullmatch(word.casefold()) is not None


def _named_before(question: str, place: int) -> bool:
    """Whether a clause that ended before this place names what a pronoun there may stand for."""
    ends = [match.start() for match in _CLAUSE.finditer(question, 0, place)]
    return bool(ends) and len(_naming(question[: ends[-1]])) >= _FEW


def condensed(question: str, earlier: Sequence[str]) -> str:
    """The question as it stands alone, with what it leans on of the one before it.

    "How do I pair a Pip?" and "And a Probe?" make "How do I pair a Probe?"; where nothing is put in
    another's place, the earlier question is put before it.
    """
    if not earlier or not is_follow_up(question):
        return question
    before = earlier[-1]
    opener = _OPENER.match(question)
    rest = question[opener.end() :] if opener else question
    swapped = _in_its_place(before, rest.strip(" ?!.")) if opener else None
    if swapped is not None:
        return swapped
    if _ON_THE_THING.search(question):
        # Something else is to be done with the same thing.
        before = _ACT.sub("", before) or before
    return f"{before[-MOST_CARRIED:].lstrip()} {question}"


def _in_its_place(before: str, phrase: str) -> str | None:
    """The earlier question with `phrase` where it said the same kind of thing; None if nowhere."""
    if not phrase or len(phrase.split()) > 4:  # noqa: PLR2004 - more is a question of its own
        return None
    if placed := _PLACED.match(phrase):
        what = rf"\b{placed['link']}\s+(?:(?:{_ARTICLE})\s+)?(?:{_NAMES}|\w+)"
    elif _CODE.fullmatch(phrase):
        what = r"\b(?=\w*\d)(?=\w*[A-Za-z])\w[\w-]*"
    elif re.search(rf"\b{_CAPITAL}", phrase) and (found := list(_NAME.finditer(before))):
        return _put(before, found[-1], phrase)
    elif determined := _DETERMINED.match(phrase):
        what = rf"\b{determined['article']}\s+\w+"
    else:
        return None
    found = list(re.finditer(what, before))
    return _put(before, found[-1], phrase) if found else None


def _put(before: str, place: re.Match[str], phrase: str) -> str:
    return f"{before[: place.start()]}{phrase}{before[place.end() :]}"


def rewritten(text: str, question: str, earlier: Sequence[str]) -> str:
    """A model's rewriting of a follow-up, if it is one, else the question `condensed`.

    It is a line or two, says what the thread says, and keeps the question's codes and numbers.
    """
    said = _LABEL.sub("", readable(text)).strip("\"'“”„«»` ")
    thread = " ".join([*earlier, question])
    lines = [line for line in text.splitlines() if line.strip()]
    longest = max(LONGEST_REWRITE, 2 * len(question))
    naming, known = content_words(said), set(words(thread))
    unchanged = words(said) == words(question) and (_goes_on(question) or _points_back(question))
    fits = (
        naming
        and not unchanged
        and len(lines) <= MOST_LINES
        and len(said) <= longest
        and _codes(question) <= _codes(said) <= _codes(thread)
        and 2 * sum(word in known for word in naming) >= len(naming)
    )
    return said if fits else condensed(question, earlier)


def _codes(text: str) -> set[str]:
    return {word for word in words(text) if any(char.isdigit() for char in word)}
