"""Consents to notices: given, used up, ended, and counted on both databases."""

from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from storage.consents import MOST, Consent, Consents
from storage.database import reading, transaction
from storage.tables import consents
from tests.bot.mailing import Mail

_names = count()


@pytest.fixture
def mail(engine: Engine, tmp_path: Path) -> Mail:
    return Mail(engine, tmp_path)


def changes(mail: Mail, *some: Consent) -> None:
    with transaction(mail.engine) as unit:
        Consents(unit).change(some)


def of(mail: Mail, *accounts: int) -> dict[int, list[str]]:
    with reading(mail.engine) as unit:
        return Consents(unit).of(accounts)


def room(mail: Mail, account: int, template: str = "status") -> int | None:
    with reading(mail.engine) as unit:
        mine = consents.c.account_id == account, consents.c.template == template
        return unit.read(select(consents.c.room).where(*mine)).scalar()


def uses(mail: Mail, account: int, times: int = 1, template: str = "status") -> None:
    with transaction(mail.engine) as unit:
        for _ in range(times):
            Consents(unit).use(account, template)


def test_who_agrees_takes_so_many_more(mail: Mail) -> None:
    a, b = mail.account("a"), mail.account("b")
    changes(mail, Consent(a, "status", 1), Consent(b, "duty", 2), Consent(a, "status", 2), Consent(a, "duty", 1))
    found = of(mail, a, b)
    assert (sorted(found.pop(a)), found) == (["duty", "status"], {b: ["duty"]})
    assert (room(mail, a), room(mail, b, "duty")) == (3, 2)


def test_nobody_has_agreed_who_was_never_asked(mail: Mail) -> None:
    assert of(mail, mail.account("a")) == {}
    assert of(mail) == {}
    uses(mail, mail.account("a"))
    assert room(mail, mail.account("a")) is None


def test_what_is_used_up_is_none_left(mail: Mail) -> None:
    account = mail.account("a")
    changes(mail, Consent(account, "status", 2), Consent(account, "duty", 1))
    uses(mail, account, 3)
    assert (of(mail, account), room(mail, account)) == ({account: ["duty"]}, 0)
    changes(mail, Consent(account, "status", 1))
    assert room(mail, account) == 1, "what was used too often is not owed"


def test_who_refuses_takes_none_until_they_agree_again(mail: Mail) -> None:
    account = mail.account("a")
    changes(mail, Consent(account, "status", 5), Consent(account, "status", None), Consent(account, "duty", None))
    assert of(mail, account) == {}
    changes(mail, Consent(account, "status", None), Consent(account, "status", 1))
    assert (of(mail, account), room(mail, account)) == ({account: ["status"]}, 1)


def test_who_taps_for_fun_is_counted_up_to_a_limit(mail: Mail) -> None:
    account = mail.account("a")
    changes(mail, *(Consent(account, "status", 100) for _ in range(30)))
    assert room(mail, account) == MOST


SAID = st.tuples(st.sampled_from(["status", "duty"]), st.sampled_from([1, 3, None, "use", "end"]))


@given(st.lists(SAID, max_size=30))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_said_and_used_in_whatever_order_it_is_counted(
    mail: Mail, said: list[tuple[str, int | str | None]]
) -> None:
    account, left = mail.account(f"p{next(_names)}"), {"status": 0, "duty": 0}
    for template, what in said:
        if what == "use":
            uses(mail, account, template=template)
            left[template] = max(left[template] - 1, 0)
        elif what == "end":
            with transaction(mail.engine) as unit:
                Consents(unit).end(account, template)
            left[template] = 0
        else:
            assert not isinstance(what, str)
            changes(mail, Consent(account, template, what))
            left[template] = 0 if what is None else left[template] + what
    assert sorted(of(mail, account).get(account, [])) == sorted(template for template, count in left.items() if count)
    assert {template: room(mail, account, template) or 0 for template in left} == left
