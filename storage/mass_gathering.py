"""Who goes by which mass send: what waits for the next contact of many people is put together, let go again, or hears
what became of it. Whoever calls has the announcement locked; each step is a small one."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, insert, literal_column, or_, select, update

from storage.announcement_mail import IS_FREE
from storage.audiences import Audiences
from storage.database import AnyRow, Unit
from storage.mass_sends import (
    FEWEST,
    KEY_COUNTS_FOR,
    LET_GO,
    MASSED,
    MOST,
    SENT,
    UNSURE,
    UNTOLD_FOR,
    State,
    close,
    fits,
    is_success,
    month_of,
)
from storage.outbox_states import AWAITS_CONTACT
from storage.tables import (
    accounts,
    announcement_recipients,
    mass_results,
    mass_send_rows,
    mass_sends,
    messages,
    outbox,
    people,
)
from storage.texts import keep_text

LOOKED_AT = 500  # recipients a step


class Closed(NamedTuple):
    """Of a mass send that has come to its end. `is_first`: of its announcement, of those that became the same."""

    became: str
    people: int
    is_first: bool


_AWAITS = and_(outbox.c.state == literal_column("'held'"), outbox.c.failure.startswith(AWAITS_CONTACT, autoescape=True))
_PAGE = (
    select(announcement_recipients.c.person_id, outbox.c.message_id, outbox.c.account_id)
    .select_from(announcement_recipients)
    .outerjoin(outbox, outbox.c.message_id == announcement_recipients.c.message_id)
    .outerjoin(messages, messages.c.id == outbox.c.message_id)
    .outerjoin(accounts, accounts.c.id == outbox.c.account_id)
    .outerjoin(people, people.c.id == announcement_recipients.c.person_id)
    .order_by(announcement_recipients.c.person_id)
)


_PUT_IN = insert(mass_send_rows)


class MassGathering:
    """`most` people go by one; `looked_at` are looked at a step."""

    def __init__(
        self, unit: Unit, now: datetime, audiences: Audiences, *, most: int = MOST, looked_at: int = LOOKED_AT
    ) -> None:
        self._unit, self._now, self._audiences, self._most, self._looked_at = unit, now, audiences, most, looked_at

    # --- putting together

    def gather(self, number: int, congress_id: int, channel: str, say: Callable[[], str]) -> bool:
        """Look at some more recipients of an announcement, whose words to all `say` gives; False when that was done.

        It is done once: whoever is found to be away later waits for their next contact.
        """
        mine = mass_sends.c.announcement_id == number, mass_sends.c.channel == channel
        last = self._unit.read(select(mass_sends).where(*mine).order_by(mass_sends.c.id.desc()).limit(1)).first()
        if last is None:
            text_id = keep_text(self._unit, self._now, say(), None)
            self._unit.flush()
            self._begin(number, channel, text_id, 0)
            return True
        if last.state != State.GATHERING:
            return False
        page = self._page(number, congress_id, channel, last.upto)
        if not page:
            self._complete(last)
            return True
        self._put_in(last, [(row.message_id, row.account_id) for row in page if row.fits], page[-1].person_id)
        return True

    def _page(self, number: int, congress_id: int, channel: str, upto: int) -> Sequence[AnyRow]:
        its = outbox.c.announcement_id == number, outbox.c.channel == channel
        wanted = and_(_AWAITS, *its, IS_FREE, fits(self._audiences, congress_id)).label("fits")
        recipients = announcement_recipients.c.announcement_id == number, announcement_recipients.c.person_id > upto
        statement = _PAGE.add_columns(wanted).where(*recipients).limit(self._looked_at)
        return self._unit.read(statement, {"month": month_of(self._now), "now": self._now}).all()

    def _put_in(self, last: AnyRow, found: Sequence[tuple[int, int]], upto: int) -> None:
        """What the mass send has no room for goes into the next one."""
        # Passing over what another replica is about, and what its person has just come for.
        free = select(outbox.c.message_id).where(outbox.c.message_id.in_([row[0] for row in found]), _AWAITS)
        ids = set(self._unit.read(free.with_for_update(skip_locked=True)).scalars())
        left = [row for row in found if row[0] in ids]
        room = self._most - last.people
        self._add(last.id, left[:room], people=last.people + len(left[:room]), upto=upto)
        for start in range(room, len(left), self._most):
            some = left[start : start + self._most]
            self._add(self._begin(last.announcement_id, last.channel, last.text_id, upto), some, people=len(some))

    def _add(self, id_: int, rows: Sequence[tuple[int, int]], **values: Any) -> None:
        self._set(id_, **values)
        if rows:
            its = outbox.c.message_id.in_([message_id for message_id, _ in rows])
            self._unit.write(update(outbox).where(its).values(state="massed", failure=""))
            named = ({"message_id": one, "mass_send_id": id_, "account_id": account} for one, account in rows)
            self._unit.later(_PUT_IN, *named)

    def _begin(self, number: int, channel: str, text_id: int, upto: int) -> int:
        (id_,) = self._unit.numbers(mass_sends, 1)
        new = {"id": id_, "announcement_id": number, "channel": channel, "text_id": text_id, "upto": upto}
        rest = {"key": uuid.uuid4().hex, "state": State.GATHERING, "due_at": self._now}
        self._unit.write(insert(mass_sends), {**new, **rest})
        return id_

    def _complete(self, last: AnyRow) -> None:
        """Everybody was looked at. Whoever is alone in the last one gets company from the one before, or waits."""
        its = mass_sends.c.announcement_id == last.announcement_id, mass_sends.c.channel == last.channel
        gathering = and_(*its, mass_sends.c.state == State.GATHERING)
        before = self._unit.read(
            select(mass_sends).where(gathering, mass_sends.c.id != last.id).order_by(mass_sends.c.id.desc()).limit(1)
        ).first()
        if 0 < last.people < FEWEST and before is not None:
            some = select(func.max(mass_send_rows.c.message_id)).where(mass_send_rows.c.mass_send_id == before.id)
            moved = update(mass_send_rows).where(mass_send_rows.c.message_id == some.scalar_subquery())
            self._unit.write(moved.values(mass_send_id=last.id))
            self._set(before.id, people=before.people - 1)
            self._set(last.id, people=last.people + 1)
        elif last.people < FEWEST:
            close(self._unit, mass_sends.c.id == last.id, LET_GO)
        self._unit.write(update(mass_sends).where(gathering).values(state=State.READY, upto=0, due_at=self._now))

    def _set(self, id_: int, **values: Any) -> None:
        self._unit.write(update(mass_sends).where(mass_sends.c.id == id_).values(**values))

    # --- coming to the end

    def let_go(self, number: int, *channels: str) -> bool:
        """What was not called for will not be, on all channels but these; whether there was any."""
        its = mass_sends.c.announcement_id == number, mass_sends.c.channel.not_in(channels)
        uncalled = and_(*its, mass_sends.c.state.in_((State.GATHERING, State.READY)))
        is_any = self._unit.read(select(mass_sends.c.id).where(uncalled).limit(1)).first() is not None
        if is_any:
            close(self._unit, uncalled, LET_GO)
        return is_any

    def settle(self, number: int, limit: int, *, is_stopping: bool = False) -> Closed | bool:
        """Tell some rows what became of them; whether there were any, and when all of a mass send know, what."""
        self._hear(number, is_stopping=is_stopping)
        closing = mass_sends.c.announcement_id == number, mass_sends.c.state == State.CLOSING
        one = self._unit.read(select(mass_sends).where(*closing).order_by(mass_sends.c.id).limit(1)).first()
        if one is None:
            return False
        ids = self._unit.read(MASSED.limit(limit), {"mass_send": one.id}).scalars().all()
        if ids:
            self._unit.write(update(outbox).where(outbox.c.message_id.in_(ids)).values(self._values(one)))
            return True
        alike = mass_sends.c.state == State.CLOSED, mass_sends.c.became == one.became
        others = select(mass_sends.c.id).where(mass_sends.c.announcement_id == number, *alike).limit(1)
        is_first = self._unit.read(others).first() is None
        self._set(one.id, state=State.CLOSED)
        return Closed(one.became, one.people, is_first)

    def _values(self, one: AnyRow) -> dict[str, Any]:
        if one.became == SENT:
            return {"state": "sent", "settled_at": self._now, "platform_id": f"mass:{one.number}", "failure": ""}
        if one.became == UNSURE:
            return {"state": "failed", "settled_at": self._now, "failure": UNSURE}
        return {"state": "held", "failure": AWAITS_CONTACT}

    def _hear(self, number: int, *, is_stopping: bool) -> None:
        """What the platform has told; and of which nobody will know any more. What is stopped is not called for again,
        be it only to learn whether the platform has it."""
        known = and_(mass_results.c.number == mass_sends.c.number, mass_results.c.channel == mass_sends.c.channel)
        told = select(mass_sends.c.id, mass_results.c.became).join(mass_results, known)
        asked = mass_sends.c.announcement_id == number, mass_sends.c.state == State.ASKED
        for id_, became in self._unit.read(told.where(*asked)).all():
            close(self._unit, mass_sends.c.id == id_, SENT if is_success(became) else became)
        called = mass_sends.c.announcement_id == number, mass_sends.c.state.in_((State.CALLING, State.ASKED))
        in_hand = mass_sends.c.until > self._now
        lasts = timedelta(0) if is_stopping else KEY_COUNTS_FOR
        in_vain: ColumnElement[bool] = or_(
            and_(mass_sends.c.state == State.CALLING, mass_sends.c.called_at <= self._now - lasts),
            and_(mass_sends.c.state == State.ASKED, mass_sends.c.called_at <= self._now - UNTOLD_FOR),
        )
        free = or_(mass_sends.c.until.is_(None), ~in_hand)
        if self._unit.read(select(mass_sends.c.id).where(*called, in_vain, free).limit(1)).first() is not None:
            close(self._unit, and_(*called, in_vain, free), UNSURE)

    # --- what is known

    def is_open(self, number: int) -> bool:
        """Whether any has not come to its end."""
        its = mass_sends.c.announcement_id == number, mass_sends.c.state != State.CLOSED
        return self._unit.read(select(mass_sends.c.id).where(*its).limit(1)).first() is not None

    def called(self, number: int) -> int:
        """How many people are in those that the platform has, or may have, and that cannot be taken back."""
        its = mass_sends.c.announcement_id == number, mass_sends.c.state.in_((State.CALLING, State.ASKED))
        return int(self._unit.read(select(func.sum(mass_sends.c.people)).where(*its)).scalar() or 0)
