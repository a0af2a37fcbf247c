"""How WeChat calls the bot: it posts what people do, waits five seconds, posts it again, and reads the answer.

"接收普通消息", "接收事件推送", "被动回复用户消息", "消息加解密说明".
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from bot.channels.wechat_body import Fields, Malformed, is_json, parse, text_of, written
from bot.channels.wechat_cipher import MessageCipher, NotOurs, is_signed, signature
from tests.wechat_api.account import Account, Follower, Mode
from tests.wechat_api.calls import TEXT_LIMIT
from tests.wechat_api.screens import FAULT, Screen

TRIES = 3  # in all
PATIENCE = 5.0  # seconds
NONCE = "1372623149"
_SILENT = (b"", b"success")

Said = Mapping[str, str | int] | bytes


class Unreadable(Exception):
    """An answer that WeChat would not take; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was posted, what each try was answered with (status 0: nothing in time), and what the person was shown.

    `said` is what was posted, before it was wrapped, `text` what the answer says, empty where nothing was said.
    """

    said: Said
    statuses: tuple[int, ...]
    screen: Screen | None

    @property
    def text(self) -> str:
        return self.screen.text if self.screen else ""

    @property
    def is_taken(self) -> bool:
        """Whether the bot answered, be it with nothing."""
        return self.statuses[-1:] == (200,)


class Caller:
    """Posts to an account's URL, from the stand-in's loop."""

    def __init__(self, account: Account, violations: list[str], changed: threading.Condition, patience: float) -> None:
        self._account, self._violations, self._changed = account, violations, changed
        # One that is kept may be closed by the bot just when it is used again, which is none of the tests' business.
        alone = httpx.Limits(max_keepalive_connections=0)
        self._client = httpx.AsyncClient(timeout=patience, limits=alone, trust_env=False, verify=False)

    async def close(self) -> None:
        await self._client.aclose()

    async def verify(self, echo: str = "4375120948345356249") -> bool:
        """The console's 提交: whether the URL proves that it knows the token."""
        now = str(int(self._account.clock().timestamp()))
        query = {"signature": signature(self._account.token, now, NONCE), "timestamp": now, "nonce": NONCE}
        answer = await self._client.get(self._account.url, params={**query, "echostr": echo})
        return answer.status_code == 200 and answer.content == echo.encode()

    async def post(self, follower: Follower, said: Said, *, is_repeat: bool = False) -> Exchange:
        """Post what somebody did, until it is answered or was posted three times; nowhere, where the account has no
        URL. They see the answer once, so nobody sees that to a repeat."""
        statuses: list[int] = []
        screen = None
        for _ in range(TRIES if self._account.url else 0):
            try:
                answer = await self._client.send(self._wrapped(follower.openid, said))
            except httpx.TransportError:
                statuses.append(0)
                continue
            statuses.append(answer.status_code)
            if answer.status_code == 200:
                screen = self._shown(follower, answer.content)
                break
        if statuses and statuses[-1] != 200:
            screen = Screen("fault", self._account.clock(), FAULT, is_answer=True)
        with self._changed:
            if screen and not is_repeat:
                follower.screens.append(screen)
            self._changed.notify_all()
        return Exchange(said, tuple(statuses), screen)

    # --- what is posted

    def _wrapped(self, openid: str, said: Said) -> httpx.Request:
        account, now = self._account, str(int(self._account.clock().timestamp()))
        body = said if isinstance(said, bytes) else written(said, as_json=account.as_json)
        query = {
            "signature": signature(account.token, now, NONCE),
            "timestamp": now,
            "nonce": NONCE,
            "openid": openid,
        }
        if account.mode is not Mode.PLAIN:
            encrypted = self._cipher().encrypt(body)
            query["encrypt_type"] = "aes"
            query["msg_signature"] = signature(account.token, now, NONCE, encrypted)
            beside = dict(said) if account.mode is Mode.COMPATIBLE and not isinstance(said, bytes) else {}
            outer = {"ToUserName": account.original_id, **beside, "Encrypt": encrypted}
            body = written(outer, as_json=account.as_json)
        kind = "application/json" if account.as_json else "text/xml"
        headers = {"Content-Type": kind}
        return self._client.build_request("POST", account.url, params=query, content=body, headers=headers)

    def _cipher(self) -> MessageCipher:
        return MessageCipher(self._account.aes_key, self._account.app_id)

    # --- what is answered

    def _shown(self, follower: Follower, body: bytes) -> Screen | None:
        if body in _SILENT:
            return None
        try:
            text = self._text(follower.openid, self._opened(body))
        except Unreadable as error:
            self._violations.append(f"answer: {error}")
            return Screen("fault", self._account.clock(), FAULT, is_answer=True)
        return Screen("text", self._account.clock(), text, is_answer=True)

    def _opened(self, body: bytes) -> Fields:
        """What an answer says, if its signature is right. Raises Unreadable."""
        account = self._account
        outer = self._parsed(body)
        if account.mode is Mode.PLAIN:
            return outer
        stamp, nonce, encrypted = (text_of(outer, name) for name in ("TimeStamp", "Nonce", "Encrypt"))
        if not is_signed(text_of(outer, "MsgSignature"), account.token, stamp, nonce, encrypted):
            raise Unreadable("its signature is wrong")
        try:
            return self._parsed(self._cipher().decrypt(encrypted))
        except NotOurs:
            raise Unreadable("it cannot be decrypted") from None

    def _parsed(self, body: bytes) -> Fields:
        if is_json(body) != self._account.as_json:
            raise Unreadable("it is in another format than the account's")
        try:
            return parse(body)
        except Malformed:
            raise Unreadable("it is malformed") from None

    def _text(self, openid: str, fields: Fields) -> str:
        names = ("ToUserName", "FromUserName", "CreateTime", "MsgType", "Content")
        if set(fields) != set(names):
            raise Unreadable(f"fields {sorted(fields)}")
        to, sender, at, kind, content = (text_of(fields, name) for name in names)
        if (to, sender, kind) != (openid, self._account.original_id, "text") or not at.isdecimal():
            raise Unreadable("it is not for them, or no text")
        if not content.strip() or len(content.encode()) > TEXT_LIMIT:
            raise Unreadable(f"a text of {len(content.encode())} bytes")
        return content
