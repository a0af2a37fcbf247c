"""What an operator chooses about WeChat, as the console of the Official Account shows it."""

import re
from dataclasses import dataclass, field

from storage.domain.file_kinds import SIZE_LIMIT

NAME = "wechat"

_APP_ID = re.compile(r"wx[0-9a-zA-Z]{16}")
# "服务器配置": Token is 3 to 32 letters and digits, EncodingAESKey 43 of them.
_TOKEN = re.compile(r"[A-Za-z0-9]{3,32}")
_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


@dataclass(frozen=True, slots=True)
class WeChatSettings:
    """Raises ValueError, in a sentence without any secret, where something cannot be right.

    `app_id` is 开发者ID (AppID), `secret` 开发者密码 (AppSecret), `token` 令牌 (Token). `aes_key` is 消息加解密密钥
    (EncodingAESKey): with it only what is encrypted is believed (安全模式, and of 兼容模式 that half), for nothing else
    proves what a body says; without it, 明文模式.
    `active`: the account may push messages (客服消息), as one that is verified may; else answers travel in responses.
    Requests older than `max_age` seconds are refused, unless it is 0. `per_second`: messages a second in all.
    `send_timeout` in seconds, shorter than the sender's lease; files over `file_limit` bytes are not fetched.
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

    def __post_init__(self) -> None:
        if not _APP_ID.fullmatch(self.app_id):
            raise ValueError("The AppID of an Official Account is wx and 16 letters and digits.")
        if not _TOKEN.fullmatch(self.token):
            raise ValueError("The token (令牌) is 3 to 32 letters and digits, the same as in the account's console.")
        if self.aes_key and not _AES_KEY.fullmatch(self.aes_key):
            raise ValueError("The EncodingAESKey (消息加解密密钥) has 43 letters and digits.")
        if self.active and not self.secret:
            raise ValueError("To push messages, the account's secret (AppSecret) is needed.")
