"""Polarity: what a sentence denies, demands or limits, and whether another one says otherwise."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.lexicon import content_words, number, words

SCOPE = 2  # content words after a negation that it denies; before it where none follow
HEDGE = 3  # content words beside a word like "avoid" whose polarity is left open

NEGATIONS = frozenset(
    """
    not no never none neither nor nobody nothing cannot nowhere
    nicht kein keine keinen keinem keiner keines nie niemals niemand nichts weder
    nunca jamás nadie nada ningún ninguna ninguno tampoco
    pas jamais aucun aucune ne
    não ninguém nenhum nenhuma nem
    """.split()
)
# Deny in some sentences and not in others, so they excuse and never accuse.
_HEDGES = frozenset(
    """
    without unless except until impossible unable prohibited forbidden avoid avoids avoided avoiding
    refrain prevent prevents prevented refuse refused lack lacks lacking fail fails failed
    unavailable ineligible rarely hardly excluded excluding exempt instead rather
    ohne außer sin excepto salvo sans sauf sem exceto
    """.split()
)
ONLY = frozenset(
    """
    only solely exclusively nur lediglich ausschließlich solo sólo solamente únicamente
    seulement uniquement somente apenas só
    """.split()
)
DUTY = frozenset(
    """
    must need needs needed require requires required requirement necessary mandatory shall
    obligatory
    muss müssen musst nötig erforderlich debe deben debes necesario obligatorio doit doivent devez
    nécessaire obligatoire deve devem necessário obrigatório
    """.split()
)
_LEAVE = frozenset("may might optional optionally darf dürfen optionnel opcional".split())
_MARKS = NEGATIONS | ONLY | DUTY | _LEAVE
_CONDITIONS = frozenset("unless until without except".split())
_EXCEPTIONS = frozenset("without unless except ohne außer sin excepto".split())
_LEADS = ONLY | DUTY | frozenset("once after when if first".split())
_NT = re.compile(
    r"\b(?:do|does|did|is|are|was|were|ca|wo|should|would|could|has|have|had|must|need)n[ '’]t\b",
    re.IGNORECASE,
)
_HAVE_TO = re.compile(r"\b(?:ha(?:ve|s) to|make sure|be sure|tiene[ns]? que)\b", re.IGNORECASE)
# These compare or stress; they deny nothing.
_IDLE = re.compile(
    r"\b(?:not only|not just|whether or not|no matter|no (?:more|less|fewer|later|earlier|longer)"
    r" than|no[.:]? ?\d)",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[.;:!?()\n]|,(?=\s)|\s[–—-]\s")
_OPPOSITES = (
    "enable disable", "on off", "before after", "increase decrease", "increase reduce",
    "raise lower", "open close", "add remove", "allow prevent", "allow prohibit", "accept reject",
    "accept decline", "with without", "more less", "more fewer", "minimum maximum", "least most",
    "always never", "all none", "required optional", "mandatory optional", "include exclude",
    "start stop", "start end", "begin end", "first last", "above below", "left right",
    "higher lower", "free paid", "internal external", "public private", "import export",
    "upload download", "early late", "earlier later", "same different", "permanent temporary",
    "approve deny", "approved denied", "true false", "lock unlock", "connect disconnect",
    "install uninstall", "possible impossible", "able unable", "eligible ineligible",
    "anyone nobody", "everyone nobody", "buy sell", "send receive", "full empty", "up down",
    "online offline", "valid invalid", "available unavailable", "legal illegal", "over under",
    "ein aus", "vor nach", "mehr weniger", "immer nie", "aktivieren deaktivieren", "mit ohne",
    "mindestens höchstens", "antes después", "más menos", "siempre nunca", "activar desactivar",
    "con sin", "avant après", "plus moins", "toujours jamais", "activer désactiver", "avec sans",
    "depois antes", "mais menos", "sempre nunca", "ativar desativar", "com sem",
)  # fmt: skip
_PREFIXES = ("un", "dis", "non", "des")
_SHORTEST = 4  # letters a word must have for a prefix to make its opposite


@dataclass(frozen=True, slots=True)
class Polarity:
    """What a text says of its content words: the words each negation denies, those left open."""

    terms: frozenset[int]
    denied: tuple[frozenset[int], ...]
    hedged: frozenset[int]
    words: frozenset[str]
    conditional: bool  # "not until", "unless"
    leads: bool  # "only", "must", "once": what a "not until" may be reworded to

    @property
    def all_denied(self) -> frozenset[int]:
        """Every denied word."""
        return frozenset().union(*self.denied)

    def contradicts(self, other: "Polarity") -> bool:
        """Whether one denies what the other affirms, or says the opposite of one of its words."""
        if (self.conditional and other.leads) or (other.conditional and self.leads):
            return False
        if _denies(self, other) or _denies(other, self):
            return True
        return bool(self.denied) == bool(other.denied) and _opposed(self.words, other.words)

    def limits(self, other: "Polarity") -> bool:
        """Whether this says "only", or "must" where the other leaves the choice, or inversely."""
        only = self.words & ONLY and not (other.words & ONLY or other.denied or other.conditional)
        duty, others = bool(self.words & DUTY), bool(other.words & DUTY)
        choice, theirs = bool(self.words & _LEAVE), bool(other.words & _LEAVE)
        return bool(only) or (duty and theirs and not others) or (others and choice and not duty)


def polarity(text: str, language: str) -> Polarity:
    """Read the polarity of a sentence."""
    plain = _plain(text)
    denied: list[frozenset[int]] = []
    hedged: set[int] = set()
    terms: list[int] = []
    naming = frozenset(naming_words(plain))
    for clause in _CLAUSE.split(plain):
        tokens = list(_tokens(clause, language, naming))
        terms.extend(term for _, term in tokens if term is not None)
        for at, (word, _) in enumerate(tokens):
            if word in NEGATIONS:
                denied.append(frozenset(_scope(tokens, at)))
            elif word in _HEDGES:
                hedged.update(_near(tokens, at))
    found = frozenset(words(plain))
    return Polarity(
        frozenset(terms),
        tuple(scope for scope in denied if scope),
        frozenset(hedged),
        found,
        conditional=not found.isdisjoint(_CONDITIONS),
        leads=not found.isdisjoint(_LEADS),
    )


def denials(text: str) -> int:
    """How often a text denies something, in whatever words; neither … nor does so once."""
    found = words(_plain(text))
    paired = "nor" in found and "neither" in found
    return sum(word in NEGATIONS or word in _EXCEPTIONS for word in found) - paired


def demands(text: str) -> bool:
    """Whether a text says that something must be."""
    return not DUTY.isdisjoint(words(_plain(text)))


def naming_words(text: str) -> list[str]:
    """The words of a text, in order, that name something and belong to no negation or limit."""
    # One that names for certain is put beside them, or all of them would be given when none does.
    return [word for word in content_words(f"{text} x")[:-1] if word not in _MARKS]


def _plain(text: str) -> str:
    """The text with what has two words for it in one."""
    return _IDLE.sub(" ", _HAVE_TO.sub(" must ", _NT.sub(" not ", text)))


Token = tuple[str, int | None]  # a folded word, and its term where it names something


def _tokens(clause: str, language: str, naming: frozenset[str]) -> Iterator[Token]:
    for word in words(clause):
        yield word, number(word, language) if word in naming else None


def _scope(tokens: list[Token], at: int) -> list[int]:
    """The content words a negation denies."""
    after = [term for _, term in tokens[at + 1 :] if term is not None][:SCOPE]
    return after or [term for _, term in tokens[:at] if term is not None][-SCOPE:]


def _near(tokens: list[Token], at: int) -> list[int]:
    before = [term for _, term in tokens[:at] if term is not None][-HEDGE:]
    return before + [term for _, term in tokens[at + 1 :] if term is not None][:HEDGE]


def _denies(one: Polarity, other: Polarity) -> bool:
    """Whether a negation of one has its words in the other, and none of them denied there."""
    if any(scope.isdisjoint(one.terms) for scope in other.denied):
        return False  # it denies in words of its own, perhaps the same
    open_ = other.hedged | one.hedged
    return any(
        shared and shared.isdisjoint(other.all_denied)
        for shared in ((scope & other.terms) - open_ for scope in one.denied)
    )


def _opposed(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether a word of one stands where its opposite stands in the other."""
    mine, theirs = one - other, other - one
    for pair in _OPPOSITES:
        left, right = pair.split()
        if (left in mine and right in theirs) or (right in mine and left in theirs):
            return True
    return _prefixed(mine, theirs) or _prefixed(theirs, mine)


def _prefixed(one: frozenset[str], other: frozenset[str]) -> bool:
    return any(
        word.startswith(prefix) and len(word) - len(prefix) >= _SHORTEST
        and word.removeprefix(prefix) in other
        for word in one
        for prefix in _PREFIXES
    )  # fmt: skip
