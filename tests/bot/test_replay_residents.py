"""Residents' messages, each played as a visit: one row, one proposal, whatever stands in it."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, select

from bot.refusal import Refused
from bot.replay_residents import AT_ONCE, Row, replay_messages, rounds
from bot.replay_summary import Summary
from bot.settings import Settings
from storage.area_index import AreaIndex
from storage.database import reading, transaction
from storage.proposals import LONGEST_TEXT
from storage.store import Store
from storage.tables import accounts, messages, proposal_authors, proposals, texts
from tests.bot.installation import Installation
from tests.conversing import NOW
from tests.settlement import Settlement, on, second_congress
from tests.storage.invented_rows import contents

OPENED = datetime(2026, 6, 30, 16, tzinfo=UTC)  # the first of July in China


class BrokenOff(Exception):
    pass


@dataclass
class Player:
    """Writes rows into a file, and replays it into a database with the settlement in it."""

    engine: Engine
    folder: Path
    settings: Settings
    place: Settlement

    async def plays(
        self, *rows: dict[str, Any], progress: Callable[[int, int], None] = lambda *_: None, now: datetime = NOW
    ) -> Summary:
        path = self.folder / "residents.jsonl"
        path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
        return await replay_messages(self.settings, path, progress, lambda: now)

    def bodies(self) -> list[str]:
        with reading(self.engine) as unit:
            chosen = select(texts.c.body).join(proposals, proposals.c.text_id == texts.c.id)
            return list(unit.read(chosen.order_by(proposals.c.id)).scalars())


@pytest.fixture
def player(engine: Engine, database_url: str, tmp_path: Path) -> Player:
    place = on(engine)
    url = database_url.replace("postgresql+psycopg", "postgresql")
    return Player(engine, tmp_path, Settings(data_dir=tmp_path, database_url=url), place)


def row(number: int, **values: Any) -> dict[str, Any]:
    """An invented row, in one of the two formats of time."""
    day = datetime(2019, 1, 1) + timedelta(hours=7 * number)  # noqa: DTZ001  # as published, without a zone
    written = f"{day:%Y/%-m/%-d %H:%M:%S}" if number % 2 else f"{day:%Y-%m-%d %H:%M:%S}"
    own = {"subject": f"第{number}件事", "detail": "希望早点办好，谢谢。" * (number % 7), "time": written}
    return {"id": number, "user": f"A{number}", "likes": 0, **own, **values}


async def test_each_row_becomes_one_proposal_of_its_resident(player: Player) -> None:
    rows = [row(number, user=f"A{number % 20}") for number in range(60)]
    summary = await player.plays(*rows)
    assert (summary.proposals, summary.faults, summary.duplicates) == (60, 0, 0)
    assert summary.messages == summary.acted_on == summary.replies
    assert sum(summary.located.values()) == 60
    assert min(summary.located.values()) > 0, "they come to their places in every way"
    wanted = Counter((f"A{one['id'] % 20}", f"{one['subject']}\n{one['detail']}".strip()) for one in rows)
    with reading(player.engine) as unit:
        found = unit.read(
            select(accounts.c.external_id, texts.c.body)
            .join(proposal_authors, proposal_authors.c.person_id == accounts.c.person_id)
            .join(proposals, proposals.c.id == proposal_authors.c.proposal_id)
            .join(texts, texts.c.id == proposals.c.text_id)
        )
        assert Counter((user, body) for user, body in found) == wanted


async def test_a_second_run_changes_nothing_but_duplicates(player: Player) -> None:
    rows = [row(number, user=f"A{number % 30}") for number in range(40)]
    first = await player.plays(*rows)
    stored = contents(player.engine)
    second = await player.plays(*rows, now=NOW + timedelta(days=3))
    assert contents(player.engine) == stored
    assert second.duplicates == first.messages
    unchanged = ("messages", "acted_on", "proposals", "located", "replies", "faults")
    assert [getattr(first, name) for name in unchanged] == [getattr(second, name) for name in unchanged]


async def test_a_run_that_was_broken_off_is_taken_up(player: Player) -> None:
    rows = [row(number) for number in range(AT_ONCE + 20)]

    def breaks_off(*_: int) -> None:
        raise BrokenOff

    with pytest.raises(BrokenOff):
        await player.plays(*rows, progress=breaks_off)
    assert len(player.bodies()) == AT_ONCE
    summary = await player.plays(*rows)
    assert (summary.proposals, summary.faults) == (AT_ONCE + 20, 0)
    assert 0 < summary.duplicates < summary.messages == summary.acted_on == summary.replies


STRANGE: dict[str, dict[str, Any]] = {
    "a command": {"subject": "取消", "detail": ""},
    "a command that opens something else": {"subject": "人工", "detail": ""},
    "a menu": {"subject": "菜单", "detail": ""},
    "help": {"subject": "帮助", "detail": ""},
    "back": {"subject": "返回", "detail": ""},
    "the very word for a proposal": {"subject": "提建议", "detail": ""},
    "forget me": {"subject": "忘记我", "detail": ""},
    "nothing": {"subject": "", "detail": ""},
    "white space": {"subject": " ", "detail": "\n\t "},
    "one mark": {"subject": ")", "detail": ""},
    "a number": {"subject": "1", "detail": ""},
    "yes": {"subject": "是", "detail": ""},
    "control characters": {"subject": "修\x00路\x07", "detail": "\x1b[31m红\u202e字"},
    "only control characters": {"subject": "\x00\x01", "detail": "\u202e"},
    "half a character": {"subject": "灯\ud83d", "detail": "\udc00坏了"},
    "emoji": {"subject": "👨‍👩‍👧‍👦🇨🇳", "detail": "❤️"},
    "very long": {"subject": "长", "detail": "修路" * 4000},
    "longer than is taken": {"subject": "更长", "detail": "修路" * LONGEST_TEXT},
    "SQL and HTML": {"subject": "'; DROP TABLE proposals; --", "detail": "<script>alert(1)</script>"},
    "a place": {"subject": "柳树湾没有路灯", "detail": ""},
    "a place of which there are two": {"subject": "老桥头要修", "detail": ""},
    "a village": {"subject": "大塘村要修路", "detail": ""},
    "a place where nobody collects": {"subject": "修路", "detail": "从家到学校"},
    "another office's matter": {"subject": "拖欠工资", "detail": "老板不给钱"},
    "null": {"subject": None, "detail": None},
    "an id of letters": {"id": "甲-7"},
}


async def test_whatever_stands_in_a_row_it_becomes_a_proposal(player: Player) -> None:
    rows = [row(number, **strange) for number, strange in enumerate(STRANGE.values())]
    summary = await player.plays(*rows)
    assert (summary.proposals, summary.faults) == (len(STRANGE), 0)
    assert summary.messages == summary.acted_on
    bodies = player.bodies()
    assert "取消" in "".join(body for body in bodies if len(body) < 10)
    assert f"长\n{'修路' * 4000}" in bodies, "kept whole"
    assert max(map(len, bodies)) == LONGEST_TEXT, "as much of it as is taken"


async def test_they_are_heard_by_one_congress_where_two_collect(player: Player) -> None:
    with transaction(player.engine) as unit:
        second_congress(Store(unit, NOW, AreaIndex(())), player.place)
    summary = await player.plays(*(row(number) for number in range(30)))
    assert summary.proposals == 30
    with reading(player.engine) as unit:
        assert len(set(unit.read(select(proposals.c.congress_id)).scalars())) == 2


async def test_years_are_drawn_together_into_the_collecting_window(player: Player) -> None:
    rows = [row(number, time=f"{2012 + number // 4}/{1 + number % 4}/1 10:00:00") for number in range(32)]
    await player.plays(*rows)
    with reading(player.engine) as unit:
        asked = messages.c.platform_key.endswith(".1")
        found = unit.read(select(accounts.c.external_id, messages.c.at).join(accounts).where(asked)).all()
    moments = {row.external_id: row.at for row in found}
    assert min(moments.values()) >= OPENED
    assert max(moments.values()) <= NOW + timedelta(hours=1)
    assert all(moments[f"A{number}"] <= moments[f"A{number + 1}"] for number in range(31))


async def test_gaps_are_kept_where_they_fit(player: Player) -> None:
    rows = [row(number, user="A1", time=f"2019/3/{day} 08:00:00") for number, day in enumerate((1, 2, 9))]
    await player.plays(*rows)
    with reading(player.engine) as unit:
        asked = messages.c.platform_key.endswith(".1")
        moments = unit.read(select(messages.c.at).where(asked).order_by(messages.c.at)).scalars().all()
    assert moments == [NOW - timedelta(days=8), NOW - timedelta(days=7), NOW]


async def test_the_bar_goes_on_to_the_end(player: Player) -> None:
    told: list[tuple[int, int]] = []
    await player.plays(*(row(number) for number in range(70)), progress=lambda *done: told.append(done))
    assert told == [(AT_ONCE, 70), (70, 70)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_empty_file_is_played_at_once(player: Player) -> None:
    assert (await player.plays()).messages == 0


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_a_congress_that_collects_nothing_is_played(player: Player) -> None:
    with pytest.raises(Refused, match="No congress collects"):
        await player.plays(row(1), now=NOW + timedelta(days=300))
    assert player.bodies() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("change", "field"),
    [({"time": "some day"}, "time"), ({"time": "2019/2/31"}, "time"), ({"user": ""}, "user")],
)
async def test_a_row_that_makes_no_sense_is_named_before_anything_is_played(
    player: Player, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused, match=f"^line 2: {field}: "):
        await player.plays(row(1), row(2, **change))
    assert player.bodies() == []


def test_from_the_command_line(installation: Installation) -> None:
    installation.setup()
    township = installation.folder / "areas.csv"
    township.write_text(
        "code,name,parent_code,level\nv1,杨柳村,431382100,village\nc1,第一网格,v1,cell\n", encoding="utf-8"
    )
    installation.does("import-areas", township)
    residents = installation.folder / "residents.jsonl"
    residents.write_text("\n".join(json.dumps(row(number)) for number in range(5)), encoding="utf-8")
    said = installation.says("replay", "--messages", residents)
    assert said.code == 0, said.err
    summary = json.loads(said.out.splitlines()[-1])["summary"]
    assert (summary["proposals"], summary["faults"]) == (5, 0)
    assert "5/5" in said.err
    lines = installation.folder / "lines.jsonl"
    lines.write_text(
        json.dumps(
            {"channel": "web", "account": "r1", "message_id": 1, "at": "2026-09-01T09:00:00+08:00"}
            | {"kind": "text", "text": "我的建议"}
        ),
        encoding="utf-8",
    )
    printed = installation.does("replay", lines).splitlines()
    assert json.loads(printed[0])["in_reply_to"] == "1"
    assert json.loads(printed[-1])["summary"]["messages"] == 1
    assert "No such file" in installation.refuses("replay", "nowhere.jsonl")


ROWS = st.lists(st.sampled_from([f"A{number}" for number in range(6)] * 2 + [f"B{number}" for number in range(100)]))


@given(ROWS)
def test_rounds_hold_each_person_once_and_keep_their_order(people: list[str]) -> None:
    rows = [(Row.model_validate(row(number, user=user)), NOW) for number, user in enumerate(people)]
    played = list(rounds(rows))
    for together in played:
        assert 0 < len({one.user for one, _ in together}) == len(together) <= AT_ONCE
    for user in people:
        own = [one.id for together in played for one, _ in together if one.user == user]
        assert own == [one.id for one, _ in rows if one.user == user]
    assert sum(map(len, played)) == len(rows)
