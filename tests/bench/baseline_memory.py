"""Baseline: the conversation in aiogram with its memory storage. Nothing is kept on disk."""

from collections.abc import Sequence
from functools import partial

from aiogram import Bot, Dispatcher
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import Message, ReplyKeyboardRemove

from tests.bench import questions
from tests.bench.feeding import feed
from tests.bench.figures import Figures
from tests.bench.stub_session import TOKEN, StubSession


async def confirm(message: Message, state: FSMContext) -> None:
    await state.clear()
    await message.answer("谢谢!建议已收到。", reply_markup=ReplyKeyboardRemove())


async def run(
    updates: Sequence[bytes], parallel: int, _database_url: str | None, _redis_url: str | None, untimed: int = 0
) -> Figures:
    """Handle `updates`, `parallel` people at a time. It keeps nothing, so both URLs are ignored."""
    dispatcher = Dispatcher(storage=MemoryStorage())
    dispatcher.include_router(questions.router(confirm))
    async with Bot(TOKEN, session=StubSession()) as bot:
        watch = await feed(updates, parallel, partial(questions.take_update, dispatcher, bot), untimed)
        return watch.figures(len(updates) - untimed)
