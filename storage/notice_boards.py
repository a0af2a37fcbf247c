"""The public boards of congresses: announcements that were sent, read by people whom nobody knows."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from storage.announcements import IS_CURRENT, Announcement, Announcements
from storage.audit import Actor, Audit
from storage.database import Unit
from storage.domain.announcements import PUBLIC, Correction, State, Step
from storage.tables import announcement_reviews, announcement_versions, announcements, congresses

# One that was stopped stands there still where another has taken its place, to lead to that.
_STOPPED = frozenset({State.STOPPING, State.STOPPED})
_BOARD = (congresses.c.id, congresses.c.name, congresses.c.timezone)
_POSTED = (
    select(announcements.c.id)
    .join(announcement_versions, IS_CURRENT)
    .where(
        announcements.c.congress_id == congresses.c.id,
        announcements.c.state.in_(sorted(PUBLIC)),
        announcement_versions.c.on_board,
    )
)


@dataclass(frozen=True, slots=True)
class Board:
    """The board of the congress `id`, whose name it bears."""

    id: int
    name: str
    timezone: str

    def day_of(self, one: Announcement) -> date:
        """The day there on which it was posted."""
        return self.day(one.started_at or one.send_at or one.created_at)

    def day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.timezone)).date()


@dataclass(frozen=True, slots=True)
class Posted:
    """One announcement of a board. `correction` took its place or took it back; `corrects` is the one whose place it
    took. `signed`: the steps that led to it, in order, each with its day."""

    one: Announcement
    signed: tuple[tuple[Step, date], ...]
    correction: Announcement | None
    corrects: Announcement | None

    @property
    def is_taken_back(self) -> bool:
        """Its words and files are not to be had any more."""
        return self.correction is not None and self.correction.correction is Correction.RECALL


class NoticeBoards:
    """Names of people are never read here."""

    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit = unit
        self._announcements = Announcements(unit, now, Actor(), Audit(unit, now, Actor()))

    def all(self) -> list[Board]:
        """Those with anything on them."""
        rows = self._unit.read(select(*_BOARD).where(_POSTED.exists()).order_by(congresses.c.id))
        return [Board(*row) for row in rows]

    def of(self, congress_id: int) -> Board | None:
        """That of a congress, with anything on it or not; None where there is no such congress."""
        row = self._unit.read(select(*_BOARD).where(congresses.c.id == congress_id)).first()
        return Board(*row) if row else None

    def page(self, board: Board, below: int | None, limit: int) -> list[Announcement]:
        """What stands there and was not corrected or taken back since, newest first."""
        return self._announcements.on_board([board.id], below, limit)

    def posted(self, board: Board, number: int) -> Posted | None:
        """One that stands there, or stood there until another took its place."""
        one = self._announcements.get(number)
        if one is None or one.congress_id != board.id or not one.content.on_board:
            return None
        correction = self._announcements.corrected_by(number)
        was_replaced = correction is not None and one.started_at is not None and one.state in _STOPPED
        if one.state not in PUBLIC and not was_replaced:
            return None
        corrects = self._announcements.get(one.corrects) if one.corrects else None
        return Posted(one, self._signed(board, one), correction, corrects)

    def _signed(self, board: Board, one: Announcement) -> tuple[tuple[Step, date], ...]:
        versions, reviews = announcement_versions.c, announcement_reviews.c
        written = select(versions.at).where(versions.announcement_id == one.number, versions.version == one.version)
        steps = (
            select(reviews.step, reviews.at)
            .where(reviews.announcement_id == one.number, reviews.version == one.version)
            .order_by(reviews.id)
        )
        taken = [(Step(step), at) for step, at in self._unit.read(steps)]
        agreed = [(step, at) for step, at in taken if step is not Step.SUBMIT]
        # Where its author alone decides, to hand it in is to issue it.
        agreed = agreed or [(Step.APPROVE, at) for _, at in taken]
        drafted = (Step.SUBMIT, self._unit.read(written).scalar_one())
        return tuple((step, board.day(at)) for step, at in (drafted, *agreed))


def stands(one: Announcement) -> bool:
    """Whether it can be read on the board of its congress."""
    return one.state in PUBLIC and one.content.on_board
