import pytest
from sqlalchemy import select

from handlers.texts import everywhere, proposals
from handlers.texts import welcome as texts
from storage.arrivals import Arrivals
from storage.database import reading
from storage.domain.proposal_status import Status
from storage.people import Person as Record
from storage.tables import conversations, drafts, messages, prompts
from storage.tables import texts as written
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement


def record(town: Town, person: Person) -> Record:
    with reading(town.engine) as unit:
        (guest,) = Arrivals(unit, town.now).guests([(person.channel, person.account)]).values()
    return guest.person


def test_the_menu_of_settings_leads_back_to_the_menu(resident: Person) -> None:
    resident.says("设置")
    assert resident.screen() == (
        f"{texts.SETTINGS.zh}\n1 我的网格\n2 通知\n3 语言 Language\n4 导出我的数据\n5 忘记我\n6 返回菜单"
    )
    assert "请回复数字" in joined(resident.says("6"))


def test_my_cell_is_found_like_any_place_and_may_be_left_open(town: Town, place: Settlement, resident: Person) -> None:
    assert joined(resident.says("设置", "我的网格", "柳树湾")) == texts.SAVED.zh
    assert record(town, resident).cell_id == place.willow.id
    resident.says("设置", "我的网格", "不清楚")
    assert record(town, resident).cell_id is None


def test_who_turns_notices_off_is_told_of_no_status(town: Town, resident: Person, staff: Person) -> None:
    resident.suggests()
    resident.says("设置", "通知", "不要")
    assert record(town, resident).notices is False
    told = staff.says("台账", "全部", "1", "采纳", "跳过")
    assert "关闭了通知" in joined(told)
    assert resident.reads() == []
    resident.says("设置", "通知", "要")
    assert record(town, resident).notices is True


def test_the_language_changes_from_the_next_word_on(resident: Person) -> None:
    assert joined(resident.says("设置", "语言", "English")) == texts.SAVED.en
    assert joined(resident.says("settings", "Language", "中文")) == texts.SAVED.zh


def test_my_data_come_as_a_file(resident: Person) -> None:
    assert joined(resident.says("设置", "导出我的数据")) == texts.DATA_EXPORTED.zh
    assert resident.files() == ["my_data"]


def test_my_data_is_what_the_first_sentence_says_to_reply(resident: Person) -> None:
    assert joined(resident.says("我的数据")) == texts.SETTINGS.zh


@pytest.mark.parametrize("word", ["忘记我", "Forget me"])
def test_who_asks_to_be_forgotten_by_its_name_is_asked_whether_they_are_sure(resident: Person, word: str) -> None:
    assert joined(resident.says(word)) == texts.FORGET_SURE.zh
    assert joined(resident.says("是")) == texts.FORGOTTEN.zh


def test_who_is_not_sure_is_not_forgotten(town: Town, resident: Person) -> None:
    resident.suggests("柳树湾修路")
    assert joined(resident.says("设置", "忘记我", "不是")) == proposals.KEPT_AS_IT_IS.zh
    assert "柳树湾修路" in joined(resident.says("我的建议"))
    assert town.faults == []


def test_forget_me_leaves_no_word_of_a_person_and_the_records_stand(
    town: Town, resident: Person, staff: Person
) -> None:
    words = ("柳树湾修路，找我王小花", "大约三百米", "我叫王小花，帮帮我", "没写完的秘密")
    resident.says("提建议", words[0], "没有", "提交", "我的建议", "补充说明", words[1])
    resident.says("提建议", words[3], "菜单", "设置", "我的网格", "柳树湾")
    assert joined(resident.says("设置", "忘记我", "是")) == texts.FORGOTTEN.zh
    with reading(town.engine) as unit:
        everything = [*unit.read(select(messages.c.text)).scalars(), *unit.read(select(written.c.body)).scalars()]
        everything += [str(row) for table in (conversations, drafts, prompts) for row in unit.read(select(table))]
    assert not any(word in one for one in everything for word in words)
    with town.store() as store:
        proposal = store.proposals.get(1)
    assert proposal is not None
    assert (proposal.status, proposal.body) == (Status.RECEIVED, "")
    forgotten = record(town, resident)
    assert (forgotten.name, forgotten.telephone, forgotten.cell_id, forgotten.consented_at) == ("", "", None, None)
    assert "1号" in joined([*staff.says("台账", "全部"), staff.screen()])


def test_who_was_forgotten_is_met_as_for_the_first_time(town: Town, resident: Person) -> None:
    told = resident.says("提建议", "修路", "菜单", "设置", "忘记我", "是")
    assert everywhere.CONSENT.zh not in joined(told)
    assert joined(resident.says("您好")).startswith(everywhere.CONSENT.zh)
    assert record(town, resident).consented_at is None
    assert "没有没写完的" in joined(resident.says("取消", "继续"))
    assert record(town, resident).consented_at is not None
