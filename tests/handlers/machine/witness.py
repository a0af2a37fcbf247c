"""Sees what is stored after each message, and holds it against what was shown before."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, bindparam, func, literal, select, text, union_all

from handlers.messages import Capabilities, Inbound, Kind
from handlers.notices import MOST
from handlers.rendering import BUTTON_COLUMNS
from handlers.state import Asked, State
from handlers.texts.words import CATEGORY, REASON, ROLE, STATUS
from handlers.turn import SILENT_AFTER
from storage.area_index import AreaIndex
from storage.database import AnyRow, Unit, reading
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status
from storage.domain.roles import Role
from storage.tables import (
    attachments,
    audit,
    congresses,
    conversations,
    drafts,
    messages,
    metadata,
    outbox,
    projects,
    texts,
)
from tests.conversing import BUTTONS, TEXT_ONLY
from tests.handlers.machine.records import broken

CAPABILITIES: Mapping[str, Capabilities] = {"tap": BUTTONS, "web": BUTTONS, "plain": TEXT_ONLY}
CALLBACK_BYTES = 64  # Bot API, InlineKeyboardButton: callback_data
_WORDS_OF = ((Category, CATEGORY), (Reason, REASON), (Role, ROLE), (Status, STATUS))
_NUMBER = re.compile(r"[(（](\d+)号")
_HAS_FILE = select(attachments.c.id).where(attachments.c.message_id == messages.c.id).exists()
_NEW = select(
    messages.c.id,
    messages.c.direction,
    messages.c.channel,
    messages.c.platform_key,
    messages.c.person_id,
    messages.c.text,
    messages.c.choices,
    messages.c.in_reply_to,
    _HAS_FILE.label("has_file"),
).order_by(messages.c.id)
_LOGGED = select(audit.c.id, audit.c.message_id, audit.c.record, audit.c.record_id, audit.c.action).order_by(audit.c.id)
_NOTICED = (
    select(outbox.c.notice, messages.c.in_reply_to)
    .join(messages, messages.c.id == outbox.c.message_id)
    .where(outbox.c.notice.is_not(None), messages.c.id > bindparam("last"))
)
# What people wrote into records, but for what the program calls something, which they may have chosen by its name.
_CALLED = union_all(select(congresses.c.name), select(projects.c.title))
_WRITTEN = select(texts.c.body).where(func.length(texts.c.body) >= 5, texts.c.body.not_in(_CALLED))
_STANDS = {said for phrase in STATUS.values() for said in (phrase.zh, phrase.en)}
_OPEN = select(conversations.c.person_id, conversations.c.state).where(conversations.c.state.is_not(None))
_HEARD = select(conversations.c.person_id, conversations.c.heard_at)
_SIZES = union_all(*(select(literal(table.name), func.count()).select_from(table) for table in metadata.sorted_tables))
_KEPT = (
    ("messages", "text"),
    ("texts", "body"),
    ("conversations", "CAST(state AS TEXT)"),
    ("drafts", "CAST(state AS TEXT)"),
    ("prompts", "CAST(arguments AS TEXT)"),
    ("attachments", "CAST(recipe AS TEXT)"),
)


@dataclass
class Answer:
    """A message, and what followed: `before` and `after` are what was open with its person, `log` what it changed."""

    inbound: Inbound
    message_id: int
    person_id: int
    before: State | None
    after: State | None
    void: bool  # what was open had expired or changed
    told: list[AnyRow]
    log: list[AnyRow]

    @property
    def changed(self) -> set[tuple[str, int]]:
        """Records that the message changed, not those that it made."""
        return {(row.record, row.record_id) for row in self.log if row.action != "add"}


@dataclass
class Witness:
    engine: Engine
    states: dict[int, State] = field(default_factory=dict)
    heard_at: dict[int, Any] = field(default_factory=dict)
    newest: dict[int, str] = field(default_factory=dict)  # the question whose list was shown last, by person
    buttons: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    forgotten: set[str] = field(default_factory=set)  # words that nobody may find again
    last_message: int = 0
    last_logged: int = 0

    # --- looking

    def look(self, areas: AreaIndex) -> tuple[list[AnyRow], list[AnyRow]]:
        """Check everything that is stored and everything that was said since the last look; give what is new."""
        with reading(self.engine) as unit:
            assert broken(unit) == []
            fresh = unit.read(_NEW.where(messages.c.id > self.last_message)).all()
            log = unit.read(_LOGGED.where(audit.c.id > self.last_logged)).all()
            states = {row.person_id: _loaded(row.state) for row in unit.read(_OPEN)}
            self.heard_at = {row.person_id: row.heard_at for row in unit.read(_HEARD)}
            for state in unit.read(select(drafts.c.state)).scalars():
                assert _loaded(state).asked is None
            self._check_forgotten(unit)
            self._check_notices(unit)
        self.last_message = max([self.last_message, *(row.id for row in fresh)])
        self.last_logged = max([self.last_logged, *(row.id for row in log)])
        told = [row for row in fresh if row.direction == "out"]
        for row in told:
            _check_can_be_shown(row)
            if values := [value for value, _ in row.choices or ()]:
                self.newest[row.person_id] = values[0].rpartition(".")[0]
                self.buttons[row.person_id] += values
        for person, state in states.items():
            self._check_question(person, state, [row for row in told if row.person_id == person], areas)
        self.states = states
        return list(fresh), list(log)

    def _check_question(self, person: int, state: State, told: list[AnyRow], areas: AreaIndex) -> None:
        """What a number or a tap would answer is what was shown last, and nothing else ever was under that name."""
        asked, before = state.asked, self.states.get(person)
        if asked is None:
            assert before is not None, "an open conversation has asked something"
            return  # what was shown told of somebody who is forgotten now; it is asked anew
        known = before.asked if before else None
        if known is not None and known.id == asked.id:
            # The words may differ: photos of an album are counted silently.
            assert [value for value, _ in known.options] == [value for value, _ in asked.options]
        else:
            _check_shown(asked, told)
            _check_meanings(asked, areas)
            self.newest[person] = asked.id
        if asked.options:
            assert self.newest[person] == asked.id

    def _check_forgotten(self, unit: Unit) -> None:
        for words in self.forgotten:
            found = [
                table
                for table, column in _KEPT
                if unit.read(
                    text(f"SELECT 1 FROM {table} WHERE {column} LIKE :words LIMIT 1"), {"words": f"%{words}%"}
                ).first()
            ]
            assert found == [], words

    def _check_notices(self, unit: Unit) -> None:
        """What may be told of a message while it waits is short, belongs to no answer, and nobody has written it."""
        for row in unit.read(_NOTICED, {"last": self.last_message}):
            assert row.in_reply_to is None
            said = f"{row.notice['what']}\n{row.notice['about']}"
            assert said.count("\n") == 1
            assert row.notice["what"]
            assert all(len(line) <= MOST for line in said.split("\n"))
            written = set(unit.read(_WRITTEN).scalars()) - _STANDS
            assert [words for words in written if words in said] == []

    def size(self) -> list[tuple[str, int]]:
        """How many rows each table has."""
        with reading(self.engine) as unit:
            return [(table, count) for table, count in unit.read(_SIZES)]

    # --- after a message

    def check_answered(self, answer: Answer) -> None:
        """Everybody hears back on everything, but for the few things that are silent by rule."""
        inbound, before, after = answer.inbound, answer.before, answer.after
        replies = [row for row in answer.told if row.in_reply_to == answer.message_id]
        in_album = bool(inbound.group) and before is not None and before.group == inbound.group
        is_silent = (
            inbound.kind in (Kind.BLOCKED, Kind.RETURNED)
            or (inbound.kind is Kind.EDIT and not inbound.text)
            or bool(inbound.following)
            or in_album
            or (after is not None and after.misfits > SILENT_AFTER)
        )
        assert replies or is_silent

    def check_touched(self, answer: Answer) -> None:
        """A message changes only the proposals that the conversation was about, as it was shown."""
        touched = {number for record, number in answer.changed if record == "proposal"}
        if answer.inbound.kind is Kind.EDIT or not touched:
            return
        assert answer.before is not None
        assert not answer.void
        meant = [answer.before.arguments.get("number"), *answer.before.answers.values()]
        assert touched <= {int(one) for one in meant if isinstance(one, int | str) and str(one).isdecimal()}

    def check_chosen(self, answer: Answer, asked: Asked, at: int) -> None:
        """A number or a tap had the value of the option that was shown there."""
        before, after = answer.before, answer.after
        if answer.void:
            assert answer.changed == set()
        elif before and after and before.conversation == after.conversation:
            given = after.answers.keys() - before.answers.keys()
            assert asked.name not in given or _is(after.answers[asked.name], asked.options[at][0])
        elif before and after and after.conversation == "handle" and before.conversation == "ledger":
            assert str(after.arguments["number"]) == asked.options[at][0]

    def check_late(self, answer: Answer) -> None:
        """A button of a question that is no longer open does nothing."""
        assert answer.log == []
        if answer.before and answer.after and not answer.void:
            assert answer.after.answers == answer.before.answers
            assert answer.after.asked == answer.before.asked


def _loaded(stored: dict[str, Any]) -> State:
    state = State.load(stored)
    assert State.load(state.dump()) == state
    return state


def _check_can_be_shown(row: AnyRow) -> None:
    """The channel takes it: neither empty nor too long, buttons of their size."""
    channel = CAPABILITIES[row.channel]
    length = len(row.text.encode()) if channel.limit_in_bytes else len(row.text)
    assert row.text.strip() or row.has_file
    assert length <= channel.text_limit
    choices = row.choices or []
    assert channel.buttons or not choices
    assert all(len(value.encode()) <= CALLBACK_BYTES and _width(label) <= BUTTON_COLUMNS for value, label in choices)


def _width(label: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(character) in "FW") for character in label)


def _check_shown(asked: Asked, told: Sequence[AnyRow]) -> None:
    """The question and its options stand in what was just said, in this order."""
    channels = {row.channel for row in told}
    assert any(_is_shown(asked, channel, [row for row in told if row.channel == channel]) for channel in channels), (
        asked
    )


def _is_shown(asked: Asked, channel: str, told: Sequence[AnyRow]) -> bool:
    said = _dense("".join(row.text for row in told))
    listed = _dense("".join(f"{at} {label}" for at, (_, label) in enumerate(asked.options, 1)))
    if _dense(asked.text)[:100] not in said:
        return False
    if not CAPABILITIES[channel].buttons:
        return listed in said
    choices: list[list[str]] = next((row.choices for row in reversed(told) if row.choices), [])
    names = [f"{asked.id}.{at}" for at in range(len(asked.options))]
    return [value for value, _ in choices] == names and (_labels(choices) == listed or listed in said)


def _labels(choices: Sequence[Sequence[str]]) -> str:
    return _dense("".join(label for _, label in choices))


def _check_meanings(asked: Asked, areas: AreaIndex) -> None:
    """What an option says is what it stands for."""
    for value, label in asked.options:
        if asked.name in ("number", "which") and (said := _NUMBER.search(label)):
            assert value == said[1]
        if asked.name == "where" and value.isdecimal():
            area = areas.area(int(value))
            assert area
            assert area.name in label
        for kind, phrases in _WORDS_OF:
            if asked.name == kind.__name__.lower() and value in list(kind):
                assert label in (phrases[kind(value)].zh, phrases[kind(value)].en)  # type: ignore[index]  # of its kind


def _dense(said: str) -> str:
    return "".join(said.split())


def _is(answer: Any, value: str) -> bool:
    if isinstance(answer, dict):
        return value == ("open" if answer["cell"] is None else str(answer["cell"]))
    is_end = isinstance(answer, list) and value == "no"  # of several that were found one after another
    return str(answer) == value or is_end or value in ("done", "skip")
