"""What only one replica does."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from storage.database import Unit, reading, transaction
from storage.jobs import CUT_OFF_AFTER, Jobs
from storage.tables import job_runs, locks

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
DUE = NOW - timedelta(minutes=3)


def at(unit: Unit, **later: float) -> Jobs:
    return Jobs(unit, NOW + timedelta(**later))


def test_a_run_is_claimed_once(engine: Engine) -> None:
    with transaction(engine) as unit:
        assert at(unit).claim_run("remind", DUE)
        assert not at(unit).claim_run("remind", DUE)
    with transaction(engine) as unit:
        assert not at(unit, seconds=1).claim_run("remind", DUE)
        assert at(unit).claim_run("remind", DUE + timedelta(days=1)), "the next one is another run"
        assert at(unit).claim_run("tidy", DUE), "and so is another job's"


def test_of_two_replicas_at_the_same_time_one_claims(engine: Engine) -> None:
    with transaction(engine) as unit:
        claimed = at(unit).claim_run("remind", DUE)
    with transaction(engine) as unit:
        assert [claimed, at(unit).claim_run("remind", DUE)] == [True, False]


def test_a_run_that_was_cut_off_is_taken_over_and_a_finished_one_never(engine: Engine) -> None:
    with transaction(engine) as unit:
        assert at(unit).claim_run("remind", DUE)
        assert at(unit).claim_run("tidy", DUE)
        at(unit).finish_run("tidy", DUE)
        at(unit, seconds=90).keep_run("remind", DUE)
        assert not at(unit, seconds=90 + CUT_OFF_AFTER.total_seconds()).claim_run("remind", DUE), "it went on"
        assert at(unit, seconds=91 + CUT_OFF_AFTER.total_seconds()).claim_run("remind", DUE)
        assert not at(unit, days=9).claim_run("tidy", DUE)


def test_a_clock_that_was_set_back_takes_nothing_over(engine: Engine) -> None:
    with transaction(engine) as unit:
        assert at(unit).claim_run("remind", DUE)
        assert not at(unit, days=-1).claim_run("remind", DUE)


def test_old_runs_are_forgotten(engine: Engine) -> None:
    with transaction(engine) as unit:
        for day in range(5):
            for job in ("remind", "tidy"):
                at(unit).claim_run(job, NOW - timedelta(days=day))
        assert at(unit).forget_runs(NOW - timedelta(days=1), 3)
        assert not at(unit).forget_runs(NOW - timedelta(days=1), 3)
    with reading(engine) as unit:
        kept = unit.read(select(job_runs.c.job, job_runs.c.scheduled_at)).all()
        assert {tuple(row) for row in kept} == {
            (job, NOW - timedelta(days=day)) for day in (0, 1) for job in ("remind", "tidy")
        }


def test_a_lock_is_one_holders_until_it_is_let_go_or_runs_out(engine: Engine) -> None:
    lasting = timedelta(seconds=30)
    with transaction(engine) as unit:
        assert at(unit).hold("poller", "mine", lasting)
        assert not at(unit).hold("poller", "yours", lasting)
        assert at(unit).hold("another", "yours", lasting)
        assert at(unit, seconds=20).hold("poller", "mine", lasting), "it is kept by holding it again"
        assert not at(unit, seconds=40).hold("poller", "yours", lasting)
        assert at(unit, seconds=51).hold("poller", "yours", lasting), "its holder was silent for too long"
        assert not at(unit, seconds=52).hold("poller", "mine", lasting)


def test_only_its_holder_lets_go_of_a_lock(engine: Engine) -> None:
    lasting = timedelta(seconds=30)
    with transaction(engine) as unit:
        at(unit).hold("poller", "mine", lasting)
        at(unit).let_go("poller", "yours")
        assert not at(unit).hold("poller", "yours", lasting)
        at(unit).let_go("poller", "mine")
        assert at(unit).hold("poller", "yours", lasting)
        assert len(unit.read(select(locks)).all()) == 1
