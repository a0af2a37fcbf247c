"""Everything that the office does to one proposal."""

import pytest

from handlers.messages import Attachment, Kind
from handlers.texts import proposals as told
from handlers.texts import staff as texts
from handlers.texts.phrase import Phrase
from handlers.texts.words import REASON, STATUS
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status
from storage.links import Target
from storage.proposals import New, Proposal, Source
from storage.tables import attachments
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement


def proposal(town: Town, number: int) -> Proposal:
    with town.store() as store:
        found = store.proposals.get(number)
    assert found is not None
    return found


def reads(clerk: Person, number: int = 1) -> str:
    """Open a proposal by its number."""
    clerk.says("台账", "按编号", str(number))
    return clerk.screen()


def test_the_card_tells_everything_to_staff_telephone_numbers_too(town: Town, deputy: Person, clerk: Person) -> None:
    deputy.says("取消", "代提", "张大爷", "13812345678", "柳树湾修路，打13912345678", "没有", "提交")
    assert reads(clerk).startswith(
        "1号（已收到，未公开，0 人也要）\n柳树湾修路，打13912345678\n地点：杨柳村 第一网格\n类别：道路交通\n"
        "作者：张大爷 13812345678\n经过：\n9月1日 已收到\n要做什么？\n1 "
    )
    assert town.faults == []


def test_files_are_counted_by_what_became_of_them(town: Town, resident: Person, clerk: Person) -> None:
    resident.says("提建议", "柳树湾修路")
    for _ in range(3):
        resident.does(resident.message(Kind.PHOTO, attachments=(Attachment(Kind.PHOTO, "p"),)))
    resident.says("好了", "提交")
    with town.store() as store:
        rows = [row.id for row in store.unit.read(attachments.select())]
        for row, state in zip(rows, ("stored", "failed", "wanted"), strict=True):
            store.unit.write(attachments.update().where(attachments.c.id == row).values(state=state))
    assert "附件：1 个已保存、1 个正在取、1 个没取到" in reads(clerk)


@pytest.mark.parametrize(
    ("action", "answers", "status", "news"),
    [
        ("采纳", ["跳过"], Status.TAKEN_UP, told.told_status(1, Status.TAKEN_UP, None, "", None)),
        ("采纳", ["明年开工"], Status.TAKEN_UP, told.told_status(1, Status.TAKEN_UP, None, "明年开工", None)),
        ("列入储备库", ["不用"], Status.RESERVE, told.told_status(1, Status.RESERVE, None, "", None)),
        (
            "不采纳",
            ["超出本级职权", "请找县里"],
            Status.DECLINED,
            told.told_status(1, Status.DECLINED, Reason.OUTSIDE_POWERS, "请找县里", None),
        ),
    ],
)
def test_every_decision_tells_the_author_once(
    town: Town, author: Person, clerk: Person, action: str, answers: list[str], status: Status, news: Phrase
) -> None:
    reads(clerk)
    shown = joined(clerk.says(action, *answers))
    assert shown.startswith(texts.done(1).zh)
    assert f"1号（{STATUS[status].zh}" in shown
    assert proposal(town, 1).status is status
    assert author.reads() == [news.zh]


def test_a_decision_may_be_taken_back(town: Town, author: Person, clerk: Person) -> None:
    reads(clerk)
    clerk.says("采纳", "跳过", "恢复为已收到", "跳过")
    assert proposal(town, 1).status is Status.RECEIVED
    assert [one.split("\n")[0] for one in author.reads()] == ["您的 1号建议已采纳。", "您的 1号建议重新列入办理。"]


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_of_the_negative_list_is_offered_and_kept(author: Person, clerk: Person, reason: Reason) -> None:
    reads(clerk)
    clerk.says("不采纳")
    assert f" {REASON[reason].zh}" in clerk.screen()
    clerk.says(REASON[reason].zh, "跳过")
    assert REASON[reason].zh in joined(author.says("我的建议"))


def test_an_answer_reaches_the_author_word_for_word_however_long(author: Person, clerk: Person) -> None:
    answer = "已经安排，下月开工。" * 1000
    reads(clerk)
    clerk.says("回复作者", answer)
    told_parts = author.reads()
    assert len(told_parts) > 1
    assert "".join(told_parts).replace("\n", "") == told.told_answer(1, answer).zh.replace("\n", "")


def test_everybody_concerned_is_told_once(town: Town, clerk: Person, deputy: Person) -> None:
    deputy.says("取消", "代提", "张大爷", "没有", "柳树湾修路", "没有", "提交")
    with town.store() as store:
        (author,) = store.proposals.authors(1)
        store.people.add_account(author, "plain", "zhang", "zhang")
    reads(clerk)
    clerk.says("回复作者", "已经安排")
    for person in (deputy, town.person("zhang", "plain")):
        assert joined(person.reads()) == told.told_answer(1, "已经安排").zh


def test_the_author_is_told_in_their_language(author: Person, clerk: Person) -> None:
    author.says("设置", "语言", "English")
    reads(clerk)
    clerk.says("采纳", "跳过")
    assert joined(author.reads()) == told.told_status(1, Status.TAKEN_UP, None, "", None).en


@pytest.mark.parametrize(
    ("author", "read"),
    [
        (("张大爷", "13900000001"), "提出人没有可以联系的账号，请电话联系：张大爷 13900000001。"),
        (("", "13900000001"), "提出人没有可以联系的账号，请电话联系：未留名 13900000001。"),
        (("张大爷", ""), "提出人没有可以联系的账号，也没有留电话。"),
        (None, "提出人没有可以联系的账号，也没有留电话。"),
    ],
)
def test_who_decides_reads_that_nobody_can_be_told_and_whom_to_call(
    town: Town, place: Settlement, clerk: Person, author: tuple[str, str] | None, read: str
) -> None:
    with town.store() as store:
        cycle = store.congresses.current_cycle(place.congress)
        assert cycle
        authors = (store.people.add(*author),) if author else ()
        store.proposals.add(New(place.congress, cycle.id, "修路", Category.ROADS, None, "open", Source.FILE, authors))
    reads(clerk)
    assert joined(clerk.says("追问作者")).startswith(f"{read}\n1号（已收到")
    assert joined(clerk.says("回复作者", "已经安排")).startswith(f"{texts.recorded(1).zh}\n{read}\n")
    assert joined(clerk.says("采纳", "跳过")).startswith(f"{texts.recorded(1).zh}\n{read}\n")
    assert proposal(town, 1).status is Status.TAKEN_UP


def test_an_author_who_is_away_is_asked_all_the_same_and_staff_know(town: Town, author: Person, clerk: Person) -> None:
    author.does(author.message(Kind.BLOCKED))
    reads(clerk)
    assert joined(clerk.says("回复作者", "已经安排")).startswith(
        f"{texts.recorded(1).zh}\n提出人现在收不到消息，再来信时才会看到，也没有留电话。\n"
    )
    assert joined(clerk.says("追问作者", "哪一段？")).startswith(texts.AWAY.zh)
    assert proposal(town, 1).status is Status.ASKED
    told_later = joined([*author.reads(), *author.says("你好")])
    assert "已经安排" in told_later
    assert "哪一段？" in told_later


def test_who_turned_notices_off_is_called_and_asked_all_the_same(author: Person, clerk: Person) -> None:
    author.says("设置", "通知", "不要")
    reads(clerk)
    assert texts.QUIET.zh in joined(clerk.says("采纳", "跳过"))
    assert joined(clerk.says("恢复为已收到", "跳过", "追问作者", "哪一段？")).startswith(texts.asked(1).zh)
    assert "哪一段？" in joined(author.reads())


def test_asking_back_waits_for_the_answer_and_may_be_done_again(town: Town, author: Person, clerk: Person) -> None:
    reads(clerk)
    assert joined(clerk.says("追问作者", "哪一段？")).startswith(texts.asked(1).zh)
    assert proposal(town, 1).status is Status.ASKED
    assert joined(author.reads()) == told.asked_back(1, "哪一段？").zh
    clerk.says("追问作者", "多长？")
    assert joined(author.says("桥头那段")).startswith(told.answered_back(1).zh)
    assert "多长？" in author.screen()
    assert joined(author.says("三百米")) == told.answered_back(1).zh
    assert proposal(town, 1).status is Status.RECEIVED
    assert [told.answer_came(1, words).zh for words in ("桥头那段", "三百米")] == clerk.reads()


@pytest.mark.parametrize(("action", "words"), [("追问作者", "哪一段？"), ("采纳", "跳过"), ("列入储备库", "跳过")])
def test_what_the_author_withdraws_while_staff_write_is_neither_asked_nor_decided(
    town: Town, author: Person, clerk: Person, action: str, words: str
) -> None:
    reads(clerk)
    clerk.says(action)
    with town.store() as store:
        store.proposals.change_status(1, Status.WITHDRAWN)
    assert joined(clerk.says(words)).startswith("这条建议现在已撤回")
    assert author.reads() == []
    assert town.faults == []


def test_what_is_withdrawn_offers_no_decision(author: Person, clerk: Person) -> None:
    author.says("我的建议", "撤回", "是")
    shown = reads(clerk)
    assert not any(word in shown for word in ("采纳", "追问", "储备库"))
    assert "回复作者" in shown


def test_cell_and_category_are_put_right_and_the_log_knows_both(
    town: Town, place: Settlement, author: Person, clerk: Person
) -> None:
    reads(clerk)
    assert joined(clerk.says("改网格", "老桥头", "1")).startswith(texts.recorded(1).zh)
    clerk.says("改类别", "公共安全")
    found = proposal(town, 1)
    assert (found.cell_id, found.located_how, found.category) == (place.bridge.id, "staff", Category.SAFETY)
    assert author.reads() == []


@pytest.mark.usefixtures("author")
def test_showing_it_to_neighbours_is_asked_for_and_can_be_ended(town: Town, clerk: Person) -> None:
    reads(clerk)
    assert joined(clerk.says("公开给邻居看", "不是")).startswith(told.KEPT_AS_IT_IS.zh)
    assert proposal(town, 1).cleared_at is None
    clerk.says("公开给邻居看", "是")
    assert proposal(town, 1).cleared_at is not None
    assert "公开给邻居看" not in clerk.screen()
    clerk.says("不再公开")
    assert proposal(town, 1).cleared_at is None


@pytest.mark.usefixtures("author")
def test_the_way_back_is_the_ledger(clerk: Person) -> None:
    reads(clerk)
    assert joined(clerk.says("回台账")) == texts.WHICH_FILTER.zh


# --- messages about it


def test_a_message_that_speaks_of_another_proposal_is_moved_there(town: Town, author: Person, clerk: Person) -> None:
    author.suggests("柳树湾装路灯")
    author.says("1号建议旁边的灯也坏了", "不是")
    reads(clerk)
    clerk.says("看全部留言")
    assert "2 9月1日 1号建议旁边的灯也坏了" in clerk.screen()
    assert joined(clerk.says("2", "2")).startswith(texts.relinked(2).zh)
    with town.store() as store:
        moved = [row.text for row in store.links.messages_about(Target.PROPOSAL, 2, 9)]
    assert "1号建议旁边的灯也坏了" in moved
    clerk.says("看全部留言")
    assert "旁边的灯" not in clerk.screen()
    assert joined(clerk.says("回到这条建议")).startswith("1号（")


def test_the_newest_messages_are_shown(town: Town, author: Person, clerk: Person) -> None:
    for at in range(15):
        author.says(f"1号建议怎么样了，第{at}次问", "不是")
    reads(clerk)
    clerk.says("看全部留言")
    assert "第14次问" in clerk.screen()
    assert "第4次问" not in clerk.screen()
    assert town.faults == []
