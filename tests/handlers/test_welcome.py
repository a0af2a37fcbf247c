import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.messages import Kind, Received
from handlers.texts import everywhere
from handlers.texts import welcome as texts
from handlers.texts.access import NOT_FOR_YOU
from handlers.texts.words import ROLE
from storage.domain.areas import Level
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.tables import roles
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement, Template, enrolled

# --- first contact and links


def test_a_first_contact_is_greeted_with_what_there_is_to_do(town: Town) -> None:
    newcomer = town.person("new")
    newcomer.starts()
    assert newcomer.screen().endswith(
        f"{texts.WELCOME.zh}\n{texts.MENU.zh}\n"
        "1 提建议\n2 我的建议\n3 看看邻居的建议\n4 身边项目\n5 公告\n6 设置和我的数据\n7 找工作人员"
    )


@pytest.mark.parametrize(
    "payload", ["x", "c-", "c-0", "c-999", "c-x", "s-99", "d-99", "d-", "z-1", "c-1-2", "c--1", "c-" + "9" * 60, "民声"]
)
def test_a_link_with_junk_is_no_matter(town: Town, payload: str) -> None:
    newcomer = town.person("new")
    told = joined(newcomer.starts(payload))
    assert texts.BAD_LINK.zh in told
    assert texts.MENU.zh in told
    assert town.faults == []


def test_a_link_to_somebody_who_is_no_deputy_is_junk(town: Town, place: Settlement, resident: Person) -> None:
    with town.store() as store:
        (clerk,) = store.people.holders(place.congress, Role.STAFF)
    assert texts.BAD_LINK.zh in joined(resident.starts(f"d-{clerk.id}"))


def test_a_link_in_the_middle_of_something_sets_it_aside(place: Settlement, resident: Person) -> None:
    resident.says("提建议", "修路")
    told = joined(resident.starts(f"c-{place.willow.id}"))
    assert "已存好" in told
    assert "杨柳村 第一网格" in told


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.text(st.characters(codec=None), max_size=70), kind=st.sampled_from(["", "c-", "s-", "d-", "i-"]))
def test_no_payload_is_a_fault(template: Template, payload: str, kind: str) -> None:
    with template.lent() as engine:
        town = Town(engine)
        newcomer = town.person("new")
        assert newcomer.starts(kind + payload) != []
        assert town.faults == []


# --- enrolment


def invite(town: Town, place: Settlement, name: str = "陈静", role: Role = Role.DEPUTY) -> str:
    with town.store() as store:
        person = store.people.add(name)
        store.people.grant(person, place.congress, role)
        return "i-" + store.people.invite(person)


def test_an_invite_makes_its_bearer_who_the_office_prepared(town: Town, place: Settlement) -> None:
    newcomer = town.person("new")
    newcomer.starts(invite(town, place))
    assert texts.enrolled("陈静", ROLE[Role.DEPUTY], "柳河镇人大").zh in newcomer.screen()
    assert "7 代居民提建议" in newcomer.screen()
    assert "姓名" not in joined(newcomer.says("代提"))


def test_what_a_resident_proposed_before_they_enrolled_stays_theirs(
    town: Town, place: Settlement, resident: Person
) -> None:
    resident.suggests("柳树湾修路")
    resident.starts(invite(town, place))
    assert "柳树湾修路" in joined(resident.says("我的建议"))


def invite_again(town: Town, place: Settlement) -> str:
    """For 李强, who is enrolled by the account "deputy" already."""
    with town.store() as store:
        return "i-" + store.people.invite(place.deputy)


def authors(town: Town, number: int) -> list[int]:
    with town.store() as store:
        return store.proposals.authors(number)


def test_what_they_have_half_written_elsewhere_waits_for_who_enrols(
    town: Town, place: Settlement, deputy: Person
) -> None:
    deputy.says("提建议", "修路")
    newcomer = town.person("new", "plain")
    told = joined(newcomer.starts(invite_again(town, place)))
    assert everywhere.SET_ASIDE.zh in told
    assert "李强，欢迎" in told
    newcomer.says("继续", "柳树湾")
    assert "1号" in joined(deputy.says("没有", "提交")), "by whichever account"
    assert authors(town, 1) == [place.deputy]


def test_what_a_guest_has_half_written_waits_for_who_they_turn_out_to_be(
    town: Town, place: Settlement, resident: Person
) -> None:
    resident.says("提建议", "修路")
    assert everywhere.SET_ASIDE.zh in joined(resident.starts(invite_again(town, place)))
    assert "1号" in joined(resident.says("继续", "柳树湾", "没有", "提交"))
    assert authors(town, 1) == [place.deputy]


def test_what_is_half_written_by_both_accounts_waits(
    town: Town, place: Settlement, deputy: Person, resident: Person
) -> None:
    deputy.says("提建议", "修路")
    resident.says("提建议", "修桥")
    told = joined(resident.starts(invite_again(town, place)))
    assert told.count(everywhere.SET_ASIDE.zh) == 1
    assert "1号" in joined(deputy.says("继续", "1", "柳树湾", "没有", "提交"))
    assert "2号" in joined(deputy.says("继续", "柳树湾", "没有", "提交"))
    assert authors(town, 1) == authors(town, 2) == [place.deputy]


def test_a_menu_that_is_open_elsewhere_is_nothing_to_keep(town: Town, place: Settlement, deputy: Person) -> None:
    deputy.says("菜单")
    assert everywhere.SET_ASIDE.zh not in joined(town.person("new").starts(invite_again(town, place)))
    assert everywhere.SET_ASIDE.zh not in joined(deputy.says("提建议"))


@pytest.mark.parametrize("is_first", [True, False])
def test_who_enrols_and_writes_elsewhere_at_the_same_moment_is_heard_one_after_the_other(
    town: Town, place: Settlement, deputy: Person, is_first: bool
) -> None:
    deputy.says("提建议", "修路")
    newcomer = town.person("new")
    opens = newcomer.message(Kind.START, payload=invite_again(town, place))
    answers = deputy.message(Kind.TEXT, text="柳树湾" if is_first else "继续")
    batch = (answers, opens) if is_first else (opens, answers)
    assert town.hand_in(*batch).received == [Received.ACTED_ON, None]
    assert town.hand_in(batch[1]).received == [Received.ACTED_ON]
    rest = ("继续", "没有", "提交") if is_first else ("柳树湾", "没有", "提交")
    assert "1号" in joined(deputy.says(*rest))


def test_an_invite_works_once(town: Town, place: Settlement, resident: Person) -> None:
    code = invite(town, place)
    town.person("first").starts(code)
    told = joined(resident.starts(code))
    assert texts.INVITE_USED.zh in told
    assert texts.MENU.zh in told
    assert "6 设置" in resident.screen()


def test_an_invite_expires(town: Town, place: Settlement, resident: Person) -> None:
    code = invite(town, place)
    town.passes(days=30)
    assert texts.INVITE_USED.zh in joined(resident.starts(code))


def test_a_newer_invite_replaces_the_one_before(town: Town, place: Settlement, resident: Person) -> None:
    with town.store() as store:
        codes = [store.people.invite(place.deputy) for _ in range(2)]
    assert texts.INVITE_USED.zh in joined(resident.starts("i-" + codes[0]))
    assert "李强，欢迎" in joined(resident.starts("i-" + codes[1]))


def test_an_invite_of_somebody_whose_role_was_taken_back_is_worth_nothing(town: Town, resident: Person) -> None:
    with town.store() as store:
        code = store.people.invite(store.people.add("路人"))
    assert texts.INVITE_USED.zh in joined(resident.starts("i-" + code))


def test_two_who_open_the_same_invite_at_once_become_one_and_a_refusal(town: Town, place: Settlement) -> None:
    code = invite(town, place)
    one, other = town.person("one"), town.person("other")
    batch = [person.message(Kind.START, payload=code) for person in (one, other)]
    assert town.hand_in(*batch).received == [Received.ACTED_ON, None]
    assert town.hand_in(batch[1]).received == [Received.ACTED_ON]
    assert ("欢迎" in joined(one.reads())) != ("欢迎" in joined(other.reads()))


def test_an_invite_used_on_ones_own_second_account_brings_both_together(
    town: Town, place: Settlement, deputy: Person
) -> None:
    deputy.says("取消")
    other = town.person("deputy2", "plain")
    other.starts(invite_again(town, place))
    other.suggests("柳树湾修路")
    assert "柳树湾修路" in joined(deputy.says("我的建议"))


# --- menus by role


@pytest.mark.parametrize(
    ("account", "extra"),
    [
        (
            "staff",
            [
                *("建议台账", "民生实事项目", "督查情况", "问题整改", "居民反映"),
                *("公告管理", "督查安排", "联系不上的人", "人员名册"),
            ],
        ),
        (
            "deputy",
            [
                *("我的督查", "问题整改", "我联系的项目", "居民反映", "我网格本周的留言"),
                *("我的履职", "代居民提建议"),
            ],
        ),
        ("worker", ["我网格本周的留言", "录入纸质表"]),
        ("anybody", []),
    ],
)
def test_everybody_finds_what_is_theirs_in_the_menu(town: Town, account: str, extra: list[str]) -> None:
    person = town.person(account)
    person.says("菜单")
    labels = [label.split(" ", 1)[1] for _, label in person.buttons()]
    everybodys = ["提建议", "我的建议", "看看邻居的建议", "身边项目", "公告", "设置和我的数据", "找工作人员"]
    assert [label for label in labels if label not in everybodys] == extra
    assert [label for label in labels if label in everybodys] == everybodys


@pytest.mark.parametrize("word", ["台账", "项目", "我的项目", "联系不上", "代提", "录入", "我的网格留言"])
def test_what_is_for_others_is_refused_with_a_sentence(resident: Person, word: str) -> None:
    assert joined(resident.says(word)) == NOT_FOR_YOU.zh


@pytest.mark.parametrize("word", ["代提", "录入"])
def test_staff_are_neither_deputies_nor_grid_workers(staff: Person, word: str) -> None:
    assert NOT_FOR_YOU.zh in joined(staff.says(word))


def test_a_role_taken_back_in_the_middle_ends_what_needed_it(town: Town, place: Settlement, deputy: Person) -> None:
    deputy.says("代提")
    with town.store() as store:
        store.unit.write(roles.update().where(roles.c.person_id == place.deputy).values(revoked_at=town.now))
    assert joined(deputy.says("张大爷")) == NOT_FOR_YOU.zh


# --- a human being


def test_who_asks_for_help_reaches_the_staff_and_gets_their_answer(resident: Person, staff: Person) -> None:
    staff.says("取消")
    resident.says("设置", "通知", "不要")
    assert joined(resident.says("人工", "我不会用", "0563-6023456")) == texts.HUMAN_SENT.zh
    assert joined(staff.reads()) == texts.help_wanted("我不会用", "0563-6023456").zh
    assert joined(staff.says("您直接说想修什么就行")) == texts.HELP_ANSWERED.zh
    assert joined(resident.reads()) == texts.staff_answer("您直接说想修什么就行").zh


@pytest.mark.parametrize("telephone", ["62345678", "13812345678", "12345", "街上张家小卖部转"])
def test_any_telephone_is_taken_as_it_is(resident: Person, staff: Person, telephone: str) -> None:
    staff.says("取消")
    resident.says("人工", "我不会用", telephone)
    assert f"电话：{telephone}" in joined(staff.reads())


@pytest.mark.parametrize("word", ["1", "跳过", "没有", "不方便"])
def test_nobody_has_to_leave_a_telephone(resident: Person, staff: Person, word: str) -> None:
    staff.says("取消")
    resident.says("人工", "我不会用", word)
    assert "电话：未留" in joined(staff.reads())


def test_staff_may_say_that_they_called(resident: Person, staff: Person) -> None:
    staff.says("取消")
    resident.says("人工", "我不会用", "没有")
    assert joined(staff.says("已用其他方式联系")) == texts.SAVED.zh
    assert resident.reads() == []


def test_only_the_staff_of_ones_own_place_are_asked_where_it_is_known(
    town: Town, resident: Person, staff: Person
) -> None:
    staff.says("取消")
    bridge_town = town.areas.by_code("sq")
    assert bridge_town
    with town.store() as store:
        other = store.congresses.add("石桥镇人大", Level.TOWNSHIP, bridge_town.id, rules=Rules())
        enrolled(store, "staff2", "周涛", other, Role.STAFF)
    elsewhere = town.person("staff2")
    elsewhere.says("取消")
    resident.says("设置", "我的网格", "柳树湾", "人工", "我不会用", "没有")
    assert "我不会用" in joined(staff.reads())
    assert elsewhere.reads() == []


def test_without_staff_the_words_are_kept_and_that_is_said(town: Town, resident: Person) -> None:
    with town.store() as store:
        store.unit.write(roles.update().values(revoked_at=town.now))
    assert joined(resident.says("人工", "我不会用", "没有")) == texts.HUMAN_NOBODY.zh
