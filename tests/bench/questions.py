"""The five questions as aiogram handlers, which both aiogram baselines share."""

import json
from collections.abc import Awaitable, Callable

from aiogram import Bot, Dispatcher, F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import (
    KeyboardButton,
    Location,
    Message,
    PhotoSize,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
    Update,
)

from tests.bench.traffic import CONFIRMED

LOCATION_KEYBOARD = ReplyKeyboardMarkup(
    keyboard=[[KeyboardButton(text="发送位置", request_location=True)]], resize_keyboard=True
)
CONFIRM_KEYBOARD = ReplyKeyboardMarkup(
    keyboard=[[KeyboardButton(text=CONFIRMED), KeyboardButton(text="取消")]], resize_keyboard=True
)


class Answers(StatesGroup):
    """What the person is being asked for."""

    topic = State()
    text = State()
    location = State()
    photo = State()
    confirm = State()


async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(Answers.topic)
    await message.answer("您想反映哪方面的事?")


async def take_topic(message: Message, state: FSMContext, topic: str) -> None:
    await state.update_data(topic=topic)
    await state.set_state(Answers.text)
    await message.answer("请具体说说这件事。")


async def take_text(message: Message, state: FSMContext, text: str) -> None:
    await state.update_data(text=text)
    await state.set_state(Answers.location)
    await message.answer("在哪里?请发送位置。", reply_markup=LOCATION_KEYBOARD)


async def take_location(message: Message, state: FSMContext, location: Location) -> None:
    await state.update_data(latitude=location.latitude, longitude=location.longitude)
    await state.set_state(Answers.photo)
    await message.answer("请发一张照片。", reply_markup=ReplyKeyboardRemove())


async def take_photo(message: Message, state: FSMContext, photo: PhotoSize) -> None:
    answers = await state.update_data(photo=photo.file_id)
    await state.set_state(Answers.confirm)
    summary = f"您的建议:\n{answers['topic']}\n{answers['text']}\n有位置，有照片。提交吗?"
    await message.answer(summary, reply_markup=CONFIRM_KEYBOARD)


async def cancel(message: Message, state: FSMContext) -> None:
    await state.clear()
    await message.answer("已取消。", reply_markup=ReplyKeyboardRemove())


async def not_understood(message: Message) -> None:
    await message.answer("没看懂。请按提示回答，或发送 /suggest 提建议。")


def router(confirm: Callable[..., Awaitable[None]]) -> Router:
    """The conversation, ending in `confirm`. A new one each time: a router serves one dispatcher."""
    conversation = Router()
    register = conversation.message.register
    register(begin, Command("suggest"))
    register(take_topic, Answers.topic, F.text.as_("topic"))
    register(take_text, Answers.text, F.text.as_("text"))
    register(take_location, Answers.location, F.location.as_("location"))
    register(take_photo, Answers.photo, F.photo[-1].as_("photo"))
    register(confirm, Answers.confirm, F.text == CONFIRMED)
    register(cancel, Answers.confirm, F.text == "取消")
    register(not_understood)
    return conversation


async def take_update(dispatcher: Dispatcher, bot: Bot, update: bytes) -> None:
    """One turn: parse the update's JSON as aiogram's webhook does, and handle it."""
    parsed = Update.model_validate(json.loads(update), context={"bot": bot})
    await dispatcher.feed_update(bot, parsed)
