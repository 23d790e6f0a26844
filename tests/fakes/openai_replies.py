"""The fake model's replies, and their shapes on the wire."""

import base64
import json
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.fakes.grounded_model import embedding, message_text, token_count
from tests.fakes.serving import Json

Token = str | tuple[float, str]

CREATED = 1_760_000_000  # seconds; fixed, so that recordings compare equal
_TOKEN = re.compile(r"\S+\s*|\s+")


@dataclass(frozen=True, slots=True)
class Reply:
    """One scripted reply.

    `tokens` are stream chunks, each alone or as (seconds to wait first, text); `wait` is the
    seconds before anything is sent; `cut_after` closes the connection after so many tokens
    (a plain reply: in mid-body); `raw` is sent where JSON should be.
    """

    tokens: Sequence[Token] = ()
    wait: float = 0.0
    status: int = 200
    body: Json | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    raw: str | None = None
    finish_reason: str = "stop"

    @property
    def text(self) -> str:
        return "".join(piece for _, piece in map(_timed, self.tokens))


def text(content: str, *, wait: float = 0.0, finish_reason: str = "stop") -> Reply:
    """Say this, `wait` seconds late."""
    return Reply(tokens=_TOKEN.findall(content), wait=wait, finish_reason=finish_reason)


def error(
    status: int, message: str = "", *, code: str | None = None, retry_after: float | None = None
) -> Reply:
    """Answer with an HTTP error in the provider's shape."""
    kinds = {401: "authentication_error", 429: "rate_limit_exceeded"}
    kind = kinds.get(status, "invalid_request_error" if status < 500 else "server_error")
    headers = {} if retry_after is None else {"Retry-After": f"{retry_after:g}"}
    return Reply(status=status, body=_error_body(message or kind, kind, code), headers=headers)


def cut(content: str, *, after: int = 1) -> Reply:
    """Begin to say this, then drop the connection after so many tokens, without `[DONE]`."""
    return Reply(tokens=_TOKEN.findall(content), cut_after=after)


def malformed(raw: str = '{"choices": [{"delta": {"content": "Ref') -> Reply:
    """Answer 200 with something that is not JSON."""
    return Reply(raw=raw)


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    path: str
    headers: Mapping[str, str]  # names in lower case
    body: Json
    sent: list[tuple[float, str]] = field(default_factory=list)  # when which piece was streamed

    @property
    def prompt(self) -> str:
        """All messages of a chat, one after the other."""
        return "\n\n".join(message_text(message) for message in self.body.get("messages", []))


def as_reply(reply: Reply | str | Sequence[Token]) -> Reply:
    if isinstance(reply, Reply):
        return reply
    return text(reply) if isinstance(reply, str) else Reply(tokens=tuple(reply))


def _timed(token: Token) -> tuple[float, str]:
    return (0.0, token) if isinstance(token, str) else (token[0], token[1])


def _error_body(message: str, kind: str, code: str | None) -> Json:
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def _usage(record: RecordedRequest, reply: Reply) -> Json:
    prompt, completion = token_count(record.prompt), token_count(reply.text)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
    }


def _head(record: RecordedRequest, kind: str) -> Json:
    model = record.body.get("model", "")
    return {"id": "chatcmpl-fake", "object": kind, "created": CREATED, "model": model}


def completion(record: RecordedRequest, reply: Reply) -> Json:
    message = {"role": "assistant", "content": reply.text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": reply.finish_reason}
    usage = _usage(record, reply)
    return _head(record, "chat.completion") | {"choices": [choice], "usage": usage}


def stream_events(record: RecordedRequest, reply: Reply) -> list[tuple[float, str]]:
    """List a stream's events in order, each with the seconds to wait before it."""
    head = _head(record, "chat.completion.chunk")
    wants_usage = bool((record.body.get("stream_options") or {}).get("include_usage"))
    if wants_usage:
        head["usage"] = None

    def chunk(delta: Json, finish_reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        return json.dumps(head | {"choices": [choice]})

    events = [(0.0, chunk({"role": "assistant", "content": ""}))]
    events += [(pause, chunk({"content": piece})) for pause, piece in map(_timed, reply.tokens)]
    if reply.raw is not None:
        return [*events, (0.0, reply.raw)]
    events.append((0.0, chunk({}, reply.finish_reason)))
    if wants_usage:
        events.append((0.0, json.dumps(head | {"choices": [], "usage": _usage(record, reply)})))
    return [*events, (0.0, "[DONE]")]


def embedding_inputs(given: object) -> list[str]:
    """Return one string for each input; token numbers stand as they are."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, list):
        return []
    if given and all(isinstance(item, int) for item in given):
        given = [given]
    return [item if isinstance(item, str) else " ".join(map(str, item)) for item in given]


def embedding_list(body: Json, inputs: list[str], dimensions: int) -> Json:
    data = []
    for index, one in enumerate(inputs):
        vector: list[float] | str = embedding(one, dimensions)
        if body.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack(f"<{dimensions}f", *vector)).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    used = sum(map(token_count, inputs))
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": data, "model": body.get("model", ""), "usage": usage}
