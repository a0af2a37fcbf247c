"""What follows from each outcome of a call to many, and that several replicas make it once."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

import pytest
import structlog
from sqlalchemy import Engine, select

from bot.channels.base import Asked, Failure, NotSent
from bot.mass_sender import AGAIN_AFTER, PAUSE_WHEN_MISCONFIGURED, MassSender
from handlers.texts import mass_sends as texts
from scheduler.jobs.tell_of_faults import tell_of_faults
from storage.database import Unit, reading, transaction
from storage.domain.announcements import State
from storage.mass_sends import TOLD_WITHIN, UNSURE
from storage.paces import Paces
from storage.store import Store
from storage.tables import mass_sends
from tests.announced import PACES, acts
from tests.massed import Masses
from tests.settlement import on

T = TypeVar("T")


class Platform:
    """Answers calls with `answers` in turn, then takes them; the key of each call is kept."""

    def __init__(self, *answers: Asked | NotSent | Exception) -> None:
        self.answers, self.keys, self.about = list(answers), list[str](), list[str]()
        self.people: list[Sequence[str]] = []

    async def mass_send(self, key: str, people: Sequence[str], text: str) -> Asked | NotSent:
        assert "明天停水。" in text
        self.keys.append(key)
        self.people.append(people)
        return self._answer(Asked(str(100 + len(self.keys))))

    async def mass_became(self, number: str) -> Asked | NotSent:
        self.about.append(number)
        return self._answer(Asked(number, "send success"))

    def _answer(self, otherwise: Asked) -> Asked | NotSent:
        answer = self.answers.pop(0) if self.answers else otherwise
        if isinstance(answer, Exception):
            raise answer
        return answer


def sender(office: Masses, platform: Platform, mail: list[set[tuple[str, int]]] | None = None) -> MassSender:
    async def do(work: Callable[[Unit], T]) -> T:
        def run() -> T:
            with transaction(office.engine) as unit:
                return work(unit)

        return await asyncio.to_thread(run)

    return MassSender(
        do,
        {"many": platform},
        clock=lambda: office.now,
        store=lambda unit, now: Store(unit, now, office.areas, channels=office.paces),
        words=office.words,
        channels=office.paces,
        on_mail=(mail if mail is not None else []).append,
    )


@pytest.fixture
def office(engine: Engine) -> Masses:
    """Three are away, and an announcement has had its turn."""
    office = Masses(engine, on(engine), paces={**PACES, "many": 10.0})
    office.away(3)
    assert office.announces() == 1
    office.sends_all()
    return office


def state(office: Masses) -> tuple[str, str]:
    with reading(office.engine) as unit:
        state, became = unit.read(select(mass_sends.c.state, mass_sends.c.became)).one()
        return state, became


async def test_the_author_hears_what_the_administrator_has_to_do(office: Masses) -> None:
    platform, mail = Platform(), list[set[tuple[str, int]]]()
    await sender(office, platform, mail).go_on()
    assert [len(people) for people in platform.people] == [3]
    assert state(office) == ("asked", "")
    (said,) = office.told("30分钟内到手机微信上确认")
    assert said == texts.asked(office.one(1), 3).zh
    assert mail[0]
    await sender(office, platform).go_on()
    assert len(platform.keys) == 1


@pytest.mark.parametrize("fault", [NotSent(Failure.RETRY, "-1"), ConnectionError("the text of a person")], ids=str)
async def test_what_nobody_knows_is_tried_again_later_with_the_same_key(
    office: Masses, fault: NotSent | Exception
) -> None:
    platform = Platform(fault)
    with structlog.testing.capture_logs() as lines:
        await sender(office, platform).go_on()
    assert "the text" not in str(lines)
    await sender(office, platform).go_on()
    assert len(platform.keys) == 1
    office.now += AGAIN_AFTER
    await sender(office, platform).go_on()
    assert len(platform.keys) == 2
    assert len(set(platform.keys)) == 1
    assert state(office) == ("asked", "")


async def test_a_quota_pauses_this_kind_until_it_begins_anew(office: Masses) -> None:
    midnight = office.now + timedelta(hours=3)
    platform = Platform(NotSent(Failure.PAUSED, "45009", retry_at=midnight))
    await sender(office, platform).go_on()
    office.now = midnight - timedelta(seconds=1)
    await sender(office, platform).go_on()
    assert len(platform.keys) == 1
    office.now = midnight
    await sender(office, platform).go_on()
    assert state(office) == ("asked", "")


async def test_staff_hear_once_that_it_is_not_permitted_and_nothing_else_stops(office: Masses) -> None:
    platform = Platform(*[NotSent(Failure.MISCONFIGURED, "48001")] * 3)
    for _ in range(3):
        await sender(office, platform).go_on()
        with transaction(office.engine) as unit:
            tell_of_faults(office.paces, lambda _: None).step(unit, office.now)
        with reading(office.engine) as unit:
            assert Paces(unit, office.now).faults() == [("many mass", "48001")]
        office.now += PAUSE_WHEN_MISCONFIGURED
    assert len(platform.keys) == 3
    assert len(office.told("发不出")) == 1
    assert len(office.totals(1).failed) == 0
    await sender(office, platform).go_on()
    with reading(office.engine) as unit:
        assert Paces(unit, office.now).faults() == []
    assert state(office) == ("asked", "")


async def test_what_is_refused_for_good_waits_for_its_people(office: Masses) -> None:
    await sender(office, Platform(NotSent(Failure.REFUSED, "45028"))).go_on()
    office.steps()
    assert (office.state(1), office.totals(1).held) == (State.FINISHED, 3)
    (said,) = office.told("没有发出")
    assert "这个月的群发次数用完了" in said


async def test_what_nobody_told_is_asked_about(office: Masses) -> None:
    platform = Platform(Asked("101"), Asked("101", ""), NotSent(Failure.RETRY, "-1"))
    for hours in (24, 1, 2, 1):
        await sender(office, platform).go_on()
        office.now += timedelta(hours=hours)
    await sender(office, platform).go_on()
    assert set(platform.about) == {"101"}
    office.steps()
    assert office.state(1) is State.FINISHED
    assert state(office) == ("closed", "sent")


async def test_what_the_platform_does_not_know_any_more_is_not_sent_again(office: Masses) -> None:
    platform = Platform(Asked("101"), NotSent(Failure.REFUSED, "40059"))
    await sender(office, platform).go_on()
    office.now += TOLD_WITHIN
    await sender(office, platform).go_on()
    office.steps()
    assert state(office) == ("closed", UNSURE)
    assert office.totals(1).failed == {"unsure": 3}


async def test_a_repeated_call_that_tells_no_number_counts_as_sent_in_the_end(office: Masses) -> None:
    await sender(office, Platform(Asked(""))).go_on()
    office.now += TOLD_WITHIN
    await sender(office, Platform()).go_on()
    office.steps()
    assert state(office) == ("closed", "sent")


async def test_several_replicas_call_once(office: Masses) -> None:
    platforms = [Platform() for _ in range(4)]
    await asyncio.gather(*(sender(office, platform).go_on() for platform in platforms))
    assert sum(len(platform.keys) for platform in platforms) == 1


async def test_nothing_is_called_for_that_was_paused_just_before(office: Masses) -> None:
    office.does(acts("pause", 1))
    platform = Platform()
    await sender(office, platform).go_on()
    assert platform.keys == []
