"""One file becomes one article, or one plain sentence saying why not."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.articles import MAX_BYTES, Article, parse_html, parse_markdown
from ingest.errors import ArticleError
from ingest.passages import passages_of

TEMPLATE = "https://help.example.com/{id}"


def markdown(text: str, path: str = "guides/Reset-the-lamp.md", **options: str) -> Article:
    return parse_markdown(
        text.encode(), path, url_template=options.pop("url_template", None), **options
    )


def html(text: str, path: str = "page.html") -> Article:
    return parse_html(text.encode(), path, url_template=None)


def test_front_matter_says_what_an_article_is() -> None:
    article = markdown(
        "---\ntitle: 'Reset the lamp'\nid: 007\nupdated_at: 2026-03-01\nlocale: es_mx\n"
        "product: Lamp\naudience: Internal\ntags: [a, b]\nnested: {a: 1}\n---\n"
        "\nHold *both* keys.\n",
        url_template=TEMPLATE,
    )
    assert article == Article(
        external_id="007",
        title="Reset the lamp",
        text="Hold *both* keys.",
        url="https://help.example.com/007",
        path="guides/Reset-the-lamp.md",
        locale="es-MX",
        product="Lamp",
        audience="internal",
        updated_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_what_is_missing_is_derived() -> None:
    article = markdown(
        "# Restart & *reset*\n\nText.", url_template="https://h.example/{path}#{slug}"
    )
    assert (article.title, article.external_id) == ("Restart & reset", "guides/Reset-the-lamp")
    assert article.url == "https://h.example/guides/Reset-the-lamp#restart-reset"
    assert (article.locale, article.audience, article.product) == ("en", "public", None)
    assert article.updated_at is None


def test_a_file_without_heading_is_titled_after_its_name() -> None:
    assert markdown("Text.").title == "Reset the lamp"
    assert markdown("Text.", "billing/refunds._es.md").title == "Refunds"
    assert markdown("Text.", "getting-started/index.md").title == "Getting started"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            "2026-03-01T10:30:00+02:00",
            datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=2))),
        ),
        ("2026-03-01 10:30:00", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
        ("2026-03-01T10:30:00Z", datetime(2026, 3, 1, 10, 30, tzinfo=UTC)),
        (
            "2026-03-01 10:30:00 +02:00",
            datetime(2026, 3, 1, 10, 30, tzinfo=timezone(timedelta(hours=2))),
        ),
    ],
)
def test_dates(written: str, expected: datetime) -> None:
    article = markdown(f"---\nupdated_at: {written}\n---\nText.")
    assert article.updated_at == expected
    assert article.updated_at.tzinfo is not None


@pytest.mark.parametrize(
    ("path", "locale"),
    [
        ("a/faq._es.md", "es"),
        ("a/faq.pt-br.md", "pt-BR"),
        ("es/a/faq.md", "es"),
        ("a/de-at/faq.md", "de-AT"),
        ("hr/leave.md", "en"),
        ("no/faq.no.md", "no"),
        ("a/node.js.md", "en"),
    ],
)
def test_language_from_the_path(path: str, locale: str) -> None:
    assert markdown("Text.", path).locale == locale


def test_norwegian_is_not_false() -> None:
    assert markdown("---\nlocale: no\ntitle: yes\n---\nText.").locale == "no"


def test_text_is_verbatim() -> None:
    body = "Zeile  mit   Leerraum\\\n\n\t1. *x* &amp; y\n\n\u202bעברית\u202c"
    article = markdown("---\r\ntitle: T\r\n---\r\n\r\n" + body.replace("\n", "\r\n") + "\r\n\r\n")
    assert article.text == body


def test_rules_are_not_front_matter() -> None:
    assert markdown("---\n\nA line.\n\n---\n\nMore.").text.startswith("---\n\nA line.")
    assert markdown("---\n\nOnly one rule.").text == "---\n\nOnly one rule."


def test_a_page_without_body_is_its_description() -> None:
    assert markdown("---\ntitle: Contact\ndescription: Write to us.\n---\n").text == "Write to us."


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"", "no text"),
        (b"---\ntitle: T\n---\n \n", "no text"),
        (b"---\ntitle: 'T\n---\nText.", "not valid YAML (line"),
        (b"---\ntitle: [\n---\nText.", "not valid YAML"),
        (b"---\ntitle: T\n\nText.", "no closing line"),
        (b"---\na: " + b"[" * 50_000 + b"\n---\nText.", "front matter"),
        (b"Text \xff", "not UTF-8 (byte 5)"),
        ("Text ä".encode()[:-1], "not UTF-8"),
        (b"Text\0", "NUL"),
        (b"x" * 5_000_000, "larger than 2 MB"),
        (b"- " * 10_000 + b"x", "nested too deep"),
        (b"> " * 10_000 + b"x", "nested too deep"),
        ("\n".join("  " * n + "- x" for n in range(900)).encode(), "nested too deep"),
        (b"---\nupdated_at: soon\n---\nText.", "updated_at"),
        (b"---\nlocale: english!\n---\nText.", "language code"),
        (b"---\naudience: partners\n---\nText.", "neither public nor internal"),
        (b"---\nurl: javascript:alert(1)\n---\nText.", "url"),
    ],
)
def test_bad_articles_say_why(raw: bytes, reason: str) -> None:
    with pytest.raises(ArticleError) as caught:
        parse_markdown(raw, "a.md", url_template=None)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_url_may_be_relative_to_the_template() -> None:
    article = markdown("---\nurl: /faq\n---\nText.", url_template=TEMPLATE)
    assert article.url == "https://help.example.com/faq"
    braces = markdown("---\ntitle: '{id} in {path}'\n---\nText.", url_template="https://h/{slug}")
    assert braces.url == "https://h/id-in-path"
    assert markdown("Text.", file_url="file:///a.md").url == "file:///a.md"


def test_the_hash_covers_what_is_shown_and_not_the_path() -> None:
    one = markdown("---\nid: 1\n---\nText.", "a.md", url_template=TEMPLATE)
    moved = markdown("---\nid: 1\ntitle: A\n---\nText.", "b.md", url_template=TEMPLATE)
    assert one.content_hash == moved.content_hash
    for change in (
        "title: B",
        "product: P",
        "audience: internal",
        "locale: de",
        "updated_at: 2026-01-01",
    ):
        changed = markdown(f"---\nid: 1\n{change}\n---\nText.", "a.md", url_template=TEMPLATE)
        assert changed.content_hash != one.content_hash, change


TAGS = (
    "<p> <li> <ul> <ol> <td> <tr> <table> <b> </b> <pre> </ul> <h2> <dl> <dt> <dd> <a x &lt;"
    " * _ # | ` [ ]( <br> <!-- \n"
).split(" ")
PAGE = """<!DOCTYPE html><html lang="de"><head><title>Rechnung finden – Hilfe</title>
<meta name="product" content="Shop"><meta name="updated_at" content="2026-01-02">
<link rel="canonical" href="https://help.example.com/rechnung"></head><body>
<nav>Menü</nav><main><h1>Rechnung finden</h1><p>Mit <b>Konto</b> und snake_case &lt;div&gt;.
<h2 id="wo">Wo?</h2><ol start="3"><li>Eins<ul><li>a<li>b</ul><li><p>Zwei</p><pre><code>x = 1
  y</code></pre></ol><div class="callout warning"><p>Heiß!</p></div><aside>weg</aside>
<table><tr><th>A<th>B<tr><td>1|2<td>x<br>y</table><img src="data:x" alt="Ein [Bild]">
<script>alert(1)</script></main><footer>Impressum</footer></body></html>"""


def test_a_web_page_becomes_markdown() -> None:
    article = html(PAGE)
    assert (article.title, article.locale, article.product) == ("Rechnung finden", "de", "Shop")
    assert article.url == "https://help.example.com/rechnung"
    assert article.updated_at == datetime(2026, 1, 2, tzinfo=UTC)
    for expected in (
        "# Rechnung finden\n",
        "Mit **Konto** und snake_case \\<div>.",
        "## Wo? {#wo}",
        "3. Eins\n   - a\n   - b\n4. Zwei\n",
        "   ```\n   x = 1\n     y\n   ```",
        "> Heiß!",
        "| A | B |\n| --- | --- |\n| 1\\|2 | x y |",
        "![Ein Bild",
    ):
        assert expected in article.text
    for unwanted in ("Menü", "weg", "alert", "Impressum", "data:"):
        assert unwanted not in article.text


@pytest.mark.parametrize(
    "page",
    [
        "<html><body></body></html>",
        "<div>" * 10_000 + "x",
        "<ul><li>" * 10_000 + "x",
        "<table>" * 500 + "x",
        "<!--" * 1_000,
        "<![x" * 10,
    ],
)
def test_bad_pages(page: str) -> None:
    with pytest.raises(ArticleError):
        html(page)


def test_pages_nobody_closed() -> None:
    assert passages_of(html("<p>a b c" * 3_000 + "<li>x" * 3_000 + "<td>y" * 3_000))
    assert html("<?xml version='1.0'?><a>https://a.example/b.html").text
    assert html("<ol start=²><li>x</ol><table><tr><td colspan=²>y").text


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_nothing_but_article_error_escapes(raw: bytes) -> None:
    for parse in (parse_markdown, parse_html):
        for data in (raw, b"---\n" + raw + b"\n---\nText."):
            try:
                article = parse(data, "a.md", url_template=TEMPLATE)
            except ArticleError:
                continue
            assert article.title.encode()
            assert article.text.encode()
            assert len(article.content_hash) == 64


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(TAGS),
        max_size=60,
    )
)
def test_broken_html(parts: list[str]) -> None:
    try:
        article = html("".join(parts))
    except ArticleError:
        return
    for passage in passages_of(article):
        assert article.text[passage.start : passage.end] == passage.text


def test_the_limit_is_two_megabytes() -> None:
    assert markdown("word " * (MAX_BYTES // 5)).text
