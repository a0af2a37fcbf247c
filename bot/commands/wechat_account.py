"""What commands ask of WeChat for the Official Account that is set up, and sentences for what it refuses."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from bot.channels.wechat_api import NetworkError, WeChatApi, WeChatError
from bot.channels.wechat_errors import STALE_TOKEN
from bot.channels.wechat_token import Tokens
from bot.refusal import Refused
from bot.settings import Settings

_CREDENTIALS = frozenset({40002, 40013, 40125}) | STALE_TOKEN
_NOT_LISTED = 40164

T = TypeVar("T")


def needed(settings: Settings) -> None:
    """Raises Refused where no account is set up that could be asked anything."""
    if not settings.wechat.app_id:
        raise Refused(
            "还没有接入微信，请先设置 MINSHENG_WECHAT__APP_ID。WeChat is not set up: set MINSHENG_WECHAT__APP_ID first."
        )
    if not settings.wechat.secret.get_secret_value():
        raise Refused(
            "缺少 AppSecret，请设置 MINSHENG_WECHAT__SECRET（微信开发者平台“开发信息”里的 AppSecret）。"
            "MINSHENG_WECHAT__SECRET is not set: it is the AppSecret of the account."
        )


def asked(settings: Settings, call: Callable[[WeChatApi], Awaitable[T]], refusals: Mapping[int, str]) -> T:
    """What WeChat answers to a call. `refusals` are the sentences for error codes that mean something special to it.

    Raises Refused.
    """
    needed(settings)
    try:
        return asyncio.run(_asked(settings, call))
    except WeChatError as error:
        raise Refused(refusals.get(error.code) or _sentence(error.code)) from None
    except NetworkError as error:
        raise Refused(
            f"连不上微信（{error}），请检查网络和 MINSHENG_WECHAT__API_BASE。"
            "WeChat cannot be reached: see the network, and MINSHENG_WECHAT__API_BASE."
        ) from None


async def _asked(settings: Settings, call: Callable[[WeChatApi], Awaitable[T]]) -> T:
    chosen = settings.wechat.checked()
    tokens = Tokens(chosen.api_base, chosen.app_id, chosen.secret, timeout=chosen.send_timeout)
    api = WeChatApi(chosen.api_base, tokens, timeout=chosen.send_timeout)
    try:
        return await call(api)
    finally:
        await api.close()


def _sentence(code: int) -> str:
    if code == _NOT_LISTED:
        return (
            "微信不接受这台服务器的 IP：请在微信开发者平台“开发信息”的 API IP 白名单里加上它（40164）。"
            "This server's address is not on the account's IP whitelist (IP白名单): add it there."
        )
    if code in _CREDENTIALS:
        return (
            f"AppID 或 AppSecret 不对，请和微信开发者平台“开发信息”里的对照（{code}）。"
            "The AppID or the AppSecret is wrong: compare them with the account's console."
        )
    return f"微信没有答应（错误码 {code}）。WeChat refused, with error code {code}."
