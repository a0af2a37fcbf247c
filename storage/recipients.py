"""Who gets an announcement: a row for each, written down before the first is sent to, so many at a time."""

from dataclasses import astuple
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, and_, case, func, literal, null, select, update

from storage.announcements import Announcement
from storage.audiences import Audiences
from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.tables import accounts, announcement_recipients, announcements, outbox, people

CHUNK = 2_000  # ids of people, each of whom may belong; how many it is, decides for how long others wait
SEVERAL = 8  # named areas and the like that cost about as much to ask about as all else

_earlier, _sent = announcement_recipients.alias("earlier"), outbox.alias("sent")
_COLUMNS = ("announcement_id", "person_id", "account_id", "channel", "cell_id", "skipped", "edits_id")


class Recipients:
    """Of an announcement that begins; whoever joins its audience later finds it on the board."""

    def __init__(self, unit: Unit, now: datetime, audiences: Audiences, chunk: int = CHUNK) -> None:
        self._unit, self._now, self._audiences, self._chunk = unit, now, audiences, chunk

    def begin(self, one: Announcement) -> None:
        """Nobody is written down yet; who is known now may be. Nothing changes where it has begun before."""
        last = self._unit.read(select(func.max(people.c.id))).scalar() or 0
        fresh = announcements.c.id == one.number, announcements.c.last_person.is_(None)
        self._unit.write(
            update(announcements).where(*fresh).values(prepared_to=0, last_person=last, started_at=self._now)
        )

    def prepare(self, one: Announcement) -> bool:
        """Write down some more; False when all are. As it is one transaction with the note of how far it went, nobody
        is left out or comes twice, whenever it ends."""
        mine = announcements.c.id == one.number
        # Locked, so that of two replicas the second goes on where the first one ends.
        at = select(announcements.c.prepared_to, announcements.c.last_person).where(mine).with_for_update()
        done, last = self._unit.read(at).one()
        if done is None:
            return False
        upto = self._write_down(one, done, last)
        goes_on: bool = upto < last
        self._unit.write(update(announcements).where(mine).values(prepared_to=upto if goes_on else None))
        return goes_on

    def _write_down(self, one: Announcement, done: int, last: int) -> int:
        """The chunk after the person `done`; gives the last one that was looked at."""
        congress, audience = one.congress_id, one.content.audience
        if done == 0 and self._audiences.is_small(congress, audience, self._chunk):
            self._insert(one, people.c.id <= last, self._audiences.members(congress, audience))
            return last
        upto = min(done + self._at_once(one), last)
        of_these = people.c.id > done, people.c.id <= upto
        self._insert(one, *of_these, self._audiences.belongs(congress, audience))
        return upto

    def _at_once(self, one: Announcement) -> int:
        """The more is asked about each person, the fewer at a time."""
        audience = one.content.audience
        asked = sum(len(names) for groups in (audience.those, audience.without) for names in astuple(groups))
        return max(1, self._chunk * SEVERAL // (SEVERAL + asked))

    def _insert(self, one: Announcement, *belong: ColumnElement[bool]) -> None:
        """Write down those who belong, each with the account that reaches them best; of a correction rather the one
        that got what is corrected."""
        audience = one.content.audience
        found, got = (people, None) if one.corrects is None else _who_got(one.corrects)
        best = self._audiences.best_account(audience, one.corrects)
        rows = (
            select(
                literal(one.number),
                people.c.id,
                accounts.c.id,
                func.coalesce(accounts.c.channel, ""),
                people.c.cell_id,
                self._audiences.skipped(one.congress_id, one.corrects),
                null() if got is None else case((got == accounts.c.id, _earlier.c.message_id)),
            )
            .select_from(found.outerjoin(accounts, accounts.c.id == best))
            .where(*belong)
        )
        # Two records may turn out to be one person, written down already, while others still are.
        new = insert_or_else(announcement_recipients, self._unit.dialect).from_select(_COLUMNS, rows)
        self._unit.write(new.on_conflict_do_nothing())


def _who_got(number: int) -> tuple[FromClause, ColumnElement[int]]:
    """People, with the account by which an announcement was sent to them."""
    mine = and_(_earlier.c.announcement_id == number, _earlier.c.person_id == people.c.id)
    sent = and_(_sent.c.message_id == _earlier.c.message_id, _sent.c.state == "sent")
    return people.outerjoin(_earlier, mine).outerjoin(_sent, sent), _sent.c.account_id
