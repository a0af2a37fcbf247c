"""What befalls people between two messages: time, the office, areas, congresses, restarts and deploys."""

from datetime import date, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from sqlalchemy import delete, select, update

from handlers.turn import IDLE_AFTER
from scheduler.jobs.expire_conversations import EXPIRE_CONVERSATIONS
from storage.areas import add_area
from storage.conversations import Conversations
from storage.database import transaction
from storage.domain.areas import Level
from storage.domain.cadence import Duty
from storage.domain.categories import guess
from storage.domain.proposal_status import Status, may_follow
from storage.domain.roles import Role
from storage.liaisons import Left
from storage.proposals import New, Source
from storage.revisions import Revised, move
from storage.store import Store
from storage.tables import areas, cycles, drafts, rounds
from tests.conversing import Town
from tests.handlers.machine.scripts import DEPLOYS, PRESENT, Deploy
from tests.handlers.machine.witness import Witness
from tests.settlement import Settlement, Template, enrolled, second_congress
from tests.storage.test_projects import a_project
from tests.supervised import a_duty, a_round

REPLICAS = st.integers(0, 1)
NUMBERS = st.integers(1, 4)
_PASSES = (timedelta(seconds=20), timedelta(minutes=31), timedelta(hours=20), timedelta(days=2), timedelta(days=4))


class Happenings(RuleBasedStateMachine):
    """Two replicas on one database; `town` is the one that hears the next message."""

    template: Template
    steps = 0  # that all walks made

    def __init__(self) -> None:
        super().__init__()
        self.engine = self.template.copy()
        self.place: Settlement = self.template.place
        self.witness = Witness(self.engine)
        self.deploys: list[Deploy] = [PRESENT, PRESENT]
        self.replicas = [Town(self.engine), Town(self.engine)]
        self.town = self.replicas[0]
        self.is_seen = False  # what the last step did
        with self.town.store() as store:
            self._prepare(store)

    def _prepare(self, store: Store) -> None:
        """王芳 and a resident have two accounts each; the resident and a neighbour have proposed something."""
        store.people.add_account(self.place.staff, "web", "staff", "staff")
        resident, neighbour = store.people.add(), store.people.add(language="en")
        for person, channel, name in (
            (resident, "tap", "resident"),
            (resident, "plain", "resident"),
            (neighbour, "plain", "neighbour"),
        ):
            store.people.add_account(person, channel, name, name)
        for title in ("柳树湾道路硬化", "第一中心小学食堂"):
            store.liaisons.assign(a_project(store, self.place, title=title), [self.place.deputy])
        for author, body in ((resident, "柳树湾修路"), (neighbour, "柳树湾装路灯"), (resident, "老桥头挖水渠")):
            self._propose(store, body, author)

    def _propose(self, store: Store, body: str, *authors: int) -> None:
        """What neighbours may see at once."""
        cycle = store.congresses.current_cycle(self.place.congress)
        assert cycle
        where = self.place.bridge if "老桥头" in body else self.place.willow
        new = New(self.place.congress, cycle.id, body, guess(body), where.id, "text", Source.CHAT, authors)
        store.proposals.correct(store.proposals.add(new), cleared_at=self.town.now)

    def lists_grow(self) -> None:
        """Every list has one more at its beginning: of proposals, and of places."""
        with self.town.store() as store:
            everybody = {person for number in (1, 2) for person in store.proposals.authors(number)}
            self._propose(store, f"柳树湾第{self.town.count}件事", *sorted(everybody))
            self._one_more_area(store)
            move(store.unit, Revised.AREAS)
        for town in self.replicas:
            town.reload()
        self.witness.look(self.town.areas)

    def teardown(self) -> None:
        self.engine.dispose()

    @invariant()
    def nothing_failed(self) -> None:
        type(self).steps += 1
        faults = [fault for town in self.replicas for fault in town.faults]
        assert faults == [], faults
        if not self.is_seen:
            self.witness.look(self.town.areas)
        self.is_seen = False

    # --- replicas

    def moves_to(self, replica: int) -> None:
        other = self.replicas[replica]
        other.now, other.count = self.town.now, self.town.count
        self.town = other

    @rule(replica=REPLICAS)
    def another_replica_hears(self, replica: int) -> None:
        self.moves_to(replica)

    @rule(replica=REPLICAS, deploy=st.sampled_from([PRESENT, *DEPLOYS]))
    def a_replica_starts_anew(self, replica: int, deploy: Deploy) -> None:
        now, count = self.town.now, self.town.count
        self.deploys[replica] = deploy
        self.replicas[replica] = Town(self.engine, now, deploy.routes(), count=count)
        self.moves_to(replica)

    # --- time

    @rule(time=st.sampled_from(_PASSES), jobs=st.booleans())
    def time_passes(self, time: timedelta, jobs: bool) -> None:
        self.town.now += time
        if jobs:
            with transaction(self.engine) as unit:
                EXPIRE_CONVERSATIONS.step(unit, self.town.now)
            self.prompts_begin()

    def prompts_begin(self) -> None:
        with transaction(self.engine) as unit:
            waiting = Conversations(unit, self.town.now).prompted(9, self.town.now - IDLE_AFTER)
            self.town.dispatcher.begin_prompts(unit, waiting)

    @rule(number=NUMBERS, at_once=st.booleans(), by_office=st.booleans())
    def a_prompt_comes(self, number: int, at_once: bool, by_office: bool) -> None:
        """The office asks an author back, or a resident asks the office for help."""
        with self.town.store() as store:
            authors = store.proposals.authors(number)
            if by_office:
                asked = {"number": number, "question": "在哪一段？", "asked_by": self.place.staff}
                for author in authors:
                    store.conversations.prompt(author, "answer_office", asked)
            else:
                wanted = {"person": self.place.worker, "words": "看不懂", "telephone": ""}
                store.conversations.prompt(self.place.staff, "help_wanted", wanted)
        if at_once:
            self.prompts_begin()

    @rule(number=st.integers(1, 2), duty=st.sampled_from([Duty.INSPECTION, Duty.QUESTIONS, Duty.RECEPTION]))
    def a_report_is_owed(self, number: int, duty: Duty) -> None:
        """A period opens, and the one before closes; who is free hears of it at once."""
        self.town.now += timedelta(seconds=1)  # no two prompts begin in one moment
        with self.town.store() as store:
            deputy = store.people.get(self.place.deputy).id
            theirs = rounds.c.congress_id == self.place.congress, rounds.c.duty == duty
            store.unit.write(update(rounds).where(*theirs).values(closed_at=self.town.now))
            opened = len(store.unit.read(select(rounds.c.id).where(*theirs)).all())
            period = f"{2026 + opened // 12}-{opened % 12 + 1:02}"
            started = a_round(store, self.place.congress, duty, period)
            if duty is Duty.RECEPTION:
                a_duty(store, started, None, deputy)
            else:
                a_duty(store, started, number)
            store.conversations.prompt(deputy, "duties", {})
        self.prompts_begin()

    @rule(number=st.integers(1, 2), person=st.booleans())
    def a_group_changes(self, number: int, person: bool) -> None:
        with self.town.store() as store:
            deputy = store.people.get(self.place.deputy).id
            if not store.liaisons.leave(number, deputy, Left.RELEASED) and person:
                store.liaisons.assign(number, [deputy])

    # --- records

    @rule(number=NUMBERS, status=st.sampled_from(Status), is_shown=st.booleans())
    def somebody_decides(self, number: int, status: Status, is_shown: bool) -> None:
        with self.town.store() as store:
            proposal = store.proposals.get(number)
            if proposal is None:
                return
            store.proposals.correct(number, cleared_at=self.town.now if is_shown else None)
            if may_follow(proposal.status, status):
                store.proposals.change_status(number, status)

    @rule(role=st.sampled_from([Role.STAFF, Role.DEPUTY, Role.GRID_WORKER]))
    def a_role_is_taken_or_given(self, role: Role) -> None:
        """The last of the staff may go, too."""
        person = {Role.STAFF: self.place.staff, Role.DEPUTY: self.place.deputy, Role.GRID_WORKER: self.place.worker}[
            role
        ]
        with self.town.store() as store:
            person = store.people.get(person).id
            held = [one for one in store.people.holdings(person) if one.role is role]
            if held:
                store.people.revoke(held[0], last_too=True)
            else:
                own = [self.place.willow.id] if role is Role.DEPUTY else []
                store.people.grant(person, self.place.congress, role, areas=own)

    @precondition(lambda self: self.town.count > 20)
    @rule()
    def a_second_congress_hears(self) -> None:
        with self.town.store() as store:
            if len(store.congresses.all()) == 1:
                county = second_congress(store, self.place)
                enrolled(store, "county", "周涛", county, Role.STAFF)
                store.people.grant(store.people.get(self.place.staff).id, county, Role.STAFF)

    @rule(congress=st.integers(1, 2), opens=st.booleans())
    def a_congress_closes(self, congress: int, opens: bool) -> None:
        until = date(2027, 12, 31) if opens else date(2026, 8, 31)
        with self.town.store() as store:
            changed = update(cycles).where(cycles.c.congress_id == congress).values(collecting_to=until)
            store.unit.write(changed)
            move(store.unit, Revised.CONGRESSES)

    @rule(code=st.sampled_from(["lh1-1", "lh1-2", "lh1", "lh2-1", "lh901", "sq"]), what=st.integers(0, 3))
    def an_area_changes(self, code: str, what: int) -> None:
        """It is retired or comes back, is called something else, or another stands before it."""
        with self.town.store() as store:
            chosen = areas.c.code == code
            match what:
                case 0:
                    store.unit.write(update(areas).where(chosen).values(retired_at=self.town.now))
                case 1:
                    store.unit.write(update(areas).where(chosen).values(retired_at=None))
                case 2:
                    store.unit.write(update(areas).where(chosen).values(name=f"新{code}", aliases=["柳树湾"]))
                case _:
                    self._one_more_area(store)
            move(store.unit, Revised.AREAS)
        for town in self.replicas:
            town.reload()

    def _one_more_area(self, store: Store) -> None:
        code = f"lh1-0{self.town.count}"
        if store.areas.by_code(code) is None:
            add_area(store.unit, store.audit, self.place.village, Level.CELL, code, f"第{self.town.count}新网格")

    @rule()
    def drafts_are_dropped(self) -> None:
        with self.town.store() as store:
            store.unit.write(delete(drafts))
