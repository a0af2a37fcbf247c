"""How updates reach a bot that polls: offsets, long polls, repeats, rivals, what is malformed."""

import json
import socket
import subprocess
import sys
import threading
import time
from typing import Any

import httpx
import pytest

from tests.bot_api import BotApiStandIn, Person
from tests.bot_api.conftest import RESIDENT, Asked
from tests.bot_api.faults import holds_before, passes
from tests.set_clock import SetClock


def texts(answer: Any) -> list[str]:
    return [update["message"]["text"] for update in answer["result"]]


@pytest.fixture
def three(resident: Person) -> list[int]:
    """The numbers of three updates that wait: 一, 二, 三."""
    return [resident.says(text)["update_id"] for text in "一二三"]


def test_without_an_offset_nothing_is_forgotten(ask: Asked, three: list[int]) -> None:
    assert texts(ask("getUpdates")) == ["一", "二", "三"]
    assert [update["update_id"] for update in ask("getUpdates")["result"]] == three


def test_an_offset_forgets_what_lies_before_it_for_good(ask: Asked, three: list[int]) -> None:
    assert texts(ask("getUpdates", offset=three[1])) == ["二", "三"]
    assert texts(ask("getUpdates", offset=three[0])) == ["二", "三"]
    assert texts(ask("getUpdates", offset=three[2] + 1)) == []
    assert texts(ask("getUpdates")) == []


@pytest.mark.usefixtures("three")
def test_a_negative_offset_counts_from_the_end_and_forgets_the_rest(ask: Asked) -> None:
    assert texts(ask("getUpdates", offset=-2)) == ["二", "三"]
    assert texts(ask("getUpdates")) == ["二", "三"]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("limit", "expected"), [(1, 1), (2, 2), (0, 1), (500, 3)])
def test_limit(ask: Asked, limit: int, expected: int) -> None:
    assert len(texts(ask("getUpdates", limit=limit))) == expected


def test_at_most_a_hundred_at_once(ask: Asked, resident: Person) -> None:
    for number in range(101):
        resident.says(str(number))
    assert len(ask("getUpdates")["result"]) == 100


def test_only_the_kinds_asked_for(ask: Asked, resident: Person) -> None:
    ask("getUpdates", allowed_updates=["message"])
    resident.blocks_bot()
    resident.says("一")
    assert [set(update) for update in ask("getUpdates")["result"]] == [{"update_id", "message"}]
    ask("getUpdates", offset=-1, allowed_updates=[])
    resident.unblocks_bot()
    assert "my_chat_member" in ask("getUpdates")["result"][-1]


def test_what_nobody_fetches_is_gone_after_a_day_and_presses_sooner(
    clock: SetClock, ask: Asked, resident: Person
) -> None:
    ask(
        "sendMessage",
        chat_id=RESIDENT,
        text="?",
        reply_markup={"inline_keyboard": [[{"text": "是", "callback_data": "y"}]]},
    )
    resident.says("一")
    resident.taps("是")
    clock.advance(seconds=151)
    assert texts(ask("getUpdates")) == ["一"]
    clock.advance(hours=24)
    assert ask("getUpdates")["result"] == []


class Poll(threading.Thread):
    """A long poll of its own, in a thread of its own."""

    def __init__(self, stand_in: BotApiStandIn, **parameters: Any) -> None:
        super().__init__(daemon=True)
        self._url = f"{stand_in.base_url}/bot{stand_in.token}/getUpdates"
        self._parameters = {"timeout": 50, **parameters}
        # Made once the poll is pending, not before.
        pending = stand_in.faults.add(passes(), method="getUpdates")
        self.start()
        pending.wait_until_hit()

    def run(self) -> None:
        self.answer = httpx.post(self._url, json=self._parameters, timeout=60, trust_env=False).json()

    def result(self) -> Any:
        self.join(10)
        return self.answer


def test_a_long_poll_wakes_at_once(stand_in: BotApiStandIn, resident: Person) -> None:
    poll = Poll(stand_in)
    began = time.monotonic()
    resident.says("一")
    assert texts(poll.result()) == ["一"]
    assert time.monotonic() - began < 5


def test_a_long_poll_sleeps_on_when_nothing_is_for_it(stand_in: BotApiStandIn, resident: Person) -> None:
    poll = Poll(stand_in, allowed_updates=["message"])
    resident.blocks_bot()
    resident.says("一")
    assert texts(poll.result()) == ["一"]


def test_a_long_poll_ends_empty(ask: Asked) -> None:
    assert ask("getUpdates", timeout=1) == {"ok": True, "result": []}


def test_a_second_poller_ends_the_first(stand_in: BotApiStandIn, resident: Person) -> None:
    first, second = Poll(stand_in), Poll(stand_in)
    assert first.result() == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running",
    }
    resident.says("一")
    assert texts(second.result()) == ["一"]


def test_a_poller_that_hung_up_is_no_rival(stand_in: BotApiStandIn, client: httpx.Client, resident: Person) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.post("getUpdates", json={"timeout": 50}, timeout=httpx.Timeout(10, read=0.05))
    stand_in.wait_until(lambda: [call.code for call in stand_in.calls("getUpdates")] == [0])
    poll = Poll(stand_in)
    resident.says("一")
    assert texts(poll.result()) == ["一"]


def test_who_asks_and_leaves_at_once_leaves_nothing_behind(stand_in: BotApiStandIn, ask: Asked) -> None:
    request = f"GET /bot{stand_in.token}/getUpdates?timeout=50 HTTP/1.1\r\n\r\n".encode()
    for _ in range(20):
        with socket.create_connection(("127.0.0.1", stand_in.port)) as line:
            line.sendall(request)
    stand_in.wait_until(lambda: len(stand_in.calls("getUpdates")) == 20)
    assert ask("getUpdates")["ok"]


BOT = """
import json, sys, urllib.request
def ask(offset):
    with urllib.request.urlopen(f"{sys.argv[1]}/getUpdates?timeout=30&offset={offset}") as answer:
        return json.load(answer)["result"]
updates = ask(0)
print(*[update["message"]["text"] for update in updates], flush=True)
ask(updates[-1]["update_id"] if sys.argv[2] == "unconfirmed" else updates[-1]["update_id"] + 1)
"""


@pytest.mark.parametrize(("dies", "left"), [("unconfirmed", "一"), ("confirmed", "二")])
def test_a_killed_bot_leaves_what_it_did_not_confirm_and_no_rival(
    stand_in: BotApiStandIn, resident: Person, dies: str, left: str
) -> None:
    base = f"{stand_in.base_url}/bot{stand_in.token}"
    effect = passes() if dies == "confirmed" else holds_before()
    second_poll = stand_in.faults.add(effect, method="getUpdates", skip=1)
    resident.says("一")
    with subprocess.Popen([sys.executable, "-c", BOT, base, dies], stdout=subprocess.PIPE) as first:
        second_poll.wait_until_hit()
        first.kill()
    stand_in.wait_until(lambda: len(stand_in.calls("getUpdates")) == 2)
    resident.says("二")
    answer = httpx.get(f"{base}/getUpdates", trust_env=False).json()
    assert texts(answer)[0] == left
    assert {call.code for call in stand_in.calls("getUpdates")} == {200, 0}


def test_setting_a_webhook_ends_a_poll_and_forbids_others(stand_in: BotApiStandIn, ask: Asked) -> None:
    poll = Poll(stand_in)
    ask("setWebhook", url="https://example.invalid/")
    assert poll.result()["description"] == "Conflict: terminated by setWebhook request"
    assert ask("getUpdates") == {
        "ok": False,
        "error_code": 409,
        "description": "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first",
    }
    ask("deleteWebhook")
    assert ask("getUpdates")["ok"]


def test_an_update_can_come_again_though_it_was_confirmed(
    stand_in: BotApiStandIn, ask: Asked, resident: Person
) -> None:
    update = resident.says("一")
    after = update["update_id"] + 1
    ask("getUpdates")
    assert ask("getUpdates", offset=after)["result"] == []
    stand_in.repeat(update)
    assert ask("getUpdates", offset=after)["result"] == [update]
    assert ask("getUpdates", offset=after)["result"] == []
    stand_in.repeat(update, renumbered=True)
    assert ask("getUpdates", offset=after)["result"] == [{**update, "update_id": after}]
    assert stand_in.times_handed_over(update) == 2


@pytest.mark.parametrize("renumbered", [False, True])
def test_every_update_can_come_twice(stand_in: BotApiStandIn, ask: Asked, resident: Person, renumbered: bool) -> None:
    stand_in.repeat_every(lambda update: update["message"]["text"] != "二", renumbered=renumbered)
    for text in "一二三":
        resident.says(text)
    stand_in.repeat_every(None)
    resident.says("四")
    answer = ask("getUpdates")
    assert texts(answer) == ["一", "一", "二", "三", "三", "四"]
    assert len({update["update_id"] for update in answer["result"]}) == (6 if renumbered else 4)


def test_raw_text_goes_out_as_it_stands_among_good_updates(
    stand_in: BotApiStandIn, client: httpx.Client, resident: Person
) -> None:
    resident.says("一")
    number = stand_in.inject(lambda update_id: f'{{"update_id": {update_id}, "message": "nonsense"}}')
    last = resident.says("二")["update_id"]
    answer = client.post("getUpdates").json()
    assert answer["result"][1] == {"update_id": number, "message": "nonsense"}
    stand_in.inject(lambda _: "{broken")
    with pytest.raises(json.JSONDecodeError):
        client.post("getUpdates", json={"offset": last}).json()
    assert stand_in.waiting_updates == 2


def test_after_a_quiet_week_the_numbers_start_anew(stand_in: BotApiStandIn, ask: Asked, resident: Person) -> None:
    remembered = resident.says("一")["update_id"] + 1
    assert ask("getUpdates", offset=remembered)["result"] == []
    stand_in.restart_numbering(5)
    update = resident.says("二")
    assert update["update_id"] == 5
    # An offset that far beyond the end counts as none, so the bot must follow the lower number.
    assert texts(ask("getUpdates", offset=remembered)) == ["二"]
    assert ask("getUpdates", offset=6)["result"] == []


@pytest.mark.usefixtures("three")
def test_pending_updates_can_be_dropped(ask: Asked) -> None:
    assert ask("getWebhookInfo")["result"]["pending_update_count"] == 3
    ask("deleteWebhook", drop_pending_updates=True)
    assert ask("getUpdates")["result"] == []
