"""Who must be prompted on which day of the simulated year: a plain loop over days, with arithmetic of its own."""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache

from chinese_calendar import is_workday

from tests.scheduler.county_year import DOWN, FIRST, LAST, County, Event, Project, Rule, Township

BODIES = {"dispatch", "half_year"}
Told = tuple[int, str, str, int, int]  # township, duty, month, step, person


def next_worked(day: date) -> date:
    while not _is_worked(day):
        day += timedelta(days=1)
    return day


def _is_worked(day: date) -> bool:
    # The year after is not published when the program plans: its weekends are free.
    return bool(is_workday(day)) if day.year <= 2026 else day.weekday() < 5


def worked_days_later(day: date, count: int) -> date:
    if count == 0:
        return next_worked(day)
    while count:
        day += timedelta(days=1)
        count -= _is_worked(day)
    return day


def _on(year: int, month: int, day: int) -> date:
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


@cache
def _periods(rule: Rule) -> list[tuple[date, date, int]]:
    """When each period of the year opens and is due, and its number, which counts months."""
    found = []
    for number in range(2026 * 12, 2026 * 12 + 13):
        month = number % 12 + 1
        if month not in rule.months:
            continue
        due = next_worked(_on(number // 12, month + rule.months_later, rule.due))
        opens = next_worked(_on(number // 12, month, rule.opens))
        if rule.notice is not None:
            opens = due - timedelta(days=rule.notice)
        found.append((opens, due, number))
    return found


@dataclass
class Report:
    """One that is owed: by the whole group, or by one person."""

    project: int
    person: int | None
    is_in: bool = False


@dataclass
class Round:
    township: Township
    rule: Rule
    month: str
    due: date
    days: list[date]  # of its steps
    reports: list[Report]
    told: int = 0  # steps
    is_closed: bool = False


@dataclass
class Loop:
    """The county as somebody with a paper calendar would run it."""

    county: County
    rounds: list[Round] = field(default_factory=list)
    told: set[Told] = field(default_factory=set)
    last_opened: dict[tuple[int, str], date] = field(default_factory=dict)

    def days(self) -> Iterator[tuple[date, set[tuple[int, str]]]]:
        """Each day at which the program runs, with whom a conversation is begun in the morning."""
        day = FIRST
        while day <= LAST:
            if day not in DOWN:
                yield day, self._morning(day)
                for event in self.county.events.get(day, ()):
                    self._afternoon(day, event)
            day += timedelta(days=1)

    # --- the morning

    def _morning(self, today: date) -> set[tuple[int, str]]:
        for township in self.county.townships:
            for rule in township.rules:
                self._open(today, township, rule)
        going_on = [opened for opened in self.rounds if opened.told < len(opened.days)]
        return {one for opened in going_on for one in self._tell(today, opened)}

    def _open(self, today: date, township: Township, rule: Rule) -> None:
        key = township.number, rule.duty
        since = self.last_opened.get(key, FIRST - timedelta(days=1))
        latest = max((one for one in _periods(rule) if since < one[0] <= today), default=None)
        if latest is None:
            return
        opens, due, number = latest
        self.last_opened[key] = opens
        for before in self.rounds:
            if before.township is township and before.rule is rule and before.due < opens:
                before.is_closed = True
        reminded = [worked_days_later(opens, count) for count in rule.reminders]
        days = [opens, *(day for day in reminded if day <= due), worked_days_later(due, rule.escalates_after)]
        reports = list(self._reports(township, rule, opens, number))
        self.rounds.append(Round(township, rule, f"{number // 12}-{number % 12 + 1:02}", due, days, reports))

    def _reports(self, township: Township, rule: Rule, opens: date, number: int) -> Iterator[Report]:
        if rule.duty == "reception":
            yield from (Report(0, person) for person in township.deputies)
            return
        for one in self.county.projects:
            if one.township != township.number or not (one.begun_on <= opens <= (one.ended_on or LAST)):
                continue
            charged = self._charged(township, rule, one)
            if rule.owed == "group":
                yield Report(one.number, None)
            elif rule.owed == "each":
                yield from (Report(one.number, person) for person in charged)
            elif charged:
                yield Report(one.number, charged[number % len(charged)])

    def _charged(self, township: Township, rule: Rule, one: Project) -> list[int]:
        return township.builders if rule.duty in BODIES else one.group

    def _tell(self, today: date, opened: Round) -> Iterator[tuple[int, str]]:
        step = sum(day <= today for day in opened.days) - 1
        if step < opened.told:
            return
        opened.told = step + 1
        is_last = step == len(opened.days) - 1
        if opened.is_closed and not is_last:
            return
        township, rule = opened.township, opened.rule
        open_reports = [report for report in opened.reports if not report.is_in]
        people: set[int] = set()
        if is_last and open_reports:
            people = {township.chair if rule.to_presidium and township.chair else township.staff}
        elif not is_last:
            people = {person for report in open_reports for person in self._who(opened, report)}
        for person in people:
            self.told.add((township.number, rule.duty, opened.month, step, person))
            yield person, "overdue" if is_last else "duties"

    def _who(self, opened: Round, report: Report) -> list[int]:
        if not report.project:
            return [report.person or 0]
        charged = self._charged(opened.township, opened.rule, self.county.projects[report.project - 1])
        return charged if report.person is None else [one for one in charged if one == report.person]

    # --- the afternoon

    def _afternoon(self, today: date, event: Event) -> None:
        if event.what == "answers":
            self._answer(event)
            return
        one = self.county.projects[event.project - 1]
        if event.what == "finishes":
            one.ended_on = one.ended_on or today
        elif event.person in one.group:
            one.group = [*(person for person in one.group if person != event.person), event.successor]

    def _answer(self, event: Event) -> None:
        for opened in self.rounds:
            if opened.is_closed or (opened.township.number, opened.rule.duty) != (event.township, event.duty):
                continue
            for report in opened.reports:
                if report.project == event.project and report.person in (None, event.person):
                    report.is_in = True
