from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers import access
from handlers.access import Denied, masked
from handlers.texts import access as refusals
from storage.domain.categories import Category
from storage.domain.project_stages import Stage
from storage.domain.proposal_status import OPEN, Status
from storage.domain.roles import Holding, Role
from storage.domain.rules import Rules
from storage.projects import Description, Project
from storage.proposals import Proposal

NOW = datetime(2026, 9, 1, tzinfo=UTC)
PROPOSAL = Proposal(
    number=7,
    congress_id=1,
    cycle_id=1,
    body="修路",
    category=Category.ROADS,
    cell_id=None,
    located_how="open",
    status=Status.RECEIVED,
    cleared_at=NOW,
    supporters=0,
    created_at=NOW,
    changed_at=NOW,
    merged_into=None,
)


def holding(role: Role, congress: int = 1) -> Holding:
    return Holding(1, 1, congress, role)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.STAFF])
def test_only_the_staff_of_its_congress_handle_a_proposal(role: Role) -> None:
    assert access.check_can_handle([holding(role), holding(Role.STAFF)], PROPOSAL) is PROPOSAL
    for holdings in ([], [holding(role)], [holding(Role.STAFF, congress=2)]):
        with pytest.raises(Denied):
            access.check_can_handle(holdings, PROPOSAL)
        with pytest.raises(Denied):
            access.check_can_enter(holdings, PROPOSAL.congress_id)


@pytest.mark.parametrize("role", Role)
def test_supervision_is_for_the_staff_of_the_congress_and_a_year_for_its_deputy(role: Role) -> None:
    for wanted, check, refused in (
        (Role.STAFF, access.check_can_supervise, refusals.NOT_YOUR_STAFF),
        (Role.DEPUTY, access.check_can_see_own_year, refusals.NOT_YOUR_DEPUTIES),
    ):
        if role is wanted:
            check([holding(role)], 1)
        for holdings in ([], [holding(role, congress=2)], *([] if role is wanted else [[holding(role)]])):
            with pytest.raises(Denied) as denied:
                check(holdings, 1)
            assert denied.value.why is refused


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("is_on", [True, False])
def test_nobody_hears_of_places_unless_the_congress_wants_it(role: Role, *, is_on: bool) -> None:
    rules = Rules(deputies_ranked=is_on)
    assert access.may_see_places([holding(role)], 1, rules) is (is_on and role is Role.DEPUTY)
    assert not access.may_see_places([holding(role, congress=2)], 1, rules)
    assert not Rules().deputies_ranked


def test_a_proposal_that_is_not_there_is_nobodys() -> None:
    for check in (access.check_can_add, access.check_can_support):
        with pytest.raises(Denied):
            check(1, [1], None)
    with pytest.raises(Denied):
        access.check_can_handle([holding(Role.STAFF)], None)


def test_whoever_is_concerned_reads_and_adds_and_nobody_else() -> None:
    assert access.check_can_add(1, [1, 2], PROPOSAL) is PROPOSAL
    with pytest.raises(Denied):
        access.check_can_add(3, [1, 2], PROPOSAL)


@pytest.mark.parametrize("status", Status)
def test_neighbours_support_what_is_shown_and_open_but_not_their_own(status: Status) -> None:
    shown = replace(PROPOSAL, status=status)
    if status in OPEN:
        assert access.check_can_support(2, [1], shown) is shown
    else:
        with pytest.raises(Denied):
            access.check_can_support(2, [1], shown)
    for person, proposal in ((1, shown), (2, replace(shown, cleared_at=None))):
        with pytest.raises(Denied):
            access.check_can_support(person, [1], proposal)


def test_roles_tell_what_is_in_the_menu() -> None:
    found = {role: [name for name in _RULES if _RULES[name]([holding(role)])] for role in Role}
    assert found.pop(Role.STAFF) == ["staff"]
    assert found.pop(Role.DEPUTY) == ["deputy", "cells", "reports"]
    assert found.pop(Role.GRID_WORKER) == ["grid worker", "cells"]
    assert found.pop(Role.IMPLEMENTING_BODY) == ["reports"]
    assert not any(found.values())


_RULES = {
    "staff": access.is_staff,
    "deputy": access.is_deputy,
    "grid worker": access.is_grid_worker,
    "cells": access.has_cells,
    "reports": access.may_report,
}

# --- reports about projects

ABOUT = Description("柳树湾道路硬化", "", None, "镇村镇建设办", "", NOW.date(), "", ())
PROJECT = Project(3, 1, 1, ABOUT, Stage.BUILDING, 0, NOW.date(), None)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.DEPUTY])
def test_deputies_of_the_congress_and_of_the_group_inspect_a_project(role: Role) -> None:
    assert access.check_can_inspect(1, [holding(Role.DEPUTY)], [], PROJECT) is PROJECT
    assert access.check_can_inspect(1, [holding(Role.DEPUTY, congress=2)], [1], PROJECT) is PROJECT
    for holdings in ([], [holding(role)], [holding(Role.DEPUTY, congress=2)]):
        with pytest.raises(Denied):
            access.check_can_inspect(1, holdings, [2], PROJECT)
    with pytest.raises(Denied):
        access.check_can_inspect(1, [holding(Role.DEPUTY)], [1], None)


@pytest.mark.parametrize("role", Role)
def test_only_the_people_of_its_own_body_report_for_it(role: Role) -> None:
    theirs = Holding(1, 1, 1, role, ABOUT.body)
    if role is Role.IMPLEMENTING_BODY:
        assert access.check_can_report([theirs], PROJECT) is PROJECT
    else:
        with pytest.raises(Denied):
            access.check_can_report([theirs], PROJECT)
    for other in (Holding(1, 1, 2, role, ABOUT.body), Holding(1, 1, 1, role, "县交通局"), holding(role)):
        with pytest.raises(Denied):
            access.check_can_report([other], PROJECT)
    with pytest.raises(Denied):
        access.check_can_report([theirs], None)


@pytest.mark.parametrize("role", Role)
def test_only_deputies_of_the_congress_report_of_its_reception_days(role: Role) -> None:
    if role is Role.DEPUTY:
        access.check_can_receive([holding(role)], 1)
    else:
        with pytest.raises(Denied):
            access.check_can_receive([holding(role)], 1)
    with pytest.raises(Denied):
        access.check_can_receive([holding(role, congress=2)], 1)


# --- telephone and identity numbers

DIGIT = st.sampled_from("0123456789")
GAP = st.sampled_from(["", " ", "-", "\u3000", "\uff0d", " - ", "."])


@st.composite
def mobile(draw: st.DrawFn) -> str:
    digits = "1" + draw(st.sampled_from("3456789")) + "".join(draw(st.lists(DIGIT, min_size=9, max_size=9)))
    prefix = draw(st.sampled_from(["", "86", "+86 ", "0086-", "+86"]))
    return prefix + draw(GAP).join([digits[:3], digits[3:7], digits[7:]])


@st.composite
def landline(draw: st.DrawFn) -> str:
    area = "0" + "".join(draw(st.lists(DIGIT, min_size=2, max_size=3)))
    rest = "".join(draw(st.lists(DIGIT, min_size=7, max_size=8)))
    return draw(st.sampled_from(["{}{}", "{}-{}", "({}){}", "\uff08{}\uff09{}", "{} {}"])).format(area, rest)


@st.composite
def identity(draw: st.DrawFn) -> str:
    born = draw(st.dates(datetime(1930, 1, 1).date(), datetime(2020, 1, 1).date())).strftime("%Y%m%d")  # noqa: DTZ001
    place = draw(st.sampled_from("123456")) + "".join(draw(st.lists(DIGIT, min_size=5, max_size=5)))
    serial = "".join(draw(st.lists(DIGIT, min_size=3, max_size=3))) + draw(st.sampled_from("0123456789Xx"))
    return draw(GAP).join([place, born, serial])


def wide(text: str) -> str:
    return text.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)})


@given(
    st.one_of(mobile(), landline(), identity()),
    st.sampled_from(["", "电话", "我的号码是\uff1a", "tel ", "3组"]),
    st.sampled_from(["", "。", "\uff0c请回电", " 谢谢"]),
    st.booleans(),
)
def test_no_telephone_or_identity_number_survives(number: str, before: str, after: str, is_wide: bool) -> None:
    text = before + (wide(number) if is_wide else number) + after
    beside = sum(character.isdecimal() for character in before + after)
    left = sum(character.isdecimal() for character in masked(text))
    assert left - beside <= 5
    assert "****" in masked(text)
    assert masked(text).startswith(before)
    assert masked(text).endswith(after)


@pytest.mark.parametrize(
    "text",
    [
        "修路要 1200000 元",
        "2026-09-01 至 2026-10-01",
        "3 组 12 户 2026 年",
        "110、12345 都打过",
        "12号建议",
        "400-123-4567",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert masked(text) == text


@given(st.text())
def test_a_text_without_digits_stays_as_it_is(text: str) -> None:
    plain = "".join(character for character in text if not character.isdecimal())
    assert masked(plain) == plain


def test_a_text_masked_twice_is_masked_once() -> None:
    once = masked("电话 13812345678 和 0563-6023456")
    assert once == "电话 138****78 和 056****56"
    assert masked(once) == once
