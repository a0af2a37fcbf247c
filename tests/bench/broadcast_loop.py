"""The loop that bots usually have for telling everybody something, as a process that can be killed.

`python -m tests.bench.broadcast_loop aiogram|ptb API_BASE TOKEN FIRST COUNT`: writes to so many chats, numbered from
FIRST on. As most such loops it keeps no record of whom it has told.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramAPIError, TelegramRetryAfter
from telegram.error import TelegramError
from telegram.ext import AIORateLimiter, ApplicationBuilder

PER_SECOND = 30
TITLE, TEXT = "征集公告", "欢迎提出明年的民生实事项目建议。"


async def with_aiogram(api_base: str, token: str, chats: range) -> None:
    """Thirty at once, then a second's sleep."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(api_base))

    async def tell(bot: Bot, chat: int) -> None:
        try:
            await bot.send_message(chat, f"{TITLE}\n{TEXT}")
        except TelegramRetryAfter as error:
            await asyncio.sleep(error.retry_after)
            await tell(bot, chat)
        except TelegramAPIError:
            pass  # somebody who has blocked the bot must not end the loop

    async with Bot(token, session) as bot:
        for start in range(0, len(chats), PER_SECOND):
            await asyncio.gather(*(tell(bot, chat) for chat in chats[start : start + PER_SECOND]))
            await asyncio.sleep(1)


async def with_ptb(api_base: str, token: str, chats: range) -> None:
    """All at once, through the library's own limiter."""
    limiter = AIORateLimiter(overall_max_rate=PER_SECOND, overall_time_period=1, max_retries=5)
    builder = ApplicationBuilder().token(token).base_url(f"{api_base}/bot").rate_limiter(limiter)
    application = builder.pool_timeout(600).build()

    async def tell(chat: int) -> None:
        with suppress(TelegramError):
            await application.bot.send_message(chat, f"{TITLE}\n{TEXT}")

    async with application:
        await asyncio.gather(*(tell(chat) for chat in chats))


LOOPS: dict[str, Callable[[str, str, range], Awaitable[None]]] = {"aiogram": with_aiogram, "ptb": with_ptb}


async def _main(name: str, api_base: str, token: str, first: str, count: str) -> None:
    await LOOPS[name](api_base, token, range(int(first), int(first) + int(count)))


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
