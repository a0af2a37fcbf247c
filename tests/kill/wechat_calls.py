"""Callbacks of an Official Account in secure mode, as WeChat posts them, by as little code as can be."""

import asyncio
import time
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from bot.channels.wechat_body import parse, text_of, written
from bot.channels.wechat_cipher import MessageCipher, signature
from tests.wechat_api import AES_KEY, APP_ID, TOKEN

SETTINGS = {
    "MINSHENG_WECHAT__APP_ID": APP_ID,
    "MINSHENG_WECHAT__TOKEN": TOKEN,
    "MINSHENG_WECHAT__AES_KEY": AES_KEY,
}
NONCE = "1372623149"
_ACCOUNT = "gh_plainlyinvented"
_cipher = MessageCipher(AES_KEY, APP_ID)


def message(person: str, number: int, fields: Mapping[str, str]) -> bytes:
    """A message of a person, as it is before it is encrypted."""
    known: dict[str, str | int] = {"ToUserName": _ACCOUNT, "FromUserName": person, "CreateTime": int(time.time())}
    return written({**known, **fields, "MsgId": number}, as_json=False)


def request(person: str, plain: bytes) -> bytes:
    """A message as a whole HTTP request; a repeat of it has another one."""
    now, encrypted = int(time.time()), _cipher.encrypt(plain)
    body = written({"ToUserName": _ACCOUNT, "Encrypt": encrypted}, as_json=False)
    proof = signature(TOKEN, str(now), NONCE, encrypted)
    query = {"timestamp": now, "nonce": NONCE, "openid": person, "encrypt_type": "aes", "msg_signature": proof}
    head = f"POST /wechat?{urlencode(query)} HTTP/1.1\r\nHost: bot.test\r\nContent-Type: text/xml\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Answer(NamedTuple):
    """What a request was answered with."""

    status: int
    body: bytes

    @property
    def text(self) -> str:
        """What the person is shown; empty for nothing. Raises AssertionError for what WeChat would not believe."""
        if self.body in (b"", b"success"):
            return ""
        outer = parse(self.body)
        encrypted = text_of(outer, "Encrypt")
        proof = signature(TOKEN, text_of(outer, "TimeStamp"), text_of(outer, "Nonce"), encrypted)
        assert text_of(outer, "MsgSignature") == proof
        return text_of(parse(_cipher.decrypt(encrypted)), "Content")


class Line:
    """One connection that asks one thing after another."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def open(self) -> None:
        host, port = self._address.rsplit(":", 1)
        self._reader, self._writer = await asyncio.open_connection(host, int(port))

    @property
    def is_open(self) -> bool:
        """A server hangs up after some seconds in which nothing was asked."""
        return not self._reader.at_eof()

    async def ask(self, whole: bytes) -> Answer:
        """Raises OSError or EOFError where there is no answer."""
        self._writer.write(whole)
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        _, _, length = head.partition(b"\r\ncontent-length: ")
        return Answer(int(head.split(b" ", 2)[1]), await self._reader.readexactly(int(length.split(b"\r", 1)[0])))

    def close(self) -> None:
        self._writer.close()
