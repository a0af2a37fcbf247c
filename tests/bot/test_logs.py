"""Nothing that people wrote, and nothing by which they or we are known, ever reaches a log."""

import asyncio
import io
import json
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import select, text
from websockets.asyncio.client import ClientConnection, connect

from bot.channels.webchat_identity import COOKIE
from bot.logs import configure_logs, described
from storage.database import open_database
from storage.domain.roles import Role
from storage.migrations import migrate
from storage.tables import people
from tests.bot.program_stage import TelegramPerson, Township, WebPerson
from tests.bot_api import TOKEN, BotApiStandIn, faults
from tests.kill.bot_process import BotProcess

SECRET = "plainly-invented-secret-of-cookies-1234"
RESIDENT, NEIGHBOUR = 7001, 7002
BODY = "杨柳村一组的机耕路下雨就是一身泥"
TELEPHONE = "13912345678"


class LivePage:
    """An open page of the web chat over a real socket, with what WebPerson needs of it."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._sending: set[asyncio.Task[None]] = set()

    def send(self, frame: dict[str, Any]) -> None:
        self._sending.add(asyncio.create_task(self._line.send(json.dumps(frame))))

    async def receive(self) -> dict[str, Any]:
        frame: dict[str, Any] = json.loads(await self._line.recv())
        return frame


@asynccontextmanager
async def at_live_page(bot: BotProcess) -> AsyncIterator[tuple[WebPerson, str]]:
    """Somebody at the page, and their cookie."""
    async with httpx.AsyncClient(base_url=f"http://{bot.address}", trust_env=False, verify=False) as http:
        cookie = (await http.get("/chat")).cookies[COOKIE]
    headers = {"cookie": f"{COOKIE}={cookie}"}
    async with connect(f"ws://{bot.address}/chat/ws", additional_headers=headers, proxy=None) as line:
        yield WebPerson(LivePage(line)), cookie  # type: ignore[arg-type]  # it has all that is asked for


@pytest.fixture
def township(tmp_path: Path) -> Township:
    url = f"sqlite:///{tmp_path / 'minsheng.db'}"
    engine = open_database(url)
    migrate(engine)
    engine.dispose()
    return Township(url)


async def propose(resident: WebPerson | TelegramPerson, *, hears: str = "建议已收到") -> None:
    resident.says("提建议")
    await resident.hears("您想提什么建议")
    resident.says(f"{BODY}，电话{TELEPHONE}")
    await resident.hears("有照片吗")
    resident.taps("没有照片")
    await resident.hears("这条建议报给谁")
    resident.taps("云溪镇人大（演示）")
    await resident.hears("请核对")
    resident.taps("提交")
    await resident.hears(hears)


async def misuse(bot: BotProcess, platform: BotApiStandIn) -> None:
    """What attackers and broken machines send, with words that must not be logged."""
    platform.inject(lambda number: f'{{"update_id": {number}, "message": {{"text": "{BODY}"}}}}')
    async with httpx.AsyncClient(base_url=f"http://{bot.address}", trust_env=False, verify=False) as http:
        await http.get(f"/chat/{BODY}", headers={"cookie": f"{COOKIE}={BODY.encode().hex()}.forged"})
        await http.post("/chat/upload", files={"file": (f"{BODY}.jpg", BODY.encode())})
        await http.post(
            "/telegram", content=BODY.encode(), headers={"X-Telegram-Bot-Api-Secret-Token": "guessed-secret"}
        )


async def test_a_whole_day_leaves_no_words_in_the_log(tmp_path: Path, township: Township) -> None:
    invitation = township.invitation(Role.STAFF)
    known = township.reading(lambda store: list(store.unit.read(select(people.c.name, people.c.telephone)).all()))
    with BotApiStandIn() as platform:
        settings = {
            "MINSHENG_DATA_DIR": str(tmp_path),
            "MINSHENG_LOG_LEVEL": "debug",
            "MINSHENG_SECRET": SECRET,
            "MINSHENG_TELEGRAM__TOKEN": TOKEN,
            "MINSHENG_TELEGRAM__API_BASE": platform.base_url,
            "MINSHENG_TELEGRAM__DRIVER": "ptb",
        }
        with BotProcess(tmp_path, settings) as bot:
            bot.start()
            await bot.ready()
            async with at_live_page(bot) as (resident, cookie), at_live_page(bot) as (clerk, clerk_s):
                clerk.starts(f"i-{invitation}")
                await clerk.hears("您已登记为")
                neighbour = TelegramPerson(platform, NEIGHBOUR)
                await asyncio.gather(propose(resident), propose(neighbour), misuse(bot, platform))
                clerk.starts("i-a-code-that-somebody-guessed")
                await clerk.hears("邀请")
                refused = platform.faults.add(faults.forbids(), method="sendMessage")
                neighbour.says("我的建议")
                await asyncio.to_thread(refused.wait_until_hit)
                resident.says("我的建议")
                await resident.hears(BODY[:8])
                # From now on the program fails, with words in the statement that does, at the end of the batch
                township.reading(lambda store: store.unit.write(text("ALTER TABLE texts DROP COLUMN written_at")))
                await propose(resident, hears="出了点问题")
                # and then on the way.
                township.reading(lambda store: store.unit.write(text("ALTER TABLE proposals RENAME TO elsewhere")))
                resident.says("我的建议")
                await resident.hears("出了点问题")
            await bot.stop()
            log = bot.log
    township.close()

    events = [json.loads(line)["event"] for line in log.splitlines() if line.startswith("{")]
    assert {"telegram_update_malformed", "handler_fault", "stopped"} <= set(events)
    words = {SECRET, TOKEN.partition(":")[2], invitation, cookie, clerk_s, TELEPHONE, BODY, BODY[:5], "guessed"}
    words |= {cookie.partition(".")[0], clerk_s.partition(".")[0], BODY.encode().hex()}
    for name, telephone in known:
        words |= {name, telephone}
    assert [word for word in words if word and word in log] == []


# --- what libraries log

# What standard error gets to hear while something goes on, at a level.
Logged = Callable[[str, Callable[[], None]], list[str]]


@pytest.fixture
def logged(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> Logged:
    request.getfixturevalue("logs_as_before")

    def run(level: str, happens: Callable[[], None]) -> list[str]:
        configure_logs(level)
        happens()
        return capsys.readouterr().err.splitlines()

    return run


def test_a_library_s_words_are_left_out_and_its_kind_of_error_kept(logged: Logged) -> None:
    def fails() -> None:
        try:
            raise ValueError(BODY)
        except ValueError:
            logging.getLogger("some.library").exception("could not keep %s", BODY)

    (line,) = logged("debug", fails)
    assert line.startswith("ERROR some.library ValueError test_logs.py:")
    assert BODY not in line


def test_libraries_that_log_addresses_with_tokens_are_silent(logged: Logged) -> None:
    def talk() -> None:
        for name in ("httpx", "aiogram.dispatcher", "telegram.ext"):
            logging.getLogger(name).error("https://api.telegram.org/bot%s/getMe", TOKEN)

    assert logged("debug", talk) == []


def test_a_log_that_cannot_be_written_says_nothing_about_it(logged: Logged, capsys: pytest.CaptureFixture[str]) -> None:
    """Python would tell on standard error what it could not log, words and all."""

    def fails() -> None:
        for handler in logging.root.handlers:
            if isinstance(handler, logging.StreamHandler) and handler.name == "bot.logs":
                handler.setStream(Closed())
        logging.getLogger("some.library").error("could not keep %s", BODY)

    assert logged("debug", fails) == []
    assert BODY not in capsys.readouterr().err


class Closed(io.StringIO):
    def write(self, _: str) -> int:
        raise BrokenPipeError


@pytest.mark.parametrize(("level", "events"), [("debug", 3), ("info", 2), ("warning", 1), ("error", 0)])
def test_the_level_says_what_is_told(level: str, events: int, logged: Logged) -> None:
    def talk() -> None:
        log = structlog.get_logger("test")
        log.debug("one", at=1)
        log.info("two", at=2)
        log.warning("three", at=3)

    lines = logged(level, talk)
    assert len(lines) == events
    assert all({"event", "level", "timestamp", "at"} == json.loads(line).keys() for line in lines)


def test_an_error_is_described_by_kind_and_place() -> None:
    assert described(KeyError("words")) == "KeyError"
