"""What everybody can read on the public board, asked for over HTTP."""

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from bot.board import ON_WALL, PAGE
from storage.domain.announcements import PUBLIC, Correction, Kind, State
from tests.bot.board_visitor import PUBLIC_URL, Visitor, links_of, sqlite_only, visiting, words_of
from tests.bot.channels.web_visitor import HOST
from tests.bot.program_stage import PATIENCE
from tests.conversing import NOW
from tests.posted import DAY, agreed, drafted, posted, put
from tests.settlement import second_congress
from tests.storage.plans import Plans

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
