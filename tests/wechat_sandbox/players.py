"""Who is played in the sandbox, and what they have seen of the account."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from handlers.messages import Place
from tests.wechat_api import Exchange, Resident, Screen

Act = Callable[[], Awaitable[Exchange]]

_CARDS = {"notice": "订阅通知", "template": "模板消息"}


@dataclass(frozen=True, slots=True)
class Spot:
    """Somewhere that a location can be sent from, as the telephone's GPS finds it."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the conversation. `by` is me, account or note; `picture` tells that one goes with it, `card` what kind
    of card it is, and `url` what a tap on that opens."""

    by: str
    text: str = ""
    picture: bytes = b""
    choices: tuple[str, ...] = ()
    card: str = ""
    url: str = ""

    def told(self, address: str) -> dict[str, object]:
        """For the page; `address` is where its picture is."""
        picture = address if self.picture else ""
        shown = {"by": self.by, "text": self.text, "picture": picture, "choices": list(self.choices)}
        return {**shown, "card": self.card, "url": self.url}


@dataclass(slots=True)
class Player:
    """Somebody's WeChat. `address` is where the program's pages are."""

    number: int
    name: str
    resident: Resident
    address: str
    _entries: list[Entry] = field(default_factory=list)
    _seen: int = 0
    _has_acted: bool = False

    @property
    def entries(self) -> Sequence[Entry]:
        """All that was said by now, in order."""
        screens = self.resident.screens
        self._entries += [_entry(screen) for screen in screens[self._seen :]]
        self._seen = len(screens)
        return self._entries

    async def says(self, text: str) -> None:
        await self._sends(Entry("me", text), lambda: self.resident.says(text))

    async def clicks(self, key: str, label: str) -> None:
        await self._sends(Entry("note", f"点了菜单“{label}”"), lambda: self.resident.clicks(key))

    async def taps(self, choice: int) -> None:
        """One of the choices of the last message that has any."""
        shown = next((one.choices for one in reversed(self.entries) if one.choices), ())
        if choice < len(shown):
            await self._sends(Entry("me", shown[choice]), lambda: self.resident.taps(choice + 1))

    async def sends_picture(self, content: bytes) -> None:
        await self._sends(Entry("me", picture=content), lambda: self.resident.sends_picture(content))

    async def shares(self, spot: Spot) -> None:
        place = spot.place
        shown = Entry("me", f"位置：{spot.name}")
        await self._sends(shown, lambda: self.resident.shares(place.latitude, place.longitude, spot.name))

    async def follows(self) -> None:
        await self._acts(Entry("note", "关注了这个账号"), self.resident.follows)

    async def unfollows(self) -> None:
        await self._acts(Entry("note", "取消了关注"), self.resident.unfollows)

    async def scans(self, payload: str, label: str) -> None:
        """Who does not follow the account does so then."""
        await self._acts(Entry("note", f"扫了二维码“{label}”"), lambda: self.resident.scans(payload))

    async def answers(self, path: str, *, agrees: bool) -> None:
        """Open the page that asks for their consent to notices, and tap 允许 or 取消."""
        page = await self.resident.opens(self.address + path)
        if not page.asks:
            self._add(Entry("note", f"打开了授权页，没有按钮（{page.why}，{page.status}）"))
            return
        note = Entry("note", f"打开了授权页，点了“{'允许' if agrees else '取消'}”")
        act = self.resident.agrees if agrees else self.resident.refuses
        await self._sends(note, lambda: act(*page.asks))

    async def falls_silent(self) -> None:
        self.resident.falls_silent()
        self._add(Entry("note", "两天没有说话：公众号只能发通知了"))

    async def repeats(self) -> None:
        """What WeChat does when an answer got lost: it has to get the same one again."""
        if self._has_acted:
            exchange = await self.resident.repeats()
            note = f"微信把上一条又送了一次，应答是：{exchange.text or '空的，表示收到'}"
        else:
            note = "还没有可以再送的消息"
        self._add(Entry("note", note))

    async def _sends(self, entry: Entry, act: Act) -> None:
        """What WeChat lets nobody do who does not follow the account."""
        if self.resident.is_following:
            await self._acts(entry, act)
        else:
            self._add(Entry("note", "要先关注，才能发消息"))

    async def _acts(self, entry: Entry, act: Act) -> None:
        self._has_acted = True
        self._add(entry)
        await act()

    def _add(self, entry: Entry) -> None:
        _ = self.entries  # what was pushed meanwhile comes before
        self._entries.append(entry)


def _entry(screen: Screen) -> Entry:
    if screen.kind == "fault":
        return Entry("note", screen.text)
    card = _CARDS.get(screen.kind, "")
    return Entry("account", screen.text, screen.picture, tuple(label for _, label in screen.choices), card, screen.url)
