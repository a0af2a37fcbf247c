"""Announcements that go to many people of a platform by one call (群发): each is called for, and what became of it.

Facts as the Official Accounts Platform documents them ("根据OpenID列表群发", "事件推送群发结果"): 2 to 10,000 people by
one; four reach somebody in a calendar month; a key is refused a second time for 24 hours; an administrator may have to
confirm each within half an hour. Who is in which stands in storage.mass_gathering.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, bindparam, delete, func, literal_column, or_, select, update

from storage.among import among
from storage.announcement_mail import IS_URGENT, quiet_until
from storage.arrivals import Arrivals, Letter
from storage.audiences import Audiences
from storage.conflicts import insert_or_else
from storage.database import AnyRow, Unit
from storage.domain.announcements import State as AnnouncementState
from storage.outbox_states import AWAITS_CONTACT
from storage.paces import Paces
from storage.tables import (
    accounts,
    announcements,
    congresses,
    mass_results,
    mass_send_rows,
    mass_sends,
    messages,
    outbox,
    people,
    texts,
)

MOST, FEWEST = 10_000, 2  # people of one
CHECKED = 2_000  # of them at a time, before it is called for
A_MONTH = 4  # for each of them
KEY_COUNTS_FOR = timedelta(hours=23)  # then a second call might send it twice
TOLD_WITHIN = timedelta(hours=24)  # then we ask what became of it
UNTOLD_FOR = timedelta(days=3)  # then nobody will tell
_MONTHS_OF = ZoneInfo("Asia/Shanghai")


class State(StrEnum):
    GATHERING = "gathering"  # its people are put together
    READY = "ready"  # to be called for
    CALLING = "calling"  # perhaps the platform has it
    ASKED = "asked"  # the platform has it, and will tell what became of it
    CLOSING = "closing"  # that is known, and told to its rows
    CLOSED = "closed"


SENT = "sent"  # what it became; any other word is why it did not
LET_GO = "let go"  # it was not called for
UNSURE = "unsure"  # it was called for, and nobody knows
_COUNTS = (SENT, UNSURE)  # among the four of the month


class Errand(NamedTuple):
    """One to be called for under its `key`; or, where it has a `number` already, to be asked about. `is_again`: the
    platform may have it."""

    id: int
    announcement: int
    token: str
    key: str
    text: str
    people: Sequence[str]
    number: str
    tries: int
    is_again: bool


class MassSent(NamedTuple):
    """What a platform tells of the one that has this number there, and what `became` of it in the platform's word;
    `total`, `filtered` (those to whom it was to go in the end), `sent` and `failed` are people."""

    number: str
    became: str
    total: int = 0
    filtered: int = 0
    sent: int = 0
    failed: int = 0


def is_success(became: str) -> bool:
    """Whether a platform says that one was sent; both spellings are documented."""
    return became.replace(" ", "").lower() == "sendsuccess"


def kind_of(channel: str) -> str:
    """The name under which this kind of push has its pace and its faults (see storage.paces)."""
    return f"{channel} mass"


def month_of(now: datetime) -> str:
    return f"{now.astimezone(_MONTHS_OF):%Y-%m}"


_had, _counted = mass_send_rows.alias("had"), mass_sends.alias("counted")
_HAD = (
    select(func.count())
    .select_from(_had.join(_counted, _counted.c.id == _had.c.mass_send_id))
    .where(_had.c.account_id == outbox.c.account_id)
    .where(_counted.c.month == bindparam("month", type_=mass_sends.c.month.type))
    .where(_had.c.mass_send_id != bindparam("own", 0, type_=mass_sends.c.id.type))
    .correlate(outbox)
    .scalar_subquery()
)
# A text that all get alike, to somebody who may be written to, and has not had their four.
_FITS = (
    messages.c.text_id.is_not(None),
    accounts.c.person_id == messages.c.person_id,
    or_(accounts.c.unreachable_since.is_(None), accounts.c.unreachable_reason == AWAITS_CONTACT),
    _HAD < A_MONTH,
)


def fits(audiences: Audiences, congress_id: int) -> ColumnElement[bool]:
    """Whether a row of `outbox`, with its message, account and person, may go by one; asks for the parameter month."""
    return and_(*_FITS, audiences.skipped(congress_id) == "")


_OPEN = mass_sends.c.state.in_([literal_column(f"'{state}'") for state in ("ready", "calling", "asked")])
_IS_ASKED = mass_sends.c.state == literal_column("'asked'")
_NOW = bindparam("now", type_=mass_sends.c.due_at.type)
_IS_DUE = select(mass_sends.c.id).where(_OPEN, mass_sends.c.due_at <= _NOW).limit(1)
_WAITING = select(mass_sends.c.id).where(_OPEN, ~_IS_ASKED, mass_sends.c.channel == bindparam("channel")).limit(1)
_IN_HAND = select(mass_sends.c.id).where(_OPEN, mass_sends.c.until > _NOW).limit(1)
_DUE = (
    select(
        mass_sends,
        announcements.c.congress_id,
        congresses.c.rules,
        congresses.c.timezone,
        IS_URGENT.label("is_urgent"),
        texts.c.body.label("text"),
    )
    .join(announcements, announcements.c.id == mass_sends.c.announcement_id)
    .join(congresses, congresses.c.id == announcements.c.congress_id)
    .join(texts, texts.c.id == mass_sends.c.text_id)
    .where(_OPEN, mass_sends.c.due_at <= _NOW, mass_sends.c.channel == bindparam("channel"))
    .where(or_(_IS_ASKED, announcements.c.state == AnnouncementState.SENDING))
    .order_by(mass_sends.c.id)
    # Whoever pauses one, or stops it, waits for us or is waited for.
    .with_for_update(of=announcements, skip_locked=True)
)
_ROWS = (
    select(outbox.c.message_id)
    .join(messages, messages.c.id == outbox.c.message_id)
    .join(accounts, accounts.c.id == outbox.c.account_id)
    .join(people, people.c.id == messages.c.person_id)
    .where(among(outbox.c.message_id, "rows"))
    .order_by(outbox.c.message_id)
)
# Not joined: PostgreSQL would go through all that was ever sent, where it does not know yet how large a new one is.
_BECAME = select(outbox.c.state).where(outbox.c.message_id == mass_send_rows.c.message_id).scalar_subquery()
MASSED = (
    select(mass_send_rows.c.message_id)
    .where(mass_send_rows.c.mass_send_id == bindparam("mass_send"), _BECAME.in_(["massed"]))
    .order_by(mass_send_rows.c.message_id)
)
_ADDRESSES = MASSED.join(accounts, accounts.c.id == mass_send_rows.c.account_id).with_only_columns(accounts.c.address)


class MassSends:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def is_any_due(self) -> bool:
        return self._unit.read(_IS_DUE, {"now": self._now}).first() is not None

    def is_any_waiting(self, channel: str) -> bool:
        """Whether any is to be called for, however long that has been in vain."""
        return self._unit.read(_WAITING, {"channel": channel}).first() is not None

    # --- calling

    def claim(self, channel: str, token: str, lasting: timedelta, audiences: Audiences) -> Errand | None:
        """What is to be called for next, or asked about; ours until it is recorded, or that time is over. One at a
        time, whatever the number of replicas. None: nothing now."""
        _, paused_until = Paces(self._unit, self._now).of(kind_of(channel))  # ours alone until our commit
        if paused_until > self._now:
            later = mass_sends.c.channel == channel, mass_sends.c.due_at < paused_until
            self._unit.write(update(mass_sends).where(_OPEN, *later).values(due_at=paused_until))
            return None
        if self._unit.read(_IN_HAND, {"now": self._now}).first() is not None:
            return None
        for row in self._unit.read(_DUE, {"now": self._now, "channel": channel}).all():
            if row.state == State.ASKED:
                found = self._to_ask_about(row)
            elif quiet := quiet_until(row, self._now):
                self._set(row.id, due_at=quiet)
                continue
            elif row.state == State.READY and not self._is_checked(row, audiences):
                return None  # it goes on at the next look
            else:
                found = self._to_call_for(row)
            if found is not None:
                self._set(row.id, token=token, until=self._now + lasting)
                return found._replace(token=token)
        return None

    def _to_ask_about(self, row: AnyRow) -> Errand | None:
        if row.number:
            return _errand(row, ())
        self._close(row.id, SENT)  # it was repeated, and nobody told us its number
        return None

    def _is_checked(self, row: AnyRow, audiences: Audiences) -> bool:
        """Leave out some more of those who may not get it any more; whether all have been looked at. It counts for the
        month before that, so that two of them are not both the fourth."""
        month = month_of(self._now)
        upto = row.upto if row.month == month else 0
        self._set(row.id, month=month)
        page = MASSED.where(mass_send_rows.c.message_id > upto).limit(CHECKED)
        ids = list(self._unit.read(page, {"mass_send": row.id}).scalars())
        statement = _ROWS.add_columns(fits(audiences, row.congress_id).label("fits"))
        rows = self._unit.read(statement, {"rows": ids, "month": month, "own": row.id}).all() if ids else []
        self._leave_out([one.message_id for one in rows if not one.fits])
        self._set(row.id, upto=ids[-1] if ids else upto)
        return len(ids) < CHECKED

    def _to_call_for(self, row: AnyRow) -> Errand | None:
        """Whoever the platform may have it for already stays."""
        is_new = row.state == State.READY
        if not is_new and row.called_at <= self._now - KEY_COUNTS_FOR:
            self._set(row.id, due_at=self._now + TOLD_WITHIN)  # it is not called for again
            return None
        people = self._unit.read(_ADDRESSES, {"mass_send": row.id}).scalars().all()
        if len(people) < FEWEST:
            self._close(row.id, LET_GO if is_new else UNSURE)
            return None
        if is_new:
            self._set(row.id, state=State.CALLING, called_at=self._now, people=len(people))
        return _errand(row, people)

    def _leave_out(self, ids: Collection[int]) -> None:
        """These wait for their people again."""
        if ids:
            held = {"state": "held", "failure": AWAITS_CONTACT}
            self._unit.write(update(outbox).where(outbox.c.message_id.in_(ids)).values(held))
            self._unit.write(delete(mass_send_rows).where(mass_send_rows.c.message_id.in_(ids)))

    # --- what came of a call

    def asked(self, errand: Errand, number: str) -> bool:
        """The platform has it, under this number of its own. False where somebody else has it in hand."""
        return self._record(errand, state=State.ASKED, number=number, due_at=self._now + TOLD_WITHIN, tries=0)

    def again(self, errand: Errand, at: datetime) -> None:
        """Nobody knows; to be tried again with the same key."""
        self._record(errand, due_at=at, tries=errand.tries + 1)

    def not_now(self, errand: Errand, at: datetime) -> None:
        """The platform refused it for the moment: whoever may get it then is asked anew, unless it may have it."""
        state = {} if errand.is_again else {"state": State.READY, "month": "", "upto": 0, "called_at": None}
        self._record(errand, due_at=at, **state)

    def refused(self, errand: Errand, why: str) -> None:
        """It never will be sent."""
        if self._record(errand):
            self._close(errand.id, why)

    def note(self, channel: str, result: MassSent) -> None:
        """What a platform tells, whether or not we know of that one yet; what it tells again changes nothing."""
        values = {**result._asdict(), "became": result.became[:40], "channel": channel, "at": self._now}
        new = insert_or_else(mass_results, self._unit.dialect).values(values)
        self._unit.write(new.on_conflict_do_nothing())

    def is_first(self, errand: Errand) -> bool:
        """Whether it is the first of its announcement that the platform has."""
        others = mass_sends.c.announcement_id == errand.announcement, mass_sends.c.id != errand.id
        return (
            self._unit.read(select(mass_sends.c.id).where(*others, mass_sends.c.number != "").limit(1)).first() is None
        )

    def _record(self, errand: Errand, **values: Any) -> bool:
        mine = mass_sends.c.id == errand.id, mass_sends.c.token == errand.token
        changed = update(mass_sends).where(*mine, _OPEN).values(token="", until=None, **values)
        return self._unit.write(changed).rowcount > 0

    def _set(self, id_: int, **values: Any) -> None:
        self._unit.write(update(mass_sends).where(mass_sends.c.id == id_).values(**values))

    def _close(self, id_: int, became: str) -> None:
        close(self._unit, mass_sends.c.id == id_, became)


def close(unit: Unit, which: ColumnElement[bool], became: str) -> None:
    """Their rows hear of that next (see storage.mass_gathering)."""
    void = {} if became in _COUNTS else {"month": ""}
    values = {"state": State.CLOSING, "became": became[:40], "token": "", "until": None, **void}
    unit.write(update(mass_sends).where(which).values(values))


def tell_author(
    unit: Unit, now: datetime, number: int, channels: Collection[str], say: Callable[[str], str]
) -> set[tuple[str, int]]:
    """Tell the author of an announcement what `say` gives in their language, by one of these channels; gives the
    (channel, account id) for which something waits now."""
    author = unit.read(select(announcements.c.author_id).where(announcements.c.id == number)).scalar_one()
    found = Arrivals(unit, now).guests_of([author], channels).get(author)
    if found is None or found[0] not in channels:
        return set()
    channel, guest = found
    Arrivals(unit, now).post([Letter(channel, guest.account_id, author, say(guest.person.language), priority=1)])
    return {(channel, guest.account_id)}


def _errand(row: AnyRow, people: Sequence[str]) -> Errand:
    again = row.state != State.READY
    return Errand(row.id, row.announcement_id, "", row.key, row.text, people, row.number, row.tries, again)
