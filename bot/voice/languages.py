"""Languages: which one a text is in, by its commonest words and its script."""

import functools
import unicodedata
from collections import Counter

from ingest.lexicon import words

# What hardly any sentence does without. A word of several languages counts for each.
FUNCTION_WORDS = {
    "en": "the of and a to in is you that it he was for on are as with his they i at be this have"
    " from or had by but not what all were we when your can said there use an each which she do"
    " how their if will up other about out many then them these so some her would make like him"
    " into has look more could no than been who its now my over our me any just only also it's"
    " you're don't can't we're here must may should",
    "de": "der die das und in den von zu mit sich des auf für ist im dem nicht ein eine als auch es"
    " an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum"
    " haben nur oder aber vor zur bis mehr durch man dann wenn ihr ihre ihren sie ihnen wir können"
    " kann müssen muss bitte hier diese dieser",
    "es": "el la de que y a en un ser se no haber por con su para como estar tener le lo todo pero"
    " más hacer o poder este ese si me ya ver porque dar cuando muy sin vez sobre también hasta hay"
    " los las del al una es son tu tus puede debe desde está están esta usted",
    "fr": "le la de et à les des un une est que en qui dans ce il pas pour par sur au plus avec se"
    " ne sont ou son aux elle vous nous du cette votre vos mais si être avoir peut pouvez doit"
    " devez ces leur où dès sans c'est l'on",
    "pt": "o a de que e do da em um para é com não uma os no se na por mais as dos como mas foi ao"
    " ele das tem à seu sua ou ser quando muito há nos já está eu também só pelo pela até isso"
    " você seus pode deve são",
    "it": "il di che è la e un a per non in una sono mi ho si lo ma con ti se le ci no da cosa come"
    " io hai al del della dei delle gli nel nella più anche puoi può deve questo questa o alla",
    "nl": "de het een en van ik te dat is je in niet op zijn met voor er aan die maar om dit als ze"
    " naar dan ook uw kunt kan moet wordt worden bij of nog wel hier deze u",
}
FEWEST = 2  # of a language's commonest words that tell it
_MARGIN = 1.5  # times as many as of any other


@functools.cache
def function_words(language: str) -> frozenset[str]:
    """The commonest words of a language; none where it is not known."""
    return frozenset(FUNCTION_WORDS.get(language, "").split())


def language(text: str) -> str | None:
    """The language of a text; None where its words do not tell."""
    found = words(text)
    counts = {each: sum(word in function_words(each) for word in found) for each in FUNCTION_WORDS}
    (best, most), (_, second) = Counter(counts).most_common(2)
    return best if most >= FEWEST and most >= _MARGIN * second else None


def script(text: str) -> str | None:
    """The script most of a text's letters are in, as Unicode names it; None without letters."""
    letters = (unicodedata.name(each, "?").split()[0] for each in text if each.isalpha())
    return next((name for name, _ in Counter(letters).most_common(1)), None)


def other_language(before: str, after: str) -> bool:
    """Whether the second text is in another language or script than the first."""
    if script(before) and script(after) and script(before) != script(after):
        return True
    was, now = language(before), language(after)
    return was is not None and now is not None and was != now
