"""Retrieval takes anything for a question, and a filter costs no answers."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.app import App
from bot.retrieval import PASSAGES, Filters, Retriever

PIECES = st.sampled_from(
    "reset bridge E79 the of ' \" ; -- /* */ $$ % %s %(k)s {} {space} \\ & | ! <-> :* ( ) [] ::int"
    " 👍🏽 温度 ẞ İ ﷺ \u202e \x07 \n".split(" ")
)


def retriever(app: App) -> Retriever:
    return app.answering._retriever


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@example("the of and")
@example("???")
@example("👍")
@example("温度センサーの電池交換")
@example("x" * 10_000)
@given(st.one_of(st.text(max_size=80), st.lists(PIECES, max_size=12).map(" ".join)))
async def test_any_text_is_a_question(app: App, text: str) -> None:
    question = text.replace("\0", "").encode("utf-8", "ignore").decode()

    found = await retriever(app).retrieve(question)

    assert len(found.evidence.passages) <= PASSAGES
    assert [p.n for p in found.evidence.passages] == list(
        range(1, len(found.evidence.passages) + 1)
    )


async def test_a_question_without_a_word_finds_nothing(app: App) -> None:
    for question in ("", "   ", "?!…", "👍"):
        found = await retriever(app).retrieve(question)
        assert found.evidence.passages == ()


async def test_a_filter_lets_only_its_own_through_and_still_finds_them(app: App) -> None:
    question = "How do I return a device?"
    vector = (await app.embedder.embed([question]))[0]

    every = await retriever(app).rows(question, vector, k=1_000)
    for locale in ("de", "es"):
        found = await retriever(app).rows(question, vector, Filters(locales=(locale,)), k=1_000)
        assert {row["locale"] for row in found} == {locale}
        wanted = {row["article_version_id"] for row in every if row["locale"] == locale}
        assert wanted <= {row["article_version_id"] for row in found}
    public = await retriever(app).rows(question, vector, Filters(audiences=("public",)), k=1_000)
    assert {row["audience"] for row in public} == {"public"}


async def test_a_filter_that_nothing_passes_finds_nothing(app: App) -> None:
    found = await retriever(app).retrieve("How do I return a device?", Filters(locales=("ja",)))

    assert found.evidence.passages == ()
