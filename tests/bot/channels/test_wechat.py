"""An Official Account as a channel; what every channel must do is in test_contract."""

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from starlette.applications import Starlette

from bot.channels import wechat_texts as texts
from bot.channels.base import Channel, Failure, FetchRefused, NotSent
from bot.channels.wechat import WeChat
from bot.channels.wechat_body import text_of
from bot.channels.wechat_door import ANSWER_WITHIN, SILENT_FOR
from bot.channels.wechat_pages import LINKS_LAST
from bot.channels.wechat_settings import WeChatSettings
from handlers.messages import File, Outbound
from storage.responses import Fitting, Response
from storage.waiting import Carried
from tests.bot.channels.contract import Inbox
from tests.bot.channels.telegram_stage import utc_now
from tests.bot.channels.wechat_stage import RESIDENT, SIGNING, Console, Waiting, message, said
from tests.virtual_time import in_virtual_time
from tests.wechat_api import AES_KEY, APP_ID, TOKEN

SETTINGS = WeChatSettings(APP_ID, TOKEN, AES_KEY)
CONSOLE = Console()


class Bot:
    """A channel behind HTTP, with what waits for its one resident."""

    def __init__(self, answers: Waiting | None = None, settings: WeChatSettings = SETTINGS, **more: Any) -> None:
        self.waiting = answers or Waiting()
        self.refused: list[str] = []
        more = {"silent_for": 0.0, **more}
        self.channel = WeChat(
            settings,
            None,
            clock=utc_now,
            answers=self.waiting,
            secret=SIGNING.encode(),
            address="http://bot",
            on_malformed=self.refused.append,
            **more,
        )

    @asynccontextmanager
    async def visitor(self) -> AsyncIterator[httpx.AsyncClient]:
        transport = httpx.ASGITransport(Starlette(routes=self.channel.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://bot") as visitor:
            yield visitor

    async def post(self, fields: Mapping[str, Any]) -> tuple[int, str]:
        """The status, and the text that the resident is shown."""
        callback = CONSOLE.callback(fields, utc_now())
        async with self.visitor() as visitor:
            answer = await visitor.post("/wechat", params=callback.query, content=callback.body)
        return answer.status_code, text_of(CONSOLE.read(answer.content), "Content")

    async def get(self, path: str) -> httpx.Response:
        async with self.visitor() as visitor:
            return await visitor.get(path)

    def waits(self, text: str, number: int = 1, file: File | None = None) -> None:
        self.waiting.say(Outbound("wechat", RESIDENT, f"o{number}", text, file=file, message_id=number))


@asynccontextmanager
async def open_bot(inbox: Inbox, answers: Waiting | None = None, **more: Any) -> AsyncIterator[Bot]:
    bot = Bot(answers, **more)
    await bot.channel.start(inbox.receive)
    yield bot
    await bot.channel.stop()
    await bot.channel.close()


async def test_it_is_a_channel() -> None:
    channel: Channel = Bot().channel
    assert channel.name == "wechat"
    assert not channel.capabilities.pushes
    assert not channel.capabilities.buttons
    assert channel.limits.per_second == 50.0
    assert channel.present() == ()
    assert await channel.check() == []


async def test_one_without_a_secret_pushes_and_fetches_nothing() -> None:
    channel = Bot().channel
    assert await channel.send(Outbound("wechat", RESIDENT, "o1", "x")) == NotSent(Failure.WINDOW_CLOSED)
    with pytest.raises(FetchRefused):
        await channel.fetch("media-1")


@pytest.mark.parametrize(
    "address",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://qpic.cn.example/mmbiz/1",
        "http://127.0.0.1/qpic.cn/1",
        "http://mmbiz.qpic.cn@example/1",
        "file:///etc/passwd",
        "//mmbiz.qpic.cn/1",
    ],
)
async def test_no_picture_is_fetched_from_elsewhere(address: str) -> None:
    with pytest.raises(FetchRefused, match="elsewhere"):
        await Bot().channel.fetch(f"media-1 {address}")


PUSHING = WeChatSettings(APP_ID, TOKEN, AES_KEY, secret="plainly-invented", active=True)


async def test_one_that_pushes_answers_what_is_words_alone(inbox: Inbox) -> None:
    async with open_bot(inbox, settings=PUSHING) as bot:
        assert bot.channel.capabilities.buttons
        assert bot.channel.capabilities.windows
        bot.waits("您好")
        bot.waits("有新公告", 2)
        assert [await bot.post(said("你好")) for _ in range(2)] == [(200, "您好\n\n有新公告")] * 2
        assert await bot.post(said("还有吗", 2)) == (200, "")
    assert bot.waiting.waiting == []


@pytest.mark.parametrize(
    "more",
    [
        Carried(2, "满意吗？", [["a.0", "1 满意"]], ""),
        Carried(2, "台账", None, "台账.xlsx"),
        Carried(2, "路" * 681, None, ""),
    ],
    ids=["choices", "a file", "too long"],
)
async def test_one_that_pushes_answers_with_nothing_where_anything_is_more_than_that(
    more: Carried, inbox: Inbox
) -> None:
    async with open_bot(inbox, settings=PUSHING) as bot:
        bot.waits("您好")
        bot.waiting.waiting.append(more)
        assert await bot.post(said("你好")) == (200, "")
    assert len(bot.waiting.waiting) == 2
    assert [one.text for one in inbox.inbounds] == ["你好"]


# --- what travels in responses


async def test_all_that_waits_comes_as_one_text_and_to_every_repeat_again(inbox: Inbox) -> None:
    async with open_bot(inbox) as bot:
        for number, text in enumerate(("建议已收到", "有新公告", "请核对"), 1):
            bot.waits(text, number)
        told = "建议已收到\n\n有新公告\n\n请核对"
        assert [await bot.post(said("你好")) for _ in range(3)] == [(200, told)] * 3
        assert await bot.post(said("还有吗", 2)) == (200, "")


async def test_what_does_not_fit_is_told_and_comes_with_the_next_contact(inbox: Inbox) -> None:
    async with open_bot(inbox) as bot:
        for number in range(1, 6):
            bot.waits(f"{number}" + "路" * 300, number)
        _, first = await bot.post(said("你好"))
        assert [part[0] for part in first.split("\n\n")] == ["1", "2", texts.more(3, by_word=False).zh[0]]
        assert first.endswith("还有 3 条消息，回复 1 查看。")
        _, second = await bot.post(said("1", 2))
        _, third = await bot.post(said("1", 3))
        assert [part[0] for part in f"{second}\n\n{third}".split("\n\n")] == [
            "3",
            "4",
            texts.more(1, by_word=False).zh[0],
            "5",
        ]


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "TEMPLATESENDJOBFINISH", "unsubscribe"])
async def test_what_expects_no_answer_takes_none(event: str, inbox: Inbox) -> None:
    async with open_bot(inbox) as bot:
        bot.waits("您好")
        assert await bot.post(message("event", Event=event, EventKey="http://example.org")) == (200, "")
        assert len(bot.waiting.waiting) == 1
        assert await bot.post(message("event", Event="subscribe", EventKey="")) == (200, "您好")
    assert len(inbox.inbounds) == 2


# --- the store


async def test_what_could_not_be_stored_is_not_answered_and_taken_when_it_comes_again(inbox: Inbox) -> None:
    with structlog.testing.capture_logs() as lines:
        async with open_bot(inbox) as bot:
            bot.waits("您好")
            inbox.faults = 1
            assert await bot.post(said("路灯坏了")) == (503, "")
            assert len(bot.waiting.waiting) == 1
            assert await bot.post(said("路灯坏了")) == (200, "您好")
    assert lines == [{"event": "wechat_message_not_stored", "error": "ConnectionError", "log_level": "error"}]
    assert [one.text for one in inbox.inbounds] == ["路灯坏了"]


async def test_an_answer_that_could_not_be_noted_is_not_given(inbox: Inbox) -> None:
    class Failing(Waiting):
        def take(self, key: str, fitting: Fitting) -> Response | None:
            if self.waiting.pop(0).text == "坏":
                raise ConnectionError("路灯坏了")
            return super().take(key, fitting)

    with structlog.testing.capture_logs() as lines:
        async with open_bot(inbox, Failing()) as bot:
            for text in ("坏", "好", "您好"):
                bot.waits(text)
            assert await bot.post(said("路灯坏了")) == (503, "")
            assert await bot.post(said("路灯坏了")) == (200, "您好")
    assert lines == [{"event": "wechat_response_not_stored", "error": "ConnectionError", "log_level": "error"}]


async def test_a_message_that_the_store_does_not_know_is_asked_for_again(inbox: Inbox) -> None:
    class Unknowing(Waiting):
        def take(self, *_: object) -> None:
            """Knows of no message."""

    async with open_bot(inbox, Unknowing()) as bot:
        assert await bot.post(said("你好")) == (503, "")


@in_virtual_time
async def test_a_slow_turn_takes_nothing_until_it_comes_again() -> None:
    inbox = Inbox()
    inbox.gate.clear()
    async with open_bot(inbox, silent_for=SILENT_FOR) as bot:
        bot.waits("您好")
        assert await bot.post(said("路灯坏了")) == (503, "")
        assert asyncio.get_running_loop().time() == SILENT_FOR > 5 > ANSWER_WITHIN
        assert len(bot.waiting.waiting) == 1
        inbox.gate.set()
        assert await bot.post(said("路灯坏了")) == (200, "您好")


async def test_it_stops_after_what_was_taken_is_handed_in(inbox: Inbox) -> None:
    inbox.gate.clear()
    async with open_bot(inbox) as bot:
        posting = asyncio.create_task(bot.post(said("路灯坏了")))
        await inbox.wait_until(lambda: inbox.arrivals == 1)
        stopping = asyncio.create_task(bot.channel.stop())
        await asyncio.sleep(0)
        assert not stopping.done()
        assert await bot.post(said("太晚了", 2)) == (503, "")
        inbox.gate.set()
        await stopping
        assert [one.text for one in inbox.inbounds] == ["路灯坏了"]
        assert (await posting)[0] == 200


async def test_what_is_refused_counts_as_malformed_on_this_channel(inbox: Inbox) -> None:
    async with open_bot(inbox) as bot:
        assert (await bot.get("/wechat")).status_code == 403
        assert await bot.post({"MsgType": "text"}) == (400, "")
    assert bot.refused == ["wechat"] * 2


# --- links to files

_KINDS = {
    "image/jpeg": "inline",
    "image/png": "inline",
    "image/svg+xml": "attachment",
    "text/html": "attachment",
    "application/pdf": "attachment",
}


@pytest.mark.parametrize(("media_type", "shown"), _KINDS.items(), ids=_KINDS)
async def test_a_link_leads_to_its_file(media_type: str, shown: str, inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"plainly invented")
    async with open_bot(inbox) as bot:
        bot.waits("全部台账", 7, File(str(path), '台账 "2026"\n.pdf', media_type))
        _, told = await bot.post(said("你好"))
        link = told.rpartition("：")[2]
        assert link == bot.channel.link(7)
        answer = await bot.get(link)
    assert (answer.status_code, answer.content) == (200, b"plainly invented")
    assert answer.headers["content-disposition"].startswith(f"{shown};")
    assert answer.headers["content-type"].partition(";")[0] == media_type
    assert told.startswith("全部台账\n")


_OTHERS: dict[str, Callable[[str], str]] = {
    "another number": lambda link: link.replace("/7/", "/8/"),
    "the number in other digits": lambda link: link.replace("/7/", "/７/"),
    "more of a number": lambda link: link.replace("/7/", "/07/"),
    "no number": lambda link: link.replace("/7/", "/x/"),
    "another proof": lambda link: link[:-1] + ("1" if link[-1] == "0" else "0"),
    "half a proof": lambda link: link[:-1],
    "more than the proof": lambda link: link + "0",
    "no words of ours": lambda link: link.rpartition("/")[0] + "/路灯",
    "no letters": lambda link: link.rpartition("/")[0] + "/%ff%fe",
}


@pytest.mark.parametrize("other", _OTHERS.values(), ids=_OTHERS)
async def test_no_other_link_leads_anywhere(other: Callable[[str], str], inbox: Inbox, tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_bytes(b"plainly invented")
    async with open_bot(inbox) as bot:
        for number in (7, 8):
            bot.waits("", number, File(str(path), "grid.jpg", "image/jpeg"))
        answer = await bot.get(other(bot.channel.link(7)))
    assert (answer.status_code, answer.content) == (404, b"")


async def test_a_link_of_another_secret_leads_nowhere(inbox: Inbox) -> None:
    stranger = WeChat(SETTINGS, None, clock=utc_now, secret=b"another", address="http://bot")
    async with open_bot(inbox) as bot:
        assert (await bot.get(stranger.link(7))).status_code == 404


async def test_an_expired_link_says_so_and_what_to_do(inbox: Inbox, tmp_path: Path) -> None:
    asked: list[tuple[int, timedelta]] = []

    class Forgetting(Waiting):
        async def file_sent(self, message_id: int, within: timedelta) -> File | None:
            asked.append((message_id, within))
            return None if message_id == 7 else File(str(tmp_path / "gone"), "grid.jpg", "image/jpeg")

    async with open_bot(inbox, Forgetting()) as bot:
        for number in (7, 8):
            answer = await bot.get(bot.channel.link(number))
            assert (answer.status_code, answer.text) == (410, f"{texts.FILE_GONE.zh}\n{texts.FILE_GONE.en}")
    assert asked == [(7, LINKS_LAST), (8, LINKS_LAST)]


async def test_a_file_that_could_not_be_made_is_asked_for_again(inbox: Inbox) -> None:
    class Failing(Waiting):
        async def file_sent(self, *_: object) -> None:
            raise OSError("台账 2026.pdf")

    with structlog.testing.capture_logs() as lines:
        async with open_bot(inbox, Failing()) as bot:
            answer = await bot.get(bot.channel.link(7))
    assert (answer.status_code, answer.text) == (503, f"{texts.FILE_NOT_READY.zh}\n{texts.FILE_NOT_READY.en}")
    assert lines == [{"event": "wechat_file_not_ready", "error": "OSError", "log_level": "warning"}]


async def test_links_are_compared_in_a_time_that_tells_nothing(monkeypatch: pytest.MonkeyPatch, inbox: Inbox) -> None:
    compared: list[tuple[bytes, bytes]] = []

    def compare(given: bytes, expected: bytes) -> bool:
        compared.append((given, expected))
        return given == expected

    async with open_bot(inbox) as bot:
        link = bot.channel.link(7)
        monkeypatch.setattr(hmac, "compare_digest", compare)
        assert (await bot.get(link.rpartition("/")[0] + "/0")).status_code == 404
    assert compared == [(b"0", link.rpartition("/")[2].encode())]
