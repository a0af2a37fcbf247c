"""People come in all or not at all, each once, and who shares a name with somebody is never taken for them."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, func, select

from storage import people_import
from storage.database import reading
from storage.domain.roles import Holding, Role
from storage.line_faults import TableRefused
from storage.people_file import read_people
from storage.people_import import Invited, Namesakes, Plan, apply_import, plan_import
from storage.tables import audit, people
from tests.office import Office, open_office

HEADING = "姓名,电话,身份,代表小组,行业,责任网格"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


def plan(
    office: Office,
    *lines: str,
    heading: str = HEADING,
    role: Role | None = None,
    namesakes: Namesakes = Namesakes.REFUSE,
    congress: int = 0,
) -> Plan:
    path = office.folder / "people.csv"
    path.write_text("\n".join([heading, *lines]), encoding="gb18030")
    with office.town.store() as store:
        chosen = store.congresses.get(congress or office.congress)
        return plan_import(store, chosen, read_people(path, role), namesakes)


def carry_out(office: Office, planned: Plan) -> list[Invited]:
    invited: list[Invited] = []
    clock = office.town.now
    apply_import(office.town.engine, office.town.areas, planned, lambda: clock, invited.extend, pause=lambda _: None)
    return invited


def imported(office: Office, *lines: str, namesakes: Namesakes = Namesakes.REFUSE) -> list[Invited]:
    return carry_out(office, plan(office, *lines, namesakes=namesakes))


def refused(office: Office, *lines: str, heading: str = HEADING) -> list[str]:
    with pytest.raises(TableRefused) as error:
        plan(office, *lines, heading=heading)
    return [fault.chinese for fault in error.value.faults]


def holdings(office: Office, name: str) -> list[Holding]:
    """The roles of everybody of that name, in the order in which they were given."""
    with office.town.store() as store:
        named = store.people.named(office.congress, name)
        return [holding for person_id in named for holding in store.people.holdings(person_id)]


def head_count(office: Office) -> int:
    with reading(office.town.engine) as unit:
        return int(unit.read(select(func.count()).select_from(people)).scalar_one())


def log_length(office: Office) -> int:
    with reading(office.town.engine) as unit:
        return int(unit.read(select(func.count()).select_from(audit)).scalar_one())


def codes(office: Office, areas: Sequence[int]) -> list[str]:
    found = [office.town.areas.area(area) for area in areas]
    return [area.code for area in found if area]


# --- what comes in


def test_a_deputy_comes_in_with_all_that_the_line_says(office: Office) -> None:
    (invited,) = imported(office, "周平,139 0000-0001,人大代表,第一小组,教育,lh1-1；青石村")

    (holding,) = holdings(office, "周平")
    assert (holding.role, holding.group_name, holding.trade) == (Role.DEPUTY, "第一小组", "教育")
    assert codes(office, holding.areas) == ["lh1-1", "lh2"]
    with office.town.store() as store:
        assert store.people.get(holding.person_id).telephone == "13900000001"
        assert store.people.invited(invited.code) == holding.person_id
    assert (invited.name, invited.roles) == ("周平", (Role.DEPUTY,))


def test_one_person_may_hold_several_roles_in_several_lines(office: Office) -> None:
    invited = imported(office, "周平,13900000001,代表,,,", "周平,13900000001,监票人,,,")

    assert [one.roles for one in invited] == [(Role.DEPUTY, Role.TELLER)]
    assert {holding.role for holding in holdings(office, "周平")} == {Role.DEPUTY, Role.TELLER}


def test_two_people_of_one_name_are_told_by_their_telephones(office: Office) -> None:
    imported(office, "周平,13900000001,代表,,,", "周平,13900000002,代表,,,")

    assert len({holding.person_id for holding in holdings(office, "周平")}) == 2


def test_headings_are_read_in_english_and_below_a_title(office: Office) -> None:
    planned = plan(office, "Name,Phone,Role,Group", "Zhou Ping,13900000001,grid worker,Office", heading="List of 2026")

    assert [entry.name for entry in planned.entries] == ["Zhou Ping"]
    assert planned.entries[0].seats[0].role is Role.GRID_WORKER


def test_everybody_may_be_of_one_role(office: Office) -> None:
    planned = plan(office, "周平,13900000001", heading="姓名,电话", role=Role.DEPUTY)

    assert planned.entries[0].seats[0].role is Role.DEPUTY


def test_a_workbook_is_read_as_well(office: Office) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (("姓名", "手机", "身份"), ("周平", 13900000001, "代表")):
        sheet.append(row)
    book.save(office.folder / "people.xlsx")

    (line,) = read_people(office.folder / "people.xlsx").lines

    assert (line.name, line.telephone, line.role, line.cells) == ("周平", "13900000001", Role.DEPUTY, None)


# --- again


def test_the_same_file_changes_nothing_a_second_time(office: Office) -> None:
    deputy = "周平,13900000001,代表,第一小组,教育,lh1-1"
    imported(office, deputy, "吴静,,网格员,,,青石村老桥头")
    before = head_count(office), log_length(office)

    planned = plan(office, deputy, "吴静,,网格员,,,lh2-2")

    assert (planned.entries, planned.same) == ((), 2)
    assert carry_out(office, planned) == []
    assert (head_count(office), log_length(office)) == before


def test_what_the_file_says_anew_is_brought_up_to_date(office: Office) -> None:
    imported(office, "周平,13900000001,代表,第一小组,教育,lh1-1")

    assert imported(office, "周平,13900000001,代表,第二小组,,lh1-2;lh2") == []

    (holding,) = holdings(office, "周平")
    assert (holding.group_name, holding.trade, codes(office, holding.areas)) == ("第二小组", "", ["lh1-2", "lh2"])


def test_a_column_that_is_not_there_takes_nothing_away(office: Office) -> None:
    imported(office, "周平,13900000001,代表,第一小组,教育,lh1-1")

    planned = plan(office, "周平,13900000001,代表", heading="姓名,电话,身份")

    assert (planned.entries, planned.same) == ((), 1)


def test_a_telephone_that_was_missing_is_filled_in(office: Office) -> None:
    imported(office, "周平,,代表,,,")

    assert imported(office, "周平,13900000001,代表,,,") == []

    (holding,) = holdings(office, "周平")
    with office.town.store() as store:
        assert store.people.get(holding.person_id).telephone == "13900000001"


def test_who_is_in_the_chat_already_gets_no_invite(office: Office) -> None:
    assert imported(office, "李强,13900000000,代表,第一小组,,", "李强,13900000000,监票人,,,") == []

    assert {holding.role for holding in holdings(office, "李强")} == {Role.DEPUTY, Role.TELLER}


def test_a_deputy_of_two_congresses_is_one_person(office: Office) -> None:
    imported(office, "周平,13900000001,代表,,,")
    county = office.county_congress()
    before = head_count(office)

    carry_out(office, plan(office, "周平,13900000001,代表,,,", congress=county))

    (person_id,) = {holding.person_id for holding in holdings(office, "周平")}
    with office.town.store() as store:
        assert {holding.congress_id for holding in store.people.holdings(person_id)} == {office.congress, county}
    assert head_count(office) == before


# --- namesakes


def test_a_namesake_is_for_a_person_to_decide(office: Office) -> None:
    """李强 is a deputy: somebody of that name with another number may be him, or may not."""
    assert refused(office, "李强,13900000009,代表,,,") == [
        "第 2 行：已有一位“李强”，但电话或身份对不上；是同一个人用 --namesakes same，是另一个人用 --namesakes new"
    ]


def test_a_clerk_of_the_same_name_is_not_made_a_deputy(office: Office) -> None:
    assert len(refused(office, "王芳,,代表,,,")) == 1
    assert {holding.role for holding in holdings(office, "王芳")} == {Role.STAFF}


def test_a_namesake_can_be_the_same_with_a_new_number(office: Office) -> None:
    assert imported(office, "李强,13900000009,代表,,,", namesakes=Namesakes.SAME) == []

    (holding,) = holdings(office, "李强")
    with office.town.store() as store:
        assert store.people.get(holding.person_id).telephone == "13900000009"


def test_a_namesake_can_be_somebody_else(office: Office) -> None:
    (invited,) = imported(office, "李强,13900000009,代表,,,", namesakes=Namesakes.NEW)

    with office.town.store() as store:
        assert store.people.invited(invited.code) != office.place.deputy
    assert len(holdings(office, "李强")) == 2


def test_which_of_several_is_meant_the_telephone_must_tell(office: Office) -> None:
    imported(office, "周平,13900000001,代表,,,", "周平,13900000002,代表,,,")

    assert refused(office, "周平,,代表,第一小组,,") == ["第 2 行：已有几位“周平”，请填上电话，好知道是哪一位"]
    imported(office, "周平,13900000002,代表,第一小组,,")
    assert [holding.group_name for holding in holdings(office, "周平")] == ["", "第一小组"]


# --- what is refused


def test_everything_that_is_wrong_is_told_at_once_and_nothing_comes_in(office: Office) -> None:
    before = head_count(office)

    assert refused(
        office,
        "周平,13900000001,代表,,,",
        ",13900000002,代表,,,",
        "吴静,call me,代表,,,",
        "郑敏,,市长,,,",
        "郑敏,,,,,",
        "冯刚,,代表,,,月亮村",
        "陈红,,代表,,,老桥头",
        f"{'长' * 101},,代表,,,",
    ) == [
        "第 3 行：没有填姓名",
        "第 4 行：电话“call me”不像电话号码",
        "第 5 行：身份“市长”认不出，请写代表、工作人员、网格员、主席团、监票人、专家或管理员",
        "第 6 行：没有填身份",
        "第 7 行：辖区里没有“月亮村”这个网格或村",
        "第 8 行：“老桥头”不止一处，请写编码，或写清是哪个村的",
        "第 9 行：姓名超过 100 个字",
    ]
    assert head_count(office) == before


def test_a_line_twice_is_told(office: Office) -> None:
    assert refused(office, "周平,,代表,,,", "周平,,代表,,,") == [
        "第 3 行：和第 2 行重复；如果是同名的两个人，请都填上电话"
    ]
    assert refused(office, "周平,,代表,,,", "周平,13900000001,代表,,,") == [
        "第 2 行：表里有几个人叫“周平”，请都填上电话"
    ]


def test_a_cell_of_another_township_is_unknown(office: Office) -> None:
    assert refused(office, "周平,,代表,,,sq1-1") == ["第 2 行：辖区里没有“sq1-1”这个网格或村"]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "column_missing"),
        (b"\x00\x01\x02", "unreadable"),
        (b"PK\x03\x04 broken", "unreadable"),
        ("号码,备注\n1,2\n".encode(), "column_missing"),
        ("姓名,电话\n周平,13900000001\n".encode(), "role_column_missing"),
        ("姓名,身份\n,\n".encode(), "empty"),
    ],
)
def test_a_file_that_is_no_list_of_people_is_refused_as_a_whole(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)

    with pytest.raises(TableRefused) as error:
        read_people(path)

    assert [fault.kind for fault in error.value.faults] == [kind]


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableRefused):
        read_people(tmp_path / "none.csv")


# --- in pieces


def test_a_broken_off_import_goes_on_where_it_stopped(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_import, "CHUNK", 2)
    lines = [f"居民{at},1390000000{at},代表,,," for at in range(5)]
    planned = plan(office, *lines)
    heard: list[Invited] = []

    def full_disk(invited: Sequence[Invited]) -> None:
        if heard:
            raise OSError(28, "No space left on device")
        heard.extend(invited)

    with pytest.raises(OSError, match="No space"):
        apply_import(
            office.town.engine, office.town.areas, planned, lambda: office.town.now, full_disk, pause=lambda _: None
        )

    again = imported(office, *lines)
    assert [one.name for one in heard + again] == [f"居民{at}" for at in range(5)]
    assert all(len(holdings(office, f"居民{at}")) == 1 for at in range(5))
