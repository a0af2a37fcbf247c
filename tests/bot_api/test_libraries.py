"""Both Telegram libraries, unmodified, against the stand-in: each is a second opinion on it."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from types import ModuleType
from typing import Any

import aiogram
import aiogram.exceptions
import aiogram.types
import pytest
import telegram
import telegram.error
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from tests.bot_api import BotApiStandIn, Person, faults
from tests.bot_api.conftest import RESIDENT
from tests.bot_api.files import small_photo
from tests.bot_api.methods import METHODS, Method

UNDOCUMENTED = {"allow_sending_without_reply", "disable_web_page_preview", "reply_to_message_id"}


@dataclass
class Peer:
    """A library's bot; the two name most things alike, and here is what they do not."""

    library: str
    bot: Any
    types: ModuleType
    file: Callable[[bytes, str], Any]
    download: Callable[[str], Awaitable[bytes]]

    def keyboard(self, *buttons: tuple[str, str]) -> Any:
        row = [self.types.InlineKeyboardButton(text=text, callback_data=data) for text, data in buttons]
        return self.types.InlineKeyboardMarkup(inline_keyboard=[row])


def aiogram_peer(stand_in: BotApiStandIn) -> Peer:
    api = TelegramAPIServer.from_base(stand_in.base_url)
    bot = aiogram.Bot(stand_in.token, session=AiohttpSession(api=api))

    async def download(file_id: str) -> bytes:
        fetched = await bot.download(file_id)
        assert fetched is not None
        return fetched.read()

    return Peer("aiogram", bot, aiogram.types, aiogram.types.BufferedInputFile, download)


def ptb_peer(stand_in: BotApiStandIn) -> Peer:
    base = stand_in.base_url
    bot = telegram.Bot(stand_in.token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot")

    async def download(file_id: str) -> bytes:
        return bytes(await (await bot.get_file(file_id)).download_as_bytearray())

    def file(content: bytes, name: str) -> telegram.InputFile:
        return telegram.InputFile(content, name, attach=True)

    return Peer("ptb", bot, telegram, file, download)


@pytest.fixture
async def aiogram_library(stand_in: BotApiStandIn) -> AsyncIterator[Peer]:
    peer = aiogram_peer(stand_in)
    yield peer
    # The bot's own closing sleeps a quarter of a second for the sake of TLS.
    await (await peer.bot.session.create_session()).close()


@pytest.fixture
async def ptb_library(stand_in: BotApiStandIn, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Peer]:
    # Without it the library warns whenever it is told to wait.
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    peer = ptb_peer(stand_in)
    async with peer.bot:
        yield peer


@pytest.fixture(params=["aiogram", "ptb"])
def peer(request: pytest.FixtureRequest, stand_in: BotApiStandIn) -> Iterator[Peer]:
    library: Peer = request.getfixturevalue(f"{request.param}_library")
    yield library
    assert stand_in.violations == []


async def test_who_am_i(peer: Peer) -> None:
    assert (await peer.bot.get_me()).first_name == "民声"


async def test_texts_and_keyboards_arrive(peer: Peer, resident: Person) -> None:
    sent = [
        await peer.bot.send_message(RESIDENT, "您好😀\n<b>&"),
        await peer.bot.send_message(RESIDENT, "对吗?", reply_markup=peer.keyboard(("是", "yes"), ("不是", "no"))),
    ]
    assert [item.message_id for item in resident.inbox] == [message.message_id for message in sent]
    assert [item.text for item in resident.inbox] == ["您好😀\n<b>&", "对吗?"]
    assert [(button.text, button.data) for button in resident.buttons] == [("是", "yes"), ("不是", "no")]


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("photo", "图.jpg", small_photo()),
        ("document", "台账 (三月); 终.xlsx", b"PK\r\n--\r\n\r\n"),
        ("voice", "a.oga", b"OggS" * 500),
    ],
)
async def test_files_arrive(peer: Peer, resident: Person, kind: str, name: str, content: bytes) -> None:
    send = getattr(peer.bot, f"send_{kind}")
    await send(RESIDENT, peer.file(content, name), caption="说明")
    (received,) = resident.inbox
    assert (received.kind, received.text, received.file) == (kind, "说明", content)
    if kind == "document":
        assert received.file_name == name


async def test_a_known_file_can_be_sent_again(peer: Peer, resident: Person) -> None:
    first = await peer.bot.send_document(RESIDENT, peer.file(b"PK", "a.xlsx"))
    await peer.bot.send_document(RESIDENT, first.document.file_id)
    assert [item.file for item in resident.inbox] == [b"PK", b"PK"]


async def test_albums_arrive(peer: Peer, resident: Person) -> None:
    photos = [small_photo(), small_photo() + b"2", small_photo() + b"3"]
    media = [peer.types.InputMediaPhoto(media=peer.file(photo, "a.jpg")) for photo in photos]
    sent = await peer.bot.send_media_group(RESIDENT, media)
    assert [item.message_id for item in resident.inbox] == [message.message_id for message in sent]
    assert [item.file for item in resident.inbox] == photos
    assert len({item.album for item in resident.inbox} - {None}) == 1


async def test_messages_change_and_go(peer: Peer, resident: Person) -> None:
    sent = await peer.bot.send_message(RESIDENT, "您好", reply_markup=peer.keyboard(("是", "yes")))
    await peer.bot.edit_message_text(text="再见", chat_id=RESIDENT, message_id=sent.message_id)
    assert (resident.inbox[0].text, resident.buttons) == ("再见", [])
    await peer.bot.delete_message(RESIDENT, sent.message_id)
    assert resident.inbox[0].is_deleted


async def test_a_press_comes_and_is_answered(peer: Peer, resident: Person) -> None:
    await peer.bot.send_message(RESIDENT, "对吗?", reply_markup=peer.keyboard(("是", "yes"), ("不是", "no")))
    resident.taps("不是")
    (update,) = await peer.bot.get_updates(timeout=30)
    press = update.callback_query
    assert (press.data, press.message.text, press.from_user.id) == ("no", "对吗?", RESIDENT)
    await peer.bot.answer_callback_query(callback_query_id=press.id, text="知道了", show_alert=True)
    assert [(notice.text, notice.is_alert) for notice in resident.notices] == [("知道了", True)]


async def test_what_people_send_is_understood(peer: Peer, resident: Person) -> None:
    picture = small_photo()
    resident.starts("cell-330105_7")
    resident.sends_location(30.25, 120.125)
    resident.sends_photo(picture, caption="路灯坏了")
    resident.sends_album([picture, 3_000_000], caption="两张")
    resident.sends_voice(b"OggS")
    resident.sends_document("清单.xlsx", b"PK")
    start, place, photo, first, second, voice, document = [
        update.message for update in await peer.bot.get_updates(allowed_updates=["message"])
    ]
    assert start.text == "/start cell-330105_7"
    assert [(entity.type, entity.length) for entity in start.entities] == [("bot_command", 6)]
    assert (place.location.latitude, place.location.longitude) == (30.25, 120.125)
    assert (photo.caption, await peer.download(photo.photo[-1].file_id)) == ("路灯坏了", picture)
    assert first.media_group_id == second.media_group_id is not None
    assert (first.caption, second.caption, second.photo[-1].file_size) == ("两张", None, 3_000_000)
    assert await peer.download(voice.voice.file_id) == b"OggS"
    assert (document.document.file_name, await peer.download(document.document.file_id)) == ("清单.xlsx", b"PK")


async def test_what_people_change_is_understood(stand_in: BotApiStandIn, peer: Peer, resident: Person) -> None:
    number = resident.says("修路")["message"]["message_id"]
    resident.edits(number, "修桥")
    resident.blocks_bot()
    resident.unblocks_bot()
    original, edited, blocked, back = await peer.bot.get_updates()
    assert (original.message.text, edited.edited_message.text) == ("修路", "修桥")
    assert edited.edited_message.message_id == number
    assert edited.edited_message.edit_date
    assert [change.my_chat_member.new_chat_member.status for change in (blocked, back)] == ["kicked", "member"]
    assert len(await peer.bot.get_updates(offset=back.update_id + 1)) == 0
    assert stand_in.waiting_updates == 0


async def test_a_bot_introduces_itself(stand_in: BotApiStandIn, peer: Peer, resident: Person) -> None:
    command = peer.types.BotCommand(command="suggest", description="提建议")
    await peer.bot.set_my_commands([command], scope=peer.types.BotCommandScopeAllPrivateChats(), language_code="zh")
    await peer.bot.set_chat_menu_button(menu_button=peer.types.MenuButtonCommands())
    await peer.bot.send_chat_action(resident.id, "typing")
    assert stand_in.world.commands["all_private_chats", "zh"] == [{"command": "suggest", "description": "提建议"}]
    assert stand_in.world.menu_buttons == {0: {"type": "commands"}}
    assert stand_in.world.actions == [(RESIDENT, "typing")]


async def test_a_webhook_is_set_and_deleted(peer: Peer) -> None:
    await peer.bot.set_webhook("https://example.invalid/telegram", secret_token="s" * 256, allowed_updates=["message"])
    assert (await peer.bot.get_webhook_info()).url == "https://example.invalid/telegram"
    await peer.bot.delete_webhook(drop_pending_updates=True)
    assert (await peer.bot.get_webhook_info()).url == ""


@dataclass(frozen=True)
class Failure:
    """A fault, what each library makes of it, and whether the message arrived all the same."""

    label: str
    effect: faults.Effect
    aiogram: type[Exception]
    ptb: type[Exception]
    arrives: bool = False


FAILURES = (
    Failure(
        "429",
        faults.too_many_requests(7),
        aiogram.exceptions.TelegramRetryAfter,
        telegram.error.RetryAfter,
    ),
    Failure("403", faults.forbids(), aiogram.exceptions.TelegramForbiddenError, telegram.error.Forbidden),
    Failure("400", faults.bad(), aiogram.exceptions.TelegramBadRequest, telegram.error.BadRequest),
    Failure(
        "migration",
        faults.migrates_to(-100),
        aiogram.exceptions.TelegramMigrateToChat,
        telegram.error.ChatMigrated,
    ),
    Failure("409", faults.conflicts(), aiogram.exceptions.TelegramConflictError, telegram.error.Conflict),
    Failure("500", faults.internal_error(), aiogram.exceptions.RestartingTelegram, telegram.error.NetworkError),
    Failure("502", faults.bad_gateway(), aiogram.exceptions.ClientDecodeError, telegram.error.NetworkError),
    Failure(
        "dropped before",
        faults.drops_before(),
        aiogram.exceptions.TelegramNetworkError,
        telegram.error.NetworkError,
    ),
    Failure(
        "dropped after",
        faults.drops_after(),
        aiogram.exceptions.TelegramNetworkError,
        telegram.error.NetworkError,
        arrives=True,
    ),
    Failure(
        "garbled",
        faults.garbles(),
        aiogram.exceptions.ClientDecodeError,
        telegram.error.TelegramError,
        arrives=True,
    ),
)


@pytest.mark.parametrize("failure", FAILURES, ids=lambda failure: failure.label)
async def test_failures_are_understood(stand_in: BotApiStandIn, peer: Peer, resident: Person, failure: Failure) -> None:
    stand_in.faults.add(failure.effect, method="sendMessage")
    with pytest.raises(getattr(failure, peer.library)) as caught:
        await peer.bot.send_message(RESIDENT, "您好")
    assert len(resident.inbox) == failure.arrives
    if failure.label == "429":
        assert getattr(caught.value, "retry_after", None) in (7, timedelta(seconds=7))
    if failure.label == "migration":
        assert (getattr(caught.value, "migrate_to_chat_id", 0) or getattr(caught.value, "new_chat_id", 0)) == -100
    await peer.bot.send_message(RESIDENT, "再来")
    assert resident.inbox[-1].text == "再来"


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_aiogram_knows_the_same_parameters(method: Method) -> None:
    name = method.name[0].upper() + method.name[1:]
    fields = getattr(aiogram.methods, name).model_fields
    assert set(method.parameters) == set(fields) - UNDOCUMENTED
    required = {field for field, description in fields.items() if description.is_required()}
    # Either library leaves to the caller what the platform demands in one of two forms.
    assert required - {"url"} <= set(method.required)


@pytest.mark.parametrize("method", METHODS.values(), ids=lambda method: method.name)
def test_python_telegram_bot_knows_no_others(method: Method) -> None:
    signature = inspect.signature(getattr(telegram.Bot, method.name))
    conveniences = {"self", "api_kwargs", "filename", "contact", "venue", "location", "disable_web_page_preview"}
    timeouts = {name for name in signature.parameters if name.endswith("_timeout")}
    album_caption = {"caption", "parse_mode", "caption_entities"} if method.name == "sendMediaGroup" else set()
    beyond = set(signature.parameters) - conveniences - timeouts - album_caption - UNDOCUMENTED
    assert beyond <= set(method.parameters)
