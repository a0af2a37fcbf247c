"""A Bot API that answers at once: all of aiogram's own work on a request, without a network."""

from typing import cast

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.methods.base import TelegramMethod, TelegramType
from typing_extensions import override

TOKEN = "42:benchmark"
ANSWER = """{"ok": true, "result": {"message_id": 7,
"from": {"id": 42, "is_bot": true, "first_name": "\\u6c11\\u58f0", "username": "minsheng_bot"},
"chat": {"id": 1000000001, "first_name": "\\u5c45\\u6c11", "type": "private"},
"date": 1756656000, "text": "\\u8bf7\\u63cf\\u8ff0\\u8fd9\\u4ef6\\u4e8b\\u3002"}}"""


class StubSession(AiohttpSession):
    """Builds and encodes each request's form, then parses a canned message as the answer."""

    @override
    async def make_request(
        self, bot: Bot, method: TelegramMethod[TelegramType], timeout: int | None = None
    ) -> TelegramType:
        self.build_form_data(bot, method)()
        response = self.check_response(bot, method, status_code=200, content=ANSWER)
        return cast(TelegramType, response.result)
