"""Misfortune on demand, and the limits on sends."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bot_api import BotApiStandIn, Limits, Person
from tests.bot_api.conftest import RESIDENT, Asked
from tests.bot_api.faults import (
    DOWNLOAD,
    bad,
    bad_gateway,
    drops_after,
    drops_before,
    garbles,
    holds_after,
    holds_before,
    migrates_to,
    passes,
    too_many_requests,
)
from tests.bot_api.send_log import SendLog, most_in_any_window


@pytest.fixture
def send(ask: Asked) -> Callable[..., Any]:
    return lambda text="您好", chat=RESIDENT: ask("sendMessage", chat_id=chat, text=text)


@pytest.fixture
def aside(stand_in: BotApiStandIn) -> Callable[[str], Future[Any]]:
    """Sends from another thread, for answers that are held."""
    pool = ThreadPoolExecutor(4)
    url = f"{stand_in.base_url}/bot{stand_in.token}/sendMessage"

    def send_aside(text: str) -> Future[Any]:
        return pool.submit(lambda: httpx.post(url, json={"chat_id": RESIDENT, "text": text}, trust_env=False).json())

    return send_aside


def test_a_pause_is_told_in_body_and_header(stand_in: BotApiStandIn, client: httpx.Client, resident: Person) -> None:
    stand_in.faults.add(too_many_requests(9))
    answer = client.post("sendMessage", json={"chat_id": RESIDENT, "text": "您好"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "9")
    assert answer.json() == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 9",
        "parameters": {"retry_after": 9},
    }
    assert resident.inbox == []


def test_a_migration_names_the_new_number(stand_in: BotApiStandIn, send: Callable[..., Any]) -> None:
    stand_in.faults.add(migrates_to(-1005))
    assert send()["parameters"] == {"migrate_to_chat_id": -1005}


def test_a_fault_strikes_what_it_is_meant_for(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, send: Callable[..., Any]
) -> None:
    stand_in.person(2002)
    fault = stand_in.faults.add(
        bad(), method="sendmessage", chat=RESIDENT, when=lambda given: "修" in given["text"], skip=1, times=2
    )
    assert ask("getMe")["ok"]
    assert send("修路", 2002)["ok"]
    outcomes = [send(text)["ok"] for text in ("修路", "您好", "修路", "修桥", "修路")]
    assert outcomes == [True, True, False, False, True]
    assert fault.hits == 2
    assert [item.text for item in resident.inbox] == ["修路", "您好", "修路"]


def test_what_passes_is_only_counted(stand_in: BotApiStandIn, resident: Person, send: Callable[..., Any]) -> None:
    counted = stand_in.faults.add(passes(), chat=RESIDENT, times=None)
    assert [send()["ok"] for _ in range(3)] == [True] * 3
    assert counted.hits == len(resident.inbox) == 3


def test_faults_come_in_the_order_of_the_script(
    stand_in: BotApiStandIn, resident: Person, send: Callable[..., Any]
) -> None:
    stand_in.faults.add(too_many_requests(1), times=2)
    stand_in.faults.add(bad(), times=None)
    assert [send()["error_code"] for _ in range(4)] == [429, 429, 400, 400]
    stand_in.faults.clear()
    assert send()["ok"]
    assert len(resident.inbox) == 1


@pytest.mark.parametrize(("effect", "arrived"), [(drops_before(), 0), (drops_after(), 1)])
def test_a_dropped_line(
    stand_in: BotApiStandIn, resident: Person, send: Callable[..., Any], effect: Any, arrived: int
) -> None:
    stand_in.faults.add(effect)
    with pytest.raises(httpx.TransportError):
        send()
    assert len(resident.inbox) == arrived
    assert [call.code for call in stand_in.calls()] == [0]
    assert send()["ok"]


def test_answers_that_are_no_json(stand_in: BotApiStandIn, client: httpx.Client, resident: Person) -> None:
    stand_in.faults.add(garbles())
    stand_in.faults.add(bad_gateway())
    broken = client.post("sendMessage", json={"chat_id": RESIDENT, "text": "您好"})
    assert broken.text.startswith('{"ok":true')
    assert not broken.text.endswith("}}")
    gateway = client.post("sendMessage", json={"chat_id": RESIDENT, "text": "您好"})
    assert (gateway.status_code, gateway.headers["Content-Type"]) == (502, "text/html")
    assert len(resident.inbox) == 1


def test_an_answer_held_until_released(
    stand_in: BotApiStandIn, resident: Person, aside: Callable[[str], Future[Any]], send: Callable[..., Any]
) -> None:
    after = stand_in.faults.add(holds_after())
    waiting = aside("一")
    after.wait_until_hit()
    assert [item.text for item in resident.inbox] == ["一"]
    assert send("二")["ok"]
    assert not waiting.done()
    after.release()
    assert waiting.result(10)["ok"]


def test_a_call_held_back_is_done_on_release(
    stand_in: BotApiStandIn, resident: Person, aside: Callable[[str], Future[Any]], send: Callable[..., Any]
) -> None:
    before = stand_in.faults.add(holds_before())
    waiting = aside("一")
    before.wait_until_hit()
    assert send("二")["ok"]
    assert [item.text for item in resident.inbox] == ["二"]
    before.release()
    assert waiting.result(10)["ok"]
    assert [item.text for item in resident.inbox] == ["二", "一"]


def test_who_hangs_up_takes_a_held_call_along_and_wakes_nobody_else(
    stand_in: BotApiStandIn, client: httpx.Client, resident: Person, aside: Callable[[str], Future[Any]]
) -> None:
    before = stand_in.faults.add(holds_before(), times=2)
    with pytest.raises(httpx.ReadTimeout):
        client.post("sendMessage", json={"chat_id": RESIDENT, "text": "一"}, timeout=httpx.Timeout(10, read=0.05))
    stand_in.wait_until(lambda: [call.code for call in stand_in.calls()] == [0])
    waiting = aside("二")
    before.wait_until_hit(2)
    assert resident.inbox == []
    before.release()
    assert waiting.result(10)["ok"]
    assert [item.text for item in resident.inbox] == ["二"]


def test_a_download_can_fail_too(stand_in: BotApiStandIn, ask: Asked, resident: Person) -> None:
    update = resident.sends_document("清单.xlsx", b"PK")
    path = ask("getFile", file_id=update["message"]["document"]["file_id"])["result"]["file_path"]
    stand_in.faults.add(bad_gateway(), method=DOWNLOAD)
    url = f"{stand_in.base_url}/file/bot{stand_in.token}/{path}"
    assert [httpx.get(url, trust_env=False).status_code for _ in range(2)] == [502, 200]
    assert httpx.get(f"{url}x", trust_env=False).json()["error_code"] == 404


def test_waiting_for_a_fault_ends(stand_in: BotApiStandIn) -> None:
    with pytest.raises(TimeoutError, match="0 of 1"):
        stand_in.faults.add(bad()).wait_until_hit(timeout=0.01)


@given(st.lists(st.integers(0, 1000), max_size=60), st.integers(1, 200))
def test_the_fullest_window_is_found(moments: list[int], seconds: int) -> None:
    moments.sort()
    expected = max(
        (sum(start <= moment < start + seconds for moment in moments) for start in moments),
        default=0,
    )
    assert most_in_any_window(moments, seconds) == expected


@given(st.lists(st.floats(0, 100), max_size=80), st.sampled_from([RESIDENT, -5]))
def test_enforced_limits_hold_in_every_window(gaps: list[float], chat: int) -> None:
    log = SendLog(Limits())
    moments: list[float] = []
    now = 0.0
    for gap in gaps:
        now += gap / 50
        if wait := log.accept(now, chat):
            now += wait
            assert log.accept(now, chat) == 0
        moments.append(now)
    assert most_in_any_window(moments, 1.0) <= 30
    assert most_in_any_window(moments, 5.0) <= 5
    if chat < 0:
        assert most_in_any_window(moments, 60.0) <= 20


def test_sends_are_counted_at_the_socket_refused_ones_too(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, send: Callable[..., Any]
) -> None:
    stand_in.person(2002)
    stand_in.faults.add(drops_after(), skip=1)
    send()
    with pytest.raises(httpx.TransportError):
        send()
    send(chat=2002)
    ask("sendChatAction", chat_id=resident.id, action="typing")
    ask("getMe")
    assert stand_in.sends_in_any_window(60) == 3
    assert stand_in.sends_in_any_window(60, chat_id=RESIDENT) == 2
    assert stand_in.sends_in_any_window(60, chat_id=2002) == 1
    assert stand_in.most_sends_to_one_chat(60) == 2
    assert stand_in.sends_in_any_window(1e-9) == 1


@pytest.mark.parametrize(
    ("limits", "chats", "accepted"),
    [
        (Limits(overall_per_second=3), (1, 2, 3, 4), 3),
        (Limits(chat_burst=2, chat_burst_seconds=60), (1, 1, 1), 2),
        (Limits(chat_burst=99, group_per_minute=2), (-1, -1, -1), 2),
        (Limits(chat_burst=99, group_per_minute=2), (1, 1, 1), 3),
    ],
)
def test_enforced_limits_answer_429(limits: Limits, chats: tuple[int, ...], accepted: int) -> None:
    with BotApiStandIn(limits=limits) as stand_in, httpx.Client(trust_env=False) as client:
        answers = []
        for chat in chats:
            stand_in.world.open_chat(chat, "", "private" if chat > 0 else "group")
            url = f"{stand_in.base_url}/bot{stand_in.token}/sendMessage"
            answers.append(client.post(url, json={"chat_id": chat, "text": "您好"}).json())
        assert [answer["ok"] for answer in answers] == [True] * accepted + [False] * (len(chats) - accepted)
        if not answers[-1]["ok"]:
            assert answers[-1]["error_code"] == 429
            assert answers[-1]["parameters"]["retry_after"] >= 1
        assert stand_in.sends_in_any_window(60) == len(chats)
