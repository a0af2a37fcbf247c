"""The invented township, put into an empty store."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine

from bot.demo.township import DemoPerson, demo_township
from storage.area_apply import apply_import, plan_import
from storage.area_files import AreaFile
from storage.area_index import AreaIndex
from storage.areas import add_station, load_index
from storage.database import Clock, reading, transaction
from storage.domain.areas import Area
from storage.domain.categories import guess
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.proposals import New, Source
from storage.store import Store

COLLECTS_FOR = timedelta(days=180)
_SHOWN_ROLES = (Role.STAFF, Role.DEPUTY, Role.GRID_WORKER)
_PROPOSALS = (
    "村口到小学的路坑坑洼洼，下雨天孩子上学一身泥，希望修一修。",
    "老年活动室冬天太冷，想装一台空调，再添几张椅子。",
    "河边没有护栏，晚上也没有路灯，老人散步不安全。",
    "垃圾桶离得太远，夏天味道大，建议多设两个分类点。",
    "村卫生室常常没有常用药，希望每周能有医生来坐诊。",
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """How to be somebody in the demo."""

    role: Role
    name: str
    code: str


def seed(engine: Engine, clock: Clock) -> None:
    """Fill the store, unless there is a congress already. May be broken off and run again."""
    township = demo_township()
    with reading(engine) as unit:
        if Store(unit, clock(), AreaIndex(())).congresses.all():
            return
        plan = plan_import(unit, AreaFile(township.areas))
    apply_import(engine, plan, clock, pause=lambda _: None)
    with transaction(engine) as unit:
        store = Store(unit, clock(), load_index(unit))
        congresses = _congresses(store)
        for station in township.stations:
            add_station(unit, store.audit, _area(store, station.area).id, station.code, station.name, station.address)
        for person in township.people:
            _person(store, person, congresses[person.congress])
        _sample_proposals(store, congresses[township.congresses[0].area])


def _area(store: Store, code: str) -> Area:
    area = store.areas.by_code(code)
    if area is None:
        raise KeyError(code)
    return area


def _congresses(store: Store) -> dict[str, int]:
    """Both congresses, collecting from today on; gives area code to id."""
    today = store.now.date()
    ids = {}
    for congress in demo_township().congresses:
        area = _area(store, congress.area)
        ids[congress.area] = store.congresses.add(congress.name, congress.level, area.id, rules=Rules())
        first = today - timedelta(days=1)  # a day early: it is yesterday still somewhere
        store.congresses.begin_cycle(ids[congress.area], _year(today), first, today + COLLECTS_FOR)
    return ids


def _year(today: date) -> int:
    return today.year


def _person(store: Store, person: DemoPerson, congress_id: int) -> None:
    person_id = store.people.add(person.name, person.telephone)
    cells = [_area(store, code).id for code in person.cells]
    store.people.grant(person_id, congress_id, person.role, group_name=person.group, trade=person.trade, areas=cells)


def _sample_proposals(store: Store, congress_id: int) -> None:
    cycle = store.congresses.current_cycle(congress_id)
    cells = [area for root in store.areas.roots for area in store.areas.cells_in(root.id)]
    for position, body in enumerate(_PROPOSALS):
        cell = cells[position * len(cells) // len(_PROPOSALS)]
        number = store.proposals.add(
            New(congress_id, cycle.id if cycle else 0, body, guess(body), cell.id, "staff", Source.FILE)
        )
        store.proposals.correct(number, cleared_at=store.now)


def invitations(engine: Engine, clock: Clock) -> list[Invitation]:
    """A fresh invite for one person of each role whom nobody has become yet."""
    with transaction(engine) as unit:
        store = Store(unit, clock(), AreaIndex(()))
        found = []
        for role in _SHOWN_ROLES:
            for congress in store.congresses.all():
                free = store.people.without_account(congress.id, role)
                if free:
                    found.append(Invitation(role, store.people.get(free[0]).name, store.people.invite(free[0])))
                    break
        return found
