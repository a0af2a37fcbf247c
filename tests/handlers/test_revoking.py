"""The office takes a role away, and who had it is a resident from the next message on."""

import pytest

from handlers.texts import access, everywhere
from handlers.texts import proposals as told
from handlers.texts import roles as texts
from handlers.texts import staff as office
from handlers.texts import welcome as hall
from handlers.texts.words import ROLE
from storage.domain.roles import Role
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement, enrolled, second_congress


@pytest.fixture
def colleague(town: Town, place: Settlement) -> Person:
    """陈静, who works beside 王芳."""
    with town.store() as store:
        enrolled(store, "colleague", "陈静", place.congress, Role.STAFF)
    colleague = town.person("colleague")
    colleague.says("取消")
    return colleague


def holders(town: Town, place: Settlement, role: Role) -> list[int]:
    with town.store() as store:
        return [held.person_id for held in store.people.holders(place.congress, role)]


def test_a_deputy_who_has_left_is_a_resident_and_told_so(
    town: Town, place: Settlement, clerk: Person, deputy: Person
) -> None:
    deputy.says("取消")
    clerk.says("人员", "人大代表")
    assert "1 李强" in clerk.screen()
    assert joined(clerk.says("李强")).startswith("取消 李强 的人大代表身份吗？")
    assert joined(clerk.says("1")) == texts.revoked("李强", ROLE[Role.DEPUTY]).zh
    assert holders(town, place, Role.DEPUTY) == []
    assert joined(deputy.reads()) == texts.revoked_from_you(ROLE[Role.DEPUTY], "柳河镇人大").zh
    assert joined(deputy.says("代提")) == access.NOT_FOR_YOU.zh
    deputy.says("菜单")
    assert office.MENU_ON_BEHALF.zh not in deputy.screen()
    assert deputy.suggests("柳树湾修路") == 1


def test_what_was_not_confirmed_is_not_done(town: Town, place: Settlement, clerk: Person) -> None:
    assert joined(clerk.says("人员", "网格员", "赵敏", "不是")) == told.KEPT_AS_IT_IS.zh
    assert holders(town, place, Role.GRID_WORKER) == [place.worker]


def test_the_last_of_the_staff_stays(town: Town, place: Settlement, clerk: Person) -> None:
    assert joined(clerk.says("人员", "工作人员", "王芳", "是")) == texts.LAST_OF_STAFF.zh
    assert holders(town, place, Role.STAFF) == [place.staff]


def test_an_open_conversation_of_the_office_ends_with_a_sentence(clerk: Person, colleague: Person) -> None:
    colleague.says("台账", "按编号")
    clerk.says("人员", "工作人员", "陈静", "是")
    colleague.reads()
    assert joined(colleague.says("1")) == access.NOT_FOR_YOU.zh
    assert everywhere.NOTHING_TO_CHOOSE.zh in joined(colleague.says("1"))


def test_a_clerk_may_leave_by_their_own_hand(town: Town, place: Settlement, clerk: Person, colleague: Person) -> None:
    colleague.says("人员", "工作人员", "陈静", "是")
    assert holders(town, place, Role.STAFF) == [place.staff]
    assert joined(colleague.says("台账")) == access.NOT_FOR_YOU.zh
    assert clerk.reads() == []


def test_who_asks_for_help_is_not_read_by_a_clerk_who_has_left(
    town: Town, resident: Person, clerk: Person, colleague: Person
) -> None:
    colleague.says("台账")  # busy, so the first waits
    resident.says("设置", "我的网格", "柳树湾", "人工", "秘密的事", "1")
    clerk.reads()
    clerk.says("取消", "人员", "工作人员", "陈静", "是")
    resident.says("人工", "另一件秘密", "1")
    colleague.says("取消", "取消")
    assert "秘密" not in joined(text for text, _ in colleague.told_lately(20))
    assert town.faults == []


def test_an_open_call_for_help_is_not_answered_by_a_clerk_who_has_left(
    resident: Person, clerk: Person, colleague: Person
) -> None:
    resident.says("设置", "我的网格", "柳树湾", "人工", "帮帮我", "1")
    assert "帮帮我" in joined(colleague.reads())
    clerk.says("取消", "人员", "工作人员", "陈静", "是")
    assert joined(colleague.says("来了")).startswith(access.NOT_FOR_YOU.zh)
    assert hall.staff_answer("来了").zh not in joined(resident.reads())


def test_an_authors_answer_goes_to_the_office_not_to_a_clerk_who_has_left(
    resident: Person, clerk: Person, colleague: Person
) -> None:
    resident.suggests("柳树湾修路")
    colleague.says("台账", "按编号", "1", "追问作者", "哪一段？", "取消")
    clerk.says("人员", "工作人员", "陈静", "是")
    colleague.reads()
    resident.says("桥头那段")
    assert colleague.reads() == []
    assert joined(clerk.reads()) == told.answer_came(1, "桥头那段").zh


def test_a_deputy_who_has_left_hears_nothing_of_their_old_code(
    town: Town, place: Settlement, clerk: Person, deputy: Person
) -> None:
    deputy.says("取消")
    newcomer = town.person("newcomer")
    newcomer.starts(f"d-{place.deputy_role}")
    clerk.says("人员", "人大代表", "李强", "是")
    deputy.reads()
    newcomer.says("柳树湾修路", "没有", "提交")
    assert deputy.reads() == []
    assert hall.BAD_LINK.zh in joined(town.person("later").starts(f"d-{place.deputy_role}"))


def test_an_unused_invite_ends_with_the_last_role(town: Town, place: Settlement, clerk: Person) -> None:
    with town.store() as store:
        person = store.people.add("张三")
        store.people.grant(person, place.congress, Role.DEPUTY)
        code = store.people.invite(person)
    clerk.says("人员", "人大代表")
    assert "张三（还没登记）" in clerk.screen()
    clerk.says("张三", "是")
    assert hall.INVITE_USED.zh in joined(town.person("finder").starts(f"i-{code}"))


def test_old_ledgers_cannot_be_had_any_more(clerk: Person, colleague: Person) -> None:
    colleague.says("台账", "导出台账")
    assert colleague.files() == ["ledger"]
    clerk.says("人员", "工作人员", "陈静", "是")
    assert colleague.files() == []


def test_only_the_staff_of_that_congress_may(town: Town, place: Settlement, deputy: Person, clerk: Person) -> None:
    deputy.says("取消")
    assert joined(deputy.says("人员")) == access.NOT_FOR_YOU.zh
    with town.store() as store:
        county = second_congress(store, place)
        enrolled(store, "county", "县办", county, Role.STAFF)
        enrolled(store, "county-deputy", "李强强", county, Role.DEPUTY)
    clerk.says("人员", "人大代表")
    assert "李强强" not in clerk.screen()


@pytest.mark.parametrize("said", ["1", "李强"])
def test_who_was_taken_out_meanwhile_is_asked_about_anew(
    town: Town, place: Settlement, clerk: Person, said: str
) -> None:
    with town.store() as store:
        enrolled(store, "second", "李梅", place.congress, Role.DEPUTY)
    clerk.says("人员", "人大代表", said)
    with town.store() as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    clerk.says("1")
    assert "1 李梅" in clerk.screen()
    assert town.faults == []


def test_many_are_listed_by_the_page_and_found_by_a_part_of_the_name(
    town: Town, place: Settlement, clerk: Person
) -> None:
    with town.store() as store:
        for at in range(25):
            enrolled(store, f"d{at}", f"代表{chr(0x7532 + at)}", place.congress, Role.DEPUTY)
    clerk.says("人员", "人大代表")
    assert "11 下一页" in clerk.screen()
    clerk.says("11", "11")
    assert f"1 代表{chr(0x7532 + 19)}" in clerk.screen()
    assert "请回复 1 到" in joined(clerk.says("没有这个人"))
    clerk.says("代表")
    assert f"10 代表{chr(0x7532 + 9)}" in clerk.screen()
    clerk.says(chr(0x7532 + 24))
    assert f"取消 代表{chr(0x7532 + 24)} 的" in clerk.screen()


def test_where_nobody_holds_a_role_there_is_nobody_to_choose(town: Town, place: Settlement, clerk: Person) -> None:
    with town.store() as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    assert joined(clerk.says("人员", "人大代表")) == texts.nobody(ROLE[Role.DEPUTY]).zh
