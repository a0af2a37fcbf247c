"""Paper forms come in all or not at all, each once, each where it belongs."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from storage import proposal_import
from storage.database import reading, transaction
from storage.domain.categories import Category
from storage.domain.cycle import Stage
from storage.line_faults import TableRefused
from storage.links import Target
from storage.proposal_forms import read_forms
from storage.proposal_import import Plan, Repeated, apply_import, plan_import
from storage.proposals import Proposal
from storage.tables import cycles, links, messages, people, proposals
from tests.office import Office, open_office

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


def plan(office: Office, lines: Sequence[str], repeated: Repeated = Repeated.REFUSE) -> Plan:
    path = office.folder / "forms.csv"
    path.write_text("姓名,电话,网格编码,地点,内容\n" + "".join(f"{line}\n" for line in lines), encoding="gb18030")
    with reading(office.town.engine) as unit:
        return plan_import(unit, office.town.areas, office.town.now, office.congress, read_forms(path), repeated)


def carry_out(office: Office, planned: Plan) -> list[int]:
    return apply_import(office.town.engine, office.town.areas, planned, lambda: office.town.now, pause=lambda _: None)


def imported(office: Office, *lines: str, repeated: Repeated = Repeated.REFUSE) -> list[int]:
    return carry_out(office, plan(office, lines, repeated))


def refused(office: Office, *lines: str) -> list[str]:
    with pytest.raises(TableRefused) as error:
        plan(office, lines)
    return [fault.chinese for fault in error.value.faults]


def proposal(office: Office, number: int) -> Proposal:
    with office.town.store() as store:
        found = store.proposals.get(number)
    assert found
    return found


def count(office: Office) -> int:
    with reading(office.town.engine) as unit:
        return int(unit.read(select(func.count()).select_from(proposals)).scalar_one())


def test_a_form_becomes_a_message_a_proposal_and_what_links_them(office: Office) -> None:
    [number] = imported(office, "李梅,13800000000,,老桥头(杨柳村),村口要修路")
    found = proposal(office, number)
    assert (found.body, found.category, found.cell_id, found.located_how) == (
        "村口要修路",
        Category.ROADS,
        office.place.bridge.id,
        "text",
    )
    with office.town.store() as store:
        [message] = store.links.messages_about(Target.PROPOSAL, number, 10)
        [author] = store.proposals.author_names(number)
        source = store.unit.read(select(proposals.c.source)).scalar_one()
        linked = store.unit.read(select(links.c.target, links.c.target_id, links.c.how).order_by(links.c.id)).all()
        channel = store.unit.read(select(messages.c.channel).where(messages.c.id == message.id)).scalar_one()
    assert (message.text, message.direction, channel, source) == ("村口要修路", "in", "file", "file")
    assert tuple(author) == ("李梅", "13800000000", None)
    assert [tuple(one) for one in linked] == [
        ("proposal", number, "stated"),
        ("cell", office.place.bridge.id, "text"),
    ]


@pytest.mark.parametrize(
    ("line", "cell", "how"),
    [
        (",,lh1-1,,修路", "lh1-1", "stated"),
        (",,lh1-1,柳树湾,修路", "lh1-1", "stated"),
        (",,,lh1-1,修路", "lh1-1", "text"),
        (",,,柳树湾,修路", "lh1-1", "text"),
        (",,,,柳树湾要修路", "lh1-1", "text"),
        (",,,,老桥头要修路", None, "open"),
        (",,,,修路", None, "open"),
        (",,,不清楚,柳树湾要修路", None, "open"),
    ],
)
@sqlite_only
def test_the_place_is_found_by_code_name_or_text_or_left_open(
    office: Office, line: str, cell: str | None, how: str
) -> None:
    [number] = imported(office, line)
    found = office.town.areas.by_code(cell) if cell else None
    assert (proposal(office, number).cell_id, proposal(office, number).located_how) == (
        found.id if found else None,
        how,
    )


@sqlite_only
def test_everything_that_is_wrong_is_told_and_nothing_is_taken(office: Office) -> None:
    assert refused(
        office,
        "李梅,,,柳树湾,修路",
        ",,xx,,修路",
        ",,,天上,修路",
        ",,,老桥头,修路",
        ",,lh1-1,磨坊,修路",
        ",,sq1-1,,修路",
        "李梅,,,,",
    ) == [
        "第 3 行：没有“xx”这个网格",
        "第 4 行：没有“天上”这个网格",
        "第 5 行：“老桥头”不止一个网格，请写网格编码，或写清是哪个村的哪个网格",
        "第 6 行：网格编码 lh1-1 和网格名称对不上",
        "第 7 行：没有“sq1-1”这个网格",
        "第 8 行：没有填内容",
    ]
    assert count(office) == 0


@sqlite_only
def test_a_congress_that_does_not_collect_takes_none(office: Office) -> None:
    with transaction(office.town.engine) as unit:
        unit.write(cycles.update().values(stage=Stage.VOTE))
    assert refused(office, ",,,,修路") == ["征集环节已经结束"]
    with transaction(office.town.engine) as unit:
        unit.write(cycles.update().values(closed_at=office.town.now))
    assert refused(office, ",,,,修路") == ["这个人大还没有开始征集"]


# --- whose it is


@sqlite_only
def test_name_and_telephone_together_are_one_person_also_one_who_is_known(office: Office) -> None:
    known = office.resident("r1", "李梅", "13800000000")
    imported(
        office,
        "李梅,13800000000,,,修路",
        "王刚,13800000001,,,修桥",
        "王刚,13800000001,,,装灯",
        "李梅,13800000002,,,挖井",
    )
    with office.town.store() as store:
        authors = [store.proposals.authors(number) for number in (1, 2, 3, 4)]
    assert authors[0] == [known]
    assert authors[1] == authors[2] != authors[3]
    assert known not in authors[3]


@sqlite_only
def test_who_only_shares_a_name_is_somebody_else_and_who_gave_none_is_nobody(office: Office) -> None:
    imported(office, "李梅,,,,修路", "李梅,,,,修桥", ",13800000000,,,装灯", ",,,,挖井")
    with office.town.store() as store:
        authors = [store.proposals.authors(number) for number in (1, 2, 3, 4)]
    assert authors[0] != authors[1]
    assert [len(one) for one in authors] == [1, 1, 1, 0]


# --- once, and only once


def test_the_same_file_adds_nothing_a_second_time(office: Office) -> None:
    lines = ["李梅,13800000000,,柳树湾,修路", ",,,,修路", ",,,,修路"]
    assert len(imported(office, *lines)) == 3
    again = plan(office, lines)
    assert (again.placed, again.imported, again.skipped) == ((), 3, 0)
    assert carry_out(office, again) == []
    assert count(office) == 3


def test_an_import_that_broke_off_is_finished_by_the_same_file(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposal_import, "CHUNK", 2)
    lines = [f"居民{at},1380000000{at},,,建议 {at}" for at in range(5)]
    planned = plan(office, lines)

    def killed(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_import(office.town.engine, office.town.areas, planned, lambda: office.town.now, pause=killed)
    assert count(office) == 2
    rest = plan(office, lines)
    assert (len(rest.placed), rest.imported) == (3, 2)
    carry_out(office, rest)
    with reading(office.town.engine) as unit:
        bodies = Counter(unit.read(select(messages.c.text).where(messages.c.channel == "file")).scalars())
        names = Counter(unit.read(select(people.c.name).where(people.c.name.startswith("居民"))).scalars())
    assert bodies == Counter(f"建议 {at}" for at in range(5))
    assert set(names.values()) == {1}


def test_two_imports_of_a_file_at_once_do_not_double_it(office: Office) -> None:
    first, second = (plan(office, [",,,,修路", ",,,,修桥"]) for _ in range(2))
    carry_out(office, first)
    with pytest.raises(TableRefused, match="正在另一处导入"):
        carry_out(office, second)
    assert count(office) == 2


@sqlite_only
class TestRepeated:
    """A file with lines that another file had: an older one that grew, or people who said the same."""

    OLD = ("李梅,1,,,修路", ",,,,装路灯", ",,,,装路灯")
    GROWN = ("王刚,2,,,挖井", *OLD, ",,,,装路灯")

    def test_is_left_to_a_person(self, office: Office) -> None:
        imported(office, *self.OLD)
        told = refused(office, *self.GROWN)
        assert [sentence.split("：")[0] for sentence in told] == ["第 3 行", "第 4 行", "第 5 行"]
        assert "以前从别的文件导入过" in told[0]

    def test_is_skipped_as_often_as_it_was_there(self, office: Office) -> None:
        imported(office, *self.OLD)
        planned = plan(office, self.GROWN, Repeated.SKIP)
        assert planned.skipped == 3
        assert [placed.form.line for placed in planned.placed] == [2, 6]
        carry_out(office, planned)
        assert count(office) == 5

    def test_is_added(self, office: Office) -> None:
        imported(office, *self.OLD)
        assert len(imported(office, *self.GROWN, repeated=Repeated.ADD)) == 5


@sqlite_only
def test_progress_is_told_piece_by_piece(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proposal_import, "CHUNK", 2)
    heard: list[int] = []
    planned = plan(office, [f",,,,建议 {at}" for at in range(5)])
    apply_import(
        office.town.engine,
        office.town.areas,
        planned,
        lambda: office.town.now,
        pause=lambda _: None,
        progress=heard.append,
    )
    assert heard == [2, 4, 5]
