"""An invented county for a simulated year: 12 townships, 161 projects, 965 deputies, and all that people do in it.

What happens is drawn once, by day, and then played twice: on the program, and on the plain loop of
`tests.scheduler.expected_year`. Nothing here asks the program when anything is due.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
TOWNSHIPS, PROJECTS, DEPUTIES = 12, 161, 965
DOWN = [date(2026, 3, 8) + timedelta(days=ahead) for ahead in range(3)]  # nobody looks; a reminder was due on the 9th
MONTHLY = tuple(range(1, 13))


@dataclass(frozen=True)
class Rule:
    """How a duty comes round in a township, in the words of this test."""

    duty: str
    months: tuple[int, ...] = MONTHLY
    opens: int = 1
    due: int = 25
    months_later: int = 0
    notice: int | None = None
    reminders: tuple[int, ...] = (5, 10)
    escalates_after: int = 1
    to_presidium: bool = False
    owed: str = "group"


@dataclass
class Township:
    """`rules` by duty. The presidium may have nobody in it yet; then staff hear instead."""

    number: int
    deputies: list[int]
    staff: int
    chair: int | None
    builders: list[int]
    rules: list[Rule]


@dataclass
class Project:
    number: int
    township: int
    group: list[int]
    begun_on: date
    ended_on: date | None = None


@dataclass(frozen=True)
class Event:
    """What somebody does in the afternoon: answer, leave and join a group, or finish a project."""

    what: str
    township: int
    project: int  # 0 on a reception day
    person: int
    duty: str = ""
    successor: int = 0


@dataclass
class County:
    townships: list[Township]
    projects: list[Project]
    events: dict[date, list[Event]] = field(default_factory=dict)

    def at(self, day: date, event: Event) -> None:
        if FIRST <= day <= LAST and day not in DOWN:
            self.events.setdefault(day, []).append(event)


def _rules(number: int) -> list[Rule]:
    """Each township has it in its own way."""
    inspection = (
        Rule("inspection"),
        Rule("inspection", owed="each"),
        Rule("inspection", opens=3, due=31, reminders=(3, 8, 15)),
        Rule("inspection", months=(1, 3, 5, 7, 9, 11), due=10, months_later=1, owed="turns", to_presidium=True),
    )[number % 4]
    more = (
        [Rule("reception", due=15, notice=7, reminders=(), owed="each"), Rule("pre_assessment", (12,), due=20)],
        [Rule("dispatch", (3, 6, 9, 12), opens=20, due=10, months_later=1, reminders=(5,), escalates_after=0)],
        [Rule("questions", (2, 7, 12), due=20, to_presidium=True), Rule("half_year", (6,), 20, 15, 1, owed="each")],
    )[number % 3]
    return [inspection, *more]


def invented(seed: int = 2026) -> County:
    """The county, the same each time."""
    chance = Random(seed)  # it is to be the same each time
    people = iter(range(1, 10_000))
    share = [DEPUTIES // TOWNSHIPS + (at < DEPUTIES % TOWNSHIPS) for at in range(TOWNSHIPS)]
    townships = [
        Township(
            at + 1,
            [next(people) for _ in range(share[at])],
            next(people),
            next(people) if at % 2 else None,
            [next(people), next(people)],
            _rules(at),
        )
        for at in range(TOWNSHIPS)
    ]
    projects = [_project(chance, number, townships) for number in range(1, PROJECTS + 1)]
    county = County(townships, projects)
    for one in projects:
        _what_happens(chance, county, one)
    for township in townships:
        if any(rule.duty == "reception" for rule in township.rules):
            _receptions(chance, county, township)
    return county


def _project(chance: Random, number: int, townships: list[Township]) -> Project:
    township = townships[number % TOWNSHIPS]
    group = chance.sample(township.deputies, chance.choice((0, 2, 3, 3, 4, 5)))
    begun_on = FIRST if chance.random() < 0.7 else FIRST + timedelta(days=chance.randrange(200))
    return Project(number, township.number, group, begun_on)


def _what_happens(chance: Random, county: County, one: Project) -> None:
    township = county.townships[one.township - 1]
    group = list(one.group)
    diligence = chance.choice((0.0, 0.5, 0.9, 1.0))
    for month in MONTHLY:
        first = date(2026, month, 1)
        for rule in township.rules:
            if rule.duty == "reception" or chance.random() > diligence:
                continue
            who = township.builders if rule.duty in ("dispatch", "half_year") else group
            for person in who if rule.owed == "each" else who[-1:]:
                day = first + timedelta(days=chance.randrange(34))  # some are late, some too late
                county.at(day, Event("answers", one.township, one.number, person, rule.duty))
        if group and chance.random() < 0.08:
            successor = chance.choice([person for person in township.deputies if person not in group])
            leaver = chance.choice(group)
            leaves = Event("leaves", one.township, one.number, leaver, "", successor)
            county.at(first + timedelta(days=chance.randrange(28)), leaves)
            group = [*(person for person in group if person != leaver), successor]
    if chance.random() < 0.3:
        county.at(FIRST + timedelta(days=chance.randrange(150, 364)), Event("finishes", one.township, one.number, 0))


def _receptions(chance: Random, county: County, township: Township) -> None:
    for month in MONTHLY:
        for person in township.deputies:
            if chance.random() < 0.8:
                day = date(2026, month, 1) + timedelta(days=chance.randrange(7, 30))
                county.at(day, Event("answers", township.number, 0, person, "reception"))
