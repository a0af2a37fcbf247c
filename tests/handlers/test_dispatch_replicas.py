"""Two dispatchers on one PostgreSQL, as two replicas of the program: the database decides who acts."""

from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from sqlalchemy import Engine, func, select

from handlers.messages import Inbound, Kind, Received
from storage.area_index import AreaIndex
from storage.conversations import Conversations
from storage.database import is_database_fault, reading, transaction
from storage.store import Store
from storage.tables import conversations, messages, proposal_supporters, proposals
from tests.conversing import NOW, Town
from tests.settlement import on

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

SUGGESTS = ("提建议", "村口要修路", "柳树湾", "没有", "提交")
TRIES = 2000


def inbound(account: str, at: int, text: str, channel: str = "tap") -> Inbound:
    return Inbound(channel, account, f"{account}:{at}", Kind.TEXT, NOW + timedelta(seconds=at), text)


def delivered(town: Town, queues: list[deque[Inbound]], at_once: int = 8) -> Counter[Received]:
    """Hand in what is in the queues, each in its order, as a writer does: again after faults of the database."""
    found: Counter[Received] = Counter()
    for _ in range(TRIES):
        waiting = [queue for queue in queues if queue][:at_once]
        if not waiting:
            return found
        try:
            done = town.hand_in(*(queue[0] for queue in waiting))
        except Exception as error:
            if not is_database_fault(error):
                raise
            continue
        for queue, received in zip(waiting, done.received, strict=True):
            if received is not None:
                queue.popleft()
                found[received] += 1
        queues.append(queues.pop(0))
    raise AssertionError("somebody was busy for too long")


def together(*works: Callable[[], Counter[Received]]) -> list[Counter[Received]]:
    """All at the same time, a thread each."""
    barrier = Barrier(len(works))

    def begun(work: Callable[[], Counter[Received]]) -> Counter[Received]:
        barrier.wait(10)
        return work()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(60) for future in [pool.submit(begun, work) for work in works]]


def test_messages_handed_to_both_are_acted_on_once_and_in_order(engine: Engine) -> None:
    on(engine)
    replicas = Town(engine), Town(engine)
    people = [f"r{at}" for at in range(12)]

    def all_messages() -> list[deque[Inbound]]:
        return [deque(inbound(one, at, text) for at, text in enumerate(SUGGESTS)) for one in people]

    one, other = together(*(lambda town=town: delivered(town, all_messages()) for town in replicas))
    total = len(people) * len(SUGGESTS)
    assert one[Received.ACTED_ON] + other[Received.ACTED_ON] == total
    assert one[Received.REPEATED] + other[Received.REPEATED] == total
    assert not replicas[0].faults + replicas[1].faults
    with reading(engine) as unit:
        assert unit.read(select(func.count()).select_from(proposals)).scalar_one() == len(people)
        assert unit.read(select(func.count()).where(messages.c.direction == "out")).scalar_one() == total


def test_a_person_with_two_accounts_is_heard_by_one_replica_at_a_time(engine: Engine) -> None:
    place = on(engine)
    with transaction(engine) as unit:
        Store(unit, NOW, AreaIndex(())).people.add_account(place.staff, "plain", "staff", "staff")
    words = {channel: [f"{channel}第{at}句话说的是修路" for at in range(15)] for channel in ("tap", "plain")}

    def at_account(channel: str) -> Counter[Received]:
        said = (inbound("staff", at, text, channel) for at, text in enumerate(words[channel]))
        return delivered(Town(engine), [deque(one._replace(key=f"{channel}:{one.key}") for one in said)])

    together(lambda: at_account("tap"), lambda: at_account("plain"))
    with reading(engine) as unit:
        state = unit.read(select(conversations.c.state).where(conversations.c.person_id == place.staff)).scalar_one()
    # Every one of them was added to the same open conversation: none overwrote what another had just noted.
    assert sorted(state["arguments"]["text"].split("\n")) == sorted(words["tap"] + words["plain"])


def test_who_is_being_heard_by_one_replica_is_not_enrolled_anew_by_another(engine: Engine) -> None:
    place = on(engine)
    one, other = Town(engine), Town(engine)
    one.person("deputy").says("提建议")
    with one.store() as store:
        code = store.people.invite(place.deputy)
    opens = inbound("new", 9, "")._replace(kind=Kind.START, payload=f"i-{code}")
    with transaction(engine) as unit:
        done = one.dispatcher.handle(unit, [inbound("deputy", 5, "修路")])
        assert done.received == [Received.ACTED_ON]
        assert other.hand_in(opens).received == [None]
    assert other.hand_in(opens).received == [Received.ACTED_ON]
    with reading(engine) as unit:
        assert [kept.state["conversation"] for kept in Conversations(unit, NOW).drafts(place.deputy)] == ["suggest"]


def test_support_in_opposite_order_leaves_no_deadlock_unhandled_and_loses_no_voice(engine: Engine) -> None:
    on(engine)
    town = Town(engine)
    author = town.person("author")
    numbers = [author.suggests(f"第{at}件事") for at in range(2)]
    with town.store() as store:
        for number in numbers:
            store.proposals.correct(number, cleared_at=NOW)

    def voices(name: str, first: int) -> Counter[Received]:
        """Eight people, of whom every other one supports the other proposal."""
        steps = [("我也要", "柳树湾", str(1 + (first + at) % 2), "我也要") for at in range(8)]
        queues = [
            deque(inbound(f"{name}{at}", i, text) for i, text in enumerate(step)) for at, step in enumerate(steps)
        ]
        return delivered(Town(engine), queues)

    together(lambda: voices("a", 0), lambda: voices("b", 1))
    with reading(engine) as unit:
        assert unit.read(select(func.count()).select_from(proposal_supporters)).scalar_one() == 16
        assert list(unit.read(select(proposals.c.supporters).order_by(proposals.c.id)).scalars()) == [8, 8]


def test_a_prompt_begins_once_and_never_over_what_its_person_just_wrote(engine: Engine) -> None:
    place = on(engine)
    town = Town(engine)
    wanted = {"person": place.deputy, "words": "灯", "telephone": ""}
    asked = select(func.count()).where(messages.c.direction == "out", messages.c.text.contains("有居民求助"))

    def prompts() -> Counter[Received]:
        with transaction(engine) as unit:
            town.dispatcher.begin_prompts(unit, [place.staff])
        return Counter()

    for attempt in range(10):
        with transaction(engine) as unit:
            Conversations(unit, NOW).prompt(place.staff, "help_wanted", wanted)
        said = [inbound("staff", attempt * 9 + at, text) for at, text in enumerate(("台账", "取消", "取消", "取消"))]
        together(prompts, prompts, partial(delivered, Town(engine), [deque(said)]))
        town.hand_in(inbound("staff", attempt * 9 + 5, "取消"))  # what was open before it; then it begins at the latest
        town.hand_in(inbound("staff", attempt * 9 + 6, "取消"))
        with reading(engine) as unit:
            assert Conversations(unit, NOW).prompted(9) == []
            assert unit.read(asked).scalar_one() == attempt + 1
