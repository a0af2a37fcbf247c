"""What a file would change: the plan, without a database."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.area_faults import AreaFileRefused, Fault, Unit
from storage.area_files import AreaFile
from storage.area_import import TABLE_ROWS, How, Plan, plan_changes
from storage.area_row import AreaRow
from storage.domain.areas import Area, Level

LETTERS = {
    "p": Level.PROVINCE,
    "c": Level.CITY,
    "x": Level.COUNTY,
    "t": Level.TOWNSHIP,
    "v": Level.VILLAGE,
    "g": Level.CELL,
}


def rows(*written: str) -> AreaFile:
    """Rows as "code<parent", where a code's first letter is its level."""
    parts = [one.partition("<") for one in written]
    return AreaFile(
        tuple(
            AreaRow(place=at, code=code, name=f"名{code}", parent=parent, level=LETTERS.get(code[0]))
            for at, (code, _, parent) in enumerate(parts, start=2)
        )
    )


def known(*written: str) -> list[Area]:
    """Areas that are there already, as `rows` writes them; ids count from 1."""
    areas: dict[str, Area] = {}
    for at, one in enumerate(written, start=1):
        code, _, parent = one.partition("<")
        above = areas.get(parent)
        path = f"{above.path if above else '/'}{at}/"
        areas[code] = Area(at, above.id if above else None, LETTERS[code[0]], code, f"名{code}", path)
    return list(areas.values())


TOWN = ("x1", "t1<x1", "t2<x1", "v1<t1", "v2<t2", "g1<v1", "g2<v1", "g3<v2")


def told(plan: Plan) -> list[tuple[How, str]]:
    return [(change.how, change.wanted.code) for change in plan.changes]


def refusal(file: AreaFile, areas: list[Area] | None = None) -> list[tuple[str, int | None]]:
    with pytest.raises(AreaFileRefused) as refused:
        plan_changes(file, areas or [])
    return [(fault.kind, fault.place) for fault in refused.value.faults]


# --- what changes


def test_everything_is_new_at_first_and_parents_come_before_children() -> None:
    plan = plan_changes(rows(*reversed(TOWN)), [])
    assert {how for how, _ in told(plan)} == {How.NEW}
    assert [code[0] for _, code in told(plan)] == list("xttvvggg")


def test_the_same_file_again_changes_nothing() -> None:
    plan = plan_changes(rows(*TOWN), known(*TOWN))
    assert (plan.changes, plan.unchanged) == ((), 8)


def test_an_area_that_the_file_does_not_mention_stays() -> None:
    assert plan_changes(rows("g1<v1"), known(*TOWN)).changes == ()


def test_what_changes_is_told_in_a_few_words() -> None:
    before = known(*TOWN)
    row = AreaRow(place=2, code="g1", name="新名", aliases=("甲", "乙", "新名"), polygon=b"new")
    plan = plan_changes(AreaFile((row,)), before)
    assert plan.changes[0].differences == ("名称:名g1 → 新名", "别名:无 → 甲;乙", "边界")
    assert (plan.changes[0].how, plan.changes[0].polygon) == (How.CHANGED, b"new")
    assert plan.changes[0].wanted.level is Level.CELL
    assert plan.changes[0].wanted.parent == "v1"


def test_a_border_that_is_the_same_is_left_alone() -> None:
    row = AreaRow(place=2, code="g1", name="名g1", polygon=b"same")
    assert plan_changes(AreaFile((row,)), known(*TOWN), {"g1"}).changes == ()


def test_what_a_file_leaves_out_stays_as_it_is() -> None:
    before = [Area(1, None, Level.TOWNSHIP, "t1", "名t1", "/1/", ("街上",))]
    assert plan_changes(AreaFile((AreaRow(place=2, code="t1", name="名t1"),)), before).changes == ()
    emptied = plan_changes(AreaFile((AreaRow(place=2, code="t1", name="名t1", aliases=()),)), before)
    assert emptied.changes[0].differences == ("别名:街上 → 无",)


def test_a_village_that_moves_carries_its_cells_along() -> None:
    plan = plan_changes(rows("v1<t2"), known(*TOWN))
    assert told(plan) == [(How.MOVED, "v1"), (How.CARRIED, "g1"), (How.CARRIED, "g2")]
    assert plan.changes[0].differences == ("上级:t1 → t2",)


def test_a_known_area_may_move_below_a_new_one() -> None:
    plan = plan_changes(rows("t3<x1", "v1<t3"), known(*TOWN))
    assert told(plan) == [(How.NEW, "t3"), (How.MOVED, "v1"), (How.CARRIED, "g1"), (How.CARRIED, "g2")]


def test_what_an_import_that_broke_off_left_behind_is_mended() -> None:
    # The village has moved to township 2 (id 3), its cell's path still tells of township 1 (id 2).
    areas = [
        Area(1, None, Level.COUNTY, "x1", "名x1", "/1/"),
        Area(2, 1, Level.TOWNSHIP, "t1", "名t1", "/1/2/"),
        Area(3, 1, Level.TOWNSHIP, "t2", "名t2", "/1/3/"),
        Area(4, 3, Level.VILLAGE, "v1", "名v1", "/1/3/4/"),
        Area(5, 4, Level.CELL, "g1", "名g1", "/1/2/4/5/"),
    ]
    assert told(plan_changes(rows("v1<t2"), areas)) == [(How.CARRIED, "g1")]


def test_a_retired_area_comes_back_with_the_file_that_names_it() -> None:
    areas = [Area(1, None, Level.COUNTY, "x1", "名x1", "/1/", retired=True)]
    plan = plan_changes(rows("x1"), areas)
    assert (told(plan), plan.changes[0].differences) == ([(How.CHANGED, "x1")], ("恢复",))


# --- what is refused


@pytest.mark.parametrize(
    ("file", "faults"),
    [
        (rows("x1", "x1"), [("code_repeated", 3)]),
        (rows("x1", "t1<x9"), [("parent_unknown", 3)]),
        (rows("x1", "v1"), [("parent_missing", 3)]),
        (rows("x1", "g1"), [("parent_missing", 3)]),
        (rows("x1", "?<x1"), [("level_missing", 3)]),
        (rows("?1", "v1<?1"), [("level_missing", 2)]),
        (rows("v1<g1", "g1<t1", "t1"), [("level_order", 2)]),
        (rows("x1<x2", "x2"), [("level_order", 2)]),
        (rows("x1<x1"), [("cycle", 2)]),
        (rows("t1<v1", "v1<g1", "g1<t1"), [("cycle", 2), ("cycle", 3), ("cycle", 4)]),
        (rows("g1<t1", "t1<t2", "t2<t1"), [("cycle", 3), ("cycle", 4)]),
        (rows("t1<x9", "x1<x1", "g1"), [("parent_unknown", 2), ("cycle", 3), ("parent_missing", 4)]),
    ],
)
def test_a_file_that_makes_no_tree_is_refused_with_every_reason(
    file: AreaFile, faults: list[tuple[str, int | None]]
) -> None:
    assert refusal(file) == faults


def test_a_long_circle_is_refused_too() -> None:
    ring = rows(*(f"x{at}<x{(at + 1) % 20}" for at in range(20)))
    assert {kind for kind, _ in refusal(ring)} == {"level_order"}


def test_a_known_area_cannot_be_left_above_its_level() -> None:
    file = AreaFile((AreaRow(place=2, code="t1", name="名t1", level=Level.CELL, parent="x1"),))
    assert refusal(file, known(*TOWN)) == [("level_order", 2)]


def test_a_known_area_cannot_go_below_its_own_cell() -> None:
    assert refusal(rows("v1<g1"), known(*TOWN)) == [("cycle", 2)]


def test_faults_of_reading_are_told_together_with_those_of_the_tree() -> None:
    read = AreaFile(
        rows("t1<x7", "v1<t9").rows, Unit.FEATURE, (Fault("name_missing", 9, Unit.FEATURE),), broken=frozenset({"x7"})
    )
    assert refusal(read) == [("parent_unknown", 3), ("name_missing", 9)]


def test_refusals_are_plain_sentences_in_order() -> None:
    with pytest.raises(AreaFileRefused) as refused:
        plan_changes(rows("x1", "v1<x9", "g1<g2", "g2<g1", "x1"), [])
    assert [fault.chinese for fault in refused.value.faults] == [
        "第 3 行：上级编码「x9」在文件和库里都找不到",
        "第 4 行：上级绕成了一圈：g1 > g2 > g1",
        "第 5 行：上级绕成了一圈：g2 > g1 > g2",
        "第 6 行：编码「x1」与第 2 行重复",
    ]
    assert str(refused.value).splitlines()[3] == (
        "第 6 行：编码「x1」与第 2 行重复（line 6: the code x1 stands in line 2 already）"
    )


# --- what is shown


def test_the_table_lines_up_and_sums_up() -> None:
    plan = plan_changes(rows("v1<t2", "v3<t2", "g9<v3"), known(*TOWN))
    assert plan.table().splitlines() == [
        "            级别  编码  名称  说明",
        "移动        村    v1    名v1  上级:t1 → t2",
        "新增        村    v3    名v3",
        "随上级移动  网格  g1    名g1",
        "随上级移动  网格  g2    名g2",
        "新增        网格  g9    名g9",
        "新增 2 移动 1 随上级移动 2 不变 0",
    ]


def test_a_long_table_is_cut_and_an_empty_one_only_sums_up() -> None:
    plan = plan_changes(rows("x0", *(f"t{at}<x0" for at in range(TABLE_ROWS + 9))), [])
    assert plan.table().splitlines()[-2:] == ["……还有 10 项", f"新增 {TABLE_ROWS + 10} 不变 0"]
    assert plan_changes(rows(*TOWN), known(*TOWN)).table() == "不变 8"


# --- any tree


@st.composite
def trees(draw: st.DrawFn) -> list[str]:
    """Codes with their parents, each of a level above; in any order."""
    written: list[str] = []
    for letter in "xtvg":
        above = [one.partition("<")[0] for one in written]
        parents = [f"<{draw(st.sampled_from(above))}" if above else "" for _ in range(draw(st.integers(1, 4)))]
        written += [f"{letter}{at}{parent}" for at, parent in enumerate(parents)]
    return list(draw(st.permutations(written)))


def carried_out(plan: Plan) -> list[Area]:
    """All areas as they are when a plan has been carried out."""
    areas = dict(plan.known)
    for change in plan.changes:
        wanted = change.wanted
        above = areas.get(wanted.parent or "")
        identity = change.before.id if change.before else len(areas) + 1
        path = f"{above.path if above else '/'}{identity}/"
        parent_id = above.id if above else None
        areas[wanted.code] = Area(identity, parent_id, wanted.level, wanted.code, wanted.name, path, wanted.aliases)
    return list(areas.values())


@given(trees(), trees())
def test_after_a_plan_is_carried_out_the_same_file_changes_nothing(first: list[str], second: list[str]) -> None:
    before = carried_out(plan_changes(rows(*first), []))
    after = carried_out(plan_changes(rows(*second), before))
    assert plan_changes(rows(*second), after).changes == ()
    assert {area.code: area.id for area in before}.items() <= {area.code: area.id for area in after}.items()
    by_id = {area.id: area for area in after}
    for area in after:
        above = by_id.get(area.parent_id or 0)
        assert area.path == f"{above.path if above else '/'}{area.id}/"


@given(trees(), st.data())
def test_a_plan_that_breaks_off_anywhere_is_taken_up_where_it_stopped(tree: list[str], data: st.DataObject) -> None:
    before = carried_out(plan_changes(rows(*tree), []))
    moved = rows(*data.draw(trees(), label="second tree"))
    plan = plan_changes(moved, before)
    done = data.draw(st.integers(0, len(plan.changes)), label="done")
    half = carried_out(Plan(plan.changes[:done], 0, plan.known))
    whole = carried_out(plan_changes(moved, half))
    assert {(one.code, one.path.count("/")) for one in whole} == {
        (one.code, one.path.count("/")) for one in carried_out(plan)
    }
    assert plan_changes(moved, whole).changes == ()
