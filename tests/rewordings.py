"""Harmless rewordings, by rule: what a good voice may do to a sentence without changing a fact.

Synonyms, politeness, contractions, another order within the sentence, a greeting or a farewell.
"""

import random
import re
from collections.abc import Callable, Iterator, Sequence

_IMPERATIVE = re.compile(
    r"(?:press|click|select|open|choose|use|enter|go|connect|check|turn|tap|download|add|remove|"
    r"call|send|close|create|set|type|find|give|take|pick|keep|hold|write|wait|copy|sign|scan)\b",
    re.IGNORECASE,
)
_SYNONYMS = tuple(
    (re.compile(rf"\b{old}\b", re.IGNORECASE), new)
    for old, new in (
        ("choose", "pick"), ("select", "choose"), ("press", "tap"), ("tap", "press"),
        ("open", "go to"), ("begins", "starts"), ("begin", "start"), ("starts", "begins"),
        ("receive", "get"), ("buy", "purchase"), ("additional", "extra"), ("need", "have to have"),
        ("immediately", "right away"), ("at once", "straight away"), ("shows", "displays"),
        ("show", "display"), ("contains", "includes"), ("delete", "remove"), ("deleted", "removed"),
        ("change", "update"), ("changes", "updates"), ("changed", "updated"), ("send", "mail"),
        ("e-mail", "email"), ("large", "big"), ("keeps", "retains"), ("allows", "lets"),
        ("assist", "help"), ("every", "each"), ("works", "functions"), ("for example", "such as"),
        ("because", "since"), ("however", "but"), ("in order to", "to"), ("make sure", "be sure"),
        ("by itself", "automatically"), ("look for", "find"), ("invite", "ask"), ("fix", "repair"),
        ("fast", "quickly"), ("begin again", "start over"), ("another", "a different"),
        ("people", "folks"), ("lists", "shows"), ("costs", "comes to"), ("per", "each"),
        ("enter", "type in"), ("type", "enter"), ("turn off", "switch off"),
        ("turn on", "switch on"), ("sign in", "log in"), ("message", "note"),
        ("customer", "client"), ("customers", "clients"), ("gets", "receives"),
        ("ends", "finishes"),
        ("write to", "contact"), ("may", "can"), ("until", "till"), ("whole", "entire"),
        ("whose", "with the"), ("wrong", "incorrect"), ("happens", "occurs"), ("also", "too"),
        ("must", "have to"), ("needs to", "has to"), ("inside", "within"), ("appears", "comes up"),
        ("stays", "remains"), ("replace", "swap"), ("a month", "per month"), ("a year", "per year"),
    )
)  # fmt: skip
_CONTRACTIONS = tuple(
    (re.compile(rf"\b{old}\b"), new)
    for old, new in (
        ("do not", "don't"), ("does not", "doesn't"), ("cannot", "can't"), ("is not", "isn't"),
        ("are not", "aren't"), ("will not", "won't"), ("it is", "it's"), ("It is", "It's"),
        ("you are", "you're"), ("You are", "You're"), ("you will", "you'll"), ("we are", "we're"),
        ("has not", "hasn't"), ("was not", "wasn't"), ("that is", "that's"), ("did not", "didn't"),
    )
)  # fmt: skip
_GREETINGS = (
    "Hi there! ", "Happy to help! ", "Good question! ", "Thanks for asking. ", "Sure thing: ",
    "Of course! ", "No worries, ", "Hello! ", "Thanks for reaching out! ", "Great question – ",
    "With pleasure: ", "Absolutely! ", "Just so you know, ", "Thanks for getting in touch. ",
    "Good news: ", "Hey, ",
)  # fmt: skip
_FAREWELLS = (
    " Hope that helps!", " Let us know if you need anything else.", " Have a lovely day!",
    " We're here if you have any questions.", " Happy to help!", " Take care!",
    " Just reach out if anything is unclear.", " Please don't hesitate to ask.",
    " Thanks for your patience.", " Kind regards, your support team", " You're very welcome.",
    " Feel free to ask us anything.",
)  # fmt: skip
_POLITE = ("Please {}", "Kindly {}", "Just {}", "Simply {}", "Go ahead and {}", "Please just {}")
_POLITE_AFTER = (", please", " for us, please")
_LEADING = re.compile(
    r"^((?:If|When|Once|To|On|In|Under|For|After|With|At) [^,.;]{4,80}), (.+?)\.$"
)
_THEN = re.compile(r"^([^.;,]{8,}), (?:and )?then (.+)\.$")

Rewording = Callable[[str, random.Random], str | None]


def synonyms(said: str, chance: random.Random) -> str | None:
    """Up to three words put in others; what is set apart or a name stays."""
    pieces = re.split(r"(\*\*[^*]+\*\*|`[^`]+`)", said)
    left = 3
    for old, new in chance.sample(_SYNONYMS, len(_SYNONYMS)):
        for at in range(0, len(pieces), 2):
            match = old.search(pieces[at])
            if left and match and not (match.group()[0].isupper() and match.start() and at):
                word = new.capitalize() if match.group()[0].isupper() else new
                pieces[at] = pieces[at][: match.start()] + word + pieces[at][match.end() :]
                left -= 1
    return _if_changed("".join(pieces), said)


def contractions(said: str, chance: random.Random) -> str | None:
    """Do not as don't, and the like."""
    new = said
    for old, short in _CONTRACTIONS:
        new = old.sub(short, new)
    return _if_changed(new, said)


def politeness(said: str, chance: random.Random) -> str | None:
    """A request made politely."""
    if not _IMPERATIVE.match(said):
        return None
    asked = said[0].lower() + said[1:]
    if chance.random() < 0.2 and said.endswith("."):
        return f"{said[:-1]}{chance.choice(_POLITE_AFTER)}."
    return chance.choice(_POLITE).format(asked)


def reordering(said: str, chance: random.Random) -> str | None:
    """What leads in put last."""
    match = _LEADING.match(said)
    if not match:
        return None
    lead, rest = match[1], match[2]
    if rest.split()[0] == "then":
        rest = rest.removeprefix("then ")
    return f"{rest[0].upper()}{rest[1:]} {lead[0].lower()}{lead[1:]}."


def salutation(said: str, chance: random.Random) -> str | None:
    """A greeting before it, a farewell after it, or both."""
    greeting, farewell = chance.choice(_GREETINGS), chance.choice(_FAREWELLS)
    which = chance.randrange(3)
    body = said if greeting.rstrip()[-1] in "!." or which == 1 else _lowered(said)
    return f"{greeting if which != 1 else ''}{body}{farewell if which else ''}"


RULES: dict[str, Rewording] = {
    "synonyms": synonyms,
    "contractions": contractions,
    "politeness": politeness,
    "reordering": reordering,
    "salutation": salutation,
}


def harmless(sentences: Sequence[str], count: int) -> Iterator[tuple[str, str, str]]:
    """So many rewordings of sentences in turn, each with the rules that made it."""
    chance = random.Random(7)
    given = 0
    while given < count:
        for said in chance.sample(sentences, len(sentences)):
            new = said
            used: list[str] = []
            for name in chance.sample(list(RULES), chance.choice((1, 1, 2, 3))):
                changed = RULES[name](new, chance) if name not in used else None
                if changed and not (used and used[-1] == "salutation"):
                    new, used = changed, [*used, name]
            if used and given < count:
                given += 1
                yield said, new, "+".join(used)


def _if_changed(new: str, said: str) -> str | None:
    return new if new != said else None


def _lowered(said: str) -> str:
    """The first letter small, where it begins no name."""
    second = said[1:2]
    return (
        said if not second.islower() or not _IMPERATIVE.match(said) else said[0].lower() + said[1:]
    )
