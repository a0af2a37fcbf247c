"""An office whose announcements go by mass send: the harness of those tests."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import Engine, select, update

from handlers.announcement_messages import AnnouncementMessages
from handlers.messages import Capabilities
from storage.announcement_progress import Progress, progress_of
from storage.database import reading, transaction
from storage.mass_sends import (
    Errand,
    MassSends,
    MassSent,
)
from storage.outbox_states import AWAITS_CONTACT
from storage.tables import accounts, messages
from tests.announced import CAPABILITIES, PACES, Office
from tests.settlement import on

LEASE = timedelta(seconds=75)
MANY = Capabilities(buttons=True, text_limit=2048, limit_in_bytes=True, windows=True, masses=True)


class Masses(Office):
    """An office with a channel "many", where one call reaches many; `is_on` as the operator has it."""

    is_on = True

    @property
    def words(self) -> AnnouncementMessages:
        shows = {**CAPABILITIES, "many": replace(MANY, masses=self.is_on)}
        return AnnouncementMessages(shows, self.paces, "https://minsheng.example")

    def away(self, count: int, **values: Any) -> list[int]:
        """People of that channel who have not written for long."""
        ids = self.residents(count, "many", **values)
        with self.storing() as store:
            why = {"unreachable_since": self.now, "unreachable_reason": AWAITS_CONTACT}
            store.unit.write(update(accounts).where(accounts.c.person_id.in_(ids)).values(**why))
        return ids

    def claims(self, ahead: float = 0.0) -> Errand | None:
        with self.storing(ahead=ahead) as store:
            return MassSends(store.unit, store.now).claim("many", "token", LEASE, store.audiences)

    def asked(self, errand: Errand, number: str) -> bool:
        with transaction(self.engine) as unit:
            return MassSends(unit, self.now).asked(errand, number)

    def hears(self, number: str, became: str = "send success", *counts: int) -> None:
        with transaction(self.engine) as unit:
            MassSends(unit, self.now).note("many", MassSent(number, became, *counts))

    def calls(self) -> list[Errand]:
        """Call for all that is due, each under its id as the platform's number."""
        found = []
        while errand := self.claims():
            assert self.asked(errand, str(errand.id))
            found.append(errand)
        return found

    def people(self, errand: Errand) -> set[int]:
        return {int(address.removeprefix("r")) for address in errand.people}

    def progress(self, number: int) -> Progress:
        with reading(self.engine) as unit:
            return progress_of(unit, number)

    def of(self, person: int, number: int) -> str:
        """What became of their message."""
        return str(next(row.state for row in self.rows(number) if row.person_id == person))

    def told(self, word: str) -> list[str]:
        """What the author was told that has this word."""
        with reading(self.engine) as unit:
            mine = messages.c.person_id == self.place.staff, messages.c.direction == "out"
            return [text for text in unit.read(select(messages.c.text).where(*mine)).scalars() if word in text]


def masses_on(engine: Engine) -> Masses:
    return Masses(engine, on(engine), paces={**PACES, "many": 10.0})
