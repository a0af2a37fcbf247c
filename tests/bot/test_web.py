"""What the web server says to operators, to browsers, and to whoever tries something else."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from pydantic import SecretStr
from sqlalchemy import text
from structlog.testing import capture_logs

from bot.channels.telegram_settings import TelegramDriver, TelegramMode
from bot.settings import TelegramSettings
from bot.web import BODY_LIMIT, web_app
from bot.wiring import Program
from storage.database import open_database
from tests.bot.channels.web_visitor import HOST
from tests.bot.program_stage import PATIENCE, Browser, Township, at_page, listening, running, settings_for
from tests.bot_api import TOKEN, BotApiStandIn
from tests.servers import PostgresServer, RedisServer

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
postgresql_only = pytest.mark.parametrize("alterable_url", ["postgresql"], indirect=True)


def client_of(program: Program) -> httpx.AsyncClient:
    """A client without a network; what the program raises is raised here."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(web_app(program)), base_url=f"http://{HOST}")


@asynccontextmanager
async def asking(url: str, folder: Path, **more: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings_for(folder, url, **more)) as program, client_of(program) as client:
        yield client


# --- what an operator asks


async def test_a_program_that_is_well(database_url: str, tmp_path: Path) -> None:
    async with asking(database_url, tmp_path) as client:
        assert (await client.get("/healthz")).json() == {"alive": True}
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"database": True, "redis": True})


@postgresql_only
async def test_a_database_that_is_down_is_told_and_waited_out(
    alterable_url: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    async with asking(alterable_url, tmp_path) as client:
        postgres_server.stop()
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()["database"]) == (503, False)
        assert (await client.get("/healthz")).status_code == 200
        assert "minsheng_outbox_waiting NaN" in (await client.get("/metrics")).text
        assert (await client.get("/chat")).status_code == 200

        postgres_server.start()
        async with asyncio.timeout(PATIENCE):
            while (await client.get("/readyz")).status_code != 200:  # noqa: ASYNC110  # a server tells nobody
                await asyncio.sleep(0)


async def test_a_database_of_another_version_is_not_ready(alterable_url: str, tmp_path: Path) -> None:
    async with asking(alterable_url, tmp_path) as client:
        engine = open_database(alterable_url)
        with engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        engine.dispose()

        assert (await client.get("/readyz")).status_code == 503


@sqlite_only
async def test_without_redis_a_replica_is_slower_but_ready(
    database_url: str, tmp_path: Path, redis_server: RedisServer
) -> None:
    async with asking(database_url, tmp_path, redis_url=redis_server.url) as client:
        assert (await client.get("/readyz")).json() == {"database": True, "redis": True}
        redis_server.stop()
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (200, {"database": True, "redis": False})


@sqlite_only
async def test_metrics_count_what_happens(database_url: str, tmp_path: Path) -> None:
    township = Township(database_url)
    async with (
        running(settings_for(tmp_path, database_url)) as program,
        client_of(program) as client,
        at_page(Browser(web_app(program))) as resident,
    ):
        resident.says("你好")
        await resident.hears("这里是民声")
        resident.page.send({"id": "m1", "type": "text", "text": "你好"})  # the same once more
        township.reading(lambda store: store.unit.write(text("ALTER TABLE proposals RENAME TO elsewhere")))
        resident.says("我的建议")
        await resident.hears("出了点问题")
        await program.sender.quiet()

        lines = (await client.get("/metrics")).text.splitlines()
        figures = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    township.close()

    assert figures['minsheng_turns_total{channel="web",outcome="acted_on"}'] == "1.0"
    assert figures['minsheng_turns_total{channel="web",outcome="repeated"}'] == "1.0"
    assert figures['minsheng_turns_total{channel="web",outcome="fault"}'] == "1.0"
    assert figures['minsheng_faults_total{kind="OperationalError"}'] == "1.0"
    assert figures['minsheng_sends_total{channel="web",outcome="sent"}'] == "2.0"
    assert figures["minsheng_turn_seconds_count"] == "3.0"
    assert figures["minsheng_send_seconds_count"] == "2.0"
    assert figures["minsheng_outbox_waiting"] == "0.0"
    assert figures["minsheng_outbox_oldest_seconds"] == "0.0"


@sqlite_only
async def test_metrics_count_what_could_not_be_read(database_url: str, tmp_path: Path) -> None:
    with BotApiStandIn() as platform:
        telegram = TelegramSettings(
            token=SecretStr(TOKEN),
            driver=TelegramDriver.PTB,
            api_base=platform.base_url,
            mode=TelegramMode.WEBHOOK,
            webhook_secret=SecretStr("a-secret"),
        )
        async with asking(database_url, tmp_path, telegram=telegram) as client:
            for update in ({"update_id": 1, "message": {"text": "路灯"}}, "路灯"):
                secret = {"X-Telegram-Bot-Api-Secret-Token": "a-secret"}
                assert (await client.post("/telegram", json=update, headers=secret)).status_code == 200
            page = (await client.get("/metrics")).text

    assert 'minsheng_malformed_updates_total{channel="telegram"} 2.0' in page


@sqlite_only
@pytest.mark.parametrize("path", ["/", "/chat/"])
async def test_who_comes_to_another_door_is_shown_in_with_what_they_brought(
    database_url: str, tmp_path: Path, path: str
) -> None:
    async with asking(database_url, tmp_path) as client:
        answer = await client.get(f"{path}?start=c-12", headers={"host": "elsewhere.example"})

    assert answer.headers["location"] == "/chat?start=c-12"


@sqlite_only
async def test_a_fault_of_the_server_is_counted_and_says_nothing_of_it(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken() -> bool:
        raise RuntimeError("what nobody is to know")

    async with running(settings_for(tmp_path, database_url)) as program:
        monkeypatch.setattr(program.coordination, "answers", broken)
        transport = httpx.ASGITransport(web_app(program), raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as client:
            with capture_logs() as logged:
                answer = await client.get("/readyz")
            metrics = (await client.get("/metrics")).text

    assert (answer.status_code, answer.text) == (500, "Internal Server Error")
    assert "nobody" not in str(logged)
    assert [event["event"] for event in logged if event["log_level"] == "error"] == ["web_fault"]
    assert 'minsheng_faults_total{kind="RuntimeError"} 1.0' in metrics


# --- what everybody may try

STRICT = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
}


@sqlite_only
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 307),
        ("GET", "/chat/", 307),
        ("GET", "/chat", 200),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("HEAD", "/chat", 200),
        ("GET", "/chat/ws", 404),
        ("GET", "/chat/static/0/chat.js", 404),
        ("GET", "/chat/file/1", 404),
        ("GET", "/chat/file/99999999999999999999", 404),
        ("GET", "/telegram", 404),
        ("GET", "/.env", 404),
        ("GET", "/chat/../../etc/passwd", 404),
        ("POST", "/chat", 405),
        ("DELETE", "/healthz", 405),
        ("OPTIONS", "/chat", 405),
    ],
)
async def test_every_answer_forbids_what_it_does_not_need(
    database_url: str, tmp_path: Path, method: str, path: str, status: int
) -> None:
    async with asking(database_url, tmp_path) as client:
        answer = await client.request(method, path)

    assert answer.status_code == status
    assert STRICT.items() <= dict(answer.headers).items()
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "server" not in answer.headers
    if status >= 400:
        assert answer.headers["content-type"].startswith("text/plain")


@sqlite_only
@pytest.mark.parametrize("path", ["/chat/upload", "/chat", "/healthz"])
async def test_a_body_beyond_every_limit_is_refused(database_url: str, tmp_path: Path, path: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 65536 + 2):
            yield b" " * 65536

    async with asking(database_url, tmp_path) as client:
        await client.get("/chat")
        announced = await client.post(path, content=b" " * (BODY_LIMIT + 1))
        unannounced = await client.post(
            path, content=pieces(), headers={"content-type": "multipart/form-data; boundary=x"}
        )

    assert announced.status_code == 413
    assert 400 <= unannounced.status_code < 500


PATHS = some.sampled_from(
    ["/", "/chat", "/chat/upload", "/chat/ws", "/chat/file/1", "/telegram", "/metrics", "/readyz"]
)
WORDS = some.text(max_size=40).map(lambda words: quote(words, errors="replace"))
HEADERS = some.dictionaries(
    some.sampled_from(
        ["cookie", "origin", "content-type", "content-length", "host", "x-forwarded-for", "accept-language", "range"]
    ),
    some.binary(max_size=60).map(lambda raw: raw.replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"")),
)


@sqlite_only
async def test_nothing_that_is_asked_ends_in_a_fault(database_url: str, tmp_path: Path) -> None:
    async with running(settings_for(tmp_path, database_url)) as program:
        statuses = await asyncio.to_thread(_ask_anything, program, asyncio.get_running_loop())

    assert statuses
    assert max(statuses) < 500


def _ask_anything(program: Program, loop: asyncio.AbstractEventLoop) -> set[int]:
    statuses: set[int] = set()

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
    @given(
        method=some.sampled_from(["GET", "POST", "PUT", "HEAD", "PATCH", "BREW"]),
        path=some.one_of(PATHS, WORDS.map(lambda words: f"/chat/{words}"), WORDS.map(lambda words: f"/{words}")),
        query=WORDS,
        headers=HEADERS,
        body=some.binary(max_size=200),
    )
    def ask(method: str, path: str, query: str, headers: dict[str, bytes], body: bytes) -> None:
        async def once() -> int:
            async with client_of(program) as client:
                url = httpx.URL(f"http://{HOST}", path=path, query=f"start={query}".encode())
                named = [(name.encode(), value) for name, value in headers.items()]
                return (await client.request(method, url, headers=named, content=body)).status_code

        statuses.add(asyncio.run_coroutine_threadsafe(once(), loop).result(PATIENCE))

    ask()
    return statuses


@sqlite_only
@pytest.mark.parametrize(
    "junk",
    [
        b"\x00\x01\x02\x03\r\n\r\n",
        b"GET /chat HTTP/1.1\r\n\r\n",
        b"GET /chat HTTP/9.9\r\nHost: x\r\n\r\n",
        b"POST /chat/upload HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /chat/upload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /chat/ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
        b"GET " + b"/" * 70_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /聊天 HTTP/1.1\r\nHost: x\r\n\r\n".encode(),
    ],
)
async def test_what_is_no_http_does_no_harm(database_url: str, tmp_path: Path, junk: bytes) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    async with running(settings_for(tmp_path, database_url)) as program, listening(program, listener):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(junk)
        writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            answer = await reader.read()
        writer.close()
        assert not answer.startswith(b"HTTP/1.1 5")
        async with httpx.AsyncClient(trust_env=False, verify=False) as client:
            assert (await client.get(f"http://127.0.0.1:{port}/healthz")).status_code == 200
