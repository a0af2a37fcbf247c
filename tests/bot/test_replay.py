"""Recorded messages through the real way in: what is printed, what is stored, and what a second run changes."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, delete, select

from bot.refusal import Refused
from bot.replay import replay
from bot.replay_summary import Summary
from bot.settings import Settings
from handlers.texts import everywhere
from handlers.texts.proposals import SUGGEST_PHOTOS, SUGGEST_WHAT, SUGGEST_WHERE
from storage.area_index import AreaIndex
from storage.database import reading, transaction
from storage.store import Store
from storage.tables import accounts, attachments, outbox, proposals, texts
from tests.settlement import Settlement, on
from tests.storage.invented_rows import contents

MORNING = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


@dataclass
class Player:
    """Writes lines into a file, and replays it into a database with the settlement in it."""

    engine: Engine
    folder: Path
    settings: Settings
    place: Settlement

    async def plays(self, *lines: dict[str, Any]) -> tuple[list[dict[str, Any]], Summary]:
        """The printed replies, and the summary."""
        path = self.folder / "lines.jsonl"
        path.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines), encoding="utf-8")
        printed: list[str] = []
        summary = await replay(self.settings, path, printed.append)
        return [json.loads(line) for line in printed], summary

    def bodies(self) -> list[tuple[int, str, str]]:
        """The proposals: number, text, how they were located."""
        with reading(self.engine) as unit:
            chosen = select(proposals.c.id, texts.c.body, proposals.c.located_how)
            rows = unit.read(chosen.join(texts, texts.c.id == proposals.c.text_id).order_by(proposals.c.id))
            return [(number, body, how) for number, body, how in rows]


@pytest.fixture
def player(engine: Engine, database_url: str, tmp_path: Path) -> Player:
    place = on(engine)
    url = database_url.replace("postgresql+psycopg", "postgresql")
    return Player(engine, tmp_path, Settings(data_dir=tmp_path, database_url=url), place)


def line(number: int, seconds: float, kind: str = "text", account: str = "r1", **values: Any) -> dict[str, Any]:
    at = (MORNING + timedelta(seconds=seconds)).isoformat()
    return {"channel": "web", "account": account, "message_id": f"m{number}", "at": at, "kind": kind, **values}


def said(account: str = "r1", *words: str, every: float = 10.0, first: int = 1) -> list[dict[str, Any]]:
    """Texts of one person, one after another."""
    return [line(first + at, at * every, account=account, text=word) for at, word in enumerate(words)]


PROPOSES = ("提建议", "柳树湾的路灯坏了", "1", "1")


async def test_a_reply_is_printed_with_all_that_its_reader_sees(player: Player) -> None:
    printed, _ = await player.plays(line(1, 0, text="提建议"), line(2, 10, text="修路"))
    first, second = printed
    assert first["text"] == f"{everywhere.CONSENT.zh}\n{SUGGEST_WHAT.zh}"
    assert {name: first[name] for name in ("channel", "account", "in_reply_to", "choices")} == {
        "channel": "web",
        "account": "r1",
        "in_reply_to": "m1",
        "choices": [],
    }
    assert second["text"] == SUGGEST_WHERE.zh
    assert [choice["label"] for choice in second["choices"]] == ["柳河镇", "石桥镇", "不清楚"]


async def test_a_whole_proposal_comes_about(player: Player) -> None:
    printed, summary = await player.plays(*said("r1", *PROPOSES))
    assert [reply["in_reply_to"] for reply in printed] == ["m1", "m2", "m3", "m4"]
    assert player.bodies() == [(1, "柳树湾的路灯坏了", "text")]
    assert (summary.messages, summary.duplicates, summary.acted_on, summary.faults) == (4, 0, 4, 0)
    assert (summary.proposals, summary.replies) == (1, 4)
    assert summary.located == {"location": 0, "text": 1, "choice": 0, "open": 0}
    told = json.loads(summary.line())["summary"]
    assert list(told) == [
        *("messages", "duplicates", "acted_on", "proposals"),
        *("located", "replies", "faults", "seconds"),
    ]


async def test_lines_are_taken_in_order_of_their_times(player: Player) -> None:
    await player.plays(*reversed(said("r1", *PROPOSES)))
    assert len(player.bodies()) == 1


async def test_the_same_moment_is_taken_in_the_order_of_the_file(player: Player) -> None:
    await player.plays(*said("r1", *PROPOSES, every=0))
    assert len(player.bodies()) == 1


async def test_their_times_move_the_clock_until_what_was_open_expires(player: Player) -> None:
    soon, _ = await player.plays(line(1, 0, text="提建议"), line(2, 3600, text="修路"))
    assert soon[-1]["text"] == SUGGEST_WHERE.zh
    late, _ = await player.plays(
        line(1, 7200, account="r2", text="提建议"), line(2, 7200 + 4 * 86400, account="r2", text="修路")
    )
    assert late[-1]["text"] != SUGGEST_WHERE.zh


async def test_their_times_decide_who_writes_too_much(player: Player) -> None:
    quick, _ = await player.plays(*said("r1", *["今天天气不错"] * 25, every=1))
    assert sum(reply["text"] == everywhere.SLOW_DOWN.zh for reply in quick) == 1
    slow, _ = await player.plays(*said("r2", *["今天天气不错"] * 25, every=4))
    assert everywhere.SLOW_DOWN.zh not in [reply["text"] for reply in slow]


@pytest.mark.parametrize("meant", [{"choice": "柳河镇"}, {"text": "柳河镇"}], ids=["choice", "text"])
async def test_a_button_is_tapped_by_its_label(player: Player, meant: dict[str, str]) -> None:
    begun = said("r1", "提建议", "修路")
    printed, _ = await player.plays(*begun, line(3, 30, "choice", **meant))
    assert [choice["label"] for choice in printed[-1]["choices"]][:3] == ["杨柳村", "青石村", "大塘村"]


async def test_a_button_that_nobody_was_shown_is_out_of_date(player: Player) -> None:
    printed, summary = await player.plays(*said("r1", "提建议"), line(2, 10, "choice", choice="nothing.1"))
    assert printed[-1]["text"].startswith(everywhere.LATE_TAP.zh)
    assert summary.faults == 0


async def test_locations_files_and_events_are_understood(player: Player) -> None:
    photo = player.folder / "灯.png"
    photo.write_bytes(
        bytes.fromhex(
            "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
            "1f15c4890000000d49444154789c6360f8cff01f0005000201a54b2b4d0000000049454e44ae426082"
        )
    )
    printed, summary = await player.plays(
        line(1, 0, "event", event="start"),
        line(2, 10, text="提建议"),
        line(3, 20, "voice"),
        line(4, 30, "location", latitude=30.005, longitude=120.005),
        line(5, 40, "photo", path=photo.name),
        line(6, 50, text="1"),
        line(7, 60, text="1"),
        line(8, 70, "event", event="blocked"),
        line(9, 80, "event", event="returned"),
    )
    assert player.bodies()[0][2] == "location"
    assert (summary.faults, summary.acted_on) == (0, 9)
    assert [reply["text"] for reply in printed if reply["in_reply_to"] == "m4"] == [SUGGEST_PHOTOS.zh]
    assert [reply for reply in printed if reply["in_reply_to"] in ("m8", "m9")] == []
    with reading(player.engine) as unit:
        assert unit.read(select(attachments.c.state, attachments.c.name)).all() == [("stored", "灯.png")]


async def test_a_file_that_is_not_there_is_no_fault(player: Player) -> None:
    _, summary = await player.plays(*said("r1", *PROPOSES[:2]), line(3, 30, "photo", path="nowhere.png"))
    assert (summary.faults, summary.acted_on) == (0, 3)


async def test_a_second_run_changes_nothing_but_duplicates(player: Player) -> None:
    lines = [*said("r1", *PROPOSES), *said("r2", *PROPOSES, every=11)]
    _, first = await player.plays(*lines)
    stored = contents(player.engine)
    printed, second = await player.plays(*lines)
    assert printed == []
    assert contents(player.engine) == stored
    assert (first.duplicates, second.duplicates) == (0, 8)
    unchanged = ("messages", "acted_on", "proposals", "located", "replies", "faults")
    assert [getattr(first, name) for name in unchanged] == [getattr(second, name) for name in unchanged]


async def test_a_repeat_within_a_file_has_no_second_effect(player: Player) -> None:
    once = said("r1", *PROPOSES)
    _, summary = await player.plays(*once, once[0], once[3])
    assert (summary.messages, summary.duplicates, summary.acted_on, summary.proposals) == (6, 2, 4, 1)


async def test_people_and_channels_are_told_apart(player: Player) -> None:
    other = [{**one, "channel": "telegram"} for one in said("r1", *PROPOSES)]
    printed, summary = await player.plays(*said("r1", *PROPOSES), *said("r2", *PROPOSES), *other)
    assert summary.proposals == 3
    assert {(reply["channel"], reply["account"]) for reply in printed} == {
        ("web", "r1"),
        ("web", "r2"),
        ("telegram", "r1"),
    }
    with reading(player.engine) as unit:
        played = accounts.c.channel.in_(("web", "telegram"))
        assert len(unit.read(select(accounts.c.id).where(played)).all()) == 3


async def test_what_is_for_others_waits_until_they_come(player: Player) -> None:
    with transaction(player.engine) as unit:
        people = Store(unit, MORNING - timedelta(days=1), AreaIndex(())).people
        unit.write(delete(accounts))
        office = people.add_account(player.place.staff, "web", "office", "office")
    printed, _ = await player.plays(*said("r1", "人工", "请帮帮我", "1"))
    assert {reply["account"] for reply in printed} == {"r1"}
    with reading(player.engine) as unit:
        assert unit.read(select(outbox.c.state).where(outbox.c.account_id == office)).scalars().all() == ["held"]


async def test_who_writes_by_wechat_hears_as_by_any_account_that_may_push(player: Player) -> None:
    """Whatever an account of this installation may do: a replay answers for the platform, which is not there."""
    lines = [one | {"channel": "wechat"} for one in said("r1", *PROPOSES)]
    printed, summary = await player.plays(*lines)
    assert {reply["channel"] for reply in printed} == {"wechat"}
    assert summary.proposals == 1
    assert any(reply["choices"] for reply in printed)
    with reading(player.engine) as unit:
        assert unit.read(select(accounts.c.unreachable_reason).where(accounts.c.channel == "wechat")).scalar() == ""


async def test_an_empty_file_is_played_at_once(player: Player) -> None:
    printed, summary = await player.plays()
    assert (printed, summary.messages, summary.proposals) == ([], 0, 0)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"kind": "shout"}, "line 2: kind: "),
        ({"at": "2026-09-01T09:00:00"}, "line 2: at: "),
        ({"at": None}, "line 2: at: "),
        ({"account": ""}, "line 2: account: "),
        ({"channel": "pigeon"}, "line 2: channel: Value error, is one of web, telegram"),
        ({"kind": "location"}, "line 2: a location needs latitude and longitude"),
        ({"kind": "location", "latitude": 91, "longitude": 0}, "line 2: latitude: "),
        ({"kind": "photo"}, "line 2: a photo needs a path"),
    ],
)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_line_that_makes_no_sense_is_named_before_anything_is_played(
    player: Player, change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused, match="^" + sentence) as refused:
        await player.plays(line(1, 0, text="提建议"), {**line(2, 10, text="悄悄话"), **change})
    assert "悄悄话" not in str(refused.value)
    assert player.bodies() == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{", "line 1: is no JSON object"),
        (b"[1]", "line 1: is no JSON object"),
        (b"\xff\xfe", "line 1: is no JSON object"),
        (b"{}\n" * 30, "line 1: channel: "),
    ],
)
async def test_a_file_of_something_else_is_refused(player: Player, content: bytes, sentence: str) -> None:
    path = player.folder / "file"
    path.write_bytes(content)
    with pytest.raises(Refused, match="^" + sentence) as refused:
        await replay(player.settings, path, print)
    assert len(str(refused.value).splitlines()) <= 21


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_file_that_is_missing_is_refused(player: Player) -> None:
    with pytest.raises(Refused, match="No such file"):
        await replay(player.settings, player.folder / "nowhere", print)
