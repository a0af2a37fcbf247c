"""Nudging those who still owe a report, so often and no oftener, and who has to be called instead."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, FromClause, bindparam, case, func, insert, literal, select, true, update

from storage.among import among
from storage.audit import Audit
from storage.database import Unit
from storage.owing import owing
from storage.people import awaits_contact
from storage.supervision_tallies import PAGE
from storage.tables import accounts, audit, people, prompts, reminders, rounds
from storage.telling import quiet_until

CONVERSATION = "duties"  # it lists all that its person owes
A_ROUND = 2  # times that somebody is nudged about one period, whoever does it
_ACTION = "nudge"
_ADD_PROMPT = insert(prompts)
_STEPS = (
    select(reminders.c.round_id, reminders.c.person_id, func.max(reminders.c.step).label("step"))
    .where(among(reminders.c.person_id, "people"), ~reminders.c.escalates)
    .group_by(reminders.c.round_id, reminders.c.person_id)
)
_LET_HEAR = (
    update(reminders)
    .where(reminders.c.round_id == bindparam("round"), reminders.c.person_id == bindparam("person"))
    .where(reminders.c.step == bindparam("last"))
    .values(prompt_at=bindparam("moment", type_=reminders.c.prompt_at.type))
)
_HEARS_FIRST = insert(reminders)


@dataclass(frozen=True, slots=True)
class Debtor:
    """Somebody who owes reports in so many open rounds."""

    person: int
    name: str
    rounds: int


@dataclass(frozen=True, slots=True)
class Unreached:
    """Somebody who owes a report and whom no push reaches. `since` is None for who never wrote to us; `awaits`: they
    are asked when they write again."""

    person: int
    name: str
    telephone: str
    since: datetime | None
    awaits: bool


@dataclass(slots=True)
class Nudged:
    """What came of it: who hears, and how many were left out, for each reason."""

    prompted: list[int] = field(default_factory=list)
    today: int = 0  # had been nudged that day
    often: int = 0  # had been nudged `A_ROUND` times about each period
    unreached: int = 0  # no push reaches them
    later: int = 0  # hear when the quiet hours are over
    quiet_until: datetime | None = None  # when that is, for the first of them
    awaited: int = 0  # of those who hear: not before they write again


class Nudges:
    """`channels` are those that are set up, default: all. Whose names are read from a list is noted in `shown`."""

    def __init__(
        self,
        unit: Unit,
        now: datetime,
        audit_log: Audit,
        channels: Collection[str] | None = None,
        shown: set[int] | None = None,
    ) -> None:
        self._unit, self._now, self._audit, self._channels = unit, now, audit_log, channels
        self._shown = set() if shown is None else shown

    # --- reading

    def debtors(self, congress_id: int, after: int = 0, limit: int = PAGE) -> list[Debtor]:
        """Everybody who may still be told of something they owe."""
        of = owing(congress_id).subquery("owing")
        rows = self._unit.read(
            select(people.c.id, people.c.name, func.count(of.c.round.distinct()))
            .select_from(of)
            .join(people, people.c.id == of.c.person)
            .where(of.c.person > after)
            .group_by(people.c.id, people.c.name)
            .order_by(people.c.id)
            .limit(limit)
        )
        found = [Debtor(*row) for row in rows]
        self._shown.update(one.person for one in found)
        return found

    def unreached(self, congress_id: int, after: int = 0, limit: int = PAGE) -> list[Unreached]:
        """Those of them whom no push reaches: without an account, or none of theirs takes messages any more."""
        of = owing(congress_id).subquery("owing")
        since = func.max(func.coalesce(accounts.c.unreachable_since, accounts.c.seen_at)).label("since")
        awaits = func.max(case((self._awaits(accounts), 1), else_=0)).label("awaits")
        rows = self._unit.read(
            select(people.c.id, people.c.name, people.c.telephone, since, awaits)
            .select_from(of)
            .join(people, people.c.id == of.c.person)
            .outerjoin(accounts, accounts.c.person_id == people.c.id)
            .where(of.c.person > after, ~self._is_reached(people.c.id))
            .group_by(people.c.id, people.c.name, people.c.telephone)
            .order_by(people.c.id)
            .limit(limit)
        )
        found = [Unreached(row.id, row.name, row.telephone, row.since, bool(row.awaits)) for row in rows]
        self._shown.update(one.person for one in found)
        return found

    def _is_reached(self, person: ColumnElement[int]) -> ColumnElement[bool]:
        other = accounts.alias("other")
        return select(literal(1)).where(other.c.person_id == person, self._takes_messages(other)).exists()

    def _takes_messages(self, table: FromClause) -> ColumnElement[bool]:
        takes: ColumnElement[bool] = table.c.unreachable_since.is_(None)
        return takes & self._is_set_up(table)

    def _awaits(self, table: FromClause) -> ColumnElement[bool]:
        return awaits_contact(table) & self._is_set_up(table)

    def _is_set_up(self, table: FromClause) -> ColumnElement[bool]:
        return true() if self._channels is None else table.c.channel.in_(sorted(self._channels))

    # --- writing

    def nudge(self, congress_id: int, day_began: datetime, person_ids: Collection[int] | None = None) -> Nudged:
        """Ask for what is owed: everybody, or these people. Nobody twice a day, nor oftener than `A_ROUND` times about
        one period. Whoever is free hears at once or within minutes, in quiet hours when they are over; who hears of it
        already is not asked twice.
        """
        owed = self._owed(congress_id, person_ids)
        done, told = Nudged(), self._told(owed)
        reached, awaited = self._with(owed, self._takes_messages), self._with(owed, self._awaits)
        chosen: dict[int, list[int]] = {}
        for person in sorted(owed):
            counts = Counter(round_id for _, rounds_told in told[person] for round_id in rounds_told)
            left = sorted(one for one in owed[person] if counts[one] < A_ROUND)
            if any(at >= day_began for at, _ in told[person]):
                done.today += 1
            elif not left:
                done.often += 1
            elif person not in reached | awaited:
                done.unreached += 1
            else:
                chosen[person] = left
        later = self._later(chosen)
        self._prompt({person for person in chosen if person not in later})
        for person, about in chosen.items():
            self._audit.record(_ACTION, "person", person, None, {"congress": congress_id, "rounds": about})
        done.prompted = [person for person in chosen if person not in later]
        done.awaited = len(set(done.prompted) - reached)
        done.later, done.quiet_until = len(later), min(later.values(), default=None)
        return done

    def _owed(self, congress_id: int, person_ids: Collection[int] | None) -> dict[int, set[int]]:
        # Locked, so that two of the staff do not nudge the same people at once.
        locked = select(rounds.c.id).where(rounds.c.congress_id == congress_id, rounds.c.closed_at.is_(None))
        self._unit.read(locked.order_by(rounds.c.id).with_for_update())
        owed: defaultdict[int, set[int]] = defaultdict(set)
        for person, round_id in self._unit.read(owing(congress_id)):
            if person_ids is None or person in person_ids:
                owed[person].add(round_id)
        return owed

    def _with(self, person_ids: Iterable[int], such: Callable[[FromClause], ColumnElement[bool]]) -> set[int]:
        """Those of them who have such an account."""
        query = select(accounts.c.person_id).where(among(accounts.c.person_id, "people"), such(accounts))
        return set(self._unit.read(query, {"people": list(person_ids)}).scalars())

    def _told(self, person_ids: Iterable[int]) -> defaultdict[int, list[tuple[datetime, list[int]]]]:
        """When each was nudged, and about which rounds."""
        found: defaultdict[int, list[tuple[datetime, list[int]]]] = defaultdict(list)
        query = select(audit.c.record_id, audit.c.at, audit.c.after).where(
            audit.c.record == "person", among(audit.c.record_id, "people"), audit.c.action == _ACTION
        )
        for person, at, after in self._unit.read(query, {"people": list(person_ids)}):
            found[person].append((at, after["rounds"]))
        return found

    def _later(self, chosen: Mapping[int, Sequence[int]]) -> dict[int, datetime]:
        """Who may not be disturbed now, and when they hear: those for whom it is quiet about all that they owe."""
        quiet = quiet_until(self._unit, self._now, {one for about in chosen.values() for one in about})
        about_first = {
            person: min(about, key=quiet.__getitem__)
            for person, about in chosen.items()
            if all(one in quiet for one in about)
        }
        later = {person: quiet[one] for person, one in about_first.items()}
        steps = {(row.round_id, row.person_id): row.step for row in self._unit.read(_STEPS, {"people": list(later)})}
        for person, one in about_first.items():
            if (one, person) in steps:  # the step that they heard of last comes once more
                row = {"round": one, "person": person, "last": steps[one, person], "moment": later[person]}
                self._unit.later(_LET_HEAR, row)
            else:
                row = {"round_id": one, "step": 0, "person_id": person, "at": self._now, "prompt_at": later[person]}
                self._unit.later(_HEARS_FIRST, row)
        return later

    def _prompt(self, chosen: Collection[int]) -> None:
        waiting = select(prompts.c.person_id).where(
            among(prompts.c.person_id, "people"), prompts.c.conversation == CONVERSATION
        )
        waits = set(self._unit.read(waiting, {"people": list(chosen)}).scalars())
        prompt = {"conversation": CONVERSATION, "arguments": {}, "created_at": self._now}
        self._unit.later(_ADD_PROMPT, *({"person_id": one, **prompt} for one in sorted(chosen) if one not in waits))
