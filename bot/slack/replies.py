"""Replies: a stored question becomes one message in its thread, in the voice asked for.

What is here can be run again at any time: what is answered is not answered twice, what is
delivered is not delivered twice.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bot import records
from bot.answers import FAILED, Answer, Part, Verdict
from bot.app import App
from bot.errors import SlackError
from bot.questions import StoredQuestion
from bot.slack.audiences import Audiences, is_direct
from bot.slack.blocks import Look, Message, answer_message, plain_message
from bot.slack.client import Workspace
from bot.slack.controls import Place, Shown
from bot.slack.delivery import post_answer, posted_before, update_answer, whisper, write
from bot.voice import preferences
from bot.voice.rewrite import reword
from bot.voice.voices import NEUTRAL
from ingest.errors import ProviderUnavailable

log = logging.getLogger("footnote.slack")

HINT = "Ask me a question about the help centre, and I will answer with my sources."


class Replies:
    """Answers questions in Slack."""

    def __init__(
        self,
        app: App,
        slack: Workspace,
        audiences: Audiences,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`now` is what the age of a source is counted from."""
        self._app = app
        self._slack = slack
        self._audiences = audiences
        self._now = now

    async def answer(self, question_id: int, *, again: bool, last: bool) -> None:
        """Answer a stored question, visibly and once.

        `again` says that an earlier attempt may have posted; on the `last` attempt a failure is
        told to the asker. Raises Retryable when another attempt may succeed.
        """
        started = time.perf_counter()
        asked = await records.question(self._app.database, question_id)
        if asked is None or asked.channel is None or await self._delivered(question_id):
            return
        if not asked.text:
            await self._hint(asked)
            return
        answer = await records.kept_answer(self._app.database, question_id)
        if answer is None:
            answer = await self._made(asked, last=last)
        answer = await self.worded(answer, await self.voice_in(asked.channel, asked.asker))
        await self._deliver(asked, answer, again=again)
        seconds = time.perf_counter() - started
        log.info(
            "question %d: %s by %s in %.2f s", question_id, answer.verdict, answer.engine, seconds
        )

    async def give_up(self, question_id: int, *, again: bool) -> None:
        """Tell the asker that the question could not be answered."""
        asked = await records.question(self._app.database, question_id)
        if asked is None or asked.channel is None or await self._delivered(question_id):
            return
        answer = await records.kept_answer(self._app.database, question_id)
        if answer is None:
            answer = Answer(asked.text, Verdict.FAILED, "quotes", parts=(Part(FAILED),))
            answer = await self._kept(asked, answer, None)
        await self._deliver(asked, answer, again=again)
        log.warning("question %d: could not be answered; its asker was told", question_id)

    def message(self, answer: Answer, *, private: bool = False, head: str = "") -> Message:
        """An answer's message, with the controls that this desk and workspace have."""
        look = Look(self._app.settings.button_voice, private, self._slack.agent, head)
        return answer_message(answer, self._now(), look)

    async def voice_in(self, channel: str, asker: str | None) -> str:
        """How answers are worded in a channel; in a direct message as its owner likes it."""
        if not is_direct(channel):
            return (await self._audiences.channels.settings(channel)).voice or NEUTRAL
        return await preferences.voice_of(self._app.database, asker or "")

    async def worded(self, answer: Answer, voice: str) -> Answer:
        """A kept answer in a voice, as far as there is that voice and it keeps the facts."""
        if voice == answer.voice or answer.id is None or answer.verdict is not Verdict.ANSWERED:
            return answer
        known = await records.in_voice(self._app.database, answer.id, voice)
        return known or await self._worded(answer.id, voice) or answer

    async def show_wording(self, shown: Shown, voice: str) -> None:
        """Show the answer in another voice, in the same message; tell why not where it stays.

        Raises Retryable when another attempt may succeed.
        """
        answer = await records.in_voice(self._app.database, shown.answer_id, voice)
        answer = answer or await self._worded(shown.answer_id, voice)
        if answer is None:
            await self.tell(shown.place, shown.user, "That voice is no longer set up.")
            return
        try:
            await update_answer(
                self._slack.client, shown.channel, shown.message_ts, self.message(answer)
            )
        except SlackError as error:
            log.warning("answer %d: its wording was not shown: %s", shown.answer_id, _line(error))
            await self.tell(shown.place, shown.user, "Slack would not let me change that message.")
            return
        await self._app.database.run("show_answer", answer=answer.id)
        log.info("answer %d: shown in the %s voice", shown.answer_id, answer.voice)

    async def tell(self, place: Place, user: str, text: str) -> None:
        """Say something to one person: where they are or, where we cannot, in their messages."""
        client = self._slack.client
        if not place.channel or not await whisper(client, place, user, text):
            await write(client, user, text)

    # Steps

    async def _delivered(self, question_id: int) -> bool:
        return await self._app.database.row("delivery", question=question_id) is not None

    async def _made(self, asked: StoredQuestion, *, last: bool) -> Answer:
        """Answer and keep the record. Raises Retryable for a failure that is not the last."""
        earlier = await records.earlier_questions(self._app.database, asked)
        filters = await self._audiences.filters(str(asked.channel), asked.asker)
        answer, standalone = await self._app.answering.answer(asked.text, earlier, filters)
        if answer.verdict is Verdict.FAILED and not last:
            raise ProviderUnavailable(answer.note or "The question could not be answered.")
        return await self._kept(asked, answer, standalone)

    async def _kept(self, asked: StoredQuestion, answer: Answer, standalone: str | None) -> Answer:
        async with self._app.database.transaction() as session:
            answer_id = await records.keep(session, asked.id, answer, standalone)
        return replace(answer, id=answer_id)

    async def _deliver(self, asked: StoredQuestion, answer: Answer, *, again: bool) -> None:
        """Post the answer and note where. A message that was posted but not noted is found."""
        client = self._slack.client
        ts = await posted_before(client, asked) if again else None
        try:
            ts = ts or await post_answer(client, asked, self.message(answer))
        except SlackError as error:
            log.warning(
                "question %d: not delivered to %s: %s", asked.id, asked.channel, _line(error)
            )
            await self._app.database.run("fail_question", question=asked.id)
            return
        await self._app.database.run(
            "add_delivery",
            question=asked.id,
            answer=answer.id,
            channel=asked.channel,
            message_ts=ts,
        )

    async def _hint(self, asked: StoredQuestion) -> None:
        """A mention without a question is answered with what to do, and closed."""
        try:
            await post_answer(self._slack.client, asked, plain_message(HINT))
        except SlackError as error:
            log.warning("question %d: not delivered: %s", asked.id, _line(error))
        await self._app.database.run("fail_question", question=asked.id)

    async def _worded(self, answer_id: int, voice: str) -> Answer | None:
        """The answer in a voice that it does not have yet; neutral with a note if that fails."""
        neutral = await records.in_voice(self._app.database, answer_id, NEUTRAL)
        known = self._app.voices.get(voice)
        if neutral is None or neutral.id is None or known is None:
            return None
        worded = await reword(neutral, known)
        return await records.keep_wording(self._app.database, neutral.id, worded)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
