from handlers.texts import proposals as told
from handlers.texts import staff as texts
from storage.domain.proposal_status import Status
from storage.links import Target
from storage.proposals import Source
from storage.tables import proposals, role_areas
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement


def test_a_deputy_brings_in_a_residents_wish_and_hears_what_becomes_of_it(
    town: Town, place: Settlement, deputy: Person, staff: Person
) -> None:
    deputy.says("取消")
    answers = ("代提", "张大爷", "13812345678", "井水不能喝", "柳树湾", "没有", "提交")
    assert joined(deputy.says(*answers)) == told.suggest_thanks([1]).zh
    with town.store() as store:
        ((name, telephone, brought_by),) = store.proposals.author_names(1)
    assert (name, telephone, brought_by) == ("张大爷", "13812345678", place.deputy)
    staff.says("台账", "全部", "1", "采纳", "跳过")
    assert joined(deputy.reads()) == told.told_status(1, Status.TAKEN_UP, None, "", None).zh


def test_a_grid_worker_enters_a_paper_form_one_message_per_field(town: Town) -> None:
    worker = town.person("worker")
    prompts = [
        joined(worker.says(text)).split("\n")[-1] for text in ("录入", "没有", "没有", "柳树湾修水渠", "没有", "提交")
    ]
    assert prompts[:4] == [
        texts.RESIDENT_NAME.zh,
        texts.RESIDENT_TELEPHONE.zh,
        texts.RESIDENT_WHAT.zh,
        told.SUGGEST_PHOTOS.zh,
    ]
    assert "谢谢您" in prompts[-1]
    with town.store() as store:
        source = store.unit.read(proposals.select()).one().source
        ((name, telephone, _),) = store.proposals.author_names(1)
    assert (source, name, telephone) == (Source.PAPER, "", "")


def test_back_leads_through_all_the_fields_and_change_offers_each(deputy: Person) -> None:
    deputy.says("代提", "张大爷", "没有", "柳树湾修路", "没有", "修改")
    assert deputy.screen().endswith("1 姓名\n2 电话\n3 内容\n4 地点\n5 照片\n6 不改了")
    deputy.says("返回", "返回", "返回", "返回")
    assert joined(deputy.says("返回")) == texts.RESIDENT_TELEPHONE.zh
    assert joined(deputy.says("返回")) == texts.RESIDENT_NAME.zh


def test_a_form_left_unfinished_goes_on_with_its_name(deputy: Person) -> None:
    deputy.says("代提", "张大爷", "没有", "菜单", "提建议", "我自己的事", "菜单", "继续")
    assert "1 提建议" in deputy.screen()
    assert "2 代居民提建议" in deputy.screen()
    assert joined(deputy.says("2")) == texts.RESIDENT_WHAT.zh


# --- what is said in my cells


def test_deputies_read_what_was_proposed_and_said_in_their_cells_this_week(
    town: Town, resident: Person, deputy: Person
) -> None:
    deputy.says("取消")
    assert joined(deputy.says("我的网格留言")) == texts.NO_MESSAGES_THIS_WEEK.zh
    resident.says("柳树湾的路灯坏了，打13812345678", "不是")
    resident.suggests("修路", "柳树湾")
    resident.suggests("修桥", "磨坊")
    lines = joined(deputy.says("我的网格留言")).split("\n")
    assert lines == [
        texts.week(2).zh,
        "9月1日 1号建议 杨柳村 第一网格\uff1a修路",
        "9月1日 杨柳村 第一网格\uff1a柳树湾的路灯坏了\uff0c打138****78",
    ]
    town.passes(days=8)
    assert joined(deputy.says("我的网格留言")) == texts.NO_MESSAGES_THIS_WEEK.zh


def test_a_message_that_staff_move_is_read_by_the_other_deputy_no_longer_by_the_first(
    town: Town, place: Settlement, resident: Person, deputy: Person
) -> None:
    deputy.says("取消")
    resident.says("柳树湾的路灯坏了", "不是")
    with town.store() as store:
        (row,) = store.links.messages_in([place.willow.path], town.now.replace(year=2020), 9)
        store.links.move(row.id, Target.CELL, place.bridge.id)
    assert joined(deputy.says("我的网格留言")) == texts.NO_MESSAGES_THIS_WEEK.zh
    assert "路灯" in joined(town.person("worker").says("我的网格留言"))


def test_who_has_no_cells_yet_is_told_to_ask(town: Town, deputy: Person) -> None:
    deputy.says("取消")
    with town.store() as store:
        store.unit.write(role_areas.delete())
    assert joined(deputy.says("我的网格留言")) == texts.NO_CELLS.zh
