"""How we speak to WeChat's API: JSON over HTTPS, where a refusal is an errcode in a 200.

Addresses bear the access token, bodies what people are told, and answers what they sent: none of it reaches the text of
an exception, nor a log.
"""

import asyncio
import json
import logging
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, NamedTuple

import httpx

_DOWNLOAD_TIME = 60.0  # seconds
_ANSWER_LIMIT = 1 << 20  # bytes; the longest answer that is no file has some hundreds
# What JSON writes as an escape, which WeChat refuses (40033) or people read; and halves of emoji.
_UNSENDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_NO_FILE = ("application/json", "text/plain", "")

Query = Mapping[str, str]


class WeChatError(Exception):
    """A refusal ("全局返回码"). `number`: of the message to many that was asked for before under the same key."""

    def __init__(self, code: int, number: str = "") -> None:
        super().__init__(code)
        self.code, self.number = code, number


class NetworkError(Exception):
    """Nobody knows whether the call was carried out: no answer in time, or none that can be read.

    Its text is a kind of fault, without address or content.
    """


class TooLarge(Exception):
    """A file of more bytes than wanted."""


class Download(NamedTuple):
    """A file; or a JSON answer in its place."""

    content: bytes
    media_type: str
    is_file: bool


class Http:
    """One client, opened by the first call and kept until `close`. `timeout` in seconds, for a whole call; but a file
    may take longer to come."""

    def __init__(self, api_base: str, timeout: float) -> None:
        self._base, self._timeout = api_base, timeout
        self._client: httpx.AsyncClient | None = None
        for name in ("httpx", "httpcore"):  # they would write addresses with the token into the log
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)

    async def post(self, path: str, query: Query, given: Mapping[str, Any]) -> dict[str, Any]:
        """Call with JSON. Raises WeChatError, NetworkError."""
        body = json.dumps(sendable(given), ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        return await self._asked("POST", path, params=query, content=body, headers=headers)

    async def get(self, path: str, query: Query) -> dict[str, Any]:
        """Call without a body. Raises WeChatError, NetworkError."""
        return await self._asked("GET", path, params=query)

    async def upload(self, path: str, query: Query, content: bytes, name: str) -> dict[str, Any]:
        """Call with a file, as the field `media` of a form. Raises WeChatError, NetworkError."""
        return await self._asked("POST", path, params=query, files={"media": (sendable(name), content)})

    async def download(self, url: str, query: Query, limit: int) -> Download:
        """Get a file, by a whole address. Raises TooLarge, NetworkError."""
        async with self._answer("GET", url, _DOWNLOAD_TIME, params=query or None) as answer:
            media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
            # Whatever a file is said to be, it comes under a name ("获取临时素材").
            is_file = "content-disposition" in answer.headers or media_type not in _NO_FILE
            return Download(await _read(answer, limit if is_file else _ANSWER_LIMIT), media_type, is_file)

    async def close(self) -> None:
        """Let go of the connections; a later call opens new ones."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    async def _asked(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        async with self._answer(method, self._base + path, self._timeout, **request) as answer:
            try:
                return said(await _read(answer, _ANSWER_LIMIT))
            except TooLarge:
                raise NetworkError("endless answer") from None

    @asynccontextmanager
    async def _answer(self, method: str, url: str, within: float, **request: Any) -> AsyncIterator[httpx.Response]:
        """An answer with status 200, its body still to be read."""
        if self._client is None:
            headers = {"Accept-Encoding": "identity"}
            self._client = httpx.AsyncClient(verify=_certificates(), timeout=_DOWNLOAD_TIME, headers=headers)
        try:
            async with asyncio.timeout(within), self._client.stream(method, url, **request) as answer:
                if answer.status_code != 200:
                    raise NetworkError(f"status {answer.status_code}")
                yield answer
        except TimeoutError:
            raise NetworkError("timeout") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NetworkError(type(error).__name__) from None


@cache
def _certificates() -> ssl.SSLContext:
    """Those that are trusted: reading them takes a twentieth of a second."""
    return httpx.create_ssl_context()


def said(content: bytes) -> dict[str, Any]:
    """What an answer says. Raises WeChatError for a refusal, NetworkError for what is no answer."""
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        answer = None
    code = answer.get("errcode", 0) if isinstance(answer, dict) else None
    if not isinstance(code, int):
        raise NetworkError("garbled answer")
    if code != 0:
        raise WeChatError(code, number_in(answer))
    return dict(answer)


def number_in(answer: Mapping[str, Any]) -> str:
    """The number of a message to many, where there is one."""
    number = answer.get("msg_id")
    return str(number)[:32] if isinstance(number, int | str) and str(number).isdecimal() else ""


def part(answer: Mapping[str, Any], name: str) -> Any:
    """A field that the answer must have. Raises NetworkError."""
    if name not in answer:
        raise NetworkError("garbled answer")
    return answer[name]


def sendable(value: Any) -> Any:
    """A value of JSON without the characters that WeChat would not take."""
    match value:
        case str():
            return _UNSENDABLE.sub("", value)
        case Mapping():
            return {sendable(name): sendable(one) for name, one in value.items()}
        case list() | tuple():
            return [sendable(one) for one in value]
    return value


async def _read(answer: httpx.Response, limit: int) -> bytes:
    content = bytearray()
    async for piece in answer.aiter_raw():
        content += piece
        if len(content) > limit:
            raise TooLarge
    return bytes(content)
