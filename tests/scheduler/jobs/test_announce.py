"""What is due of announcements is done every minute, be the running program there or not."""

from datetime import timedelta

from sqlalchemy import Engine

from handlers.dispatch import Dispatched
from scheduler.jobs.announce import announce
from scheduler.runner import Job
from storage.database import transaction
from storage.domain.announcements import State
from storage.store import Store
from tests.announced import Office
from tests.conversing import NOW
from tests.settlement import on


def job(office: Office, told: list[Dispatched]) -> Job:
    def store(unit: object, now: object) -> Store:
        return Store(unit, now, office.areas, channels=office.paces)  # type: ignore[arg-type]  # as the job is given them

    return announce(store, office.words, office.paces, told.append)


def runs(office: Office, of: Job) -> None:
    goes_on = True
    while goes_on:
        with transaction(office.engine) as unit:
            goes_on = of.step(unit, office.now)
        of.afterwards()


def test_what_is_due_is_made_ready_and_the_sender_woken(engine: Engine) -> None:
    office, told = Office(engine, on(engine)), list[Dispatched]()
    office.residents(30)
    number = office.announces(send_at=NOW + timedelta(minutes=1))
    announcing = job(office, told)
    runs(office, announcing)
    assert office.state(number) is State.SCHEDULED
    office.passes(60)
    runs(office, announcing)
    assert {channel for done in told for channel, _ in done.mail} == {"tap"}
    assert office.sends() == 33
    runs(office, announcing)
    assert office.state(number) is State.FINISHED
    assert announcing.last_due(office.now) == office.now
