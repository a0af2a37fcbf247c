"""A clerk makes a real congress, and begins its next year."""

import io
from datetime import date
from fractions import Fraction

import pytest
from sqlalchemy import select

from handlers.texts.announcements_office import submitted
from storage.domain.announcements import Levels, State
from storage.domain.areas import Level
from storage.domain.categories import Category
from storage.domain.proposal_status import Status
from storage.domain.roles import Role
from storage.domain.rules import Rules, Tie
from storage.proposals import New, Source
from storage.tables import audit
from tests.bot.installation import Installation
from tests.conversing import Town, joined

AREAS = """code,name,parent code,level,aliases
431382,云川县,,county,
431382100,云溪镇,431382,township,
431382101,石桥镇,431382,township,
"""


class Terminal(io.StringIO):
    """Somebody who types these lines."""

    def isatty(self) -> bool:
        return True


def types(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr("sys.stdin", Terminal("".join(f"{line}\n" for line in lines)))


# --- a new congress


def test_a_congress_has_its_area_its_cycle_and_a_member_of_staff(installation: Installation) -> None:
    said = installation.setup()

    with installation.store() as store:
        (congress,) = store.congresses.all()
        cycle = store.congresses.current_cycle(congress.id)
        area = store.areas.by_code("431382100")
        (staff,) = store.people.holders(congress.id, Role.STAFF)
        assert cycle
        assert area
        assert (congress.name, congress.level, congress.area_id) == ("云溪镇人大", Level.TOWNSHIP, area.id)
        assert (cycle.year, cycle.collecting_from, cycle.collecting_to) == (2026, date(2026, 7, 1), date(2026, 12, 31))
        code = said.rstrip().rpartition("?start=i-")[2]
        assert store.people.invited(code) == staff.person_id


def test_rules_are_the_defaults_but_for_those_named(installation: Installation) -> None:
    installation.setup("--rule", "margin=3/10", "--rule", "tie=presidium", "--rule", "approvals_at_most_seats=false")

    with installation.store() as store:
        rules = store.congresses.all()[0].rules
    assert (rules.margin, rules.tie, rules.approvals_at_most_seats) == (Fraction(3, 10), Tie.PRESIDIUM, False)
    assert rules.quorum == Fraction(2, 3)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("margin=lots", "the rule margin must be a fraction such as 1/5 (default: 1/5)"),
        ("margin=7/5", "the rule margin must be more than 0 and at most 1 (default: 1/5)"),
        ("tellers=0", "the rule tellers must be at least 1 (default: 3)"),
        ("tie=coin", "the rule tie must be one of vote_again, presidium, smaller_investment (default: vote_again)"),
        ("margin", "--rule margin: write it as NAME=VALUE, such as margin=1/5"),
        ("margn=1/5", "there is no rule margn; the rules and their defaults are margin=1/5, quorum=2/3, "),
    ],
)
def test_a_rule_that_cannot_be_is_named_with_its_default(installation: Installation, rule: str, sentence: str) -> None:
    assert installation.refuses("setup", "--rule", rule).startswith(sentence)
    installation.setup("--rule", "tellers=5")
    assert installation.refuses("setup", "--congress", 1, "--rule", "quorum=1/2", "--rule", rule).startswith(sentence)
    with installation.store() as store:
        assert store.congresses.get(1).rules == Rules(tellers=5)


def test_a_rule_has_one_value(installation: Installation) -> None:
    assert installation.refuses("setup", "--rule", "tellers=3", "--rule", "tellers=5") == (
        "--rule tellers: it is given twice, with different values"
    )


def test_several_congresses_live_in_one_installation(installation: Installation) -> None:
    installation.setup(name="云川县人大", code="431382", level="县")
    installation.setup("--parent-code", "431382")

    with installation.store() as store:
        township = store.areas.by_code("431382100")
        assert [one.name for one in store.congresses.of_area(township)] == ["云溪镇人大", "云川县人大"]


def test_what_is_missing_is_named(installation: Installation) -> None:
    assert installation.refuses("setup", "--name", "云溪镇人大").startswith("--level is missing. ")


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        (("--level", "village"), "--level: 请写乡镇或县 / write township or county"),
        (("--year", "26"), "--year: 请写四位数的年份，如 2026 / write the year with four digits, such as 2026"),
        (("--collecting-from", "July"), "--collecting-from: 'July' 不是日期，请写成 2026-09-01 这样 / "),
        (("--collecting-to", "2026-07-29"), "--collecting-to: the collecting window must be at least 30 days long"),
        (("--timezone", "Mars/Base"), "there is no time zone Mars/Base, such as Asia/Shanghai"),
        (("--parent-code", "43"), "--parent-code: there is no area 43; import it first."),
    ],
)
def test_an_option_that_cannot_be_is_named(installation: Installation, more: tuple[str, ...], sentence: str) -> None:
    given = [
        *("setup", "--name", "云溪镇人大", "--level", "township", "--area-code", "431382100", "--area-name", "云溪镇"),
        *("--staff", "王芳", "--year", "2026", "--collecting-from", "2026-07-01", "--collecting-to", "2026-12-31"),
    ]

    assert installation.refuses(*given, *more).startswith(sentence)
    with installation.store() as store:
        assert not store.congresses.all()
        assert not store.areas.roots


def test_an_area_has_one_congress(installation: Installation) -> None:
    installation.setup()

    given = ("setup", "--name", "又一个", "--level", "township", "--area-code", "431382100", "--staff", "王芳")
    window = ("--year", "2026", "--collecting-from", "2026-07-01", "--collecting-to", "2026-12-31")
    assert installation.refuses(*given, *window) == (
        "云溪镇 has a congress already; --next-cycle begins its next year."
    )


def test_the_area_must_be_of_the_congress_s_level(installation: Installation) -> None:
    installation.setup(name="云川县人大", code="431382", level="county")

    given = ("setup", "--name", "乡人大", "--level", "township", "--area-code", "431382", "--staff", "王芳")
    window = ("--year", "2026", "--collecting-from", "2026-07-01", "--collecting-to", "2026-12-31")
    assert installation.refuses(*given, *window) == "--area-code: 云川县 is a county, not a township."


def test_an_area_that_is_there_is_what_it_is_said_to_be(installation: Installation) -> None:
    installation.does("import-areas", installation.file("areas.csv", AREAS))
    given = [
        *("setup", "--name", "云溪镇人大", "--level", "township", "--area-code", "431382100", "--staff", "王芳"),
        *("--year", "2026", "--collecting-from", "2026-07-01", "--collecting-to", "2026-12-31"),
    ]

    assert installation.refuses(*given, "--area-name", "石桥镇") == (
        "--area-name: 431382100 is there, and is called 云溪镇; leave it out."
    )
    assert installation.refuses(*given, "--parent-code", "431382101") == (
        "--parent-code: 云溪镇 is there, and not in 431382101; leave it out."
    )
    installation.does(*given, "--area-name", "云溪镇", "--parent-code", "431382")


# --- other rules for a congress that is there


def test_a_congress_s_rules_are_changed_and_the_log_tells_from_what_to_what(installation: Installation) -> None:
    installation.setup(name="云川县人大", code="431382", level="county")
    installation.setup("--parent-code", "431382", "--rule", "tellers=5")

    said = installation.does(
        "setup", "--congress", 2, "--rule", "deputies_ranked=true", "--rule", "announcement_reviews=two"
    )

    assert said.splitlines() == [
        "云溪镇人大：deputies_ranked=true（原来 before: false）",
        "云溪镇人大：announcement_reviews=two（原来 before: three）",
    ]
    before, now = Rules(tellers=5), Rules(tellers=5, deputies_ranked=True, announcement_reviews=Levels.TWO)
    installation.does("setup", "--congress", 2, "--rule", "deputies_ranked=true")  # as it is already
    with installation.store() as store:
        assert [one.rules for one in store.congresses.all()] == [Rules(), now]
        change = audit.c.action == "change", audit.c.record == "congress"
        (row,) = store.unit.read(select(audit).where(*change))
    assert (row.record_id, row.person_id, row.message_id) == (2, None, None)
    assert (row.before, row.after) == ({"rules": before.dump()}, {"rules": now.dump()})


def test_the_office_meets_the_changed_rules_next_without_a_restart(installation: Installation) -> None:
    link = installation.setup()
    notice = installation.file("notice.txt", "种类：其他\n标题：停水\n发给：工作人员\n正文：\n周三停水。\n")
    town = Town(installation.engine)
    clerk = town.person("w1", "web")
    clerk.starts(link.rstrip().rpartition("?start=")[2])
    for name in ("孙丽", "周平"):
        invite = installation.does("invite", name, "--role", "presidium")
        town.person(name, "web").starts(invite.rstrip().rpartition("?start=")[2])
    installation.does("announce", notice, "--author", "王芳")
    assert joined(clerk.says("公告管理", "草稿", "公告1", "送审")) == submitted(State.REVIEW, 2).zh

    installation.does("setup", "--congress", 1, "--rule", "announcement_reviews=two")

    notice.write_text(notice.read_text("utf-8").replace("三", "四"), "utf-8")
    installation.does("announce", notice, "--author", "王芳")
    assert joined(clerk.says("公告管理", "草稿", "公告2", "送审")) == submitted(State.APPROVAL, 2).zh


def test_which_rules_change_and_whose_must_be_said(installation: Installation) -> None:
    installation.setup()

    assert installation.refuses("setup", "--congress", 1) == (
        "--congress: say by --rule NAME=VALUE which rule changes; --next-cycle begins its next year."
    )
    assert installation.refuses("setup", "--congress", 7, "--rule", "tellers=5") == (
        "是哪个人大的？Which congress?\n  --congress 1  云溪镇人大"
    )


def test_no_option_is_swallowed(installation: Installation) -> None:
    installation.setup()

    unused = ("--name", "云溪", "--timezone", "Asia/Urumqi", "--rule", "tellers=5")
    assert installation.refuses("setup", "--next-cycle", "--year", "2027", *unused) == (
        "To begin the next cycle, use --next-cycle, --congress, --year, --collecting-from, --collecting-to only, "
        "without --name, --timezone, --rule."
    )
    assert installation.refuses("setup", "--congress", 1, "--rule", "tellers=5", "--year", 2027, "--staff", "") == (
        "To change the rules of a congress, use --congress, --rule only, without --staff, --year."
    )
    with installation.store() as store:
        assert store.congresses.get(1).rules == Rules()


# --- asked on a terminal


def test_what_is_not_given_is_asked_until_it_fits(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = (
        "云溪镇人大",
        "市",
        "乡镇",
        "431382100",
        "云溪镇",
        "今年",
        "2026",
        "2026-07-01",
        "2026-07-02",
        "2026-12-31",
    )
    types(monkeypatch, *answers, "王芳")

    installation.does("setup")

    with installation.store() as store:
        assert [congress.name for congress in store.congresses.all()] == ["云溪镇人大"]


def test_who_stops_answering_has_changed_nothing(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    types(monkeypatch, "云溪镇人大", "乡镇")

    assert installation.refuses("setup").endswith("--area-code is missing.")
    with installation.store() as store:
        assert not store.congresses.all()


def test_others_write_while_somebody_thinks(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """No transaction is open while a question waits for its answer."""
    installation.setup(name="云川县人大", code="431382", level="county")

    lines = iter(("云溪镇人大", "乡镇", "431382100", "云溪镇", "2026", "2026-07-01", "2026-12-31", "王芳"))

    def thinks(_: str) -> str:
        with installation.store() as store:
            store.people.add("somebody else")
        return next(lines)

    types(monkeypatch)
    monkeypatch.setattr("builtins.input", thinks)
    installation.does("setup")

    with installation.store() as store:
        assert len(store.congresses.all()) == 2


# --- the next year


def test_the_next_cycle_takes_the_undecided_and_the_reserve_pool_along(installation: Installation) -> None:
    installation.setup()
    with installation.store() as store:
        (congress,) = store.congresses.all()
        before = store.congresses.current_cycle(congress.id)
        assert before
        numbers = {
            status: store.proposals.add(New(congress.id, before.id, "修路", Category.ROADS, None, "open", Source.CHAT))
            for status in (Status.RECEIVED, Status.RESERVE, Status.DECLINED)
        }
        for status in (Status.RESERVE, Status.DECLINED):
            store.proposals.change_status(numbers[status], status)

    window = ("--collecting-from", "2027-07-01", "--collecting-to", "2027-12-31")
    said = installation.does("setup", "--next-cycle", "--year", "2027", *window)

    assert said.startswith("云溪镇人大：2027 年度，征集 2027-07-01 – 2027-12-31 / cycle 2027, collecting ")
    with installation.store() as store:
        now = store.congresses.current_cycle(congress.id)
        assert now
        cycles = {status: getattr(store.proposals.get(number), "cycle_id", 0) for status, number in numbers.items()}
    assert cycles == {Status.RECEIVED: now.id, Status.RESERVE: now.id, Status.DECLINED: before.id}
    assert installation.refuses("setup", "--next-cycle", "--year", "2027", *window) == (
        "the cycle 2027 has begun already"
    )


def test_which_congress_is_asked_where_there_are_several(installation: Installation) -> None:
    installation.setup(name="云川县人大", code="431382", level="county")
    installation.setup("--parent-code", "431382")
    given = ("setup", "--next-cycle", "--year", "2027", "--collecting-from", "2027-07-01")

    said = installation.refuses(*given, "--collecting-to", "2027-12-31")

    assert said == "是哪个人大的？Which congress?\n  --congress 1  云川县人大\n  --congress 2  云溪镇人大"
    installation.does(*given, "--collecting-to", "2027-12-31", "--congress", "2")
