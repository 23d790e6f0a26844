"""Words as the lexical side of retrieval sees them: terms, and their BM25 weights.

A term is a stemmed word's number. Numbers are a hash of the stem, so no table of words has to be
read or written to know one. BM25 follows Robertson & Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond" (2009), with two fields (BM25F): the title and heading path counts
TITLE_WEIGHT times. A passage carries everything but IDF; the question's side carries IDF alone, so
their inner product is BM25 and a changed corpus rewrites no passage. Two neighbouring words are a
term as well, a pair: at a fifth of the better word's IDF it favours what was asked as it was asked
(+.008 nDCG@10 in the mean of two sets), without having to be counted itself.
"""

import functools
import itertools
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import Stemmer
from pgvector import SparseVector

TERM_NUMBERS = 1_000_000_000  # pgvector's most dimensions of a sparsevec
MOST_WEIGHTS = 16_000  # pgvector's most entries of one
K1 = 2.0
B = 0.75
TITLE_WEIGHT = 2.0
TYPICAL_LENGTH = 120.0  # terms of a passage; fixed, so that weights do not depend on the corpus

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
# Scripts written without spaces: every two neighbouring characters are a word.
_UNSPACED = re.compile(r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0e7f]+)")
UNSTEMMED = "und"  # every language without a stemmer; its words are taken as they are
_STEMMERS = {
    "ar": "arabic", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "fi": "finnish", "fr": "french", "hu": "hungarian", "id": "indonesian",
    "it": "italian", "nl": "dutch", "no": "norwegian", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sv": "swedish", "tr": "turkish",
}  # fmt: skip
_ALSO_CALLED = {"nb": "no", "nn": "no"}
# Words that ask but name nothing. Short on purpose: IDF takes care of the merely frequent.
_ASKING = {
    "en": "a an and are as at be been but by can could did do does for from had has have how i if"
    " in into is it its me my of on or our should so than that the their them then there these"
    " they this to us was we were what when where which who why will with would you your",
    "de": "aber als am an auf aus bei bin bis das dem den der des die doch du ein eine einem einen"
    " einer er es für hat habe ich ihr im in ist kann kein man mein mich mir mit nach nicht oder"
    " sich sie sind so und uns von vor wann warum was wenn wer wie wir wird wo zu zum zur",
    "es": "al como con cuando de del desde donde dónde cuándo cómo el ella en es esta este está hay"
    " la las lo los me mi mis no o para pero por porque puedo qué que se si sin son su sus te un"
    " una y ya",
    "fr": "au aux avec ce ces comment dans de des du elle en est et il ils je la le les leur ma"
    " mais me mes mon ne nous on ou où par pas pour que qui quoi sa se ses si son sur un une vous"
    " y",
}

# Words of courtesy and of wanting to know, with which people wrap a question. They are left out of
# the question alone: in articles they may be what it is about (+.005 nDCG@10 on two sets).
_WRAPPING = frozenset(
    "hi hello hey dear thanks thank please sorry help need want like know tell wondering looking"
    " question questions information about some any just also am i'm i'd i've"
    " hallo danke bitte hilfe brauche möchte will weiß wissen frage"
    " hola gracias por favor ayuda necesito quiero quisiera saber"
    " bonjour merci aide besoin voudrais veux savoir".split()
)


class QuestionTerm(NamedTuple):
    """One reading of one word of a question: its term number in a language.

    A word has a reading for each language it might be in; `word` is the same for all of them.
    """

    word: int
    term: int
    language: str


def language_of(locale: str) -> str:
    """The language whose rules a locale's words follow: `en-US` → `en`, `ja` → `und`."""
    code = re.split(r"[-_]", locale, maxsplit=1)[0].lower()
    code = _ALSO_CALLED.get(code, code)
    return code if code in _STEMMERS else UNSTEMMED


def words(text: str) -> list[str]:
    """Words in order, folded: compatibility forms unified, case and typographic quotes gone."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    # Folding a capital I with a dot leaves the dot behind, where it would end the word.
    folded = folded.replace("i\u0307", "i")
    found = [word.removesuffix("'s") for word in _WORD.findall(folded)]
    if folded.isascii():
        return found
    return [piece for word in found for piece in ([word] if word.isascii() else _pieces(word))]


def _pieces(word: str) -> Iterator[str]:
    """The parts of a word in which scripts with and without spaces may meet."""
    for piece in _UNSPACED.split(word):
        if _UNSPACED.match(piece) and len(piece) > 1:
            yield from (piece[i : i + 2] for i in range(len(piece) - 1))
        elif piece:
            yield piece


def terms(text: str, language: str) -> list[int]:
    """The text's term numbers in order, asking words left out."""
    asking = _asking(language)
    return [number(word, language) for word in words(text) if word not in asking]


@functools.lru_cache(maxsize=200_000)
def number(word: str, language: str) -> int:
    """The term number of a folded word: from 0 to TERM_NUMBERS - 1."""
    stemmer = _stemmer(language)
    stem = stemmer.stemWord(word) if stemmer else word
    return zlib.crc32(stem.encode()) % TERM_NUMBERS


def content_words(question: str) -> list[str]:
    """The words of a question that name something; all of its words when none does."""
    found = words(question)
    return [word for word in found if word not in _asking_anywhere()] or found


def asked_words(question: str) -> list[str]:
    """The words to search for: those that name something, without what wraps the question."""
    naming = content_words(question)
    return [word for word in naming if word not in _WRAPPING] or naming


def question_terms(
    question: str, languages: Sequence[str] = (*_STEMMERS, UNSTEMMED)
) -> list[QuestionTerm]:
    """Each naming word's reading in each language; the corpus decides which of them count."""
    distinct = dict.fromkeys(asked_words(question))  # numbered in this order
    return [
        QuestionTerm(position, number(word, language), language)
        for position, word in enumerate(distinct)
        for language in languages
    ]


def question_pairs(
    question: str, languages: Sequence[str] = (*_STEMMERS, UNSTEMMED)
) -> list[tuple[int, int, int]]:
    """Pair, left and right term number for each two neighbouring words, in each language."""
    naming = asked_words(question)
    found = {
        (_pair(left, right), left, right)
        for language in languages
        for left, right in itertools.pairwise(number(word, language) for word in naming)
    }
    return sorted(found)


def bm25_weights(title: str, text: str, language: str) -> tuple[dict[int, float], dict[int, float]]:
    """Term number → BM25F weight without IDF for a passage of `text` under `title`.

    The second is the same for the pairs of neighbouring terms.
    """
    body, heading = terms(text, language), terms(title, language)
    damping = _damping(body, heading)
    return _weigh(body, heading, damping), _weigh(_pairs(body), _pairs(heading), damping)


def _damping(body: Sequence[int], heading: Sequence[int]) -> float:
    length = len(body) + TITLE_WEIGHT * len(heading)
    return K1 * (1 - B + B * length / TYPICAL_LENGTH)


def _weigh(body: Sequence[int], heading: Sequence[int], damping: float) -> dict[int, float]:
    counts: dict[int, float] = {}
    for term in body:
        counts[term] = counts.get(term, 0) + 1
    for term in heading:
        counts[term] = counts.get(term, 0) + TITLE_WEIGHT
    return {term: count * (K1 + 1) / (count + damping) for term, count in counts.items()}


def _pairs(found: Sequence[int]) -> list[int]:
    return [_pair(left, right) for left, right in itertools.pairwise(found)]


def _pair(left: int, right: int) -> int:
    return zlib.crc32(b"%d %d" % (left, right)) % TERM_NUMBERS


def sparse(weights: dict[int, float]) -> SparseVector:
    """Weights in the form pgvector stores; of too many, the heaviest."""
    if len(weights) > MOST_WEIGHTS:
        heaviest = sorted(weights, key=lambda term: (-weights[term], term))[:MOST_WEIGHTS]
        weights = {term: weights[term] for term in heaviest}
    return SparseVector(weights, TERM_NUMBERS)


def stems(text: str, language: str) -> set[int]:
    """The distinct terms of a text, for comparing texts."""
    return set(terms(text, language))


@functools.cache
def _asking(language: str) -> frozenset[str]:
    return frozenset(_ASKING.get(language, "").split())


@functools.cache
def _asking_anywhere() -> frozenset[str]:
    return frozenset().union(*map(_asking, _ASKING))


@functools.cache
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    name = _STEMMERS.get(language)
    return Stemmer.Stemmer(name) if name else None
