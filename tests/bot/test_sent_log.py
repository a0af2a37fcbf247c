"""Who is killed between a platform's answer and the commit: what was sent then is not sent again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot import sender, settling
from bot.clock import wall_clock
from bot.sent_log import SentLog, left_behind
from bot.settings import TelegramSettings
from storage.database import reading, transaction
from storage.outbox import Held, Outbox
from storage.tables import accounts
from tests.bot.mailing import Mail, Puppet
from tests.bot.program_stage import TelegramPerson, Township, running, settings_for
from tests.bot_api import TOKEN, BotApiStandIn
from tests.virtual_time import in_virtual_time

ROW, OTHER = Held(7, 70, "token"), Held(8, 80, "another")


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("sent-*.log"))


@contextmanager
def killed(log: SentLog) -> Iterator[None]:
    """After the block its process is dead: the system lets go of its files."""
    yield
    assert log._memory is not None
    log._memory.close()


def test_what_a_dead_process_noted_is_found(tmp_path: Path) -> None:
    log = SentLog(tmp_path)
    with killed(log):
        log.note([(ROW, "m1")])
        log.note([(OTHER, "m2")])
        assert left_behind(tmp_path) == {}, "its writer lives"
    assert left_behind(tmp_path) == {files(tmp_path)[0]: [(ROW, "m1"), (OTHER, "m2")]}


def test_what_is_recorded_is_forgotten(tmp_path: Path) -> None:
    log = SentLog(tmp_path)
    with killed(log):
        log.note([(ROW, "m1")])
        log.note([(OTHER, "m2")])
        log.keep([(OTHER, "m2")])
    assert list(left_behind(tmp_path).values()) == [[(OTHER, "m2")]]


def test_a_polite_end_leaves_nothing_unless_something_is_not_recorded(tmp_path: Path) -> None:
    log = SentLog(tmp_path)
    log.keep(())
    log.close()
    assert files(tmp_path) == [], "who sends nothing needs no file"
    log.note([(ROW, "m1")])
    log.keep(())
    log.close()
    assert files(tmp_path) == []
    log.note([(ROW, "m1")])
    log.close()
    assert list(left_behind(tmp_path).values()) == [[(ROW, "m1")]]


def test_half_a_line_is_passed_over(tmp_path: Path) -> None:
    log = SentLog(tmp_path)
    with killed(log):
        log.note([(ROW, "m1")])
        log._write(b'[8, 80, "an', log._end)
    assert list(left_behind(tmp_path).values()) == [[(ROW, "m1")]]


def test_where_there_is_no_room_left_what_was_noted_stays(tmp_path: Path) -> None:
    log = SentLog(tmp_path)
    many = [(Held(number, 70, "token"), "m" * 100) for number in range(12_000)]
    with killed(log), capture_logs() as logged:
        for row, platform_id in many:
            log.note([(row, platform_id)])
    (found,) = left_behind(tmp_path).values()
    assert 4_000 < len(found) < 12_000
    assert found == many[: len(found)]
    assert {entry["event"] for entry in logged} == {"sent_log_full"}


@given(st.lists(st.integers(0, 12)))
def test_whatever_was_kept_and_noted_is_found(kept: list[int]) -> None:
    """A number is how many of the newest rows are kept of those before."""
    with TemporaryDirectory() as folder:
        log = SentLog(Path(folder))
        log.note([(ROW, "m")])
        noted = [(ROW, "m")]
        for number, count in enumerate(kept):
            row = Held(number, number, "token" * (number % 3))
            log.note([(row, f"m{number}")])
            noted = [*noted, (row, f"m{number}")][-count:] if count else []
            log.keep(noted)
        with killed(log):
            pass
        assert list(left_behind(Path(folder)).values()) == [noted]


def test_a_disk_that_takes_nothing_costs_no_message(tmp_path: Path) -> None:
    log = SentLog(tmp_path / "missing")
    with capture_logs() as logged:
        log.note([(ROW, "m1")])
        log.keep(())
        log.close()
    assert [entry["event"] for entry in logged] == ["sent_log_fault"]
    assert left_behind(tmp_path / "missing") == {}


@in_virtual_time
async def test_a_send_is_noted_until_its_outcome_is_recorded(mail: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    away = True

    def settle(*given: Any) -> None:
        if away:
            raise OperationalError("UPDATE", {}, ConnectionError())
        settling.settle(*given)

    monkeypatch.setattr(sender, "settle", settle)
    channel = Puppet()
    ((_, account),) = mail.post("a", "hello")
    async with mail.replica(channel):
        await asyncio.sleep(1)
        assert channel.texts == ["hello"]
        (line,) = files(mail.folder)[0].read_text().rstrip("\0").splitlines()
        assert f"{account}" in line
        assert "hello" not in line
        away = False
        await asyncio.sleep(5)
        assert mail.states() == {"hello": "sent"}
        assert not files(mail.folder)[0].read_bytes().strip(b"\0")
    assert files(mail.folder) == []


async def test_who_comes_after_a_killed_program_records_what_it_had_sent(
    database_url: str, tmp_path: Path, platform: BotApiStandIn
) -> None:
    township = Township(database_url)
    resident = TelegramPerson(platform, 7001)
    resident.says("你好")
    telegram = TelegramSettings.model_validate(
        {"token": TOKEN, "api_base": platform.base_url, "driver": "ptb", "chat_interval": 0}
    )
    settings = settings_for(tmp_path, township.url, telegram=telegram)
    async with running(settings):
        await resident.hears("这里是民声")
    mail = Mail(township.engine, tmp_path)
    with reading(township.engine) as unit:
        mail.ids["telegram", "7001"] = unit.read(
            select(accounts.c.id).where(accounts.c.channel == "telegram")
        ).scalar_one()
    mail.post("7001", "第一条", "第二条", channel="telegram", at=wall_clock())
    log = SentLog(tmp_path)
    with killed(log), transaction(township.engine) as unit:
        (claimed,) = Outbox(unit, wall_clock()).claim("telegram", 1, timedelta(seconds=30)).rows
        log.note([(claimed, "m1")])
    async with running(settings):
        await resident.hears("第二条")
    assert "第一条" not in [one.text for one in resident.person.inbox]
    assert mail.rows()["第一条"].state == "sent"
    assert mail.rows()["第一条"].platform_id == "m1"
    assert files(tmp_path) == []
    township.close()
