"""What travels in the response to a message, on a channel that lets us write in no other way.

A platform that heard no response hands the same message over again: it gets the same response, however often it asks.
So what went into one is noted with the message, in the commit that crosses it off the outbox.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, or_, select, update

from storage.among import among
from storage.database import AnyRow, Unit
from storage.outbox import AWAITS_CONTACT, HELD, IS_UNSETTLED, WAITING, may_leave
from storage.tables import accounts, attachments, messages, outbox, people
from storage.texts import SAID

MOST = 50  # messages that are looked at for one response


@dataclass(frozen=True, slots=True)
class Carried:
    """A message of ours; `file` is the name of what came with it, if anything."""

    message_id: int
    text: str
    choices: list[list[str]] | None
    file: str


@dataclass(frozen=True, slots=True)
class Response:
    """What goes into a response, in order, and how many messages did not fit; `language` is its reader's."""

    messages: list[Carried]
    left: int
    language: str


Fitting = Callable[[Sequence[Carried]], int]  # how many of these fit into one response, from the first on

_HEARD = (
    select(messages.c.id, messages.c.platform_key, messages.c.account_id, messages.c.response, people.c.language)
    .join(people, people.c.id == messages.c.person_id)
    .where(messages.c.channel == bindparam("channel"), among(messages.c.platform_key, "keys"))
    .order_by(messages.c.id)
    # Repeats may come at the same moment, to another replica; what refers to the message need not wait for that.
    .with_for_update(of=messages, key_share=True)
)
_IS_HERE = or_(HELD, and_(WAITING, outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type)))
_WAITING = (
    select(outbox.c.account_id, outbox.c.message_id)
    .where(IS_UNSETTLED, _IS_HERE, may_leave(), among(outbox.c.account_id, "accounts"))
    .order_by(outbox.c.account_id, outbox.c.priority, outbox.c.message_id)
    .with_for_update()
)
_CARRIED = (
    select(messages.c.id, SAID, messages.c.choices, func.coalesce(attachments.c.name, ""))
    .outerjoin(attachments, attachments.c.message_id == messages.c.id)
    .where(among(messages.c.id, "messages"))
)
_SAID_SINCE = _CARRIED.where(messages.c.channel == bindparam("channel"), messages.c.direction == "out").where(
    messages.c.stored_at >= bindparam("since", type_=messages.c.stored_at.type)
)
_SENT = (
    update(outbox)
    .where(outbox.c.message_id == bindparam("row"))
    .values(
        state="sent",
        attempts=outbox.c.attempts + 1,
        settled_at=bindparam("settled", type_=outbox.c.settled_at.type),
        platform_id=bindparam("platform", type_=outbox.c.platform_id.type),
        failure="",
    )
)
_NOTE = (
    update(messages)
    .where(messages.c.id == bindparam("heard"))
    .values(response=bindparam("noted", type_=messages.c.response.type))
)
_NOTHING: Mapping[str, Any] = {"carried": [], "left": 0}
_BEFORE = (
    select(messages.c.response)
    .where(messages.c.account_id == bindparam("account"), messages.c.id < bindparam("heard"))
    .where(messages.c.direction == "in", messages.c.response.is_not(None))  # not all that is heard is answered
    .order_by(messages.c.id.desc())
    .limit(1)
)


class Responses:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def take(self, channel: str, key: str, fitting: Fitting) -> Response | None:
        """What goes into the response to a message, which counts as sent from this commit on; the same as before, if
        that was asked before. None for a message that is not stored."""
        return self.take_all(channel, {key: fitting}).get(key)

    def take_all(self, channel: str, asked: Mapping[str, Fitting]) -> dict[str, Response]:
        """Likewise for several messages, by their keys."""
        heard = self._unit.read(_HEARD, {"channel": channel, "keys": sorted(asked)}).all()
        waiting = self._waiting({one.account_id for one in heard if not one.response})
        again = [number for one in heard if one.response for number in one.response["carried"]]
        said = self._said(again + [number for numbers in waiting.values() for number in numbers[:MOST]])
        found: dict[str, Response] = {}
        for one in heard:
            noted = one.response or self._take(one, waiting[one.account_id], said, asked[one.platform_key])
            carried = [said[number] for number in noted["carried"]]
            if one.response and carried and not any(ours.text or ours.file for ours in carried):
                noted, carried = _NOTHING, []  # all of it was forgotten since
            found[one.platform_key] = Response(carried, noted["left"], one.language)
        return found

    def _take(self, heard: AnyRow, waiting: list[int], said: Mapping[int, Carried], fitting: Fitting) -> dict[str, Any]:
        """Cross off what fits, of what waits for somebody."""
        count = fitting([said[number] for number in waiting[:MOST]])
        numbers, waiting[:] = waiting[:count], waiting[count:]
        sent = {"settled": self._now, "platform": f"response:{heard.id}"}
        self._unit.later(_SENT, *({"row": number, **sent} for number in numbers))
        noted = {"carried": numbers, "left": len(waiting)}
        self._unit.later(_NOTE, {"heard": heard.id, "noted": noted})
        return noted

    def _waiting(self, account_ids: Collection[int]) -> dict[int, list[int]]:
        """The numbers of what waits for each of these, in order."""
        found: dict[int, list[int]] = {account: [] for account in account_ids}
        if found:
            given = {"accounts": sorted(found), "now": self._now}
            for account, number in self._unit.read(_WAITING, given):
                found[account].append(number)
        return found

    def left_before(self, account_id: int, message_id: int) -> bool:
        """Whether the response before this message told its reader that there is more, and there is."""
        response = self._unit.read(_BEFORE, {"account": account_id, "heard": message_id}).scalar()
        return bool(response and response["left"] and self._waiting([account_id])[account_id])

    def await_contact(self, channel: str, limit: int) -> int:
        """Keep what waits for people on a channel that pushes nothing until they write, at most so much at a time; no
        push reaches them there. Gives how much there was."""
        its = WAITING, outbox.c.channel == channel, outbox.c.due_at <= self._now
        waiting = select(outbox.c.message_id, outbox.c.account_id).where(*its).limit(limit)
        # Passing over what travels in a response just now.
        rows = {row[0]: row[1] for row in self._unit.read(waiting.with_for_update(skip_locked=True))}
        if rows:
            held = update(outbox).where(outbox.c.message_id.in_(rows)).values(state="held", failure=AWAITS_CONTACT)
            self._unit.write(held)
            theirs = accounts.c.id.in_(sorted(set(rows.values()))), accounts.c.unreachable_since.is_(None)
            why = {"unreachable_since": self._now, "unreachable_reason": AWAITS_CONTACT}
            self._unit.write(update(accounts).where(*theirs).values(**why))
        return len(rows)

    def said(self, channel: str, message_id: int, since: datetime) -> Carried | None:
        """A message of ours that was stored since then."""
        row = self._unit.read(_SAID_SINCE, {"messages": [message_id], "channel": channel, "since": since}).first()
        return Carried(*row) if row else None

    def _said(self, numbers: Sequence[int]) -> dict[int, Carried]:
        """Those messages, by number."""
        if not numbers:
            return {}
        return {row[0]: Carried(*row) for row in self._unit.read(_CARRIED, {"messages": sorted(set(numbers))})}
