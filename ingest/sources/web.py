"""The web client of the sources: it tries again where that may help, and is not led astray.

    async with WebClient("https://help.example.com") as web:
        page = await web.get("/articles/7.html", accepted=(404,))

One client speaks to one host. A link or redirect to another is refused, so that neither a wrong
answer nor a hostile one takes our credentials elsewhere.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from typing import Any, Self

import httpx
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt

from ingest.errors import ProviderUnavailable, RateLimited, Retryable, SourceError
from ingest.sources.patience import ATTEMPTS, told, wait

USER_AGENT = "footnote-desk"
TIMEOUT = 60.0  # seconds for one attempt, until its last byte
MAX_BYTES = 64_000_000  # of one answer, unpacked
MAX_REDIRECTS = 5

Sleep = Callable[[float], Awaitable[None]]

_LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))
_TRANSIENT = frozenset((HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY))


@dataclass(frozen=True, slots=True)
class Download:
    """An answer, whole. `url` is where redirects led, `content_type` lower case without parameters.

    `location` is where a redirect points that was not followed, because it leaves the host.
    """

    url: str
    status: int
    content: bytes
    content_type: str
    charset: str | None
    headers: Mapping[str, str]
    location: str | None = None


class WebClient:
    """Asks one host. `way_out` is what a person should check if the host refuses us."""

    def __init__(
        self,
        address: str,
        *,
        auth: httpx.Auth | tuple[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        way_out: str = "",
        timeout: float = TIMEOUT,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        """Raises SourceError if the address is none, or would carry credentials in the clear."""
        self._address = _parsed(address)
        secret = auth is not None or any(name.lower() == "authorization" for name in headers or ())
        if secret and self._address.scheme != "https" and self._address.host not in _LOOPBACK:
            raise SourceError(f"{address} would carry the token unencrypted; it must be https.")
        self._way_out = way_out
        self._timeout = timeout
        self._sleep = sleep
        # httpx counts anew with every byte that trickles in, so `_ask` counts as well.
        self._client = httpx.AsyncClient(
            auth=auth, headers={"User-Agent": USER_AGENT, **(headers or {})}, timeout=timeout
        )

    @property
    def host(self) -> str:
        """The host's name, for messages."""
        return self._address.host

    async def __aenter__(self) -> Self:
        """Open no connection yet."""
        return self

    async def __aexit__(self, *exc: object) -> None:
        """Close the connections."""
        await self._client.aclose()

    def owns(self, url: str) -> bool:
        """Whether an address, relative or absolute, is on the host."""
        try:
            return _same_place(self._address, self._address.join(url))
        except httpx.InvalidURL:
            return False

    async def get(
        self,
        url: str,
        *,
        params: Mapping[str, str | int] | None = None,
        accepted: Collection[int] = (),
        max_bytes: int = MAX_BYTES,
    ) -> Download:
        """Get an address, relative or absolute; redirects are followed within the host.

        A refusal in `accepted` (or a redirect that leaves the host) is returned as it is; any
        other raises SourceError. Raises ProviderUnavailable or RateLimited when trying again has
        not helped.
        """
        target = self._target(url, params)

        async def ask() -> Download:
            return await self._ask(target, accepted, max_bytes)

        return await self._retrying()(ask)

    async def get_json(
        self, url: str, *, params: Mapping[str, str | int] | None = None, holding: str
    ) -> dict[str, Any]:
        """Get a JSON object that holds a list under the name `holding`. Raises as `get`.

        Any other answer is no proper one, and is asked for again: to take it for an empty list
        would remove a help centre.
        """
        target = self._target(url, params)

        async def ask() -> dict[str, Any]:
            answer = await self._ask(target, (), MAX_BYTES)
            try:
                decoded = json.loads(answer.content)
            except (ValueError, RecursionError) as error:
                raise self._unavailable(target, "the answer is not JSON") from error
            if not isinstance(decoded, dict) or not isinstance(decoded.get(holding), list):
                raise self._unavailable(target, f"the answer holds no list of {holding}")
            return decoded

        return await self._retrying()(ask)

    def _retrying(self) -> AsyncRetrying:
        return AsyncRetrying(
            retry=retry_if_exception_type(Retryable),
            wait=wait,
            stop=stop_after_attempt(ATTEMPTS),
            sleep=self._sleep,
            reraise=True,
        )

    def _target(self, url: str, params: Mapping[str, str | int] | None) -> httpx.URL:
        try:
            target = self._address.join(url)
        except httpx.InvalidURL as error:
            raise SourceError(f"{self.host} gave an address that is none: {url[:200]}") from error
        if not _same_place(self._address, target):
            raise SourceError(
                f"{self.host} points to {_place(target)} for more; other hosts are not asked."
                f"\n{self._way_out}".rstrip()
            )
        return target.copy_merge_params(params) if params else target

    async def _ask(self, url: httpx.URL, accepted: Collection[int], max_bytes: int) -> Download:
        try:
            async with asyncio.timeout(self._timeout):
                for _ in range(MAX_REDIRECTS + 1):
                    answer, elsewhere = await self._once(url, accepted, max_bytes)
                    if elsewhere is None:
                        return answer
                    url = elsewhere
        except TimeoutError as error:
            raise self._unavailable(url, f"no answer within {self._timeout:g} s") from error
        except httpx.UnsupportedProtocol as error:
            raise SourceError(f"{url} is no address of a web page.") from error
        except httpx.ConnectError as error:
            raise self._unavailable(url, "no connection") from error
        except (httpx.TransportError, httpx.DecodingError) as error:
            what = f"the connection dropped half-way ({type(error).__name__})"
            raise self._unavailable(url, what) from error
        raise SourceError(f"{self.host}{url.path} redirects in a circle.\n{self._way_out}".rstrip())

    async def _once(
        self, url: httpx.URL, accepted: Collection[int], max_bytes: int
    ) -> tuple[Download, httpx.URL | None]:
        """The answer, and where it redirects to within the host."""
        async with self._client.stream("GET", url) as response:
            if response.has_redirect_location:
                there = _joined(url, response.headers["location"])
                if there is not None and _same_place(url, there):
                    return _download(response, b"", None), there
                if response.status_code not in accepted:
                    raise SourceError(
                        f"{self.host}{url.path} redirects to {_place(there)}; other hosts are not"
                        f" asked.\n{self._way_out}".rstrip()
                    )
                return _download(response, b"", str(there) if there else None), None
            if not response.is_success and response.status_code not in accepted:
                raise self._refusal(url, response)
            content = bytearray()
            async for chunk in response.aiter_bytes():
                content += chunk
                if len(content) > max_bytes:
                    raise SourceError(
                        f"{self.host}{url.path} is larger than {max_bytes / 1e6:g} MB."
                    )
            return _download(response, bytes(content), None), None

    def _refusal(self, url: httpx.URL, response: httpx.Response) -> SourceError | Retryable:
        status = response.status_code
        failing = status >= HTTPStatus.INTERNAL_SERVER_ERROR
        if status == HTTPStatus.TOO_MANY_REQUESTS or (
            failing and "retry-after" in response.headers
        ):
            said = f"{self.host} asks us to wait, {ATTEMPTS} times ({status} for {url.path})."
            return RateLimited(said, told(response.headers))
        if failing or status in _TRANSIENT:
            return self._unavailable(url, f"{status} {response.reason_phrase}".rstrip())
        if status == HTTPStatus.NOT_FOUND:
            said = f"{self.host} has no {url.path} ({status})."
        else:
            said = f"{self.host} refuses {url.path} ({status})."
        return SourceError(f"{said}\n{self._way_out}".rstrip())

    def _unavailable(self, url: httpx.URL, what: str) -> ProviderUnavailable:
        return ProviderUnavailable(
            f"{self.host} did not answer properly, {ATTEMPTS} times: {what} ({url.path})."
        )


def _parsed(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL as error:
        raise SourceError(f"“{address}” is no web address.") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise SourceError(f"“{address}” is no web address; it begins with https://.")
    return url


def _joined(url: httpx.URL, location: str) -> httpx.URL | None:
    try:
        return url.join(location)
    except httpx.InvalidURL:
        return None


def _same_place(here: httpx.URL, there: httpx.URL) -> bool:
    """The same host and port, with the same encryption or more."""
    if here.host != there.host:
        return False
    upgraded = (here.scheme, there.scheme) == ("http", "https") and here.port == there.port is None
    return upgraded or (here.scheme, here.port) == (there.scheme, there.port)


def _place(url: httpx.URL | None) -> str:
    return f"{url.scheme}://{url.netloc.decode()}" if url is not None else "nowhere"


def _download(response: httpx.Response, content: bytes, location: str | None) -> Download:
    kind = Message()
    kind["content-type"] = response.headers.get("content-type", "application/octet-stream")
    charset = kind.get_content_charset()
    return Download(
        url=str(response.url),
        status=response.status_code,
        content=content,
        content_type=kind.get_content_type(),
        charset=charset,
        headers=dict(response.headers),
        location=location,
    )
