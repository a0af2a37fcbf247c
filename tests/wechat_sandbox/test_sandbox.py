"""The sandbox as its page's script uses it, with the real program behind it."""

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from tests.bot.channels.contract_acts import PICTURE
from tests.kept_logs import kept_logs
from tests.kill.bot_process import PROJECT, environment
from tests.wechat_api import WeChatStandIn
from tests.wechat_sandbox.pages import Pages
from tests.wechat_sandbox.sandbox import Sandbox


@pytest.fixture(scope="module")
def stand_in() -> Iterator[WeChatStandIn]:
    with WeChatStandIn() as stand_in:
        yield stand_in
        assert stand_in.violations == []


@pytest.fixture(scope="module")
def sandbox(stand_in: WeChatStandIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with kept_logs(), Sandbox(tmp_path_factory.mktemp("sandbox"), stand_in) as sandbox:
        asyncio.run(sandbox.start())
        yield sandbox


class Tab:
    """The page of one person."""

    def __init__(self, http: httpx.AsyncClient, person: int) -> None:
        self.http, self._person = http, {"person": person}

    async def acts(self, act: str, **what: Any) -> None:
        answer = await self.http.post("/act", params=self._person, json={"act": act, **what})
        assert answer.status_code == 200, answer.text

    async def log(self, after: int = 0) -> list[dict[str, Any]]:
        answer = await self.http.get("/log", params={**self._person, "after": after})
        found: list[dict[str, Any]] = answer.json()["entries"]
        return found

    async def last(self) -> dict[str, Any]:
        return (await self.log())[-1]


@pytest_asyncio.fixture
async def http(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(Pages(sandbox).app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as http:
        yield http


async def test_a_resident_is_played_on_either_kind_of_account(
    sandbox: Sandbox, stand_in: WeChatStandIn, http: httpx.AsyncClient
) -> None:
    assert await stand_in.verifies()
    one = Tab(http, 1)
    page = (await http.get("/", params={"person": 1})).text
    assert all(button["name"] in page for button in sandbox.menu)
    assert "未认证" in page

    await one.acts("follows")
    assert "您好，这里是民声" in (await one.last())["text"]
    await one.acts("clicks", key="提建议", label="提建议")
    assert "您想提什么建议" in (await one.last())["text"]
    await one.acts("says", text="村口的路坑坑洼洼，下雨天出门一身泥，希望修一修")
    await one.acts("shares", place=0)
    assert "照片" in (await one.last())["text"]
    answered = (await one.last())["text"]
    await one.acts("repeats")
    assert answered in (await one.last())["text"]
    await one.acts("says", text="取消")

    answer = await http.post("/account", json={"active": True, "secure": False})
    assert answer.status_code == 200
    assert "已认证" in (await http.get("/", params={"person": 2})).text
    two = Tab(http, 2)
    await two.acts("scans", payload=sandbox.codes[0].payload, label=sandbox.codes[0].name)
    texts = [str(entry["text"]) for entry in await one.log()]
    assert any("希望修一修" in text for text in texts)
    await stand_in.wait_until(lambda: len(sandbox.players[2].entries) > 1)
    assert "代表之家" in " ".join(str(entry["text"]) for entry in await two.log())
    await two.acts("says", text="河边没有护栏，晚上没有路灯，老人散步不安全")
    await stand_in.wait_until(lambda: sandbox.players[2].entries[-1].choices)
    shown = await two.last()
    await two.acts("taps", choice=0)
    assert [entry["text"] for entry in await two.log() if entry["by"] == "me"][-1] == shown["choices"][0]


async def test_a_picture_that_was_sent_is_shown(http: httpx.AsyncClient) -> None:
    await Tab(http, 3).acts("follows")
    answer = await http.post("/picture", params={"person": 3}, content=PICTURE, headers={"Content-Type": "image/png"})
    assert answer.status_code == 200
    shown = next(entry for entry in await Tab(http, 3).log() if entry["picture"])

    assert (await http.get(shown["picture"])).content == PICTURE


async def test_who_does_not_follow_can_say_nothing_and_so_repeat_nothing(http: httpx.AsyncClient) -> None:
    four = Tab(http, 4)

    await four.acts("repeats")
    await four.acts("taps", choice=0)
    await four.acts("says", text="您好")

    assert [entry["text"] for entry in await four.log()] == ["还没有可以再送的消息", "要先关注，才能发消息"]


async def test_who_agreed_is_told_by_a_card_what_waits_and_reads_it_there(
    sandbox: Sandbox, stand_in: WeChatStandIn, http: httpx.AsyncClient
) -> None:
    await http.post("/account", json={"active": True, "secure": False})
    author, office = Tab(http, 1), Tab(http, 3)

    async def last_of(person: int, words: str) -> str:
        found: list[str] = []

        def is_there() -> bool:
            found[:] = [entry.text for entry in sandbox.players[person].entries if words in entry.text]
            return bool(found)

        await stand_in.wait_until(is_there)
        return found[-1]

    await author.acts("follows")
    for words in ("提建议", "村口的路坑坑洼洼，下雨天出门一身泥，希望修一修", "不清楚", "没有照片", "1", "提交"):
        await author.acts("says", text=words)
    found = re.search(r"编号是 (\d+)号", await last_of(1, "编号是"))
    assert found
    for agrees in (False, True):
        await author.acts("answers", path="/wechat/agree", agrees=agrees)
    assert (await author.last())["text"] == "打开了授权页，点了“允许”"
    await author.acts("falls_silent")

    invite = next(code for code in sandbox.codes if "工作人员" in code.name)
    await office.acts("scans", payload=invite.payload, label=invite.name)
    for words in ("台账", "按编号", found[1], "采纳", "明天开工"):
        await office.acts("says", text=words)
    assert f"第{found[1]}号建议\n进展：已采纳" in await last_of(1, "建议进展通知")
    card = await author.last()
    assert card["card"] == "订阅通知"
    async with httpx.AsyncClient(trust_env=False) as browser:
        assert "明天开工" in (await browser.get(card["url"])).text
    await author.acts("says", text="您好")
    await last_of(1, "明天开工")


@pytest.mark.parametrize(
    ("address", "body", "media_type", "status"),
    [
        ("/act?person=1", b'{"act": "dances"}', "application/json", 400),
        ("/act?person=1", b'{"act": "answers", "path": "/metrics", "agrees": true}', "application/json", 400),
        ("/act?person=1", b'{"act": "shares", "place": 99}', "application/json", 400),
        ("/act?person=1", b"{", "application/json", 400),
        ("/act?person=1", b"[]", "application/json", 400),
        ("/act?person=1", b'{"act": "follows"}', "text/plain", 400),  # as a form of another site would send it
        ("/act?person=9", b'{"act": "follows"}', "application/json", 404),
        ("/act?person=x", b'{"act": "follows"}', "application/json", 404),
        ("/picture?person=1", b"", "image/png", 400),
        ("/picture?person=1", b"x", "text/plain", 400),
        ("/account", b'{"active": 1}', "application/json", 400),
        ("/account", b'{"is_banned": true}', "application/json", 400),
    ],
)
async def test_what_the_page_does_not_send_changes_nothing(
    http: httpx.AsyncClient, address: str, body: bytes, media_type: str, status: int
) -> None:
    answer = await http.post(address, content=body, headers={"Content-Type": media_type})

    assert answer.status_code == status


async def test_pages_that_are_none_are_missing(http: httpx.AsyncClient) -> None:
    for address in ("/sandbox.html", "/picture/1/999", "/picture/9/0", "/?person=9", "/log?person="):
        assert (await http.get(address)).status_code == 404
    for name in ("sandbox.css", "sandbox.js"):
        answer = await http.get(f"/{name}")
        assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert (await http.get("/")).headers["Location"] == "/?person=1"


# --- the command


def _command(port: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.wechat_sandbox"],
        cwd=PROJECT,
        env=environment({"MINSHENG_HTTP_PORT": str(port)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_it_is_one_command_and_leaves_nothing_behind() -> None:
    with _command(0) as command:
        assert command.stdout
        page, program = (command.stdout.readline().split()[-1] for _ in range(2))
        assert httpx.get(page, follow_redirects=True).status_code == 200
        assert httpx.get(program).status_code == 200
        command.terminate()
        assert command.wait(60) == 0
        assert command.stdout.read() == ""

    with pytest.raises(httpx.ConnectError):
        httpx.get(program)


def test_a_port_that_is_taken_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, _command(taken.getsockname()[1]) as command:
        said, _ = command.communicate(timeout=60)

    assert command.returncode == 1
    assert "is taken: set MINSHENG_HTTP_PORT" in said
