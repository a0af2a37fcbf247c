"""WeChat in the contract table: a resident at its stand-in, and our channel on a real port; and what the stand-in would
post, for tests that look at single requests."""

import asyncio
import re
import socket
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import unquote

import httpx
from starlette.applications import Starlette
from typing_extensions import override

from bot.channels.base import Channel, Outcome, Receive, Sent
from bot.channels.wechat import WeChat
from bot.channels.wechat_body import Fields, parse, text_of, written
from bot.channels.wechat_cipher import MessageCipher, signature
from bot.channels.wechat_client import WeChatClient
from bot.channels.wechat_settings import WeChatSettings
from handlers.messages import File, Outbound
from storage.responses import Fitting, Response
from storage.waiting import Carried
from tests.bot.channels import contract_acts as acts
from tests.bot.channels.contract import Misfortune, Screen, Stage
from tests.bot.channels.telegram_stage import served, utc_now
from tests.bot_api import faults
from tests.wechat_api import AES_KEY, APP_ID, SECRET, TOKEN, WeChatStandIn, errcode, internal_error
from tests.wechat_api.account import Window
from tests.wechat_api.screens import Screen as Shown

SIGNING = "plainly-invented-secret-of-links-and-cookies"
RESIDENT, ACCOUNT = "oResident0001", "gh_plainlyinvented"
_SEND = "message/custom/send"
_IMPATIENT = 0.1  # seconds
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
    now = int((at or utc_now()).timestamp())
    return {"ToUserName": ACCOUNT, "FromUserName": RESIDENT, "CreateTime": now, "MsgType": kind, **fields}


class _Taken(asyncio.Future[Response]):
    """Is taken when somebody looks whether it is."""

    def __init__(self, take: Callable[[], Response | None]) -> None:
        super().__init__()
        self._take = take

    @override
    def done(self) -> bool:
        if not super().done():
            try:
                found = self._take()
            except ConnectionError as error:
                self.set_exception(error)
            else:
                if found:
                    self.set_result(found)
        return super().done()


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
        self.keep(one)

    def keep(self, one: Outbound) -> None:
        """Keep what comes with it."""
        if one.file:
            self.files[one.message_id] = one.file

    @contextmanager
    def asking(self, key: str, fitting: Fitting) -> Iterator[asyncio.Future[Response]]:
        """See bot.channels.wechat.Answers."""
        yield _Taken(lambda: self.take(key, fitting))

    def take(self, key: str, fitting: Fitting) -> Response | None:
        """None: the message is not known."""
        if key not in self._handed_over:
            fits = fitting(self.waiting)
            left = len(self.waiting) - fits if fits else 0
            self._handed_over[key] = Response(self.waiting[:fits], left, "zh")
            del self.waiting[:fits]
        return self._handed_over[key]

    async def file_sent(self, message_id: int, _: timedelta) -> File | None:
        """See bot.channels.wechat.Answers."""
        return self.files.get(message_id)

    async def said(self, message_id: int, _: timedelta) -> Carried | None:
        """Likewise."""
        return next((one for one in self.waiting if one.message_id == message_id), None)


class _Placed(WeChat):
    """What the store knows of the resident, the stage knows: passive, it lets wait what is sent; else there is room."""

    def __init__(self, settings: WeChatSettings, waiting: Waiting, address: str) -> None:
        self._waiting = waiting
        client = WeChatClient(settings, utc_now, self.link)
        # Who asks again at once needs no silence before it.
        given: Any = {"answers": waiting, "clock": utc_now, "secret": SIGNING.encode(), "silent_for": 0.0}
        super().__init__(settings, client, address=address, **given)

    async def send(self, message: Outbound) -> Outcome:
        if not self.capabilities.pushes:
            self._waiting.say(message)
            return Sent()
        self._waiting.keep(message)
        return await super().send(message._replace(room=5))


class WeChatStage:
    """See contract.Stage. The resident does one thing after another, each when WeChat is through with the last."""

    def __init__(self, platform: WeChatStandIn, settings: WeChatSettings, address: str) -> None:
        self.platform, self._settings, self._address = platform, settings, address
        self._waiting = Waiting()
        self.wechat = self.channel_of(settings)
        self.channel: Channel = self.wechat
        self._closing: list[WeChat] = []
        self.account = self.address = RESIDENT
        self.secrets: Sequence[str] = (TOKEN, AES_KEY, SECRET, SIGNING, "plainly-invented-access-token")
        self._resident = platform.resident(RESIDENT)
        # What it opened long ago, and as much as the test needs.
        window = Window(room=1000, until=utc_now() + timedelta(hours=1))
        platform.account.followers[RESIDENT].windows["message"] = window
        self._console = Console(settings.aes_key, as_json=platform.account.as_json)
        self._browser = httpx.AsyncClient(transport=httpx.ASGITransport(Starlette(routes=self.wechat.routes())))
        self._pending: deque[Callable[[], Awaitable[object]]] = deque()
        self._changed = asyncio.Condition()

    def channel_of(self, settings: WeChatSettings) -> WeChat:
        return _Placed(settings, self._waiting, self._address)

    async def close(self) -> None:
        for channel in (self.wechat, *self._closing):
            await channel.stop()
            await channel.close()

    async def live(self) -> None:
        """Do what there is to do, for as long as the stage stands."""
        while True:
            await self._until(lambda: bool(self._pending))
            await self._pending[0]()
            async with self._changed:
                self._pending.popleft()
                self._changed.notify_all()

    async def _until(self, holds: Callable[[], bool]) -> None:
        async with self._changed:
            await self._changed.wait_for(holds)

    async def _does(self, *deeds: Callable[[], Awaitable[object]]) -> None:
        async with self._changed:
            self._pending += deeds
            self._changed.notify_all()

    async def act(self, act: acts.Act) -> None:
        resident = self._resident
        match act:
            case acts.Forges(text):
                await self._forge(text)
            case acts.Floods(size):
                await self._flood(size)
            case acts.Repeats():
                await self._does(resident.repeats)
            case acts.Garbles():
                await self._does(lambda: resident.posts(b"<xml><Content>"))
            case acts.SendsPictures(number):
                await self._does(*[lambda: resident.sends_picture(acts.PICTURE)] * number)
            case _:
                await self._does(lambda: self._doing(act))

    def _doing(self, act: acts.Act) -> Awaitable[object]:
        resident = self._resident
        match act:
            case acts.Says(text):
                return resident.says(text)
            case acts.Taps(position):
                return resident.taps(position + 1)
            case acts.Starts(payload):
                return resident.scans(payload) if payload else resident.follows()
            case acts.Blocks():
                return resident.unfollows()
            case acts.Locates(place) if 4 < place.latitude < 54 and 73 < place.longitude < 135:
                return resident.shares(place.latitude, place.longitude)
            case acts.Locates(place):  # no map of China shows it
                where = {"Location_X": f"{place.latitude:.6f}", "Location_Y": f"{place.longitude:.6f}"}
                return resident.posts({"MsgType": "location", **where, "MsgId": 17})
            case acts.SendsVoice():
                return resident.sends_voice(acts.VOICE)
            case acts.SendsPaper():
                return resident.sends_file(acts.PAPER_NAME, acts.PAPER)
        assert isinstance(act, acts.SendsOddity)
        return resident.posts({"MsgType": "sticker", "MsgId": 17})

    async def screens(self, count: int) -> Sequence[Screen]:
        """What waits for the next contact gets one."""
        async with asyncio.timeout(20):
            while len(seen := _together(self._resident.screens)) < count:
                await self._does(lambda: self._resident.says("1"))
                await self.lets_go()
        return [await self._screen(*pair) for pair in seen]

    async def _screen(self, picture: bytes | None, shown: Shown) -> Screen:
        labels = tuple(content for _, content in shown.choices)
        linked = _FILE.fullmatch(shown.text)
        if picture is not None or linked is None:
            return Screen(shown.text, labels, picture, is_picture=picture is not None)
        answer = await self._browser.get(linked["url"])
        how, _, name = answer.headers["content-disposition"].partition(";")
        assert unquote(name.rpartition("'")[2]) == linked["name"] or f'"{linked["name"]}"' in name
        is_picture = how == "inline"
        return Screen(linked["text"] or "", labels, answer.content, "" if is_picture else linked["name"], is_picture)

    async def strike(self, misfortune: Misfortune) -> None:
        if misfortune is Misfortune.SLOW:
            # The same channel with less patience, so that the test needs none.
            self._closing.append(impatient := self.channel_of(replace(self._settings, send_timeout=_IMPATIENT)))
            self.channel = impatient
        is_unknown = misfortune is Misfortune.UNKNOWN_TOKEN
        is_refused = misfortune is Misfortune.WRONG_TOKEN
        method, times = "stable_token" if is_unknown else _SEND, None if is_refused else 1
        self.platform.faults.add(_EFFECTS[misfortune](), method=method, times=times)

    def still_holds(self) -> bool:
        return bool(self._pending)

    async def lets_go(self) -> None:
        async with asyncio.timeout(20):
            await self._until(lambda: not self._pending)

    async def _forge(self, text: str) -> None:
        now = utc_now()
        genuine = self._console.callback(said(text), now)
        others = (Console(token="another1"), Console(AES_KEY[::-1]), Console(app_id=APP_ID[::-1]), Console(""))
        forged = [other.callback(said(text), now) for other in others]
        forged += [genuine._replace(query={}), self._console.callback(said(text), now - timedelta(seconds=700))]
        forged += [genuine._replace(query=genuine.query | {"msg_signature": given}) for given in ("", "0" * 40, "路灯")]
        assert await self._statuses(*forged) == {403}

    async def _flood(self, size: int) -> None:
        async def pieces() -> AsyncIterator[bytes]:
            for _ in range(0, size, 65536):
                yield b" " * 65536

        query = self._console.signed(utc_now(), "")
        # One that is told to be so long, and one that is not.
        assert await self._statuses((query, b" " * size), (query, pieces())) == {400}

    async def _statuses(self, *posts: tuple[dict[str, str], Any]) -> set[int]:
        """What somebody is answered who posts these."""
        async with httpx.AsyncClient(base_url=self._address, timeout=20, trust_env=False) as http:
            return {(await http.post("/wechat", params=query, content=body)).status_code for query, body in posts}


_EFFECTS: dict[Misfortune, Callable[[], faults.Effect]] = {
    Misfortune.BLOCKED: lambda: errcode(43004),
    Misfortune.GONE: lambda: errcode(40003),
    Misfortune.DELETED: lambda: errcode(50005),
    Misfortune.WRONG_TOKEN: lambda: errcode(40001),
    Misfortune.UNKNOWN_TOKEN: lambda: errcode(40125),
    Misfortune.REFUSED: lambda: errcode(40007),
    Misfortune.FAULT: internal_error,
    Misfortune.NO_GATEWAY: faults.bad_gateway,
    Misfortune.CUT_OFF: faults.drops_before,
    Misfortune.CUT_LATER: faults.drops_after,
    Misfortune.SLOW: faults.holds_before,
    Misfortune.GARBLED: faults.garbles,
}


def _together(shown: Sequence[Shown]) -> list[tuple[bytes | None, Shown]]:
    """Each message of ours: a picture, and the words that follow it."""
    found: list[tuple[bytes | None, Shown]] = []
    for screen in shown:
        if screen.kind != "image" and found and found[-1][1].kind == "image":
            found[-1] = found[-1][0], screen
        else:
            found.append((screen.picture if screen.kind == "image" else None, screen))
    return found


@asynccontextmanager
async def wechat_stage(receive: Receive, *, active: bool, as_json: bool) -> AsyncIterator[Stage]:
    """An account that may push or may not, and a resident before it; a breach of WeChat's rules fails the test."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listener, WeChatStandIn(as_json=as_json, is_verified=active) as platform:
        settings = WeChatSettings(APP_ID, TOKEN, AES_KEY, SECRET, platform.base_url, active)
        stage = WeChatStage(platform, settings, address)
        platform.calls_back(f"{address}/wechat")
        async with served(stage.wechat.routes(), listener):
            await stage.wechat.start(receive)
            living = asyncio.create_task(stage.live())
            try:
                yield stage
            finally:
                living.cancel()
                await asyncio.gather(living, return_exceptions=True)
                await stage.close()
        assert platform.violations == []
