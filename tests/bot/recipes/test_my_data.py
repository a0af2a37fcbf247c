"""Who asks what is kept about them gets everything, and nothing about anybody else."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from bot.recipes.catalogue import Recipes
from storage.audiences import Audiences
from storage.audit import Actor
from storage.coming_round import go_on
from storage.consents import Consent, Consents
from storage.domain.announcements import Step
from storage.domain.audience import Audience, Groups
from storage.domain.proposal_status import Reason, Status
from storage.domain.rectification_stages import Severity
from storage.domain.roles import Role
from storage.observations import NewObservation
from storage.recipients import Recipients
from storage.rectifications import NewRectification
from storage.tables import accounts
from tests.conversing import NOW, Person
from tests.office import Office, open_office
from tests.storage.audience_towns import a_content
from tests.storage.test_notes import inspected
from tests.storage.test_projects import a_project


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


@pytest.fixture
def resident(office: Office) -> Person:
    """Somebody with a proposal, a photo, a neighbour's proposal supported, and something unfinished."""
    resident = office.town.person("resident")
    resident.says("提建议", "杨柳村老桥头要修路")
    resident.shows()
    resident.says("好了")
    resident.says("1")
    return resident


def person_of(office: Office, account: str) -> int:
    with office.town.store() as store:
        query = select(accounts.c.person_id).where(accounts.c.external_id == account)
        return int(store.unit.read(query).scalar_one())


def export(office: Office, account: str) -> dict[str, Any]:
    path = office.folder / "mine.json"
    recipes = Recipes(office.town.engine, lambda _: office.town.areas, lambda: office.town.now)
    recipes.make({"kind": "my_data", "arguments": {"person": person_of(office, account)}}, path)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_everything_that_a_resident_said_and_that_came_of_it_is_there(office: Office, resident: Person) -> None:
    other = office.proposal("装路灯", office.resident("neighbour", "秘密"))
    me = person_of(office, "resident")
    with office.town.store() as store:
        store.people.change(me, name="李梅", telephone="13800000000", cell_id=office.place.bridge.id)
        store.proposals.support(other, me)
        store.proposals.change_status(1, Status.DECLINED, reason=Reason.TOO_LONG, body="明年再看")
    resident.says("提建议", "还想装路灯")
    mine = export(office, "resident")
    assert (mine["我"]["姓名"], mine["我"]["电话"], mine["我"]["网格"]) == ("李梅", "13800000000", "杨柳村 第二网格")
    assert mine["账号"][0]["账号名"] == "resident"
    [proposal] = mine["我的建议"]
    assert (proposal["编号"], proposal["内容"], proposal["网格"], proposal["状态"]) == (
        1,
        "杨柳村老桥头要修路",
        "杨柳村 第二网格",
        "未采纳",
    )
    assert all(word in proposal["经过"][-1] for word in ("2026-09-01", "未采纳", "一年内无法完成", "明年再看"))
    assert [one["编号"] for one in mine["我支持的建议"]] == [other]
    said = [one["内容"] for one in mine["往来消息"] if one["方向"] == "in"]
    assert said[:2] == ["提建议", "杨柳村老桥头要修路"]
    assert any("已收到" in one["内容"] for one in mine["往来消息"] if one["方向"] == "out")
    assert [one["种类"] for one in mine["文件"]] == ["photo"]
    assert mine["没写完的内容"] == [{"what": "还想装路灯"}]
    assert [one["文字"] for one in mine["写进记录的文字"]] == ["杨柳村老桥头要修路"]
    assert "秘密" not in json.dumps(mine, ensure_ascii=False)


def test_what_a_resident_agreed_to_is_there_until_they_want_to_be_forgotten(office: Office, resident: Person) -> None:
    def agreed() -> list[tuple[str, int]]:
        return [(one["渠道"], one["还可以发几次"]) for one in export(office, "resident").get("同意接收的通知", [])]

    with office.town.store() as store:
        account = store.unit.read(select(accounts.c.id).where(accounts.c.external_id == "resident")).scalar_one()
        Consents(store.unit).change([Consent(account, "TPL-1", 1), Consent(account, "TPL-2", 2)])
    assert agreed() == [(resident.channel, 3)]
    me = person_of(office, "resident")
    with office.town.store() as store:
        store.people.forget(me)
    assert agreed() == []


def test_roles_are_there_with_their_cells(office: Office) -> None:
    [role] = export(office, "deputy")["身份"]
    assert role == {
        "人大": "柳河镇人大",
        "角色": "人大代表",
        "代表小组": "",
        "行业": "",
        "负责的网格": ["杨柳村 第一网格"],
    }


def test_reports_are_there_for_who_made_them_and_who_came_along(office: Office) -> None:
    place = office.place
    with office.town.store() as store:
        number = a_project(store, place)
        store.notes.add(inspected(place, number))
    [note] = export(office, "deputy")["我的督查"]
    assert (note["编号"], note["种类"], note["进展"], note["进度"]) == (number, "督查", "按计划进行", 35)
    assert (note["纬度"], note["离项目"], note["满意"]) == (30.005, "在项目现场", True)
    [together] = export(office, "worker")["和我一起的督查"]
    assert (together["编号"], together["分工"]) == (number, "带队")


def test_it_says_what_they_were_reminded_of(office: Office) -> None:
    with office.town.store() as store:
        number = a_project(store, office.place)
        store.liaisons.assign(number, [office.place.deputy])
        while go_on(store.unit, NOW, store.calendar):
            pass
    [told] = export(office, "deputy")["收到的督查提醒"]
    assert told == {"时间": "2026-09-01T09:00:00+08:00", "种类": "督查", "月份": "2026-09"}


def test_it_is_in_the_persons_language(office: Office, resident: Person) -> None:
    resident.says("设置")
    resident.taps("语言")
    resident.taps("English")
    mine = export(office, "resident")
    assert mine["me"]["language"] == "en"
    assert mine["proposals"][0]["status"] == "received"


def test_of_who_was_forgotten_nothing_is_there(office: Office, resident: Person) -> None:
    resident.says("设置")
    resident.taps("忘记我")
    resident.says("是")
    mine = export(office, "resident")
    assert mine["我"]["姓名"] == ""
    assert {one["内容"] for one in mine["往来消息"] if one["方向"] == "in"} == {""}
    assert "老桥头" not in json.dumps(mine, ensure_ascii=False)


def test_what_somebody_saw_of_a_project_and_put_right_is_there(office: Office, resident: Person) -> None:
    me = person_of(office, "resident")
    place = office.place
    with office.town.store() as store:
        project = a_project(store, place)
        new = NewObservation(place.congress, project, me, "路面有积水", place.willow.id, 30.005, 120.005)
        store.on_behalf_of(Actor(place.deputy)).observations.answer(store.observations.add(new), "周五前疏通")
        raised = NewRectification(place.congress, project, None, Severity.MINOR, "排水不畅", me)
        store.rectifications.raise_(raised)
    mine = export(office, "resident")
    [seen] = mine["我反映的项目情况"]
    assert (seen["编号"], seen["内容"], seen["网格"], seen["答复"]) == (
        project,
        "路面有积水",
        "杨柳村 第一网格",
        "周五前疏通",
    )
    assert (seen["纬度"], seen["经度"]) == (30.005, 120.005)
    assert [(one["编号"], one["环节"]) for one in mine["我办的整改"]] == [(1, "已交办")]
    assert export(office, "deputy")["我反映的项目情况"] == []
    assert resident.town.faults == []


def test_announcements_are_there_for_who_was_told_and_who_wrote_them(office: Office) -> None:
    place = office.place
    with office.town.store() as store:
        written = store.on_behalf_of(Actor(place.staff)).announcements
        for audience in (Audience(everybody=True), Audience(those=Groups(roles=(Role.DEPUTY,)))):
            one = written.get(written.add(place.congress, a_content(audience)))
            assert one
            recipients = Recipients(store.unit, NOW, Audiences(store.unit, ["plain"] if one.number == 2 else None))
            recipients.begin(one)
            assert not recipients.prepare(one)
        rules = store.congresses.get(place.congress).rules
        written.sign(1, 1, Step.SUBMIT, rules)
    told = {"时间": "2026-09-01T09:00:00+08:00", "标题": "停水通知", "网格": "待核实"}
    assert export(office, "deputy")["收到的公告"] == [
        {**told, "编号": 1, "渠道": "tap"},
        {**told, "编号": 2, "没有送达的原因": "没有账号"},
    ]
    done = [(one["编号"], one["第几版"], one["步骤"]) for one in export(office, "staff")["我办的公告"]]
    assert done == [(1, 1, "写了这一版"), (1, 1, "送审"), (2, 1, "写了这一版")]
