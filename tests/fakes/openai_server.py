"""An OpenAI-compatible server on loopback: chat (plain and streamed), embeddings, models, tuning.

    async with OpenAIServer() as server:
        server.script("Refunds take five days. [1]", error(429, retry_after=1))
        client = AsyncOpenAI(base_url=server.base_url, api_key="sk-test")

Unscripted chats are answered by `server.models[model]`, else by `server.respond`; see
`grounded_model` for two ready responders.
As a process: `python -m tests.fakes.openai_server --port 8080`; it can then be scripted by
posting a list of `Reply` objects to `/_fake/script` and asked for `/_fake/requests`.
"""

import argparse
import asyncio
import json
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import asdict
from hashlib import sha256
from typing import Literal, Self

from aiohttp import web

from tests.fakes.grounded_model import cheerful_voice, grounded_reply
from tests.fakes.openai_replies import (
    CREATED,
    RecordedRequest,
    Reply,
    Token,
    as_reply,
    completion,
    cut,
    embedding_inputs,
    embedding_list,
    error,
    malformed,
    stream_events,
    text,
)
from tests.fakes.openai_tuning import Tuning
from tests.fakes.serving import HOST, Json, Listener, abort, read_json, serve_until_stopped

__all__ = ["OpenAIServer", "RecordedRequest", "Reply", "cut", "error", "malformed", "text"]

Endpoint = Literal["chat", "embeddings", "models"]
Responder = Callable[[Json], str | Reply]

MAX_EMBEDDING_INPUTS = 2_048
LOOK = 0.1  # seconds between looks whether a client that is kept waiting is still there


class OpenAIServer:
    """See the module's docstring. `dimensions` is the length of vectors nobody sized.

    With `one_length` it refuses to be asked for a length, as vLLM does for most models. The vectors
    of models in `shuffled` belong to other texts. While `answering` is clear, embeddings wait.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        respond: Responder = grounded_reply,
        api_key: str | None = None,
        dimensions: int = 256,
    ) -> None:
        self.respond = respond
        self.models: dict[str, Responder] = {}
        self.api_key = api_key
        self.dimensions = dimensions
        self.one_length = False
        self.shuffled: set[str] = set()
        self.gone: set[str] = set()  # models that were there and are no longer
        self.answering = asyncio.Event()
        self.answering.set()
        self.requests: list[RecordedRequest] = []  # for something to be made
        self.looks: list[RecordedRequest] = []  # at which models there are
        self.abandoned: list[RecordedRequest] = []  # the client went away in mid-stream
        self.tuned_voice: Responder = cheerful_voice  # how the models speak that are trained here
        self.tuning = Tuning(lambda name: self.models.update({name: self.tuned_voice}))
        self._scripts: defaultdict[tuple[Endpoint, str | None], deque[Reply]] = defaultdict(deque)
        self._listener = Listener(
            (
                web.post("/v1/chat/completions", self._chat),
                web.post("/v1/embeddings", self._embeddings),
                web.get("/v1/models", self._list_models),
                *self.tuning.routes(),
                web.post("/_fake/script", self._script_over_http),
                web.get("/_fake/requests", self._requests_over_http),
            ),
            port=port,
        )

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._listener.port}"

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as `base_url`."""
        return f"{self.url}/v1"

    async def __aenter__(self) -> Self:
        await self._listener.start()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._listener.stop()

    def script(
        self,
        *replies: Reply | str | Sequence[Token],
        endpoint: Endpoint = "chat",
        model: str | None = None,
    ) -> None:
        """Queue replies for an endpoint; those for one model are used before those for any."""
        self._scripts[endpoint, model].extend(map(as_reply, replies))

    @property
    def unused(self) -> int:
        """How many scripted replies nobody asked for."""
        return sum(map(len, self._scripts.values()))

    async def _begin(
        self, request: web.Request, endpoint: Endpoint
    ) -> tuple[RecordedRequest, Reply | None, web.Response | None]:
        """Record a request; return it, its scripted reply, and a refusal where there is one."""
        body = await read_json(request) if request.method == "POST" else {}
        headers = {name.lower(): value for name, value in request.headers.items()}
        record = RecordedRequest(path=request.path, headers=headers, body=body)
        (self.looks if endpoint == "models" else self.requests).append(record)
        if self.api_key and headers.get("authorization") != f"Bearer {self.api_key}":
            refusal = error(401, "Incorrect API key provided.", code="invalid_api_key")
            return record, None, _answer(refusal)
        if body.get("model") in self.gone:
            refusal = error(404, "The model does not exist.", code="model_not_found")
            return record, None, _answer(refusal)
        for model in (body.get("model"), None):
            if self._scripts[endpoint, model]:
                reply = self._scripts[endpoint, model].popleft()
                await asyncio.sleep(reply.wait)
                refused = reply.status != 200 or reply.body is not None
                return record, reply, _answer(reply) if refused else None
        return record, None, None

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        record, reply, refusal = await self._begin(request, "chat")
        if refusal is not None:
            return refusal
        if not record.body.get("messages"):
            return _answer(error(400, "'messages' must not be empty."))
        if reply is None:
            responder = self.models.get(str(record.body.get("model")), self.respond)
            reply = as_reply(responder(record.body))
        if record.body.get("stream"):
            return await self._stream(request, record, reply)
        if reply.raw is not None:
            return web.Response(text=reply.raw, content_type="application/json")
        whole = json.dumps(completion(record, reply)).encode()
        if reply.cut_after is not None:
            return await _half_of(request, whole)
        return web.Response(body=whole, content_type="application/json", headers=reply.headers)

    async def _stream(
        self, request: web.Request, record: RecordedRequest, reply: Reply
    ) -> web.StreamResponse:
        response = web.StreamResponse(
            headers={"Content-Type": "text/event-stream; charset=utf-8", **reply.headers}
        )
        await response.prepare(request)
        try:
            for number, (pause, event) in enumerate(stream_events(record, reply)):
                if reply.cut_after is not None and number > reply.cut_after:
                    abort(request)
                    break
                await _paused(request, pause)
                record.sent.append((time.monotonic(), event))
                await response.write(f"data: {event}\n\n".encode())
            else:
                await response.write_eof()
        except ConnectionResetError:
            self.abandoned.append(record)
        return response

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        record, reply, refusal = await self._begin(request, "embeddings")
        if refusal is not None:
            return refusal
        if reply is not None and reply.raw is not None:
            return web.Response(text=reply.raw, content_type="application/json")
        await self.answering.wait()
        inputs = embedding_inputs(record.body.get("input"))
        if not inputs or len(inputs) > MAX_EMBEDDING_INPUTS or not all(inputs):
            return _answer(error(400, "'$.input' is invalid."))
        if self.one_length and "dimensions" in record.body:
            return _answer(error(400, "changing output dimensions will lead to poor results."))
        dimensions = int(record.body.get("dimensions") or self.dimensions)
        shuffled = record.body.get("model") in self.shuffled
        texts = [sha256(one.encode()).hexdigest() for one in inputs] if shuffled else inputs
        answer = embedding_list(record.body, texts, dimensions)
        if reply is not None and reply.cut_after is not None:
            return await _half_of(request, json.dumps(answer).encode())
        return web.json_response(answer)

    async def _list_models(self, request: web.Request) -> web.StreamResponse:
        _, _, refusal = await self._begin(request, "models")
        names = sorted({"gpt-4o-mini", "text-embedding-3-small", *self.models} - self.gone)
        data = [
            {"id": name, "object": "model", "created": CREATED, "owned_by": "fake"}
            for name in names
        ]
        return refusal or web.json_response({"object": "list", "data": data})

    async def _script_over_http(self, request: web.Request) -> web.Response:
        for item in await request.json():
            self.script(item if isinstance(item, (str, list)) else Reply(**item))
        return web.json_response({"queued": self.unused})

    async def _requests_over_http(self, _request: web.Request) -> web.Response:
        return web.json_response([asdict(record) for record in self.requests])


def _answer(reply: Reply) -> web.Response:
    if reply.raw is not None:
        return web.Response(text=reply.raw, status=reply.status, headers=reply.headers)
    return web.json_response(reply.body or {}, status=reply.status, headers=reply.headers)


async def _paused(request: web.Request, seconds: float) -> None:
    """Sleep; raises ConnectionResetError as soon as the client has gone away."""
    until = time.monotonic() + seconds
    await asyncio.sleep(min(seconds, LOOK))
    while (left := until - time.monotonic()) > 0:
        if request.transport is None or request.transport.is_closing():
            raise ConnectionResetError
        await asyncio.sleep(min(left, LOOK))


async def _half_of(request: web.Request, whole: bytes) -> web.StreamResponse:
    """Promise the whole body, send half of it and drop the connection."""
    response = web.StreamResponse(
        headers={"Content-Type": "application/json", "Content-Length": str(len(whole))}
    )
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    abort(request)
    return response


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    asyncio.run(serve_until_stopped(OpenAIServer(port=parser.parse_args().port)))
