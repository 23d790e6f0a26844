"""Processes killed while they answer: each question still ends in one answer.

`python -m bench.slack kills` does the same with 300 questions and ten kills.
"""

from ingest.database import open_pool
from tests.fakes.openai_server import OpenAIServer
from tests.fakes.slack_server import SlackServer
from tests.integration.killing import Killing


async def test_every_question_ends_in_one_answer_whoever_is_killed(sample_url: str) -> None:
    async with (
        SlackServer(ack_seconds=1) as slack,
        OpenAIServer() as model,
        open_pool(sample_url) as database,
    ):
        killing = Killing(slack, model, database, sample_url, questions=24, kills=2, seconds=8)
        tally = await killing.play()
    assert tally.kills == 2
    assert tally.perfect, tally
