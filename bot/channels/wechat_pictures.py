"""Pictures that are pushed: WeChat keeps each for three days, so many people get it by one upload."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from weakref import WeakValueDictionary

from bot.channels.wechat_api import WeChatApi, WeChatError
from bot.channels.wechat_errors import NO_PICTURE
from handlers.messages import File

SIZE_LIMIT = 10 * 1024 * 1024  # bytes ("新增临时素材": image)
_KINDS = frozenset({"image/jpeg", "image/png", "image/gif"})  # likewise
_KEPT = timedelta(days=2)
_MOST = 256  # pictures that are remembered


class Pictures:
    """Files are stored by what they hold: the same path is the same picture."""

    def __init__(self, api: WeChatApi, clock: Callable[[], datetime]) -> None:
        self._api, self._clock = api, clock
        self._uploaded: dict[str, tuple[str, datetime]] = {}
        self._one_at_a_time = WeakValueDictionary[str, asyncio.Lock]()

    async def media_id(self, file: File) -> str:
        """Its media id; empty for a file that WeChat does not take as a picture. Raises as WeChatApi, and OSError."""
        if file.media_type not in _KINDS:
            return ""
        lock = self._one_at_a_time.setdefault(file.path, asyncio.Lock())
        async with lock:
            media_id, until = self._uploaded.get(file.path, ("", self._clock()))
            if self._clock() >= until:
                media_id = await self._upload(file)
                self._remember(file, media_id)
        return media_id

    def forget(self, file: File) -> None:
        """WeChat does not have it any more."""
        self._uploaded.pop(file.path, None)

    def _remember(self, file: File, media_id: str) -> None:
        self._uploaded[file.path] = media_id, self._clock() + _KEPT
        if len(self._uploaded) > _MOST:
            del self._uploaded[next(iter(self._uploaded))]

    async def _upload(self, file: File) -> str:
        content = await asyncio.to_thread(Path(file.path).read_bytes)
        if len(content) > SIZE_LIMIT:
            return ""
        try:
            return await self._api.upload_image(content, file.name)
        except WeChatError as error:
            if error.code not in NO_PICTURE:
                raise
            return ""
