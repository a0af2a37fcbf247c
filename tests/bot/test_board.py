"""What everybody can read on the public board, asked for over HTTP."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot.board import ON_WALL, PAGE
from bot.web import web_app
from bot.wiring import Program
from storage.areas import load_index
from storage.audit import Actor
from storage.database import open_database, transaction
from storage.domain.announcements import PUBLIC, Correction, Kind, Levels, State, Step
from storage.domain.rules import Rules
from storage.store import Store
from tests.bot.channels.contract_acts import PAPER, PICTURE
from tests.bot.channels.web_visitor import HOST
from tests.bot.program_stage import PATIENCE, settings_for
from tests.conversing import NOW
from tests.posted import DAY, agreed, drafted, posted, put
from tests.settlement import Settlement, second_congress, settle
from tests.storage.plans import Plans

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
PUBLIC_URL = "https://bot.example"
EVIL = "<script>alert(1)</script>&\"'{{7*7}}"


@dataclass
class Visitor:
    """Somebody whom nobody knows, before the boards of the settlement."""

    program: Program
    place: Settlement
    http: httpx.AsyncClient

    @asynccontextmanager
    async def office(self) -> AsyncIterator[Store]:
        """What happens meanwhile."""
        with transaction(self.program.engine) as unit:
            yield Store(unit, NOW, load_index(unit))

    async def get(self, path: str = "", language: str = "zh-CN", **more: Any) -> httpx.Response:
        return await self.http.get(f"/board{path}", headers={"accept-language": language}, **more)

    async def reads(self, path: str = "", language: str = "zh-CN") -> str:
        """The words of a page, without its marks."""
        answer = await self.get(path, language)
        assert answer.status_code == 200, answer.text
        return words_of(answer)

    def at(self, number: int | str) -> str:
        return f"/{self.place.congress}/{number}"


def words_of(answer: httpx.Response) -> str:
    seen = re.sub(r"(?s)<(style|title|svg)\b.*?</\1>", "", answer.text)
    return unescape(re.sub(r"<[^>]*>", "", seen))


def links_of(answer: httpx.Response) -> list[str]:
    return [unescape(link) for link in re.findall(r'<a href="([^"]*)"', answer.text)]


@pytest_asyncio.fixture
async def visitor(database_url: str, tmp_path: Path) -> AsyncIterator[Visitor]:
    async with visiting(database_url, tmp_path) as visitor:
        yield visitor


@asynccontextmanager
async def visiting(database_url: str, folder: Path) -> AsyncIterator[Visitor]:
    engine = open_database(database_url)
    with transaction(engine) as unit:
        place = settle(Store(unit, NOW, load_index(unit)))
    engine.dispose()
    # Not started, for what is to be sent would be sent.
    program = Program(settings_for(folder, database_url, public_url=PUBLIC_URL))
    transport = httpx.ASGITransport(web_app(program))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}") as http:
        yield Visitor(program, place, http)
    program.engine.dispose()


# --- which boards, and what is on them


async def test_boards_are_listed_or_gone_to_at_once(visitor: Visitor) -> None:
    assert "还没有公告" in await visitor.reads()
    async with visitor.office() as store:
        other = second_congress(store, visitor.place)
        posted(store, visitor.place, NOW)
    answer = await visitor.get()
    assert (answer.status_code, answer.headers["location"]) == (307, f"/board/{visitor.place.congress}")
    async with visitor.office() as store:
        posted(store, visitor.place, NOW, congress=other)
    for path in ("", "/"):
        answer = await visitor.get(path)
        assert answer.status_code == 200
        assert [link for link in links_of(answer) if link.startswith("/board/")] == [
            f"/board/{visitor.place.congress}",
            f"/board/{other}",
        ]


async def test_the_newest_stands_first_and_the_rest_a_page_further(visitor: Visitor) -> None:
    async with visitor.office() as store:
        numbers = [
            posted(store, visitor.place, NOW + DAY * at, title=f"通知（{at}）", kind=Kind.PROGRESS)
            for at in range(PAGE + 3)
        ]
        second_congress(store, visitor.place)
    first = await visitor.get(f"/{visitor.place.congress}")
    theirs = [link for link in links_of(first) if re.fullmatch(rf"/board/{visitor.place.congress}/\d+", link)]
    assert theirs == [f"/board{visitor.at(number)}" for number in reversed(numbers[3:])]
    assert "进展通报 · 2026年9月23日" in words_of(first)
    (older,) = (link for link in links_of(first) if "below" in link)
    rest = words_of(await visitor.http.get(older))
    assert [f"通知（{at}）" in rest for at in range(4)] == [True, True, True, False]
    assert "更早的公告" in rest
    assert "没有更早的公告了" in await visitor.reads(f"/{visitor.place.congress}?below={numbers[0]}")


@sqlite_only
@pytest.mark.parametrize("state", [*State])
async def test_only_what_is_public_stands_there(visitor: Visitor, state: State) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW, state)
        hidden = posted(store, visitor.place, NOW, on_board=False, title="只发消息")
    board = await visitor.reads(f"/{visitor.place.congress}")
    assert ("接待日通知" in board) == (state in PUBLIC)
    assert "只发消息" not in board
    assert (await visitor.get(visitor.at(number))).status_code == (200 if state in PUBLIC else 404)
    assert (await visitor.get(visitor.at(hidden))).status_code == 404
    assert (await visitor.get()).status_code == (307 if state in PUBLIC else 200)


async def test_a_draft_is_nowhere_until_it_is_sent(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = drafted(store, visitor.place, title="还没有审")
    assert (await visitor.get(visitor.at(number))).status_code == 404
    async with visitor.office() as store:
        agreed(store, visitor.place, number)
    assert (await visitor.get(visitor.at(number))).status_code == 404
    async with visitor.office() as store:
        put(store, number, State.SENDING, NOW)
    assert "还没有审" in await visitor.reads(visitor.at(number))


# --- one announcement


async def test_a_page_has_the_exact_text_and_who_agreed_but_no_names(visitor: Visitor) -> None:
    text = "  第一行\n\n\t第三行 <b>不是粗体</b> *也不是*\n—— 完"
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW + DAY, title="征集公告 & 更多", text=text)
    page = await visitor.reads(visitor.at(number))
    assert text in page
    assert "征集公告 & 更多" in page
    for said in ("接待日通知", "柳河镇人大", "2026年9月2日", "起草", "审核", "签发", f"第 {number} 号公告"):
        assert said in page
    for name in ("王芳", "李强", "赵敏"):
        assert name not in page


@sqlite_only
@pytest.mark.parametrize(
    ("levels", "roles"),
    [(Levels.ONE, ["起草", "签发"]), (Levels.TWO, ["起草", "签发"]), (Levels.THREE, ["起草", "审核", "签发"])],
)
async def test_the_roles_are_those_that_the_congress_wants(visitor: Visitor, levels: Levels, roles: list[str]) -> None:
    async with visitor.office() as store:
        number = drafted(store, visitor.place)
        agreed(store, visitor.place, number, levels)
        put(store, number, State.SENDING, NOW)
    page = (await visitor.get(visitor.at(number))).text
    assert re.findall(r"<dt>(\S+)</dt><dd>2026年9月1日</dd>", page) == roles


@sqlite_only
async def test_what_could_not_wait_says_so(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = drafted(store, visitor.place, urgent="台风将至")
        rules = Rules(announcement_urgent=True)
        for person, step in ((visitor.place.staff, Step.SUBMIT), (visitor.place.deputy, Step.URGENT)):
            store.on_behalf_of(Actor(person)).announcements.sign(number, 1, step, rules)
        put(store, number, State.SENDING, NOW)
    page = await visitor.reads(visitor.at(number))
    assert "紧急签发" in page
    assert "台风将至" not in page


@sqlite_only
async def test_what_is_written_to_each_is_written_to_all_here(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW, title="致{姓名}", text="{姓名}：{网格}的代表是{代表}，{别的}。")
    for path in (visitor.at(number), f"/{visitor.place.congress}", visitor.at("print")):
        page = await visitor.reads(path)
        assert "致各位居民" in page
        assert "{姓名}" not in page
    assert "{别的}" in await visitor.reads(visitor.at(number))


@sqlite_only
@pytest.mark.parametrize(
    ("link", "shown"),
    [
        ("https://www.example.org/a?b=1&c=2", "www.example.org"),
        ("https://bank.example@evil.example/", "evil.example"),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
async def test_a_link_says_where_it_leads(visitor: Visitor, link: str, shown: str | None) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW, link=link)
    answer = await visitor.get(visitor.at(number))
    found = re.findall(r'<p class="link"><a href="([^"]*)" rel="noopener noreferrer nofollow">([^<]*)</a>', answer.text)
    assert [(unescape(address), host) for address, host in found] == ([(link, shown)] if shown else [])
    assert "javascript:" not in answer.text


@sqlite_only
async def test_nothing_that_was_written_becomes_part_of_the_page(visitor: Visitor) -> None:
    async with visitor.office() as store:
        digest = visitor.program.files.store.keep(PAPER)
        files = (
            (digest, EVIL + ".pdf", "application/pdf"),
            (visitor.program.files.store.keep(PICTURE), EVIL, "image/jpeg"),
        )
        number = posted(store, visitor.place, NOW, title=EVIL, text=EVIL, files=files)
    for path in (visitor.at(number), f"/{visitor.place.congress}", visitor.at("print")):
        answer = await visitor.get(path)
        assert EVIL in words_of(answer)
        assert "<script" not in answer.text
        assert "49" not in words_of(answer).replace(EVIL, "")


async def test_files_are_shown_or_downloaded_and_only_those_of_the_page(visitor: Visitor) -> None:
    kept = visitor.program.files.store
    picture, paper, page, stray = (kept.keep(one) for one in (PICTURE, PAPER, b"<html>", b"another"))
    files = (
        (paper, "名单.pdf", "application/pdf"),
        (picture, "海报.jpg", "image/jpeg"),
        (page, "x.html", "text/html"),
        ("0" * 64, "gone.pdf", "application/pdf"),
    )
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW, files=files)
        hidden = posted(store, visitor.place, NOW, on_board=False, files=((stray, "a.pdf", "application/pdf"),))
        other = posted(store, visitor.place, NOW)
    answer = await visitor.get(visitor.at(number))
    assert f'<img class="picture" src="/board{visitor.at(number)}/{picture}" alt="公告图片：海报.jpg">' in answer.text
    assert [link.rpartition("/")[2] for link in links_of(answer) if len(link) > 64] == [paper, page]
    assert "1 KB" in words_of(answer)

    shown = await visitor.get(f"{visitor.at(number)}/{picture}")
    assert (shown.content, shown.headers["content-type"]) == (PICTURE, "image/jpeg")
    assert shown.headers["content-disposition"].startswith("inline")
    for digest, content in ((paper, PAPER), (page, b"<html>")):
        saved = await visitor.get(f"{visitor.at(number)}/{digest}")
        assert saved.content == content
        assert saved.headers["content-disposition"].startswith("attachment")
        assert saved.headers["content-type"] == "application/octet-stream"
        assert saved.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in saved.headers["content-security-policy"]
    for path in (
        *(f"{visitor.at(number)}/{digest}" for digest in (stray, "0" * 64, "%2e%2e%2fsecret", paper[:-1])),
        f"{visitor.at(hidden)}/{stray}",
        f"{visitor.at(other)}/{paper}",
    ):
        assert (await visitor.get(path)).status_code == 404


# --- corrections


async def test_a_corrected_one_says_so_and_leads_on(visitor: Visitor) -> None:
    async with visitor.office() as store:
        wrong = posted(store, visitor.place, NOW, State.STOPPED, title="周三接待")
        right = drafted(store, visitor.place, title="周四接待", corrects=wrong, correction=Correction.REPLACE)
        agreed(store, visitor.place, right)
    assert (await visitor.get(visitor.at(wrong))).status_code == 404, "it was stopped, and nothing is in its place"
    async with visitor.office() as store:
        put(store, right, State.SENDING, NOW + DAY)
    answer = await visitor.get(visitor.at(wrong))
    assert "已更正" in words_of(answer)
    assert "周三上午九点" in words_of(answer), "its words stay as they were"
    assert f"/board{visitor.at(right)}" in links_of(answer)
    correction = await visitor.get(visitor.at(right))
    assert "这份公告更正了：周三接待" in words_of(correction)
    assert '<h1 lang="zh-CN" dir="auto">【更正】周四接待</h1>' in correction.text
    assert f"/board{visitor.at(wrong)}" in links_of(correction)
    board = await visitor.reads(f"/{visitor.place.congress}")
    assert "周四接待" in board
    assert "周三接待" not in board


async def test_a_recalled_one_is_taken_back_with_its_files(visitor: Visitor) -> None:
    picture = visitor.program.files.store.keep(PICTURE)
    async with visitor.office() as store:
        files = ((picture, "a.jpg", "image/jpeg"),)
        wrong = posted(store, visitor.place, NOW, text="不该发的话", files=files, link="https://example.org/")
    assert (await visitor.get(f"{visitor.at(wrong)}/{picture}")).status_code == 200
    async with visitor.office() as store:
        back = posted(
            store, visitor.place, NOW, corrects=wrong, correction=Correction.RECALL, text="说明", title="撤回说明"
        )
    answer = await visitor.get(visitor.at(wrong))
    assert "已撤回，不再有效" in words_of(answer)
    assert f"/board{visitor.at(back)}" in links_of(answer)
    assert "不该发的话" not in answer.text
    assert "example.org" not in answer.text
    assert picture not in answer.text
    assert (await visitor.get(f"{visitor.at(wrong)}/{picture}")).status_code == 404
    wall = await visitor.reads(visitor.at("print"))
    assert "撤回说明" not in wall
    assert "接待日通知" not in wall


@sqlite_only
async def test_a_correction_that_is_not_on_the_board_is_not_led_to(visitor: Visitor) -> None:
    async with visitor.office() as store:
        wrong = posted(store, visitor.place, NOW)
        hidden = posted(
            store, visitor.place, NOW, corrects=wrong, correction=Correction.REPLACE, on_board=False, title="内部更正"
        )
    answer = await visitor.get(visitor.at(wrong))
    assert "已更正" in words_of(answer)
    assert f"/board{visitor.at(hidden)}" not in links_of(answer)
    assert "内部更正" not in answer.text


@sqlite_only
async def test_what_was_never_on_the_board_is_not_named_by_its_correction(visitor: Visitor) -> None:
    async with visitor.office() as store:
        hidden = posted(store, visitor.place, NOW, on_board=False, title="内部通知")
        right = posted(store, visitor.place, NOW, corrects=hidden, correction=Correction.REPLACE, title="公开更正")
    assert "内部通知" not in await visitor.reads(visitor.at(right))


# --- for the wall


@sqlite_only
async def test_the_wall_has_the_newest_with_a_code_of_the_board(visitor: Visitor) -> None:
    async with visitor.office() as store:
        for at in range(ON_WALL + 2):
            posted(
                store, visitor.place, NOW + DAY * at, title=f"通知（{at}）", text=f"正文{at}。" + "很长的正文。" * 400
            )
    wall = await visitor.get(visitor.at("print"))
    shown = [f"通知（{at}）" in words_of(wall) for at in range(ON_WALL + 2)]
    assert shown == [False, False] + [True] * ON_WALL
    assert f"{PUBLIC_URL}/board/{visitor.place.congress}" in words_of(wall)
    assert "柳河镇人大 公告榜" in words_of(wall)
    assert len(words_of(wall)) < 1500


@sqlite_only
@pytest.mark.parametrize("path", ["notice", "board", "wall"])
async def test_every_page_carries_the_code_of_its_address(visitor: Visitor, path: str) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW)
    paths = {"notice": visitor.at(number), "board": f"/{visitor.place.congress}", "wall": visitor.at("print")}
    address = paths[path].removesuffix("/print")
    page = (await visitor.get(paths[path])).text
    assert f"<title>{PUBLIC_URL}/board{address}</title>" in page
    assert page.count("<svg") == 1


# --- whoever asks


async def test_what_is_not_here_is_said_in_plain_words(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW)
    for path in ("/999", "/999/1", "/x", "/0", "/-1", "/９", f"/{10**40}", visitor.at(number + 1), visitor.at(10**30)):
        answer = await visitor.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["cache-control"] == "no-store"
        assert "这里没有这份公告" in words_of(answer)
        assert "/board" in links_of(answer)
    for path in (f"{visitor.at(number)}/", f"{visitor.at(number)}/a/b", "/a/b/c/d/e"):
        assert (await visitor.get(path)).status_code == 404


@sqlite_only
async def test_pages_forbid_all_but_their_own_style(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW)
    for path in ("/999", f"/{visitor.place.congress}", visitor.at(number), visitor.at("print")):
        answer = await visitor.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "set-cookie" not in answer.headers
        assert "style=" not in answer.text
        assert "<script" not in answer.text
    kept = (await visitor.get(visitor.at(number))).headers
    assert (kept["cache-control"], kept["vary"]) == ("public, max-age=60", "Accept-Language")
    for method in ("POST", "PUT", "DELETE"):
        assert (await visitor.http.request(method, f"/board{visitor.at(number)}")).status_code == 405


@sqlite_only
async def test_it_speaks_the_language_of_the_browser(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW, kind=Kind.CANDIDATES)
    english = await visitor.get(visitor.at(number), "en-GB,en;q=0.9")
    assert '<html lang="en">' in english.text
    assert "Candidate projects" in words_of(english)
    assert "2026-09-01" in words_of(english)
    assert '<h1 lang="zh-CN" dir="auto">接待日通知</h1>' in english.text
    assert "候选项目公示" in await visitor.reads(visitor.at(number))


async def test_every_page_finds_its_rows_by_an_index(alterable_url: str, tmp_path: Path) -> None:
    async with visiting(alterable_url, tmp_path) as visitor:  # in a database that no test has left statistics in
        async with visitor.office() as store:
            wrong = posted(store, visitor.place, NOW)
            right = posted(store, visitor.place, NOW, corrects=wrong, correction=Correction.REPLACE)
        plans = Plans(visitor.program.engine)
        for path in ("", f"/{visitor.place.congress}", f"/{visitor.place.congress}?below=99", visitor.at("print")):
            await visitor.get(path)
        for number in (wrong, right):
            await visitor.get(visitor.at(number))
    assert len(plans.heard) > 5
    assert plans.scans == {}


WORDS = some.text(max_size=30).map(lambda words: quote(words, safe="", errors="replace"))


@sqlite_only
async def test_nothing_that_is_asked_ends_in_a_fault(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW)
    loop = asyncio.get_running_loop()
    statuses: set[int] = set()

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        parts=some.lists(
            some.one_of(WORDS, some.sampled_from([str(visitor.place.congress), str(number), "print", "0" * 64])),
            max_size=4,
        ),
        below=WORDS,
    )
    def ask(parts: list[str], below: str) -> None:
        url = httpx.URL(f"http://{HOST}/board/{'/'.join(parts)}?below={below}")
        asked = asyncio.run_coroutine_threadsafe(visitor.http.get(url), loop)
        statuses.add(asked.result(PATIENCE).status_code)

    await asyncio.to_thread(ask)
    assert statuses <= {200, 307, 404}


@sqlite_only
async def test_the_day_is_that_of_the_congress(visitor: Visitor) -> None:
    async with visitor.office() as store:
        number = posted(store, visitor.place, NOW.replace(hour=16, minute=30) + timedelta())
    assert "2026年9月2日" in await visitor.reads(visitor.at(number))


@sqlite_only
async def test_a_tab_shows_the_seal(visitor: Visitor) -> None:
    seal = await visitor.get("/seal.svg")
    assert (seal.status_code, seal.headers["content-type"]) == (200, "image/svg+xml")
