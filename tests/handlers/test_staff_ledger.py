"""The office's ledger: filters, pages, and the one that is read; whom no message reaches; who gets in."""

from datetime import timedelta

import pytest

from handlers.messages import Kind
from handlers.texts import access
from handlers.texts import staff as texts
from storage.arrivals import Arrivals
from storage.domain.proposal_status import Status
from storage.domain.roles import Role
from storage.tables import attachments
from tests.conversing import Person, Town, joined, last
from tests.settlement import Settlement, enrolled, second_congress


@pytest.fixture
def many(town: Town, resident: Person) -> None:
    """Five proposals over two weeks, each of its own kind; the first is the oldest."""
    for text, where in (
        ("修路", "柳树湾"),
        ("自来水停水", "老桥头"),
        ("装路灯", "磨坊"),
        ("垃圾没人管", "不清楚"),
        ("修桥", "柳树湾"),
    ):
        answers = ("1",) if where == "老桥头" else ()
        resident.says("提建议", text, where, *answers, "没有", "提交")
        town.passes(days=3)
    with town.store() as store:
        store.proposals.change_status(5, Status.TAKEN_UP)


@pytest.mark.parametrize(
    ("answers", "numbers"),
    [
        (["新收到"], [4, 3, 2, 1]),
        (["等了 7 天以上的"], [3, 2, 1]),
        (["最近 7 天"], [5, 4]),
        (["地点待核实"], [4]),
        (["按网格", "柳树湾"], [5, 1]),
        (["按网格", "柳河镇", "杨柳村", "1"], [5, 1]),
        (["按类别", "道路交通"], [5, 1]),
        (["按状态", "已采纳"], [5]),
        (["全部"], [5, 4, 3, 2, 1]),
    ],
)
@pytest.mark.usefixtures("many")
def test_the_ledger_shows_what_its_filter_says(clerk: Person, answers: list[str], numbers: list[int]) -> None:
    clerk.says("台账", *answers)
    shown = clerk.screen()
    assert shown.startswith(texts.ledger_list(len(numbers), len(numbers)).zh)
    assert [number for number in range(5, 0, -1) if f"（{number}号" in shown] == numbers


@pytest.mark.usefixtures("many")
def test_a_line_tells_number_text_place_status_and_days(clerk: Person) -> None:
    clerk.says("台账", "全部")
    assert "2 垃圾没人管（4号，待核实，已收到，6 天）" in clerk.screen()


def test_nothing_found_says_so_and_how_to_go_on(clerk: Person) -> None:
    assert joined(clerk.says("台账", "按类别", "教育")) == texts.NOTHING_FOUND.zh


def test_the_ledger_is_paged_and_a_number_answers_the_page_that_was_shown(
    town: Town, resident: Person, clerk: Person
) -> None:
    for at in range(23):
        resident.suggests(f"第{at}件事")
    clerk.says("台账", "全部")
    assert "共 23 条" in clerk.screen()
    assert "10 第13件事（14号" in clerk.screen()
    clerk.says("下一页")
    assert "1 第12件事（13号" in clerk.screen()
    other = town.person("other")
    other.says("取消")
    other.suggests("又来一件")
    clerk.says("下一页")
    assert "3 第0件事（1号" in clerk.screen()
    assert "下一页" not in clerk.screen()
    assert joined(clerk.says("3")).startswith("1号（")


def test_back_leads_from_a_page_to_the_first_and_then_to_the_filters(resident: Person, clerk: Person) -> None:
    for at in range(12):
        resident.suggests(f"第{at}件事")
    clerk.says("台账", "全部", "下一页")
    assert "共 12 条" in joined(clerk.says("返回"))
    assert joined(clerk.says("返回")) == texts.WHICH_FILTER.zh
    assert joined(clerk.says("全部", "换个条件")) == texts.WHICH_FILTER.zh
    assert "请回复数字" in joined(clerk.says("返回菜单"))


@pytest.mark.usefixtures("author")
def test_a_number_that_is_no_proposal_is_asked_for_again(clerk: Person) -> None:
    clerk.says("台账", "按编号")
    assert joined(clerk.says("99")).startswith(access.NO_SUCH_PROPOSAL.zh)
    assert "请回复一个数字" in joined(clerk.says("那条修路的"))
    assert joined(clerk.says("一号")).startswith("1号（已收到")


@pytest.mark.usefixtures("author")
def test_another_congress_is_another_ledger(town: Town, place: Settlement) -> None:
    with town.store() as store:
        county = second_congress(store, place)
        enrolled(store, "county", "周涛", county, Role.STAFF)
    other = town.person("county")
    other.says("取消")
    assert joined(other.says("台账", "全部")) == texts.NOTHING_FOUND.zh
    assert access.NOT_YOUR_CONGRESS.zh in joined(other.says("台账", "按编号", "1"))


@pytest.mark.usefixtures("author")
def test_staff_of_two_congresses_say_for_which(town: Town, place: Settlement, clerk: Person) -> None:
    with town.store() as store:
        store.people.grant(place.staff, second_congress(store, place), Role.STAFF)
    clerk.says("台账")
    assert clerk.screen() == f"{texts.WHICH_CONGRESS.zh}\n1 柳河镇人大\n2 云川县人大"
    assert joined(clerk.says("云川县", "全部")) == texts.NOTHING_FOUND.zh


def test_the_ledger_comes_as_a_file_named_by_its_day(town: Town, clerk: Person) -> None:
    town.now += timedelta(hours=16)  # past midnight in China
    assert joined(clerk.says("台账", "导出台账")) == texts.LEDGER_FILE.zh
    assert clerk.files() == ["ledger"]
    with town.store() as store:
        names = list(store.unit.read(attachments.select()).mappings())
    assert names[-1]["name"] == "台账-20260902.xlsx"


# --- whom no message reaches


def test_those_whom_no_message_reaches_are_listed_with_their_telephone(
    town: Town, deputy: Person, clerk: Person
) -> None:
    assert joined(clerk.says("联系不上")) == texts.NOBODY_UNREACHABLE.zh
    deputy.says("取消")
    deputy.does(deputy.message(Kind.BLOCKED))
    assert joined(clerk.says("联系不上")) == "李强 13900000000（9月1日起联系不上）"
    deputy.says("提建议")
    assert joined(clerk.says("联系不上")) == texts.NOBODY_UNREACHABLE.zh
    assert town.faults == []


def test_a_channel_that_is_shut_is_told_there_as_long_as_it_is(town: Town, deputy: Person, clerk: Person) -> None:
    with town.store() as store:
        store.pauses.pause("telegram", town.now + timedelta(minutes=1), "401")
        store.pauses.pause("busy", town.now + timedelta(minutes=1))
    assert last(clerk.says("联系不上")) == "Telegram现在发不出消息，都先留着。请管理员检查设置。"
    deputy.says("取消")
    deputy.does(deputy.message(Kind.BLOCKED))
    told = last(clerk.says("联系不上")).splitlines()
    assert told == [texts.cannot_send("telegram").zh, "李强 13900000000（9月1日起联系不上）"]
    town.passes(minutes=1)
    assert last(clerk.says("联系不上")).startswith("李强")


# --- nobody else


@pytest.mark.parametrize("account", ["deputy", "worker", "resident"])
@pytest.mark.parametrize("conversation", ["ledger", "handle", "relink", "telephones", "load_ledger"])
@pytest.mark.usefixtures("author")
def test_nobody_but_staff_gets_in(town: Town, account: str, conversation: str) -> None:
    """Not even where a conversation is begun in another way than by its word."""
    person = town.person(account)
    person.says("取消")
    with town.store() as store:
        found = Arrivals(store.unit, town.now).guests([("tap", account)])
        someone = found["tap", account].person.id
        store.conversations.prompt(someone, conversation, {"number": 1, "congress": 1})
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [someone])
    assert joined(person.reads()) == access.NOT_FOR_YOU.zh
