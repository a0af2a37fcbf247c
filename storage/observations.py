"""Observations: what residents say they see of a project, summed up every week for those who watch over it, and what
they were answered."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, insert, select, update

from storage.audit import Actor, Audit
from storage.calendar import Calendar, published
from storage.conversations import Conversations
from storage.database import Unit
from storage.domain.areas import Area
from storage.domain.roles import Role
from storage.domain.weekly_summary import are_at_work, summed_up_at
from storage.projects import Project, Projects
from storage.tables import accounts, congresses, liaisons, observations, project_cells, projects, roles, texts
from storage.texts import keep_text

PAGE = 20
CONGRESSES = 5  # in a chunk
SUMMARY_PROMPT = "seen"  # the conversation that sums up (handlers.observations)


@dataclass(frozen=True, slots=True)
class NewObservation:
    """What somebody says. `cell` is the id of an area; the place is in degrees, WGS 84."""

    congress_id: int
    project: int
    author: int
    text: str
    cell: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What somebody said, with the title of the project; and what they were answered, None as long as nobody has."""

    number: int
    congress_id: int
    project: int
    title: str
    author: int
    text: str
    cell: int | None
    at: datetime
    answer: str | None
    answered_at: datetime | None


_answers = texts.alias("answers")
_COLUMNS = (
    observations.c.id,
    observations.c.congress_id,
    observations.c.project_id,
    projects.c.title,
    observations.c.author_id,
    texts.c.body.label("text"),
    observations.c.cell_id,
    observations.c.at,
    _answers.c.body.label("answer"),
    observations.c.answered_at,
)
_ADD = insert(observations)
_UNTOLD = observations.c.told_at.is_(None)


class Observations:
    """Whose words are read is noted in `shown`."""

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        actor: Actor,
        audit: Audit,
        shown: set[int] | None = None,
        calendar: Calendar = published,
    ) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown, self._calendar = set() if shown is None else shown, calendar

    # --- writing

    def add(self, new: NewObservation) -> int:
        """Keep what somebody saw, and give its number."""
        (number,) = self._unit.numbers(observations, 1)
        text_id = keep_text(self._unit, self._now, new.text, new.author)
        about = {"congress_id": new.congress_id, "project_id": new.project, "author_id": new.author}
        place = {"cell_id": new.cell, "latitude": new.latitude, "longitude": new.longitude}
        self._unit.later(_ADD, {"id": number, **about, "text_id": text_id, **place, "at": self._now})
        self._audit.record("add", "observation", number, None, {"project": new.project})
        return number

    def answer(self, number: int, words: str) -> bool:
        """Answer it, in the name of the congress; False where somebody was faster."""
        unanswered = select(observations.c.id).where(observations.c.id == number, observations.c.answered_at.is_(None))
        if self._unit.read(unanswered.with_for_update()).first() is None:
            return False
        answer_id = keep_text(self._unit, self._now, words, None)
        values = {"answer_id": answer_id, "answered_by": self._actor.person_id, "answered_at": self._now}
        self._unit.write(update(observations).where(observations.c.id == number).values(**values))
        self._audit.record("answer", "observation", number, None, {"text": answer_id})
        return True

    # --- reading

    def projects_near(self, area: Area, below: int | None = None, limit: int | None = PAGE) -> list[Project]:
        """The projects that are built in an area, or in one above it as a whole, newest first."""
        placed = select(project_cells.c.project_id).where(project_cells.c.area_id.in_(area.ids)).distinct()
        if below is not None:
            placed = placed.where(project_cells.c.project_id < below)
        found = self._unit.read(placed.order_by(project_cells.c.project_id.desc()).limit(limit)).scalars().all()
        return Projects(self._unit, self._now, self._actor, self._audit).many(found)

    def get(self, number: int) -> Observation | None:
        return next(iter(self._read(observations.c.id == number)), None)

    def of_author(self, person_id: int, below: int | None = None, limit: int | None = PAGE) -> list[Observation]:
        """Newest first, as all lists here."""
        return self._read(observations.c.author_id == person_id, below=below, limit=limit)

    def of_project(self, number: int, below: int | None = None, limit: int | None = PAGE) -> list[Observation]:
        return self._read(observations.c.project_id == number, below=below, limit=limit)

    def unanswered(
        self, congress_ids: Collection[int], charged: Collection[int], below: int | None = None, limit: int = PAGE
    ) -> list[Observation]:
        """Those about all projects of some congresses, and about some projects, that nobody has answered; without what
        its author wanted to be forgotten."""
        found = dict[int, Observation]()
        for theirs in (
            observations.c.congress_id.in_(sorted(congress_ids)),
            observations.c.project_id.in_(sorted(charged)),
        ):
            still = observations.c.answered_at.is_(None), texts.c.blanked_at.is_(None)
            found |= {one.number: one for one in self._read(theirs, *still, below=below, limit=limit)}
        return sorted(found.values(), key=lambda one: -one.number)[:limit]

    def _read(
        self, *conditions: ColumnElement[bool], below: int | None = None, limit: int | None = None
    ) -> list[Observation]:
        query: Select[*tuple[Any, ...]] = (
            select(*_COLUMNS)
            .join(projects, projects.c.id == observations.c.project_id)
            .join(texts, texts.c.id == observations.c.text_id)
            .outerjoin(_answers, _answers.c.id == observations.c.answer_id)
            .where(*conditions)
            .order_by(observations.c.id.desc())
            .limit(limit)
        )
        rows = self._unit.read(query if below is None else query.where(observations.c.id < below)).all()
        self._shown.update(row.author_id for row in rows)
        return [Observation(*row) for row in rows]

    # --- summing up

    def sum_up(self, after: int) -> tuple[int | None, bool]:
        """Prompt those who are to read what was seen in the next few congresses, where a week is over and people are at
        work. Gives the last of these, None at the end; and whether anybody was prompted."""
        untold = select(observations.c.congress_id).where(_UNTOLD, observations.c.congress_id > after).distinct()
        found = self._unit.read(untold.order_by(observations.c.congress_id).limit(CONGRESSES)).scalars().all()
        zones = select(congresses.c.id, congresses.c.timezone).where(congresses.c.id.in_(found))
        days, prompted = self._calendar(), set[int]()
        for congress_id, timezone in self._unit.read(zones).all() if found else ():
            zone = ZoneInfo(timezone)
            if are_at_work(self._now, zone, days):
                prompted |= self._tell(congress_id, summed_up_at(self._now, zone, days))
        Conversations(self._unit, self._now).prompt_once(prompted, SUMMARY_PROMPT)
        return (found[-1] if len(found) == CONGRESSES else None), bool(prompted)

    def _tell(self, congress_id: int, until: datetime) -> set[int]:
        """Who is to read what was said until then; it counts as told."""
        week = observations.c.congress_id == congress_id, _UNTOLD, observations.c.at < until
        of_interest = select(observations.c.project_id).where(*week, observations.c.answered_at.is_(None)).distinct()
        numbers = self._unit.read(of_interest).scalars().all()
        # Of two replicas only one marks them as told, and tells.
        told = self._unit.write(update(observations).where(*week).values(told_at=self._now)).rowcount
        return self._readers(congress_id, numbers) if told and numbers else set()

    def _readers(self, congress_id: int, numbers: Collection[int]) -> set[int]:
        """The staff, and the deputies charged with these projects, as far as they can be written to."""
        staff = select(roles.c.person_id).where(
            roles.c.congress_id == congress_id, roles.c.role == Role.STAFF, roles.c.revoked_at.is_(None)
        )
        deputies = select(liaisons.c.person_id).where(liaisons.c.project_id.in_(numbers), liaisons.c.left_at.is_(None))
        everybody = {*self._unit.read(staff).scalars(), *self._unit.read(deputies).scalars()}
        reached = select(accounts.c.person_id).where(accounts.c.person_id.in_(sorted(everybody)))
        return set(self._unit.read(reached).scalars()) if everybody else set()
