"""What travels in the response to a message: all that waits for somebody, or as much of it as fits.

A platform that heard no response hands the same message over again: it gets the same response, however often it asks.
So what went into one is noted with the message, in the commit that crosses it off the outbox.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import bindparam, select, update

from storage.among import among
from storage.chat_leases import free_chats
from storage.database import AnyRow, Unit
from storage.outbox_states import AWAITS_CONTACT, WAITING
from storage.tables import accounts, messages, outbox, people
from storage.waiting import CARRIED, MOST, Carried, carried, waiting


@dataclass(frozen=True, slots=True)
class Response:
    """What goes into a response, in order, and how many messages did not fit; `language` is its reader's. `by_word`:
    there is a choice 1 among it, so that who wants the rest says so by a word."""

    messages: list[Carried]
    left: int
    language: str
    by_word: bool = False


Asked = Literal["by word", "by number"]
Fitting = Callable[[Sequence[Carried]], int]  # how many of these fit into one response, from the first on

_HEARD = (
    select(messages.c.id, messages.c.platform_key, messages.c.account_id, messages.c.response, people.c.language)
    .join(people, people.c.id == messages.c.person_id)
    .where(messages.c.channel == bindparam("channel"), among(messages.c.platform_key, "keys"))
    .order_by(messages.c.id)
    # Repeats may come at the same moment, to another replica; what refers to the message need not wait for that.
    .with_for_update(of=messages, key_share=True)
)
_SAID_SINCE = CARRIED.where(messages.c.channel == bindparam("channel"), messages.c.direction == "out").where(
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
_NOTHING: Mapping[str, Any] = {"carried": [], "left": 0, "by_word": False}
_FIRST_CHOICE = re.compile(r"^1\s", re.MULTILINE)
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

    def take_all(self, channel: str, asked: Mapping[str, Fitting]) -> dict[str, Response]:
        """What goes into the response to each message, by its key, and counts as sent from this commit on; the same as
        before, if that was asked before. A message that is not stored has none."""
        heard = self._unit.read(_HEARD, {"channel": channel, "keys": sorted(asked)}).all()
        chats = free_chats(self._unit, self._now, {one.account_id for one in heard if not one.response})
        waits = waiting(self._unit, self._now, chats)
        again = [number for one in heard if one.response for number in one.response["carried"]]
        said = carried(self._unit, again + [number for numbers in waits.values() for number in numbers[:MOST]])
        found: dict[str, Response] = {}
        for one in heard:
            noted = one.response or self._take(one, waits.get(one.account_id, []), said, asked[one.platform_key])
            ours = [said[number] for number in noted["carried"]]
            if one.response and ours and not any(each.text or each.file for each in ours):
                noted, ours = _NOTHING, []  # all of it was forgotten since
            found[one.platform_key] = Response(ours, noted["left"], one.language, noted["by_word"])
        return found

    def _take(self, heard: AnyRow, waits: list[int], said: Mapping[int, Carried], fitting: Fitting) -> dict[str, Any]:
        """Cross off what fits, of what waits for somebody."""
        count = fitting([said[number] for number in waits[:MOST]])
        numbers, waits[:] = waits[:count], waits[count:]
        sent = {"settled": self._now, "platform": f"response:{heard.id}"}
        self._unit.later(_SENT, *({"row": number, **sent} for number in numbers))
        # Where nothing is taken, it all leaves by itself.
        by_word = any(_FIRST_CHOICE.search(said[number].text) for number in numbers)
        noted = {"carried": numbers, "left": len(waits) if numbers else 0, "by_word": by_word}
        self._unit.later(_NOTE, {"heard": heard.id, "noted": noted})
        return noted

    def left_before(self, account_id: int, message_id: int) -> Asked | None:
        """How the response before this message told its reader to ask for more, if it did and there still is."""
        response = self._unit.read(_BEFORE, {"account": account_id, "heard": message_id}).scalar()
        if not response or not response["left"] or not waiting(self._unit, self._now, [account_id])[account_id]:
            return None
        return "by word" if response["by_word"] else "by number"

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
