"""Conversations that nobody went on with, prompts that waited for their people, and the record of runs."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, Table, func, select

from handlers.dispatch import Dispatched
from handlers.turn import EXPIRES_AFTER, IDLE_AFTER
from scheduler.jobs.begin_prompts import CHUNK, begin_prompts
from scheduler.jobs.expire_conversations import CHUNK as CLOSED_AT_ONCE
from scheduler.jobs.expire_conversations import EXPIRE_CONVERSATIONS
from scheduler.jobs.forget_runs import FORGET_RUNS, KEPT
from scheduler.runner import Job, Runner
from storage import tables
from storage.database import Unit, reading, transaction
from storage.jobs import Jobs
from storage.tables import drafts, job_runs, outbox, prompts
from tests.conversing import Town, joined
from tests.settlement import on

ASKED = "请帮我看看路灯"


@pytest.fixture
def town(engine: Engine) -> Town:
    on(engine)
    return Town(engine)


def runs(town: Town, job: Job) -> bool:
    """The job, as the runner does it; whether it was due."""

    async def do(work: Callable[[Unit], bool]) -> bool:
        with transaction(town.engine) as unit:
            return work(unit)

    return asyncio.run(Runner([job], do, lambda: town.now).run(job))


def count(town: Town, table: Table) -> int:
    with reading(town.engine) as unit:
        return int(unit.read(select(func.count()).select_from(table)).scalar_one())


# --- conversations that nobody went on with


def test_what_was_begun_expires_into_a_draft_and_what_was_not_is_closed(town: Town) -> None:
    writer, opener = town.person("writer"), town.person("opener")
    writer.says("提建议", "村口要修路")
    opener.says("提建议")
    town.passes(seconds=EXPIRES_AFTER.total_seconds() - 60)
    assert runs(town, EXPIRE_CONVERSATIONS)
    assert count(town, drafts) == 0
    town.passes(minutes=20)
    assert runs(town, EXPIRE_CONVERSATIONS)
    assert count(town, drafts) == 1
    assert "在哪里" in joined(writer.says("继续")), "it goes on where it stopped"


def test_however_many_there_are_one_run_closes_them(town: Town) -> None:
    for number in range(CLOSED_AT_ONCE + 1):
        town.person(f"p{number}").says("提建议", "村口要修路")
    town.now += EXPIRES_AFTER + timedelta(minutes=20)
    runs(town, EXPIRE_CONVERSATIONS)
    assert count(town, drafts) == CLOSED_AT_ONCE + 1


# --- prompts that waited


def prompted(town: Town, *accounts: str) -> None:
    """Somebody needs help from these people, who have written before."""
    for account in accounts:
        town.person(account).says("提建议")
    with town.store() as store:
        rows = store.unit.read(select(tables.accounts.c.person_id).where(tables.accounts.c.external_id.in_(accounts)))
        for person in rows.scalars().all():
            store.conversations.prompt(person, "help_wanted", {"person": person, "words": ASKED, "telephone": ""})


def test_who_was_in_the_middle_of_something_is_asked_once_they_are_idle(town: Town) -> None:
    prompted(town, "clerk")
    clerk = town.person("clerk")
    clerk.reads()
    told: list[Dispatched] = []
    town.passes(seconds=IDLE_AFTER.total_seconds() - 60)
    assert runs(town, begin_prompts(town.dispatcher, told.append))
    assert clerk.reads() == []
    town.passes(minutes=5)
    assert runs(town, begin_prompts(town.dispatcher, told.append))
    assert ASKED in joined(clerk.reads())
    assert [len(one.mail) for one in told] == [0, 1]
    assert count(town, prompts) == 0


def test_they_are_told_of_when_they_are_stored(town: Town) -> None:
    prompted(town, *(f"p{number}" for number in range(2 * CHUNK - 1)))
    before, stored = count(town, outbox), list[int]()
    town.now += IDLE_AFTER
    job = begin_prompts(town.dispatcher, lambda done: stored.append(count(town, outbox) - before - len(done.mail)))
    runs(town, job)
    assert stored == [0, CHUNK], "each chunk by itself"
    assert count(town, prompts) == 0


# --- the record of runs


def test_runs_are_forgotten_after_a_while(town: Town) -> None:
    with transaction(town.engine) as unit:
        Jobs(unit, town.now).claim_run("remind", town.now - KEPT - timedelta(days=1))
        Jobs(unit, town.now).claim_run("remind", town.now - KEPT + timedelta(days=1))
    runs(town, FORGET_RUNS)
    assert count(town, job_runs) == 2, "the younger one, and this very run"
