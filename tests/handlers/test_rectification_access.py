"""Who may do what with a problem that was handed to an implementing body."""

from dataclasses import replace
from datetime import date

import pytest

from handlers import access
from handlers.access import Denied
from storage.domain.rectification_stages import Severity, Stage
from storage.domain.roles import Holding, Role
from storage.observations import Observation
from storage.rectifications import Kind, Rectification
from tests.conversing import NOW

ONE = Rectification(
    number=1,
    congress_id=1,
    project=3,
    title="柳树湾道路硬化",
    body="镇村镇建设办",
    note_id=None,
    kind=Kind.PROBLEM,
    severity=Severity.SERIOUS,
    text="裂缝",
    stage=Stage.HANDED,
    raised_by=7,
    due_on=date(2026, 9, 15),
    planned_on=None,
    created_at=NOW,
    next_at=None,
    closed_at=None,
)


def held(role: Role, congress: int = 1, group: str = "") -> list[Holding]:
    return [Holding(1, 1, congress, role, group)]


def test_a_body_puts_right_what_its_own_projects_are_charged_with() -> None:
    mine = held(Role.IMPLEMENTING_BODY, group=ONE.body)
    assert access.check_can_rectify(mine, ONE) is ONE
    for holdings, one in (
        (mine, None),
        (mine, replace(ONE, body="镇建设中心")),
        (held(Role.IMPLEMENTING_BODY, 2, ONE.body), ONE),
        (held(Role.IMPLEMENTING_BODY), replace(ONE, body="")),
        (held(Role.STAFF, group=ONE.body), ONE),
    ):
        with pytest.raises(Denied):
            access.check_can_rectify(holdings, one)


def test_who_found_it_or_is_charged_with_the_project_confirms_as_long_as_they_are_a_deputy() -> None:
    deputy = held(Role.DEPUTY)
    assert access.check_can_confirm(7, deputy, [], ONE) is ONE
    assert access.check_can_confirm(8, deputy, [8], ONE) is ONE
    for person, holdings, one in ((8, deputy, ONE), (7, [], ONE), (7, held(Role.DEPUTY, 2), ONE), (7, deputy, None)):
        with pytest.raises(Denied):
            access.check_can_confirm(person, holdings, [9], one)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STAFF])
def test_the_office_of_its_congress_follows_it(role: Role) -> None:
    assert access.check_can_follow(held(Role.STAFF), ONE) is ONE
    for holdings, one in ((held(role), ONE), (held(Role.STAFF, 2), ONE), (held(Role.STAFF), None)):
        with pytest.raises(Denied):
            access.check_can_follow(holdings, one)


def test_who_is_no_body_deputy_or_staff_has_no_rectifications() -> None:
    assert not access.has_rectifications(held(Role.GRID_WORKER))
    assert not access.is_body(held(Role.IMPLEMENTING_BODY)), "of which body is not known"
    assert access.has_rectifications(held(Role.IMPLEMENTING_BODY, group="镇建设中心"))


# --- what residents see


SEEN = Observation(
    number=1,
    congress_id=1,
    project=3,
    title="柳树湾道路硬化",
    author=5,
    text="积水",
    cell=None,
    at=NOW,
    answer=None,
    answered_at=None,
)


def test_the_office_and_the_deputies_of_its_project_answer_a_resident() -> None:
    assert access.check_can_answer(7, held(Role.DEPUTY), [7], SEEN) is SEEN
    assert access.check_can_answer(8, held(Role.STAFF), [], SEEN) is SEEN
    for person, holdings, one in (
        (8, held(Role.DEPUTY), SEEN),
        (7, held(Role.DEPUTY, 2), SEEN),
        (7, [], SEEN),
        (8, held(Role.STAFF, 2), SEEN),
        (8, held(Role.STAFF), None),
    ):
        with pytest.raises(Denied):
            access.check_can_answer(person, holdings, [7], one)
    assert access.may_read_observations(held(Role.DEPUTY))
    assert not access.may_read_observations(held(Role.IMPLEMENTING_BODY, group="镇建设中心"))


def test_what_a_resident_said_is_theirs_to_read_again_and_a_project_is_everybodys() -> None:
    assert access.check_is_own(5, SEEN) is SEEN
    for person, one in ((6, SEEN), (5, None)):
        with pytest.raises(Denied):
            access.check_is_own(person, one)
    with pytest.raises(Denied):
        access.check_is_shown(None)
