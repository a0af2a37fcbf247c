"""An Official Account as its console shows it, with its followers, files, codes and quotas."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any

from tests.wechat_api.consents import PageDesk
from tests.wechat_api.refusals import Refusal
from tests.wechat_api.screens import Screen
from tests.wechat_api.tokens import BEIJING, Clock, TokenDesk

APP_ID, SECRET, TOKEN = "wx0123456789abcdef", "plainly-invented-app-secret", "plainlyinvented"
AES_KEY = "plainlyInvented0123456789plainlyInvented012"
MEDIA_KEPT = timedelta(days=3)  # "新增临时素材"
_OF_THE_VERIFIED = frozenset(
    {"message/custom/send", "message/mass/send", "message/subscribe/bizsend", "message/template/send", "qrcode/create"}
)  # "接口权限说明"

JsonObject = dict[str, Any]


class Mode(StrEnum):
    """消息加解密方式."""

    PLAIN = "plain"
    COMPATIBLE = "compatible"
    SECURE = "secure"


@dataclass(frozen=True, slots=True)
class Media:
    """A file that somebody sent, or that was uploaded."""

    kind: str
    content: bytes
    media_type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Template:
    """A template that the account has chosen: of subscription notices, which may be agreed to for good (`lasts`), or of
    template messages. `content` has a line for each keyword, such as 事项：{{thing1.DATA}}."""

    title: str
    content: str
    is_notice: bool = True
    lasts: bool = False


@dataclass(slots=True)
class MassSend:
    """A message to many that was asked for. `became` is empty until an administrator has answered; `sent` to so
    many."""

    number: int
    key: str
    people: tuple[str, ...]
    text: str
    at: datetime
    tried_at: datetime | None = None  # when the key came last
    became: str = ""
    sent: int = 0


@dataclass(slots=True)
class Window:
    """What may be pushed to somebody: so many until then."""

    room: int
    until: datetime


@dataclass(slots=True)
class Follower:
    """What the platform knows of somebody who came to the account, and what they have seen of it."""

    openid: str
    is_following: bool = True
    windows: dict[str, Window] = field(default_factory=dict)
    screens: list[Screen] = field(default_factory=list)
    mass_sends: Counter[str] = field(default_factory=Counter)  # that they got, by month

    def spend(self, now: datetime) -> None:
        """One message is pushed. Raises Refusal where there is no window for it."""
        if not self.is_following:
            raise Refusal(43004)
        found = sorted((one for one in self.windows.values() if one.until > now), key=lambda one: one.until)
        if not found:
            raise Refusal(45015)
        window = next((one for one in found if one.room > 0), None)
        if window is None:
            raise Refusal(45047)
        window.room -= 1


@dataclass(eq=False, slots=True)
class Account:
    """`mode`, `as_json` (数据格式), `token` and `aes_key` are the console's 服务器配置, `url` its URL: where the bot is
    called. `is_listed`: the bot's address is on the IP白名单. `denied`: calls that it has no permission for, besides
    those that only a verified account has. `per_day` and `per_minute` are quotas by the name of a call."""

    clock: Clock
    app_id: str = APP_ID
    secret: str = SECRET
    token: str = TOKEN
    aes_key: str = AES_KEY
    mode: Mode = Mode.SECURE
    as_json: bool = False
    url: str = ""
    original_id: str = "gh_plainlyinvented"
    is_verified: bool = True
    is_banned: bool = False
    is_listed: bool = True
    denied: set[str] = field(default_factory=set)
    per_day: dict[str, int] = field(default_factory=lambda: {"message/template/send": 100_000})
    per_minute: dict[str, int] = field(default_factory=dict)
    followers: dict[str, Follower] = field(default_factory=dict)
    menu: list[JsonObject] = field(default_factory=list)
    codes: dict[str, str] = field(default_factory=dict)  # scenes by what the code holds
    media: dict[str, Media] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)  # by their ids
    consents: Counter[tuple[str, str]] = field(default_factory=Counter)  # that are left, by openid and template
    mass_sends: dict[int, MassSend] = field(default_factory=dict)
    keys: dict[tuple[str, str], datetime] = field(default_factory=dict)  # client_msg_ids by openid, and when they came
    tokens: TokenDesk = field(init=False)
    pages: PageDesk = field(init=False)
    _counted: Counter[tuple[str, object]] = field(default_factory=Counter)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.tokens = TokenDesk(self.clock, self.app_id)
        self.pages = PageDesk(self.clock, self.app_id)

    def admit(self, call: str) -> None:
        """Count a call. Raises Refusal where the account may not make it, or has made too many."""
        if self.is_banned:
            raise Refusal(50002)
        if call in self.denied or (call in _OF_THE_VERIFIED and not self.is_verified):
            raise Refusal(48001)
        now = self.clock()
        spans: list[tuple[dict[str, int], object, int]] = [
            (self.per_day, now.astimezone(BEIJING).date(), 45009),
            (self.per_minute, int(now.timestamp()) // 60, 45011),
        ]
        for limits, span, code in spans:
            self._counted[call, span] += 1
            if self._counted[call, span] > limits.get(call, 1_000_000):
                raise Refusal(code)

    def agree(self, openid: str, template: str, how_many: int = 1) -> None:
        """Somebody takes so many more notices of a template (for good: any number, until they refuse); 0: none."""
        self.consents[openid, template] = self.consents[openid, template] + how_many if how_many else 0

    def keep(self, kind: str, content: bytes, media_type: str) -> str:
        """Keep a file for three days; gives its media id."""
        media_id = f"{kind}-{next(self._numbers):06d}_{self.app_id}-plainly-invented-media"
        self.media[media_id] = Media(kind, content, media_type, self.clock())
        return media_id

    def kept(self, media_id: object) -> Media:
        """A file that is still there. Raises Refusal."""
        found = self.media.get(media_id) if isinstance(media_id, str) else None
        if found is None or self.clock() - found.at > MEDIA_KEPT:
            raise Refusal(40007)
        return found

    def next_number(self) -> int:
        """A number that no message or code has had."""
        return next(self._numbers)
