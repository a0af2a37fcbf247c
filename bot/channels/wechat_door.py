"""Where WeChat calls us: `/wechat`. Every request is verified, also those after the first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.channels.posted import HandingIn, body_of
from bot.channels.wechat_body import Fields, Malformed, is_json, parse, text_of, written
from bot.channels.wechat_cipher import MessageCipher, NotOurs, is_signed, signature
from bot.channels.wechat_inbound import read
from handlers.messages import Inbound

PATH = "/wechat"
BODY_LIMIT = 256 * 1024  # bytes; the longest text that somebody can send takes some 6 kB, encrypted 9
ANSWER_WITHIN = 4.5  # seconds; after 5 WeChat hangs up, and hands the same over again ("接收普通消息")
# Seconds from its arrival on that a request is held for which there is no answer: any response might end its repeats.
# WeChat has hung up by then; what stands before us may not have told us.
SILENT_FOR = 6.5
_SILENT = b"success"  # what says that there is nothing to say

log = structlog.get_logger(__name__)

Clock = Callable[[], datetime]
HandsIn = Callable[[], Awaitable[bool]]


class Refused(Exception):
    """A request that is none of WeChat's. `why` is a word for the log, `status` what it is answered with."""

    def __init__(self, why: str, status: int = 403) -> None:
        super().__init__(why)
        self.why, self.status = why, status


@dataclass(frozen=True, slots=True)
class Envelope:
    """What proves a request, and in what its answer must be wrapped."""

    timestamp: str
    nonce: str
    as_json: bool = False
    is_encrypted: bool = False


class Door:
    """Verifies, decrypts and reads what WeChat posts, and wraps what is answered.

    `hand_in` says whether a message was committed; `answer`, which is given how to hand it in, gives the text to answer
    it with, empty for none, or None where it could not. Without an answer in time there is none at all: WeChat hands
    the message over again. `read` tells what a message means. `answer_within` and `silent_for` are seconds from a
    request's arrival on.
    """

    def __init__(
        self,
        token: str,
        cipher: MessageCipher | None,
        hand_in: Callable[[Inbound], Awaitable[bool]],
        answer: Callable[[Inbound, HandsIn], Awaitable[str | None]],
        *,
        clock: Clock,
        max_age: int,
        on_refused: Callable[[str], None],
        read: Callable[[Fields], Inbound] = read,
        answer_within: float = ANSWER_WITHIN,
        silent_for: float = SILENT_FOR,
    ) -> None:
        self._token, self._cipher, self._say, self._read = token, cipher, answer, read
        self._clock, self._max_age, self._on_refused = clock, max_age, on_refused
        self._answer_within, self._silent_for = answer_within, silent_for
        self._hand_in = HandingIn(hand_in)
        self.open, self.close = self._hand_in.open, self._hand_in.close

    def routes(self) -> list[Route]:
        """Where it stands."""
        return [Route(PATH, self._verify, methods=["GET"]), Route(PATH, self._post, methods=["POST"])]

    # --- requests

    async def _verify(self, request: Request) -> Response:
        """The account's console asks whether we are who it is told we are ("接入指南")."""
        try:
            self._check(request.query_params)
        except Refused as refused:
            return self._refuse(refused)
        return PlainTextResponse(request.query_params.get("echostr", ""))

    async def _post(self, request: Request) -> Response:
        arrived = asyncio.get_running_loop().time()
        try:
            envelope, fields = self._opened(request.query_params, await _body(request))
            inbound = self._meant(fields)
        except Refused as refused:
            return self._refuse(refused)
        except ClientDisconnect:
            return Response(status_code=400)
        said = await self._said(inbound, arrived + self._answer_within) if self._hand_in.is_open else None
        if said is None:
            return await _nothing(request, arrived + self._silent_for)
        return self._wrapped(envelope, fields, said)

    async def _said(self, inbound: Inbound, until: float) -> str | None:
        """The answer to a message, if there is one until then."""
        try:
            async with asyncio.timeout_at(until):
                return await self._say(inbound, partial(self._hand_in, inbound))
        except TimeoutError:
            return None

    def _refuse(self, refused: Refused) -> Response:
        self._on_refused(refused.why)
        log.warning("wechat_request_refused", why=refused.why)
        return Response(status_code=refused.status)

    # --- what proves a request

    def _check(self, query: Mapping[str, str], *signed: str, under: str = "signature") -> Envelope:
        timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
        if not is_signed(query.get(under, ""), self._token, timestamp, nonce, *signed):
            raise Refused("signature")
        age = abs(self._clock().timestamp() - int(timestamp)) if timestamp.isdecimal() and len(timestamp) < 12 else None
        if age is None or (self._max_age and age > self._max_age):
            raise Refused("age")
        return Envelope(timestamp, nonce)

    def _opened(self, query: Mapping[str, str], body: bytes) -> tuple[Envelope, Fields]:
        """What a request says, and its envelope. Raises Refused."""
        if self._cipher is None:
            envelope = self._check(query)
            return _with(envelope, body), _parsed(body)
        outer = _parsed(body)
        encrypted = text_of(outer, "Encrypt")
        if not encrypted:
            raise Refused("not_encrypted")
        envelope = self._check(query, encrypted, under="msg_signature")
        try:
            inner = self._cipher.decrypt(encrypted)
        except NotOurs:
            raise Refused("cipher") from None
        return _with(envelope, inner, is_encrypted=True), _parsed(inner)

    def _meant(self, fields: Fields) -> Inbound:
        try:
            return self._read(fields)
        except Malformed:
            raise Refused("message", 400) from None

    # --- what is answered

    def _wrapped(self, envelope: Envelope, fields: Fields, said: str) -> Response:
        if not said:
            return Response(_SILENT, media_type="text/plain")
        now = int(self._clock().timestamp())
        answer = written(
            {
                "ToUserName": text_of(fields, "FromUserName"),
                "FromUserName": text_of(fields, "ToUserName"),
                "CreateTime": now,
                "MsgType": "text",
                "Content": said,
            },
            as_json=envelope.as_json,
        )
        if envelope.is_encrypted and self._cipher:
            encrypted, nonce = self._cipher.encrypt(answer), envelope.nonce
            proof = signature(self._token, str(now), nonce, encrypted)
            wrapped: dict[str, str | int] = {
                "Encrypt": encrypted,
                "MsgSignature": proof,
                "TimeStamp": now,
                "Nonce": nonce,
            }
            answer = written(wrapped, as_json=envelope.as_json)
        return Response(answer, media_type="application/json" if envelope.as_json else "text/xml")


def _with(envelope: Envelope, body: bytes, *, is_encrypted: bool = False) -> Envelope:
    return Envelope(envelope.timestamp, envelope.nonce, is_json(body), is_encrypted)


def _parsed(body: bytes) -> Fields:
    try:
        return parse(body)
    except Malformed:
        raise Refused("body", 400) from None


async def _body(request: Request) -> bytes:
    """The body. Raises Refused."""
    body = await body_of(request, BODY_LIMIT)
    if body is None:
        raise Refused("size", 400)
    return body


async def _nothing(request: Request, until: float) -> Response:
    """Say nothing until WeChat hangs up, or until then."""
    try:
        async with asyncio.timeout_at(until):
            while (await request.receive())["type"] != "http.disconnect":
                pass
    except TimeoutError:
        pass
    return Response(status_code=503)
