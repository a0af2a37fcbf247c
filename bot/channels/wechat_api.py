"""The calls of WeChat's API that we make, each with the account's access token."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from bot.channels.wechat_errors import STALE_TOKEN
from bot.channels.wechat_http import Http, NetworkError, TooLarge, WeChatError, part, said
from bot.channels.wechat_token import Tokens

__all__ = ["NetworkError", "TooLarge", "WeChatApi", "WeChatError"]

_SEND = "/cgi-bin/message/custom/send"

T = TypeVar("T")


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
        # Without the errcode it is no answer, and nobody knows.
        part(await self._call(_SEND, {"touser": person, "msgtype": kind, kind: content}), "errcode")

    async def _call(self, path: str, given: Mapping[str, Any]) -> dict[str, Any]:
        return await self._with_token(lambda token: self._http.post(path, token, given))

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
