"""How much CPU it takes to verify, decrypt and parse what WeChat posts in secure mode, beside wechatpy."""

import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import NamedTuple

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto

from bot.channels.wechat_body import parse, text_of, written
from bot.channels.wechat_cipher import MessageCipher, is_signed, signature

CALLBACKS, ROUNDS = 500, 15
_TOKEN, _KEY, _APP = "a1b2c3", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG", "wx0123456789abcdef"
_TEXT = "村口这一段坑洼不平，下雨天积水很深，老人孩子走路不方便，晚上又没有路灯，希望能够先把最坏的一段修一修。"
_OURS, _THEIRS = MessageCipher(_KEY, _APP), WeChatCrypto(_TOKEN, _KEY, _APP)


class Callback(NamedTuple):
    """A request of WeChat's: what it is signed with, and its body."""

    signature: str
    timestamp: str
    nonce: str
    body: bytes


def measure() -> dict[str, float]:
    """Microseconds of CPU a callback, the medians of rounds that take turns, and the ratio of the two, round by round.

    The CPU is this process's. Both verify and decrypt, and know all fields of a message then.
    """
    callbacks = [_callback(number) for number in range(CALLBACKS)]
    assert [ours(one) for one in callbacks] == [theirs(one) for one in callbacks]
    rounds = [(_microseconds(ours, callbacks), _microseconds(theirs, callbacks)) for _ in range(ROUNDS)]
    return {
        "wechat_body_microseconds": median(our_time for our_time, _ in rounds),
        "wechatpy_body_microseconds": median(their_time for _, their_time in rounds),
        "wechat_body_over_wechatpy": median(our_time / their_time for our_time, their_time in rounds),
    }


def ours(one: Callback) -> tuple[str, str, str]:
    """Who says what, and its number."""
    encrypted = text_of(parse(one.body), "Encrypt")
    if not is_signed(one.signature, _TOKEN, one.timestamp, one.nonce, encrypted):
        raise ValueError(one.nonce)
    fields = parse(_OURS.decrypt(encrypted))
    return text_of(fields, "FromUserName"), text_of(fields, "Content"), text_of(fields, "MsgId")


def theirs(one: Callback) -> tuple[str, str, str]:
    """The same by wechatpy, as its documentation shows."""
    message = parse_message(_THEIRS.decrypt_message(one.body, one.signature, one.timestamp, one.nonce))
    return message.source, message.content, str(message.id)


def _callback(number: int) -> Callback:
    """A text of a sentence, or of ten."""
    said: dict[str, str | int] = {
        "ToUserName": "gh_7f083739789a",
        "FromUserName": f"oia2TjuEGTNoeX76QEjQNrcUR{number:03}",
        "CreateTime": 1_790_000_000 + number,
        "MsgType": "text",
        "Content": f"{number}：" + _TEXT * (1 if number % 10 else 10),
        "MsgId": 24_000_000_000_000_000 + number,
    }
    encrypted = _OURS.encrypt(written(said, as_json=False))
    body = written({"ToUserName": "gh_7f083739789a", "Encrypt": encrypted}, as_json=False)
    timestamp, nonce = str(1_790_000_000 + number), str(number)
    return Callback(signature(_TOKEN, timestamp, nonce, encrypted), timestamp, nonce, body)


def _microseconds(take: Callable[[Callback], object], callbacks: Sequence[Callback]) -> float:
    began = time.process_time()
    for one in callbacks:
        take(one)
    return (time.process_time() - began) / len(callbacks) * 1e6
