"""Questions put to the sample help centre, through the same path as every other caller."""

import re
from dataclasses import replace
from itertools import groupby
from typing import Any

import psycopg
import pytest

import bot.app
from bot import records
from bot.answering import Answering
from bot.answers import CLOSEST, NOT_COVERED, Answer, Kind, Support, Verdict
from bot.app import App
from bot.asking import answer_once
from bot.chat import prompt
from bot.evidence import Evidence
from bot.retrieval import Filters, Retriever
from bot.spans import spans
from ingest.articles import Article
from ingest.database import Database
from ingest.sources.folder import FolderSource
from ingest.spaces import current_space
from tests.conftest import SAMPLE
from tests.fakes.openai_server import OpenAIServer, error

DELIVERY = "How much does delivery to Switzerland cost?"
BILL = "Where can I download the bill for my subscription?"
DROP = "`'; DROP TABLE question; --"
ODD_QUESTIONS = (
    *("", "   ", "???", "!!! … ---", "🙂🙂", "👍🏽 error 🔥", "the of and is", "wie was wo"),
    *("%", "_", "\\", DROP, "x' OR '1'='1", "$$; SELECT pg_sleep(9) $$"),
    *("{space} {dimensions} %(k)s %s {0}", "a\0b", "broken \udcff surrogate", "<@U1> <!channel>"),
    *(
        "ｆｕｌｌ　ｗｉｄｔｈ Ｅ７９",
        "温度センサーの電池交換",
        "كيف أغير البطارية؟",
        "\u202etfel ot thgir",
    ),
    *("word " * 2_000, "x" * 10_000, "1 2 3 4 5", "\n\nE79\n\n"),
    " ".join(f"sensor{number}" for number in range(1_000)),
)


async def ask(app: App, question: str, **how: Any) -> Answer:
    return (await app.answering.answer(question, **how))[0]


async def files() -> dict[str, str]:
    """Every sample article's text by id, as the files have it."""
    return {
        article.external_id: article.text
        async for article in FolderSource("sample", SAMPLE).fetch().found
        if isinstance(article, Article)
    }


# Composed of quotes


async def test_a_quoted_answer_names_its_article(app: App) -> None:
    answer = await ask(app, DELIVERY)

    assert answer.verdict is Verdict.ANSWERED
    assert (answer.engine, answer.model, answer.voice) == ("quotes", None, "neutral")
    assert "€14.90" in answer.text
    (source,) = answer.as_json()["sources"]
    assert source["article"] == "2101"
    assert source["url"].startswith(
        "https://help.rimeholt.example/articles/2101-shipping-times-and-costs#table:~:text="
    )
    assert set(answer.timings_ms) == {"embed", "retrieve", "generate", "verify", "total"}
    assert answer.cost_usd == 0


async def test_a_quote_is_verbatim_in_the_version_and_in_the_file(app: App) -> None:
    sources = await files()
    for question in (DELIVERY, BILL, "My Pip reports error E79, what should I do?"):
        await check_quotes(app, await ask(app, question), sources)


async def check_quotes(app: App, answer: Answer, sources: dict[str, str]) -> None:
    assert answer.verdict is Verdict.ANSWERED
    for part in answer.parts:
        assert part.support is Support.SUPPORTED
        for citation in part.citations:
            passage = answer.evidence.numbered(citation.n)
            assert passage is not None
            body = await body_of(app, passage.article_version_id)
            verbatim = body[citation.start : citation.end]
            assert verbatim == passage.text[citation.start - passage.start :][: len(verbatim)]
            assert verbatim in sources[passage.article]
    for source in answer.as_json()["sources"]:
        assert source["quote"]
        assert source["quote"] in sources[source["article"]]


async def body_of(app: App, version: int) -> str:
    async with app.database.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT body FROM article_version WHERE id = %s", [version]
        )
        row = await cursor.fetchone()
    assert row is not None
    return str(row["body"])


async def test_a_procedure_is_quoted_step_by_step(app: App) -> None:
    answer = await ask(app, "How do I create an API token?")

    assert [part.kind for part in answer.parts] == [Kind.STEP] * len(answer.parts)
    assert answer.text.startswith("1. ")
    assert answer.text.count("\n") == len(answer.parts) - 1 >= 4


async def test_what_the_articles_do_not_say_is_not_covered(app: App) -> None:
    answer = await ask(app, "What is the boiling point of tungsten?")

    assert (answer.verdict, answer.text) == (Verdict.NOT_COVERED, NOT_COVERED)
    assert answer.as_json()["sources"] == []
    assert len(answer.nearest_articles()) == 3


async def test_whatever_is_asked_there_is_an_answer_and_it_is_kept(app: App) -> None:
    for question in ODD_QUESTIONS:
        answer = await answer_once(app, question)

        assert answer.verdict in {Verdict.ANSWERED, Verdict.NOT_COVERED}, question
        assert answer.text
        assert answer.note in {None, CLOSEST}
        assert len(answer.question) <= 2_000
        assert answer.id is not None
        assert (await records.load(app.database, answer.id)) is not None


async def test_a_question_that_names_nothing_is_not_covered(app: App) -> None:
    for question in ("", "???", "🙂🙂", "the of and is"):
        assert (await ask(app, question)).verdict is Verdict.NOT_COVERED


async def test_filters_hold(app: App) -> None:
    question = "How much may an agent refund on a plan without asking a team lead?"
    everyone = await ask(app, question)
    public = await ask(app, question, filters=Filters(audiences=("public",)))
    german = await ask(app, "Bridge WLAN", filters=Filters(locales=("de",)))
    nothing = await ask(app, question, filters=Filters(products=("no such product",)))
    nowhere = await ask(app, question, filters=Filters(sources=(0,)))

    assert everyone.cited[0].audience == "internal"
    assert {passage.audience for passage in public.evidence.passages} == {"public"}
    assert {passage.locale for passage in german.evidence.passages} == {"de"}
    assert nothing.evidence == nowhere.evidence == Evidence()
    assert nothing.verdict is Verdict.NOT_COVERED


async def test_a_follow_up_leans_on_the_question_before(app: App) -> None:
    _, alone_as = await app.answering.answer("And to Norway?")
    answer, searched = await app.answering.answer("And to Norway?", earlier=[BILL, DELIVERY])

    assert alone_as == "And to Norway?"
    assert searched == "How much does delivery to Norway cost?"
    assert answer.question == "And to Norway?"
    assert answer.cited[0].article == "2101"


# Kept


async def test_what_is_kept_is_what_was_said(app: App) -> None:
    answer = await answer_once(app, BILL)
    assert answer.id is not None
    loaded = await records.load(app.database, answer.id)

    assert loaded is not None
    for kept, said in zip(loaded.evidence.passages, answer.evidence.passages, strict=True):
        assert kept.score == pytest.approx(said.score)
        assert replace(kept, score=said.score) == said
    assert loaded.sufficiency == pytest.approx(answer.sufficiency)
    assert loaded == replace(answer, evidence=loaded.evidence, sufficiency=loaded.sufficiency)
    assert loaded.as_json() == answer.as_json()
    assert await records.load(app.database, 0) is None


async def test_the_question_is_kept_with_its_state(app: App) -> None:
    await answer_once(app, DROP)

    stored = await records.question(app.database, 1)
    assert stored is not None
    assert (stored.text, stored.state, stored.channel) == (DROP, "answered", None)


# One round trip


class Counted:
    """Counts the statements of every cursor it makes, whoever asks for one."""

    def __init__(self) -> None:
        self.statements: list[str] = []

    def cursor_class(self) -> type[psycopg.AsyncCursor[Any]]:
        statements = self.statements

        class Counting(psycopg.AsyncCursor[Any]):
            async def execute(self, query: Any, *args: Any, **how: Any) -> Any:
                statements.append(str(query))
                return await super().execute(query, *args, **how)

            async def executemany(self, query: Any, *args: Any, **how: Any) -> Any:
                statements.append(str(query))
                return await super().executemany(query, *args, **how)

            def copy(self, statement: Any, *args: Any, **how: Any) -> Any:
                statements.append(str(statement))
                return super().copy(statement, *args, **how)

        return Counting


async def counting(database: Database, counted: Counted) -> None:
    """Have every connection of the pool count, now and later."""
    made = counted.cursor_class()
    idle = [await database.pool.getconn() for _ in range(database.pool.max_size)]
    for connection in idle:
        connection.cursor_factory = made
        await database.pool.putconn(connection)


@pytest.fixture
def _nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever follows the embedding space would be counted too."""
    monkeypatch.setattr(bot.app, "LOOK", 3600.0)


@pytest.mark.usefixtures("_nobody_looks")
async def test_retrieval_is_one_statement(app: App) -> None:
    counted = Counted()
    await counting(app.database, counted)
    space = await current_space(app.database)
    assert space is not None
    assert len(counted.statements) == 1  # it does count
    counted.statements.clear()

    found = await Retriever(app.database, app.embedder, space).retrieve(DELIVERY)

    assert found.evidence.passages
    assert len(counted.statements) == 1
    counted.statements.clear()

    answer = await ask(app, DELIVERY)

    assert answer.verdict is Verdict.ANSWERED
    assert len(counted.statements) == 1


# Written by a chat model


async def test_a_written_answer_says_who_wrote_it_and_what_it_cost(
    chat_app: App, server: OpenAIServer
) -> None:
    server.script("Delivery to **Switzerland** costs €14.90. [1]")

    answer = await ask(chat_app, DELIVERY)

    assert answer.verdict is Verdict.ANSWERED
    assert answer.text == "Delivery to **Switzerland** costs €14.90. [1]"
    assert (answer.engine, answer.model) == ("chat", "gpt-fake")
    assert answer.prompt_version == prompt.version()
    assert answer.cost_usd > 0
    assert answer.note is None
    assert [passage.article for passage in answer.cited] == ["2101"]
    (source,) = answer.as_json()["sources"]
    assert "Switzerland" in source["quote"]
    assert server.requests[0].prompt.endswith(f"Question: {DELIVERY}")
    assert "https://help.rimeholt.example" not in server.requests[0].prompt


async def test_the_unscripted_model_answers_with_footnotes(chat_app: App) -> None:
    answer = await answer_once(chat_app, BILL)

    assert answer.verdict is Verdict.ANSWERED
    assert answer.engine == "chat"
    assert answer.cited
    assert answer.id is not None
    loaded = await records.load(chat_app.database, answer.id)
    assert loaded is not None
    assert loaded.as_json() == answer.as_json()


async def test_a_number_outside_the_evidence_is_never_shown(
    chat_app: App, server: OpenAIServer
) -> None:
    server.script("Delivery to Switzerland costs €14.90. [1][99] It takes 5–8 business days. [77]")

    answer = await ask(chat_app, DELIVERY)

    assert answer.text == "Delivery to Switzerland costs €14.90. [1]"
    assert answer.note is not None
    assert answer.note.startswith("1 statement was left out")
    assert not re.search(r"99|77", str(answer.as_json()["parts"]))


async def test_what_the_articles_do_not_bear_out_is_left_out(
    chat_app: App, server: OpenAIServer
) -> None:
    server.script(
        "Delivery to Switzerland costs €14.90. [1]\nIt is free for orders above €999. [1]\n"
        "Penguins deliver it in person. [1]\nNorway is served, too."
    )

    answer = await ask(chat_app, DELIVERY)

    assert [part.text for part in answer.parts] == ["Delivery to Switzerland costs €14.90."]
    assert answer.note is not None
    assert answer.note.startswith("3 statements were left out")


async def test_nothing_borne_out_is_not_covered(chat_app: App, server: OpenAIServer) -> None:
    server.script("It costs €99.99. [1]")

    answer = await ask(chat_app, DELIVERY)

    assert (answer.verdict, answer.text) == (Verdict.NOT_COVERED, NOT_COVERED)
    assert answer.engine == "chat"


async def test_the_model_may_say_that_it_is_not_covered(
    chat_app: App, server: OpenAIServer
) -> None:
    server.script("NOT_COVERED")

    answer = await ask(chat_app, DELIVERY)

    assert (answer.verdict, answer.text) == (Verdict.NOT_COVERED, NOT_COVERED)
    assert (answer.engine, answer.model) == ("chat", "gpt-fake")
    assert answer.cost_usd > 0


async def test_without_enough_evidence_no_model_is_asked(
    chat_app: App, server: OpenAIServer
) -> None:
    answer = await ask(chat_app, "What is the boiling point of tungsten?")

    assert answer.verdict is Verdict.NOT_COVERED
    assert server.requests == []


@pytest.mark.parametrize("status", [401, 503])
async def test_when_the_model_is_down_the_articles_are_quoted_and_that_is_said(
    chat_app: App, server: OpenAIServer, status: int
) -> None:
    server.script(*[error(status)] * 3)

    answer = await ask(chat_app, DELIVERY)

    assert answer.verdict is Verdict.ANSWERED
    assert (answer.engine, answer.model, answer.prompt_version) == ("quotes", None, None)
    assert answer.note is not None
    assert answer.note.startswith("Quoted from the articles: The model gpt-fake")
    assert "€14.90" in answer.text


async def test_sources_are_numbered_as_they_are_cited(chat_app: App, server: OpenAIServer) -> None:
    found = (await ask(chat_app, BILL)).evidence.passages  # the fake cited the first of them
    first, third = spans(found[0])[0].text, spans(found[2])[0].text
    server.script(f"{third} [3]\n{first} [1]\n{third} [3]")

    answer = await ask(chat_app, BILL)

    cited = [[cited.n for cited in part.citations] for part in answer.parts]
    assert [numbers for numbers, _ in groupby(cited)] == [[1], [2], [1]]  # a step has two sentences
    assert [passage.text for passage in answer.cited] == [found[2].text, found[0].text]
    assert [passage.n for passage in answer.evidence.passages] == list(range(1, len(found) + 1))


async def test_the_model_makes_a_follow_up_stand_alone(chat_app: App, server: OpenAIServer) -> None:
    server.script("How much does delivery to Norway cost?", "Delivery to Norway costs €14.90. [1]")

    answer, searched = await chat_app.answering.answer("And to Norway?", earlier=[DELIVERY])

    assert searched == "How much does delivery to Norway cost?"
    assert answer.question == "And to Norway?"
    assert answer.verdict is Verdict.ANSWERED
    assert server.requests[1].prompt.endswith(f"Question: {searched}")
    server.script("Delivery to Norway costs €14.90. [1]")
    alone = await ask(chat_app, searched)
    assert answer.cost_usd > alone.cost_usd  # both calls count


async def test_a_follow_up_is_condensed_by_rule_when_the_model_is_down(
    chat_app: App, server: OpenAIServer
) -> None:
    server.script(*[error(500)] * 6)

    answer, searched = await chat_app.answering.answer("And to Norway?", earlier=[DELIVERY])

    assert searched == "How much does delivery to Norway cost?"
    assert (answer.verdict, answer.engine) == (Verdict.ANSWERED, "quotes")


async def test_when_postgres_is_gone_the_answer_says_so(app: App) -> None:
    space = await current_space(app.database)
    assert space is not None
    await app.database.pool.close()

    answering = Answering(Retriever(app.database, app.embedder, space), None)
    answer, _ = await answering.answer(DELIVERY)

    assert answer.verdict is Verdict.FAILED
    assert answer.note is not None
    assert "Postgres" in answer.note
