"""Every statement of the daily work finds its rows by an index, on both databases: no town is too large for it."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from bot.channels.base import Failure, Limits, NotSent, Outcome, Sent
from bot.recipes.catalogue import Recipes
from bot.web import web_app
from bot.wiring import Program
from handlers.messages import Inbound, Kind, Window
from handlers.texts.proposals import UNPROMPTED_FILE
from storage import rectifications
from storage.attachments import Attachments
from storage.calendar import published
from storage.coming_round import go_on
from storage.database import Unit, open_database, reading, transaction
from storage.digests import tell
from storage.domain.cadence import Cadence, Duty, Owed
from storage.domain.rectification_stages import Severity
from storage.domain.roles import Role
from storage.domain.working_days import WorkingDays
from storage.late_projects import LateProjects
from storage.links import Target
from storage.outbox import Outbox
from storage.projects import Description
from storage.rectifications import NewRectification
from storage.responses import Response, Responses
from storage.store import Store
from storage.tables import accounts
from tests.bot.mailing import Mail, Puppet
from tests.bot.program_stage import Browser, Township, at_page, settings_for
from tests.bot_api.files import small_photo
from tests.conversing import BUTTONS, CAPABILITIES, Town
from tests.settlement import on
from tests.storage.plans import Plans
from tests.supervised import a_duty, a_problem, a_round, answers, told
from tests.virtual_time import BEGAN, VirtualClock, in_virtual_time

TODAY = date(2026, 9, 1)


@pytest.fixture
def engine(alterable_url: str) -> Iterator[Engine]:
    """Of a database that no earlier test has left statistics in."""
    engine = open_database(alterable_url)
    yield engine
    engine.dispose()


@pytest.fixture
def town(engine: Engine) -> Town:
    """With one proposal, which neighbours may read; it takes a consent to tell its author how it goes."""
    on(engine)
    asks = replace(BUTTONS, agrees_at="https://minsheng.example/agree")
    town = Town(engine, capabilities={**CAPABILITIES, "tap": asks})
    number = town.person("resident").suggests("柳树湾要修路")
    with town.store() as store:
        store.proposals.correct(number, cleared_at=town.now)
    return town


def test_what_residents_do(town: Town) -> None:
    resident, neighbour = town.person("resident"), town.person("neighbour", "plain")
    plans = Plans(town.engine)
    resident.says("柳树湾路灯也坏了", "不是", "1号建议怎么样了", "是", "取消")
    resident.says("提建议", "还有路灯", "菜单", "继续", "柳树湾")
    resident.shows("album")
    resident.says("好了", "提交", "我的建议", "1号", "补充说明", "有三百米")
    resident.does(resident.message(Kind.EDIT, text="柳树湾要修路，三百米", edits=f"resident:{town.count}"))
    resident.says("我的建议", "2号", "撤回", "是")
    neighbour.says("我也要", "柳树湾", "1号", "是", "人工", "看不懂", "13900000001")
    neighbour.says("设置", "我的网格", "老桥头", "设置", "语言", "1", "设置", "通知", "2", "设置", "导出我的数据")
    resident.says("设置", "忘记我", "是")
    assert town.faults == []
    assert plans.scans == {}


LEDGER = ("新收到", "7 天以上", "最近 7 天", "待核实", "按网格 柳树湾", "按类别 道路", "按状态 已收到", "全部", "导出")
ACTIONS = ("改网格 老桥头", "改类别 公共安全", "公开给邻居看 是", "看全部留言 1 1", "看照片和附件", "采纳 好")


def test_what_the_office_and_deputies_do(town: Town) -> None:
    staff, deputy, worker = town.person("staff"), town.person("deputy"), town.person("worker")
    plans = Plans(town.engine)
    for kind in LEDGER:
        staff.says("台账", *kind.split())
    staff.says("台账", "按编号", "1", "追问作者", "多长？")
    town.person("resident").says("三百米")
    for action in ACTIONS:
        staff.says("台账", "按编号", "1", *action.split())
    staff.says("联系不上")
    deputy.says("代提", "张大爷", "1", "柳树湾要修桥", "没有", "提交", "我的网格留言")
    worker.says("录入", "张三", "1", "老桥头要装路灯", "老桥头", "提交", "我的建议")
    with town.store() as store:
        code = store.people.invite(store.people.add("刘洋"))
    town.person("newcomer").says("你好")
    town.person("newcomer").starts(f"i-{code}")
    assert town.faults == []
    assert plans.scans == {}


NOTED = (
    "按计划进行",
    "35",
    "路基做好了",
    "没有照片",
    "不发位置",
    "有问题",
    "护栏松动",
    "一般",
    "没有了",
    "满意",
    "提交",
)
CORRECTED = ("进度 40", "情况 路面也做好了", "同行的人 1", "补报问题 1", "补发照片 1", "位置 1")


def test_what_those_who_report_about_projects_do(town: Town) -> None:
    deputy, builder = town.person("deputy"), town.person("builder")
    with town.store() as store:
        (congress,) = store.congresses.all()
        (held,) = store.people.holders(congress.id, Role.DEPUTY)
        (area,) = held.areas
        number = a_chosen_one(store, congress.id, area, "柳树湾道路硬化")
        other = a_chosen_one(store, congress.id, area, "第一中心小学食堂")
        store.liaisons.assign(number, [held.person_id])
        body = store.people.add("陈工")
        store.people.add_account(body, "tap", "builder", "builder")
        store.people.grant(body, congress.id, Role.IMPLEMENTING_BODY, group_name="镇村镇建设办")
        for duty in (Duty.INSPECTION, Duty.DISPATCH):
            a_duty(store, a_round(store, congress.id, duty), number)
        a_duty(store, a_round(store, congress.id, Duty.RECEPTION), None, held.person_id)
        store.conversations.prompt(held.person_id, "duties", {})
    plans = Plans(town.engine)
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [held.person_id])
    deputy.says("月督查", "我们几个人一起来的", "王芳、专家王工", "就这些人", "我带队", *NOTED)
    deputy.says(
        "督查", "接待日", "接待了群众", "5", "都问修路", "没有", "提交", "写督查", "1", "本月无法督查", "路断了"
    )
    deputy.says("写督查", "别的项目", "食堂", *NOTED, "我的项目", "写督查", "取消", "改督查", "3")
    for correction in CORRECTED:
        deputy.says(*correction.split())
    deputy.says("设置", "导出我的数据")
    builder.says("督查", "调度报告", "比计划慢", "45", "等材料", "没有", "提交", "改督查", "进展", "按计划进行")
    with town.store() as store:
        assert [len(store.notes.of_project(one)) for one in (number, other)] == [3, 1]
        assert len(store.notes.of_congress(congress.id)) == 5
        assert store.attachments.about(Target.NOTE, 1) == []
        store.people.forget(held.person_id)
    assert town.faults == []
    assert plans.scans == {}


def a_chosen_one(store: Store, congress_id: int, area: int, title: str) -> int:
    cycle = store.congresses.current_cycle(congress_id)
    assert cycle
    about = Description(title, "硬化 1.2 公里", 460_000, "镇村镇建设办", "周平", date(2026, 11, 30), "", (area,))
    return store.projects.add(congress_id, cycle.id, about, [], date(2026, 9, 1))


LISTS = ("还没报的项目", "已经逾期的", "按代表看", "按网格看", "按承办单位看", "未解决的问题", "无法督查", "打电话的")


def test_what_the_office_sees_of_supervision(town: Town, tmp_path: Path) -> None:
    staff, deputy = town.person("staff"), town.person("deputy")
    with town.store() as store:
        (congress,) = store.congresses.all()
        (held,) = store.people.holders(congress.id, Role.DEPUTY)
        number = a_chosen_one(store, congress.id, held.areas[0], "柳树湾道路硬化")
        store.liaisons.assign(number, [held.person_id])
        one = a_round(store, congress.id)
        a_duty(store, one, number)
        told(store, one, held.person_id, date(2026, 9, 1))
        answers(store, congress.id, number, held.person_id, town.now, a_duty(store, one, number, held.person_id))
        a_problem(store, congress.id, number, raised_by=held.person_id)
    plans = Plans(town.engine)
    for view in LISTS:
        staff.says("督查情况", view)
    staff.says("督查情况", "网格地图", "催办", "李强", "催办", "全部都催", "是", "督查报表", "2026年", "表格（XLSX）")
    staff.says("项目", "柳树湾道路硬化", "进度图")
    deputy.says("我的履职", "看上一年")
    about = {"as_of": "2026-09-01", "language": "zh", "congress": congress.id, "project": number}
    recipes = Recipes(town.engine, lambda _: town.areas, lambda: town.now)
    for kind in ("supervision_report", "project_card", "cell_map"):
        recipes.make({"kind": kind, "arguments": {**about, "period": "2026", "format": "xlsx"}}, tmp_path / kind)
    with town.store() as store:
        assert tell(store.unit, town.now, WorkingDays()).is_over
    assert town.faults == []
    assert plans.scans == {}


def test_what_is_done_about_problems_and_by_those_who_live_near(town: Town) -> None:
    staff, deputy, builder, resident = (town.person(one) for one in ("staff", "deputy", "builder", "resident"))
    with town.store() as store:
        (congress,) = store.congresses.all()
        (held,) = store.people.holders(congress.id, Role.DEPUTY)
        number = a_chosen_one(store, congress.id, held.areas[0], "柳树湾道路硬化")
        store.liaisons.assign(number, [held.person_id])
        body = store.people.add("陈工")
        store.people.add_account(body, "tap", "builder", "builder")
        store.people.grant(body, congress.id, Role.IMPLEMENTING_BODY, group_name="镇村镇建设办")
        found = congress.id, number, None, Severity.URGENT, "裂缝", held.person_id
        store.rectifications.raise_(NewRectification(*found))
        assert store.rectifications.owe_explanation(NewRectification(*found, rectifications.Kind.LATE))
    plans = Plans(town.engine)
    with town.store() as store:
        _, people = store.rectifications.steps.tell_all(9)
        town.dispatcher.begin_prompts(store.unit, sorted(people))
    builder.says("整改", "裂缝", "受理", "裂缝", "定完成日期", "今天", "裂缝", "已整改，报请确认", "修好了", "没有照片")
    builder.says("整改", "1", "说明原因，报新计划", "下雨", "全部 2026-11-01")
    deputy.says("整改", "1", "看全部经过", "退回重办", "还有一处", "整改", "1", "确认整改到位，销号", "是")
    for view in ("没办结的", "已超期的", "等代表确认的", "按项目 柳树湾", "按承办单位 建设办", "已销号的"):
        staff.says("整改", *view.split())
    staff.says("整改", "没办结的", "1", "改整改期限", "2026-10-01", "雨季")
    staff.says("整改", "交办新问题", "柳树湾", "紧急", "缺护栏", "没有照片")
    resident.says("身边项目", "柳树湾", "1", "说说看到的", "有积水", "没有照片", "跳过", "我反映的", "取消")
    deputy.says("居民反映", "1", "答复", "周五前疏通")
    town.now = datetime(2026, 12, 7, 2, tzinfo=UTC)
    with town.store() as store:
        late = LateProjects(store.unit, store.now, published)
        assert late.owe_explanations(0) is None
        assert store.rectifications.pressing(congress.id, date(2026, 12, 7))
        assert store.observations.of_project(number)
        assert store.observations.sum_up(0) == (None, False)
    resident.says("身边项目", "柳树湾", "1", "说说看到的", "有积水", "没有照片", "跳过")
    town.now += timedelta(days=7)
    with town.store() as store:
        assert store.observations.sum_up(0) == (None, True)
        store.people.forget(held.person_id)
    assert town.faults == []
    assert plans.scans == {}


def test_what_time_brings(town: Town) -> None:
    staff, deputy = town.person("staff"), town.person("deputy")
    with town.store() as store:
        place = store.people.holdings(_known(town, "staff"))[0].congress_id
        for duty in (Duty.DISPATCH, Duty.RECEPTION, Duty.LOOK_BACK):
            store.cadences.turn_on(place, duty)
        number = store.projects.add(place, 1, Description("路", "", None, "甲", "", TODAY, "", ()), (), TODAY)
        store.liaisons.assign(number, [_known(town, "deputy")])
        builder = store.people.add("陈工")
        store.people.grant(builder, place, Role.IMPLEMENTING_BODY, group_name="甲")
        store.cadences.set(place, Duty.INSPECTION, Cadence(owed=Owed.EACH))
    plans = Plans(town.engine)
    for day in (0, 7, 21, 28, 40):
        with transaction(town.engine) as unit:
            while go_on(unit, town.now + timedelta(days=day), published):
                pass
        town.passes(days=1)
        staff.says("督查安排", "1", "4", "26", "逾期")
        deputy.says("督查", "取消")
    town.passes(hours=12)  # it is night
    staff.says("催办", "1")
    assert town.faults == []
    assert any("max(reminders.step)" in statement for statement in plans.heard)
    assert plans.scans == {}


def _known(town: Town, account: str) -> int:
    with reading(town.engine) as unit:
        return int(unit.read(select(accounts.c.person_id).where(accounts.c.external_id == account)).scalar_one())


@in_virtual_time
async def test_the_way_out(engine: Engine, tmp_path: Path) -> None:
    mail = Mail(engine, tmp_path)
    failures = (Failure.RETRY, Failure.ABSENT, Failure.REFUSED, Failure.PAUSED, Failure.UNREACHABLE)
    channel = Puppet(limits=Limits(10, 1), answers={one: [NotSent(one, moved_to="elsewhere")] for one in failures})
    for one in failures:
        mail.post(one, one, "and more")
    plans = Plans(engine)
    async with mail.replica(channel) as sender:
        await asyncio.sleep(60)
        mail.town.now = VirtualClock()()
        mail.town.hand_in(Inbound("tap", Failure.UNREACHABLE, "k1", Kind.TEXT, mail.town.now, text="你好"))
        await sender.arrived("tap", [Failure.ABSENT])
        await asyncio.sleep(60)
    assert plans.scans == {}
    assert sorted(set(mail.states().values())) == ["failed", "sent"]


@in_virtual_time
async def test_the_way_out_through_windows_and_in_responses(engine: Engine, tmp_path: Path) -> None:
    mail = Mail(engine, tmp_path)
    opens = Window("message", 1, timedelta(hours=48))

    def response(key: str, unit: Unit) -> Response:
        asked = {key: lambda waiting: min(1, len(waiting))}
        return Responses(unit, BEGAN + timedelta(minutes=2)).take_all("mute", asked)[key]

    mail.account("a")
    answers: dict[str, list[Outcome | Exception]] = {"one": [Sent(used=1)], "more": [NotSent(Failure.WINDOW_CLOSED)]}
    tap = Puppet(capabilities=replace(BUTTONS, windows=True), answers=answers)
    mute = Puppet("mute", capabilities=replace(BUTTONS, pushes=False))
    mail.town.capabilities = {"tap": tap.capabilities, "mute": mute.capabilities}
    mail.town.__post_init__()
    plans = Plans(engine)
    async with mail.replica(tap, mute):
        mail.town.now = VirtualClock()()
        mail.town.hand_in(Inbound("tap", "a", "k1", Kind.TEXT, mail.town.now, text="你好", opens=opens))
        mail.post("a", "one", "more")
        mail.post("b", "two", "three", channel="mute")
        await asyncio.sleep(60)
        for key in ("k2", "k3"):
            await mail.writer.receive(Inbound("mute", "b", key, Kind.TEXT, VirtualClock()(), text="1"))
            for _ in range(2):  # and a repeat
                await mail.writer.do(partial(response, key))
    with transaction(engine) as unit:
        assert Responses(unit, BEGAN).left_before(mail.account("b", "mute"), 10**9)
        assert Responses(unit, BEGAN).said("mute", 10**9, BEGAN) is None
        assert Outbox(unit, BEGAN).keeps(mail.account("b", "mute")) == []
    assert plans.scans == {}
    assert [mail.states()[text] for text in ("one", "more", "two")] == ["sent", "held", "sent"]


async def test_pages_files_and_jobs(alterable_url: str, tmp_path: Path) -> None:
    Township(alterable_url).close()
    program = Program(settings_for(tmp_path, alterable_url), holder="a-replica")
    plans = Plans(program.engine)
    await program.start()
    browser = Browser(web_app(program))
    async with at_page(browser) as resident:
        upload = (await browser.upload(small_photo())).json()["upload"]
        resident.does(type="file", upload=upload, kind="photo", name="路.jpg")
        await resident.hears(UNPROMPTED_FILE.zh)
        await program.files.quiet()
    async with at_page(browser) as resident:
        shown = await resident.page.receive()
        await browser.http.get(f"/chat/file/{shown['message_id']}")
    await browser.http.get("/metrics")
    await program.writer.do(lambda unit: Attachments(unit, program.clock()).unused(["0" * 64]))
    await program.runner.tick()
    await program.stop()
    assert any("job_runs" in statement for statement in plans.heard)
    assert plans.scans == {}
