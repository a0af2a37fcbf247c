"""Announcements as they are written and agreed to, version by version; what is sent stands in storage.broadcasting."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, insert, select, update

from storage.audit import Actor, Audit
from storage.database import AnyRow, Unit
from storage.domain.announcements import (
    OPEN,
    PUBLIC,
    Correction,
    Kind,
    Refusal,
    State,
    Step,
    allowed_from,
    may_follow,
    refusal_of_step,
    state_after,
)
from storage.domain.audience import Audience, Reached
from storage.domain.rules import Rules
from storage.tables import (
    announcement_recipients,
    announcement_reviews,
    announcement_versions,
    announcements,
    congresses,
    people,
    texts,
)
from storage.texts import keep_text

PAGE = 20


class NotAllowed(Exception):
    """An announcement stays as it is; `why` says what is in the way."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Content:
    """What is to be announced to whom, and when (None: at once). Everything that those who agree to it see.

    `button` names what its button begins (see handlers.texts.announcements), `files` are (digest, name, media type),
    the first one stands above the text. `urgent`: why it cannot wait for all reviews; empty: it can.
    """

    kind: Kind
    title: str
    text: str
    audience: Audience
    link: str = ""
    button: str = ""
    files: tuple[tuple[str, str, str], ...] = ()
    on_board: bool = True
    send_at: datetime | None = None
    urgent: str = ""


@dataclass(frozen=True, slots=True)
class Announcement:
    """One as it stands, in its current version."""

    number: int
    congress_id: int
    state: State
    version: int
    author: int
    created_at: datetime
    corrects: int | None
    correction: Correction | None
    send_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    content: Content
    writer: int  # of this version
    reach: Mapping[str, Any] | None  # how many people that is, see storage.audiences.Reach; None: not counted yet


@dataclass(frozen=True, slots=True)
class Signed:
    """What somebody did to a version. `reason`: why it was sent back."""

    version: int
    step: Step
    person: int
    name: str
    at: datetime
    reason: str


_titles, _bodies, _reasons = texts.alias("titles"), texts.alias("bodies"), texts.alias("reasons")
_COLUMNS = (
    announcements.c.id,
    announcements.c.congress_id,
    announcements.c.state,
    announcements.c.version,
    announcements.c.author_id,
    announcements.c.created_at,
    announcements.c.corrects_id,
    announcements.c.correction,
    announcements.c.send_at,
    announcements.c.started_at,
    announcements.c.ended_at,
    announcement_versions.c.kind,
    _titles.c.body.label("title"),
    _bodies.c.body.label("text"),
    announcement_versions.c.audience,
    announcement_versions.c.reach,
    announcement_versions.c.written_by,
    announcement_versions.c.link,
    announcement_versions.c.button,
    announcement_versions.c.files,
    announcement_versions.c.on_board,
    announcement_versions.c.send_at.label("wanted_at"),
    _reasons.c.body.label("urgent"),
)
# Of all versions of an announcement, the one that counts.
IS_CURRENT = and_(
    announcement_versions.c.announcement_id == announcements.c.id,
    announcement_versions.c.version == announcements.c.version,
)
_IS_STARTED = announcements.c.started_at.is_not(None)
_WHOLE: Select[*tuple[Any, ...]] = (
    select(*_COLUMNS)
    .join(announcement_versions, IS_CURRENT)
    .join(_titles, _titles.c.id == announcement_versions.c.title_id)
    .join(_bodies, _bodies.c.id == announcement_versions.c.text_id)
    .outerjoin(_reasons, _reasons.c.id == announcement_versions.c.urgent_id)
)


class Announcements:
    """Changes raise NotAllowed where the rules do not allow them. Whose names are read is noted in `shown`."""

    def __init__(self, unit: Unit, now: datetime, actor: Actor, audit: Audit, shown: set[int] | None = None) -> None:
        self._unit, self._now, self._actor, self._audit = unit, now, actor, audit
        self._shown = set() if shown is None else shown

    # --- writing

    def add(
        self,
        congress_id: int,
        content: Content,
        *,
        corrects: int | None = None,
        correction: Correction | None = None,
    ) -> int:
        """Keep a new one as a draft of whoever acts, and give its number. One is corrected by one other at a time, so
        that it is clear which counts."""
        if corrects is not None:
            self.locked(corrects)
            if self.correction_of(corrects):
                raise NotAllowed(Refusal.CORRECTED)
        (number,) = self._unit.numbers(announcements, 1)
        author = self._author()
        row = {"id": number, "congress_id": congress_id, "state": State.DRAFT, "version": 1, "author_id": author}
        about = {"corrects_id": corrects, "correction": correction or "", "created_at": self._now}
        self._unit.write(insert(announcements), {**row, **about})
        self._keep(number, 1, content, author)
        self._audit.record("add", "announcement", number, None, {"version": 1, "corrects": corrects})
        return number

    def change(self, number: int, seen: int, content: Content) -> int:
        """Write it anew, by who saw version `seen`; gives the new version. Everybody has to agree to it anew."""
        one = self.locked(number)
        if one.version != seen:
            raise NotAllowed(Refusal.CHANGED)
        if one.state not in OPEN:
            raise NotAllowed(Refusal.NOT_NOW)
        version = one.version + 1
        self._set(number, version=version, state=State.DRAFT)
        self._keep(number, version, content, self._author())
        self._audit.record("change", "announcement", number, {"version": one.version}, {"version": version})
        return version

    def sign(self, number: int, seen: int, step: Step, rules: Rules, reason: str = "") -> State:
        """Take a step on version `seen`; gives the state that follows."""
        one = self.locked(number)
        if one.version != seen:
            raise NotAllowed(Refusal.CHANGED)
        signed = {done.step: done.person for done in self.signed(number) if done.version == seen}
        person, may_be_urgent = self._author(), rules.announcement_urgent
        if refusal := refusal_of_step(
            step, one.state, person, signed, may_be_urgent=may_be_urgent, reason=reason or one.content.urgent
        ):
            raise NotAllowed(refusal)
        if person == one.writer and step not in (Step.SUBMIT, Step.RETURN):  # though somebody else has submitted it
            raise NotAllowed(Refusal.SAME_PERSON)
        then = state_after(step, rules.announcement_reviews)
        if step is Step.RETURN:  # what others had agreed to is void
            self._set(number, state=then, version=one.version + 1)
            self._keep(number, one.version + 1, one.content, one.writer, one.reach)
        else:
            send_at = self._send_at(one, step, rules) if then is State.SCHEDULED else None
            self._set(number, state=then, send_at=send_at)
        self._remember(number, seen, step, person, reason)
        self._audit.record(step, "announcement", number, {"state": one.state}, {"state": then, "version": seen})
        return then

    def discard(self, number: int) -> None:
        """Give up one that nobody has heard of yet."""
        one = self.locked(number)
        if not may_follow(one.state, State.DISCARDED):
            raise NotAllowed(Refusal.NOT_NOW)
        self._set(number, state=State.DISCARDED, ended_at=self._now)
        self._audit.record("discard", "announcement", number, {"state": one.state}, {"state": State.DISCARDED})

    def counted(self, number: int, version: int, reach: Mapping[str, Any]) -> None:
        """Note how many people the audience of a version is."""
        of_version = announcement_versions.c.announcement_id == number, announcement_versions.c.version == version
        self._unit.write(update(announcement_versions).where(*of_version).values(reach=dict(reach)))

    def locked(self, number: int) -> Announcement:
        """The announcement, which nobody else changes until the commit. Raises NotAllowed where there is none."""
        self._unit.read(select(announcements.c.id).where(announcements.c.id == number).with_for_update())
        if (one := self.get(number)) is None:
            raise NotAllowed(Refusal.NOT_NOW)
        return one

    def _send_at(self, one: Announcement, step: Step, rules: Rules) -> datetime:
        """From when on it is sent: what cannot wait, at any hour."""
        wanted = max(one.content.send_at or self._now, self._now)
        if step is Step.URGENT:
            return wanted
        zone = select(congresses.c.timezone).where(congresses.c.id == one.congress_id)
        quiet = rules.announcement_quiet_from, rules.announcement_quiet_until
        return allowed_from(wanted, ZoneInfo(self._unit.read(zone).scalar_one()), *quiet)

    def _author(self) -> int:
        if self._actor.person_id is None:
            raise NotAllowed(Refusal.NOT_NOW)  # whoever answers for it has a name
        return self._actor.person_id

    def _set(self, number: int, **values: Any) -> None:
        self._unit.write(update(announcements).where(announcements.c.id == number).values(**values))

    def _keep(
        self, number: int, version: int, content: Content, writer: int, reach: Mapping[str, Any] | None = None
    ) -> None:
        words = [keep_text(self._unit, self._now, words, None) for words in (content.title, content.text)]
        urgent = keep_text(self._unit, self._now, content.urgent, None) if content.urgent else None
        row = {
            "announcement_id": number,
            "version": version,
            "kind": content.kind,
            "title_id": words[0],
            "text_id": words[1],
            "link": content.link,
            "button": content.button,
            "files": [list(file) for file in content.files],
            "audience": content.audience.dump(),
            "on_board": content.on_board,
            "send_at": content.send_at,
            "urgent_id": urgent,
            "written_by": writer,
            "at": self._now,
        }
        counted = {} if reach is None else {"reach": dict(reach)}
        self._unit.write(insert(announcement_versions), {**row, **counted})

    def _remember(self, number: int, version: int, step: Step, person: int, reason: str) -> None:
        row = {
            "announcement_id": number,
            "version": version,
            "step": step,
            "person_id": person,
            "text_id": keep_text(self._unit, self._now, reason.strip(), None) if reason.strip() else None,
            "message_id": self._actor.message_id,
            "at": self._now,
        }
        self._unit.write(insert(announcement_reviews), row)

    # --- reading

    def get(self, number: int) -> Announcement | None:
        return next(iter(self._read(announcements.c.id == number)), None)

    def of_congress(
        self,
        congress_id: int,
        states: Collection[State] | None = None,
        below: int | None = None,
        limit: int | None = PAGE,
    ) -> list[Announcement]:
        """Newest first; all that are not discarded, or those in some states."""
        theirs, state = announcements.c.congress_id == congress_id, announcements.c.state
        wanted = [theirs, state != State.DISCARDED if states is None else state.in_(sorted(states))]
        if below is not None:
            wanted.append(announcements.c.id < below)
        return self._read(*wanted, limit=limit)

    def on_board(self, congress_ids: Collection[int], below: int | None, limit: int) -> list[Announcement]:
        """What stands on the board of these congresses, newest first: nothing that was corrected or taken back."""
        later = announcements.alias("later")
        took_place = later.c.corrects_id == announcements.c.id, later.c.started_at.is_not(None)
        wanted = [
            announcements.c.congress_id.in_(sorted(congress_ids)),
            announcements.c.state.in_(sorted(PUBLIC)),
            announcement_versions.c.on_board,
            ~select(later.c.id).where(*took_place).correlate(announcements).exists(),
        ]
        if below is not None:
            wanted.append(announcements.c.id < below)
        return self._read(*wanted, limit=limit)

    def was_for(self, number: int, person_id: int) -> bool:
        """Whether somebody is among its recipients."""
        mine = announcement_recipients.c.announcement_id == number, announcement_recipients.c.person_id == person_id
        return self._unit.read(select(announcement_recipients.c.person_id).where(*mine)).first() is not None

    def corrected_by(self, number: int) -> Announcement | None:
        """What has taken the place of one in the end, or took it back: a correction may have been corrected itself."""
        found = None
        while newer := self._read(announcements.c.corrects_id == number, _IS_STARTED, limit=1):
            found, number = newer[0], newer[0].number
        return found

    def correction_of(self, number: int) -> Announcement | None:
        """What corrects one or takes it back, or is to as soon as all agree; none that was discarded or stopped."""
        stands = announcements.c.state.not_in([State.DISCARDED, State.STOPPED])
        return next(iter(self._read(announcements.c.corrects_id == number, stands, limit=1)), None)

    def reminders_of(self, one: Announcement) -> list[Announcement]:
        """Second notices to those who have not opened it, newest first."""
        of_it = announcement_versions.c.audience["of_announcement"].as_integer() == one.number
        unopened = announcement_versions.c.audience["reached"].as_string() == Reached.UNOPENED
        later = announcements.c.congress_id == one.congress_id, announcements.c.id > one.number
        return self._read(*later, of_it, unopened, announcements.c.state != State.DISCARDED)

    def signed(self, number: int) -> list[Signed]:
        """Everything that was done to all versions, oldest first."""
        rows = self._unit.read(
            select(
                announcement_reviews.c.version,
                announcement_reviews.c.step,
                announcement_reviews.c.person_id,
                people.c.name,
                announcement_reviews.c.at,
                texts.c.body,
            )
            .join(people, people.c.id == announcement_reviews.c.person_id)
            .outerjoin(texts, texts.c.id == announcement_reviews.c.text_id)
            .where(announcement_reviews.c.announcement_id == number)
            .order_by(announcement_reviews.c.id)
        ).all()
        self._shown.update(row.person_id for row in rows)
        return [
            Signed(version, Step(step), person, name, at, body or "") for version, step, person, name, at, body in rows
        ]

    def _read(self, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Announcement]:
        rows = self._unit.read(_WHOLE.where(*conditions).order_by(announcements.c.id.desc()).limit(limit))
        return [_announcement(row) for row in rows]


def _announcement(row: AnyRow) -> Announcement:
    return Announcement(
        number=row.id,
        congress_id=row.congress_id,
        state=State(row.state),
        version=row.version,
        author=row.author_id,
        created_at=row.created_at,
        corrects=row.corrects_id,
        correction=Correction(row.correction) if row.correction else None,
        send_at=row.send_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        content=_content(row),
        writer=row.written_by,
        reach=row.reach,
    )


def _content(row: AnyRow) -> Content:
    return Content(
        kind=Kind(row.kind),
        title=row.title,
        text=row.text,
        audience=Audience.load(row.audience),
        link=row.link,
        button=row.button,
        files=tuple((digest, name, media_type) for digest, name, media_type in row.files),
        on_board=row.on_board,
        send_at=row.wanted_at,
        urgent=row.urgent or "",
    )
