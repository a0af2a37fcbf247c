"""What may be told of our messages while they wait: to whom, of what, in a few words, and never in a resident's."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from handlers.announcement_steps import WAITING
from handlers.catalogue import ROUTES
from handlers.messages import Agreed, Kind, Notice, NoticeKind
from handlers.notices import MOST
from handlers.texts import notices as texts
from handlers.texts.phrase import Phrase
from storage import digests, nudges, observations, rectification_steps, telling
from storage.consents import MOST as FOR_GOOD
from storage.consents import Consent, Consents
from storage.database import reading
from storage.domain.rectification_stages import Severity
from storage.domain.roles import Role
from storage.rectifications import Kind as Problem
from storage.rectifications import NewRectification
from storage.tables import accounts, messages, outbox
from tests.conversing import BUTTONS, CAPABILITIES, NOW, Person, Town, joined
from tests.handlers.announced import office_of
from tests.handlers.test_overdue import ESCALATED, charged, goes_on
from tests.handlers.watching import KITCHEN, ROAD, WHOLE, a_colleague, begins, owes, prompt, watched
from tests.rectified import tell
from tests.settlement import Settlement, enrolled
from tests.storage.test_observations import a_resident, seen
from tests.storage.test_projects import a_project

DUTY, PROPOSAL = NoticeKind.DUTY, NoticeKind.PROPOSAL


def told(town: Town, account: str) -> list[tuple[str, Notice | None]]:
    """Every message to an account, with what may be told of it."""
    with reading(town.engine) as unit:
        rows = unit.read(
            select(messages.c.text, outbox.c.notice)
            .join(outbox, outbox.c.message_id == messages.c.id)
            .join(accounts, accounts.c.id == outbox.c.account_id)
            .where(accounts.c.external_id == account)
            .order_by(messages.c.id)
        )
        return [
            (text, Notice(**{**notice, "kind": NoticeKind(notice["kind"])}) if notice else None)
            for text, notice in rows
        ]


def notices(town: Town, account: str) -> list[Notice]:
    return [notice for _, notice in told(town, account) if notice]


# --- what somebody owes


def test_of_a_duty_it_is_told_once_what_is_owed_and_until_when(town: Town, place: Settlement, watcher: Person) -> None:
    owes(town, place, watched(town, place))
    prompt(town, place.deputy)
    owed = [Notice(DUTY, "督查报告待提交", ROAD, "2026-09-25")]
    assert notices(town, watcher.account) == owed
    assert told(town, watcher.account)[-1][1] == owed[0]
    watcher.says("1", *WHOLE)
    assert notices(town, watcher.account) == owed, "answers are not told of"


def test_what_somebody_asks_for_themselves_is_not_told_of(town: Town, place: Settlement, watcher: Person) -> None:
    owes(town, place, watched(town, place))
    watcher.says("督查")
    assert notices(town, watcher.account) == []


def test_of_several_it_is_told_how_many_in_the_language_of_their_reader(
    town: Town, place: Settlement, inspector: Person
) -> None:
    owes(town, place, watched(town, place), watched(town, place, KITCHEN))
    inspector.says("设置", "语言", "English")
    prompt(town, place.deputy)
    assert notices(town, "deputy") == [Notice(DUTY, "Reports are due", "2 reports", "2026-09-25")]


def test_a_long_name_is_cut(town: Town, place: Settlement) -> None:
    title = "柳树湾至老桥头\n道路硬化及排水沟修缮工程一期项目"
    owes(town, place, watched(town, place, title))
    prompt(town, place.deputy)
    (notice,) = notices(town, "deputy")
    assert notice.about == "柳树湾至老桥头 道路硬化及排水沟修缮工…"
    assert len(notice.about) == MOST


def test_what_takes_several_messages_is_told_of_once(town: Town, place: Settlement) -> None:
    with town.store() as store:
        store.people.add_account(store.people.get(place.deputy).id, "plain", "li", "li")
    town.passes(minutes=1)
    town.person("li", "plain").says("取消")
    before = len(told(town, "li"))
    owes(town, place, *(watched(town, place, f"第{at}条水渠清淤和两岸护坡加固工程") for at in range(30)))
    prompt(town, place.deputy)
    fresh = told(town, "li")[before:]
    assert len(fresh) > 1
    assert [notice is not None for _, notice in fresh] == [True] + [False] * (len(fresh) - 1)


def test_staff_are_told_that_something_is_overdue(town: Town, place: Settlement) -> None:
    with town.store() as store:
        charged(store, place, place.deputy)
    goes_on(town, NOW)
    goes_on(town, ESCALATED)
    assert notices(town, "staff") == [Notice(DUTY, "督查报告逾期未交", "柳树湾道路硬化", "2026-09-28")]


def test_each_step_of_a_problem_is_told_to_whom_it_lies_with(
    town: Town, place: Settlement, builder: Person, inspector: Person
) -> None:
    with town.store() as store:
        number = a_project(store, place)
        store.liaisons.assign(number, [place.deputy])
        found = NewRectification(place.congress, number, None, Severity.SERIOUS, "路面有裂缝", place.deputy)
        store.rectifications.raise_(found)
    tell(town)
    builder.says("1", "已整改，报请确认", "裂缝已灌缝修补", "没有照片")
    inspector.says("1", "确认整改到位，销号", "是")
    assert notices(town, "builder") == [
        Notice(DUTY, "整改任务待办理", ROAD, "2026-09-15"),
        Notice(DUTY, "整改已销号", ROAD),
    ]
    assert notices(town, "deputy") == [Notice(DUTY, "整改结果待确认", ROAD)]


def test_the_office_is_told_of_what_presses_and_of_what_is_explained(
    town: Town, place: Settlement, builder: Person
) -> None:
    with town.store() as store:
        number = a_project(store, place)
        late = NewRectification(place.congress, number, None, Severity.SERIOUS, "慢", place.deputy, Problem.LATE)
        store.rectifications.raise_(late)
    builder.says("整改", "1", "说明原因，报新计划", "雨季停工二十天", "路基 2026-10-20 40%；路面 2026-11-20 90%")
    assert notices(town, "staff") == [Notice(DUTY, "项目滞后已说明", ROAD)]
    with town.store() as store:
        again = NewRectification(place.congress, number, None, Severity.URGENT, "积水", place.deputy)
        store.rectifications.raise_(again)
    town.passes(days=40)
    tell(town)
    assert notices(town, "staff")[1:] == [Notice(DUTY, "整改事项待督办", "2 项整改")]


def test_who_is_charged_with_a_project_or_no_longer_is_told_so(
    town: Town, place: Settlement, clerk: Person, inspector: Person
) -> None:
    with town.store() as store:
        a_project(store, place)
        enrolled(store, "other", "孙丽", place.congress, Role.DEPUTY)
    clerk.says("项目", "1", "联系代表", "选别的代表", "孙丽", "不再由 孙丽 联系", "是")
    assert notices(town, "other") == [Notice(DUTY, "请您联系项目", ROAD), Notice(DUTY, "项目改由他人联系", ROAD)]
    clerk.says("选别的代表", "李强")
    inspector.says("我的项目", "我不便联系这个项目", "与本人有利害关系")
    assert notices(town, "staff") == [Notice(DUTY, "项目联系人待安排", ROAD)]


def test_the_office_is_told_of_a_report_that_it_has_to_act_on_and_company_of_nothing(
    town: Town, place: Settlement, inspector: Person
) -> None:
    a_colleague(town, place)
    owes(town, place, watched(town, place))
    begins(inspector, "本月无法督查", "道路塌方，进不去")
    assert notices(town, "staff") == [Notice(DUTY, "督查情况请过目", ROAD)]
    assert notices(town, "colleague") == []


def test_a_digest_and_what_residents_see_are_told_of(town: Town, place: Settlement) -> None:
    with town.store() as store:
        number = a_project(store, place)
        seen(store, place, number, a_resident(store), "积水没过脚面")
        digest = {"congress": place.congress, "digest": "2026-08"}
        store.conversations.prompt(place.staff, "supervision", digest)
        store.conversations.prompt(place.staff, "seen", {})
    for _ in range(2):
        with town.store() as store:
            town.dispatcher.begin_prompts(store.unit, [place.staff])
        town.passes(minutes=31)
    assert notices(town, "staff") == [Notice(DUTY, "督查月报", "柳河镇人大"), Notice(DUTY, "居民反映待回复")]


def test_who_agrees_to_an_announcement_is_told_and_its_author_when_it_comes_back(town: Town, place: Settlement) -> None:
    office = office_of(town, place)
    office.writes()
    office.staff.says("送审")
    asked = Notice(DUTY, "公告待审核", "第1号公告")
    assert notices(town, office.chair.account) == [asked]
    office.chair.says("退回修改", "时间不对")
    assert notices(town, "staff") == [Notice(DUTY, "公告被退回", "第1号公告")]


def test_a_call_for_help_is_told_without_its_words(town: Town, resident: Person, clerk: Person) -> None:
    resident.says("设置", "我的网格", "柳树湾", "人工", "我看不懂", "没有")
    assert notices(town, "staff") == [Notice(DUTY, "居民求助待答复")]
    clerk.says("您好，请打电话来")
    assert "请打电话来" in joined(resident.reads())
    assert notices(town, "resident") == [], "is neither a duty nor about a proposal"


def test_who_is_staff_no_longer_is_told_of_no_digest(town: Town, place: Settlement) -> None:
    with town.store() as store:
        store.conversations.prompt(place.staff, "supervision", {"congress": place.congress, "digest": "2026-08"})
        (held,) = store.people.holdings(place.staff)
        store.people.revoke(held, last_too=True)
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [place.staff])
    assert notices(town, "staff") == []


# --- how a proposal stands


@pytest.mark.parametrize(
    ("answers", "what", "english"),
    [
        (("采纳", "明年开工"), "已采纳", "taken up"),
        (("列入储备库", "不用"), "列入储备库", "kept in reserve"),
        (("不采纳", "超出本级职权", "请找县里"), "未采纳", "not taken up"),
        (("回复作者", "已经安排"), "已答复", "answered"),
        (("追问作者", "在哪一段？"), "待补充", "a question for you"),
    ],
)
def test_how_a_proposal_stands_is_told_in_a_word(
    town: Town, author: Person, clerk: Person, answers: tuple[str, ...], what: str, english: str
) -> None:
    author.suggests("柳树湾装路灯")
    clerk.says("台账", "按编号", "1", *answers)
    author.says("取消", "设置", "语言", "English")
    clerk.says("台账", "按编号", "2", *answers)
    assert notices(town, "resident") == [
        Notice(PROPOSAL, what, "第1号建议"),
        Notice(PROPOSAL, english, "Proposal 2"),
    ]


def test_who_brought_one_in_is_told_how_it_stands(town: Town, inspector: Person, clerk: Person) -> None:
    inspector.says("代提", "张大爷", "没有", "柳树湾修路", "没有", "提交")
    clerk.says("台账", "按编号", "1", "采纳", "跳过")
    assert notices(town, "deputy") == [Notice(PROPOSAL, "已采纳", "第1号建议")]


def test_the_office_is_told_that_an_author_has_answered(town: Town, author: Person, clerk: Person) -> None:
    clerk.says("台账", "按编号", "1", "追问作者", "在哪一段？", "取消")
    author.says("在老桥头东边")
    assert notices(town, "staff") == [Notice(DUTY, "建议人已答复", "第1号建议")]


@pytest.mark.usefixtures("author")
def test_a_long_answer_is_told_of_once(town: Town, clerk: Person) -> None:
    clerk.says("台账", "按编号", "1", "回复作者", "已经安排，下月开工。" * 1000)
    about = [notice for text, notice in told(town, "resident") if "已经安排" in text]
    assert len(about) > 1
    assert about == [Notice(PROPOSAL, "已答复", "第1号建议")] + [None] * (len(about) - 1)


def test_that_somebody_used_a_deputy_s_code_is_no_duty(town: Town, place: Settlement) -> None:
    resident = town.person("resident")
    resident.starts(f"d-{place.deputy_role}")
    resident.says("村口要修路", "柳树湾", "没有", "提交")
    assert notices(town, "deputy") == notices(town, "resident") == []


# --- whatever there is


def test_whatever_jobs_and_people_begin_with_somebody_says_what_it_is() -> None:
    begun = {telling.DUTIES_PROMPT, telling.OVERDUE_PROMPT, nudges.CONVERSATION, digests.CONVERSATION, WAITING}
    begun |= {observations.SUMMARY_PROMPT, *rectification_steps.CONVERSATION.values(), "answer_office", "help_wanted"}
    assert begun == {one.name for one in ROUTES.conversations if one.notice}


def phrases() -> Iterator[Phrase]:
    for value in vars(texts).values():
        yield from (one for one in (value.values() if isinstance(value, dict) else [value]) if isinstance(one, Phrase))


def test_what_came_about_is_said_in_so_many_characters_and_never_cut() -> None:
    said = list(phrases())
    assert len(said) > 20
    assert all(0 < len(words) <= MOST for one in said for words in (one.zh, one.en))
    number = 1_000_000
    for one in (texts.proposal(number), texts.announcements([number]), texts.announcements([1] * 99)):
        assert max(len(one.zh), len(one.en)) <= MOST


# --- agreeing to hear how it goes

LINK = "https://minsheng.example/wechat/agree"
ASKED = f"点开允许我们通知您进展：{LINK}"


@pytest.fixture
def agreeing(settled: Engine) -> Town:
    """With a channel "chat" on which it takes a consent to tell somebody anything that they did not ask for."""
    chat = replace(BUTTONS, windows=True, agrees_at=LINK)
    return Town(settled, capabilities={**CAPABILITIES, "chat": chat})


def test_after_each_proposal_its_author_is_asked(agreeing: Town) -> None:
    resident = agreeing.person("chat", "chat")
    for body in ("村口要修路", "村口要修桥"):
        thanks = resident.says("提建议", body, "柳树湾", "没有", "提交")[-1]
        assert thanks.startswith("谢谢您！建议已收到")
        assert thanks.endswith(f"\n{ASKED}")
    resident.says("设置", "语言", "English")
    assert resident.says("提建议", "a road", "柳树湾", "没有", "提交")[-1].endswith(
        f"\nOpen this to let us tell you how it goes: {LINK}"
    )


def test_who_has_agreed_for_good_is_not_asked_any_more(agreeing: Town) -> None:
    resident = agreeing.person("chat", "chat")
    resident.suggests("村口要修路")
    resident.does(resident.message(Kind.HAPPENED, agreed=(Agreed("T", FOR_GOOD),)))
    resident.suggests("村口要修桥")
    assert LINK not in joined(text for text, _ in resident.told_lately(1))
    resident.does(resident.message(Kind.HAPPENED, agreed=(Agreed("T", None),)))
    resident.suggests("村口要修渠")
    assert joined(text for text, _ in resident.told_lately(1)).endswith(ASKED)


def test_where_no_consent_is_needed_nobody_is_asked(agreeing: Town) -> None:
    for channel in CAPABILITIES:
        resident = agreeing.person("resident", channel)
        resident.suggests("村口要修路")
        assert LINK not in joined(text for text, _ in resident.told_lately())
        assert LINK not in resident.sees("我的建议")


def test_who_brings_one_in_for_somebody_else_is_not_asked(agreeing: Town, place: Settlement) -> None:
    with agreeing.store() as store:
        store.people.add_account(place.deputy, "chat", "chat", "chat")
    agreeing.passes(minutes=1)
    deputy = agreeing.person("chat", "chat")
    thanks = joined(deputy.says("取消", "代提", "张大爷", "没有", "村口要修路", "柳树湾", "没有", "提交"))
    assert "谢谢您！建议已收到" in thanks
    assert LINK not in thanks


def test_who_looks_a_proposal_up_is_asked_as_long_as_it_goes_on_and_no_consent_is_left(agreeing: Town) -> None:
    resident = agreeing.person("chat", "chat")
    resident.suggests("村口要修路")
    assert f"\n{ASKED}\n" in resident.sees("我的建议")
    with agreeing.store() as store:
        (account,) = store.unit.read(select(accounts.c.id).where(accounts.c.external_id == "chat")).scalars()
        Consents(store.unit).change([Consent(account, "T", 1)])
    assert LINK not in resident.sees("我的建议")
    with agreeing.store() as store:
        Consents(store.unit).use(account, "T")
    assert f"\n{ASKED}\n" in resident.sees("我的建议")
    resident.says("撤回", "是")
    assert LINK not in resident.sees("我的建议")
