"""Forget me, through the conversation: no word of a person stays, wherever it was shown; what the office said does."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, Table, insert, select

from handlers.messages import Kind
from handlers.texts import staff as office_texts
from handlers.texts import welcome as hall
from handlers.texts.words import BLANKED
from scheduler.jobs.forget_again import FORGET_AGAIN
from storage.database import reading, transaction
from storage.domain.proposal_status import Status
from storage.domain.roles import Role
from storage.links import Target
from storage.messages import Messages
from storage.tables import (
    attachments,
    audit,
    conversations,
    drafts,
    links,
    messages,
    outbox,
    people,
    prompts,
    texts,
)
from tests.conversing import Person, Town, joined
from tests.office import Office, open_office

SECRET = "秘密"
BODY = f"柳树湾修路{SECRET}一"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


@pytest.fixture
def town(office: Office) -> Town:
    return office.town


@pytest.fixture
def clerk(office: Office) -> Person:
    office.clerk.says("取消")
    return office.clerk


@pytest.fixture
def resident(town: Town) -> Person:
    resident = town.person("resident")
    resident.says("取消", "设置", "我的网格", "柳树湾")
    return resident


def kept(town: Town) -> list[str]:
    """Where anything is kept that bears the secret: "table: row"."""
    found = []
    tables: tuple[Table, ...] = (messages, texts, conversations, drafts, prompts, attachments, audit, people, outbox)
    with reading(town.engine) as unit:
        for table in tables:
            found += [f"{table.name}: {row}" for row in unit.read(select(table)) if SECRET in str(row)]
    return found


def forgets(person: Person) -> None:
    assert joined(person.says("设置", "忘记我", "是")) == hall.FORGOTTEN.zh


def test_what_the_office_read_and_has_open_is_blanked_too(town: Town, clerk: Person, resident: Person) -> None:
    resident.suggests(BODY)
    resident.says("我的建议", "补充说明", f"{SECRET}二")
    clerk.says("台账", "全部")
    assert SECRET in clerk.screen()
    clerk.says("1", "看全部留言", "1")
    assert SECRET in clerk.screen()
    assert len(kept(town)) > 6
    forgets(resident)
    assert kept(town) == []
    assert joined(clerk.says("别的")) == office_texts.TO_WHICH.zh
    clerk.says("取消", "台账", "按编号", "1")
    assert BLANKED in clerk.screen()
    with town.store() as store:
        proposal = store.proposals.get(1)
    assert proposal is not None
    assert (proposal.status, proposal.body) == (Status.RECEIVED, "")


def test_a_list_that_is_open_is_asked_anew_and_a_number_answers_nothing_old(
    town: Town, clerk: Person, resident: Person
) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "全部")
    forgets(resident)
    clerk.says("1")
    assert f"1 {BLANKED}（1号" in clerk.screen()
    assert joined(clerk.says("1")).startswith("1号（")
    assert town.faults == []


def test_what_was_blanked_is_not_shown_again_as_nothing(town: Town, clerk: Person, resident: Person) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "全部")
    forgets(resident)
    with reading(town.engine) as unit:
        rows = Messages(unit, town.now).history("tap", "staff", 0, 99)
    assert len(rows) > 2
    assert all(row.text for row in rows)


def test_questions_and_answers_between_the_office_and_the_author(town: Town, clerk: Person, resident: Person) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "按编号", "1", "追问作者", "哪一段？")
    resident.says(f"{SECRET}三")
    assert SECRET in joined(clerk.reads())
    clerk.says("回复作者", "下月开工")
    forgets(resident)
    assert kept(town) == []
    with town.store() as store:
        said = [row.body for row in store.proposals.history(1)]
    assert [body for body in said if body] == ["哪一段？", "下月开工"]


def test_who_asked_for_help_is_forgotten_by_everybody_who_was_asked(
    town: Town, clerk: Person, resident: Person
) -> None:
    clerk.says("台账")  # busy: it waits
    resident.says("人工", f"{SECRET}四", "1")
    resident.says("人工", f"{SECRET}五", "1")
    assert any("prompts" in one for one in kept(town))
    clerk.says("取消", "取消")  # now the first begins
    assert SECRET in joined(text for text, _ in clerk.told_lately())
    forgets(resident)
    assert kept(town) == []
    clerk.says("来了")
    assert SECRET not in clerk.screen()
    assert town.faults == []


def test_what_a_clerk_put_aside_is_forgotten_too(town: Town, clerk: Person, resident: Person) -> None:
    resident.says("人工", f"{SECRET}六", "1")
    clerk.says("台账")  # puts the call for help aside
    assert any("drafts" in one for one in kept(town))
    forgets(resident)
    assert kept(town) == []


def test_neighbours_and_deputies_are_left_with_nothing(town: Town, clerk: Person, resident: Person) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "按编号", "1", "公开给邻居看", "1")
    neighbour, deputy = town.person("neighbour"), town.person("deputy")
    neighbour.says("取消", "邻居的建议", "柳树湾", "1")
    deputy.says("取消", "我的网格留言")
    assert sum(SECRET in person.screen() for person in (neighbour, deputy)) == 2
    forgets(resident)
    assert kept(town) == []
    assert joined(neighbour.says("1"))
    assert town.faults == []


def test_names_and_telephones_that_were_shown_go_as_well(town: Town, office: Office, clerk: Person) -> None:
    person = office.resident("visitor", f"{SECRET}王", "13900000009")
    office.proposal("修路", person)
    clerk.says("台账", "按编号", "1")
    assert f"{SECRET}王 13900000009" in clerk.screen()
    forgets(town.person("visitor"))
    assert kept(town) == []
    with reading(town.engine) as unit:
        everything = str(unit.read(select(messages.c.text)).all()) + str(unit.read(select(conversations.c.state)).all())
    assert "13900000009" not in everything


def test_files_with_the_words_go_and_ledgers_are_made_anew(town: Town, clerk: Person, resident: Person) -> None:
    resident.suggests(BODY + "。" * 2_000)
    clerk.says("台账", "按编号", "1", "看全文", "回台账", "导出台账")
    with transaction(town.engine) as unit:
        unit.write(
            attachments.update().where(attachments.c.recipe.is_not(None)).values(state="stored", digest="a" * 64)
        )
    forgets(resident)
    with reading(town.engine) as unit:
        rows = unit.read(select(attachments.c.state, attachments.c.digest).order_by(attachments.c.id)).all()
    assert [tuple(row) for row in rows] == [("forgotten", None), ("expired", None)]


def test_what_has_not_left_yet_never_does(town: Town, clerk: Person, resident: Person) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "全部")
    with reading(town.engine) as unit:
        before = set(unit.read(select(outbox.c.message_id)).scalars())
    forgets(resident)
    with reading(town.engine) as unit:
        rows = unit.read(
            select(outbox.c.message_id, outbox.c.state, outbox.c.failure, messages.c.text).join(messages)
        ).all()
    assert {(row.state, row.failure) for row in rows if row.message_id in before and not row.text} == {
        ("failed", "forgotten")
    }
    assert all(row.text for row in rows if row.state in ("waiting", "held"))


def test_what_others_say_and_what_the_office_said_stays(town: Town, clerk: Person, resident: Person) -> None:
    other = town.person("other")
    other.says("取消")
    other.suggests("柳树湾装路灯")
    resident.suggests(BODY)
    clerk.says("台账", "按编号", "1", "回复作者", "下周装灯")
    other.reads()
    forgets(resident)
    assert "柳树湾装路灯" in joined(text for text, _ in clerk.told_lately(20))
    forgets(clerk)
    assert "下周装灯" in joined(text for text, _ in other.told_lately(20))
    with town.store() as store:
        assert "下周装灯" in [row.body for row in store.proposals.history(1)]


def test_what_somebody_read_just_then_is_blanked_a_little_later(
    town: Town, office: Office, clerk: Person, resident: Person
) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "按编号", "1")
    with reading(town.engine) as unit:
        shown = unit.read(select(links.c.message_id, links.c.target_id).where(links.c.target == Target.PERSON)).all()
        _, person = shown[-1]
    forgets(resident)
    late = {"direction": "out", "channel": "tap", "person_id": office.place.staff, "kind": "text", "text": BODY}
    with transaction(town.engine) as unit:
        (identity,) = unit.numbers(messages, 1)
        unit.write(insert(messages).values(id=identity, at=town.now, stored_at=town.now, **late))
        row = {"target": Target.PERSON, "target_id": person, "how": "shown", "linked_at": town.now}
        unit.write(insert(links).values(message_id=identity, **row))
    assert len(kept(town)) == 1
    with transaction(town.engine) as unit:
        assert FORGET_AGAIN.step(unit, town.now) is False
    assert kept(town) == []


def test_who_became_somebody_of_the_office_is_forgotten_under_both_records(
    town: Town, office: Office, clerk: Person, resident: Person
) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "按编号", "1")
    with town.store() as store:
        deputy = store.people.add("新代表")
        store.people.grant(deputy, office.congress, Role.DEPUTY)
        code = store.people.invite(deputy)
    resident.does(resident.message(Kind.START, payload=f"i-{code}"))
    forgets(resident)
    assert kept(town) == []


def test_a_question_shown_again_is_blanked_each_time(town: Town, clerk: Person, resident: Person) -> None:
    resident.suggests(BODY)
    clerk.says("台账", "按编号", "1", "什么")
    forgets(resident)
    assert kept(town) == []
