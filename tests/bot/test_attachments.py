"""Files are fetched right after their messages, checked and kept, or told of; ours are made when they are sent."""

import asyncio
import json
import os
import shutil
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot import attachments as module
from bot.attachments import FileKeeper, NotReady
from bot.channels.base import FetchRefused
from handlers.messages import Attachment, File, Kind
from scheduler.jobs.tidy_files import tidy_files
from storage.attachments import ATTEMPTS, Attachments, Kept, State, pause_after
from storage.database import transaction
from storage.tables import attachments
from tests.conversing import Person, joined
from tests.office import Office, open_office, until

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

JPEG = b"\xff\xd8\xff\xe0 invented"
OGG = b"OggS invented"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


@pytest.fixture
async def keeper(office: Office) -> AsyncIterator[FileKeeper]:
    keeper = office.keeper(size_limit=1_000)
    keeper.start()
    yield keeper
    await keeper.stop()


def sends(
    office: Office, content: bytes | Exception, kind: Kind = Kind.PHOTO, name: str = "", size: int | None = None
) -> Person:
    """A resident sends a file."""
    resident = office.town.person("resident")
    platform_id = f"p{len(office.platform.files)}"
    office.platform.files[platform_id] = content
    resident.does(resident.message(kind, attachments=(Attachment(kind, platform_id, name, size=size),)))
    return resident


def kept(office: Office, position: int = 0) -> Kept:
    with transaction(office.town.engine) as unit:
        ids = unit.read(select(attachments.c.id).order_by(attachments.c.id)).scalars().all()
        found = Attachments(unit, office.town.now).get(ids[position])
    assert found
    return found


def content(file: File | None) -> bytes:
    assert file
    return Path(file.path).read_bytes()


async def settled(office: Office, keeper: FileKeeper, position: int = 0) -> Kept:
    keeper.wake()
    await until(lambda: kept(office, position).state is not State.WANTED)
    return kept(office, position)


async def test_a_photo_is_fetched_right_after_its_message(office: Office, keeper: FileKeeper) -> None:
    sends(office, JPEG)
    file = await settled(office, keeper)
    assert (file.state, file.size, file.media_type) == (State.STORED, len(JPEG), "image/jpeg")
    ready = await keeper.ready(file.id)
    assert ready
    assert content(ready) == JPEG
    assert ready.media_type == "image/jpeg"


async def test_what_came_before_the_start_is_fetched_at_the_start(office: Office) -> None:
    sends(office, JPEG)
    keeper = office.keeper()
    keeper.start()
    await until(lambda: kept(office).state is State.STORED)
    await keeper.stop()


async def test_the_same_content_is_kept_once(office: Office, keeper: FileKeeper) -> None:
    sends(office, JPEG)
    sends(office, JPEG)
    first, second = await settled(office, keeper), await settled(office, keeper, 1)
    assert first.digest == second.digest
    assert len([path for path in (office.folder / "files").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize(
    ("content", "kind", "name", "size", "failure", "told"),
    [
        (b"MZ\x90 program", Kind.PHOTO, "", None, "unknown", "这种格式收不了"),
        (OGG, Kind.PHOTO, "", None, "not_a_picture", "照片没有收下：内容不是照片"),
        (JPEG, Kind.VOICE, "", None, "not_a_sound", "语音没有收下：内容不是录音"),
        (JPEG, Kind.DOCUMENT, "规划.pdf", None, "misnamed", "和文件名对不上"),
        (b"\xff\xd8\xff" + b"." * 1_000, Kind.PHOTO, "", None, "too_large", "太大了"),
        (JPEG, Kind.PHOTO, "", 1_001, "too_large", "太大了"),
        (b"", Kind.PHOTO, "", None, "empty", "空的"),
        (FetchRefused("file expired"), Kind.PHOTO, "", None, "gone", "过期"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isascii() else "",
)
@sqlite_only
async def test_a_file_that_is_not_taken_is_told_of_once(
    office: Office,
    keeper: FileKeeper,
    content: bytes | Exception,
    kind: Kind,
    name: str,
    size: int | None,
    failure: str,
    told: str,
) -> None:
    resident = sends(office, content, kind, name, size)
    file = await settled(office, keeper)
    assert (file.state, file.failure, file.digest) == (State.REFUSED, failure, None)
    [sentence] = resident.reads()[-1:]
    assert told in sentence
    assert [[channel for channel, _ in done.mail] for done in office.done] == [["tap"]]
    assert await keeper.ready(file.id) is None


async def one_try(office: Office) -> None:
    keeper = office.keeper()
    before = len(office.platform.asked)
    keeper.start()
    await until(lambda: len(office.platform.asked) > before and not keeper.busy)
    await keeper.stop()


async def test_a_platform_that_is_down_is_asked_again_and_again(office: Office) -> None:
    """No keeper runs in between: what is to be done stands in the database."""
    resident = sends(office, ConnectionError("down"))
    for attempt in range(1, ATTEMPTS + 1):
        await one_try(office)
        assert kept(office).failure == "ConnectionError"
        assert len(office.platform.asked) == attempt
        office.town.now += pause_after(attempt) or timedelta(0)
    assert kept(office).state is State.FAILED
    assert "一直没能取到" in joined(resident.reads())


async def test_a_platform_that_is_back_gives_the_file(office: Office, keeper: FileKeeper) -> None:
    sends(office, ConnectionError("down"))
    keeper.wake()
    await until(lambda: bool(kept(office).failure))
    office.platform.files["p0"] = JPEG
    office.town.passes(hours=1)
    assert (await settled(office, keeper)).state is State.STORED


@sqlite_only
async def test_the_next_try_is_waited_for_without_anybody_waking(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.attachments.FIRST_PAUSE", timedelta(milliseconds=20))
    sends(office, ConnectionError("down"))
    keeper = office.keeper(clock=lambda: datetime.now(UTC))
    keeper.start()
    await until(lambda: bool(kept(office).failure))
    office.platform.files["p0"] = JPEG
    await until(lambda: kept(office).state is State.STORED)
    await keeper.stop()


@sqlite_only
async def test_a_fault_of_ours_leaves_the_file_to_be_fetched_again(
    office: Office, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fault(*_: object) -> None:
        raise ArithmeticError("身份证.jpg")

    monkeypatch.setattr(Attachments, "stored", fault)
    sends(office, JPEG, Kind.DOCUMENT, "身份证.jpg")
    await one_try(office)
    told = capsys.readouterr().out
    assert "ArithmeticError" in told
    assert "身份证" not in told
    monkeypatch.undo()
    office.town.now += module.LEASE
    await one_try(office)
    assert kept(office).state is State.STORED


@sqlite_only
async def test_a_platform_that_never_answers_holds_nobody_up_for_long(
    office: Office, keeper: FileKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FETCH_WITHIN", 0.01)
    office.platform.gate.clear()
    sends(office, JPEG)
    keeper.wake()
    await until(lambda: bool(kept(office).failure))
    assert kept(office).failure == "TimeoutError"
    assert kept(office).state is State.WANTED


@sqlite_only
async def test_only_a_few_are_fetched_at_once(office: Office, keeper: FileKeeper) -> None:
    office.platform.gate.clear()
    for _ in range(10):
        sends(office, JPEG)
    keeper.wake()
    await until(lambda: len(office.platform.asked) == module.FETCHES_AT_ONCE)
    await asyncio.sleep(0)
    assert len(office.platform.asked) == module.FETCHES_AT_ONCE
    office.platform.gate.set()
    await until(lambda: all(kept(office, at).state is State.STORED for at in range(10)))
    assert len(office.platform.asked) == 10


async def test_two_replicas_fetch_a_file_once(office: Office, keeper: FileKeeper) -> None:
    other = office.keeper()
    other.start()
    for _ in range(6):
        sends(office, JPEG)
        keeper.wake()
        other.wake()
    await until(lambda: all(kept(office, at).state is State.STORED for at in range(6)))
    await other.stop()
    assert sorted(office.platform.asked) == [f"p{at}" for at in range(6)]


async def test_a_stop_gives_back_what_is_being_fetched(office: Office) -> None:
    office.platform.gate.clear()
    sends(office, JPEG)
    keeper = office.keeper()
    keeper.start()
    await until(lambda: bool(office.platform.asked))
    await keeper.stop()
    assert (kept(office).state, kept(office).failure) == (State.WANTED, "")
    office.platform.gate.set()
    after = office.keeper()
    after.start()
    await until(lambda: kept(office).state is State.STORED)
    await after.stop()


async def test_a_file_of_somebody_forgotten_meanwhile_is_not_kept(office: Office, keeper: FileKeeper) -> None:
    office.platform.gate.clear()
    resident = sends(office, JPEG)
    keeper.wake()
    await until(lambda: bool(office.platform.asked))
    resident.says("取消", "设置")
    resident.taps("忘记我")
    resident.says("是")
    office.platform.gate.set()
    await until(lambda: not keeper.busy)
    assert (kept(office).state, kept(office).digest) == (State.FORGOTTEN, None)


# --- what we send


async def test_our_file_is_made_when_it_is_sent_and_only_once(office: Office, keeper: FileKeeper) -> None:
    office.clerk.says("设置")
    office.clerk.taps("导出我的数据")
    file = kept(office)
    assert (file.state, file.is_made) == (State.WANTED, True)
    first, second = await asyncio.gather(keeper.ready(file.id), keeper.ready(file.id))
    assert first
    assert first == second == await keeper.ready(file.id)
    assert (first.name, first.media_type) == ("minsheng.json", "application/json")
    assert json.loads(content(first))["我"]["姓名"] == "王芳"
    assert kept(office).state is State.STORED


async def test_a_file_of_ours_that_is_gone_is_made_anew(office: Office, keeper: FileKeeper) -> None:
    office.clerk.says("设置")
    office.clerk.taps("导出我的数据")
    assert await keeper.ready(kept(office).id)
    shutil.rmtree(office.folder / "files")
    assert "王芳" in content(await keeper.ready(kept(office).id)).decode()


async def test_who_no_longer_waits_does_not_stop_the_making(
    office: Office, keeper: FileKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.clerk.says("设置")
    office.clerk.taps("导出我的数据")
    making = threading.Event()
    write = keeper._write

    def slowly(recipe: object) -> tuple[str, int]:
        making.wait(10)
        return write(recipe)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(keeper, "_write", slowly)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await keeper.ready(kept(office).id)
    making.set()
    assert await keeper.ready(kept(office).id)


@sqlite_only
async def test_a_stop_says_that_a_file_is_not_ready(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.clerk.says("设置")
    office.clerk.taps("导出我的数据")
    keeper = office.keeper()
    making = threading.Event()
    monkeypatch.setattr(keeper, "_write", lambda _: making.wait(10))
    waiting = asyncio.create_task(keeper.ready(kept(office).id))
    await until(lambda: keeper.busy)
    await keeper.stop()
    making.set()
    with pytest.raises(NotReady):
        await waiting


@sqlite_only
async def test_nothing_is_ready_of_what_is_not_there(office: Office, keeper: FileKeeper) -> None:
    assert await keeper.ready(99) is None
    office.platform.gate.clear()
    sends(office, JPEG)
    assert await keeper.ready(kept(office).id) is None


# --- forget me


@sqlite_only
async def test_forget_me_removes_the_content_that_nobody_else_sent(office: Office, keeper: FileKeeper) -> None:
    resident = sends(office, JPEG)
    sends(office, OGG, Kind.VOICE)
    neighbour = office.town.person("neighbour")
    office.platform.files["n1"] = OGG
    neighbour.does(neighbour.message(Kind.VOICE, attachments=(Attachment(Kind.VOICE, "n1"),)))
    files = [await settled(office, keeper, at) for at in range(3)]
    photo, voice = (file.digest or "" for file in files[:2])
    resident.says("取消", "设置")
    resident.taps("忘记我")
    resident.says("是")
    for digest in (photo, voice):
        os.utime(keeper.store.path(digest), (0, 0))
    job = tidy_files(keeper.store)
    while await office.do(lambda unit: job.step(unit, office.town.now)):
        pass
    assert not keeper.store.has(photo)
    assert keeper.store.has(voice)
    assert kept(office).state is State.FORGOTTEN
