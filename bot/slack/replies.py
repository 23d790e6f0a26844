"""Replies: a stored question becomes one message in its thread.

    begin ──→ a word instead? ──→ answer, streamed ──→ deliver ──→ noted

What is here can be run again at any time, by any process: what is answered is not answered twice,
what is delivered is not delivered twice, and a message that was begun is the one that is ended.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from bot import records
from bot.answering import Progress
from bot.answers import FAILED, Answer, Part, Verdict
from bot.app import App
from bot.errors import SlackError
from bot.limits import over_limit
from bot.metrics import Metrics
from bot.questions import StoredQuestion
from bot.slack.audiences import Audiences, is_direct
from bot.slack.blocks import Look, Message, again_message, answer_message, plain_message
from bot.slack.client import Workspace
from bot.slack.controls import Place, Shown
from bot.slack.delivery import whisper, write
from bot.slack.outcomes import Outcomes
from bot.slack.streams import Stream, Streams
from bot.voice import preferences
from bot.voice.voices import NEUTRAL
from ingest.errors import ProviderUnavailable

log = logging.getLogger("footnote.slack")

HINT = "Ask me a question about the help centre, and I will answer with my sources."
STOPPED = "Stopped before it was finished."
NOTHING_YET = "I have stopped, before there was anything to show. Ask again whenever you like."
DELETED = "The question was deleted, so I have stopped answering it."


class Replies:
    """Answers questions in Slack."""

    def __init__(
        self,
        app: App,
        slack: Workspace,
        audiences: Audiences,
        streams: Streams,
        outcomes: Outcomes,
        metrics: Metrics,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`now` is what the age of a source is counted from."""
        self._app = app
        self._database = app.database
        self._slack = slack
        self._audiences = audiences
        self._streams = streams
        self._outcomes = outcomes
        self._metrics = metrics
        self._now = now

    async def answer(self, question_id: int, *, last: bool) -> None:
        """Answer a stored question, visibly and once.

        On the `last` attempt a failure is told to the asker. Raises Retryable when another attempt
        may succeed. Cancelled because nobody waits for the answer any more, it closes the question.
        """
        asked = await self._begun(question_id)
        if asked is None:
            return
        with self._watched():
            async with self._streams.open(asked) as stream:
                try:
                    await self._answer(asked, stream, last=last)
                except asyncio.CancelledError:
                    asked = await self._let_go(asked)
                    await stream.rest()
                    await self._close(asked, stream)

    async def give_up(self, question_id: int) -> None:
        """Tell the asker that the question could not be answered."""
        asked = await self._begun(question_id)
        if asked is None:
            return
        async with self._streams.open(asked) as stream:
            if asked.ended:
                await self._close(asked, stream)
                return
            answer = await records.kept_answer(self._database, question_id)
            if answer is None:
                answer = Answer(asked.text, Verdict.FAILED, "quotes", parts=(Part(FAILED),))
                answer = await self._kept(asked, answer, None)
            await self._deliver(asked, answer, stream)
        log.warning("question %d: could not be answered; its asker was told", question_id)

    def message(self, answer: Answer, *, private: bool = False, head: str = "") -> Message:
        """An answer's message, with the controls that this desk and workspace have."""
        look = Look(self._app.settings.button_voice, private, self._slack.agent, head)
        return answer_message(answer, self._now(), look)

    async def voice_in(self, asked: StoredQuestion) -> str:
        """How an answer is worded: as its channel or its asker has it, else as is live there."""
        channel = str(asked.channel)
        if is_direct(channel):
            chosen = await preferences.chosen(self._database, asked.asker or "")
        else:
            chosen = (await self._audiences.channels.settings(channel)).voice
        return chosen or await self._app.speaking.voice_for(channel, asked.id)

    async def worded(
        self, answer: Answer, voice: str, on_progress: Progress | None = None
    ) -> Answer:
        """A kept answer in a voice, as far as there is that voice and it keeps the facts."""
        if voice == answer.voice or answer.id is None or answer.verdict is not Verdict.ANSWERED:
            return answer
        known = await records.in_voice(self._database, answer.id, voice)
        return known or await self._worded(answer.id, voice, on_progress) or answer

    async def show_wording(self, shown: Shown, voice: str) -> None:
        """Show the answer in another voice, in the same message; tell why not where it stays.

        Raises Retryable when another attempt may succeed.
        """
        answer = await records.in_voice(self._database, shown.answer_id, voice)
        answer = answer or await self._worded(shown.answer_id, voice)
        if answer is None:
            await self.tell(shown.place, shown.user, "That voice is no longer set up.")
            return
        try:
            await self._outcomes.show(shown.channel, shown.message_ts, self.message(answer))
        except SlackError as error:
            log.warning("answer %d: its wording was not shown: %s", shown.answer_id, _line(error))
            await self.tell(shown.place, shown.user, "Slack would not let me change that message.")
            return
        await self._database.run("show_answer", answer=answer.id)
        log.info("answer %d: shown in the %s voice", shown.answer_id, answer.voice)

    async def tell(self, place: Place, user: str, text: str) -> None:
        """Say something to one person: where they are or, where we cannot, in their messages."""
        client = self._slack.client
        if not place.channel or not await whisper(client, place, user, text):
            await write(client, user, text)

    async def offer_again(self, question_id: int) -> None:
        """Offer to answer an edited question, once what was asked before is answered."""
        row = await self._database.row("claim_offer", question=question_id)
        if row is not None:
            place, message = Place(row["channel"], row["thread_ts"]), again_message(question_id)
            await whisper(self._slack.client, place, row["asker"], message.notice, message)

    # Steps

    async def _begun(self, question_id: int) -> StoredQuestion | None:
        """A question to be worked on; None where that is done."""
        asked = await records.begin(self._database, question_id)
        if asked is None or asked.channel is None:
            return None
        delivered = await self._database.row("delivery", question=question_id)
        return None if delivered or asked.state == "unseen" else asked

    async def _answer(self, asked: StoredQuestion, stream: Stream, *, last: bool) -> None:
        if asked.ended:
            await self._close(asked, stream)
            return
        if not asked.text:
            await self._say(asked, HINT, stream, "unasked")
            return
        told = await over_limit(self._database, asked, self._app.settings.limits)
        if told is not None:
            await self._say(asked, told, stream, "limited")
            return
        await self._outcomes.begun(asked, stream)  # before another message is begun
        voice = await self.voice_in(asked)
        answer = await records.kept_answer(self._database, asked.id)
        if answer is None:
            # In another voice its words are streamed: the neutral ones would change at the end.
            answer = await self._made(asked, stream.show if voice == NEUTRAL else None, last=last)
        await self._deliver(asked, await self.worded(answer, voice, stream.show), stream)

    async def _made(
        self, asked: StoredQuestion, on_progress: Progress | None, *, last: bool
    ) -> Answer:
        """Answer and keep the record. Raises Retryable for a failure that is not the last."""
        earlier = await records.earlier_questions(self._database, asked)
        filters = await self._audiences.filters(str(asked.channel), asked.asker)
        answer, standalone = await self._app.answering.answer(
            asked.text, earlier, filters, on_progress
        )
        if answer.verdict is Verdict.FAILED and not last:
            raise ProviderUnavailable(answer.note or "The question could not be answered.")
        return await self._kept(asked, answer, standalone)

    async def _kept(self, asked: StoredQuestion, answer: Answer, standalone: str | None) -> Answer:
        async with self._database.transaction() as session:
            answer_id = await records.keep(session, asked.id, answer, standalone)
        return replace(answer, id=answer_id)

    async def _deliver(self, asked: StoredQuestion, answer: Answer, stream: Stream) -> None:
        await self._outcomes.post(asked, self.message(answer), stream, answer.verdict.value, answer)
        await self.offer_again(asked.id)

    async def _say(self, asked: StoredQuestion, text: str, stream: Stream, how: str) -> None:
        """End a question with a word instead of an answer."""
        await self._outcomes.post(asked, plain_message(text), stream, how)

    # A question that nobody waits for any more

    async def _let_go(self, asked: StoredQuestion) -> StoredQuestion:
        """The question, where work on it was cancelled for its own sake; else the cancellation."""
        now = await records.question(self._database, asked.id)
        if now is None or now.ended is None:
            raise asyncio.CancelledError
        task = asyncio.current_task()
        assert task is not None
        task.uncancel()
        return now

    async def _close(self, asked: StoredQuestion, stream: Stream) -> None:
        """End a question that was stopped or deleted: what was written stays, and says so."""
        if await self._database.row("delivery", question=asked.id):
            return  # it was answered meanwhile
        if asked.ended == "deleted":
            if await self._outcomes.begun(asked, stream) is None:
                await self._outcomes.close_unseen(asked, "deleted")
            else:
                await self._say(asked, DELETED, stream, "deleted")
            return
        answer = await records.kept_answer(self._database, asked.id)
        if answer is None and stream.partial is not None:
            answer = await self._kept(asked, replace(stream.partial, note=STOPPED), None)
        if answer is not None:
            await self._deliver(asked, answer, stream)
        else:
            await self._say(asked, NOTHING_YET, stream, "stopped")

    # Voices

    async def _worded(
        self, answer_id: int, voice: str, on_progress: Progress | None = None
    ) -> Answer | None:
        """The answer in a voice that it does not have yet; neutral with a note if that fails."""
        neutral = await records.in_voice(self._database, answer_id, NEUTRAL)
        if neutral is None:
            return None
        return await self._app.speaking.in_voice(neutral, voice, on_progress)

    @contextlib.contextmanager
    def _watched(self) -> Iterator[None]:
        started = time.perf_counter()
        with self._metrics.under_way.track_inprogress():
            yield
        self._metrics.seconds.observe(time.perf_counter() - started)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
