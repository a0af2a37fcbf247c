"""What an operator chooses about WeChat, as the console of the Official Account shows it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from handlers.messages import NoticeKind
from storage.domain.file_kinds import SIZE_LIMIT

NAME = "wechat"
_SETTING = "MINSHENG_WECHAT__"

_APP_ID = re.compile(r"wx[0-9a-zA-Z]{16}")
# "服务器配置": Token is 3 to 32 letters and digits, EncodingAESKey 43 of them.
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")

_TEMPLATE_ID = re.compile(r"[A-Za-z0-9_-]{20,64}")
_KEYWORD = re.compile(r"([a-z]+(?:_[a-z]+)*)([0-9]{1,3})")
_WORDS, _MOMENTS = ("what", "about"), ("until", "at")
# What we can say in a keyword of each kind ("订阅消息参数值内容限制说明"). None of it is a person's name, an amount, a
# telephone number or a number plate.
_KINDS: Mapping[str, tuple[str, ...]] = {
    "thing": (*_WORDS, *_MOMENTS),
    "character_string": (*_WORDS, *_MOMENTS),
    "const": _WORDS,
    "phrase": _WORDS,
    "time": _MOMENTS,
    "date": _MOMENTS,
}


class Template(NamedTuple):
    """A template of the account, with what is said in each of its keywords (see handlers.messages.Notice): `what` came
    about, `about` what, `until` when, and `at` what moment we say so."""

    id: str
    fields: Mapping[str, str]


def template(written: str, kind: NoticeKind) -> Template | None:
    """Read "ID keyword=field keyword=field"; None where nothing is written.

    Raises ValueError, in a sentence that repeats nothing but names of keywords.
    """
    identity, *pairs = written.split() or [""]
    if not identity:
        return None
    if not _TEMPLATE_ID.fullmatch(identity) or not pairs:
        raise ValueError(
            "Write the template's id (模板ID), then what each of its keywords says, such as: ID thing1=what time2=at."
        )
    fields: dict[str, str] = {}
    for pair in pairs:
        keyword, _, said = pair.partition("=")
        _check(keyword, said, kind)
        if keyword in fields:
            raise ValueError(f"The keyword {keyword} stands there twice.")
        fields[keyword] = said
    return Template(identity, fields)


def kind_of(keyword: str) -> str:
    """What a keyword may hold, such as thing, by its name in the console, such as thing1."""
    return keyword.rstrip("0123456789")


def _check(keyword: str, said: str, kind: NoticeKind) -> None:
    if not _KEYWORD.fullmatch(keyword):
        raise ValueError("Write keywords as the console shows them, a kind and a number, such as thing1=what.")
    if said not in (*_WORDS, *_MOMENTS):
        raise ValueError(f"What the keyword {keyword} says is one of what, about, until and at.")
    if kind_of(keyword) not in _KINDS:
        raise ValueError(
            f"Nothing that is said fits the keyword {keyword}: choose a template with keywords that begin with "
            f"{', '.join(_KINDS)}."
        )
    if said not in _KINDS[kind_of(keyword)]:
        raise ValueError(f"The keyword {keyword} can only say {' or '.join(_KINDS[kind_of(keyword)])}.")
    if said == "until" and kind is not NoticeKind.DUTY:
        raise ValueError(f"The keyword {keyword} can not say until: how a proposal stands has no last day.")


@dataclass(frozen=True, slots=True)
class WeChatSettings:
    """Raises ValueError, in a sentence that names the variable and holds no secret, where something cannot be right.

    `app_id` is 开发者ID (AppID), `secret` 开发者密码 (AppSecret), `token` 令牌 (Token). `aes_key` is 消息加解密密钥
    (EncodingAESKey): with it only what is encrypted is believed (安全模式, and of 兼容模式 that half), for nothing else
    proves what a body says; without it, 明文模式.
    `active`: the account may push messages (客服消息), as one that is verified may; else answers travel in responses.
    Requests older than `max_age` seconds are refused, unless it is 0. `per_second`: messages a second in all.
    `send_timeout` in seconds, shorter than the sender's lease; files over `file_limit` bytes are not fetched.
    `notices` are the templates of subscription notices (订阅通知), `templates` those of template messages (模板消息),
    by what they tell of; `notices_last`: who agrees to a notice does so for good (长期订阅). `mass`: announcements go
    by mass send (群发) to whom nothing else may be pushed.
    """

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    api_base: str = "https://api.weixin.qq.com"
    active: bool = False
    max_age: int = 600
    per_second: float = 50.0
    send_timeout: float = 10.0
    file_limit: int = SIZE_LIMIT
    notices: Mapping[NoticeKind, Template] = field(default_factory=dict)
    templates: Mapping[NoticeKind, Template] = field(default_factory=dict)
    notices_last: bool = False
    mass: bool = False

    def __post_init__(self) -> None:
        if not _APP_ID.fullmatch(self.app_id):
            raise ValueError(f"{_SETTING}APP_ID: The AppID of an Official Account is wx and 16 letters and digits.")
        if not _TOKEN.fullmatch(self.token):
            raise ValueError(f"{_SETTING}TOKEN: The token (令牌) is 3 to 32 letters and digits, as in the console.")
        if self.aes_key and not _AES_KEY.fullmatch(self.aes_key):
            raise ValueError(f"{_SETTING}AES_KEY: The EncodingAESKey (消息加解密密钥) has 43 letters and digits.")
        if self.active and not self.secret:
            raise ValueError(f"{_SETTING}SECRET: To push messages, the account's secret (AppSecret) is needed.")
        if (self.notices or self.templates or self.mass) and not self.active:
            raise ValueError(f"{_SETTING}ACTIVE: Notices, template messages and mass sends are pushed: set it, too.")
