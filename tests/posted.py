"""Announcements that stand on a board, reviewed and sent as they would be."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from storage.announcements import Content
from storage.audit import Actor
from storage.domain.announcements import Correction, Kind, Levels, State, Step
from storage.domain.audience import Audience
from storage.domain.rules import Rules
from storage.store import Store
from storage.tables import announcements
from tests.settlement import Settlement

NOTICE = Content(
    Kind.RECEPTION, "接待日通知", "周三上午九点，在联络站接待。\n\n  请带身份证。", Audience(everybody=True)
)
DAY = timedelta(days=1)


def drafted(
    store: Store,
    place: Settlement,
    *,
    corrects: int | None = None,
    correction: Correction | None = None,
    congress: int | None = None,
    **content: Any,
) -> int:
    """王芳 writes one. Its number."""
    mine = store.on_behalf_of(Actor(place.staff)).announcements
    notice = replace(NOTICE, **content)
    return mine.add(congress or place.congress, notice, corrects=corrects, correction=correction)


def agreed(store: Store, place: Settlement, number: int, levels: Levels = Levels.THREE) -> None:
    """All who have to agree to it do so."""
    steps = {
        Levels.ONE: ((place.staff, Step.SUBMIT),),
        Levels.TWO: ((place.staff, Step.SUBMIT), (place.deputy, Step.APPROVE)),
        Levels.THREE: ((place.staff, Step.SUBMIT), (place.worker, Step.REVIEW), (place.deputy, Step.APPROVE)),
    }
    rules = Rules(announcement_reviews=levels, announcement_urgent=True)
    for person, step in steps[levels]:
        store.on_behalf_of(Actor(person)).announcements.sign(number, 1, step, rules)


def put(store: Store, number: int, state: State, at: datetime | None) -> None:
    """As what sends it would leave it."""
    store.unit.write(
        update(announcements).where(announcements.c.id == number).values(state=state, started_at=at, send_at=at)
    )


def posted(store: Store, place: Settlement, at: datetime, state: State = State.FINISHED, **content: Any) -> int:
    """One that was reviewed and sent. Its number."""
    number = drafted(store, place, **content)
    agreed(store, place, number)
    put(store, number, state, at)
    return number
