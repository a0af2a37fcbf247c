"""A bot behind the web chat without the rest of the program: it keeps what it was told once, and answers at once."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from bot.channels.webchat import Shown, WebChat, WebChatSettings
from bot.channels.webchat_frames import FRAME_LIMIT
from handlers.messages import Choice, Earlier, File, Inbound, Kind, Outbound, Received

SECRET = b"a secret that only this test knows, 32+"

MENU = (Choice("menu:suggest", "提建议"), Choice("menu:mine", "我的建议"), Choice("menu:help", "帮助"))
YES_NO = (Choice("ask:yes", "是"), Choice("ask:no", "不是"))


class EchoBot:
    """Says what it heard. Its memory outlives the channel, as a database would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.heard: list[Inbound] = []
        self.repeats: list[Inbound] = []
        self.arrivals: list[str] = []
        self.files: dict[tuple[str, int], File] = {}
        self.channel: WebChat | None = None
        self.ahead = timedelta()  # of the real time, to make limits pass
        self._said: dict[str, list[Shown]] = {}
        self._number = 0

    def serve_by(self, settings: WebChatSettings | None = None) -> WebChat:
        """A new channel with this bot behind it, as after a restart of the program."""
        self.channel = WebChat(
            secret=SECRET,
            data_dir=self.folder,
            clock=lambda: datetime.now(UTC) + self.ahead,
            history=self.history,
            arrived=self.arrivals.append,
            file_of=self.file_of,
            settings=settings,
        )
        return self.channel

    async def receive(self, inbound: Inbound) -> Received:
        """What dispatch does, in short: keep it, answer it, once."""
        if any(inbound.key == one.key for one in self.heard):
            self.repeats.append(inbound)
            return Received.REPEATED
        self.heard.append(inbound)
        self._keep(inbound)
        await self.say(inbound.account, *answer_to(inbound))
        return Received.ACTED_ON

    async def say(
        self, account: str, text: str, choices: tuple[Choice, ...] = (), file: File | None = None, edits: int = 0
    ) -> int:
        """Write to an account, in the place of the message `edits`; what its pages miss stands in the history."""
        number = self.write(account, text, choices, file, edits)
        earlier = Earlier(edits, "") if edits else None
        assert self.channel
        await self.channel.send(
            Outbound("web", account, f"out:{number}", text, choices, file=file, message_id=number, edits=earlier)
        )
        return number

    def write(
        self, account: str, text: str, choices: tuple[Choice, ...] = (), file: File | None = None, edits: int = 0
    ) -> int:
        """Put something of ours into the history without sending it."""
        self._number += 1
        shown = Shown(self._number, mine=False, kind=Kind.TEXT, text=text, at=datetime.now(UTC), choices=choices)
        self._said.setdefault(account, []).append(replace(shown, file=file.name if file else "", edits=edits))
        if file:
            self.files[account, self._number] = file
        return self._number

    async def change(self, account: str, number: int, text: str) -> None:
        """Let a message of ours say something else, here and on the pages."""
        self.rewrite(account, number, text)
        earlier = Earlier(number, "")
        assert self.channel
        await self.channel.send(Outbound("web", account, f"out:{number}", text, message_id=number, edits=earlier))

    def rewrite(self, account: str, number: int, text: str) -> None:
        """The same without sending it."""
        told = self._said[account]
        (at,) = [position for position, shown in enumerate(told) if shown.message_id == number]
        told[at] = replace(told[at], text=text, edits=number, choices=())

    async def history(self, account: str, after: int, limit: int) -> list[Shown]:
        return [shown for shown in self._said.get(account, []) if shown.message_id > after][:limit]

    async def file_of(self, account: str, message_id: int) -> File | None:
        return self.files.get((account, message_id))

    async def hear(self, account: str, identity: str, text: str) -> None:
        """Take a text as from a page that is no longer there to hear of it."""
        await self.receive(Inbound("web", account, f"{account}:{identity}", Kind.TEXT, datetime.now(UTC), text))

    def _keep(self, inbound: Inbound) -> None:
        self._number += 1
        name = ""
        for attachment in inbound.attachments:
            name = attachment.name
            path = self.folder / "uploads" / attachment.platform_id
            self.files[inbound.account, self._number] = File(str(path), name, attachment.media_type)
        text = inbound.text or inbound.choice
        self._said.setdefault(inbound.account, []).append(
            Shown(self._number, mine=True, kind=inbound.kind, text=text, at=inbound.at, file=name, key=inbound.key)
        )


def answer_to(inbound: Inbound) -> tuple[str, tuple[Choice, ...]]:
    """What the echoing bot says to a message."""
    match inbound.kind:
        case Kind.START:
            return f"您好，这里是民声。{inbound.payload}", MENU
        case Kind.TEXT:
            return f"您说：{inbound.text}\n这是想提一条建议吗？", YES_NO
        case Kind.CHOICE:
            return f"您选了 {inbound.choice}。", ()
        case Kind.LOCATION:
            assert inbound.place
            return f"位置收到：{inbound.place.latitude:.3f}，{inbound.place.longitude:.3f}", ()
        case _:
            return f"收到{inbound.kind}：{inbound.attachments[0].media_type}", ()


class WebServer:
    """An application on a real port. It can be closed and opened again on the same one."""

    def __init__(self) -> None:
        self.port = 0
        self._server = uvicorn.Server(uvicorn.Config("unused"))
        self._serving: asyncio.Task[None] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def open(self, app: ASGIApp) -> None:
        # Listening already, so that whoever connects before the server is up just waits for it.
        listening = socket.create_server(("127.0.0.1", self.port), backlog=64)
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as the program's own loop has it
        self.port = listening.getsockname()[1]
        config = uvicorn.Config(
            app,
            log_level="critical",
            lifespan="off",
            proxy_headers=False,
            ws_max_size=FRAME_LIMIT,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def close(self) -> None:
        assert self._serving
        self._server.should_exit = True
        await self._serving


class Server(WebServer):
    """The channel on a real port, with the bot behind it."""

    def __init__(self, bot: EchoBot, settings: WebChatSettings | None = None) -> None:
        super().__init__()
        self.bot = bot
        self._settings = settings

    async def start(self) -> None:
        channel = self.bot.serve_by(self._settings)
        await channel.start(self.bot.receive)
        await self.open(Starlette(routes=channel.routes()))

    async def stop(self) -> None:
        assert self.bot.channel
        await self.bot.channel.stop()
        await self.close()


@asynccontextmanager
async def running(bot: EchoBot, settings: WebChatSettings | None = None) -> AsyncIterator[Server]:
    """A server for the time of a test."""
    server = Server(bot, settings)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
