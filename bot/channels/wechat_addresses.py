"""Pictures by their addresses (PicUrl): what people send can be had so without a token, by an account that may not
fetch media (获取临时素材 is for those that are verified)."""

import re

from bot.channels.base import Fetched, FetchRefused
from bot.channels.wechat_http import Http, TooLarge

# Nothing proves a body in plain mode but that its sender knows a signed address: so no other host is ever asked.
_OF_WECHAT = re.compile(r"https?://((?:[a-z0-9-]+\.)+qpic\.cn/\S+)")


class Addresses:
    """`api_base` is WeChat, or who stands in for it; files over `limit` bytes are not fetched."""

    def __init__(self, api_base: str, *, timeout: float, limit: int) -> None:
        self._http, self._base, self._limit = Http(api_base, timeout), api_base, limit

    async def fetch(self, address: str) -> Fetched:
        """Get a picture. Raises FetchRefused for what can never be had, NetworkError."""
        found = _OF_WECHAT.fullmatch(address)
        if not found and not address.startswith(f"{self._base}/"):
            raise FetchRefused("elsewhere")
        try:
            picture = await self._http.download(f"https://{found[1]}" if found else address, {}, self._limit)
        except TooLarge:
            raise FetchRefused("too large") from None
        return Fetched(picture.content, picture.media_type)

    async def close(self) -> None:
        await self._http.close()
