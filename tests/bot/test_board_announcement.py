"""One announcement on the public board, and what corrects it."""

import re
from html import unescape

import pytest

from storage.audit import Actor
from storage.domain.announcements import Correction, Levels, State, Step
from storage.domain.rules import Rules
from tests.bot.board_visitor import EVIL, Visitor, links_of, sqlite_only, words_of
from tests.bot.channels.contract_acts import PAPER, PICTURE
from tests.conversing import NOW
from tests.posted import DAY, agreed, drafted, posted, put

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
