"""What the bot says, and what Telegram makes of it."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bot.channels.base import Failure, NotSent, Outcome, Sent
from bot.channels.telegram_api import ApiError, BotApi
from bot.channels.telegram_drivers import driver_for
from bot.channels.telegram_outbound import CALLBACK_DATA_LIMIT, TelegramSender, keyboard
from bot.channels.telegram_settings import TelegramDriver, TelegramSettings
from handlers.messages import Choice, Earlier, File, Outbound
from tests.bot_api import TOKEN, BotApiStandIn, Person, faults
from tests.bot_api.errors import ApiError as Refusal
from tests.bot_api.errors import bad_request
from tests.bot_api.files import small_photo

NOW = datetime(2026, 9, 1, 9, tzinfo=UTC)
RESIDENT = 8001


@pytest.fixture
def platform() -> Iterator[BotApiStandIn]:
    with BotApiStandIn() as stand_in:
        yield stand_in
        assert stand_in.violations == []


@pytest.fixture(params=list(TelegramDriver))
async def api(request: pytest.FixtureRequest, platform: BotApiStandIn) -> AsyncIterator[BotApi]:
    driver = driver_for(TelegramSettings(TOKEN, request.param, platform.base_url))
    yield driver
    await driver.close()


@pytest.fixture
def resident(platform: BotApiStandIn) -> Person:
    return platform.person(RESIDENT)


async def send(
    api: BotApi,
    text: str = "好",
    *choices: Choice,
    file: File | None = None,
    address: str = str(RESIDENT),
    edits: Earlier | None = None,
) -> Outcome:
    sender = TelegramSender(api, lambda: NOW, timeout=10.0)
    return await sender.send(Outbound("telegram", address, "k", text, choices, file, edits=edits))


def stored(folder: Path, content: bytes, name: str, media_type: str) -> File:
    path = folder / "stored"
    path.write_bytes(content)
    return File(str(path), name, media_type)


def picture(width: int, height: int) -> bytes:
    buffer = BytesIO()
    Image.new("1", (width, height)).save(buffer, "PNG")
    return buffer.getvalue()


async def test_a_text_is_sent_plain_and_without_a_preview(
    api: BotApi, platform: BotApiStandIn, resident: Person
) -> None:
    outcome = await send(api, "<b>看</b> https://example.org")
    assert outcome == Sent(str(resident.inbox[0].message_id))
    parameters = platform.calls("sendMessage")[0].parameters
    assert "parse_mode" not in parameters
    assert '"is_disabled":true' in str(parameters["link_preview_options"]).replace(" ", "")


REFUSALS = {
    "flood": (
        Refusal(429, "Too Many Requests", retry_after=7),
        NotSent(Failure.PAUSED, "429", NOW + timedelta(seconds=7)),
    ),
    "flood, for how long it does not say": (
        Refusal(429, "Too Many Requests"),
        NotSent(Failure.PAUSED, "429", NOW + timedelta(seconds=5)),
    ),
    "blocked": (Refusal(403, "Forbidden: bot was blocked by the user"), NotSent(Failure.UNREACHABLE, "403")),
    "never there": (Refusal(403, "Forbidden: bot can't initiate"), NotSent(Failure.UNREACHABLE, "403")),
    "no such chat": (bad_request("chat not found"), NotSent(Failure.UNREACHABLE, "400")),
    "deleted": (bad_request("user is deactivated"), NotSent(Failure.UNREACHABLE, "400")),
    "moved": (
        bad_request("group chat was upgraded", migrate_to_chat_id=-1009),
        NotSent(Failure.RETRY, "400", moved_to="-1009"),
    ),
    "revoked token": (Refusal(401, "Unauthorized"), NotSent(Failure.MISCONFIGURED, "401")),
    "unknown token": (Refusal(404, "Not Found"), NotSent(Failure.MISCONFIGURED, "404")),
    "strange text": (bad_request("message text is strange"), NotSent(Failure.REFUSED, "400")),
    "too large": (Refusal(413, "Request Entity Too Large"), NotSent(Failure.REFUSED, "413")),
    "another poller": (Refusal(409, "Conflict"), NotSent(Failure.RETRY, "409")),
    "restart": (Refusal(500, "Internal Server Error: restart"), NotSent(Failure.RETRY, "500")),
    "overload": (Refusal(503, "Service Unavailable"), NotSent(Failure.RETRY, "503")),
}


@pytest.mark.parametrize(("refusal", "outcome"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_every_refusal_has_its_kind(
    api: BotApi, platform: BotApiStandIn, resident: Person, refusal: Refusal, outcome: NotSent
) -> None:
    platform.faults.add(faults.refuses(refusal), chat=resident.id)
    assert await send(api) == outcome


@pytest.mark.parametrize("address", ["", "web:7", "٧x", "1e3"])
async def test_an_address_that_is_none_is_refused(api: BotApi, address: str) -> None:
    assert await send(api, address=address) == NotSent(Failure.REFUSED, "ValueError")


async def test_nobody_there_is_unreachable(api: BotApi) -> None:
    assert await send(api, address="99") == NotSent(Failure.UNREACHABLE, "400")


@pytest.mark.parametrize(("text", "label"), [("路灯\ud83d坏了", "1 好"), ("路灯", "1 \ude00")], ids=ascii)
async def test_half_an_emoji_is_refused(api: BotApi, platform: BotApiStandIn, text: str, label: str) -> None:
    assert await send(api, text, Choice("a.0", label)) == NotSent(Failure.REFUSED, "UnicodeEncodeError")
    assert platform.calls() == []


async def test_a_caption_too_long_follows_as_a_text_with_the_buttons(
    api: BotApi, resident: Person, tmp_path: Path
) -> None:
    text = "路" * 1025
    file = stored(tmp_path, b"PK", "台账.xlsx", "application/zip")
    assert isinstance(await send(api, text, Choice("a.0", "1 好"), file=file), Sent)
    assert [(one.kind, one.text, len(one.buttons)) for one in resident.inbox] == [
        ("document", "", 0),
        ("text", text, 1),
    ]


async def test_a_picture_that_is_no_photo_to_telegram_goes_as_a_file(
    api: BotApi, platform: BotApiStandIn, resident: Person, tmp_path: Path
) -> None:
    file = stored(tmp_path, picture(9000, 1500), "plan.png", "image/png")
    platform.faults.add(faults.bad("PHOTO_INVALID_DIMENSIONS"), method="sendPhoto")
    assert isinstance(await send(api, "规划图", Choice("a.0", "1 好"), file=file), Sent)
    assert [(one.kind, one.text, one.file_name, len(one.buttons)) for one in resident.inbox] == [
        ("document", "规划图", "plan.png", 1)
    ]


async def test_a_refused_picture_is_not_sent_as_a_file_to_who_has_blocked_us(
    api: BotApi, platform: BotApiStandIn, resident: Person, tmp_path: Path
) -> None:
    resident.blocks_bot()
    outcome = await send(api, file=stored(tmp_path, small_photo(), "grid.jpg", "image/jpeg"))
    assert outcome == NotSent(Failure.UNREACHABLE, "403")
    assert platform.calls("sendDocument") == []


async def test_a_file_that_is_gone_is_refused_and_a_folder_is_tried_again(api: BotApi, tmp_path: Path) -> None:
    gone = File(str(tmp_path / "gone"), "a.pdf", "application/pdf")
    assert await send(api, file=gone) == NotSent(Failure.REFUSED, "file missing")
    folder = File(str(tmp_path), "a.pdf", "application/pdf")
    assert await send(api, file=folder) == NotSent(Failure.RETRY, "IsADirectoryError")


@pytest.mark.parametrize("name", ['台账".xlsx', "台账\r\nX-Evil: 1.xlsx", "../台账.xlsx", "台账.xlsx"])
async def test_a_name_cannot_break_out_of_its_place(api: BotApi, resident: Person, tmp_path: Path, name: str) -> None:
    assert isinstance(await send(api, file=stored(tmp_path, b"PK", name, "application/zip")), Sent)
    assert resident.inbox[0].file_name.endswith(".xlsx")
    assert not set(resident.inbox[0].file_name) & set('"/\\\r\n')


async def test_a_platform_that_is_away_is_tried_again(api: BotApi, platform: BotApiStandIn) -> None:
    platform.stop()
    outcome = await send(api)
    platform.start()
    assert isinstance(outcome, NotSent)
    assert outcome.failure is Failure.RETRY


async def test_it_sends_again_after_it_let_go(api: BotApi, resident: Person) -> None:
    for text in ("一", "二"):
        assert isinstance(await send(api, text), Sent)
        await api.close()
    assert [one.text for one in resident.inbox] == ["一", "二"]


# --- changes


async def said(api: BotApi, text: str, *choices: Choice, file: File | None = None) -> Earlier:
    outcome = await send(api, text, *choices, file=file)
    assert isinstance(outcome, Sent)
    return Earlier(1, outcome.platform_id, file is not None)


async def test_a_change_bears_the_number_of_what_it_changed(
    api: BotApi, platform: BotApiStandIn, resident: Person
) -> None:
    earlier = await said(api, "周三 www.example.org", Choice("a.0", "1 好"))
    assert await send(api, "周四 www.example.org", Choice("a.1", "2 好"), edits=earlier) == Sent(earlier.platform_id)
    (shown,) = resident.inbox
    assert (shown.text, [button.data for button in shown.buttons]) == ("周四 www.example.org", ["a.1"])
    parameters = platform.calls("editMessageText")[0].parameters
    assert '"is_disabled":true' in str(parameters["link_preview_options"]).replace(" ", "")


REFUSED_EDITS = [
    "message to edit not found",
    "message can't be edited",
    "MESSAGE_ID_INVALID",
    "MESSAGE_EDIT_TIME_EXPIRED",
    "there is no text in the message to edit",
]


@pytest.mark.parametrize("why", REFUSED_EDITS)
async def test_a_refused_change_is_sent_as_one_more(
    api: BotApi, platform: BotApiStandIn, resident: Person, why: str
) -> None:
    earlier = await said(api, "周三")
    platform.faults.add(faults.bad(why), method="editMessageText")
    outcome = await send(api, "周四", Choice("a.0", "1 好"), edits=earlier)
    assert outcome == Sent(str(resident.inbox[-1].message_id))
    assert [(one.text, len(one.buttons)) for one in resident.inbox] == [("周三", 0), ("周四", 1)]


@pytest.mark.parametrize(("refusal", "outcome"), REFUSALS.values(), ids=REFUSALS.keys())
async def test_what_is_in_the_way_of_a_change_is_in_the_way_of_the_message(
    api: BotApi, platform: BotApiStandIn, resident: Person, refusal: Refusal, outcome: NotSent
) -> None:
    earlier = await said(api, "周三")
    platform.faults.add(faults.refuses(refusal), method="editMessageText", chat=resident.id)
    platform.faults.add(faults.refuses(refusal), method="sendMessage", chat=resident.id)
    assert await send(api, "周四", edits=earlier) == outcome


async def test_a_change_whose_answer_was_lost_is_made_once(
    api: BotApi, platform: BotApiStandIn, resident: Person
) -> None:
    earlier = await said(api, "周三")
    platform.faults.add(faults.drops_after(), method="editMessageText")
    lost = await send(api, "周四", Choice("a.0", "1 好"), edits=earlier)
    assert isinstance(lost, NotSent)
    assert lost.failure is Failure.RETRY
    assert await send(api, "周四", Choice("a.0", "1 好"), edits=earlier) == Sent(earlier.platform_id)
    assert [one.text for one in resident.inbox] == ["周四"]


@pytest.mark.parametrize("platform_id", ["", "路灯", "-1", "٣x", "12 ", "²"])
async def test_what_has_no_number_is_sent_as_one_more(
    api: BotApi, platform: BotApiStandIn, resident: Person, platform_id: str
) -> None:
    assert isinstance(await send(api, "周四", edits=Earlier(1, platform_id)), Sent)
    assert [one.text for one in resident.inbox] == ["周四"]
    assert platform.calls("editMessageText") == []


async def test_words_too_long_for_a_caption_are_sent_as_one_more(api: BotApi, resident: Person, tmp_path: Path) -> None:
    earlier = await said(api, "周三", file=stored(tmp_path, small_photo(), "day.jpg", "image/jpeg"))
    long = "周四" * 513
    assert isinstance(await send(api, long, edits=earlier), Sent)
    assert [(one.kind, one.text) for one in resident.inbox] == [("photo", "周三"), ("text", long)]


async def test_a_file_with_words_too_long_for_a_caption_is_sent_as_two_more(
    api: BotApi, resident: Person, tmp_path: Path
) -> None:
    earlier, long = await said(api, "周三"), "周四" * 513
    file = stored(tmp_path, b"PK", "台账.xlsx", "application/zip")
    assert isinstance(await send(api, long, file=file, edits=earlier), Sent)
    assert [(one.kind, one.text) for one in resident.inbox] == [("text", "周三"), ("document", ""), ("text", long)]


@pytest.mark.parametrize("then", ["周四", "周四" * 513], ids=["short", "long"])
async def test_the_text_that_followed_a_file_is_changed_in_its_place(
    api: BotApi, resident: Person, tmp_path: Path, then: str
) -> None:
    earlier = await said(api, "周三" * 513, file=stored(tmp_path, b"PK", "台账.xlsx", "application/zip"))
    assert await send(api, then, edits=earlier) == Sent(earlier.platform_id)
    assert [(one.kind, one.text) for one in resident.inbox] == [("document", ""), ("text", then)]


async def test_a_picture_that_is_no_photo_to_telegram_takes_the_place_as_a_file(
    api: BotApi, platform: BotApiStandIn, resident: Person, tmp_path: Path
) -> None:
    earlier = await said(api, "规划图")
    platform.faults.add(faults.bad("PHOTO_INVALID_DIMENSIONS"), method="editMessageMedia")
    file = stored(tmp_path, picture(9000, 1500), "plan.png", "image/png")
    assert await send(api, "新规划图", file=file, edits=earlier) == Sent(earlier.platform_id)
    assert [(one.kind, one.text, one.file_name) for one in resident.inbox] == [("document", "新规划图", "plan.png")]


# --- buttons

VALUES = st.text(st.characters(codec="utf-8"), min_size=1).filter(
    lambda text: len(text.encode()) <= CALLBACK_DATA_LIMIT
)
CHOICES = st.lists(st.builds(Choice, VALUES, st.text(st.characters(codec="utf-8"))), max_size=40)


@given(CHOICES)
def test_buttons_keep_their_order_and_never_crowd_a_row(choices: list[Choice]) -> None:
    rows = keyboard(choices)
    assert [choice for row in rows for choice in row] == choices
    assert all(1 <= len(row) <= 4 for row in rows)
    assert len({len(row) for row in rows[:-1]}) <= 1, "all rows but the last are alike"
    for row in rows:
        assert len(row) == 1 or sum(2 * len(choice.label.encode("utf-32-le")) // 8 for choice in row) <= 36


@given(st.text(st.characters(codec="utf-8")).filter(lambda text: not 1 <= len(text.encode()) <= CALLBACK_DATA_LIMIT))
def test_a_value_that_no_button_can_carry_is_not_sent(value: str) -> None:
    with pytest.raises(ValueError, match="64 bytes"):
        keyboard([Choice("a.0", "1 好"), Choice(value, "2 不好")])


async def test_such_a_value_is_refused_and_not_cut(api: BotApi, platform: BotApiStandIn) -> None:
    assert await send(api, "哪个?", Choice("路" * 22, "1 好")) == NotSent(Failure.REFUSED, "ValueError")
    assert platform.calls() == []


@pytest.mark.parametrize(
    ("labels", "rows"),
    [
        (["1 是", "2 否"], [2]),
        (["1 是", "2 否", "3 跳过", "4 取消", "5 返回"], [3, 2]),
        (["1 东村第一网格", "2 东村第二网格", "3 东村第三网格"], [2, 1]),
        (["1 是", "2 不是,我想先看看别的建议都说了些什么"], [1, 1]),
        ([], []),
    ],
    ids=str,
)
def test_short_labels_stand_side_by_side(labels: list[str], rows: list[int]) -> None:
    choices = [Choice(f"a.{position}", label) for position, label in enumerate(labels)]
    assert [len(row) for row in keyboard(choices)] == rows


def test_an_error_shows_no_more_than_its_code() -> None:
    assert str(ApiError(400, "Bad Request: 路灯坏了")) == "400"
