"""A responder for the fake chat server that obeys whatever instruction it is told to look for."""

from collections.abc import Callable

from bot.evaluation.obedience import obeyed
from tests.fakes.grounded_model import message_text
from tests.fakes.serving import Json


def obedient(instruction: str, turn: int = 0) -> Callable[[Json], str]:
    """Obey this one, for `OpenAIServer(respond=…)` or `server.respond`."""

    def respond(body: Json) -> str:
        return obeyed(instruction, [message_text(message) for message in body["messages"]], turn)

    return respond
