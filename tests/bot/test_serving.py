"""The program as a process: it starts by one command, prints how to take part, and stops when it is told to."""

import asyncio
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from bot.channels.webchat_identity import COOKIE
from bot.channels.webchat_socket import GOING_AWAY
from bot.clock import wall_clock
from bot.demo.seed import invitations, seed
from bot.refusal import Refused
from bot.serving import CannotListen, listen
from bot.settings import Settings
from storage.area_index import AreaIndex
from storage.areas import all_areas, load_index
from storage.database import open_database, reading, transaction
from storage.domain.roles import Role
from storage.store import Store
from tests.bot_api import TOKEN, BotApiStandIn, faults
from tests.settlement import on

PATIENCE = 30.0  # seconds; a slow machine needs three
LINK = re.compile(r"(http://[^ ]+/chat)(?:\?start=(i-[\w-]+))?")

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class Process:
    """A command that runs until it is stopped. `preface` is Python that runs before it."""

    def __init__(self, folder: Path, *arguments: str, preface: str = "pass", **settings: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MINSHENG_")}
        own = {"DATA_DIR": str(folder), "HTTP_PORT": "0"} | settings
        program = f"import sys; {preface}; from bot.cli import main; sys.exit(main({list(arguments)!r}))"
        self.process = subprocess.Popen(
            [sys.executable, "-c", program],
            env=inherited | {f"MINSHENG_{name}": value for name, value in own.items()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # else it would hear the Ctrl-C that ends the tests
        )

    def greets(self, last: str) -> str:
        """What it prints up to a line with these words."""
        assert self.process.stdout
        said = ""
        while last not in said:
            line = self.process.stdout.readline()
            assert line, self.ends().stderr
            said += line
        return said

    def told(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def ends(self) -> subprocess.CompletedProcess[str]:
        out, err = self.process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess([], self.process.returncode, out, err)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


Start = Callable[..., Process]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts commands in one folder; none of them outlives the test."""
    running: list[Process] = []

    def begin(*arguments: str, **more: str) -> Process:
        running.append(Process(tmp_path / "data", *arguments, **more))
        return running[-1]

    yield begin
    for process in running:
        process.close()


def links(greeting: str) -> dict[str, str]:
    """The payload of each printed link, by what stands before it."""
    found = (LINK.search(line) for line in greeting.splitlines())
    return {match.string[: match.start()].strip(): match[2] or "" for match in found if match}


async def page_of(greeting: str) -> ClientConnection:
    """An open page of a newcomer."""
    match = LINK.search(greeting)
    assert match
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        answer = await http.get(match[1])
    headers = {"cookie": f"{COOKIE}={answer.cookies[COOKIE]}"}
    return await connect(match[1].replace("http", "ws", 1) + "/ws", additional_headers=headers, proxy=None)


async def hears(page: ClientConnection, words: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE):
        while True:
            frame: dict[str, Any] = json.loads(await page.recv())
            if words in frame.get("text", ""):
                return frame


def most_memory(process: Process) -> int:
    """The most that it ever had at once, in kB; 0 where the system does not tell (proc(5))."""
    status = Path(f"/proc/{process.process.pid}/status")
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) if status.exists() else 0


async def closing_code(page: ClientConnection) -> int:
    async with asyncio.timeout(PATIENCE):
        try:
            while True:
                await page.recv()
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else 1006


# --- start and stop


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_demo_is_played_stopped_and_found_again(start: Start, tmp_path: Path, number: signal.Signals) -> None:
    demo = start("demo")
    greeting = await asyncio.to_thread(demo.greets, "Ctrl-C")
    roles = "工作人员 staff:", "人大代表 deputy:", "网格员 grid worker:", "承办单位人员 implementing body:"
    assert list(links(greeting)) == ["居民 Resident:", *roles, "主席团成员 member of the presidium:"]
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o700
    page = await page_of(greeting)
    await page.send(json.dumps({"id": "m1", "type": "start", "payload": links(greeting)["工作人员 staff:"]}))
    await hears(page, "您已登记为")

    demo.told(number)

    assert await closing_code(page) == GOING_AWAY
    ended = await asyncio.to_thread(demo.ends)
    assert ended.returncode == 0
    assert [json.loads(line)["event"] for line in ended.stderr.splitlines()][-2:] == ["stopping", "stopped"]

    again = start("demo")
    second = await asyncio.to_thread(again.greets, "Ctrl-C")
    names = [line.rpartition(" ")[2] for line in (greeting + second).splitlines() if "staff:" in line]
    assert len(set(names)) == 2  # the first is enrolled, so somebody else is offered
    assert await asyncio.to_thread(most_memory, again) < 120_000


async def test_links_to_the_bot_follow_as_soon_as_telegram_tells_its_name(start: Start) -> None:
    with BotApiStandIn() as platform:
        demo = start("demo", TELEGRAM__TOKEN=TOKEN, TELEGRAM__API_BASE=platform.base_url, TELEGRAM__DRIVER="ptb")
        first = await asyncio.to_thread(demo.greets, "Ctrl-C")
        then = await asyncio.to_thread(demo.greets, "presidium:")
        for role, payload in links(first).items():
            assert f"{role}  https://t.me/minsheng_test_bot{f'?start={payload}' if payload else ''}" in then


async def test_who_starts_it_reads_that_telegram_does_not_answer_and_nothing_waits_for_it(start: Start) -> None:
    with BotApiStandIn() as platform:
        platform.faults.add(faults.holds_before(), method="getMe", times=None)
        telegram = {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__API_BASE": platform.base_url, "TELEGRAM__DRIVER": "ptb"}
        quick = "import bot.telegram_name; bot.telegram_name.PATIENCE = 0.5"
        bot = start("run", preface=quick, **telegram)
        assert "居民 Resident:  http://" in await asyncio.to_thread(bot.greets, "/chat")
        assert "minsheng doctor" in await asyncio.to_thread(bot.greets, "doctor")


async def test_a_platform_that_hangs_does_not_hold_up_the_end_and_nothing_is_lost(start: Start) -> None:
    with BotApiStandIn() as platform:
        telegram = {
            "TELEGRAM__TOKEN": TOKEN,
            "TELEGRAM__API_BASE": platform.base_url,
            "TELEGRAM__DRIVER": "ptb",
            "HTTP_PORT": str(_free_port()),
        }
        hung = platform.faults.add(faults.holds_before(), method="sendMessage", times=None)
        bot = start("demo", preface="import bot.serving; bot.serving.STOP_WITHIN = 0.3", **telegram)
        await asyncio.to_thread(bot.greets, "Ctrl-C")
        resident = platform.person(7001)
        resident.says("你好")
        await asyncio.to_thread(hung.wait_until_hit)

        bot.told(signal.SIGTERM)
        ended = await asyncio.to_thread(bot.ends)

        assert ended.returncode == 0
        assert "stopped_in_the_middle" in ended.stderr
        platform.faults.clear()
        before = len(resident.inbox)
        again = start("demo", **telegram)
        await asyncio.to_thread(again.greets, "Ctrl-C")
        await asyncio.to_thread(resident.wait_for, "这里是民声", after=before, timeout=PATIENCE)


async def test_who_cannot_wait_tells_it_twice(start: Start) -> None:
    with BotApiStandIn() as platform:
        telegram = {"TELEGRAM__TOKEN": TOKEN, "TELEGRAM__API_BASE": platform.base_url, "TELEGRAM__DRIVER": "ptb"}
        hung = platform.faults.add(faults.holds_before(), method="sendMessage", times=None)
        bot = start("demo", **telegram)
        await asyncio.to_thread(bot.greets, "Ctrl-C")
        platform.person(7001).says("你好")
        await asyncio.to_thread(hung.wait_until_hit)
        bot.told(signal.SIGINT)
        assert bot.process.stderr
        while "stopping" not in await asyncio.to_thread(bot.process.stderr.readline):
            pass

        bot.told(signal.SIGINT)

        assert (await asyncio.to_thread(bot.ends)).returncode == -signal.SIGINT
        platform.faults.clear()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


# --- what keeps it from starting


def test_a_taken_port_is_one_sentence_and_changes_nothing(start: Start, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        ended = start("demo", HTTP_PORT=str(port)).ends()

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"port {port} of 127.0.0.1 is taken: set MINSHENG_HTTP_PORT to another one\n"
    assert not (tmp_path / "data").exists()


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = Process(tmp_path / "file" / "data", "run").ends()

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("MINSHENG_DATA_DIR: Not a directory: ")
    assert len(ended.stderr.splitlines()) == 1


def test_a_damaged_secret_is_one_sentence(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret").write_text("short")

    ended = start("run").ends()

    assert ended.returncode == 1
    assert ended.stderr == (
        f"{tmp_path / 'data' / 'secret'} is damaged: remove it, and everybody who uses the web chat begins anew.\n"
    )


@pytest.mark.parametrize(
    ("host", "sentence"),
    [
        ("no host at all", "'no host at all' is no address: set MINSHENG_HTTP_HOST to one, such as 127.0.0.1"),
        ("203.0.113.7", "203.0.113.7 is no address of this machine: set MINSHENG_HTTP_HOST to one that is"),
    ],
)
def test_an_address_that_is_not_ours_is_told(host: str, sentence: str) -> None:
    with pytest.raises(CannotListen, match=re.escape(sentence)):
        listen(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "0.0.0.0"])
def test_every_kind_of_address_is_listened_on(host: str) -> None:
    with listen(host, 0) as listener:
        assert listener.getsockname()[1] > 0


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "http://127.0.0.1:8080"),
        ({"http_host": "0.0.0.0", "http_port": 80}, "http://127.0.0.1:80"),
        ({"http_host": "::"}, "http://[::1]:8080"),
        ({"http_host": "fe80::1"}, "http://[fe80::1]:8080"),
        ({"public_url": "https://bot.example/"}, "https://bot.example"),
    ],
)
def test_people_are_told_an_address_that_they_can_open(settings: dict[str, Any], expected: str) -> None:
    assert Settings(**settings).address == expected


# --- the demo's township


class Killed(Exception):
    """What ends a seeding in the middle."""


@sqlite_only
@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_seeding_that_was_broken_off_is_completed(database_url: str, after: int) -> None:
    engine = open_database(database_url)
    calls = 0

    def clock() -> Any:
        nonlocal calls
        calls += 1
        if calls > after:
            raise Killed
        return wall_clock()

    with pytest.raises(Killed):
        seed(engine, clock)
    seed(engine, wall_clock)
    seed(engine, wall_clock)

    with reading(engine) as unit:
        store = Store(unit, wall_clock(), load_index(unit))
        assert len(all_areas(unit)) == 110
        assert [congress.name for congress in store.congresses.all()] == ["云溪镇人大（演示）", "演示县人大（演示）"]
        deputies = [len(store.people.holders(congress.id, Role.DEPUTY)) for congress in store.congresses.all()]
        assert deputies == [60, 8]
        assert len(store.proposals.shown_near("/")) == 5
    engine.dispose()


@sqlite_only
def test_every_start_offers_each_role_to_somebody_who_is_not_there_yet(database_url: str) -> None:
    engine = open_database(database_url)
    seed(engine, wall_clock)
    first, second = invitations(engine, wall_clock), invitations(engine, wall_clock)

    offered = [Role.STAFF, Role.DEPUTY, Role.GRID_WORKER, Role.IMPLEMENTING_BODY, Role.PRESIDIUM]
    assert [one.role for one in first] == offered
    with transaction(engine) as unit:
        people = Store(unit, wall_clock(), AreaIndex(())).people
        assert [people.invited(one.code) for one in first] == [None] * 5
        assert [people.get(people.invited(one.code) or 0).name for one in second] == [one.name for one in first]
    engine.dispose()


@sqlite_only
def test_a_real_congress_is_not_made_a_playground(database_url: str) -> None:
    engine = open_database(database_url)
    on(engine)

    with pytest.raises(Refused, match="There is a real congress in this database"):
        seed(engine, wall_clock)
    engine.dispose()
