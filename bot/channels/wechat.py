"""WeChat's Official Accounts (公众号, 服务号), whether the account may push messages or can only answer."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Collection
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.channels import wechat_texts as texts
from bot.channels.base import Failure, Fetched, FetchRefused, Limits, NotSent, Outcome, Receive
from bot.channels.posted import is_committed
from bot.channels.wechat_addresses import Addresses
from bot.channels.wechat_cipher import MessageCipher
from bot.channels.wechat_door import ANSWER_WITHIN, SILENT_FOR, Clock, Door
from bot.channels.wechat_errors import NOT_PERMITTED
from bot.channels.wechat_http import WeChatError
from bot.channels.wechat_response import capabilities, fitting, written
from bot.channels.wechat_settings import NAME, WeChatSettings
from handlers.messages import File, Inbound, Kind, Outbound
from handlers.texts.phrase import Phrase
from storage.domain.file_kinds import GIF, JPEG, PNG, WEBP
from storage.responses import Fitting
from storage.responses import Response as Responded

LINKS_LAST = timedelta(days=3)  # as long as WeChat itself keeps a file ("新增临时素材")
_FILES = "/wechat/files"
_SHOWN = frozenset(kind.media_type for kind in (JPEG, PNG, WEBP, GIF))  # by every browser, and run by none
_UNANSWERED = frozenset({Kind.HAPPENED, Kind.BLOCKED})

log = structlog.get_logger(__name__)


class Answers(Protocol):
    """What is read of the store: what goes into the response to the message with a key, which counts as sent then, and
    the file that came with a message of ours, if that is not older than so long."""

    async def hand_over(self, key: str, fitting: Fitting) -> Responded | None: ...

    async def file_sent(self, message_id: int, within: timedelta) -> File | None: ...


class Pushing(Protocol):
    """What calls WeChat's API."""

    async def send(self, message: Outbound) -> Outcome: ...

    async def fetch(self, media_id: str) -> Fetched: ...

    async def check(self) -> list[str]: ...

    async def close(self) -> None: ...


class WeChat:
    """The channel "wechat". See bot.channels.base.Channel for what each method promises.

    `address` is where people reach our pages, `secret` signs links to files; only who asks what is wrong with the
    settings (`check`) does without `answers`. `api` is there where the account has a secret; without it, nothing is
    pushed or fetched. `on_malformed` hears this channel's name for every request that is none of WeChat's.
    `answer_within` and `silent_for`: see Door.
    """

    name = NAME

    def __init__(
        self,
        settings: WeChatSettings,
        api: Pushing | None,
        *,
        clock: Clock,
        answers: Answers | None = None,
        secret: bytes = b"",
        address: str = "",
        on_malformed: Callable[[str], None] = lambda _: None,
        answer_within: float = ANSWER_WITHIN,
        silent_for: float = SILENT_FOR,
    ) -> None:
        self.capabilities = capabilities(active=settings.active)
        self.limits = Limits(settings.per_second, 0.0)
        self._api, self._answers, self._secret, self._address = api, answers, secret, address
        self._addresses = Addresses(settings.api_base, timeout=settings.send_timeout, limit=settings.file_limit)
        self._receive: Receive | None = None
        cipher = MessageCipher(settings.aes_key, settings.app_id) if settings.aes_key else None
        self._door = Door(
            settings.token,
            cipher,
            self._hand_in,
            self._answer,
            clock=clock,
            max_age=settings.max_age,
            on_refused=lambda _: on_malformed(self.name),
            answer_within=answer_within,
            silent_for=silent_for,
        )

    def routes(self) -> list[BaseRoute]:
        return [*self._door.routes(), Route(f"{_FILES}/{{number}}/{{proof}}", self._file)]

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        self._door.open()

    async def stop(self) -> None:
        await self._door.close()

    async def close(self) -> None:
        await self._addresses.close()
        if self._api:
            await self._api.close()

    async def send(self, message: Outbound) -> Outcome:
        return await self._api.send(message) if self._api else NotSent(Failure.WINDOW_CLOSED)

    def present(self) -> Collection[str]:
        return ()

    async def fetch(self, platform_id: str) -> Fetched:
        media_id, _, address = platform_id.partition(" ")
        if self._api is not None:
            try:
                return await self._api.fetch(media_id)
            except (WeChatError, FetchRefused) as error:
                if not address or (isinstance(error, WeChatError) and error.code != NOT_PERMITTED):
                    raise
        if not address:
            raise FetchRefused("no secret")
        return await self._addresses.fetch(address)

    async def check(self) -> list[str]:
        return await self._api.check() if self._api else []

    def link(self, message_id: int) -> str:
        """The address of the file that came with a message of ours, for whoever is told it."""
        return f"{self._address}{_FILES}/{message_id}/{self._proof(str(message_id))}"

    def _proof(self, number: str) -> str:
        return hmac.digest(self._secret, f"wechat file {number}".encode(errors="replace"), hashlib.sha256).hex()[:32]

    async def _hand_in(self, inbound: Inbound) -> bool:
        return await is_committed(self._receive, inbound)

    async def _answer(self, inbound: Inbound) -> str | None:
        """What waits for the person, as far as it fits, where answers travel in responses."""
        assert self._answers is not None  # noqa: S101  # started
        if self.capabilities.pushes or inbound.kind in _UNANSWERED:
            return ""
        fits = partial(fitting, link=self.link)
        (responded,) = await asyncio.gather(self._answers.hand_over(inbound.key, fits), return_exceptions=True)
        if isinstance(responded, BaseException):
            log.error("wechat_response_not_stored", error=type(responded).__name__)
            return None
        return written(responded, self.link) if responded else None

    async def _file(self, request: Request) -> Response:
        number, proof = request.path_params["number"], request.path_params["proof"]
        if not hmac.compare_digest(proof.encode(errors="replace"), self._proof(number).encode()):
            return PlainTextResponse("", 404)
        assert self._answers is not None  # noqa: S101  # started
        (file,) = await asyncio.gather(self._answers.file_sent(int(number), LINKS_LAST), return_exceptions=True)
        if isinstance(file, BaseException):
            log.warning("wechat_file_not_ready", error=type(file).__name__)
            return _page(texts.FILE_NOT_READY, 503)
        if file is None or not await asyncio.to_thread(Path(file.path).is_file):
            return _page(texts.FILE_GONE, 410)
        shown = "inline" if file.media_type in _SHOWN else "attachment"
        return FileResponse(file.path, media_type=file.media_type, filename=file.name, content_disposition_type=shown)


def _page(said: Phrase, status: int) -> Response:
    """Who opens a link is of no language that we know."""
    return PlainTextResponse(f"{said.zh}\n{said.en}", status)
