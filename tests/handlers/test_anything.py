"""Whatever people do, in whatever order: never a fault, never a half-written record, and answers to what was shown."""

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from handlers.messages import Kind
from handlers.state import State
from scheduler.jobs.expire_conversations import EXPIRE_CONVERSATIONS
from storage.arrivals import Arrivals
from storage.conversations import Conversations
from storage.database import reading, transaction
from storage.domain.proposal_status import NEXT, Status, may_follow
from storage.tables import proposal_authors, proposal_history, proposal_supporters, proposals, texts
from tests.conversing import Person, Town
from tests.settlement import Template

WHO = st.sampled_from(["resident", "neighbour", "staff", "deputy", "worker"])
_WORDS = (
    "提建议 我的建议 我也要 设置 菜单 人工 台账 代提 录入 我的网格留言 联系不上 继续 帮助 返回 返回 修改 取消 "
    "柳树湾修路 老桥头 大塘村 不清楚 没有 好了 是 不是 提交 跳过 谢谢 您好 1号建议怎么样了 花果山 采纳 追问作者 撤回"
)
WORDS = st.sampled_from(_WORDS.split())


class Anything(RuleBasedStateMachine):
    template: Template

    def __init__(self) -> None:
        super().__init__()
        self.engine = self.template.copy()
        self.town = Town(self.engine)

    def teardown(self) -> None:
        self.engine.dispose()

    def person(self, name: str) -> Person:
        return self.town.person(name, "plain" if name == "neighbour" else "tap")

    def state(self, name: str) -> State | None:
        person = self.person(name)
        with reading(self.engine) as unit:
            guests = Arrivals(unit, self.town.now).guests([(person.channel, person.account)])
        stored = [guest.state for guest in guests.values() if guest.state]
        return State.load(stored[0]) if stored else None

    # --- what people do

    @rule(name=WHO, text=WORDS)
    def says(self, name: str, text: str) -> None:
        self.person(name).says(text)

    @rule(name=WHO, number=st.integers(1, 13), taps=st.booleans())
    def chooses(self, name: str, number: int, taps: bool) -> None:
        before = self.state(name)
        person = self.person(name)
        if before is None or before.asked is None or number > len(before.asked.options):
            person.says(str(number))
            return
        asked = before.asked
        if taps:
            person.does(person.message(Kind.CHOICE, choice=f"{asked.id}.{number - 1}"))
        else:
            person.says(str(number))
        after = self.state(name)
        if after and after.conversation == before.conversation and asked.name in after.answers:
            assert _is(after.answers[asked.name], asked.options[number - 1][0])

    @rule(name=st.sampled_from(["resident", "staff"]), numbers=st.lists(st.integers(1, 5), min_size=2, max_size=5))
    def chooses_on_and_on(self, name: str, numbers: list[int]) -> None:
        for number in numbers:
            self.chooses(name, number, taps=False)

    @rule(name=WHO, offset=st.integers(1, 30))
    def taps_something_older(self, name: str, offset: int) -> None:
        person = self.person(name)
        if buttons := person.buttons():
            person.does(person.message(Kind.CHOICE, choice=buttons[-min(offset, len(buttons))][0]))

    @rule(name=WHO, group=st.sampled_from(["", "g"]), text=st.sampled_from(["", "看看这里"]))
    def shows(self, name: str, group: str, text: str) -> None:
        self.person(name).shows(group, text)

    @rule(name=WHO, latitude=st.sampled_from([30.005, 50.0]))
    def shares(self, name: str, latitude: float) -> None:
        self.person(name).shares(latitude, 120.015)

    @rule(name=WHO)
    def speaks(self, name: str) -> None:
        self.person(name).speaks()

    @rule(name=WHO, payload=st.sampled_from(["", "c-4", "c-2", "s-1", "d-2", "i-x"]))
    def opens_a_link(self, name: str, payload: str) -> None:
        self.person(name).starts(payload)

    @rule(name=WHO)
    def proposes(self, name: str) -> None:
        self.person(name).says("提建议", "柳树湾修路", "没有", "提交")

    # --- what happens meanwhile

    @rule(minutes=st.sampled_from([1, 31, 60 * 24 * 4]))
    def time_passes(self, minutes: int) -> None:
        self.town.passes(minutes=minutes)
        with transaction(self.engine) as unit:
            EXPIRE_CONVERSATIONS.step(unit, self.town.now)
        with transaction(self.engine) as unit:
            self.town.dispatcher.begin_prompts(unit, Conversations(unit, self.town.now).prompted(9))

    @rule(number=st.integers(1, 3), status=st.sampled_from(Status), is_shown=st.booleans())
    def somebody_decides(self, number: int, status: Status, is_shown: bool) -> None:
        with self.town.store() as store:
            proposal = store.proposals.get(number)
            if proposal is None:
                return
            store.proposals.correct(number, cleared_at=self.town.now if is_shown else None)
            if may_follow(proposal.status, status):
                store.proposals.change_status(number, status)

    # --- what always holds

    @invariant()
    def nothing_failed(self) -> None:
        assert self.town.faults == []

    @invariant()
    def every_record_is_whole(self) -> None:
        with reading(self.engine) as unit:
            for row in unit.read(select(proposals)):
                assert unit.read(_count(proposal_authors, row.id)).scalar_one() >= 1
                assert unit.read(_count(proposal_supporters, row.id)).scalar_one() == row.supporters
                events = select(proposal_history.c.status).where(proposal_history.c.proposal_id == row.id)
                stati = [
                    Status(status) for status in unit.read(events.order_by(proposal_history.c.id)).scalars() if status
                ]
                assert stati[0] is Status.RECEIVED
                assert stati[-1] is Status(row.status)
                assert all(then in NEXT[now] for now, then in pairwise(stati))
                assert unit.read(select(texts.c.body).where(texts.c.id == row.text_id)).scalar_one() is not None

    @invariant()
    def what_is_open_has_a_question_and_it_was_shown(self) -> None:
        for name in ("resident", "neighbour", "staff", "deputy", "worker"):
            if state := self.state(name):
                assert state.asked is not None
                assert State.load(state.dump()) == state
                told = "".join(text for text, _ in self.person(name).told_lately())
                assert "".join(state.asked.text.split()) in "".join(told.split())


def _is(answer: Any, value: str) -> bool:
    if isinstance(answer, dict):
        return value == ("open" if answer["cell"] is None else str(answer["cell"]))
    return bool(str(answer) == value or value in ("done", "skip"))


def _count(table: Any, number: int) -> Any:
    return select(func.count()).select_from(table).where(table.c.proposal_id == number)


def test_whatever_people_do_nothing_breaks(template: Template) -> None:
    machine = type("AnythingHere", (Anything,), {"template": template})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
