"""Staff hear once of a channel by which nothing leaves, by another one if they can."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, update

from handlers.dispatch import Dispatched
from scheduler.jobs.tell_of_faults import tell_of_faults
from scheduler.runner import Job
from storage.arrivals import Arrivals, Letter
from storage.channel_faults import AGAIN, PATIENCE, TOLD_AT_ONCE, ChannelFaults
from storage.database import open_database, transaction
from storage.domain.roles import Role
from storage.paces import FORGOTTEN, Paces
from storage.tables import messages, outbox, paces, people
from tests.conversing import Town, joined
from tests.settlement import Settlement, on, second_congress
from tests.storage.plans import Plans

MINUTE = timedelta(minutes=1)
SHUT = "tap"  # the channel that fails


class Office:
    """The staff of a congress, and two channels that have sent before."""

    def __init__(self, engine: Engine) -> None:
        self.place: Settlement = on(engine)
        self.town = Town(engine)
        self.done: list[Dispatched] = []
        self.job: Job = tell_of_faults({SHUT, "plain"}, self.done.append)
        self.waits("李强，请看看")

    def waits(self, text: str) -> None:
        """A message that the channel takes no more."""
        with self.town.store() as store:
            for channel in (SHUT, "plain"):
                Paces(store.unit, self.town.now).of(channel)  # as a first claim does
            account = store.people.reachable_account(self.place.deputy)
            assert account
            Arrivals(store.unit, self.town.now).post([Letter(SHUT, account.id, self.place.deputy, text)])

    def joins(self, count: int, channel: str = "plain") -> None:
        """So many more people of staff."""
        with self.town.store() as store:
            for number in range(count):
                person = store.people.add(f"科员{number}")
                store.people.add_account(person, channel, f"s{number}", f"s{number}")
                store.people.grant(person, self.place.congress, Role.STAFF)

    def fails(self, fault: str = "", pause: timedelta = MINUTE) -> None:
        with transaction(self.town.engine) as unit:
            if fault:
                Paces(unit, self.town.now).pause(SHUT, self.town.now + pause, fault)
            ChannelFaults(unit, self.town.now).fails(SHUT)

    def works(self) -> None:
        with transaction(self.town.engine) as unit:
            ChannelFaults(unit, self.town.now).works(SHUT)

    def minute(self, count: int = 1) -> None:
        """Time goes on, and the job with it."""
        for _ in range(count):
            self.town.now += MINUTE
            goes_on = True
            while goes_on:
                with transaction(self.town.engine) as unit:
                    goes_on = self.job.step(unit, self.town.now)
                self.job.afterwards()

    def told(self, words: str = "发不出消息") -> list[str]:
        """What was said to staff, with the channel it was said by."""
        said = select(messages.c.channel, messages.c.text).where(messages.c.text.contains(words))
        with transaction(self.town.engine) as unit:
            return [f"{channel}: {text}" for channel, text in unit.read(said.order_by(messages.c.id))]


@pytest.fixture
def office(engine: Engine) -> Office:
    return Office(engine)


def test_a_wrong_setting_is_told_at_once_and_once(office: Office) -> None:
    """By a channel that works; who has none finds it there when it works again."""
    office.joins(1)
    for _ in range(90):
        office.fails("50002")
        office.minute()
    said = "9月1日 09:00起，tap发不出消息。消息都先留着，恢复后自动补发。请管理员检查tap的设置和网络。"
    assert office.told() == [f"{SHUT}: {said}", f"plain: {said}"]
    assert {channel for done in office.done for channel, _ in done.mail} == {SHUT, "plain"}
    assert len([done for done in office.done if done.mail]) == 1


def test_staff_with_several_accounts_are_told_where_something_leaves(office: Office) -> None:
    with office.town.store() as store:
        store.people.add_account(office.place.staff, "plain", "clerk", "clerk")
    office.town.person("staff").says("取消")  # and so was last seen by the channel that fails
    office.fails("401")
    office.minute()
    assert [told.partition(":")[0] for told in office.told()] == ["plain"]


def test_what_mends_within_minutes_is_told_to_nobody(office: Office) -> None:
    for _ in range(3):
        for _ in range(4):
            office.fails()
            office.minute()
        office.works()
        office.minute()
    assert office.told() == []


def test_a_platform_that_does_not_answer_is_told_after_some_minutes(office: Office) -> None:
    for passed in range(10):
        office.fails()
        office.minute()
        assert len(office.told()) == (passed * MINUTE >= PATIENCE)


def test_what_staff_were_told_of_they_can_look_up_until_it_is_over(office: Office) -> None:
    def listed() -> str:
        return joined(office.town.person("staff").says("取消", "联系不上"))

    for _ in range(4):
        office.fails()
        office.minute()
    assert "发不出消息" not in listed()
    office.minute(3)
    office.fails()
    office.minute()
    assert "tap现在发不出消息，都先留着。" in listed()
    office.works()
    assert "发不出消息" not in listed()


def test_a_used_up_quota_is_told_at_once(office: Office) -> None:
    with office.town.store() as store:
        store.pauses.pause(SHUT, office.town.now + timedelta(hours=9))
    office.fails()
    office.minute(3)
    assert len(office.told()) == 1


def test_it_is_told_again_when_it_comes_back_but_not_each_time(office: Office) -> None:
    for passed in range(0, 120, 10):
        office.fails("401")
        office.minute(5)
        office.works()
        office.minute(5)
        assert len(office.told()) == 1 + passed * MINUTE // AGAIN


def test_what_was_in_flight_when_the_platform_shut_does_not_end_it(office: Office) -> None:
    office.fails("401", pause=MINUTE)
    office.works()
    office.minute()
    assert len(office.told()) == 1


def test_a_failure_long_ago_and_one_now_are_not_one_that_lasts(office: Office) -> None:
    office.fails()
    office.minute(int(FORGOTTEN / MINUTE))
    office.fails()
    office.minute()
    assert office.told() == []


def test_what_is_tried_no_more_is_no_fault_any_longer(office: Office) -> None:
    def faults() -> list[tuple[str, str]]:
        with office.town.store() as store:
            return store.pauses.faults()

    office.fails("401")
    office.minute(2)
    assert faults() == [(SHUT, "401")], "though its pause is over"
    office.minute(int(FORGOTTEN / MINUTE))
    assert faults() == []


def test_nobody_is_told_where_nothing_waits(office: Office) -> None:
    with transaction(office.town.engine) as unit:
        unit.write(update(outbox).values(state="sent"))
    office.fails("401")
    office.minute()
    assert office.told() == []


def test_however_many_they_are_each_is_told_once(office: Office) -> None:
    office.joins(2 * TOLD_AT_ONCE + 1)
    office.fails("401")
    office.minute(2)
    assert len(office.told()) == 2 * TOLD_AT_ONCE + 2
    assert max(len(done.mail) for done in office.done) <= TOLD_AT_ONCE


def test_once_it_is_over_the_others_are_not_told_any_more(office: Office) -> None:
    office.joins(2 * TOLD_AT_ONCE)
    office.fails("401", pause=timedelta())
    with transaction(office.town.engine) as unit:
        assert office.job.step(unit, office.town.now)
    office.works()
    office.minute(2)
    assert len(office.told()) == TOLD_AT_ONCE
    with transaction(office.town.engine) as unit:
        assert unit.read(select(paces.c.told_to).where(paces.c.channel == SHUT)).scalar() is None


def test_who_works_for_two_congresses_is_told_once_and_in_their_language(office: Office) -> None:
    with office.town.store() as store:
        store.people.grant(office.place.staff, second_congress(store, office.place), Role.STAFF)
        store.unit.write(update(people).where(people.c.id == office.place.staff).values(language="en"))
    office.fails("401")
    office.minute()
    (told,) = office.told("Nothing can be sent")
    assert told == (
        "tap: Nothing can be sent by tap since 2026-09-01 09:00. Messages are kept, and go out when it works again. "
        "Please ask the administrator to check its settings and the network."
    )


def test_it_is_found_by_indexes_who_is_to_be_told(alterable_url: str) -> None:
    engine = open_database(alterable_url)
    office = Office(engine)
    office.joins(TOLD_AT_ONCE)
    plans = Plans(engine)
    office.fails("401")
    office.minute()
    office.works()
    engine.dispose()
    assert plans.scans == {}
