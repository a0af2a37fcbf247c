"""The invented township, put into an empty store."""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Engine

from bot.demo.places import TOWNSHIP, cells_of
from bot.demo.township import BODIES, DemoPerson, demo_township
from bot.refusal import Refused
from storage.area_apply import apply_import, plan_import
from storage.area_files import AreaFile
from storage.area_index import AreaIndex
from storage.areas import add_station, area_by_code, load_index
from storage.database import Clock, reading, transaction
from storage.domain.announcements import Levels
from storage.domain.areas import Area, Level
from storage.domain.categories import guess
from storage.domain.liaison_choice import LEAST
from storage.domain.project_plan import Milestone
from storage.domain.project_stages import Stage
from storage.domain.proposal_status import Reason, Status
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.links import How
from storage.projects import Description, Why
from storage.proposals import New, Source
from storage.store import Store

COLLECTED_FOR, COLLECTS_FOR = timedelta(days=30), timedelta(days=180)
_SHOWN_ROLES = (Role.STAFF, Role.DEPUTY, Role.GRID_WORKER, Role.IMPLEMENTING_BODY, Role.PRESIDIUM)
# Two people are enough to try an announcement, at any hour.
_RULES = Rules(announcement_reviews=Levels.TWO, announcement_quiet_from=24, announcement_quiet_until=24)
_THERE_FOR = timedelta(days=40)  # so that a month of supervision has begun already


@dataclass(frozen=True, slots=True)
class _Sample:
    """An invented proposal: days old, village and cell counted from 0, and what the office has done about it."""

    days: int
    village: int
    cell: int
    body: str
    status: Status = Status.RECEIVED
    reason: Reason | None = None
    answer: str = ""


_SAMPLES = (
    _Sample(
        20,
        0,
        0,
        "村口到小学的路坑坑洼洼，下雨天孩子上学一身泥，希望修一修。",
        Status.TAKEN_UP,
        answer="已和村里看过现场，列入今年的项目线索，初定后再告诉您。",
    ),
    _Sample(16, 2, 4, "老年活动室冬天太冷，想装一台空调，再添几张椅子。", Status.RESERVE),
    _Sample(
        12,
        9,
        2,
        "我家院子里的水泥地裂了，请帮忙重新铺一下。",
        Status.DECLINED,
        Reason.SINGLE_BENEFICIARY,
        "院内地面属于自家修缮，不能列入民生实事项目。",
    ),
    _Sample(9, 3, 8, "河边没有护栏，晚上也没有路灯，老人散步不安全。"),
    _Sample(5, 6, 0, "垃圾桶离得太远，夏天味道大，建议多设两个分类点。"),
    _Sample(1, 7, 10, "村卫生室常常没有常用药，希望每周能有医生来坐诊。"),
)


@dataclass(frozen=True, slots=True)
class _Chosen:
    """An invented project that was chosen: village and cell counted from 0, days since it began and until its end, and
    its milestones, each with the share of the time that it takes and of the whole that is done then, in per cent."""

    title: str
    content: str
    investment: int
    body: str
    leader: str
    village: int
    cell: int
    begun: int
    ends: int
    stage: Stage
    progress: int
    plan: tuple[tuple[str, int, int], ...]


_CHOSEN = (
    _Chosen(
        "杨柳村通学路硬化",
        "硬化村口到小学的道路 1.2 公里，宽 4.5 米，修排水沟。",
        460_000,
        BODIES[0],
        "周平",
        *(0, 0, 60, 60),
        Stage.BUILDING,
        45,
        (("路基和排水沟", 50, 40), ("路面硬化", 85, 90)),
    ),
    _Chosen(
        "河边护栏和路灯",
        "沿河安装护栏 800 米、太阳能路灯 30 盏。",
        285_000,
        BODIES[1],
        "吴敏",
        *(3, 8, 60, 30),
        Stage.BUILDING,
        30,
        (("护栏", 50, 60), ("路灯", 90, 100)),
    ),
    _Chosen(
        "村级养老服务站",
        "改造闲置校舍 300 平方米，设日间照料床位 10 张。",
        760_000,
        BODIES[2],
        "何静",
        *(2, 4, 20, 120),
        Stage.CHOSEN,
        0,
        (("设计和招标", 25, 15), ("改造", 75, 80), ("设备", 95, 100)),
    ),
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """How to be somebody in the demo."""

    role: Role
    name: str
    code: str


def seed(engine: Engine, clock: Clock) -> None:
    """Fill an empty store. May be broken off and run again. Raises Refused where there is a real congress."""
    township = demo_township()
    with reading(engine) as unit:
        if Store(unit, clock(), AreaIndex(())).congresses.all():
            if area_by_code(unit, TOWNSHIP) is None:
                raise Refused("There is a real congress in this database: `minsheng run` starts it.")
            return
        plan = plan_import(unit, AreaFile(township.areas))
    apply_import(engine, plan, clock, pause=lambda _: None)
    with transaction(engine) as unit:
        store = Store(unit, clock(), load_index(unit))
        congresses = _congresses(Store(unit, store.now - _THERE_FOR, store.areas), store.now.date())
        for station in township.stations:
            add_station(unit, store.audit, _area(store, station.area).id, station.code, station.name, station.address)
        for person in township.people:
            _person(store, person, congresses[person.congress])
        for sample in _SAMPLES:
            _propose(Store(unit, store.now - timedelta(days=sample.days), store.areas), congresses[TOWNSHIP], sample)
        for chosen in _CHOSEN:
            _choose(store, congresses[TOWNSHIP], chosen)
        proposed = store.liaisons.proposed(congresses[TOWNSHIP])
        # Whoever plays the deputy has two of them.
        player = store.people.without_account(congresses[TOWNSHIP], Role.DEPUTY)[0]
        for number, deputies in proposed.items():
            store.liaisons.assign(number, [*deputies[:LEAST], player][: LEAST + (number == max(proposed))])


def _area(store: Store, code: str) -> Area:
    area = store.areas.by_code(code)
    if area is None:
        raise KeyError(code)
    return area


def _congresses(store: Store, today: date) -> dict[str, int]:
    """Both congresses, in the middle of collecting; gives area code to id."""
    ids = {}
    for congress in demo_township().congresses:
        area = _area(store, congress.area)
        ids[congress.area] = store.congresses.add(congress.name, congress.level, area.id, rules=_RULES)
        window = today - COLLECTED_FOR, today + COLLECTS_FOR
        store.congresses.begin_cycle(ids[congress.area], today.year, *window)
    return ids


def _person(store: Store, person: DemoPerson, congress_id: int) -> None:
    person_id = store.people.add(person.name, person.telephone)
    cells = [_area(store, code).id for code in person.cells]
    store.people.grant(person_id, congress_id, person.role, group_name=person.group, trade=person.trade, areas=cells)


def _propose(store: Store, congress_id: int, sample: _Sample) -> None:
    """Add a proposal as of the store's moment; what the office did about it, it did at once."""
    cycle = store.congresses.current_cycle(congress_id)
    assert cycle is not None  # noqa: S101  # it was begun just before
    cell = _area(store, cells_of(sample.village)[sample.cell])
    number = store.proposals.add(
        New(congress_id, cycle.id, sample.body, guess(sample.body), cell.id, How.STATED, Source.FILE)
    )
    if sample.status is not Status.RECEIVED:
        store.proposals.change_status(number, sample.status, reason=sample.reason, body=sample.answer)
    if sample.status is not Status.DECLINED:
        store.proposals.correct(number, cleared_at=store.now)


def _choose(store: Store, congress_id: int, chosen: _Chosen) -> None:
    """Add a project as it stands, some time after it began."""
    cycle = store.congresses.current_cycle(congress_id)
    assert cycle is not None  # noqa: S101  # it was begun just before
    today = store.now.date()
    begun, deadline = today - timedelta(days=chosen.begun), today + timedelta(days=chosen.ends)
    plan = [Milestone(title, begun + (deadline - begun) * time // 100, share) for title, time, share in chosen.plan]
    cell = _area(store, cells_of(chosen.village)[chosen.cell])
    description = Description(
        chosen.title, chosen.content, chosen.investment, chosen.body, chosen.leader, deadline, "", (cell.id,)
    )
    number = store.projects.add(congress_id, cycle.id, description, plan, begun)
    if chosen.stage is not Stage.CHOSEN:
        store.projects.move(number, chosen.stage, Why(), Level.TOWNSHIP, today)
        store.projects.report(number, chosen.progress)


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
