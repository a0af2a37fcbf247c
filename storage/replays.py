"""What a database holds of messages that were replayed into it, and where its residents live."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import shapely
from sqlalchemy import ColumnElement, func, select

from storage.database import Unit
from storage.domain.areas import Level
from storage.tables import accounts, areas, links, messages, outbox, proposal_history, proposals
from storage.texts import SAID

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Told:
    """A reply that was sent, with its buttons as (value, label)."""

    text: str
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def labels(self) -> list[str]:
        """What each button stands for, without its number; a long one is read from its line in the text."""
        return [self._label(str(number), label) for number, (_, label) in enumerate(self.choices, 1)]

    def _label(self, number: str, label: str) -> str:
        if label == number:
            label = next((line for line in self.text.splitlines() if line.startswith(f"{number} ")), label)
        return label.removeprefix(f"{number} ")


@dataclass(slots=True)
class Tally:
    """Of some messages: how many are stored and were acted on, the faults, the replies that were sent, and of each
    proposal that they made, how it was located."""

    acted_on: int = 0
    faults: int = 0
    replies: int = 0
    located: dict[int, str] = field(default_factory=dict)


class Replays:
    """Messages are named by the key under which they were handed in."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def replies(self, channel: str, keys: Sequence[str]) -> dict[str, list[Told]]:
        """What was sent in answer to each message, in order."""
        question = messages.alias("question")
        sent = (
            select(question.c.platform_key, SAID, messages.c.choices)
            .join(messages, messages.c.in_reply_to == question.c.id)
            .join(outbox, outbox.c.message_id == messages.c.id)
            .where(question.c.channel == channel, outbox.c.state == "sent")
            .order_by(messages.c.id)
        )
        told: dict[str, list[Told]] = {key: [] for key in keys}
        for some in _chunks(keys):
            for key, text, choices in self._unit.read(sent.where(question.c.platform_key.in_(some))):
                told[key].append(Told(text, tuple((value, label) for value, label in choices or ())))
        return told

    def origins(self, message_ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
        """Of messages of ours: whose they are (the platform's id), and the key of the message that they answer."""
        question = messages.alias("question")
        rows = self._unit.read(
            select(messages.c.id, accounts.c.external_id, question.c.platform_key)
            .join(accounts, accounts.c.id == messages.c.account_id)
            .outerjoin(question, question.c.id == messages.c.in_reply_to)
            .where(messages.c.id.in_(message_ids))
        )
        return {row[0]: (row[1], row[2]) for row in rows}

    def tally(self, channel: str, keys: Sequence[str]) -> Tally:
        tally, ids = Tally(), set[int]()
        made: dict[int, tuple[str, int]] = {}
        for some in _chunks(keys):
            mine = messages.c.channel == channel, messages.c.platform_key.in_(some)
            rows = self._unit.read(select(messages.c.id, messages.c.fault).where(*mine))
            found: dict[int, str | None] = {row.id: row.fault for row in rows}
            faults = sum(fault is not None for fault in found.values())
            tally.faults += faults
            tally.acted_on += len(found) - faults
            tally.replies += self._sent_replies(found)
            made |= self._spoken_of(found)
            ids |= found.keys()
        tally.located = {number: how for number, (how, made_by) in made.items() if made_by in ids}
        return tally

    def _sent_replies(self, ids: Collection[int]) -> int:
        sent = select(func.count()).join(messages, messages.c.id == outbox.c.message_id)
        where: ColumnElement[bool] = messages.c.in_reply_to.in_(ids) & (outbox.c.state == "sent")
        return int(self._unit.read(sent.select_from(outbox).where(where)).scalar_one())

    def _spoken_of(self, ids: Collection[int]) -> dict[int, tuple[str, int]]:
        """The proposals that messages are linked to: how each is located, and the message that made it."""
        rows = self._unit.read(
            select(proposals.c.id, proposals.c.located_how, proposal_history.c.message_id)
            .join(links, links.c.target_id == proposals.c.id)
            .join(proposal_history, proposal_history.c.proposal_id == proposals.c.id)
            .where(links.c.target == "proposal", links.c.message_id.in_(ids))
            .where(proposal_history.c.text_id == proposals.c.text_id)
        )
        return {row[0]: (row[1], row[2]) for row in rows}


def inner_points(unit: Unit) -> dict[int, tuple[float, float]]:
    """A point inside of each cell that has a polygon, by the cell's id: latitude, longitude."""
    rows = unit.read(
        select(areas.c.id, areas.c.polygon).where(areas.c.level == Level.CELL, areas.c.polygon.is_not(None))
    )
    points = {area_id: shapely.from_wkb(polygon).representative_point() for area_id, polygon in rows}
    return {area_id: (point.y, point.x) for area_id, point in points.items()}


def _chunks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + CHUNK] for start in range(0, len(keys), CHUNK))
