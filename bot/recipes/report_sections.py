"""A report of supervision as sections of rows, however it is written afterwards."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.recipes.source import Source
from bot.recipes.spreadsheet_cells import Value
from handlers.access import masked
from handlers.texts import reports as texts
from handlers.texts.phrase import Phrase
from handlers.texts.pictures import calendar_day
from handlers.texts.projects import STAGE
from handlers.texts.rectifications import SEVERITY
from handlers.texts.rectifications import STAGE as HANDLING
from handlers.texts.supervision import period_name
from storage.congresses import Congress
from storage.domain.deputy_ranking import Reported, places
from storage.domain.report_period import ReportPeriod
from storage.project_standing import Standing
from storage.store import Store
from storage.supervision_report import DeputyRow, ProjectRow, SupervisionReport
from storage.supervision_totals import Problems, Reports, Totals

Row = Sequence[Value]
Say = Callable[[Phrase], str]
AND = "、"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, and how wide its column is in characters."""

    heading: str
    width: int


@dataclass(frozen=True, slots=True)
class Section:
    """`brief` are the positions of the columns that there is room for on paper."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    brief: Sequence[int]

    def on_paper(self) -> "Section":
        columns = [self.columns[at] for at in self.brief]
        return Section(self.title, columns, [[row[at] for at in self.brief] for row in self.rows], range(len(columns)))


@dataclass(frozen=True, slots=True)
class Report:
    heading: str
    as_of: str
    language: str
    sections: Sequence[Section]


def report(source: Source, congress_id: int, period: ReportPeriod, language: str) -> Report:
    """The report in a language, with what is told of deputies as the congress's rules have it."""
    store = Store(source.unit, source.now, source.areas)
    congress = store.congresses.get(congress_id)
    today = congress.today(source.now)
    projects = store.projects.of_congress(congress_id, limit=None)
    found = SupervisionReport(source.unit, congress, period, projects, today)

    def say(phrase: Phrase) -> str:
        return phrase.said(language)

    heading, as_of = say(texts.heading(congress.name, period_name(period))), say(texts.as_of(today))
    about = [(say(texts.PERIOD), say(period_name(period))), (say(texts.SEEN_ON), say(calendar_day(today)))]
    return Report(heading, as_of, language, _Sections(source, congress, found, say).all(about))


class _Sections:
    def __init__(self, source: Source, congress: Congress, found: SupervisionReport, say: Say) -> None:
        self._areas, self._congress, self._found, self._say = source.areas, congress, found, say
        self._zone = ZoneInfo(congress.timezone)
        self._projects = found.projects()

    def all(self, about: Sequence[Row]) -> list[Section]:
        """`about`: what stands above the totals."""
        totals = self._found.totals()
        return [
            self._overall(totals, about),
            self._kinds(totals),
            self._of_projects(),
            self._deputies(self._found.deputies()),
            self._grouped(texts.BODIES, texts.BODY, 24, lambda row: [row.project.description.body]),
            self._grouped(texts.CELLS, texts.CELL, 24, self._cells),
            self._problems(),
            self._unable(),
        ]

    def _section(
        self,
        title: Phrase,
        columns: Sequence[tuple[Phrase, int]],
        rows: Sequence[Row],
        left_out: Collection[Phrase] = (),
    ) -> Section:
        """`left_out` on paper are these columns."""
        named = [Column(self._say(heading), width) for heading, width in columns]
        brief = [at for at, (heading, _) in enumerate(columns) if heading not in left_out]
        return Section(self._say(title), named, rows, brief)

    def _overall(self, totals: Totals, about: Sequence[Row]) -> Section:
        stands = [row.standing for row in self._projects]
        counts: list[tuple[Phrase, int]] = [
            (texts.PROJECTS_IN_ALL, len(stands)),
            (texts.FINISHED, stands.count(Standing.FINISHED)),
            (texts.SLOW, stands.count(Standing.SLOW)),
            (texts.STOPPED, stands.count(Standing.STOPPED)),
            (texts.PROBLEMS_FOUND, totals.problems.found),
            (texts.PROBLEMS_CLOSED, totals.problems.closed),
            (texts.PROBLEMS_UNSOLVED, totals.problems.unsolved),
            (texts.PROBLEMS_OVERDUE, totals.problems.overdue),
            (texts.EXPLANATIONS, totals.explanations),
            (texts.NOTES_WRITTEN, totals.notes),
            (texts.RECEIVED, totals.received),
        ]
        rows = [*about, *((self._say(item), count) for item, count in counts)]
        return self._section(texts.TOTALS, [(texts.ITEM, 28), (texts.COUNT, 24)], rows)

    def _kinds(self, totals: Totals) -> Section:
        rows: list[Row] = [(self._say(texts.kind(duty)), *_reports(came)) for duty, came in totals.reports.items()]
        return self._section(texts.KINDS, [(texts.KIND, 20), *_REPORTS], rows)

    def _of_projects(self) -> Section:
        columns = [
            (texts.NUMBER, 8),
            (texts.TITLE, 34),
            (texts.BODY, 22),
            (texts.LEADER, 10),
            (texts.CELL, 24),
            (texts.LIAISONS, 22),
            (texts.STAGE, 10),
            (texts.STANDING, 12),
            (texts.PROGRESS, 8),
            (texts.PLANNED, 8),
            (texts.DEADLINE, 12),
            *_REPORTS,
            *_PROBLEMS,
            (texts.LAST_NOTE, 12),
        ]
        rows = [self._project(row) for row in self._projects]
        return self._section(texts.PROJECTS, columns, rows, _ONLY_IN_SHEETS)

    def _project(self, row: ProjectRow) -> Row:
        one, about = row.project, row.project.description
        return (
            one.number,
            about.title,
            about.body,
            about.leader,
            AND.join(self._cells(row)),
            AND.join(row.deputies),
            self._say(STAGE[one.stage]),
            self._say(texts.standing(row.standing)),
            one.progress,
            row.planned,
            about.deadline,
            *_reports(row.reports),
            *_problems(row.problems),
            self._day(row.last_note),
        )

    def _cells(self, row: ProjectRow) -> list[str]:
        cells = [self._areas.area(cell) for cell in row.project.description.cells]
        return [self._areas.title(cell) for cell in cells if cell] or [self._say(texts.NO_CELL)]

    def _grouped(self, title: Phrase, heading: Phrase, width: int, keys: Callable[[ProjectRow], list[str]]) -> Section:
        """Projects added up by a key that they have; with several keys, under each."""
        counts: defaultdict[str, list[ProjectRow]] = defaultdict(list)
        for row in self._projects:
            for key in keys(row):
                counts[key].append(row)
        rows: list[Row] = [
            (
                key,
                len(found),
                *_reports(sum((row.reports for row in found), Reports())),
                *_problems(sum((row.problems for row in found), Problems())),
            )
            for key, found in sorted(counts.items())
        ]
        return self._section(title, [(heading, width), (texts.PROJECT_COUNT, 8), *_REPORTS, *_PROBLEMS], rows)

    def _deputies(self, found: Sequence[DeputyRow]) -> Section:
        columns = [
            (texts.NAME, 12),
            (texts.PROJECT_COUNT, 8),
            (texts.PROMPTED, 10),
            (texts.REMINDED, 10),
            (texts.ANSWERED, 8),
            (texts.NOTES, 10),
            (texts.DAYS, 14),
            (texts.FOUND, 10),
            (texts.CLOSED, 8),
        ]
        rows: dict[int, list[Value]] = {one.person: _deputy(one) for one in found}
        if not self._congress.rules.deputies_ranked:
            return self._section(texts.DEPUTIES, columns, list(rows.values()))
        ranked = places({one.person: Reported(one.record.answered, one.record.days) for one in found})
        in_order = [[*rows[person], place] for person, place in ranked.items()]
        return self._section(texts.DEPUTIES, [*columns, (texts.PLACE, 8)], in_order)

    def _problems(self) -> Section:
        columns = [
            (texts.NUMBER, 8),
            (texts.PROJECT, 34),
            (texts.BODY, 22),
            (texts.TEXT, 50),
            (texts.SEVERITY, 8),
            (texts.STAGE, 10),
            (texts.FOUND_ON, 12),
            (texts.DUE_ON, 12),
            (texts.PLANNED_ON, 12),
            (texts.CLOSED_ON, 12),
        ]
        rows = [
            (
                one.number,
                one.title,
                one.body,
                masked(one.text),
                self._say(SEVERITY[one.severity]),
                self._say(HANDLING[one.stage]),
                self._day(one.created_at),
                one.due_on,
                one.planned_on,
                self._day(one.closed_at),
            )
            for one in self._found.problems()
        ]
        return self._section(texts.PROBLEMS, columns, rows)

    def _unable(self) -> Section:
        columns = [(texts.DAY, 12), (texts.PROJECT, 34), (texts.NAME, 12), (texts.REASON, 50)]
        rows = [(self._day(one.at), one.title, one.name, masked(one.reason)) for one in self._found.unable()]
        return self._section(texts.UNABLE, columns, rows)

    def _day(self, at: datetime | None) -> date | None:
        return at.astimezone(self._zone).date() if at else None


_REPORTS = [
    (texts.OWED, 8),
    (texts.IN_TIME, 8),
    (texts.LATE, 8),
    (texts.MISSING, 8),
    (texts.COMING, 8),
    (texts.CANNOT, 14),
]
# A sheet of paper has room for fourteen columns in type that can be read.
_ONLY_IN_SHEETS = {
    *(texts.LEADER, texts.CELL, texts.STAGE, texts.COMING, texts.CANNOT, texts.FOUND, texts.CLOSED, texts.LAST_NOTE)
}
_PROBLEMS = [(texts.FOUND, 10), (texts.CLOSED, 8), (texts.UNSOLVED, 8), (texts.OVERDUE, 8)]


def _reports(came: Reports) -> tuple[int, ...]:
    return came.owed, came.in_time, came.late, came.missing, came.coming, came.unable


def _problems(found: Problems) -> tuple[int, ...]:
    return found.found, found.closed, found.unsolved, found.overdue


def _deputy(one: DeputyRow) -> list[Value]:
    record = one.record
    charged, days = len(record.projects), record.days
    asked = (charged, record.prompted, record.reminded, record.answered, record.notes)
    return [one.name, *asked, days, record.found, record.closed]
