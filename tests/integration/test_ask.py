"""Questions put to the sample help centre, through the same path as every other caller."""

from bot.answers import Verdict
from bot.app import App
from bot.cli import answer_once


async def test_an_answer_quotes_its_article_verbatim_and_is_kept(app: App) -> None:
    answer = await answer_once(app, "How much does delivery to Switzerland cost?")

    assert answer.verdict is Verdict.ANSWERED
    source = answer.as_json()["sources"][0]
    assert source["article"] == "2101"
    rows = await app.database.rows("parts", answer=answer.id)
    assert [row["text"] for row in rows] == [part.text for part in answer.parts]
