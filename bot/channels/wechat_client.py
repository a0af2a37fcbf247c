"""What calls WeChat's API for the channel: messages out, files in, and what is wrong with the account."""

from bot.channels.base import Fetched, FetchRefused, Outcome
from bot.channels.wechat_api import NetworkError, TooLarge, WeChatApi, WeChatError
from bot.channels.wechat_door import Clock
from bot.channels.wechat_errors import GONE, NOT_LISTED, UNKNOWN_CREDENTIALS
from bot.channels.wechat_outbound import WeChatSender
from bot.channels.wechat_response import Link
from bot.channels.wechat_settings import WeChatSettings
from bot.channels.wechat_token import Guard, Tokens
from handlers.messages import Outbound


class WeChatClient:
    """For an account with a secret. `guard`: see Tokens."""

    def __init__(self, settings: WeChatSettings, clock: Clock, link: Link, guard: Guard | None = None) -> None:
        self._settings = settings
        base, timeout = settings.api_base, settings.send_timeout
        tokens = Tokens(base, settings.app_id, settings.secret, timeout=timeout, guard=guard, clock=clock)
        self._api = WeChatApi(base, tokens, timeout=timeout)
        self._sender = WeChatSender(self._api, clock, link)

    async def send(self, message: Outbound) -> Outcome:
        return await self._sender.send(message)

    async def fetch(self, media_id: str) -> Fetched:
        """Get what somebody sent. Raises FetchRefused for what can never be had, WeChatError, NetworkError."""
        try:
            return Fetched(*await self._api.download(media_id, self._settings.file_limit))
        except TooLarge:
            raise FetchRefused("too large") from None
        except WeChatError as error:
            if error.code not in GONE:
                raise
            raise FetchRefused("gone") from None

    async def check(self) -> list[str]:
        """What is wrong, in sentences for `minsheng doctor`."""
        try:
            await self._api.token_works()
        except WeChatError as error:
            return [_sentence(error.code)]
        except NetworkError as error:
            return [f"WeChat cannot be reached at {self._settings.api_base} ({error})."]
        finally:
            await self.close()
        return []

    async def close(self) -> None:
        await self._api.close()


def _sentence(code: int) -> str:
    if code == NOT_LISTED:
        return "WeChat does not take calls from this address: put it on the account's IP whitelist (IP白名单)."
    if code in UNKNOWN_CREDENTIALS:
        return (
            f"WeChat does not know the account (code {code}): set MINSHENG_WECHAT__APP_ID and MINSHENG_WECHAT__SECRET "
            "to its AppID and AppSecret."
        )
    return f"WeChat refuses to answer (code {code})."
