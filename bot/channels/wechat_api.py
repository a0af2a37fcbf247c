"""The calls of WeChat's API that we make, each with the account's access token."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeVar

from bot.channels.wechat_errors import STALE_TOKEN
from bot.channels.wechat_http import Http, NetworkError, TooLarge, WeChatError, number_in, part, said
from bot.channels.wechat_token import Tokens, lasting

__all__ = ["NetworkError", "Owned", "TooLarge", "WeChatApi", "WeChatError"]

_SEND = "/cgi-bin/message/custom/send"
_NOTIFY = "/cgi-bin/message/subscribe/bizsend"
_FILL_IN = "/cgi-bin/message/template/send"
_NAMED = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")  # what is filled in, in the content of a template
_FOR_GOOD = 3  # the type of a template (2: for once)

T = TypeVar("T")


class Owned(NamedTuple):
    """A template that the account has, with what is to be filled in. `lasts`: who agrees to it does so for good."""

    keywords: frozenset[str]
    lasts: bool = False


class WeChatApi:
    """Each call raises WeChatError for a refusal, NetworkError where nobody knows, both without anything secret.

    `timeout` in seconds, for a call. A token that is refused is replaced, and the call tried again, once.
    """

    def __init__(self, api_base: str, tokens: Tokens, *, timeout: float) -> None:
        self._http = Http(api_base, timeout)
        self._files = f"{api_base}/cgi-bin/media/get"
        self._tokens = tokens

    async def send_text(self, person: str, text: str) -> None:
        """Push a text of at most 2048 bytes ("客服接口-发消息")."""
        await self._send(person, "text", {"content": text})

    async def send_menu(self, person: str, head: str, items: Sequence[tuple[str, str]]) -> None:
        """Push a text with choices below it, each its id and what it says; a tap comes back with the id (msgmenu)."""
        choices = [{"id": number, "content": content} for number, content in items]
        await self._send(person, "msgmenu", {"head_content": head, "list": choices})

    async def send_image(self, person: str, media_id: str) -> None:
        """Push a picture that was uploaded."""
        await self._send(person, "image", {"media_id": media_id})

    async def send_notice(self, person: str, template: str, data: Mapping[str, str], page: str) -> None:
        """Push a notice that somebody has agreed to ("发送订阅通知"). `page` is what a tap on it opens, if anything."""
        opens = {"page": page} if page else {}
        await self._push(_NOTIFY, {"touser": person, "template_id": template, **opens, "data": _values(data)})

    async def send_template(self, person: str, template: str, data: Mapping[str, str], url: str, key: str) -> None:
        """Push a message made of a template ("发送模板消息"); with the same `key` for ten minutes only once."""
        opens = {"url": url} if url else {}
        given = {"touser": person, "template_id": template, **opens, "client_msg_id": key, "data": _values(data)}
        await self._push(_FILL_IN, given)

    async def notice_templates(self) -> dict[str, Owned]:
        """Those of notices that the account has, by their ids ("获取已有模板列表")."""
        found = _rows(await self._got("/wxaapi/newtmpl/gettemplate"), "data")
        return {str(one.get("priTmplId")): Owned(_keywords(one), one.get("type") == _FOR_GOOD) for one in found}

    async def message_templates(self) -> dict[str, Owned]:
        """Those of template messages likewise ("获取已选用模板列表")."""
        found = _rows(await self._got("/cgi-bin/template/get_all_private_template"), "template_list")
        return {str(one.get("template_id")): Owned(_keywords(one)) for one in found}

    async def page_ticket(self) -> tuple[str, timedelta]:
        """What pages of the account are signed with, and how long it is good for ("获取sdk临时票据")."""
        answer = await self._got("/cgi-bin/ticket/getticket", type="jsapi")
        return str(part(answer, "ticket")), lasting(part(answer, "expires_in"))

    async def mass_send(self, people: Sequence[str], text: str, key: str) -> str:
        """Ask for a text to 2 to 10,000 followers, with the same `key` for a day only once; gives its number
        ("根据OpenID列表群发")."""
        given = {"touser": list(people), "msgtype": "text", "text": {"content": text}, "clientmsgid": key}
        answer = await self._call("/cgi-bin/message/mass/send", given)
        part(answer, "errcode")
        return number_in(answer)

    async def mass_status(self, number: str) -> str:
        """What became of one, in a word of the platform ("查询群发消息发送状态")."""
        return str(part(await self._call("/cgi-bin/message/mass/get", {"msg_id": int(number)}), "msg_status"))

    async def upload_image(self, content: bytes, name: str) -> str:
        """Have WeChat keep a picture for three days; gives its media id ("新增临时素材")."""
        query = {"type": "image"}
        answer = await self._with_token(
            lambda token: self._http.upload("/cgi-bin/media/upload", {**token, **query}, content, name)
        )
        return str(part(answer, "media_id"))

    async def download(self, media_id: str, limit: int) -> tuple[bytes, str]:
        """What somebody sent, and its media type ("获取临时素材"). Raises TooLarge for more than `limit` bytes."""
        return await self._with_token(lambda token: self._download({**token, "media_id": media_id}, limit))

    async def scene(self, scene: str, *, lasts: int | None) -> str:
        """What a QR code holds that brings its scanners here, with the scene: 64 characters ("生成带参数的二维码").

        `lasts` in seconds, at most 30 days; None: for good, for which an account has 100,000.
        """
        kind = {"action_name": "QR_LIMIT_STR_SCENE"} if lasts is None else {"action_name": "QR_STR_SCENE"}
        ends = {} if lasts is None else {"expire_seconds": lasts}
        given = {**kind, **ends, "action_info": {"scene": {"scene_str": scene}}}
        return str(part(await self._call("/cgi-bin/qrcode/create", given), "url"))

    async def set_menu(self, buttons: Sequence[Mapping[str, object]]) -> None:
        """Set the menu below the chat, in the platform's own form ("创建自定义菜单")."""
        part(await self._call("/cgi-bin/menu/create", {"button": list(buttons)}), "errcode")

    async def token_works(self) -> None:
        """Whether WeChat gives us a token."""
        await self._tokens.current()

    async def close(self) -> None:
        """Let go of all connections; a later call opens new ones."""
        await self._http.close()
        await self._tokens.close()

    async def _send(self, person: str, kind: str, content: Mapping[str, Any]) -> None:
        await self._push(_SEND, {"touser": person, "msgtype": kind, kind: content})

    async def _push(self, path: str, given: Mapping[str, Any]) -> None:
        # Without the errcode it is no answer, and nobody knows.
        part(await self._call(path, given), "errcode")

    async def _call(self, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
        return await self._with_token(lambda token: self._http.post(path, token, given))

    async def _got(self, path: str, **query: str) -> dict[str, Any]:
        return await self._with_token(lambda token: self._http.get(path, {**token, **query}))

    async def _download(self, query: Mapping[str, str], limit: int) -> tuple[bytes, str]:
        got = await self._http.download(self._files, query, limit)
        if not got.is_file:
            # Of a video WeChat only tells where it is.
            got = await self._http.download(str(part(said(got.content), "video_url")), {}, limit)
        return got.content, got.media_type

    async def _with_token(self, call: Callable[[Mapping[str, str]], Awaitable[T]]) -> T:
        token = await self._tokens.current()
        try:
            return await call({"access_token": token})
        except WeChatError as error:
            if error.code not in STALE_TOKEN:
                raise
        return await call({"access_token": await self._tokens.instead_of(token)})


def _values(data: Mapping[str, str]) -> dict[str, dict[str, str]]:
    return {keyword: {"value": value} for keyword, value in data.items()}


def _rows(answer: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """A list of objects that the answer must have. Raises NetworkError."""
    found = part(answer, name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise NetworkError("garbled answer")
    return found


def _keywords(template: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_NAMED.findall(str(template.get("content", ""))))
