"""What a robots.txt asks of programs, by RFC 9309.

The standard library's parser takes the first rule that fits, not the longest, and knows no
wildcards: it would read pages it is asked not to, and stay away from others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

MAX_CHARACTERS = 500_000
MAX_DELAY = 10.0  # seconds; nobody means a page an hour
_KEPT = "/?=&%:@!$'()*+,;~"


@dataclass(frozen=True, slots=True)
class Robots:
    """What holds for us: patterns of paths with whether they are allowed, and a pause."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float = 0.0  # seconds between two pages

    def allows(self, path: str) -> bool:
        """Whether we may read a path (with its query): the longest pattern that fits decides."""
        path = _spelled(path)
        fitting = [
            (len(pattern), allowed) for pattern, allowed in self.rules if _fits(pattern, path)
        ]
        return max(fitting, default=(0, True))[1]


def parse_robots(text: str, agent: str) -> Robots:
    """The group for `agent`, or else the one for every program. Any text will do."""
    rules: dict[str, list[tuple[str, bool]]] = {}
    delays: dict[str, float] = {}
    agents: list[str] = []
    naming = False
    for key, value in _lines(text):
        if key == "user-agent":
            agents = [*agents, value.lower()] if naming else [value.lower()]
            rules |= {name: rules.get(name, []) for name in agents}
            naming = True
            continue
        naming = False
        for name in agents:
            if key in ("allow", "disallow") and value:
                rules[name].append((_spelled(value), key == "allow"))
            elif key == "crawl-delay" and value.replace(".", "", 1).isdecimal():
                delays[name] = min(float(value), MAX_DELAY)
    group = agent.lower() if agent.lower() in rules else "*"
    return Robots(tuple(rules.get(group, ())), delays.get(group, 0.0))


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text[:MAX_CHARACTERS].lstrip("\ufeff").splitlines():
        key, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield key.strip().lower(), value.strip()


def _spelled(path: str) -> str:
    """The path with every character that has two spellings in one of them."""
    return quote(unquote_to_bytes(path), safe=_KEPT)


def _fits(pattern: str, path: str) -> bool:
    """Whether a path begins as a pattern says, in which * is anything and $ the end."""
    anchored = pattern.endswith("$")
    first, *others = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    for part in others[:-1] if anchored else others:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if not anchored:
        return True
    return (
        path.endswith(others[-1]) and len(path) - len(others[-1]) >= at if others else path == first
    )
