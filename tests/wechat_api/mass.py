"""Messages to many followers by one call (群发): "根据OpenID列表群发", "查询群发消息发送状态", "事件推送群发结果"."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tests.wechat_api.account import Account, Follower, JsonObject, MassSend
from tests.wechat_api.callbacks import Exchange
from tests.wechat_api.calls import exactly
from tests.wechat_api.refusals import Malpractice, Refusal
from tests.wechat_api.screens import Screen
from tests.wechat_api.tokens import BEIJING

if TYPE_CHECKING:
    from tests.wechat_api.server import WeChatStandIn

FEWEST, MOST = 2, 10_000
LONGEST_KEY = 32  # bytes
LONGEST_TEXT = 600  # characters, as in the console
KEY_COUNTS_FOR = timedelta(hours=24)
APART = timedelta(minutes=1)  # two tries with the same key
A_MONTH = 4  # for each follower
HELPER = "mphelper"  # by whose name the platform tells what became of one


class Repeated(Refusal):
    """Of a key that was used before; tells which message it was."""

    def __init__(self, number: int) -> None:
        super().__init__(45065, "clientmsgid exist")
        self._number = number

    def body(self) -> bytes:
        return json.dumps({**json.loads(super().body()), "msg_id": self._number}).encode()


def _send(account: Account, given: JsonObject) -> JsonObject:
    exactly(given, {"touser": list, "msgtype": str, "text": dict, "clientmsgid": str})
    people, key, now = given["touser"], given["clientmsgid"], account.clock()
    text = exactly(given["text"], {"content": str})["content"]
    if given["msgtype"] != "text":
        raise Malpractice(40008, "msgtype")
    if not all(isinstance(one, str) and one for one in people) or len(set(people)) < len(people):
        raise Malpractice(40035, "touser")
    if not FEWEST <= len(people) <= MOST:
        raise Malpractice(40130, f"{len(people)} people")
    if not 1 <= len(key.encode()) <= LONGEST_KEY:
        raise Malpractice(45067, "clientmsgid")
    if not text.strip():
        raise Malpractice(44004, "an empty text")
    if len(text) > LONGEST_TEXT:
        raise Refusal(45002)
    _check_key(account, key, now)
    number = account.next_number()
    account.mass_sends[number] = MassSend(number, key, tuple(people), text, now)
    return {"errmsg": "send job submission success", "msg_id": number, "msg_data_id": number}


def _check_key(account: Account, key: str, now: datetime) -> None:
    for one in account.mass_sends.values():
        if one.key == key and now - one.at < KEY_COUNTS_FOR:
            tried, one.tried_at = one.tried_at or one.at, now
            raise Refusal(45066) if now - tried < APART else Repeated(one.number)


def _status(account: Account, given: JsonObject) -> JsonObject:
    one = account.mass_sends.get(exactly(given, {"msg_id": int})["msg_id"])
    if one is None:
        raise Refusal(40059)
    status = {"": "SENDING", "send success": "SEND_SUCCESS"}.get(one.became, "SEND_FAIL")
    return {"msg_id": one.number, "msg_status": status}


MASSES: Mapping[str, Callable[[Account, JsonObject], JsonObject]] = {
    "message/mass/send": _send,
    "message/mass/get": _status,
}


class Administrator:
    """Who confirms mass sends on their telephone, or does not. `tells`: the platform posts what became of one."""

    def __init__(self, stand_in: "WeChatStandIn", account: Account | None = None) -> None:
        self._stand_in, self._account = stand_in, account or stand_in.account
        self.tells = True

    @property
    def asked(self) -> list[MassSend]:
        """Those that wait for an answer."""
        return [one for one in self._account.mass_sends.values() if not one.became]

    async def confirms(self, one: MassSend) -> Exchange | None:
        """It is sent to all who follow, and have had fewer than four in the month."""
        month = one.at.astimezone(BEIJING).strftime("%Y-%m")
        followers = [self._account.followers.get(openid) for openid in one.people]
        to = [who for who in followers if who and who.is_following and who.mass_sends[month] < A_MONTH]
        for who in to:
            who.mass_sends[month] += 1
            who.screens.append(Screen("mass", self._account.clock(), one.text))
        one.became, one.sent = "send success", len(to)
        return await self.told(one)

    async def refuses(self, one: MassSend) -> Exchange | None:
        one.became = "err(40001)"
        return await self.told(one)

    async def overlooks(self, one: MassSend) -> Exchange | None:
        """Half an hour goes by without an answer."""
        one.became = "err(40002)"
        return await self.told(one)

    async def told(self, one: MassSend) -> Exchange | None:
        """Have the platform post what became of one; for the first time, or once more."""
        if not self.tells:
            return None
        said: dict[str, str | int] = {
            "ToUserName": self._account.original_id,
            "FromUserName": HELPER,
            "CreateTime": int(self._account.clock().timestamp()),
            "MsgType": "event",
            "Event": "MASSSENDJOBFINISH",
            "MsgID": one.number,
            "Status": one.became,
            "TotalCount": len(one.people),
            "FilterCount": one.sent,
            "SentCount": one.sent,
            "ErrorCount": 0,
        }
        caller, helper = self._stand_in.caller(self._account), Follower(HELPER)
        return await self._stand_in.carried_out(lambda: caller.post(helper, said))
