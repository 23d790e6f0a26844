"""Languages of articles, as written in front matter, file names and folders."""

import re
from pathlib import PurePosixPath

# ISO 639-1. In a file's name ("faq.es.md") these are languages and nothing else is.
_LANGUAGES = frozenset(
    """af am ar as az be bg bn bs ca cs cy da de el en eo es et eu fa fi fr ga gl gu he hi hr hu hy
    id is it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms mt my nb ne nl nn no or pa pl ps pt ro ru
    sd si sk sl so sq sr sv sw ta te tg th tk tl tr tt ug uk ur uz vi xh yi zh zu""".split()
)
# A folder of this name is as likely a department or a word.
_AMBIGUOUS = frozenset("am as be ca hr id is it my no or pa so te".split())

_SHAPE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{4}))?(?:[-_]([A-Za-z]{2}|\d{3}))?")
_SUFFIX = re.compile(r"(?:\._|\.|_)([A-Za-z]{2}(?:[-_][A-Za-z]{2})?)$")


def as_locale(code: str) -> str | None:
    """The code in its usual spelling ("es_mx" is "es-MX"), None if it is not one."""
    found = _SHAPE.fullmatch(code.strip())
    if found is None:
        return None
    language, script, region = found.groups()
    parts = [language.lower(), script.title() if script else "", region.upper() if region else ""]
    return "-".join(part for part in parts if part)


def locale_of_path(path: str) -> str | None:
    """The language a path names: `faq._es.md`, `faq.es.md`, or the innermost folder `es/`."""
    file = PurePosixPath(path)
    if (found := _SUFFIX.search(file.stem)) and not found[0].startswith("_"):
        locale = as_locale(found[1])
        if locale and locale.split("-")[0] in _LANGUAGES:
            return locale
    for folder in reversed(file.parts[:-1]):
        locale = (
            as_locale(folder) if re.fullmatch(r"[A-Za-z]{2}([-_][A-Za-z]{2})?", folder) else None
        )
        if locale is None or locale.split("-")[0] not in _LANGUAGES:
            continue
        if "-" in locale or locale not in _AMBIGUOUS:
            return locale
    return None


def without_locale(stem: str) -> str:
    """A file's stem without the language at its end."""
    found = _SUFFIX.search(stem)
    if found and locale_of_path(f"{stem}.md") and found.start() > 0:
        return stem[: found.start()]
    return stem
