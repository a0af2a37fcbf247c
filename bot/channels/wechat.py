"""WeChat's Official Accounts (公众号, 服务号), whether the account may push messages or can only answer."""

from asyncio import Future
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Protocol

import structlog
from starlette.routing import BaseRoute

from bot.channels.base import Asked, Failure, Fetched, FetchRefused, Limits, NotSent, Outcome, Receive
from bot.channels.posted import is_committed
from bot.channels.wechat_addresses import Addresses
from bot.channels.wechat_cipher import MessageCipher
from bot.channels.wechat_door import ANSWER_WITHIN, SILENT_FOR, Clock, Door, HandsIn
from bot.channels.wechat_errors import NOT_PERMITTED
from bot.channels.wechat_http import WeChatError
from bot.channels.wechat_inbound import read
from bot.channels.wechat_pages import Pages, Sent
from bot.channels.wechat_response import capabilities_of, fitting, words_alone, written
from bot.channels.wechat_settings import NAME, WeChatSettings
from handlers.messages import Inbound, Kind, Outbound
from storage.responses import Fitting, Response

_UNANSWERED = frozenset({Kind.HAPPENED, Kind.BLOCKED})
_NO_SECRET = NotSent(Failure.MISCONFIGURED, "no secret")

log = structlog.get_logger(__name__)


class Answers(Sent, Protocol):
    """And what goes into the response to the message with a key, which is handed in within; see bot.answers."""

    def asking(self, key: str, fitting: Fitting) -> AbstractContextManager[Future[Response]]: ...


class Pushing(Protocol):
    """What calls WeChat's API."""

    async def send(self, message: Outbound) -> Outcome: ...

    async def mass_send(self, key: str, people: Sequence[str], text: str) -> Asked | NotSent: ...

    async def mass_became(self, number: str) -> Asked | NotSent: ...

    async def fetch(self, media_id: str) -> Fetched: ...

    async def check(self) -> list[str]: ...

    async def ticket(self) -> str: ...

    async def close(self) -> None: ...


class WeChat:
    """The channel "wechat". See bot.channels.base.Channel for what each method promises.

    `address` is where people reach our pages, `secret` signs links; only who asks what is wrong with the
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
        self.capabilities = capabilities_of(settings, address)
        self.limits = Limits(settings.per_second, 0.0)
        self._api, self._answers = api, answers
        self._addresses = Addresses(settings.api_base, timeout=settings.send_timeout, limit=settings.file_limit)
        self._receive: Receive | None = None
        cipher = MessageCipher(settings.aes_key, settings.app_id) if settings.aes_key else None
        self._pages = Pages(
            settings.app_id,
            clock=clock,
            sent=answers,
            secret=secret,
            address=address,
            templates={kind: template.id for kind, template in settings.notices.items()},
            for_good=settings.notices_last,
            ticket=api.ticket if api else None,
        )
        self._door = Door(
            settings.token,
            cipher,
            self._hand_in,
            self._answer,
            clock=clock,
            max_age=settings.max_age,
            on_refused=lambda _: on_malformed(self.name),
            read=partial(read, notices_last=settings.notices_last),
            answer_within=answer_within,
            silent_for=silent_for,
        )

    def routes(self) -> list[BaseRoute]:
        return [*self._door.routes(), *self._pages.routes()]

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

    async def mass_send(self, key: str, people: Sequence[str], text: str) -> Asked | NotSent:
        return await self._api.mass_send(key, people, text) if self._api else _NO_SECRET

    async def mass_became(self, number: str) -> Asked | NotSent:
        return await self._api.mass_became(number) if self._api else _NO_SECRET

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
        """See Pages.link."""
        return self._pages.link(message_id)

    def waiting_link(self, message_id: int) -> str:
        """See Pages.waiting_link."""
        return self._pages.waiting_link(message_id)

    async def _hand_in(self, inbound: Inbound) -> bool:
        return await is_committed(self._receive, inbound)

    async def _answer(self, inbound: Inbound, hand_in: HandsIn) -> str | None:
        """Hand a message in, and give what waits for the person: as far as it fits, or where the account pushes, too,
        all of it or nothing."""
        assert self._answers is not None  # noqa: S101  # started
        if inbound.kind in _UNANSWERED:
            return "" if await hand_in() else None
        fits = partial(words_alone if self.capabilities.pushes else fitting, link=self.link)
        with self._answers.asking(inbound.key, fits) as asked:
            if not await hand_in() or not asked.done():
                return None
            if error := asked.exception():
                log.error("wechat_response_not_stored", error=type(error).__name__)
                return None
            return written(asked.result(), self.link)
