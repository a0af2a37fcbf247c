"""What is reported of projects: inspection notes, reports of the implementing body; and what came of reception days."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, update

from storage.audit import Actor, Audit
from storage.database import AnyRow, Unit
from storage.domain.cadence import Duty
from storage.tables import note_people, notes, people, texts
from storage.texts import keep_text

PAGE = 20
CORRECTED_WITHIN = timedelta(hours=24)
NEAR = 500.0  # metres from a project's cells


class Standing(StrEnum):
    """How a project stands, by who reports of it."""

    ON_PLAN = "on_plan"
    SLOW = "slow"
    STOPPED = "stopped"
    FINISHED = "finished"
    UNABLE = "unable"  # 本月无法督查; the text says why


class Nearness(StrEnum):
    """Where somebody was who reported, seen from the project's cells."""

    INSIDE = "inside"
    NEAR = "near"  # at most `NEAR` away
    FAR = "far"


class Part(StrEnum):
    """What somebody did at an inspection of several people (三个一). Where nobody led, its author did."""

    LED = "led"
    CAME = "came"
    EXPERT = "expert"


class TooLate(Exception):
    """A note is corrected by its author for `CORRECTED_WITHIN` only."""


@dataclass(frozen=True, slots=True)
class TookPart:
    """Somebody besides the author. Who is unknown to us is a name only."""

    part: Part
    person: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A note to be added. `project` is None on a reception day, `standing` on one that was held.

    `progress` and `planned` are in per cent, `received` counts residents; the place is in degrees, WGS 84, and
    `nearness` None where nobody told it or the cells have no polygons.
    """

    congress_id: int
    project: int | None
    kind: Duty
    author: int
    standing: Standing | None
    progress: int | None = None
    planned: int | None = None
    text: str = ""
    latitude: float | None = None
    longitude: float | None = None
    nearness: Nearness | None = None
    satisfied: bool | None = None
    received: int | None = None
    people: tuple[TookPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Note(New):
    """A note as it stands."""

    id: int
    at: datetime
    corrected_at: datetime | None

    def may_be_corrected(self, now: datetime) -> bool:
        return now - self.at < CORRECTED_WITHIN


def nearness(metres: float | None) -> Nearness | None:
    """Of a place so far from a project's cells; None stays None."""
    if metres is None:
        return None
    return Nearness.INSIDE if metres <= 0 else Nearness.NEAR if metres <= NEAR else Nearness.FAR


_PLAIN = ("standing", "progress", "planned", "latitude", "longitude", "nearness", "satisfied", "received")
_ADD, _ADD_PERSON = insert(notes), insert(note_people)
_NOTE = (
    notes.c.id,
    notes.c.congress_id,
    notes.c.project_id,
    notes.c.kind,
    notes.c.author_id,
    *(notes.c[name] for name in _PLAIN),
    notes.c.at,
    notes.c.corrected_at,
    texts.c.body,
)


class Notes:
    """Whose words and names are read is noted in `shown`."""

    def __init__(self, unit: Unit, now: datetime, actor: Actor, audit: Audit, shown: set[int] | None = None) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown = set() if shown is None else shown

    # --- writing

    def add(self, new: New) -> int:
        """Store a note and give its id."""
        (note_id,) = self._unit.numbers(notes, 1)
        text_id = keep_text(self._unit, self._now, new.text, new.author) if new.text else None
        row = {name: getattr(new, name) for name in _PLAIN}
        belongs = {"congress_id": new.congress_id, "project_id": new.project, "kind": new.kind}
        self._unit.later(
            _ADD, {"id": note_id, **belongs, "author_id": new.author, **row, "text_id": text_id, "at": self._now}
        )
        self._set_people(note_id, new.people)
        after = {"kind": new.kind, "standing": new.standing, "progress": new.progress, "text": text_id}
        self._audit.record("add", "note", note_id, None, after)
        return note_id

    def correct(self, note_id: int, **values: Any) -> list[str]:
        """Change answers of a note (fields of `New`); gives which of them are others now. Raises TooLate.

        A text is a new one; the one before stays in the log.
        """
        self._unit.read(select(notes.c.id).where(notes.c.id == note_id).with_for_update())
        note = self.get(note_id)
        if note is None or not note.may_be_corrected(self._now):
            raise TooLate
        changed = sorted(name for name, value in values.items() if _kept(getattr(note, name)) != _kept(value))
        if not changed:
            return []
        before = {name: _logged(getattr(note, name)) for name in changed}
        after = {name: _logged(values[name]) for name in changed}
        columns = {name: values[name] for name in changed if name in _PLAIN}
        if "text" in changed:
            before["text"] = self._unit.read(select(notes.c.text_id).where(notes.c.id == note_id)).scalar()
            after["text"] = columns["text_id"] = keep_text(self._unit, self._now, values["text"], note.author)
        if "people" in changed:
            self._unit.write(delete(note_people).where(note_people.c.note_id == note_id))
            self._set_people(note_id, values["people"])
        self._unit.write(update(notes).where(notes.c.id == note_id).values(corrected_at=self._now, **columns))
        self._audit.record("correct", "note", note_id, before, after)
        return changed

    def _set_people(self, note_id: int, took_part: Iterable[TookPart]) -> None:
        rows = [
            {
                "note_id": note_id,
                "position": position,
                "part": one.part,
                "person_id": one.person,
                "name": "" if one.person else one.name,
            }
            for position, one in enumerate(took_part, 1)
        ]
        self._unit.later(_ADD_PERSON, *rows)

    # --- reading

    def get(self, note_id: int) -> Note | None:
        return next(iter(self._read(notes.c.id == note_id, None, None)), None)

    def of_project(self, number: int, below: int | None = None, limit: int | None = PAGE) -> list[Note]:
        """The notes about a project, newest first, with ids under `below`."""
        return self._read(notes.c.project_id == number, below, limit)

    def of_congress(self, congress_id: int, below: int | None = None, limit: int | None = PAGE) -> list[Note]:
        """All that was reported to a congress; as `of_project`."""
        return self._read(notes.c.congress_id == congress_id, below, limit)

    def of_author(self, person_id: int, below: int | None = None, limit: int | None = PAGE) -> list[Note]:
        """What somebody reported; as `of_project`."""
        return self._read(notes.c.author_id == person_id, below, limit)

    def _read(self, condition: ColumnElement[bool], below: int | None, limit: int | None) -> list[Note]:
        query = select(*_NOTE).outerjoin(texts, texts.c.id == notes.c.text_id).where(condition)
        newest = query.order_by(notes.c.id.desc()).limit(limit)
        rows = self._unit.read(newest if below is None else newest.where(notes.c.id < below)).all()
        took_part = self._people([row.id for row in rows])
        self._shown.update(row.author_id for row in rows)
        return [_note(row, tuple(took_part[row.id])) for row in rows]

    def _people(self, note_ids: Sequence[int]) -> dict[int, list[TookPart]]:
        found: dict[int, list[TookPart]] = {note_id: [] for note_id in note_ids}
        if not found:
            return found
        rows = self._unit.read(
            select(
                note_people.c.note_id,
                note_people.c.part,
                note_people.c.person_id,
                note_people.c.name,
                people.c.name.label("known_as"),
            )
            .outerjoin(people, people.c.id == note_people.c.person_id)
            .where(note_people.c.note_id.in_(list(found)))
            .order_by(note_people.c.note_id, note_people.c.position)
        )
        for note_id, part, person, name, known_as in rows:
            found[note_id].append(TookPart(Part(part), person, name if person is None else known_as))
            self._shown.update({person} if person else ())
        return found


def _note(row: AnyRow, took_part: tuple[TookPart, ...]) -> Note:
    plain = {name: getattr(row, name) for name in _PLAIN}
    plain["standing"] = Standing(row.standing) if row.standing else None
    plain["nearness"] = Nearness(row.nearness) if row.nearness else None
    return Note(
        id=row.id,
        congress_id=row.congress_id,
        project=row.project_id,
        kind=Duty(row.kind),
        author=row.author_id,
        text=row.body or "",
        people=took_part,
        at=row.at,
        corrected_at=row.corrected_at,
        **plain,
    )


def _kept(value: Any) -> Any:
    """As the tables hold it: of who is known, no name."""
    if _is_people(value):
        return [(one.part, one.person, one.name if one.person is None else "") for one in value]
    return value


def _is_people(value: Any) -> bool:
    return isinstance(value, tuple)


def _logged(value: Any) -> Any:
    """As the log holds it: ids and codes, no names."""
    return [[one.part, one.person] for one in value] if _is_people(value) else value
