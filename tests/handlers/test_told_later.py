"""Who cannot be written to now hears it later: they and the office read when, and nothing that is not so."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from handlers.messages import Kind, NoticeKind, Window
from handlers.texts import everywhere, observations, proposals
from handlers.texts import questions as asked
from handlers.texts import staff as office
from handlers.texts import welcome as texts
from handlers.texts.phrase import Phrase
from storage.outbox_states import AWAITS_CONTACT
from storage.tables import accounts
from tests.conversing import BUTTONS, CAPABILITIES, Person, Town, joined, last
from tests.handlers.test_dispatch_responses import MUTE, Reader
from tests.handlers.watching import ROAD, watched
from tests.settlement import Settlement

DAYS = timedelta(hours=48)
SHUTS = replace(BUTTONS, windows=True)  # pushes through windows only, and tells of nothing else
TELLS = replace(SHUTS, notices=frozenset({NoticeKind.PROPOSAL}))


@pytest.fixture
def town(settled: Engine) -> Town:
    return Town(settled, capabilities={**CAPABILITIES, "mute": MUTE, "shuts": SHUTS, "tells": TELLS})


@pytest.fixture
def reader(town: Town) -> Reader:
    """Who reads only what answers them, and has been told what we keep."""
    reader = Reader(town, "reader", "mute")
    reader.says("取消")
    return reader


def moved(town: Town, account: str, channel: str) -> None:
    """Somebody has no other account any more than one that nothing is pushed to."""
    away = {"unreachable_reason": AWAITS_CONTACT, "unreachable_since": town.now}
    with town.store() as store:
        mine = accounts.c.external_id == account
        store.unit.write(update(accounts).where(mine).values(channel=channel, **away))


# --- who asks for help


def test_who_reads_only_answers_is_helped_by_who_does_likewise(town: Town, reader: Reader) -> None:
    moved(town, "staff", "mute")
    officer = Reader(town, "staff", "mute")
    officer.says("取消")
    assert last(reader.says("人工", "我看不懂", "没有")) == texts.HUMAN_KEPT.zh
    assert "我看不懂" in joined(officer.says("谢谢"))
    told = last(officer.says("您直接说就行"))
    assert told == "回复已记下；居民现在收不到消息，再来时会看到。"
    assert "您直接说就行" in joined(reader.says("谢谢"))


def test_the_telephone_that_somebody_left_is_named(reader: Reader, clerk: Person) -> None:
    assert last(reader.says("人工", "我看不懂", "62345678")) == texts.HUMAN_KEPT.zh
    assert last(clerk.says("您直接说就行")).endswith("再来时会看到。急事请打电话：62345678。")


def test_staff_who_block_us_are_no_help(resident: Person, clerk: Person) -> None:
    clerk.does(clerk.message(Kind.BLOCKED))
    assert joined(resident.says("人工", "我看不懂", "没有")) == texts.HUMAN_NOBODY.zh


# --- thanks and greetings are no answer


@pytest.mark.parametrize(("word", "why"), [("谢谢", asked.THANKED), ("您好！", asked.GREETED)])
def test_a_polite_word_is_no_answer_to_the_office(author: Person, clerk: Person, word: str, why: Phrase) -> None:
    clerk.says("台账", "按编号", "1", "追问作者", "哪一段？", "取消")
    author.reads()
    for _ in range(4):  # which never was a misunderstanding
        assert last(author.says(word)) == f"{why.zh}\n{proposals.asked_back(1, '哪一段？').zh}"
    assert clerk.reads() == []
    assert last(author.says("桥头那段，谢谢")) == proposals.answered_back(1).zh
    assert "桥头那段" in joined(clerk.reads())


@pytest.mark.parametrize("word", ["谢谢", "您好"])
def test_a_polite_word_is_no_answer_to_a_resident(resident: Person, clerk: Person, word: str) -> None:
    resident.says("人工", "我看不懂", "没有")
    clerk.reads()
    for _ in range(4):
        told = last(clerk.says(word))
        assert "我看不懂" in told
        assert everywhere.HELP_OFFERED.zh not in told
    assert resident.reads() == []
    assert joined(clerk.says("您直接说就行")) == texts.HELP_ANSWERED.zh


# --- who proposes or sees something


def test_who_reads_only_answers_is_promised_no_message(
    town: Town, place: Settlement, reader: Reader, resident: Person
) -> None:
    watched(town, place)
    promised, waits = "有进展会告诉您", "有进展，您再来时会看到"
    thanks = joined(reader.says("提建议", "村口要修路", "柳树湾", "没有", "提交"))
    assert waits in thanks
    assert promised not in thanks
    assert promised in joined(resident.says("提建议", "村口要修路", "柳树湾", "没有", "提交"))
    seen = ("身边项目", "柳树湾", "1", "说说看到的", "路面有裂缝", "没有", "没有")
    assert last(reader.says(*seen)) == observations.thanks(ROAD, pushes=False).zh


# --- what the office reads


@pytest.mark.parametrize(
    ("channel", "waits"), [("shuts", f"{office.AWAY.zh}，也没有留电话。"), ("tells", f"{office.REMINDED.zh}。")]
)
def test_once_a_window_has_shut_the_office_reads_so_each_time(
    town: Town, clerk: Person, channel: str, waits: str
) -> None:
    author = town.person("author", channel)
    for words in ("提建议", "村口要修路", "柳树湾", "没有", "提交"):
        author.does(author.message(Kind.TEXT, text=words, opens=Window("message", 5, DAYS)))
    clerk.says("台账", "按编号", "1")
    assert joined(clerk.says("回复作者", "明年修")).startswith(office.done(1).zh)
    town.passes(hours=49)
    clerk.says("取消", "台账", "按编号", "1")
    assert joined(clerk.says("回复作者", "后年修")).startswith(f"{office.recorded(1).zh}\n{waits}\n")
    moved(town, "author", channel)  # for the push was refused
    assert joined(clerk.says("回复作者", "后年修")).startswith(f"{office.recorded(1).zh}\n{waits}\n")
    assert joined(clerk.says("追问作者", "多长？")).startswith(f"{waits}\n")
    with town.store() as store:
        store.people.change(store.proposals.authors(1)[0], name="张明", telephone="13900000009")
    assert "请电话联系：张明 13900000009。" in joined(clerk.says("回复作者", "后年修"))
