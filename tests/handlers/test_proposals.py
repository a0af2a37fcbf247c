from datetime import timedelta

import pytest

from handlers.texts import access
from handlers.texts import proposals as texts
from storage.domain.proposal_status import Reason, Status
from storage.links import Target
from storage.proposals import Event, Proposal
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement


def proposal(town: Town, number: int) -> Proposal:
    with town.store() as store:
        found = store.proposals.get(number)
    assert found is not None
    return found


def cleared(town: Town, *numbers: int) -> None:
    with town.store() as store:
        for number in numbers:
            store.proposals.correct(number, cleared_at=town.now)


def decided(town: Town, number: int, status: Status, reason: Reason | None = None) -> None:
    with town.store() as store:
        store.proposals.change_status(number, status, reason=reason)


# --- my proposals


def test_who_proposed_nothing_is_told_how_to_begin(resident: Person) -> None:
    assert joined(resident.says("我的建议")) == texts.MINE_NONE.zh


def test_a_single_proposal_is_shown_at_once_with_its_history(town: Town, resident: Person) -> None:
    resident.suggests("柳树湾要修路\n三百米", "柳树湾")
    town.passes(days=30)
    decided(town, 1, Status.DECLINED, Reason.OUTSIDE_POWERS)
    resident.says("我的建议")
    assert resident.screen() == (
        "1号建议（未采纳）\n柳树湾要修路\n三百米\n地点：杨柳村 第一网格\n类别：道路交通\n经过：\n"
        "9月1日 已收到\n10月1日 未采纳（超出本级职权）\n1 补充说明\n2 返回菜单"
    )


def test_several_are_a_list_newest_first_chosen_by_place_or_by_number(resident: Person) -> None:
    for text in ("修路", "修桥", "装路灯"):
        resident.suggests(text)
    resident.says("我的建议")
    assert resident.screen() == (
        f"{texts.MINE.zh}\n1 装路灯（3号，已收到）\n2 修桥（2号，已收到）\n3 修路（1号，已收到）\n4 返回菜单"
    )
    assert joined(resident.says("3")).startswith("1号建议")
    assert joined(resident.says("返回", "3号")).startswith("3号建议")
    assert "请回复数字" in joined(resident.says("返回菜单"))


def test_a_long_list_has_pages(resident: Person) -> None:
    for at in range(12):
        resident.suggests(f"第{at}件事")
    resident.says("我的建议")
    assert "3 第9件事（10号" in resident.screen()
    assert "11 下一页" in resident.screen()
    resident.says("11")
    assert "1 第1件事（2号" in resident.screen()
    assert joined(resident.says("1")).startswith("2号建议")


def test_a_remark_is_added_and_seen(town: Town, resident: Person) -> None:
    resident.suggests()
    assert joined(resident.says("我的建议", "补充说明", "大约三百米")) == texts.remarked(1).zh
    assert "补充：大约三百米" in joined(resident.says("我的建议"))
    with town.store() as store:
        assert "大约三百米" in [row.text for row in store.links.messages_about(Target.PROPOSAL, 1, 9)]


def test_a_proposal_is_withdrawn_after_being_asked_and_stays_so(town: Town, resident: Person) -> None:
    resident.suggests()
    assert joined(resident.says("我的建议", "撤回", "不是")) == texts.KEPT_AS_IT_IS.zh
    assert proposal(town, 1).status is Status.RECEIVED
    assert joined(resident.says("我的建议", "撤回", "是")) == texts.withdrawn(1).zh
    assert proposal(town, 1).status is Status.WITHDRAWN
    resident.says("我的建议")
    assert "撤回" not in resident.screen().split("1 补充说明")[1]


def test_what_was_decided_meanwhile_is_not_withdrawn(town: Town, resident: Person) -> None:
    resident.suggests()
    resident.says("我的建议", "撤回")
    decided(town, 1, Status.TAKEN_UP)
    assert joined(resident.says("是")) == texts.cannot_withdraw(Status.TAKEN_UP).zh
    assert proposal(town, 1).status is Status.TAKEN_UP


def test_nobody_sees_anothers(town: Town, resident: Person) -> None:
    resident.suggests()
    other = town.person("other")
    other.says("取消")
    assert joined(other.says("我的建议")) == texts.MINE_NONE.zh


def test_who_enrols_in_the_middle_goes_on_with_their_own(town: Town, place: Settlement, resident: Person) -> None:
    resident.suggests("修路")
    resident.suggests("修桥")
    resident.says("我的建议")
    with town.store() as store:
        store.people.merge(store.proposals.authors(1)[0], into=place.deputy)
    assert joined(town.person("deputy").says("我的建议", "2")).startswith("1号建议")


def test_deputies_find_what_they_brought_in_and_may_add_but_not_withdraw(town: Town, deputy: Person) -> None:
    deputy.says("取消", "代提", "张大爷", "没有", "柳树湾要修路", "没有", "提交")
    deputy.says("我的建议")
    assert "1 补充说明\n2 返回菜单" in deputy.screen()
    assert joined(deputy.says("1", "他说很急")) == texts.remarked(1).zh
    assert town.faults == []


# --- the neighbours' proposals


@pytest.fixture
def neighbour(town: Town) -> Person:
    """Somebody who lives in 柳树湾."""
    person = town.person("neighbour")
    person.says("取消", "设置", "我的网格", "柳树湾")
    return person


def test_only_what_staff_cleared_is_shown_and_telephone_numbers_are_not(
    town: Town, resident: Person, neighbour: Person
) -> None:
    resident.suggests("柳树湾修路，我电话13812345678")
    resident.suggests("柳树湾修桥")
    assert joined(neighbour.says("我也要")) == texts.SUPPORT_NONE.zh
    cleared(town, 1)
    neighbour.says("我也要")
    assert "1 柳树湾修路\uff0c我电话138****78\uff081号\uff0c0 人也要\uff09" in neighbour.screen()
    assert "138****78" in joined(neighbour.says("1"))
    assert "13812345678" not in neighbour.screen()


def test_a_neighbour_says_me_too_once(town: Town, resident: Person, neighbour: Person) -> None:
    resident.suggests("柳树湾修路")
    cleared(town, 1)
    assert joined(neighbour.says("我也要", "1", "我也要")) == texts.supported(1, 1).zh
    assert proposal(town, 1).supporters == 1
    assert joined(neighbour.says("我也要", "1", "是")) == texts.supported_before(1).zh
    assert proposal(town, 1).supporters == 1


def test_a_neighbour_may_think_better_of_it(town: Town, resident: Person, neighbour: Person) -> None:
    resident.suggests("柳树湾修路")
    cleared(town, 1)
    assert joined(neighbour.says("我也要", "1", "不用了")) == texts.KEPT_AS_IT_IS.zh
    assert "请回复数字" in joined(neighbour.says("我也要", "返回菜单"))
    assert proposal(town, 1).supporters == 0


def test_nobody_supports_their_own(town: Town, resident: Person) -> None:
    resident.suggests("柳树湾修路")
    cleared(town, 1)
    assert joined(resident.says("我也要", "柳树湾", "1")) == access.YOUR_OWN_PROPOSAL.zh


def test_what_is_withdrawn_meanwhile_is_no_longer_supported(town: Town, resident: Person, neighbour: Person) -> None:
    resident.suggests("柳树湾修路")
    cleared(town, 1)
    neighbour.says("我也要", "1")
    decided(town, 1, Status.WITHDRAWN)
    assert joined(neighbour.says("是")) == access.NO_LONGER_SHOWN.zh
    assert joined(neighbour.says("我也要")) == texts.SUPPORT_NONE.zh


def test_the_nearest_proposals_are_shown_the_cells_then_the_villages_then_the_townships(
    town: Town, resident: Person, neighbour: Person
) -> None:
    for text in ("磨坊修水渠", "杨柳村第二网格装路灯", "柳树湾修路"):
        resident.says("提建议", text, "没有", "提交")
    cleared(town, 1)
    neighbour.says("我也要")
    assert "磨坊修水渠" in neighbour.screen()
    cleared(town, 2)
    neighbour.says("我也要")
    assert "装路灯" in neighbour.screen()
    assert "磨坊修水渠" not in neighbour.screen()
    cleared(town, 3)
    neighbour.says("我也要")
    assert "柳树湾修路" in neighbour.screen()
    assert "装路灯" not in neighbour.screen()


def test_who_did_not_say_where_they_live_is_asked_and_may_not_know(town: Town, resident: Person) -> None:
    other = town.person("other")
    other.says("取消")
    resident.suggests("柳树湾修路")
    cleared(town, 1)
    assert joined(other.says("我也要")) == texts.SUPPORT_WHERE.zh
    other.says("不清楚")
    assert "修路" in other.screen()


# --- the office asks back


def asked_back(town: Town, place: Settlement, number: int, question: str = "哪一段？") -> None:
    with town.store() as store:
        store.proposals.change_status(number, Status.ASKED)
        store.proposals.say(number, Event.QUESTION, question)
        arguments = {"number": number, "question": question, "asked_by": place.staff}
        (author,) = store.proposals.authors(number)
        store.conversations.prompt(author, "answer_office", arguments)
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [author])


def test_the_authors_answer_lands_on_the_proposal_and_reaches_who_asked(
    town: Town, place: Settlement, resident: Person, staff: Person
) -> None:
    resident.suggests()
    asked_back(town, place, 1)
    assert joined(resident.reads()) == texts.asked_back(1, "哪一段？").zh
    assert joined(resident.says("桥头那一段")) == texts.answered_back(1).zh
    assert proposal(town, 1).status is Status.RECEIVED
    assert joined(staff.reads()) == texts.answer_came(1, "桥头那一段").zh
    assert "补充：桥头那一段" in joined(resident.says("我的建议"))


def test_an_answer_that_comes_after_the_decision_is_kept_and_changes_no_status(
    town: Town, place: Settlement, resident: Person
) -> None:
    resident.suggests()
    asked_back(town, place, 1)
    decided(town, 1, Status.TAKEN_UP)
    resident.says("桥头那一段")
    assert proposal(town, 1).status is Status.TAKEN_UP
    assert "桥头那一段" in joined(resident.says("我的建议"))


def test_a_question_left_alone_is_found_again(town: Town, place: Settlement, resident: Person) -> None:
    resident.suggests()
    asked_back(town, place, 1)
    town.passes(days=4)
    resident.says("菜单")
    assert "哪一段" in joined(resident.says("继续"))
    assert joined(resident.says("桥头")) == texts.answered_back(1).zh


# --- told


def test_the_history_shows_the_last_events_only(town: Town, resident: Person) -> None:
    resident.suggests()
    with town.store() as store:
        for at in range(12):
            store.proposals.say(1, Event.ANSWER, f"第{at}次答复")
    told = joined(resident.says("我的建议"))
    assert "第11次答复" in told
    assert "第4次答复" in told
    assert "第3次答复" not in told


def test_days_are_those_of_the_congress(town: Town, resident: Person) -> None:
    town.now += timedelta(hours=16)  # past midnight in China
    resident.suggests()
    assert "9月2日 已收到" in joined(resident.says("我的建议"))
