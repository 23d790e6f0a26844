"""What robots.txt asks of us."""

import pytest

from ingest.sources.robots import MAX_DELAY, parse_robots

AGENT = "footnote-desk"


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("", "/a", True),
        ("Disallow:", "/a", True),
        ("Disallow: /", "/a", False),
        ("Disallow: /\nAllow: /help/", "/help/a", True),  # the longest rule decides
        ("Allow: /help/\nDisallow: /help/drafts", "/help/drafts/1", False),
        ("Disallow: /a\nAllow: /a", "/a", True),
        ("Disallow: /*/search", "/hc/en/search?q=x", False),
        ("Disallow: /*.pdf$", "/a/b.pdf", False),
        ("Disallow: /*.pdf$", "/a/b.pdf?x", True),
        ("Disallow: /a$", "/ab", True),
        ("Disallow: /*a*a*a*a*a*a*a*a*a*b", "/" + "a" * 2_000, True),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("Disallow: /%7Eme", "/~me", False),
        ("disallow : /a # not yet", "/a", False),
        ("Sitemap: https://x/\nDisallow /a\n: :\n\x00", "/a", True),
    ],
)
def test_rules(rules: str, path: str, *, allowed: bool) -> None:
    assert parse_robots(f"User-Agent: *\n{rules}", AGENT).allows(path) is allowed


def test_the_group_that_names_us_comes_first() -> None:
    text = """
    User-agent: *
    Disallow: /
    User-agent: other
    User-agent: Footnote-Desk
    Crawl-delay: 2.5
    Disallow: /a
    User-agent: footnote-desk
    Disallow: /b
    """
    robots = parse_robots(text, AGENT)
    assert [robots.allows(path) for path in ("/", "/a", "/b")] == [True, False, False]
    assert robots.delay == 2.5
    assert parse_robots("User-agent: *\nCrawl-delay: 86400", AGENT).delay == MAX_DELAY
