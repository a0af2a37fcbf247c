"""WeChat in the contract table: what it posts to us, signed and wrapped as the account's console says, and a resident
who reads what comes back."""

import asyncio
import re
import socket
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
from starlette.applications import Starlette

from bot.channels.base import Channel, Outcome, Receive, Sent
from bot.channels.chinese_coordinates import to_gcj02
from bot.channels.wechat import WeChat
from bot.channels.wechat_body import Fields, parse, text_of, written
from bot.channels.wechat_cipher import MessageCipher, signature
from bot.channels.wechat_settings import WeChatSettings
from handlers.messages import File, Outbound, Place
from storage.responses import Carried, Fitting, Response
from tests.bot.channels import contract_acts as acts
from tests.bot.channels.contract import Misfortune, Screen, Stage
from tests.bot.channels.telegram_stage import served

APP_ID, TOKEN = "wx0123456789abcdef", "plainlyInventedToken7"
AES_KEY = "plainlyInvented0123456789plainlyInvented012"
SECRET = "plainly-invented-secret-of-links-and-cookies"
RESIDENT, ACCOUNT = "oResident-0001_plainlyinvented", "gh_plainlyinvented"
TRIES = 3  # of one message, in all ("接收普通消息")
_FILE = re.compile(r"(?:(?P<text>.*)\n)?(?P<name>[^\n]+)：(?P<url>http://\S+/wechat/files/\S+)", re.DOTALL)


class Callback(NamedTuple):
    """One request of WeChat's."""

    query: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Console:
    """服务器配置 of an account: with a key it encrypts (安全模式), `with_plain` beside the plain fields (兼容模式)."""

    aes_key: str = AES_KEY
    with_plain: bool = False
    as_json: bool = False
    token: str = TOKEN
    app_id: str = APP_ID
    nonce: str = "1372623149"

    def signed(self, at: datetime, *more: str) -> dict[str, str]:
        """The parameters of a request. With `more`, those sign it, too."""
        now = str(int(at.timestamp()))
        query = {"signature": signature(self.token, now, self.nonce), "timestamp": now, "nonce": self.nonce}
        return query | ({"msg_signature": signature(self.token, now, self.nonce, *more)} if more else {})

    def callback(self, message: Mapping[str, Any] | bytes, at: datetime) -> Callback:
        """A message as fields, or as the body that they are written as."""
        plain = message if isinstance(message, bytes) else written(message, as_json=self.as_json)
        if not self.aes_key:
            return Callback(self.signed(at) | {"openid": RESIDENT}, plain)
        encrypted = MessageCipher(self.aes_key, self.app_id).encrypt(plain)
        beside = message if self.with_plain and not isinstance(message, bytes) else {"ToUserName": ACCOUNT}
        body = written({**beside, "Encrypt": encrypted}, as_json=self.as_json)
        return Callback(self.signed(at, encrypted) | {"openid": RESIDENT, "encrypt_type": "aes"}, body)

    def read(self, answer: bytes) -> Fields:
        """What is answered, if WeChat would believe it; nothing where nothing is said."""
        if answer in (b"", b"success"):
            return {}
        fields = parse(answer)
        if not self.aes_key:
            return fields
        proof = [text_of(fields, name) for name in ("TimeStamp", "Nonce", "Encrypt")]
        assert text_of(fields, "MsgSignature") == signature(self.token, *proof)
        return parse(MessageCipher(self.aes_key, self.app_id).decrypt(proof[2]))


def said(text: str, number: int = 1, at: datetime | None = None) -> dict[str, Any]:
    """A text of the resident, as fields."""
    return message("text", at, Content=text, MsgId=number)


def message(kind: str, at: datetime | None = None, **fields: Any) -> dict[str, Any]:
    """A message, or an event, of the resident."""
    now = int((at or datetime.now(UTC)).timestamp())
    return {"ToUserName": ACCOUNT, "FromUserName": RESIDENT, "CreateTime": now, "MsgType": kind, **fields}


class Waiting:
    """Stands where the outbox will: what is said waits for its person's next message, and is kept with it."""

    def __init__(self) -> None:
        self.waiting: list[Carried] = []
        self.files: dict[int, File] = {}
        self._handed_over: dict[str, Response] = {}

    def say(self, one: Outbound) -> None:
        """Let it wait."""
        choices = [[choice.value, choice.label] for choice in one.choices] or None
        self.waiting.append(Carried(one.message_id, one.text, choices, one.file.name if one.file else ""))
        if one.file:
            self.files[one.message_id] = one.file

    async def hand_over(self, key: str, fitting: Fitting) -> Response | None:
        """See bot.channels.wechat.Answers."""
        if key not in self._handed_over:
            fits = fitting(self.waiting)
            self._handed_over[key] = Response(self.waiting[:fits], len(self.waiting) - fits, "zh")
            del self.waiting[:fits]
        return self._handed_over[key]

    async def file_sent(self, message_id: int, _: timedelta) -> File | None:
        """See bot.channels.wechat.Answers."""
        return self.files.get(message_id)


class _WaitingWeChat(WeChat):
    """What is sent by it waits, as in the program."""

    def __init__(self, settings: WeChatSettings, waiting: Waiting, **more: Any) -> None:
        super().__init__(
            settings, None, answers=waiting, clock=lambda: datetime.now(UTC), secret=SECRET.encode(), **more
        )
        self._waiting = waiting

    async def send(self, message: Outbound) -> Outcome:
        self._waiting.say(message)
        return Sent()


class PassiveStage:
    """See contract.Stage. WeChat hands one message after another over, each again until it is answered."""

    def __init__(self, channel: WeChat, console: Console, http: httpx.AsyncClient) -> None:
        self.channel: Channel = channel
        self.account = self.address = RESIDENT
        self.secrets: Sequence[str] = (TOKEN, AES_KEY, SECRET)
        self._console, self._http = console, http
        self._browser = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=channel.routes())))
        self._numbers = count(23_456_789_012_345_001)
        self._pending: deque[Callback] = deque()
        self._last: Callback | None = None
        self._read: list[str] = []
        self._changed = asyncio.Condition()

    async def deliver(self) -> None:
        """Hand over what there is, for as long as the stage stands."""
        while True:
            await self._until(lambda: bool(self._pending))
            callback = self._pending[0]
            answer = await self.post(callback)
            for _ in range(1, TRIES):
                answer = await self.post(callback) if answer.status_code == 503 else answer
            async with self._changed:
                if answer.status_code == 200 and (content := text_of(self._console.read(answer.content), "Content")):
                    self._read.append(content)
                self._pending.popleft()
                self._changed.notify_all()

    async def post(self, callback: Callback) -> httpx.Response:
        """Hand it over once."""
        return await self._http.post("/wechat", params=callback.query, content=callback.body)

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(holds)

    async def act(self, act: acts.Act) -> None:
        match act:
            case acts.Forges(text):
                await self._forge(text)
            case acts.Floods(size):
                await self._flood(size)
            case acts.Repeats():
                assert self._last
                await self._hand_over(self._last)
            case acts.Garbles():
                await self._hand_over(self._console.callback(b"<xml><Content>", datetime.now(UTC)))
            case acts.SendsPictures(number):
                for at in range(number):
                    await self._say("image", MediaId=f"picture-{at}", PicUrl="http://mmbiz.example/0")
            case _:
                await self._say(**_fields(act))

    async def _say(self, kind: str, **fields: Any) -> None:
        if kind != "event":
            fields["MsgId"] = next(self._numbers)
        await self._hand_over(self._console.callback(message(kind, **fields), datetime.now(UTC)))

    async def _hand_over(self, callback: Callback) -> None:
        self._last = callback
        async with self._changed:
            self._pending.append(callback)
            self._changed.notify_all()

    async def screens(self, count: int) -> Sequence[Screen]:
        """What waits comes with the next message."""
        async with asyncio.timeout(20):
            while len(self._read) < count:
                await self._say("text", Content="1")
                await self.lets_go()
        return [await self._screen(text) for text in self._read]

    async def _screen(self, text: str) -> Screen:
        linked = _FILE.fullmatch(text)
        if linked is None:
            return Screen(text)
        answer = await self._browser.get(linked["url"])
        shown, _, name = answer.headers["content-disposition"].partition(";")
        assert unquote(name.rpartition("'")[2]) == linked["name"] or f'"{linked["name"]}"' in name
        is_picture = shown == "inline"
        return Screen(linked["text"] or "", (), answer.content, "" if is_picture else linked["name"], is_picture)

    async def strike(self, misfortune: Misfortune) -> None:
        raise AssertionError(f"nothing is sent that {misfortune} could befall")

    def still_holds(self) -> bool:
        return bool(self._pending)

    async def lets_go(self) -> None:
        async with asyncio.timeout(20):
            await self._until(lambda: not self._pending)

    async def _forge(self, text: str) -> None:
        now = datetime.now(UTC)
        genuine = self._console.callback(said(text), now)
        others = {
            "token": Console(token="another1"),
            "key": Console(AES_KEY[::-1]),
            "app": Console(app_id=APP_ID[::-1]),
        }
        forged = [other.callback(said(text), now) for other in others.values()]
        forged += [Console("").callback(said(text), now), genuine._replace(query={})]
        forged += [genuine._replace(query=genuine.query | {"msg_signature": given}) for given in ("", "0" * 40, "路灯")]
        forged += [self._console.callback(said(text), now - timedelta(seconds=700))]
        for callback in forged:
            assert (await self.post(callback)).status_code == 403

    async def _flood(self, size: int) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(0, size, 65536):
                yield b" " * 65536

        callback = self._console.callback(b" " * size, datetime.now(UTC))
        assert (await self.post(callback)).status_code == 400
        answer = await self._http.post("/wechat", params=callback.query, content=pieces())
        assert answer.status_code == 400


def _fields(act: acts.Act) -> dict[str, Any]:
    """What WeChat tells of an act."""
    match act:
        case acts.Says(text):
            return {"kind": "text", "Content": text}
        case acts.Starts(payload):
            return {"kind": "event", "Event": "subscribe", "EventKey": f"qrscene_{payload}" if payload else ""}
        case acts.Blocks():
            return {"kind": "event", "Event": "unsubscribe", "EventKey": ""}
        case acts.Locates(place):
            shown = to_gcj02(place) if _is_in_china(place) else place
            return {"kind": "location", "Location_X": f"{shown.latitude:.6f}", "Location_Y": f"{shown.longitude:.6f}"}
        case acts.SendsVoice():
            return {"kind": "voice", "MediaId": "voice-1", "Format": "amr"}
        case acts.SendsPaper():
            return {"kind": "file", "Title": acts.PAPER_NAME, "MediaId": "paper-1"}
    assert isinstance(act, acts.SendsOddity)
    return {"kind": "sticker"}


def _is_in_china(place: Place) -> bool:
    return 73 < place.longitude < 135 and 4 < place.latitude < 54


@asynccontextmanager
async def passive_stage(console: Console, receive: Receive) -> AsyncIterator[Stage]:
    """An account that may not push, and a resident before it."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = WeChatSettings(APP_ID, TOKEN, console.aes_key)
    # Who asks again at once needs no pause before it.
    channel = _WaitingWeChat(settings, Waiting(), address=address, silent_for=0.0)
    with listener:
        async with (
            served(channel.routes(), listener),
            httpx.AsyncClient(base_url=address, timeout=20, trust_env=False) as http,
        ):
            await channel.start(receive)
            stage = PassiveStage(channel, console, http)
            delivering = asyncio.create_task(stage.deliver())
            try:
                yield stage
            finally:
                delivering.cancel()
                await asyncio.gather(delivering, return_exceptions=True)
                await channel.stop()
                await channel.close()
