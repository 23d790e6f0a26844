"""Asking: a question that did not come from Slack, answered, worded and kept."""

from dataclasses import replace

from bot import records
from bot.answering import Progress
from bot.answers import Answer, Verdict
from bot.app import App
from bot.questions import own_words
from bot.voice.rewrite import Telling
from bot.voice.voices import NEUTRAL


async def answer_once(
    app: App, question: str, voice: str = NEUTRAL, on_progress: Progress | None = None
) -> Answer:
    """Answer, reword if a voice is wanted, and keep the record. Raises VoiceError.

    Who asked sees their own words; what is kept has personal data masked.
    """
    if voice != NEUTRAL:
        await app.voices.choose(voice)
    answer, standalone = await app.answering.answer(question, on_progress=on_progress)
    answer = replace(answer, id=await records.keep_new(app.database, answer, standalone))
    if voice != NEUTRAL and answer.verdict is Verdict.ANSWERED:
        telling = _with_the_rest_of(answer, on_progress) if on_progress else None
        answer = await app.speaking.in_voice(answer, voice, telling) or answer
    return replace(answer, question=own_words(question))


def _with_the_rest_of(neutral: Answer, on_progress: Progress) -> Telling:
    """Tells of an answer on its way into a voice, with what is still neutral."""

    async def tell(so_far: Answer) -> None:
        rest = neutral.parts[len(so_far.parts) :]
        await on_progress(replace(so_far, parts=so_far.parts + rest))

    return tell
