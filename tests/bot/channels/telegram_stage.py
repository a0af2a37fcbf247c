"""Telegram in the contract table: people at the stand-in of the Bot API, and our channel on a real port."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from bot.channels.base import Channel, Receive
from bot.channels.telegram import Telegram
from bot.channels.telegram_api import BotApi
from bot.channels.telegram_drivers import driver_for
from bot.channels.telegram_settings import TelegramDriver, TelegramMode, TelegramSettings
from tests.bot.channels import contract_acts as acts
from tests.bot.channels.contract import PAUSE, Inbox, Misfortune, Screen, Stage
from tests.bot_api import TOKEN, BotApiStandIn, Person, Received, faults
from tests.bot_api.errors import ApiError

WEBHOOK_SECRET = "plainly-invented_secret-of-a-webhook"
RESIDENT = 8001
_IMPATIENT = 0.1  # seconds


def utc_now() -> datetime:
    return datetime.now(UTC)


async def no_pause(_: float) -> None:
    """As long as a pause is in tests: others may go first."""
    await asyncio.sleep(0)


@asynccontextmanager
async def served(routes: Sequence[BaseRoute], listener: socket.socket) -> AsyncIterator[None]:
    """Serve routes on a socket: uvicorn's own protocol, without its slowly turning main loop."""
    config = uvicorn.Config(Starlette(routes=routes), log_level="critical", lifespan="off", ws="none")
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(
        lambda: HttpToolsProtocol(config, state, app_state={}), sock=listener
    )
    try:
        yield
    finally:
        server.close()
        for connection in list(state.connections):
            connection.shutdown()
        while state.connections:  # noqa: ASYNC110  # uvicorn tells nobody when a connection ends
            await asyncio.sleep(0)


def channel_of(settings: TelegramSettings, **more: Any) -> Telegram:
    return Telegram(settings, driver_for(settings), clock=utc_now, **({"pause": no_pause} | more))


@asynccontextmanager
async def running(settings: TelegramSettings, inbox: Inbox, **more: Any) -> AsyncIterator[Telegram]:
    channel = channel_of(settings, **more)
    await channel.start(inbox.receive)
    try:
        yield channel
    finally:
        await channel.stop()
        await channel.close()


def by_webhook(settings: TelegramSettings) -> TelegramSettings:
    return replace(
        settings, mode=TelegramMode.WEBHOOK, webhook_secret=WEBHOOK_SECRET, webhook_url="https://here.example/telegram"
    )


class TelegramStage:
    """See contract.Stage."""

    def __init__(self, platform: BotApiStandIn, settings: TelegramSettings) -> None:
        self.platform = platform
        self.settings = settings
        self.api: BotApi = driver_for(settings)
        self.telegram = Telegram(settings, self.api, clock=utc_now, pause=no_pause)
        self.channel: Channel = self.telegram
        self.person: Person = platform.person(RESIDENT)
        self.account = self.address = str(RESIDENT)
        self.secrets: Sequence[str] = (TOKEN, TOKEN.partition(":")[2], WEBHOOK_SECRET)
        self._last: dict[str, Any] = {}

    async def act(self, act: acts.Act) -> None:
        match act:
            case acts.Forges(text):
                await self._forge(text)
            case acts.Floods(size):
                assert await self._post(b" " * size, WEBHOOK_SECRET) == 413
            case acts.Repeats():
                self.platform.repeat(self._last)
            case acts.Garbles():
                self.platform.inject(lambda number: f'{{"update_id": {number}, "message": {{"message_id": "路灯"}}}}')
            case acts.Edits(text):
                self.person.edits(self._last["message"]["message_id"], text)
            case acts.Taps(position):
                self.person.taps(self.person.inbox[-1].buttons[position].text)
            case acts.Blocks():
                self.person.blocks_bot()
            case acts.Unblocks():
                self.person.unblocks_bot()
            case _:
                self._writes(act)

    def _writes(self, act: acts.Act) -> None:
        person = self.person
        match act:
            case acts.Says(text):
                self._last = person.says(text)
            case acts.Starts(payload):
                person.says(f"/start {payload}".rstrip())  # no link carries junk, but anybody can type it
            case acts.Locates(place):
                person.sends_location(place.latitude, place.longitude)
            case acts.SendsPictures(1, caption):
                person.sends_photo(acts.PICTURE, caption=caption)
            case acts.SendsPictures(count, caption):
                person.sends_album([acts.PICTURE] * count, caption=caption)
            case acts.SendsVoice():
                person.sends_voice(acts.VOICE)
            case acts.SendsPaper():
                person.sends_document(acts.PAPER_NAME, acts.PAPER)
            case acts.SendsOddity():
                person.sends({"dice": {"emoji": "🎲", "value": 4}})

    async def screens(self, count: int) -> Sequence[Screen]:
        await self.platform.wait_until_async(lambda: len(self.person.inbox) >= count)
        return [_screen(message) for message in self.person.inbox]

    async def strike(self, misfortune: Misfortune) -> None:
        if misfortune is Misfortune.SLOW:
            # The same channel with less patience, so that the test needs none.
            settings = replace(self.settings, send_timeout=_IMPATIENT)
            self.channel = Telegram(settings, self.api, clock=utc_now)
        self.platform.faults.add(_EFFECTS[misfortune](), method="sendMessage")

    def still_holds(self) -> bool:
        return self.platform.waiting_updates > 0

    async def lets_go(self) -> None:
        await self.platform.wait_until_async(lambda: not self.still_holds())

    async def _forge(self, text: str) -> None:
        message = {"message_id": 1, "date": 1_790_000_000, "text": text}
        who = {
            "chat": {"id": RESIDENT, "type": "private"},
            "from": {"id": RESIDENT, "is_bot": False, "first_name": "他"},
        }
        body = httpx.Response(200, json={"update_id": 1, "message": message | who}).content
        for secret in ("", "wrong", WEBHOOK_SECRET[:-1], WEBHOOK_SECRET + "x", "路灯"):
            assert await self._post(body, secret) == 403

    async def _post(self, body: bytes, secret: str) -> int:
        headers = {b"X-Telegram-Bot-Api-Secret-Token": secret.encode()} if secret else {}
        async with httpx.AsyncClient(trust_env=False) as client:
            answer = await client.post(self.settings.webhook_url, content=body, headers=headers)
        return answer.status_code


_EFFECTS: dict[Misfortune, Callable[[], faults.Effect]] = {
    Misfortune.PAUSED: lambda: faults.too_many_requests(int(PAUSE.total_seconds())),
    Misfortune.BLOCKED: faults.forbids,
    Misfortune.GONE: faults.bad,
    Misfortune.DELETED: lambda: faults.bad("user is deactivated"),
    Misfortune.MOVED: lambda: faults.migrates_to(RESIDENT + 1),
    Misfortune.WRONG_TOKEN: lambda: faults.refuses(ApiError(401, "Unauthorized")),
    Misfortune.UNKNOWN_TOKEN: lambda: faults.refuses(ApiError(404, "Not Found")),
    Misfortune.REFUSED: lambda: faults.bad("text is too strange"),
    Misfortune.FAULT: faults.internal_error,
    Misfortune.NO_GATEWAY: faults.bad_gateway,
    Misfortune.CUT_OFF: faults.drops_before,
    Misfortune.CUT_LATER: faults.drops_after,
    Misfortune.SLOW: faults.holds_before,
    Misfortune.GARBLED: faults.garbles,
}


def _screen(message: Received) -> Screen:
    has_file = message.kind != "text"
    return Screen(
        message.text,
        tuple(button.text for button in message.buttons),
        message.file if has_file else None,
        message.file_name if message.kind == "document" else "",
        message.kind == "photo",
    )


@asynccontextmanager
async def telegram_stage(driver: TelegramDriver, mode: TelegramMode, receive: Receive) -> AsyncIterator[Stage]:
    """A bot that listens, and a resident before it; a breach of the Bot API fails the test."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    by_webhook = mode is TelegramMode.WEBHOOK
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/telegram" if by_webhook else ""
    secret = WEBHOOK_SECRET if by_webhook else ""
    with listener, BotApiStandIn() as platform:
        settings = TelegramSettings(TOKEN, driver, platform.base_url, mode, secret, url)
        stage = TelegramStage(platform, settings)
        async with served(stage.channel.routes(), listener) if by_webhook else nullcontext():
            channel = stage.telegram
            await channel.start(receive)
            if by_webhook:
                await platform.wait_until_async(lambda: platform.world.webhook)
            try:
                yield stage
            finally:
                await channel.stop()
                await channel.close()
        assert platform.violations == []
