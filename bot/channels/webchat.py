"""The web chat: a page of our own, for who has no other way to us. It needs no platform and no account."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import timedelta
from pathlib import Path

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket

from bot.channels.base import Failure, Fetched, Limits, NotSent, Outcome, Receive, Sent
from bot.channels.webchat_frames import TEXT_LIMIT, Refused, Shown, refusal_of, written
from bot.channels.webchat_identity import Identities, address_of, is_foreign, is_secure
from bot.channels.webchat_inbound import NAME, Visitor
from bot.channels.webchat_limits import Allowances, Clock, WebChatSettings
from bot.channels.webchat_pages import Pages, download, refusal
from bot.channels.webchat_room import Arrived, History, Room
from bot.channels.webchat_socket import TOO_MUCH, TRY_AGAIN, UNKNOWN_VISITOR
from bot.channels.webchat_texts import Language, language_of, word_of, words
from bot.channels.webchat_uploads import Uploads
from handlers.messages import Capabilities, File, Kind, Outbound
from storage.domain.file_kinds import Refusal

__all__ = ["Arrived", "FileOf", "History", "Shown", "WebChat", "WebChatSettings"]

# The file of one of an account's own messages, by the message's id.
FileOf = Callable[[str, int], Awaitable[File | None]]

_KEPT = timedelta(days=2)  # how long an upload waits to be fetched: FileKeeper tries for some ten hours
_STATUS = (
    {"too_fast": 429, "disk_full": 507} | {word_of(why): 415 for why in Refusal} | {word_of(Refusal.TOO_LARGE): 413}
)


class WebChat:
    """The channel "web". See bot.channels.base.Channel for what each method promises.

    `secret` signs the visitors' cookies (at least 32 bytes); `data_dir` takes their files; `history` tells what
    was said before, `arrived` hears of an account that has just connected, `file_of` finds a file to download.
    """

    name = NAME
    capabilities = Capabilities(buttons=True, text_limit=TEXT_LIMIT, numbers_buttons=True, edits=True)
    limits = Limits(per_second=500.0, chat_interval=0.0)

    def __init__(
        self,
        *,
        secret: bytes,
        data_dir: Path,
        clock: Clock,
        history: History,
        arrived: Arrived,
        file_of: FileOf,
        settings: WebChatSettings | None = None,
    ) -> None:
        self._settings = settings or WebChatSettings()
        self._secret = secret
        self._clock = clock
        self._file_of = file_of
        self._folder = data_dir / "uploads"
        self._receive: Receive | None = None
        self._identities = Identities(secret)
        self._allowances = Allowances(self._settings, clock)
        self._uploads = Uploads(self._folder, clock)
        self._pages = Pages(self._settings.frame_ancestors)
        self._room = Room(history, arrived, self._allowances, self._uploads, clock)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/chat", self._page),
            Route("/chat/upload", self._upload, methods=["POST"]),
            Route("/chat/file/{message_id}", self._file),
            Route("/chat/static/{version}/{name}", self._static),
            WebSocketRoute("/chat/ws", self._socket),
        ]

    async def start(self, receive: Receive) -> None:
        self._receive = receive

    async def stop(self) -> None:
        self._receive = None
        await self._room.clear()

    async def send(self, message: Outbound) -> Outcome:
        shown = Shown(
            message_id=message.message_id,
            mine=False,
            kind=_kind_of(message.file),
            text=message.text,
            at=self._clock(),
            choices=message.choices,
            file=message.file.name if message.file else "",
            edits=message.edits.message_id if message.edits else 0,
        )
        return Sent() if self._room.tell(message.address, shown.frame()) else NotSent(Failure.ABSENT)

    async def close(self) -> None:
        """Nothing is held beyond the pages, which `stop` closed."""

    def present(self) -> Collection[str]:
        return self._room.accounts

    async def fetch(self, platform_id: str) -> Fetched:
        return await self._uploads.fetch(platform_id)

    async def tidy(self) -> None:
        """Remove the uploads that were to be fetched by now, if at all."""
        await asyncio.to_thread(self._uploads.tidy, self._clock() - _KEPT)

    async def check(self) -> list[str]:
        found = []
        if len(self._secret) < 32:
            found.append("The web chat's secret is shorter than 32 bytes, so cookies could be forged.")
        try:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            found.append(f"The web chat cannot keep files in {self._folder}: {error.strerror}.")
        return found

    async def _page(self, request: Request) -> Response:
        language = _language(request)
        account = self._identities.account_of(request)
        if account is None:
            wait = self._allowances.identity(address_of(request, self._settings.proxies))
            if wait:
                return refusal(words(language)["too_many_visitors"], 429, wait)
            account = self._identities.new_account()
        response = self._pages.chat(request, language)
        self._identities.remember(response, account, is_secure(request, self._settings.proxies))
        return response

    async def _static(self, request: Request) -> Response:
        return self._pages.static(request)

    async def _upload(self, request: Request) -> Response:
        try:
            token = await self._uploads.take(request, self._uploader(request))
        except Refused as refused:
            body = refusal_of(refused, words(_language(request)))
            return JSONResponse(body, _STATUS.get(refused.why, 400))
        except ClientDisconnect:
            return Response(status_code=400)
        return JSONResponse({"upload": token})

    def _uploader(self, request: Request) -> str:
        """The account that sends a file; raises Refused where it may not."""
        if is_foreign(request, self._settings.origins):
            raise Refused("foreign_page")
        account = self._identities.account_of(request)
        if account is None:
            raise Refused("unknown_visitor")
        wait = self._allowances.upload(account, address_of(request, self._settings.proxies))
        if wait:
            raise Refused("too_fast", wait)
        return account

    async def _file(self, request: Request) -> Response:
        account = self._identities.account_of(request)
        number = _number(request.path_params["message_id"])
        file = await self._file_of(account, number) if account else None
        if file is None or not await asyncio.to_thread(Path(file.path).is_file):
            return refusal(words(_language(request))["upload_unknown"], 404)
        return download(file)

    async def _socket(self, socket: WebSocket) -> None:
        if is_foreign(socket, self._settings.origins):
            await socket.close()  # before it is accepted: HTTP 403
            return
        await socket.accept()
        language = _language(socket)
        account = self._identities.account_of(socket)
        if account is None:
            await _turn_away(socket, Refused("unknown_visitor"), language, UNKNOWN_VISITOR)
            return
        visitor = Visitor(account, language, address_of(socket, self._settings.proxies))
        if refused := self._entry_refused(visitor):
            await _turn_away(socket, refused, language, TOO_MUCH)
        elif self._receive is None:
            await socket.close(TRY_AGAIN)
        else:
            await self._room.serve(socket, visitor, _number(socket.query_params.get("after", "")), self._receive)

    def _entry_refused(self, visitor: Visitor) -> Refused | None:
        if len(self._room.pages_of(visitor.account)) >= self._settings.open_at_once:
            return Refused("too_many_tabs", 30.0)
        if self._room.pages_from(visitor.network) >= self._settings.open_at_once_of_network:
            return Refused("too_many_visitors", 30.0)
        wait = self._allowances.connection(visitor.account, visitor.network)
        return Refused("too_fast", wait) if wait else None


async def _turn_away(socket: WebSocket, refused: Refused, language: Language, code: int) -> None:
    await socket.send_text(written(refusal_of(refused, words(language))))
    await socket.close(code)


def _language(connection: Request | WebSocket) -> Language:
    return language_of(connection.headers.get("accept-language", ""))


def _kind_of(file: File | None) -> Kind:
    if file is None:
        return Kind.TEXT
    return Kind.PHOTO if file.media_type.startswith("image/") else Kind.DOCUMENT


def _number(text: str) -> int:
    """A message's id from an address; junk is 0, before the first."""
    return min(int(text), 2**63 - 1) if text.isascii() and text.isdecimal() and len(text) < 30 else 0
