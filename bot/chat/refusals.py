"""Refusals: a model saying, as it was asked to or in its own words, that there is no answer."""

import re

from bot.chat.prompt import NOT_COVERED

_ASKED_FOR = re.compile(rf"\b(?:{NOT_COVERED}|NOT[ -]COVERED|NOTCOVERED)\b")
_MATERIAL = {
    "en": r"(?:passages?|excerpts?"
    r"|(?:the|these|those|your|provided|given|available|retrieved|numbered)(?: \w+)?"
    r" (?:articles?|documents?|documentation|sources?|context|texts?|information|material)"
    r"|(?:the|this|your|our) help[ -]?cent(?:er|re)(?:'s articles)?)",
    "de": r"(?:Passagen?|Textstellen?|Auszügen?|Ausschnitten?|(?:den|die|der|diesen?) \w*"
    r"(?:Artikeln?|Texten?|Quellen|Dokumenten?|Informationen)|Hilfe-?(?:Center|Centers|bereich))",
    "es": r"(?:pasajes?|fragmentos?|extractos?|(?:los|estos) (?:artículos|documentos|textos)"
    r"|(?:la|las) fuentes?|centro de ayuda)",
    "fr": r"(?:passages?|extraits?|(?:les|ces) (?:articles|documents|textes|sources)"
    r"|centre d['’]aide)",
}
_SILENT = {
    "en": r"(?:(?:do|does|did|is|are|was|were)(?: not|n['’]t)|cannot|can['’]t"
    r"|fails? to|never|nothing|silent"
    r"|(?:contain|have|has|give|offer|include|provide|mention|hold)s? (?:no\b|nothing|little))",
    "de": r"(?:nicht|nichts|kein\w*)",
    "es": r"(?:no\b|nada|ningun[oa]?|ningún)",
    "fr": r"(?:ne\b|n['’]|aucune?|rien)",
}
_TELLS = (
    r"(?:answer|say|said|state|mention|cover|contain|describe|explain|specif|address|includ|provid"
    r"|tell|discuss|information|detail|indicat|give|help|find|found|silent|nothing|speak"
    r"|beantwort|erwähn|enthalt|enthält|beschr|erklär|angab|behandel|steht|findet|hervor|sag"
    r"|respon|mencion|contien|dice|cubr|explic|describ|inform|indic|encuentr"
    r"|répon|mention|contien|dit|couvr|expliqu|décri|trouv)"
)
_LOST = re.compile(
    r"\b(?:I|we)(?: am|['’]m| are|['’]re)? ?(?:sorry,? )?(?:but )?(?:I |we )?"
    r"(?:cannot|can['’]t|could(?: not|n['’]t)|am unable to|was unable to|(?:do|did)(?: not|n['’]t)"
    r"|unable to)"
    r" (?:\w+ ){0,2}?(?:find|answer|see|know"
    r"|have (?:any |enough |the )?(?:information|details|answer)|determine|locate|help)\b"
    r"|\bthere (?:is|are) (?:no|not enough|insufficient) (?:\w+ )?"
    r"(?:information|mention|answer|details)\b"
    r"|\bich (?:kann|konnte|weiß)\b.{0,60}\bnicht\b|\bno (?:puedo|sé|encuentro|he encontrado)\b"
    r"|\bje ne (?:peux|sais|trouve)\b",
    re.IGNORECASE,
)
_LONGEST = 300  # characters; a statement that says more than that nothing is there says something


def is_asked_for(text: str) -> bool:
    """Whether the word stands there that the prompt asks for."""
    return _ASKED_FOR.search(text) is not None


def is_refusal(text: str) -> bool:
    """Whether a statement says that the material is silent, whatever its words."""
    if is_asked_for(text):
        return True
    if len(text) > _LONGEST:
        return False
    return _LOST.search(text) is not None or any(
        re.search(_MATERIAL[language], text, re.IGNORECASE)
        and re.search(rf"\b{_SILENT[language]}", text, re.IGNORECASE)
        and re.search(_TELLS, text, re.IGNORECASE)
        for language in _MATERIAL
    )
