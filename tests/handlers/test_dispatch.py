import math
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Select, func, select
from sqlalchemy.exc import OperationalError

from handlers.catalogue import ROUTES
from handlers.dispatch import NAME_LENGTH
from handlers.flood import Flood
from handlers.messages import Attachment, Inbound, Kind, Place, Received
from handlers.routes import Routes, conversation
from handlers.talk import Reply, Talk
from handlers.texts import everywhere as texts
from storage.database import reading
from storage.tables import accounts, attachments, conversations, messages, outbox, people
from tests.conversing import NOW, Person, Town, joined
from tests.settlement import Settlement, Template

SECRET = "我家的事不要外传"  # words that no log may hold


@conversation("breaks", starts=("出错",))
def breaks(talk: Talk) -> Reply:
    talk.store.people.add("half written")
    raise RuntimeError(SECRET)


@conversation("loses", starts=("断线",))
def loses(_: Talk) -> Reply:
    raise OperationalError("SELECT", {}, _Busy())


class _Busy(Exception):
    """What a driver raises when the database is at fault."""


def looked(town: Town, statement: Select[Any]) -> list[Any]:
    with reading(town.engine) as unit:
        return list(unit.read(statement).scalars())


def stored(town: Town, column: Any = messages.c.text) -> list[Any]:
    """Of every message that came in, in order."""
    return looked(town, select(column).where(messages.c.direction == "in").order_by(messages.c.id))


def fragile(town: Town, **values: Any) -> Town:
    """The same town, with conversations that fail."""
    return Town(town.engine, town.now, routes=Routes([*ROUTES.conversations, breaks, loses]), **values)


# --- once


def test_a_repeat_is_stored_once_and_has_no_second_effect(town: Town, resident: Person) -> None:
    resident.says("提建议")
    words = resident.message(Kind.TEXT, text="修路", key="k1")
    assert town.hand_in(words).received == [Received.ACTED_ON]
    answered = resident.reads()
    assert town.hand_in(words).received == [Received.REPEATED]
    assert town.hand_in(words._replace(text="别的")).received == [Received.REPEATED]
    assert answered
    assert resident.reads() == []
    assert stored(town, messages.c.platform_key).count("k1") == 1


def test_the_same_key_on_another_channel_is_another_message(town: Town) -> None:
    one, other = town.person("a"), town.person("a", "plain")
    town.hand_in(one.message(Kind.TEXT, text="修路", key="k1"))
    assert town.hand_in(other.message(Kind.TEXT, text="修桥", key="k1")).received == [Received.ACTED_ON]


def test_a_repeat_after_its_conversation_has_gone_on_changes_nothing(town: Town, resident: Person) -> None:
    first = resident.message(Kind.TEXT, text="提建议")
    town.hand_in(first)
    resident.says("修路")
    town.hand_in(first)
    assert "照片" in resident.says("柳树湾")[-1]


def test_who_only_asks_is_not_blamed_for_what_a_neighbour_in_the_batch_wrote(town: Town, resident: Person) -> None:
    resident.says("提建议", "修路", "柳树湾", "没有")
    other = town.person("staff")
    other.says("提建议")
    batch = [resident.message(Kind.TEXT, text="提交"), other.message(Kind.TEXT, text="菜单")]
    assert town.hand_in(*batch).received == [Received.ACTED_ON] * 2


# --- faults


def test_one_that_fails_does_not_disturb_its_neighbours(town: Town) -> None:
    town = fragile(town)
    crowd = [town.person(f"r{at}") for at in range(32)]
    batch = [one.message(Kind.TEXT, text="出错" if at == 13 else "提建议") for at, one in enumerate(crowd)]
    received = town.hand_in(*batch).received
    assert received == [Received.FAULT if at == 13 else Received.ACTED_ON for at in range(32)]
    for at, one in enumerate(crowd):
        assert (texts.FAULT.zh in joined(one.reads())) is (at == 13)
    assert looked(town, select(people.c.name).where(people.c.name == "half written")) == []
    assert len(stored(town)) == 32


def test_a_fault_is_recorded_by_kind_and_place_without_a_word_of_the_person(town: Town, resident: Person) -> None:
    town = fragile(town)
    town.hand_in(resident.message(Kind.TEXT, text="出错"))
    (fault,) = looked(town, select(messages.c.fault).where(messages.c.fault.is_not(None)))
    assert town.faults == [fault]
    assert fault.startswith("RuntimeError test_dispatch.py:")
    assert SECRET not in fault


def test_a_conversation_is_as_it_was_after_a_fault_and_what_failed_is_not_tried_again(
    town: Town, resident: Person
) -> None:
    resident.says("提建议", "修路")
    town = fragile(town)
    broken = resident.message(Kind.TEXT, text="出错")
    assert town.hand_in(broken).received == [Received.FAULT]
    assert town.hand_in(broken).received == [Received.REPEATED]
    assert "照片" in resident.says("柳树湾")[-1]


def test_a_fault_of_the_database_is_not_the_messages_and_reruns_the_batch(town: Town, resident: Person) -> None:
    town = fragile(town)
    before = len(stored(town))
    with pytest.raises(OperationalError):
        town.hand_in(resident.message(Kind.TEXT, text="断线"))
    assert len(stored(town)) == before
    assert town.faults == []


def test_a_fault_while_a_prompt_begins_leaves_the_prompt_and_the_others(town: Town, place: Settlement) -> None:
    town = fragile(town)
    with town.store() as store:
        store.conversations.prompt(place.staff, "breaks", {})
        store.conversations.prompt(place.deputy, "help_wanted", {"person": 1, "words": "修灯", "telephone": ""})
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [place.staff, place.deputy])
    assert "修灯" in joined(town.person("deputy").reads())
    assert len(town.faults) == 1
    with town.store() as store:
        assert store.conversations.prompted(9) == [place.staff]


# --- who writes


def test_who_writes_first_is_told_once_what_is_kept_and_agrees_by_going_on(town: Town) -> None:
    newcomer = town.person("new")
    assert joined(newcomer.says("您好")).startswith(texts.CONSENT.zh)
    assert not any(_consents(town))
    assert texts.CONSENT.zh not in joined(newcomer.says("提建议"))
    assert len(list(filter(None, _consents(town)))) == 1
    first = next(filter(None, _consents(town)))
    newcomer.says("修路")
    assert next(filter(None, _consents(town))) == first


def _consents(town: Town) -> list[Any]:
    return looked(town, select(people.c.consented_at))


def test_somebody_whose_first_message_fails_is_told_too(town: Town) -> None:
    town = fragile(town)
    newcomer = town.person("new")
    town.hand_in(newcomer.message(Kind.TEXT, text="出错"))
    assert joined(newcomer.reads()) == texts.CONSENT.zh + "\n" + texts.FAULT.zh


def test_somebody_who_unblocks_us_before_they_ever_wrote_is_told_when_they_write(town: Town) -> None:
    newcomer = town.person("new")
    assert newcomer.does(newcomer.message(Kind.RETURNED)) == []
    assert texts.CONSENT.zh in joined(newcomer.says("提建议"))


def test_consent_is_asked_in_the_language_of_the_platform(town: Town) -> None:
    newcomer = town.person("new")
    assert joined(newcomer.does(newcomer.message(Kind.START, language="en-GB"))).startswith(texts.CONSENT.en)


def test_two_accounts_of_one_person_take_turns(town: Town, place: Settlement) -> None:
    with town.store() as store:
        store.people.add_account(place.staff, "plain", "staff2", "staff2")
    one, other = town.person("staff"), town.person("staff2", "plain")
    first, second = one.message(Kind.TEXT, text="提建议"), other.message(Kind.TEXT, text="修路")
    assert town.hand_in(first, second).received == [Received.ACTED_ON, None]
    assert second.key not in stored(town, messages.c.platform_key)
    assert town.hand_in(second).received == [Received.ACTED_ON]
    assert "在哪里" in joined(other.reads())  # the conversation went on at the other account


def test_a_new_account_twice_in_a_batch_becomes_one_person(town: Town) -> None:
    newcomer = town.person("new")
    batch = [newcomer.message(Kind.TEXT, text="修路"), newcomer.message(Kind.TEXT, text="修桥")]
    assert town.hand_in(*batch).received == [Received.ACTED_ON, None]
    assert looked(town, select(func.count()).where(accounts.c.external_id == "new")) == [1]


def test_somebody_who_blocks_us_is_unreachable_until_they_write_again(town: Town, resident: Person) -> None:
    resident.says("提建议")
    resident.does(resident.message(Kind.BLOCKED))
    states = select(outbox.c.state).join(accounts).where(accounts.c.external_id == "resident")
    assert set(looked(town, states)) == {"held"}
    unreachable = select(accounts.c.unreachable_since).where(accounts.c.external_id == "resident")
    assert looked(town, unreachable) != [None]
    resident.does(resident.message(Kind.RETURNED))
    assert looked(town, unreachable) == [None]
    assert set(looked(town, states)) == {"waiting"}
    assert "在哪里" in joined(resident.says("修路"))  # where they left off


# --- floods


def test_beyond_the_rate_messages_are_only_stored_and_answered_once(town: Town) -> None:
    town = Town(town.engine, flood=Flood(per_minute=3))
    hasty = town.person("hasty")
    told = [joined(hasty.says(f"第{at}句")) for at in range(8)]
    assert [texts.SLOW_DOWN.zh in one for one in told] == [False] * 3 + [True] + [False] * 4
    assert told[4:] == [""] * 4
    assert [text for text in stored(town) if text.startswith("第")] == [f"第{at}句" for at in range(8)]
    town.passes(minutes=1)
    assert hasty.says("还有一句") != []


def test_the_third_flood_in_a_row_brings_quiet_for_an_hour(town: Town) -> None:
    town = Town(town.engine, flood=Flood(per_minute=1))
    machine = town.person("machine")
    told = []
    for _ in range(3):
        told += [joined(machine.says("自动回复")) for _ in range(2)]
        town.passes(seconds=58)
    assert [texts.SLOW_DOWN.zh in one for one in told] == [False, True, False, True, False, False]
    assert texts.QUIET.zh in told[-1]
    assert machine.says("自动回复") == []
    town.passes(hours=1)
    assert machine.says("修路") != []


def test_a_backlog_after_a_pause_of_ours_is_no_flood(town: Town) -> None:
    town = Town(town.engine, flood=Flood(per_minute=2))
    patient = town.person("patient")
    waited = [patient.message(Kind.TEXT, text=f"第{at}句") for at in range(6)]
    late = [one._replace(at=NOW + timedelta(minutes=at)) for at, one in enumerate(waited)]
    town.passes(hours=3)
    for one in late:
        assert texts.SLOW_DOWN.zh not in joined(patient.does(one))


def test_a_platforms_clock_that_is_days_off_is_not_believed(town: Town, resident: Person) -> None:
    resident.does(resident.message(Kind.TEXT, text="修路")._replace(at=NOW - timedelta(days=400)))
    assert stored(town, messages.c.at)[-1] == town.now


# --- what is in it


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("修\x00路\x1b[31m", "修路[31m"),
        ("\u202e路修\u202c\u2067", "路修"),
        ("修路\ud83d", "修路\ufffd"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467想要公园\U0001f1e8\U0001f1f3", None),
        ("'; DROP TABLE proposals; --", None),
        ('<script>alert("1")</script>&nbsp;{{7*7}} %s', None),
        ("长" * 15_000, None),
    ],
    ids=["control", "direction", "surrogate", "emoji", "sql", "html", "long"],
)
def test_whatever_people_write_is_stored_whole_and_does_no_harm(
    town: Town, resident: Person, sent: str, kept: str | None
) -> None:
    number = resident.suggests(sent)
    with town.store() as store:
        proposal = store.proposals.get(number)
    assert proposal is not None
    assert proposal.body == (kept or sent)
    assert town.faults == []


def test_keys_that_no_column_takes_stay_apart(town: Town, resident: Person) -> None:
    keys = ["k" * 300, "k" * 301, "k\x00", "k", "k\ud800"]
    for key in keys:
        assert town.hand_in(resident.message(Kind.TEXT, text="菜单", key=key)).received == [Received.ACTED_ON]
        assert town.hand_in(resident.message(Kind.TEXT, text="菜单", key=key)).received == [Received.REPEATED]
    assert all(len(key) <= 200 for key in stored(town, messages.c.platform_key))


@pytest.mark.parametrize("degrees", [(math.nan, 120.0), (30.0, math.inf), (91.0, 0.0), (0.0, -181.0)])
def test_a_place_that_is_nowhere_is_no_place(town: Town, resident: Person, degrees: tuple[float, float]) -> None:
    resident.says("提建议", "修路")
    told = resident.does(resident.message(Kind.LOCATION, place=Place(*degrees)))
    assert "请发位置" in joined(told)
    assert stored(town, messages.c.latitude)[-1] is None


def test_what_comes_with_a_message_is_to_be_fetched(town: Town, resident: Person) -> None:
    file = Attachment(Kind.DOCUMENT, "f1", "台\x00账.xlsx", "application/\x00zip", 12)
    done = town.hand_in(resident.message(Kind.DOCUMENT, attachments=(file,)))
    assert done.wanted
    assert looked(town, select(attachments.c.name).where(attachments.c.platform_id == "f1")) == ["台账.xlsx"]


def test_of_a_name_without_end_the_end_is_kept(town: Town, resident: Person) -> None:
    file = Attachment(Kind.DOCUMENT, "f1", "台" * 5000 + ".xls")
    town.hand_in(resident.message(Kind.DOCUMENT, attachments=(file,)))
    assert looked(town, select(attachments.c.name)) == ["台" * (NAME_LENGTH - 4) + ".xls"]


def test_who_is_written_to_is_told_to_the_sender(town: Town, resident: Person) -> None:
    done = town.hand_in(resident.message(Kind.TEXT, text="菜单"))
    (account,) = looked(town, select(accounts.c.id).where(accounts.c.external_id == "resident"))
    assert done.mail == {("tap", account)}


# --- any mixture

_WORDS = (
    "提建议 修路 菜单 返回 取消 修改 帮助 继续 我的建议 我也要 设置 人工 台账 代提 录入 柳树湾 老桥头 大塘村 你好 谢谢 "
    "是 不是 没有 1 2 3 4 5 9 12 99 0 \uff11 三 提交 没法走法院 5号建议怎么样了"
)
WORDS = st.sampled_from(_WORDS.split())
TEXTS = st.one_of(WORDS, WORDS, st.text(st.characters(codec=None), max_size=30))
PAYLOADS = st.one_of(
    st.sampled_from(["", "c-5", "c-1", "s-1", "d-1", "d-2", "i-x", "i-", "c-", "c-x", "z-1", "c-" + "9" * 40]),
    st.text(st.characters(codec=None), max_size=64),
)
PLACES = st.one_of(st.none(), st.builds(Place, st.floats(), st.floats()), st.just(Place(30.005, 120.005)))
FILES = st.lists(
    st.builds(Attachment, st.sampled_from([Kind.PHOTO, Kind.VOICE, Kind.DOCUMENT]), st.just("f")), max_size=2
)
ACCOUNTS = st.tuples(st.sampled_from(["tap", "plain"]), st.sampled_from(["staff", "deputy", "worker", "r1", "r2"]))


@st.composite
def inbounds(draw: st.DrawFn) -> Inbound:
    channel, account = draw(ACCOUNTS)
    return Inbound(
        channel,
        account,
        key=f"{account}:{draw(st.integers(1, 9))}",
        kind=draw(st.sampled_from([*Kind, Kind.TEXT, Kind.TEXT, Kind.TEXT])),
        at=NOW + timedelta(seconds=draw(st.integers(-(10**6), 10**6))),
        text=draw(TEXTS),
        choice=draw(st.sampled_from(["", "1-0.0", "2-0.1", "x", "1.", ".1", "a\x00.0"])),
        payload=draw(PAYLOADS),
        place=draw(PLACES),
        attachments=tuple(draw(FILES)),
        group=draw(st.sampled_from(["", "g1", "g2"])),
        edits=f"{account}:{draw(st.integers(1, 9))}",
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(batches=st.lists(st.lists(inbounds(), min_size=1, max_size=5), max_size=6))
def test_any_mixture_of_messages_is_stored_exactly_once_and_never_a_fault(
    template: Template, batches: list[list[Inbound]]
) -> None:
    with template.lent() as engine:
        town = Town(engine)
        acted = set()
        for batch in batches:
            town.passes(minutes=7)
            one_each = list({(inbound.channel, inbound.account): inbound for inbound in batch}.values())
            for inbound, received in zip(one_each, town.hand_in(*one_each).received, strict=True):
                assert received is not Received.FAULT, town.faults
                again = (inbound.channel, inbound.key) in acted
                if received is Received.ACTED_ON:
                    assert not again
                    acted.add((inbound.channel, inbound.key))
                elif received is Received.REPEATED:
                    assert again
                else:
                    assert received is None  # the same person by another account
        assert town.faults == []
        with reading(engine) as unit:
            came = select(messages.c.channel, messages.c.platform_key).where(messages.c.direction == "in")
            assert sorted(map(tuple, unit.read(came))) == sorted(acted)
            assert unit.read(select(func.count()).select_from(conversations)).scalar_one() <= 10
