"""The card of a project, from what is stored of it."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.pictures.month_row import Month, MonthMark
from bot.pictures.project_card import ProjectCard, project_card
from bot.recipes.drawings import Drawings
from bot.recipes.source import Source
from handlers.texts.projects import STAGE
from handlers.texts.rectifications import SEVERITY
from storage.card_facts import Inspected, inspections, unsolved
from storage.congresses import Congress
from storage.domain.cadence import Duty, moment
from storage.notes import Standing
from storage.projects import Project
from storage.store import Store

_MONTHS_A_YEAR = 12
_DAY = timedelta(days=1)
_kept = Drawings()


def write_project_card(source: Source, arguments: Mapping[str, Any], path: Path) -> None:
    """Write the picture of the project that `arguments` name, as of a day, to `path`. Raises KeyError for a project
    that is not there."""
    card = _card(source, arguments["project"], date.fromisoformat(arguments["as_of"]), arguments["language"])
    shown = card, arguments["language"]
    path.write_bytes(_kept.drawn(shown, lambda: project_card(*shown)))


def _card(source: Source, number: int, as_of: date, language: str) -> ProjectCard:
    store = Store(source.unit, source.now, source.areas)
    project = store.projects.get(number)
    if project is None:
        raise KeyError(number)
    congress = store.congresses.get(project.congress_id)
    about = project.description
    problems, worst = unsolved(source.unit, number)
    return ProjectCard(
        congress=congress.name,
        number=number,
        title=about.title,
        stage=STAGE[project.stage].said(language),
        body=about.body,
        leader=about.leader,
        deadline=about.deadline,
        investment=about.investment,
        progress=project.progress,
        planned=store.projects.planned(project, as_of),
        months=tuple(
            MonthMark(f"{month}月" if language != "en" else f"{month:02}", what)
            for month, what in _months(store, congress, project, as_of)
        ),
        open_problems=problems,
        worst=SEVERITY[worst].said(language) if worst else "",
        as_of=as_of,
    )


def _months(store: Store, congress: Congress, project: Project, as_of: date) -> list[tuple[int, Month]]:
    """What came of each month of the year that was owed, and those that are still to come."""
    owed = inspections(store.unit, congress.id, project.number, as_of.year)
    zone = ZoneInfo(congress.timezone)
    coming = _coming(store, congress, as_of) if project.is_supervised else set[int]()
    return [
        (month, _became(owed[month], as_of, zone) if month in owed else Month.NOT_DUE)
        for month in range(1, _MONTHS_A_YEAR + 1)
        if month in owed or month in coming
    ]


def _coming(store: Store, congress: Congress, as_of: date) -> set[int]:
    """The months of that year in which a further inspection comes round."""
    arranged = store.cadences.of(congress.id)[Duty.INSPECTION]
    if arranged.coming is None:
        return set()
    opens = arranged.coming.key
    return {month for month in arranged.cadence.months if f"{as_of.year:04}-{month:02}" >= opens}


def _became(owed: Sequence[Inspected], as_of: date, zone: ZoneInfo) -> Month:
    """Of the reports of one month: where each deputy owes one, all of them count."""
    missing = [one for one in owed if one.answered_at is None]
    if missing:
        return Month.MISSED if any(one.due_on < as_of for one in missing) else Month.OPEN
    if all(one.standing is Standing.UNABLE for one in owed):
        return Month.EXCUSED
    is_late = any(one.answered_at and one.answered_at >= moment(one.due_on + _DAY, time(), zone) for one in owed)
    return Month.LATE if is_late else Month.ANSWERED
