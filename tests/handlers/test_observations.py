"""Residents see how projects near them stand, say what they see, and are answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.texts import access
from handlers.texts import observations as texts
from storage.domain.cadence import Duty
from storage.domain.roles import Role
from storage.links import Target
from storage.notes import New, Standing
from storage.observations import Observation
from storage.tables import attachments, messages, observations
from tests.conversing import Person, Town, joined
from tests.settlement import Settlement, enrolled
from tests.storage.test_projects import a_project


@pytest.fixture
def project(town: Town, place: Settlement) -> int:
    with town.store() as store:
        number = a_project(store, place)
        store.liaisons.assign(number, [place.deputy])
        store.projects.report(number, 30)
        note = New(
            congress_id=place.congress,
            project=number,
            kind=Duty.INSPECTION,
            author=place.deputy,
            standing=Standing.ON_PLAN,
        )
        store.notes.add(note)
    return number


def stored(town: Town, number: int = 1) -> Observation:
    with town.store() as store:
        one = store.observations.get(number)
    assert one
    return one


def tells(person: Person, words: str = "路面有积水") -> list[str]:
    return person.says("身边项目", "柳树湾", "1", "说说看到的", words, "没有照片", "跳过")


@pytest.mark.usefixtures("project")
def test_a_resident_sees_how_the_projects_of_their_cell_stand(anyone: Person) -> None:
    anyone.says("身边项目", "柳树湾")
    assert "1 柳树湾道路硬化（已票决，30%）" in anyone.screen()
    card = joined(anyone.says("1"))
    for said in (
        "柳树湾道路硬化",
        "已票决，进度 30%，计划 0%，比计划快 30 个百分点",
        "完成期限：2026年11月30日",
        "承办单位：镇村镇建设办",
        "代表最近督查：2026年9月1日",
        texts.WHAT_NEXT.zh,
    ):
        assert said in card, card
    for private in ("周平", "李强", "13900000000", "46"):
        assert private not in card
    assert anyone.files() == ["project_card"]


@pytest.mark.parametrize(("kind", "standing"), [(Duty.INSPECTION, Standing.UNABLE), (Duty.DISPATCH, Standing.ON_PLAN)])
def test_only_who_was_there_has_inspected(
    town: Town, place: Settlement, resident: Person, project: int, kind: Duty, standing: Standing
) -> None:
    town.passes(days=3)
    with town.store() as store:
        note = New(congress_id=place.congress, project=project, kind=kind, author=place.deputy, standing=standing)
        store.notes.add(note)
    assert "代表最近督查：2026年9月1日" in joined(resident.says("身边项目", "柳树湾", "1"))


def test_what_is_placed_at_the_village_or_the_township_is_near_too(
    town: Town, place: Settlement, resident: Person
) -> None:
    with town.store() as store:
        for title, cell in (("全镇路灯", place.township), ("村卫生室", place.village), ("老桥头的桥", place.bridge)):
            a_project(store, place, title=title, cells=(cell.id,))
    resident.says("设置", "我的网格", "柳树湾")
    shown = resident.sees("身边项目")
    assert "全镇路灯" in shown
    assert "村卫生室" in shown
    assert "老桥头的桥" not in shown


def test_where_there_is_no_project_it_is_said(resident: Person) -> None:
    assert joined(resident.says("身边项目", "柳树湾")) == texts.NEARBY_NONE.zh


def test_what_somebody_sees_is_kept_with_photos_and_place(
    town: Town, place: Settlement, anyone: Person, project: int
) -> None:
    anyone.says("身边项目", "柳树湾", "1", "说说看到的", "路面有积水")
    anyone.shows(group="album")
    anyone.shows(group="album")
    anyone.says("好了")
    assert texts.PLACE_WANTED.zh in joined(anyone.says("就在那里"))
    thanks = joined(anyone.shares(30.005, 120.015))
    assert thanks == texts.thanks("柳树湾道路硬化").zh
    one = stored(town)
    assert (one.project, one.text, one.cell) == (project, "路面有积水", place.bridge.id)
    with town.store() as store:
        row = store.unit.read(select(observations.c.latitude, observations.c.longitude)).one()
        assert tuple(row) == (30.005, 120.015)
        for target, number in ((Target.OBSERVATION, 1), (Target.PROJECT, project), (Target.CELL, place.bridge.id)):
            kinds = [one.kind for one in store.links.messages_about(target, number, 20) if one.direction == "in"]
            assert kinds.count("photo") == 2, target
            assert "location" in kinds
    assert town.faults == []


@pytest.mark.usefixtures("project")
def test_a_voice_message_without_place_is_as_good(town: Town, place: Settlement, anyone: Person) -> None:
    anyone.says("身边项目", "柳树湾", "1", "说说看到的")
    anyone.speaks()
    anyone.says("没有照片", "跳过")
    assert (stored(town).text, stored(town).cell) == ("（语音留言）", place.willow.id)


@pytest.mark.usefixtures("project")
def test_a_place_far_from_every_cell_is_kept_as_it_is(town: Town, place: Settlement, resident: Person) -> None:
    resident.says("身边项目", "柳树湾", "1", "说说看到的", "看到工地了", "没有照片")
    resident.shares(10, 20)
    assert stored(town).cell == place.willow.id


# --- answering


@pytest.mark.usefixtures("project")
def test_a_deputy_answers_and_the_resident_hears_it(deputy: Person, anyone: Person) -> None:
    anyone.says("设置", "通知", "2")
    tells(anyone, "路面有积水，请打 13912345678 找我")
    deputy.says("取消")
    listed = deputy.sees("居民反映")
    assert "1 9月1日 柳树湾道路硬化，杨柳村 第一网格：路面有积水" in listed
    card = deputy.sees("1")
    assert "139****78" in card
    assert "13912345678" not in card + listed
    assert joined(deputy.says("答复", "本周五前疏通排水沟")) == texts.ANSWERED.zh
    told = joined(anyone.reads())
    assert "您反映的“路面有积水" in told
    assert "有答复了：本周五前疏通排水沟" in told, "whoever has turned notices off"
    assert "答复：本周五前疏通排水沟" in joined(anyone.says("身边项目", "柳树湾", "我反映过的"))
    assert joined(deputy.says("居民反映")) == texts.SEEN_NONE.zh


@pytest.mark.usefixtures("project")
def test_of_two_who_answer_at_once_the_first_counts(
    town: Town, clerk: Person, deputy: Person, resident: Person
) -> None:
    tells(resident)
    deputy.says("取消")
    for one in (clerk, deputy):
        one.says("居民反映", "1", "答复")
    clerk.says("已转承办单位")
    assert texts.ANSWERED_MEANWHILE.zh in joined(deputy.says("周五前疏通"))
    assert stored(town).answer == "已转承办单位"


@pytest.mark.usefixtures("project")
def test_photos_are_shown_to_those_who_answer(town: Town, clerk: Person, resident: Person) -> None:
    resident.says("身边项目", "柳树湾", "1", "说说看到的", "积水")
    resident.shows()
    resident.says("好了", "跳过")
    with town.store() as store:
        store.unit.write(attachments.update().values(state="stored", digest="0" * 64, media_type="image/jpeg"))
    clerk.says("居民反映", "1")
    assert "1 个附件：" in joined(clerk.says("看照片和附件"))


@pytest.mark.usefixtures("project")
def test_who_is_charged_no_longer_answers_no_more(
    town: Town, place: Settlement, deputy: Person, resident: Person
) -> None:
    tells(resident)
    deputy.says("取消", "居民反映", "1", "答复")
    with town.store() as store:
        held = store.people.holding(place.deputy_role)
        assert held
        store.people.revoke(held)
    assert joined(deputy.says("周五前疏通")) == access.NOT_FOR_YOU.zh
    assert stored(town).answer is None


@pytest.mark.usefixtures("project")
def test_a_deputy_of_another_project_reads_nothing_of_it(town: Town, place: Settlement, resident: Person) -> None:
    tells(resident)
    with town.store() as store:
        enrolled(store, "d2", "孙丽", place.congress, Role.DEPUTY)
    other = town.person("d2")
    other.says("取消")
    assert joined(other.says("居民反映")) == texts.SEEN_NONE.zh


@pytest.mark.usefixtures("project")
def test_what_was_shown_of_somebody_is_blanked_when_they_are_forgotten(
    town: Town, clerk: Person, resident: Person
) -> None:
    tells(resident, "我家门口有积水")
    assert "我家门口有积水" in clerk.sees("居民反映")
    resident.says("设置", "忘记我", "是")
    with town.store() as store:
        kept = store.unit.read(select(messages.c.text).where(messages.c.text.contains("我家门口"))).all()
    assert kept == []
    assert joined(clerk.says("取消", "居民反映")) == texts.SEEN_NONE.zh


@pytest.mark.usefixtures("project")
def test_nobody_reads_what_others_said_as_their_own(town: Town, resident: Person) -> None:
    tells(resident)
    other = town.person("other")
    other.says("取消")
    assert joined(other.says("我反映的")) == texts.OWN_NONE.zh
    town.passes(days=1)
    assert "9月1日 柳树湾道路硬化" in joined(resident.says("我反映的"))
    assert town.now - stored(town).at > timedelta(days=1)
