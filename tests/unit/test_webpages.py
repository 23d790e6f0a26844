"""HTML becomes Markdown once, and only the article of a page does."""

import pytest

from ingest.markup import parse
from ingest.markup.webpages import html_to_markdown, read_page


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        pytest.param(
            "<table><tr><th>Plan<td>Free<td>Pro<tr><th>Price<td>0<td>10</table>",
            "|  |  |  |\n| --- | --- | --- |\n| Plan | Free | Pro |\n| Price | 0 | 10 |",
            id="header cells in rows",
        ),
        pytest.param(
            "<table><tr><td><th>Free<th>Pro<tr><th>Price<td>0<td>10</table>",
            "|  | Free | Pro |\n| --- | --- | --- |\n| Price | 0 | 10 |",
            id="header cells on two sides",
        ),
        pytest.param(
            "<table><thead><tr><th colspan=2>Size<th rowspan=2>Sold<tr><th>cm<th>inch</thead>"
            "<tr><td rowspan=2>10<td>4<td>yes<tr><td>4.1<td>no</table>",
            "| Size cm | Size inch | Sold |\n| --- | --- | --- |\n"
            "| 10 | 4 | yes |\n| 10 | 4.1 | no |",
            id="spans",
        ),
        pytest.param(
            "<table><tr><th colspan=2>Prices<tr><th>A<th>B<tr><td>1<tr><td>2<td>3<td>4</table>",
            "Prices\n\n| A | B |  |\n| --- | --- | --- |\n| 1 |  |  |\n| 2 | 3 | 4 |",
            id="a title row, and rows of any length",
        ),
        pytest.param(
            "<table><tr><th>A<th>B<tr><td><ol><li>One<li>Two</ol><td><ul><li>x<li>y.<li>z</ul>"
            "<tr><td><pre>a|b\nc</pre><td><code>d|e</code></table>",
            "| A | B |\n| --- | --- |\n| 1. One 2. Two | x; y. z |\n| `a\\|b c` | `d\\|e` |",
            id="lists and code in cells",
        ),
        pytest.param(
            "<table><tr><td><h2>Left</h2><p>Text.<td><table><tr><th>A<th>B<tr><td>1<td>2</table>"
            "</table>",
            "## Left\n\nText.\n\n| A | B |\n| --- | --- |\n| 1 | 2 |",
            id="tables for layout",
        ),
        pytest.param(
            "<ul><li>a<ul><li>b<ol><li>c<li value=7>d<p>e</ol></ul><li>f</ul>",
            "- a\n  - b\n    1. c\n    7. d\n\n       e\n- f",
            id="nested lists",
        ),
        pytest.param(
            '<div class="admonition warning"><p class="admonition-title">Warning<p>Hot!</div>'
            '<p class="alert alert-info">Plain.<div role="note">Noted.</div>'
            '<aside class="callout_x1Yz"><h4>Tip</h4><p>Rest.</aside>'
            '<section class="article-info"><p>The article.</section>',
            "> Warning\n>\n> Hot!\n\n> Plain.\n\n> Noted.\n\n> **Tip**\n>\n> Rest.\n\nThe article.",
            id="callouts",
        ),
        pytest.param(
            '<pre><code class="hljs language-python">a = 1<br>b</code></pre>'
            '<div class="highlight highlight-source-sh"><pre>ls\n  -l\n</pre></div>'
            '<pre data-lang="text">a\n```\nb</pre><pre><div>x</div><div>y</div></pre>',
            "```python\na = 1\nb\n```\n\n```sh\nls\n  -l\n```\n\n````\na\n```\nb\n````\n\n"
            "```\nx\ny\n```",
            id="code",
        ),
        pytest.param(
            '<p><img src="/a.png?expires=1&signature=2" alt="The [ring]"><img src="data:x"'
            ' data-src="b.png" alt="Two"> <a href="/c">c</a> <a href="javascript:x()">d</a>'
            ' <a href="#e">e</a> <a class="__cf_email__" data-cfemail="5b3a1b3975383436"'
            ' href="/cdn-cgi/l/email-protection">[email&#160;protected]</a>',
            "![The ring](https://h.example/a.png)![Two](https://h.example/p/b.png)"
            " [c](https://h.example/c) d [e](#e) a@b.com",
            id="images and links",
        ),
        pytest.param(
            '<a name="old"></a><h2>One</h2><h2 id="two">Two <a href="#two">¶</a></h2>'
            '<section id="three"><h3>Three</h3></section>'
            '<h3><a class="anchor" id="user-4" href="#four"></a>Four</h3>'
            '<div role="heading" aria-level="4">Five</div>',
            "## One {#old}\n\n## Two {#two}\n\n### Three {#three}\n\n### Four {#four}\n\n#### Five",
            id="anchors of headings",
        ),
        pytest.param(
            "<details><summary>How?</summary><p>So.</details><dl><dt>Term<dd>Meaning</dl>"
            "<h3><button aria-expanded=false>Why?</button></h3>"
            '<div class="accordion-body" hidden><p>Because.</div>',
            "**How?**\n\nSo.\n\n**Term**\n\nMeaning\n\n### Why?\n\nBecause.",
            id="what is folded",
        ),
        pytest.param(
            "<p>hy&shy;phen&#8203;ated&nbsp;&nbsp;text<td>a cell of no table",
            "hyphenated text a cell of no table",
            id="invisible characters",
        ),
        pytest.param(
            "<aside><aside>x</aside></aside><h2><a><a>#</a></a>H</h2>", "## H", id="nests"
        ),
    ],
)
def test_html_becomes_markdown(html: str, markdown: str) -> None:
    assert html_to_markdown(html, "https://h.example/p/q").strip() == markdown


CHROME = """<!DOCTYPE html><html><head><title>Reset the lamp – Rimeholt Help</title></head><body>
<a class="skip-link" href="#main">Skip to main content</a><header><h1>Rimeholt</h1></header>
<div id="cookie-banner">We use cookies <button>Accept</button></div>
<div id="onetrust-consent-sdk"><h2>Your privacy</h2></div>
<main id="main" class="with-sidebar">
  <ol class="breadcrumbs"><li>Help</li><li>Lamps</li></ol>
  <div role="search"><form><input name="q"><button>Search</button></form></div>
  <article class="article">
    <header class="article-header"><h1>Reset the lamp</h1><p>A lead.</p>
      <div class="article-share">Share <a href="//x.example">X</a></div></header>
    <section class="article-info">
      <p>Hold the ring. Its page asks “Was this article helpful?” at the end.</p>
      <h2 id="feedback">Feedback</h2><p>Write to us, or press <button>Send</button>.</p>
      <div class="code"><button class="copy">Copy</button><pre>lamp --reset</pre></div>
      <section id="cookie-consent"><h2>Cookie consent</h2><p>Is asked for once.</p></section>
    </section>
    <footer><div>Was this article helpful?</div><p>3 out of 4 found this helpful</p></footer>
    <div><p>Was this page helpful?</p><span><a href="#">Yes</a> <a href="#">No</a></span></div>
    <div class="article-relatives"><h3>Related articles</h3><ul><li>Pairing</li></ul></div>
    <div class="article-comments"><h3>Comments</h3><p>First!</p></div>
    <div hidden>Hidden.</div><span aria-hidden="true">icon</span><p style="display: none">No.</p>
    <p>War dieser Beitrag hilfreich?</p>
  </article>
  <aside class="sidebar">In this section</aside><ul class="pagination"><li>Next</li></ul>
  <div class="tocContainer_a1Bc toc"><ul><li>Feedback</li></ul></div>
</main><footer>Imprint</footer></body></html>"""


def test_what_surrounds_an_article_is_dropped() -> None:
    page = read_page(CHROME)
    assert page.facts["title"] == "Reset the lamp"
    assert page.text == (
        "# Reset the lamp\n\nA lead.\n\n"
        "Hold the ring. Its page asks “Was this article helpful?” at the end.\n\n"
        "## Feedback {#feedback}\n\nWrite to us, or press Send.\n\n```\nlamp --reset\n```\n\n"
        "## Cookie consent {#cookie-consent}\n\nIs asked for once."
    )


def test_a_name_is_no_reason_to_drop_the_article() -> None:
    whole = "<div class='feedback'><h1>Title</h1><p>Text.</div>"
    assert html_to_markdown(whole) == "# Title\n\nText."
    assert html_to_markdown("<div class='sidebar'><p>All there is.</div>") == "All there is."
    assert html_to_markdown("<form id=page><p>Everything.</form>") == "Everything."
    assert html_to_markdown("<h2 class='sr-only'>Steps</h2><p>One.") == "## Steps\n\nOne."


@pytest.mark.parametrize(
    "page",
    [
        "<div role=main><p>Text of the article.</div><div>More.</div>",
        "<article>Card</article><article><p>Text of the article.</article>",
        "<main><h1>T</h1><p>By Ann<div itemprop=articleBody><p>Text of the article.</div></main>",
        "<body><p>Text of the article.</body>",
        "Text of the article.",
    ],
)
def test_the_main_part_is_found(page: str) -> None:
    assert read_page(page).text == "Text of the article."


def test_spans_cannot_make_much_of_little() -> None:
    for cell in ("<td rowspan=99 colspan=99>x", f"<td rowspan=99>{'long ' * 200}"):
        html = f"<table><tr>{cell * 20}{'<tr><td>y' * 99}</table>"
        assert len(html_to_markdown(html)) < 10 * len(html)


def test_rows_keep_their_header_in_the_parsed_blocks() -> None:
    text = html_to_markdown("<table><tr><th>A<th>B<tr><td>1<td>2|3</table>")
    rows = [(block.ordinal, block.plain) for block in parse(text).blocks]
    assert rows == [("header", "A | B"), (None, "1 | 2|3")]
