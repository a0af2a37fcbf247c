"""Responses that several replicas give at the same moment, on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest

from storage.database import is_database_fault, transaction
from storage.outbox import Outbox
from storage.responses import Responses
from tests.bot.mailing import Mail
from tests.storage.test_responses import CHANNEL, hears, mail, said, takes
from tests.virtual_time import BEGAN

__all__ = ["mail"]


def together(*works: Callable[[], list[str]]) -> list[list[str]]:
    """All at the same time, a thread each; again after faults of the database, as a writer does it."""
    barrier = Barrier(len(works))

    def begun(work: Callable[[], list[str]]) -> list[str]:
        barrier.wait(10)
        while True:
            try:
                return work()
            except Exception as error:
                if not is_database_fault(error):
                    raise

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(begun, work) for work in works]]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_repeats_at_two_replicas_at_once_get_the_same(mail: Mail) -> None:
    for round_ in range(15):
        mail.post("a", f"{round_} one", f"{round_} two", f"{round_} three")
        key = hears(mail, "a")
        first, second = together(*[partial(lambda key: said(takes(mail, key, 2))[0], key)] * 2)
        assert first == second == [f"{round_} one", f"{round_} two"]
        assert said(takes(mail, hears(mail, "a"))) == ([f"{round_} three"], 0)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_two_replicas_take_at_once_for_two_messages_of_somebody_is_taken_once(mail: Mail) -> None:
    for round_ in range(15):
        names = [f"{round_} {at}" for at in range(5)]
        mail.post("a", *names)
        mail.post("b", f"{round_} b")
        # Each answers both people, in another order.
        mine, theirs = ({name: hears(mail, name) for name in order} for order in ("ab", "ba"))

        def answers(asked: dict[str, str]) -> list[str]:
            with transaction(mail.engine) as unit:
                found = Responses(unit, BEGAN).take_all(
                    CHANNEL, {key: lambda waiting: min(2, len(waiting)) for key in asked.values()}
                )
            return [one.text for response in found.values() for one in response.messages]

        first, second = together(partial(answers, mine), partial(answers, theirs))
        rest = [said(takes(mail, hears(mail, name)))[0] for name in "ab"]
        assert sorted(first + second + rest[0] + rest[1]) == sorted([*names, f"{round_} b"])
        assert rest[0] == names[len(names) - len(rest[0]) :]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_that_answer_one_chat_and_write_to_the_other_do_not_wait_for_one_another(mail: Mail) -> None:
    for name in ("a", "b"):
        mail.post(name, f"old {name}")
    keys = {name: hears(mail, name) for name in ("a", "b")}
    both = Barrier(2)

    def turn(name: str) -> list[str]:
        now = BEGAN + timedelta(seconds=1)
        with transaction(mail.engine) as unit:
            Responses(unit, now).take_all(CHANNEL, {keys[name]: lambda _: 0})
            both.wait(10)
            claim = Outbox(unit, now).claim(CHANNEL, 16, timedelta(seconds=30))
            both.wait(10)
        return [row.text for row in claim.rows]

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(turn, ("a", "b"))) == [["old a"], ["old b"]]
