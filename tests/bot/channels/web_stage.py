"""The web chat in the contract table: a visitor whose page does what the real one's script does."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bot.channels.base import Channel, Outcome, Receive
from bot.channels.webchat import Shown, WebChat
from handlers.messages import File, Outbound
from tests.bot.channels import contract_acts as acts
from tests.bot.channels.contract import Misfortune, Screen, Stage
from tests.bot.channels.web_visitor import Closed, Frame, Page, Visitor
from tests.web_chat_double import SECRET


class _RememberingChat(WebChat):
    """The files that it sends can be had afterwards, as from the program's database."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            secret=SECRET,
            data_dir=folder,
            clock=lambda: datetime.now(UTC),
            history=self._history,
            arrived=lambda _: None,
            file_of=self._file_sent,
        )
        self._files: dict[tuple[str, int], File] = {}

    async def send(self, message: Outbound) -> Outcome:
        if message.file:
            self._files[message.address, message.message_id] = message.file
        return await super().send(message)

    async def _history(self, _account: str, _after: int, _limit: int) -> list[Shown]:
        return []

    async def _file_sent(self, account: str, message_id: int) -> File | None:
        return self._files.get((account, message_id))


class WebStage:
    """See contract.Stage. Like delivery.js, it keeps a message and sends it again until the server has it."""

    def __init__(self, channel: WebChat, visitor: Visitor) -> None:
        self.channel: Channel = channel
        self.account = self.address = visitor.account
        self.secrets: Sequence[str] = (SECRET.decode(), visitor.cookie, visitor.cookie.partition(".")[2])
        self._visitor = visitor
        self._page: Page | None = None
        self._is_away = False
        self._ids = count(1)
        self._pending: deque[Frame] = deque()
        self._last: Frame = {}
        self._shown: list[Frame] = []
        self._changed = asyncio.Condition()

    # --- the page

    async def stay(self) -> None:
        """Keep the page open until the person goes away, again and again where the connection is lost."""
        while not self._is_away:
            try:
                async with self._visitor.page() as page:
                    await page.told()
                    self._page = page
                    self._send_next()
                    await self._notify()
                    while True:
                        self._hear(await page.receive())
                        await self._notify()
            except Closed:
                self._page = None

    async def opened(self) -> None:
        """Return once the page is open."""
        await self._until(lambda: self._page is not None)

    def _hear(self, frame: Frame) -> None:
        if frame["type"] == "message":
            self._show(frame)
        else:
            assert frame["id"] == self._pending.popleft()["id"]
            self._send_next()

    def _show(self, frame: Frame) -> None:
        """In the place of the message that it edits, where that is here."""
        for position, shown in enumerate(self._shown):
            if frame["edits"] in (shown["message_id"], shown["edits"] or None):
                self._shown[position] = frame
                return
        self._shown.append(frame)

    def _post(self, frame: Frame) -> None:
        self._last = {"id": f"m-{next(self._ids)}"} | frame
        self._pending.append(self._last)
        if len(self._pending) == 1:
            self._send_next()

    def _send_next(self) -> None:
        if self._pending and self._page:
            self._page.send(self._pending[0])

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self._changed:
            await self._changed.wait_for(holds)

    # --- the stage

    async def act(self, act: acts.Act) -> None:
        match act:
            case acts.Says(text):
                self._post({"type": "text", "text": text})
            case acts.Starts(payload):
                self._post({"type": "start", "payload": payload})
            case acts.Taps(position):
                self._post({"type": "choice", "value": self._shown[-1]["choices"][position]["value"]})
            case acts.Locates(place):
                self._post({"type": "location", "latitude": place.latitude, "longitude": place.longitude})
            case acts.Repeats():
                self._post(self._last)
            case acts.Garbles():
                self._post({"type": "text", "text": ["路灯"]})
            case acts.Forges(text):
                await self._forge(text)
            case acts.Floods(size):
                await self._flood(size)
            case _:
                await self._send_files(act)

    async def _send_files(self, act: acts.Act) -> None:
        match act:
            case acts.SendsPictures(number):
                for at in range(number):
                    await self._send_file("photo", acts.PICTURE, f"{at}.jpg", "album" if number > 1 else "")
            case acts.SendsVoice():
                await self._send_file("voice", acts.VOICE, "voice.ogg")
            case acts.SendsPaper():
                await self._send_file("document", acts.PAPER, acts.PAPER_NAME)

    async def _send_file(self, kind: str, content: bytes, name: str, group: str = "") -> None:
        token = (await self._visitor.upload(content, name)).json()["upload"]
        self._post({"type": "file", "kind": kind, "upload": token, "name": name, "group": group})

    async def screens(self, count: int) -> Sequence[Screen]:
        await self._until(lambda: len(self._shown) >= count)
        return [await self._screen(frame) for frame in self._shown]

    async def _screen(self, frame: dict[str, Any]) -> Screen:
        labels = tuple(choice["label"] for choice in frame["choices"])
        if not frame["file"]:
            return Screen(frame["text"], labels)
        answer = await self._visitor.http.get(f"/chat/file/{frame['message_id']}")
        is_picture = frame["kind"] == "photo"
        return Screen(frame["text"], labels, answer.content, "" if is_picture else frame["file"], is_picture)

    async def strike(self, misfortune: Misfortune) -> None:
        assert misfortune is Misfortune.AWAY
        assert self._page
        self._is_away = True
        await self._page.leave()

    def still_holds(self) -> bool:
        return bool(self._pending)

    async def lets_go(self) -> None:
        await self._until(lambda: not self._pending)

    async def _forge(self, text: str) -> None:
        signature = self._visitor.cookie.partition(".")[2]
        for cookie in (
            "",
            self.account,
            f"{self.account}.",
            f"{self.account}.{signature[:-1]}",
            f"{'B' * 22}.{signature}",
        ):
            async with self._visitor.page(cookie=cookie) as page:
                page.send({"type": "text", "id": "forged", "text": text})
                assert await page.closing_code() == 4401
        with pytest.raises(Closed) as closed:
            async with self._visitor.page(origin="http://evil.test"):
                pass
        assert closed.value.code == 403

    async def _flood(self, size: int) -> None:
        async with self._visitor.page() as page:
            page.send(" " * size)
            assert await page.closing_code() == 1009
        assert (await self._visitor.upload(b"\xff\xd8\xff" + b" " * size)).status_code == 413


@asynccontextmanager
async def web_stage(receive: Receive) -> AsyncIterator[Stage]:
    """A channel that is open, and a visitor with its page before them."""
    with TemporaryDirectory() as folder:
        channel = _RememberingChat(Path(folder))
        await channel.start(receive)
        visitor = Visitor(channel)
        await visitor.come()
        stage = WebStage(channel, visitor)
        staying = asyncio.create_task(stage.stay())
        await stage.opened()
        try:
            yield stage
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)
            await channel.stop()
            await channel.close()
