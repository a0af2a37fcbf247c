"""People who have the account in their WeChat, for tests to act as."""

from collections.abc import Coroutine, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bot.channels.chinese_coordinates import to_gcj02
from handlers.messages import Place
from tests.wechat_api.account import Account, Follower, Window
from tests.wechat_api.callbacks import Exchange, Said
from tests.wechat_api.consents import Opened, about_notices, opened
from tests.wechat_api.screens import Screen

if TYPE_CHECKING:
    from tests.wechat_api.server import WeChatStandIn

# "客服接口-发消息", since 2023: what a message opens, and what a click, a follow or a scan opens.
OF_MESSAGE = 5, timedelta(hours=48)
OF_EVENT = 3, timedelta(minutes=1)


class Resident:
    """Somebody who follows the account. Every act posts to the bot and gives what came of it, from any loop."""

    def __init__(self, stand_in: "WeChatStandIn", account: Account, follower: Follower) -> None:
        self._stand_in, self._account, self._follower = stand_in, account, follower
        self._last: Exchange | None = None

    @property
    def openid(self) -> str:
        return self._follower.openid

    @property
    def screens(self) -> list[Screen]:
        """All that they were shown, answers and pushed messages in order."""
        return self._follower.screens

    @property
    def texts(self) -> list[str]:
        return [screen.text for screen in self.screens]

    @property
    def is_following(self) -> bool:
        return self._follower.is_following

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """Those of the last menu among the messages: id and content."""
        return next((screen.choices for screen in reversed(self.screens) if screen.choices), ())

    def room(self) -> int:
        """How many messages may be pushed to them now."""
        now = self._account.clock()
        return sum(window.room for window in self._follower.windows.values() if window.until > now)

    async def waits_for(self, text: str = "", *, after: int = 0, timeout: float = 10.0) -> Screen:
        """The first screen with this text, not counting the `after` oldest. Raises TimeoutError."""
        found: list[Screen] = []

        def is_there() -> bool:
            found[:] = [screen for screen in self.screens[after:] if text in screen.text]
            return bool(found)

        await self._stand_in.wait_until(is_there, timeout)
        return found[0]

    # --- messages

    async def says(self, text: str, **fields: str | int) -> Exchange:
        """Write a text."""
        return await self._sends("text", {"Content": text, **fields})

    async def taps(self, which: int | str) -> Exchange:
        """Tap a choice of the last menu among the messages, by its place (from 1) or what it says.

        Raises AssertionError where there is none such.
        """
        shown = self.choices
        for place, (number, content) in enumerate(shown, 1):
            if which in (place, number, content):
                return await self.says(content, bizmsgmenuid=number)
        raise AssertionError(f"no choice {which!r} among {[content for _, content in shown]}")

    async def sends_picture(self, content: bytes, media_type: str = "image/jpeg") -> Exchange:
        media_id = self._account.keep("image", content, media_type)
        return await self._sends(
            "image", {"PicUrl": f"{self._stand_in.base_url}/mmbiz/{media_id}", "MediaId": media_id}
        )

    async def sends_voice(self, content: bytes, recognition: str = "") -> Exchange:
        """Speak; `recognition` is what WeChat understood, where that is switched on."""
        media_id = self._account.keep("voice", content, "audio/amr")
        heard: dict[str, str | int] = {"Recognition": recognition} if recognition else {}
        return await self._sends("voice", {"Format": "amr", "MediaId": media_id, **heard})

    async def sends_video(self, content: bytes) -> Exchange:
        media_id = self._account.keep("video", content, "video/mp4")
        return await self._sends("video", {"MediaId": media_id, "ThumbMediaId": media_id})

    async def sends_file(self, name: str, content: bytes) -> Exchange:
        media_id = self._account.keep("file", content, "application/octet-stream")
        return await self._sends("file", {"Title": name, "Description": "", "MediaId": media_id})

    async def shares(self, latitude: float, longitude: float, label: str = "") -> Exchange:
        """Tell a place by its WGS 84 degrees; a telephone in China sends those of its own maps (GCJ-02)."""
        place = to_gcj02(Place(latitude, longitude))
        where = {"Location_X": f"{place.latitude:.6f}", "Location_Y": f"{place.longitude:.6f}"}
        return await self._sends("location", {**where, "Scale": 15, "Label": label})

    # --- events

    async def follows(self, scene: str = "") -> Exchange:
        """Follow the account, having scanned its code for `scene` if there is one."""
        self._follower.is_following = True
        ticket: dict[str, str | int] = {"Ticket": "plainly-invented-ticket"} if scene else {}
        key = f"qrscene_{scene}" if scene else ""
        return await self.happens("subscribe", EventKey=key, **ticket, opens=True)

    async def unfollows(self) -> Exchange:
        """Leave; no message reaches them any more."""
        self._follower.is_following = False
        self._follower.windows.clear()
        return await self.happens("unsubscribe", EventKey="")

    async def scans(self, scene: str) -> Exchange:
        """Scan a code, told by its scene or by what it holds; who does not follow the account does so then."""
        scene = self._account.codes.get(scene, scene)
        if not self._follower.is_following:
            return await self.follows(scene)
        return await self.happens("SCAN", EventKey=scene, Ticket="plainly-invented-ticket", opens=True)

    async def clicks(self, key: str) -> Exchange:
        """Tap a place in the account's menu, by its key."""
        return await self.happens("CLICK", EventKey=key, opens=True)

    async def happens(self, event: str, *, opens: bool = False, **fields: str | int) -> Exchange:
        """Any event; `opens`: messages may be pushed to them for a minute."""
        if opens:
            self._open("event", *OF_EVENT)
        return await self.posts({"MsgType": "event", "Event": event, **fields})

    # --- notices

    def falls_silent(self) -> None:
        """Two days pass without a word of theirs: no message may be pushed to them."""
        self._follower.windows.clear()

    async def opens(self, url: str) -> Opened:
        """Tap a link, in WeChat."""
        return await opened(self._account.pages, url)

    async def agrees(self, *templates: str) -> Exchange:
        """Tap 允许, on a page that asks of these."""
        for template in templates:
            self._account.agree(self.openid, template)
        return await self._says_to("popup", templates, SubscribeStatusString="accept", PopupScene="1")

    async def refuses(self, *templates: str) -> Exchange:
        """Tap 取消 there."""
        return await self._says_to("popup", templates, SubscribeStatusString="reject", PopupScene="1")

    async def switches_off(self, *templates: str) -> Exchange:
        """Refuse notices of these from now on, in WeChat's settings."""
        for template in templates:
            self._account.agree(self.openid, template, 0)
        return await self._says_to("change", templates, SubscribeStatusString="reject")

    async def is_told_of(self, template: str, code: int = 0) -> Exchange:
        """What WeChat tells the bot of a notice to them that it has taken."""
        status = "success" if code == 0 else "user refuse to accept the msg"
        number = str(self._account.next_number())
        return await self._says_to("sent", [template], MsgID=number, ErrorCode=str(code), ErrorStatus=status)

    async def _says_to(self, kind: str, templates: Sequence[str], **said: str) -> Exchange:
        head = {**self._head(), "MsgType": "event"}
        listed = [{"TemplateId": template, **said} for template in templates]
        return await self.posts(about_notices(head, kind, listed, as_json=self._account.as_json))

    # --- anything

    async def posts(self, fields: Mapping[str, str | int] | bytes) -> Exchange:
        """Have WeChat post fields, with who, to whom and when before them; or a body as it stands."""
        if not isinstance(fields, bytes):
            fields = {**self._head(), **fields}
        self._last = await self._posted(fields)
        return self._last

    async def repeats(self) -> Exchange:
        """Have WeChat post their last once more, as after an answer that got lost."""
        assert self._last, "nothing to repeat"
        return await self._posted(self._last.said, is_repeat=True)

    def _head(self) -> dict[str, str | int]:
        now = int(self._account.clock().timestamp())
        return {"ToUserName": self._account.original_id, "FromUserName": self.openid, "CreateTime": now}

    async def _sends(self, kind: str, fields: Mapping[str, str | int]) -> Exchange:
        self._open("message", *OF_MESSAGE)
        return await self.posts(
            {"MsgType": kind, **fields, "MsgId": 23_000_000_000_000_000 + self._account.next_number()}
        )

    def _open(self, name: str, room: int, lasts: timedelta) -> None:
        self._follower.windows[name] = Window(room, self._account.clock() + lasts)

    async def _posted(self, said: Said, *, is_repeat: bool = False) -> Exchange:
        def post() -> Coroutine[Any, Any, Exchange]:
            return self._stand_in.caller(self._account).post(self._follower, said, is_repeat=is_repeat)

        return await self._stand_in.carried_out(post)
