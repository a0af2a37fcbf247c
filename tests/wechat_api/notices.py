"""Subscription notices and template messages ("发送订阅通知", "发送模板消息"), and the lists of templates."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import timedelta

from tests.wechat_api.account import Account, JsonObject, Template
from tests.wechat_api.calls import exactly
from tests.wechat_api.refusals import Malpractice, Refusal
from tests.wechat_api.screens import Screen

NOTIFY, FILL_IN = "message/subscribe/bizsend", "message/template/send"
OF_NOTICES, OF_MESSAGES = "/wxaapi/newtmpl/gettemplate", "template/get_all_private_template"
REPEATED_WITHIN = timedelta(minutes=10)  # "client_msg_id"
_NAMED = re.compile(r"\{\{(\w+)\.DATA\}\}")
_DAY = r"\d{4}年\d{1,2}月\d{1,2}日"
# "订阅消息参数值内容限制说明"
_TAKEN = {
    "thing": re.compile(r".{1,20}"),
    "const": re.compile(r".{1,20}"),
    "character_string": re.compile(r"[!-~]{1,32}"),
    "phrase": re.compile(r"[\u4e00-\u9fff]{1,5}"),
    "time": re.compile(rf"({_DAY} )?\d\d:\d\d"),
    "date": re.compile(rf"{_DAY}( \d\d:\d\d)?"),
}


def _notify(account: Account, given: JsonObject) -> JsonObject:
    exactly(given, {"touser": str, "template_id": str, "data": dict}, {"page": str})
    template = _template(account, given, is_notice=True)
    text = filled_in(template, given["data"])
    follower = account.followers.get(given["touser"])
    if follower is None:
        raise Refusal(40003)
    consent = follower.openid, given["template_id"]
    if account.consents[consent] < 1:
        raise Refusal(43101)
    if not template.lasts:
        account.consents[consent] -= 1
    follower.screens.append(Screen("notice", account.clock(), text, url=given.get("page", "")))
    return {}


def _fill_in(account: Account, given: JsonObject) -> JsonObject:
    exactly(given, {"touser": str, "template_id": str, "data": dict}, {"url": str, "client_msg_id": str})
    text = filled_in(_template(account, given, is_notice=False), given["data"])
    follower = account.followers.get(given["touser"])
    if follower is None:
        raise Refusal(40003)
    if not follower.is_following:
        raise Refusal(43004)
    if key := given.get("client_msg_id"):
        before = account.keys.get((follower.openid, key))
        if before and account.clock() - before < REPEATED_WITHIN:
            raise Refusal(45065)
        account.keys[follower.openid, key] = account.clock()
    follower.screens.append(Screen("template", account.clock(), text, url=given.get("url", "")))
    return {"msgid": account.next_number()}


def _template(account: Account, given: JsonObject, *, is_notice: bool) -> Template:
    template = account.templates.get(given["template_id"])
    if template is None or template.is_notice != is_notice:
        raise Refusal(40037)
    return template


def filled_in(template: Template, data: JsonObject) -> str:
    """What the person reads. Raises Refusal for other keywords than the template has, Malpractice for what they cannot
    hold."""
    keywords = _NAMED.findall(template.content)
    if set(data) != set(keywords):
        raise Refusal(47003)
    said = {keyword: exactly(data[keyword], {"value": str})["value"] for keyword in keywords}
    for keyword, value in said.items():
        if not _TAKEN[keyword.rstrip("0123456789")].fullmatch(value) or not _is_common(value):
            raise Malpractice(47003, f"data.{keyword}.value invalid")
    return f"{template.title}\n" + _NAMED.sub(lambda found: said[found[1]], template.content)


def _is_common(value: str) -> bool:
    """Of characters that show, and are no pictures: a value of ① alone is told to be empty."""
    odd = any(unicodedata.category(one) in ("No", "So") or one > "\uffff" for one in value)
    return value.isprintable() and bool(value.strip()) and not odd


def _listed(account: Account, *, are_notices: bool) -> list[tuple[str, Template]]:
    return [(name, one) for name, one in account.templates.items() if one.is_notice is are_notices]


def _of_notices(account: Account, _: JsonObject) -> JsonObject:
    listed = [
        {"priTmplId": name, "title": one.title, "content": one.content, "example": "", "type": 3 if one.lasts else 2}
        for name, one in _listed(account, are_notices=True)
    ]
    return {"data": listed}


def _of_messages(account: Account, _: JsonObject) -> JsonObject:
    listed = [
        {"template_id": name, "title": one.title, "content": one.content, "example": ""}
        for name, one in _listed(account, are_notices=False)
    ]
    return {"template_list": listed}


LISTS: Mapping[str, Callable[[Account, JsonObject], JsonObject]] = {
    OF_NOTICES: _of_notices,
    OF_MESSAGES: _of_messages,
}
NOTICES: Mapping[str, Callable[[Account, JsonObject], JsonObject]] = {NOTIFY: _notify, FILL_IN: _fill_in, **LISTS}
