"""The outbox: who may send which row when, and whose outcome counts."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete, select

from storage.consents import Consent, Consents
from storage.database import Unit, reading, transaction
from storage.outbox import _DUE, AHEAD, Claim, Claimed, Outbox, Settled
from storage.outbox_states import AWAITS_CONTACT
from storage.paces import Paces
from storage.push_windows import Opened, PushWindows
from storage.tables import leases, outbox, paces
from tests.bot.mailing import Mail
from tests.virtual_time import BEGAN

LEASE = timedelta(seconds=30)


@pytest.fixture
def mail(engine: Engine, tmp_path: Path) -> Mail:
    return Mail(engine, tmp_path)


def at(unit: Unit, seconds: float = 0.0) -> Outbox:
    return Outbox(unit, BEGAN + timedelta(seconds=seconds))


def claim(mail: Mail, seconds: float = 0.0, limit: int = 100, interval: float = 0.0, channel: str = "tap") -> Claim:
    with transaction(mail.engine) as unit:
        return at(unit, seconds).claim(channel, limit, LEASE, interval)


def texts(claimed: Claim) -> list[str]:
    return [row.text for row in claimed.rows]


def settle(mail: Mail, rows: list[Claimed], state: str = "sent", seconds: float = 1.0) -> None:
    with transaction(mail.engine) as unit:
        at(unit, seconds).settle([Settled(row, state) for row in rows])
        at(unit, seconds).release(rows)


# --- claiming


def test_each_chat_gives_its_most_urgent_row(mail: Mail) -> None:
    mail.post("a", "announcement", priority=2)
    mail.post("a", "first reply", "second reply")
    mail.post("b", "prompt", priority=1)
    assert texts(claim(mail)) == ["first reply", "prompt"]


def test_a_claimed_chat_is_nobody_elses_until_it_is_given_back(mail: Mail) -> None:
    mail.post("a", "one", "two")
    first = claim(mail)
    assert texts(first) == ["one"]
    assert texts(claim(mail, seconds=29)) == []
    settle(mail, first.rows)
    assert texts(claim(mail, seconds=2)) == ["two"]


def test_a_lease_that_ran_out_is_anybodys(mail: Mail) -> None:
    mail.post("a", "one")
    lost = claim(mail)
    assert texts(claim(mail, seconds=30)) == ["one"]
    settle(mail, lost.rows, seconds=31)
    assert mail.states() == {"one": "waiting"}, "who lost it no longer decides"
    assert texts(claim(mail, seconds=32)) == [], "nor gives it back"


def test_the_holder_is_told_apart(mail: Mail) -> None:
    mail.post("a", "one")
    (lost,) = claim(mail).rows
    (held,) = claim(mail, seconds=31).rows
    with transaction(mail.engine) as unit:
        assert [at(unit).holds(row) for row in (lost, held)] == [False, True]


def test_a_chat_may_rest_before_it_is_given_back(mail: Mail) -> None:
    mail.post("a", "one", "two")
    (row,) = claim(mail).rows
    with transaction(mail.engine) as unit:
        at(unit).settle([Settled(row, "sent")])
        at(unit).rest([(row, BEGAN + timedelta(seconds=5))])
    assert texts(claim(mail, seconds=4.9)) == []
    assert texts(claim(mail, seconds=5)) == ["two"]


def test_a_row_that_is_tried_again_later_keeps_the_later_ones_behind_it(mail: Mail) -> None:
    mail.post("a", "one", "two")
    mail.post("b", "other")
    rows = claim(mail).rows
    with transaction(mail.engine) as unit:
        at(unit).settle([Settled(rows[0], "waiting", BEGAN + timedelta(seconds=60), failure="retry 502")])
        at(unit).settle([Settled(rows[1], "sent", platform_id="77")])
        at(unit).release(rows)
    assert texts(claim(mail, seconds=59)) == []
    mail.post("a", "more urgent", priority=-1)
    assert texts(claim(mail, seconds=59)) == ["more urgent"]
    assert (mail.rows()["one"].attempts, mail.rows()["one"].failure) == (1, "retry 502")
    assert (mail.rows()["other"].platform_id, mail.rows()["other"].settled_at) == ("77", BEGAN)


def test_only_the_asked_channel_and_what_is_due_is_claimed(mail: Mail) -> None:
    mail.post("a", "later", at=BEGAN + timedelta(seconds=10))
    mail.post("x", "another channel", channel="plain")
    assert texts(claim(mail)) == []
    assert texts(claim(mail, channel="plain")) == ["another channel"]
    assert texts(claim(mail, seconds=10)) == ["later"]


def test_who_had_room_for_fewer_is_told_that_there_is_more(mail: Mail) -> None:
    for person in range(5):
        mail.post(f"p{person}", f"text {person}")
    first = claim(mail, limit=3)
    assert (len(first.rows), first.again_at) == (3, BEGAN)
    rest = claim(mail, limit=3)
    assert (len(rest.rows), rest.again_at) == (2, None)
    assert claim(mail) == Claim([], None)


def test_a_row_carries_all_that_its_sending_needs(mail: Mail) -> None:
    mail.post("a", "choose", choices=[["1.0", "是"], ["1.1", "不是"]])
    mail.post("b", "read", file={"kind": "export", "name": "a.json", "media_type": "application/json"})
    choose, read = claim(mail).rows
    assert (choose.external_id, choose.address, choose.choices) == ("a", "a", [["1.0", "是"], ["1.1", "不是"]])
    assert choose.attachment_id is None
    assert read.attachment_id is not None


# --- pace


def test_moments_are_drawn_one_after_another(mail: Mail) -> None:
    for person in range(3):
        mail.post(f"p{person}", f"text {person}")
    moments = [(row.at - BEGAN).total_seconds() for row in claim(mail, interval=0.5).rows]
    assert moments == [0.0, 0.5, 1.0]


def test_replicas_draw_from_one_pace(mail: Mail) -> None:
    for person in range(6):
        mail.post(f"p{person}", f"text {person}")
    first, second = claim(mail, limit=3, interval=0.2), claim(mail, seconds=0.1, limit=3, interval=0.2)
    moments = [round((row.at - BEGAN).total_seconds(), 3) for row in (*first.rows, *second.rows)]
    assert moments == [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]


def test_no_moment_is_drawn_long_ahead(mail: Mail) -> None:
    for person in range(9):
        mail.post(f"p{person}", f"text {person}")
    first = claim(mail, interval=1.0)
    assert len(first.rows) == AHEAD.total_seconds() + 1
    assert first.again_at == BEGAN + timedelta(seconds=1)
    assert claim(mail, seconds=0.5, interval=1.0) == Claim([], BEGAN + timedelta(seconds=1))
    assert len(claim(mail, seconds=1, interval=1.0).rows) == 1


def test_unused_time_is_not_made_up_for(mail: Mail) -> None:
    mail.post("a", "one")
    settle(mail, claim(mail, interval=0.5).rows)
    for person in range(3):
        mail.post(f"p{person}", f"text {person}")
    moments = [(row.at - BEGAN).total_seconds() for row in claim(mail, seconds=100, interval=0.5).rows]
    assert moments == [100.0, 100.5, 101.0]


def test_a_pause_holds_for_all(mail: Mail) -> None:
    mail.post("a", "one")
    until = BEGAN + timedelta(seconds=20)
    with transaction(mail.engine) as unit:
        Paces(unit, BEGAN).pause("tap", until, "401")
    assert claim(mail, seconds=5, interval=0.1) == Claim([], until, is_paused=True)
    assert texts(claim(mail, seconds=20, interval=0.1)) == ["one"]
    with reading(mail.engine) as unit:
        assert unit.read(select(paces.c.fault)).scalar() == "401"


@given(st.lists(st.tuples(st.floats(0, 2), st.integers(1, 12)), min_size=1, max_size=30), st.integers(1, 40))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whoever_claims_whenever_no_second_holds_more_than_the_limit(
    mail: Mail, claims: list[tuple[float, int]], per_second: int
) -> None:
    with transaction(mail.engine) as unit:
        for table in (leases, outbox, paces):
            unit.write(delete(table))
    for person in range(60):
        mail.post(f"p{person}", "text")
    now, moments = 0.0, list[datetime]()
    for pause, limit in claims:
        now += pause
        moments += [row.at for row in claim(mail, now, limit, 1.02 / per_second).rows]
    for moment in moments:
        assert sum(moment <= other < moment + timedelta(seconds=1) for other in moments) <= per_second


# --- holding


def test_what_is_held_waits_until_its_person_is_back(mail: Mail) -> None:
    ((_, account),) = mail.post("a", "one", "two")
    mail.post("b", "other")
    with transaction(mail.engine) as unit:
        at(unit).hold(account, "absent")
    assert texts(claim(mail)) == ["other"]
    with transaction(mail.engine) as unit:
        assert at(unit, 5).revive("tap", ["a", "b", "nobody"]) == [("tap", account)]
        assert at(unit, 5).revive("tap", ["a"]) == []
        assert at(unit, 5).revive("plain", ["a"]) == []
    assert texts(claim(mail, seconds=5)) == ["one"]
    assert mail.rows()["two"].failure == ""


def test_holding_touches_nothing_that_is_settled(mail: Mail) -> None:
    ((_, account),) = mail.post("a", "one", "two", "three")
    settle(mail, claim(mail).rows)
    settle(mail, claim(mail, seconds=2).rows, "failed")
    with transaction(mail.engine) as unit:
        at(unit).hold(account, "blocked")
    assert mail.states() == {"one": "sent", "two": "failed", "three": "held"}


# --- what may be told of before


NOTICE = {"kind": "duty", "what": "月度视察", "about": "", "until": ""}


def through_windows(mail: Mail, seconds: float = 0.0) -> list[Claimed]:
    with transaction(mail.engine) as unit:
        return at(unit, seconds).claim("tap", 100, LEASE, windows=True).rows


def opens(mail: Mail, account: int) -> None:
    with transaction(mail.engine) as unit:
        PushWindows(unit, BEGAN).open([Opened(account, "message", 5, BEGAN + timedelta(hours=1))])


def holds(mail: Mail, account: int, why: str = AWAITS_CONTACT, seconds: float = 0.0) -> None:
    with transaction(mail.engine) as unit:
        at(unit, seconds).hold(account, why)


def test_a_row_that_may_be_told_of_carries_what_and_with_whose_consent(mail: Mail) -> None:
    ((_, a),) = mail.post("a", "one", notice=NOTICE)
    ((_, b),) = mail.post("b", "two", notice=NOTICE)
    mail.post("c", "three")
    with transaction(mail.engine) as unit:
        Consents(unit).change([Consent(a, "t1", 1), Consent(b, "t2", None), Consent(mail.account("c"), "t1", 1)])
    rows = {row.text: (row.notice, list(row.consents)) for row in through_windows(mail)}
    assert rows == {"one": (NOTICE, ["t1"]), "two": (NOTICE, []), "three": (None, [])}


def test_without_a_window_a_row_overtakes_what_is_held_and_with_one_it_does_not(mail: Mail) -> None:
    for person in ("a", "b"):
        ((_, account),) = mail.post(person, f"{person} first")
        holds(mail, account)
        mail.post(person, f"{person} second", notice=NOTICE)
    opens(mail, mail.account("b"))
    assert sorted(row.text for row in through_windows(mail)) == ["a second", "b first"]


def test_who_is_awaited_is_still_told_of_what_may_be(mail: Mail) -> None:
    ((_, account),) = mail.post("a", "plain", "other")
    mail.post("a", "told of", notice=NOTICE)
    holds(mail, account)
    assert mail.states() == {"plain": "held", "other": "held", "told of": "waiting"}


@pytest.mark.parametrize("why", ["unreachable", "absent"])
def test_who_is_gone_is_told_of_nothing(mail: Mail, why: str) -> None:
    ((_, account),) = mail.post("a", "told of", notice=NOTICE)
    holds(mail, account, why)
    assert mail.states() == {"told of": "held"}


@pytest.mark.parametrize(("state", "is_kept"), [("waiting", True), ("held", False), ("sent", False), ("failed", False)])
def test_a_row_is_told_of_until_it_no_longer_waits(mail: Mail, state: str, is_kept: bool) -> None:
    mail.post("a", "one", notice=NOTICE)
    settle(mail, through_windows(mail), state)
    assert mail.rows()["one"].notice == (NOTICE if is_kept else None)


def test_who_is_back_gets_at_once_what_was_to_be_told_of_later(mail: Mail) -> None:
    ((_, account),) = mail.post("a", "plain")
    holds(mail, account)
    mail.post("a", "told of", notice=NOTICE)
    (row,) = through_windows(mail)
    with transaction(mail.engine) as unit:
        at(unit).settle([Settled(row, "waiting", BEGAN + timedelta(hours=9), failure="retry 45009")])
        at(unit).release([row])
    assert through_windows(mail, seconds=5) == []
    with transaction(mail.engine) as unit:
        assert at(unit, 5).revive("tap", ["a"]) == [("tap", account)]
    opens(mail, account)
    assert [row.text for row in through_windows(mail, seconds=5)] == ["plain"]
    settle(mail, through_windows(mail, seconds=40))
    assert [row.text for row in through_windows(mail, seconds=80)] == ["told of"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_large_audience_is_neither_scanned_nor_sorted(engine: Engine) -> None:
    query = str(_DUE.compile(dialect=engine.dialect))
    with engine.connect() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", (1,) * query.count("?")).scalars(3).all()
    assert [step for step in plan if step.startswith(("SCAN", "USE TEMP"))] == []
