"""Personal data in what people ask: found by form and masked, before anything is done with it.

Only the asker has their own words: what is stored, searched, sent to a model or learned from is
the masked text. A number is taken for a telephone's when it is written like one, or spoken of as
one; an order number, version, date or price is left alone. Where in doubt, what is checked by its
own digits (cards, IBANs) is masked.
"""

import re

E_MAIL, PHONE, CARD, IBAN, SECRET = "[e-mail]", "[phone]", "[card number]", "[IBAN]", "[secret]"

_DOMAIN = r"(?:[\w-]{1,63}\.){1,8}(?:xn--[a-zA-Z0-9-]{2,59}|[^\W\d_]{2,24})"
_ADDRESS = re.compile(rf"""(?:"[^"\n]{{1,64}}"|[\w.!#$%&'*+/=?^`{{|}}~-]{{1,64}})@{_DOMAIN}""")

# Secrets

_KNOWN_SECRET = re.compile(
    r"""
    -----BEGIN[ ][A-Z ]{0,40}PRIVATE[ ]KEY-----(?s:.{0,8000}?)(?:-----END[ ][A-Z ]{0,40}-----|\Z)
  | (?<=://)[^\s/:@]{1,100}:[^\s/@]{1,100}(?=@)              # the password in an address
  | (?<![\w-])(?:
        sk-(?=[\w-]*\d)[\w-]{10,}                            # OpenAI and its like
      | [srp]k_(?:live|test)_\w{8,} | whsec_\w{8,}           # Stripe
      | xox[a-z]-[\w-]{8,} | xapp-[\w-]{8,}                  # Slack
      | gh[a-z]_\w{16,} | github_pat_\w{16,} | glpat-[\w-]{16,}
      | A[KS]IA[A-Z0-9]{12,} | AIza[\w-]{30,}                # AWS, Google
      | hf_\w{20,} | npm_\w{20,} | pypi-[\w-]{20,} | SG\.[\w-]{10,}\.[\w-]{10,}
      | eyJ[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?                 # JWT
    )
    """,
    re.VERBOSE,
)
_BEARER = re.compile(r"(?i)(?<=\bbearer )[\w.~+/=-]{12,}")
_KEY = r"keys?|tokens?|secrets?|schlüssel|clave|llave|clé|jeton"
_SIGN_IN = (
    r"passwords?|passwd|pass(?:phrase|code)|pwd|passwort|kennwort|contraseña|mot\ de\ passe|pin"
)
# Long hexadecimal or base64, letters and digits together, soon after such a word.
_LONG_SECRET = re.compile(
    rf"(?i)(?<!\[)(?<![a-z0-9])(?:{_KEY}|{_SIGN_IN})\b(?P<gap>[^\n]{{0,40}}?)"
    r"(?<![\w+/.-])(?P<secret>[a-z0-9][\w+/=-]{15,})"
)
_PIECE = 7  # characters of letters and digits mixed; names that are joined have none so long
# What is said to be the password.
_SAID = r"(?:is|was|ist|lautet|war|es|est|era)"
_TOLD_SECRET = re.compile(
    rf"(?i)(?<!\[)\b(?:{_SIGN_IN})\b(?P<gap>\s*(?:{_SAID}\s*[:=]?|[:=])\s*[\"'“„«`]?)"
    r"(?P<secret>[^\s\"'”“»`]{4,})"
)
_TELLING = re.compile(r"[\w$@!%&#*^+=~?-]*(?:\d|[$@!%&#*^+=~](?=\w))")
_SHORTEST_PASSWORD = 6
_CLOSING = ".,;:!?)]}…"

# Numbers

_GAP = r"[\s.\u00b7\-‐‑–—]{0,3}"
_DIGITS = re.compile(rf"(?<![0-9A-Za-z])\d(?:{_GAP}\d){{11,}}(?![0-9A-Za-z])")
_GROUP = re.compile(r"\d+")
_CARD_GROUP = 4  # digits of every group of a card's number but the last, at least
_FEWEST_CARD_DIGITS, _MOST_CARD_DIGITS = 12, 19
# First digits and lengths as issuers use them: most time stamps and ids are not among them.
_CARD = re.compile(
    r"4(?:\d{15}|\d{18})|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11,16}|35\d{14,17}|5\d{13,18}"
    r"|2(?:2[2-9]|[3-6]\d|7[01]|720)\d{12,14}|220[0-4]\d{12,15}|6\d{13,18}|8[12]\d{14}"
)
_SPOKEN_OF_CARD = re.compile(r"(?i)card|karte|tarjeta|carte|visa|maestro|amex|express")
_ACCOUNT = re.compile(r"(?i)(?<![a-z0-9])[a-z]{2}\d{2}(?:[ \u00a0\u202f-]?[a-z0-9]){11,30}")
_ACCOUNT_LENGTHS = {
    country[:2]: int(country[2:])
    for country in """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18
    DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23
    IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27
    MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19
    SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30
    """.split()
}

_ENDS = r"(?![0-9A-Za-z]|[./-]\d)"
_S = r"[ \u00a0\u202f]"  # spaces that stand within a number
_J = r"[ \u00a0\u202f./\-‐‑–]"  # what joins its groups
_TELEPHONE = re.compile(
    rf"""(?x)
    # +49 (0)30 1234567, 0049 30 1234567
    (?: (?<![0-9A-Za-z+])\+{_S}? | (?<![0-9A-Za-z.,/-])00(?=[1-9]\d{{0,2}}{_J}|[1-9]\d{{10,}}) )
    [1-9](?:{_J}{{0,3}}(?:\({_S}?\d{{1,5}}{_S}?\)|\d)){{6,14}}(?!\d)
  | # (555) 123-4567, 1-800-555-0199
    (?<![0-9A-Za-z./-])(?:1{_J})?(?:\([2-9]\d\d\){_J}?|[2-9]\d\d{_J})\d{{3}}{_J}\d{{4}}{_ENDS}
  | # 01 23 45 67 89
    (?<![0-9A-Za-z./-])0[1-9](?P<join>{_J})\d\d(?:(?P=join)\d\d){{3}}{_ENDS}
  | # 030 1234567, (0171) 123 45 67, 020 7946 0958; but not 03/2024
    (?<![0-9A-Za-z.,/-])(?!0[1-9][/-](?:19|20)\d\d\b)(?=(?:\D{{0,3}}\d){{9}})
    (?:\(0\d{{1,5}}\)|0\d{{1,5}}){_S}?[ \u00a0\u202f/\-‐‑–]{_S}?\d{{2,9}}
    (?:[ \u00a0\u202f\-‐‑–]\d{{2,6}}){{0,3}}{_ENDS}
  | # 01711234567
    (?<![0-9A-Za-z.,/-])0[1-9]\d{{8,9}}{_ENDS}
  | # 612 345 678, 612 34 56 78, 91 123 45 67, 98765 43210
    (?<![0-9A-Za-z.,/-])(?<!\d{_S})[6-9]
    (?:\d\d(?:{_S}\d{{3}}){{2}}|\d\d(?:{_S}\d\d){{3}}|\d{_S}\d{{3}}(?:{_S}\d\d){{2}}|\d{{4}}{_S}\d{{5}})
    (?!{_S}?\d){_ENDS}
    """
)
_SPOKEN_OF = re.compile(
    r"""(?ix)\b(?:
        (?:tele)?phones? | tel | mobile | cell(?:phone)? | fax | whatsapp | call | ring | text | sms
      | telefon(?:o|nummer)? | handy(?:nummer)? | mobil(?:nummer)? | rufnummer | anrufen
      | tel[ée]fono | m[óo]vil | celular | ll[áa]m\w+ | t[ée]l[ée]phone | portable | appel\w+
    )\b
    (?:[\s.:#=(,–-] | (?:number|num|nummer|n[úu]mero|num[ée]ro|no|nr|is|ist|es|est|lautet|at|on|me
      |us|him|her|them|back|please|bitte|unter|under|al|el|au|le|mich|uns)\b){0,12}?
    (?P<number>(?<![0-9A-Za-z.])\d(?:[ \u00a0\u202f()/\-‐‑–]{0,2}\d){6,14})
    (?![0-9A-Za-z]|[./-]\d)"""
)
_DATE = re.compile(r"(?:19|20)\d\d[-/ ]\d\d?[-/ ]\d\d?|\d\d?[-/ ]\d\d?[-/ ](?:19|20)\d\d")
_NUMBERED_OTHERWISE = re.compile(
    r"""(?ix)(?:
        \b(?:orders? | bestell\w* | auftrag\w* | pedido | commande | tickets? | case | fall
          | invoices? | rechnung\w* | factura | facture | serial | serien\w* | s/?n
          | ref(?:erence)? | tracking | parcel | sendung\w* | sku | ean | articles? | artikel\w*
          | parts? | items? | model | error | fehler\w* | code | version | firmware | build
          | customer(?=\s(?:no|num|id)) | kundenn\w* | account | id)
        (?:[\s:=\#(-] | (?:numbers?|num|nummer|no|nr|id|code|is|ist|n[°º]|from|of)\b\.?){0,6}
      | \# | \b(?:no|nr)\.?\s?
    )\Z"""
)
_LOOK_BACK = 40  # characters before a number that may say what it is


def masked(text: str) -> str:
    """The text with e-mail addresses, telephone, card and account numbers and secrets masked."""
    for pattern in (_KNOWN_SECRET, _BEARER):
        text = pattern.sub(SECRET, text)
    text = _ADDRESS.sub(E_MAIL, text)
    text = _TOLD_SECRET.sub(_without_password, text)
    text = _LONG_SECRET.sub(_without_secret, text)
    text = _without_accounts(text)
    text = _DIGITS.sub(_without_cards, text)
    text = _TELEPHONE.sub(_without_telephone, text)
    return _SPOKEN_OF.sub(_without_number, text)


def _without_secret(match: re.Match[str]) -> str:
    mixed = any(
        len(piece) >= _PIECE and not piece.isdigit() and not piece.isalpha()
        for piece in re.split(r"[-_/+=]", match["secret"])
    )
    return match[0].removesuffix(match["secret"]) + SECRET if mixed else match[0]


def _without_password(match: re.Match[str]) -> str:
    said = match["secret"].rstrip(_CLOSING)
    told = len(said) >= _SHORTEST_PASSWORD and _TELLING.match(said)
    if not told and not said.isdigit():
        return match[0]
    before = match[0].removesuffix(match["secret"])
    return before + SECRET + match["secret"][len(said) :]


def _without_telephone(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    international = match[0].startswith("+")
    return match[0] if not international and _NUMBERED_OTHERWISE.search(before) else PHONE


def _without_number(match: re.Match[str]) -> str:
    number = match["number"]
    if _DATE.match(number):
        return match[0]
    return match[0].removesuffix(number) + PHONE


def _without_cards(match: re.Match[str]) -> str:
    """A run of digits without the cards' numbers in it, each of them whole groups of digits."""
    before = match.string[max(0, match.start() - _LOOK_BACK) : match.start()]
    spoken_of = _SPOKEN_OF_CARD.search(before) is not None
    groups = list(_GROUP.finditer(match[0]))
    kept, done = "", 0
    for index, first in enumerate(groups):
        end = _card_end(groups[index:], spoken_of=spoken_of)
        if end is not None and first.start() >= done:
            kept, done = f"{kept}{match[0][done : first.start()]}{CARD}", end
    return kept + match[0][done:]


def _card_end(groups: list[re.Match[str]], *, spoken_of: bool) -> int | None:
    """Where the longest card's number ends that begins with these groups of digits."""
    digits, found = "", None
    for count, group in enumerate(groups):
        digits += group[0]
        if len(digits) > _MOST_CARD_DIGITS:
            break
        if _is_card(digits, spoken_of=spoken_of or count > 1):
            found = group.end()
        if len(group[0]) < _CARD_GROUP:
            break
    return found


def _is_card(digits: str, *, spoken_of: bool) -> bool:
    """Whether the check digit (Luhn) is right, and it is an issuer's or spoken of as a card's."""
    if len(digits) < _FEWEST_CARD_DIGITS or not (spoken_of or _CARD.fullmatch(digits)):
        return False
    doubled = [sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2]]
    return (sum(doubled) + sum(map(int, digits[-1::-2]))) % 10 == 0


def _without_accounts(text: str) -> str:
    kept, done, at = "", 0, 0
    while match := _ACCOUNT.search(text, at):
        # What looks like one may be followed by one: then the next character is looked at.
        at, end = match.start() + 1, _account_end(match)
        if end is not None:
            kept, done, at = f"{kept}{text[done : match.start()]}{IBAN}", end, end
    return kept + text[done:]


def _account_end(match: re.Match[str]) -> int | None:
    """The country says how long an IBAN is; its check digits have to be right (mod 97)."""
    length = _ACCOUNT_LENGTHS.get(match[0][:2].upper())
    places = [match.start() + at for at, char in enumerate(match[0]) if char.isalnum()]
    if length is None or len(places) < length:
        return None
    account = "".join(match.string[place] for place in places[:length])
    number = "".join(str(int(char, 36)) for char in account[4:] + account[:4])
    return places[length - 1] + 1 if int(number) % 97 == 1 else None
