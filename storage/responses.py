"""What travels in the response to a message, on a channel that lets us write in no other way.

A platform that heard no response hands the same message over again: it gets the same response, however often it asks.
So what went into one is noted with the message, in the commit that crosses it off the outbox.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, bindparam, func, or_, select, update

from storage.among import among
from storage.database import AnyRow, Unit
from storage.outbox import HELD, IS_UNSETTLED, WAITING, may_leave
from storage.tables import attachments, messages, outbox, people
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
    select(messages.c.id, messages.c.account_id, messages.c.response, people.c.language)
    .join(people, people.c.id == messages.c.person_id)
    .where(messages.c.channel == bindparam("channel"), messages.c.platform_key == bindparam("key"))
    .with_for_update(of=messages)  # a repeat may come at the same moment, to another replica
)
_IS_HERE = or_(HELD, and_(WAITING, outbox.c.due_at <= bindparam("now", type_=outbox.c.due_at.type)))
_WAITS = (IS_UNSETTLED, _IS_HERE, may_leave(), outbox.c.account_id == bindparam("account"))
_NEXT = (
    select(outbox.c.message_id)
    .where(*_WAITS)
    .order_by(outbox.c.priority, outbox.c.message_id)
    .limit(MOST)
    .with_for_update()
)
_COUNT = select(func.count()).select_from(outbox).where(*_WAITS)
_CARRIED = (
    select(messages.c.id, SAID, messages.c.choices, func.coalesce(attachments.c.name, ""))
    .outerjoin(attachments, attachments.c.message_id == messages.c.id)
    .where(among(messages.c.id, "messages"))
)
_SENT = (
    update(outbox)
    .where(among(outbox.c.message_id, "messages"))
    .values(
        state="sent",
        attempts=outbox.c.attempts + 1,
        settled_at=bindparam("now", type_=outbox.c.settled_at.type),
        platform_id=bindparam("response"),
        failure="",
    )
)
_BEFORE = (
    select(messages.c.response)
    .where(messages.c.account_id == bindparam("account"), messages.c.id < bindparam("heard"))
    .where(messages.c.direction == "in")
    .order_by(messages.c.id.desc())
    .limit(1)
)


class Responses:
    def __init__(self, unit: Unit, now: datetime) -> None:
        self._unit, self._now = unit, now

    def take(self, channel: str, key: str, fitting: Fitting) -> Response | None:
        """What goes into the response to a message, which counts as sent from this commit on; the same as before, if
        that was asked before. None for a message that is not stored."""
        heard = self._unit.read(_HEARD, {"channel": channel, "key": key}).first()
        if heard is None:
            return None
        if heard.response:
            return Response(self._carried(heard.response["carried"]), heard.response["left"], heard.language)
        asked = {"account": heard.account_id, "now": self._now}
        waiting = self._carried(list(self._unit.read(_NEXT, asked).scalars()))
        carried = waiting[: fitting(waiting)]
        left = int(self._unit.read(_COUNT, asked).scalar_one()) - len(carried)
        numbers = [one.message_id for one in carried]
        if carried:
            self._unit.write(_SENT, {"messages": numbers, "now": self._now, "response": f"response:{heard.id}"})
        noted = update(messages).where(messages.c.id == heard.id)
        self._unit.write(noted.values(response={"carried": numbers, "left": left}))
        return Response(carried, left, heard.language)

    def left_before(self, account_id: int, message_id: int) -> bool:
        """Whether the response before this message told its reader that there is more."""
        response = self._unit.read(_BEFORE, {"account": account_id, "heard": message_id}).scalar()
        return bool(response and response["left"])

    def _carried(self, numbers: Sequence[int]) -> list[Carried]:
        """Those messages, in that order; without those that were blanked since."""
        if not numbers:
            return []
        rows: dict[int, AnyRow] = {row[0]: row for row in self._unit.read(_CARRIED, {"messages": sorted(numbers)})}
        return [Carried(*rows[number]) for number in numbers if number in rows]
