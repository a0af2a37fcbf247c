"""Announcements on their way as tests want them: whoever has got, opened, missed or muted one, however it was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, update

from storage.announcements import Content
from storage.audit import Actor
from storage.domain.announcements import Kind, State
from storage.domain.audience import Audience
from storage.store import Store
from storage.tables import announcement_recipients, announcements, messages, outbox
from tests.settlement import Settlement

CONTENT = Content(Kind.COLLECTING, "2026年民生实事项目开始征集", "修路、装灯，都可以提。", Audience(everybody=True))


def an_announcement(store: Store, place: Settlement, content: Content = CONTENT, state: State = State.SENDING) -> int:
    """By 王芳; whoever has to agree has done so, where it is on its way."""
    number = store.on_behalf_of(Actor(place.staff)).announcements.add(place.congress, content)
    mine = announcements.c.id == number
    started = None if state in (State.DRAFT, State.REVIEW, State.APPROVAL, State.SCHEDULED) else store.now
    store.unit.write(update(announcements).where(mine).values(state=state, started_at=started))
    return number


def recipients(
    store: Store,
    number: int,
    count: int,
    *,
    became: str = "sent",
    why: str = "",
    cell: int | None = None,
    channel: str = "tap",
    opened: bool = False,
    named: Sequence[tuple[str, str]] = (),
) -> list[int]:
    """So many new people, and what became of it for them: a state of the outbox, "skipped", or "" for still to come.

    `named` are names and telephones of the first of them.
    """
    known = [*named, *[("", "")] * (count - len(named))]
    people = [store.people.add(name, telephone) for name, telephone in known]
    for person in people:
        _recipient(store, number, person, became, why, {"cell_id": cell, "channel": channel}, opened=opened)
    return people


def _recipient(
    store: Store, number: int, person: int, became: str, why: str, where: Mapping[str, Any], *, opened: bool
) -> None:
    row: dict[str, Any] = {"announcement_id": number, "person_id": person, **where}
    if became == "skipped":
        store.unit.write(insert(announcement_recipients), {**row, "skipped": why})
        return
    store.people.add_account(person, str(where["channel"]), f"a{person}", f"a{person}")
    account = store.people.reachable_account(person)
    assert account
    message = {"direction": "out", "channel": where["channel"], "account_id": account.id, "person_id": person}
    moment = {"kind": "text", "at": store.now, "stored_at": store.now}
    message_id = store.unit.insert(insert(messages).values(**message, **moment)) if became else None
    if message_id is not None:
        sending = {"message_id": message_id, "account_id": account.id, "priority": 2, "due_at": store.now}
        state = {"state": became, "failure": why, "announcement_id": number, "created_at": store.now}
        store.unit.write(insert(outbox).values(**sending, **state, **where))
    reached = {"account_id": account.id, "message_id": message_id, "opened_at": store.now if opened else None}
    store.unit.write(insert(announcement_recipients), {**row, **reached})
