"""What the doctor says of everything that can be wrong; and that it changes nothing."""

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.channels.telegram_settings import TelegramDriver
from bot.commands import doctor
from tests.bot.installation import Installation
from tests.bot_api import TOKEN, BotApiStandIn
from tests.servers import RedisServer
from tests.wechat_api import WeChatStandIn

WELL = "一切正常。All is well.\n"


@pytest.fixture
def office(installation: Installation) -> Installation:
    installation.setup()
    return installation


@pytest.fixture
def platform() -> Iterator[BotApiStandIn]:
    with BotApiStandIn() as running:
        yield running


def on_telegram(office: Installation, platform: BotApiStandIn, token: str = TOKEN) -> None:
    office.set(TELEGRAM__API_BASE=platform.base_url, TELEGRAM__TOKEN=token, TELEGRAM__DRIVER="ptb")


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- well


def test_all_is_well(office: Installation) -> None:
    assert office.does("doctor") == WELL


def test_all_is_well_with_redis_and_telegram(
    office: Installation, platform: BotApiStandIn, redis_server: RedisServer
) -> None:
    on_telegram(office, platform)
    office.set(REDIS_URL=redis_server.url)

    assert office.does("doctor") == WELL


# --- the settings


def test_a_misspelt_setting_is_told(office: Installation) -> None:
    office.set(HTTPPORT="8081", KUBERNETES="1")

    assert office.refuses("doctor").splitlines() == [
        "MINSHENG_HTTPPORT: there is no such setting; is MINSHENG_HTTP_PORT meant?",
        "MINSHENG_KUBERNETES: there is no such setting.",
    ]


def test_a_public_address_needs_a_certificate(office: Installation) -> None:
    office.set(PUBLIC_URL="http://yunxi.example")
    assert office.refuses("doctor").startswith("MINSHENG_PUBLIC_URL: without https, browsers tell no location")

    office.set(PUBLIC_URL="http://127.0.0.1:8080")
    assert office.does("doctor") == WELL


def test_an_account_of_wechat_that_is_no_more_than_a_try_is_told(office: Installation) -> None:
    with WeChatStandIn() as platform:
        office.set(**{name.removeprefix("MINSHENG_"): value for name, value in platform.settings.items()})
        assert office.does("doctor") == WELL

        office.set(WECHAT__AES_KEY="", WECHAT__SECRET="")
        unencrypted, unasked = office.refuses("doctor").splitlines()
    assert unencrypted.startswith("MINSHENG_WECHAT__AES_KEY: without it (明文模式), nothing proves what a message says")
    assert unasked.startswith("MINSHENG_WECHAT__SECRET: without it, nothing can be asked of WeChat: people's photos")


# --- the disk


def test_a_year_file_with_a_wrong_line_is_told(office: Installation, tmp_path: Path) -> None:
    file = tmp_path / "days.txt"
    office.set(WORKING_DAYS_FILE=str(file))
    assert office.refuses("doctor") == f"MINSHENG_WORKING_DAYS_FILE: there is no {file}."
    file.write_text("2027-01-01 休\n2027-01-03 补班\n")
    assert "line 2: after the day comes 休 (free) or 班 (worked)" in office.refuses("doctor")
    file.write_text("2027-01-01 休\n2027-01-03 班\n")
    assert office.does("doctor") == WELL


def test_nothing_is_made_where_nothing_is(installation: Installation) -> None:
    data = installation.folder / "data"

    assert installation.refuses("doctor") == (
        f"There is no database at {data / 'minsheng.db'} yet: minsheng run, demo or setup makes it."
    )
    assert not data.exists()


def test_nothing_is_changed_where_something_is(office: Installation) -> None:
    before = everything_in(office.folder)

    office.does("doctor")

    assert everything_in(office.folder) == before


def test_a_folder_that_is_a_file_is_told(installation: Installation) -> None:
    file = installation.file("data", "")

    assert f"MINSHENG_DATA_DIR: {file} is a file, not a folder." in installation.refuses("doctor")


def test_a_folder_of_somebody_else_is_told(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # to root nothing is forbidden

    assert "MINSHENG_DATA_DIR: this user may not write to" in office.refuses("doctor")


def test_a_full_disk_is_told(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(office.folder)._replace(free=300 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)

    assert office.refuses("doctor") == (
        f"MINSHENG_DATA_DIR: only 300 MB are free at {office.folder / 'data'}; make room."
    )


# --- the database


def test_a_database_that_is_down_is_told_without_its_password(office: Installation) -> None:
    office.set(DATABASE_URL="postgresql://bot:hunter2@127.0.0.1:1/minsheng")

    sentence = office.refuses("doctor")

    assert sentence.startswith("MINSHENG_DATABASE_URL: the database cannot be used (OperationalError);")
    assert "hunter2" not in sentence


def test_a_database_of_another_version_is_told(installation: Installation) -> None:
    installation.does("migrate", "--to", "0001")
    assert installation.refuses("doctor").startswith("The database is at revision 0001, this program needs ")

    installation.does("migrate")
    with installation.store() as store:
        store.unit.write(text("UPDATE alembic_version SET version_num = '9999'"))
    assert installation.refuses("doctor").startswith("The database is newer than this program")


def test_a_database_without_a_congress_is_told(installation: Installation) -> None:
    installation.does("migrate")

    assert installation.refuses("doctor") == (
        "There is no congress yet: minsheng setup makes one, minsheng demo an invented one."
    )


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_database_has_a_clock_too(
    installation: Installation, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.set(DATABASE_URL=database_url.replace("postgresql+psycopg", "postgresql"))
    installation.setup()
    assert installation.does("doctor") == WELL

    monkeypatch.setattr(doctor, "CLOCK_OFF_BY", -1.0)
    assert installation.refuses("doctor").startswith(
        "This machine's clock and that of the database differ by 0 seconds"
    )


def test_an_unknown_time_zone_is_told(office: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(_: str) -> None:
        raise ValueError

    monkeypatch.setattr(doctor, "check_zone", unknown)

    assert office.refuses("doctor") == (
        "This machine does not know the time zone Asia/Shanghai: install its time zone data (tzdata)."
    )


def test_a_channel_that_refuses_is_told_as_long_as_it_pauses(office: Installation) -> None:
    now = datetime.now(UTC)  # the doctor's own
    with office.store() as store:
        store.pauses.pause("telegram", now + timedelta(minutes=1), "401")
        store.pauses.pause("wechat", now - timedelta(minutes=1), "40001")
    told = "The channel telegram refuses what is sent (401); its messages are kept and tried again: see its token"
    assert office.refuses("doctor").startswith(told)
    assert "wechat" not in office.refuses("doctor")


# --- the network


def test_redis_that_is_down_is_told(office: Installation) -> None:
    office.set(REDIS_URL="redis://127.0.0.1:1")

    assert office.refuses("doctor").startswith("MINSHENG_REDIS_URL: Redis does not answer;")


@pytest.mark.parametrize("driver", TelegramDriver)
def test_a_wrong_token_is_told_and_not_shown(
    office: Installation, platform: BotApiStandIn, driver: TelegramDriver
) -> None:
    on_telegram(office, platform, "43:somebody-elses-token")
    office.set(TELEGRAM__DRIVER=driver)

    sentence = office.refuses("doctor")

    assert "MINSHENG_TELEGRAM__TOKEN" in sentence
    assert "somebody" not in sentence


def test_a_webhook_that_is_not_ours_is_told(office: Installation, platform: BotApiStandIn) -> None:
    on_telegram(office, platform)
    address = "https://yunxi.example/telegram"
    office.set(TELEGRAM__MODE="webhook", TELEGRAM__WEBHOOK_SECRET="a-secret", TELEGRAM__WEBHOOK_URL=address)

    assert "webhook" in office.refuses("doctor")
    assert not platform.calls("setWebhook")

    office.set(TELEGRAM__WEBHOOK_URL="https://yunxi.example/hook")
    assert "MINSHENG_TELEGRAM__WEBHOOK_URL: must end in /telegram" in office.refuses("doctor")


def test_telegram_that_cannot_be_reached_is_told(office: Installation) -> None:
    office.set(TELEGRAM__API_BASE="http://127.0.0.1:1", TELEGRAM__TOKEN=TOKEN, TELEGRAM__DRIVER="ptb")

    assert "127.0.0.1:1" in office.refuses("doctor")


class _Yesterday(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_response(200)
        self.end_headers()

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string(86_400.0 if timestamp is None else timestamp)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@contextmanager
def server_of_another_day() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Yesterday)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_clock_that_is_off_is_told(office: Installation) -> None:
    with server_of_another_day() as address:
        office.set(TELEGRAM__API_BASE=address, TELEGRAM__TOKEN=TOKEN, TELEGRAM__DRIVER="ptb")
        said = office.refuses("doctor")

    assert "This machine's clock and Telegram's differ by " in said
