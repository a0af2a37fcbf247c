"""The recipients of an announcement are put into the outbox, some of one channel at a time."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from sqlalchemy import JSON, Text, bindparam, column, func, insert, literal_column, select, update
from sqlalchemy import cast as converted

from storage.among import among
from storage.announcements import Announcement
from storage.area_index import AreaIndex
from storage.attachments import State as FileState
from storage.audiences import Audiences
from storage.database import AnyRow, Unit
from storage.domain.roles import Role
from storage.links import How, Target
from storage.rowsets import as_json
from storage.tables import (
    accounts,
    announcement_recipients,
    announcement_texts,
    attachments,
    links,
    messages,
    outbox,
    people,
    role_areas,
    roles,
)
from storage.texts import keep_text

PRIORITY = 2  # of announcements, after replies and prompts


class Reader(NamedTuple):
    """What the variables in a text stand for; empty where that is not known."""

    name: str = ""
    cell: str = ""
    deputies: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """What an announcement says on one channel in one language. `is_personal`: not the same to everybody."""

    said: Callable[[Reader], str]
    is_personal: bool
    choices: list[list[str]] | None


class Words(Protocol):
    """Finds the words for an announcement of a congress of that name."""

    def wording(self, one: Announcement, congress: str, channel: str, language: str) -> Wording: ...

    @property
    def masses(self) -> Collection[str]:
        """The channels on which one call reaches many."""

    def to_all(self, one: Announcement, congress: str) -> str:
        """What is said by such a call."""

    def not_massed(self, one: Announcement, became: str, people: int, language: str) -> str:
        """What its author is told of such a call that reached nobody, or perhaps did."""


class Fed(NamedTuple):
    """Of how many people it was decided what becomes of them, and one of the chats that something waits for now."""

    people: int
    account_id: int | None


# Written out, not bound: only so does SQLite use the partial index.
_IS_TO_COME = (
    announcement_recipients.c.message_id.is_(None),
    announcement_recipients.c.skipped == literal_column("''"),
)
_TO_COME = (
    announcement_recipients.c.announcement_id == bindparam("number", type_=announcement_recipients.c.person_id.type),
    *_IS_TO_COME,
)
_IS_ANY = select(announcement_recipients.c.person_id).where(*_TO_COME).limit(1)
_NEXT_CHANNEL = (
    select(announcement_recipients.c.channel)
    .where(*_TO_COME, announcement_recipients.c.channel > bindparam("channel"))
    .order_by(announcement_recipients.c.channel)
    .limit(1)
)
_NEXT = (
    select(
        announcement_recipients.c.person_id,
        announcement_recipients.c.account_id,
        announcement_recipients.c.cell_id,
        announcement_recipients.c.edits_id,
        people.c.name,
        people.c.language,
        accounts.c.person_id.label("owner"),
        accounts.c.unreachable_since,
        accounts.c.unreachable_reason,
    )
    .join(people, people.c.id == announcement_recipients.c.person_id)
    .join(accounts, accounts.c.id == announcement_recipients.c.account_id)
    .where(*_TO_COME, announcement_recipients.c.channel == bindparam("channel"))
    .order_by(announcement_recipients.c.person_id)
    .limit(bindparam("limit"))
)
_MINE = (
    announcement_recipients.c.announcement_id == bindparam("number", type_=announcement_recipients.c.person_id.type),
    announcement_recipients.c.person_id == bindparam("person", type_=announcement_recipients.c.person_id.type),
)
_FED = update(announcement_recipients).where(*_MINE).values(message_id=bindparam("message", type_=messages.c.id.type))
_posted = (
    func.json_to_recordset(converted(bindparam("posted", type_=Text), JSON))
    .table_valued(column("person", announcement_recipients.c.person_id.type), column("message", messages.c.id.type))
    .render_derived(name="posted", with_types=True)
)
# PostgreSQL does not know yet how many rows an announcement has whose rows are new; so it is told where these lie.
_FED_AT_ONCE = (
    update(announcement_recipients)
    .where(*_TO_COME, announcement_recipients.c.channel == bindparam("way"))
    .where(announcement_recipients.c.person_id >= bindparam("first"))
    .where(announcement_recipients.c.person_id <= bindparam("last"))
    .where(announcement_recipients.c.person_id == _posted.c.person)
    .values(message_id=_posted.c.message)
)
_SKIP = update(announcement_recipients).where(*_MINE).values(skipped=bindparam("why", type_=outbox.c.failure.type))
_STORE, _ATTACH, _SEND, _SHOW = insert(messages), insert(attachments), insert(outbox), insert(links)
_TEXT = select(announcement_texts.c.text_id).where(
    announcement_texts.c.announcement_id == bindparam("number"), announcement_texts.c.digest == bindparam("digest")
)
_DEPUTIES = (
    select(role_areas.c.area_id, people.c.id, people.c.name)
    .join(roles, roles.c.id == role_areas.c.role_id)
    .join(people, people.c.id == roles.c.person_id)
    .where(among(role_areas.c.area_id, "cells"), roles.c.congress_id == bindparam("congress"))
    .where(roles.c.role == Role.DEPUTY, roles.c.revoked_at.is_(None), people.c.name != "")
    .order_by(roles.c.id)
)


class Feeding:
    """Whoever does not belong any more when their turn has come, or wants no notices, gets none. Whoever cannot be
    reached finds it when they are there again."""

    def __init__(self, unit: Unit, now: datetime, audiences: Audiences, areas: AreaIndex) -> None:
        self._unit, self._now, self._audiences, self._areas = unit, now, audiences, areas

    def channels(self, number: int) -> list[str]:
        """By which somebody is still to be written to."""
        found: list[str] = []
        while True:
            given = {"number": number, "channel": found[-1] if found else ""}
            if (channel := self._unit.read(_NEXT_CHANNEL, given).scalar()) is None:
                return found
            found.append(channel)

    def is_done(self, number: int) -> bool:
        """Whether everybody had their turn."""
        return self._unit.read(_IS_ANY, {"number": number}).first() is None

    def feed(self, one: Announcement, congress: str, channel: str, limit: int, words: Words) -> Fed:
        """Put the next ones on a channel into the outbox. Who calls has the announcement locked."""
        belongs = self._audiences.belongs(one.congress_id, one.content.audience)
        skipped = self._audiences.skipped(one.congress_id, one.corrects)
        query = _NEXT.add_columns(belongs.label("belongs"), skipped.label("why"))
        rows = self._unit.read(query, {"number": one.number, "channel": channel, "limit": limit}).all()
        there = [row for row in rows if row.belongs and not row.why and row.owner == row.person_id]
        gone = {row.person_id for row in rows}.difference(row.person_id for row in there)
        self._unit.later(_SKIP, *({"number": one.number, "person": person, "why": "left"} for person in sorted(gone)))
        if there:
            self._post(one, channel, there, self._said(one, congress, channel, there, words))
        return Fed(len(rows), there[0].account_id if there else None)

    def give_up(self, number: int, channel: str, limit: int) -> int:
        """Nobody is written to any more by a channel that is gone; gives how many that was noted of."""
        rows = self._unit.read(_NEXT, {"number": number, "channel": channel, "limit": limit}).all()
        expired = ({"number": number, "person": row.person_id, "why": "expired"} for row in rows)
        self._unit.later(_SKIP, *expired)
        return len(rows)

    # --- what is said

    def _said(
        self, one: Announcement, congress: str, channel: str, rows: Sequence[AnyRow], words: Words
    ) -> list["_Said"]:
        """To each of them."""
        languages = {row.language for row in rows}
        wordings = {language: words.wording(one, congress, channel, language) for language in languages}
        if not any(wording.is_personal for wording in wordings.values()):
            said = {language: self._to_all(one.number, wording) for language, wording in wordings.items()}
            return [said[row.language] for row in rows]
        deputies = self._deputies(one.congress_id, {row.cell_id for row in rows if row.cell_id is not None})
        found = []
        for row in rows:
            wording, theirs = wordings[row.language], deputies.get(row.cell_id, {})
            reader = Reader(row.name, self._cell(row.cell_id), "\u3001".join(theirs.values()))
            found.append(_Said(wording.said(reader), None, wording.choices, theirs.keys() - {row.person_id}))
        return found

    def _to_all(self, number: int, wording: Wording) -> "_Said":
        words = wording.said(Reader())
        named = {"number": number, "digest": hashlib.sha256(words.encode()).hexdigest()}
        text_id: int | None = self._unit.read(_TEXT, named).scalar()
        if text_id is None:
            text_id = keep_text(self._unit, self._now, words, None)
            row = {"announcement_id": number, "digest": named["digest"], "text_id": text_id}
            self._unit.write(insert(announcement_texts), row)
        return _Said("", text_id, wording.choices)

    def _cell(self, cell_id: int | None) -> str:
        cell = None if cell_id is None else self._areas.area(cell_id)
        return self._areas.title(cell) if cell else ""

    def _deputies(self, congress_id: int, cells: Collection[int]) -> Mapping[int, dict[int, str]]:
        """Names of the deputies of each cell, by person."""
        found: defaultdict[int, dict[int, str]] = defaultdict(dict)
        for cell, person, name in self._unit.read(_DEPUTIES, {"cells": sorted(cells), "congress": congress_id}):
            found[cell][person] = name
        return found

    # --- what is written

    def _post(self, one: Announcement, channel: str, rows: Sequence[AnyRow], said: Sequence["_Said"]) -> None:
        posted = list(zip(self._unit.numbers(messages, len(rows)), rows, said, strict=True))
        self._unit.later(_STORE, *(self._message(id_, row, words, channel) for id_, row, words in posted))
        if one.content.files:
            self._unit.later(_ATTACH, *(self._file(id_, *one.content.files[0]) for id_, *_ in posted))
        self._unit.later(_SHOW, *(self._link(id_, shown) for id_, _, words in posted for shown in words.shows))
        self._unit.later(_SEND, *(self._send(id_, row, one.number, channel) for id_, row, _ in posted))
        self._note(one.number, channel, [(row.person_id, id_) for id_, row, _ in posted])

    def _note(self, number: int, channel: str, posted: Sequence[tuple[int, int]]) -> None:
        """Which message each person gets; they come in order."""
        rows = [{"person": person, "message": message_id} for person, message_id in posted]
        if self._unit.dialect == "sqlite":
            self._unit.later(_FED, *({"number": number, **row} for row in rows))
        else:
            where = {"number": number, "way": channel, "first": posted[0][0], "last": posted[-1][0]}
            self._unit.write(_FED_AT_ONCE, {**where, "posted": as_json(rows)})

    def _message(self, message_id: int, row: AnyRow, said: "_Said", channel: str) -> dict[str, Any]:
        return {
            "id": message_id,
            "direction": "out",
            "channel": channel,
            "account_id": row.account_id,
            "person_id": row.person_id,
            "kind": "text",
            "text": said.text,
            "text_id": said.text_id,
            "choices": said.choices,
            "at": self._now,
            "stored_at": self._now,
            "edits_id": row.edits_id,
        }

    def _file(self, message_id: int, digest: str, name: str, media_type: str) -> dict[str, Any]:
        kept = {"digest": digest, "name": name, "media_type": media_type, "state": FileState.STORED}
        return {"message_id": message_id, "kind": "document", "due_at": self._now, **kept}

    def _link(self, message_id: int, person_id: int) -> dict[str, Any]:
        shown = {"target": Target.PERSON, "target_id": person_id, "how": How.SHOWN}
        return {"message_id": message_id, **shown, "linked_at": self._now}

    def _send(self, message_id: int, row: AnyRow, number: int, channel: str) -> dict[str, Any]:
        is_held = row.unreachable_since is not None
        return {
            "message_id": message_id,
            "account_id": row.account_id,
            "channel": channel,
            "priority": PRIORITY,
            "state": "held" if is_held else "waiting",
            "due_at": self._now,
            "created_at": self._now,
            "failure": (row.unreachable_reason or "unreachable") if is_held else "",
            "announcement_id": number,
            "cell_id": row.cell_id,
        }


@dataclass(frozen=True, slots=True)
class _Said:
    """To one reader: their own words, or a text that many get. `shows`: whose names are in it."""

    text: str
    text_id: int | None
    choices: list[list[str]] | None
    shows: Collection[int] = ()
