"""The digest that staff get on the first working day of a month: which congresses are due, and that they had theirs.

It is claimed by a row that only one replica can insert, as the run of a job is, once for each congress and month. What
was missed while nobody ran is made up for within the month.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select

from storage.conflicts import insert_or_else
from storage.database import Unit
from storage.domain.cadence import moment
from storage.domain.report_period import Span, holding
from storage.domain.roles import Role
from storage.domain.working_days import WorkingDays
from storage.tables import accounts, congresses, job_runs, projects, prompts, roles

CONVERSATION = "supervision"
AT = time(9)  # of that working day, where the congress is
LOOKED_AT = 200  # congresses at a time
TOLD = 50  # of them, at most
_ADD_PROMPT = insert(prompts)


@dataclass(frozen=True, slots=True)
class Told:
    """`behind` is the congress behind which to look next; None when all have been looked at. `people` are those for
    whom a digest waits now. `is_over`: none of those looked at has one to come in this month (of UTC)."""

    behind: int | None
    people: Sequence[int]
    is_over: bool


def tell(unit: Unit, now: datetime, days: WorkingDays, behind: int = 0) -> Told:
    """Look at some congresses, and prompt the staff of those that are due."""
    rows = unit.read(
        select(congresses.c.id, congresses.c.timezone, congresses.c.created_at)
        .where(congresses.c.id > behind)
        .order_by(congresses.c.id)
        .limit(LOOKED_AT)
    ).all()
    due = {row.id: first for row in rows if (first := _due(now, ZoneInfo(row.timezone), days))}
    is_over = all(row.id in due and due[row.id].month == now.month for row in rows)
    had = _had(unit, due)
    waiting = [row for row in rows if row.id in due and row.id not in had]
    claimed = _claim(unit, now, {row.id: due[row.id] for row in waiting[:TOLD]})
    # Who was set up since has nothing to be told of the month before.
    old = [row.id for row in waiting[:TOLD] if row.id in claimed and row.created_at < _scheduled(due[row.id])]
    people = _prompt(unit, now, {congress: due[congress] for congress in old})
    if len(waiting) > TOLD:
        return Told(waiting[TOLD - 1].id, people, is_over)
    return Told(rows[-1].id if len(rows) == LOOKED_AT else None, people, is_over)


def _due(now: datetime, zone: ZoneInfo, days: WorkingDays) -> date | None:
    """The first day of the month that it is in a zone, once the first working day of it has come there."""
    first = now.astimezone(zone).date().replace(day=1)
    return first if now >= moment(days.on_or_after(first), AT, zone) else None


def _had(unit: Unit, due: dict[int, date]) -> set[int]:
    """The congresses that have had theirs."""
    named = {_run(congress): congress for congress in due}
    moments = {_scheduled(first) for first in due.values()}
    there = select(job_runs.c.job).where(job_runs.c.scheduled_at.in_(moments), job_runs.c.job.in_(sorted(named)))
    return {named[job] for job in unit.read(there).scalars()}


def _run(congress_id: int) -> str:
    return f"digest {congress_id}"


def _scheduled(first: date) -> datetime:
    """A moment that stands for a month, whatever the zone."""
    return datetime.combine(first, time(), UTC)


def _claim(unit: Unit, now: datetime, due: dict[int, date]) -> set[int]:
    """Those of them that no other replica has taken; theirs are done with this transaction."""
    if not due:
        return set()
    named = {_run(congress): congress for congress in due}
    rows = [
        {"job": _run(congress), "scheduled_at": _scheduled(first), "started_at": now, "finished_at": now}
        for congress, first in due.items()
    ]
    taken = insert_or_else(job_runs, unit.dialect).values(rows).on_conflict_do_nothing().returning(job_runs.c.job)
    return {named[job] for job in unit.write(taken).scalars()}


def _prompt(unit: Unit, now: datetime, due: dict[int, date]) -> list[int]:
    """Who is prompted: the staff of those that have any project."""
    staff = _staff(unit, sorted(due))
    # Whoever was away for months hears of the last one only.
    of_these = prompts.c.arguments["congress"].as_integer().in_(sorted(due))
    theirs = prompts.c.person_id.in_(sorted({person for person, _ in staff}))
    unit.write(delete(prompts).where(theirs, prompts.c.conversation == CONVERSATION, of_these))
    month = {congress: holding(first - timedelta(days=1), Span.MONTH).key for congress, first in due.items()}
    common = {"conversation": CONVERSATION, "created_at": now}
    unit.later(
        _ADD_PROMPT,
        *(
            {
                "person_id": person,
                "arguments": {"congress": congress, "digest": month[congress], "role": role},
                **common,
            }
            for (person, congress), role in staff.items()
        ),
    )
    return sorted({person for person, _ in staff})


def _staff(unit: Unit, congress_ids: Sequence[int]) -> dict[tuple[int, int], int]:
    """By person and congress the role for which they are told: of those who can be written to, where there are
    projects."""
    has_account = select(accounts.c.id).where(accounts.c.person_id == roles.c.person_id).exists()
    has_project = select(projects.c.id).where(projects.c.congress_id == roles.c.congress_id).exists()
    rows = unit.read(
        select(roles.c.person_id, roles.c.congress_id, roles.c.id)
        .where(roles.c.congress_id.in_(congress_ids), roles.c.role == Role.STAFF, roles.c.revoked_at.is_(None))
        .where(has_account, has_project)
        .order_by(roles.c.id.desc())
    )
    return {(person, congress): role for person, congress, role in rows}
