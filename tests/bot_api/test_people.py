"""Acting as people, and looking at what they see."""

import subprocess
import sys
from typing import Any

import httpx
import pytest

from tests.bot_api import BotApiStandIn, Button, Person
from tests.bot_api.conftest import RESIDENT, Asked
from tests.bot_api.files import small_photo
from tests.set_clock import SetClock


def inline(*labels: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": f"d{label}"}] for label in labels]}


def test_acts_return_the_updates_they_cause(ask: Asked, resident: Person) -> None:
    ask("sendMessage", chat_id=RESIDENT, text="?", reply_markup=inline("是"))
    acts = [
        resident.says("修路"),
        resident.starts(),
        resident.starts("cell-7"),
        resident.sends_location(30.0, 120.0),
        resident.sends_photo(),
        *resident.sends_album([small_photo(), 5000]),
        resident.sends_voice(),
        resident.sends_document("a.xlsx", 10),
        resident.sends({"contact": {"phone_number": "0", "first_name": "无"}}),
        resident.taps("是"),
        resident.blocks_bot(),
        resident.unblocks_bot(),
    ]
    assert ask("getUpdates")["result"] == acts
    assert [update["message"]["text"] for update in acts[1:3]] == ["/start", "/start cell-7"]


def test_an_edit_keeps_number_and_date_and_bears_its_own(clock: SetClock, resident: Person) -> None:
    original = resident.says("修路")["message"]
    clock.advance(minutes=1)
    edited = resident.edits(original["message_id"], "修桥")["edited_message"]
    assert edited == {**original, "text": "修桥", "edit_date": original["date"] + 60}


@pytest.mark.parametrize("payload", ["第三村", "a b", "a" * 65])
def test_no_link_carries_junk(resident: Person, payload: str) -> None:
    with pytest.raises(ValueError, match="not a deep-link payload"):
        resident.starts(payload)


def test_a_tap_finds_the_last_keyboard(ask: Asked, resident: Person) -> None:
    for markup in (inline("一", "二"), inline("二", "三"), None):
        ask("sendMessage", chat_id=RESIDENT, text="?", **({"reply_markup": markup} if markup else {}))
    by_label = resident.taps("二")["callback_query"]
    by_data = resident.taps("d三")["callback_query"]
    old = resident.taps("一", resident.inbox[0])["callback_query"]
    assert [query["message"]["message_id"] for query in (by_label, by_data, old)] == [2, 2, 1]
    assert len({query["id"] for query in (by_label, by_data, old)}) == 3
    assert resident.buttons == [Button("二", "d二"), Button("三", "d三")]
    with pytest.raises(AssertionError, match=r"no button '一' to press, only \['二', '三'\]"):
        resident.taps("一")


def test_a_tap_passes_over_what_was_deleted(ask: Asked, resident: Person) -> None:
    for label in "一二":
        ask("sendMessage", chat_id=RESIDENT, text="?", reply_markup=inline(label))
    ask("deleteMessage", chat_id=RESIDENT, message_id=2)
    assert resident.taps("一")["callback_query"]["message"]["message_id"] == 1


def test_a_link_cannot_be_tapped_and_a_forged_tap_can_say_anything(ask: Asked, resident: Person) -> None:
    markup = {"inline_keyboard": [[{"text": "看", "url": "https://example.org/"}]]}
    ask("sendMessage", chat_id=RESIDENT, text="?", reply_markup=markup)
    with pytest.raises(AssertionError, match="no button"):
        resident.taps("看")
    assert resident.buttons == [Button("看", url="https://example.org/")]
    assert resident.forges_tap("junk", resident.inbox[0])["callback_query"]["data"] == "junk"


def test_a_key_sends_its_label(ask: Asked, resident: Person) -> None:
    keys = {"keyboard": [["菜单", {"text": "我的位置", "request_location": True}]]}
    answer = ask("sendMessage", chat_id=RESIDENT, text="?", reply_markup=keys)
    assert "reply_markup" not in answer["result"]
    assert resident.keys == ["菜单", "我的位置"]
    assert resident.taps("菜单")["message"]["text"] == "菜单"
    ask("sendMessage", chat_id=RESIDENT, text="?", reply_markup={"remove_keyboard": True})
    assert resident.keys == []


def test_a_reply_shows_what_it_answers_but_no_deeper(ask: Asked, resident: Person) -> None:
    number = resident.says("修路")["message"]["message_id"]
    for _ in range(2):
        answer = ask("sendMessage", chat_id=RESIDENT, text="好", reply_parameters={"message_id": number})
        number = answer["result"]["message_id"]
    assert resident.inbox[0].raw["reply_to_message"]["text"] == "修路"
    assert "reply_to_message" not in resident.inbox[1].raw["reply_to_message"]
    gone = {"message_id": 99, "allow_sending_without_reply": True}
    assert ask("sendMessage", chat_id=RESIDENT, text="好", reply_parameters=gone)["ok"]


def test_entities_are_shown_as_they_were_given(ask: Asked, resident: Person) -> None:
    bold = {"type": "bold", "offset": 0, "length": 2}
    ask("sendMessage", chat_id=RESIDENT, text="您好", entities=[bold])
    assert resident.inbox[0].raw["entities"] == [bold]


def test_a_menu_button_of_one_chat(stand_in: BotApiStandIn, ask: Asked, resident: Person) -> None:
    assert ask("setChatMenuButton", chat_id=resident.id)["ok"]
    assert stand_in.world.menu_buttons == {RESIDENT: {"type": "default"}}
    assert ask("setChatMenuButton", chat_id=2002)["description"] == "Bad Request: chat not found"


def test_a_group_has_a_chat_of_its_own(stand_in: BotApiStandIn, ask: Asked, resident: Person) -> None:
    group = stand_in.group(-55, "三组")
    update = resident.says("修路", within=group)["message"]
    assert update["chat"] == {"id": -55, "title": "三组", "type": "group"}
    assert update["from"]["id"] == RESIDENT
    ask("sendMessage", chat_id=-55, text="您好", reply_parameters={"message_id": update["message_id"]})
    assert [item.text for item in group.inbox] == ["您好"]
    assert resident.inbox == []


def test_all_messages_in_order(stand_in: BotApiStandIn, ask: Asked) -> None:
    for chat in (1, 2, 1):
        stand_in.person(chat)
        ask("sendMessage", chat_id=chat, text=f"致{chat}")
    assert [(item.chat_id, item.text) for item in stand_in.messages] == [(1, "致1"), (2, "致2"), (1, "致1")]
    assert [(call.method, call.chat, call.code) for call in stand_in.calls()] == [
        ("sendMessage", chat, 200) for chat in (1, 2, 1)
    ]


async def test_waiting_for_a_message(stand_in: BotApiStandIn, resident: Person) -> None:
    url = f"{stand_in.base_url}/bot{stand_in.token}/sendMessage"
    async with httpx.AsyncClient(trust_env=False) as client:
        for text in ("您好", "编号 0001"):
            await client.post(url, json={"chat_id": RESIDENT, "text": text})
    assert resident.wait_for("编号").text == "编号 0001"
    assert resident.wait_for(after=1).text == "编号 0001"
    await stand_in.wait_until_async(lambda: len(resident.inbox) == 2)
    with pytest.raises(TimeoutError, match="1 messages, none of them with '您好'"):
        resident.wait_for("您好", after=1, timeout=0.01)
    with pytest.raises(TimeoutError):
        stand_in.wait_until(lambda: False, timeout=0.01)


def test_it_comes_back_on_its_port_and_remembers() -> None:
    stand_in = BotApiStandIn()
    resident = stand_in.person(RESIDENT)
    resident.says("一")
    for known in (1, 2):
        with stand_in:
            address = f"{stand_in.base_url}/bot{stand_in.token}/getUpdates"
            assert len(httpx.get(address, trust_env=False).json()["result"]) == known
        with pytest.raises(httpx.ConnectError):
            httpx.get(address, trust_env=False)
        resident.says("二")


def test_a_taken_port_is_told() -> None:
    with BotApiStandIn() as first, pytest.raises(OSError, match="in use"):
        BotApiStandIn(port=first.port).start()


def test_stopping_cuts_every_line() -> None:
    with BotApiStandIn() as stand_in, httpx.Client(trust_env=False) as client:
        client.get(stand_in.base_url)
        stand_in.stop()
        with pytest.raises(httpx.TransportError):
            client.get(stand_in.base_url)
        stand_in.start()
        assert client.get(stand_in.base_url).status_code == 404


def test_it_can_be_talked_to_by_hand() -> None:
    command = [sys.executable, "-m", "tests.bot_api"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        base, token = (process.stdout.readline().strip().partition("=")[2] for _ in range(2))
        with httpx.Client(base_url=f"{base}/bot{token}/", trust_env=False) as bot:
            print("1001 您好", file=process.stdin, flush=True)
            offset = _hear(bot, 0)
            bot.post("sendMessage", json={"chat_id": 1001, "text": "对吗?", "reply_markup": inline("是")})
            assert process.stdout.readline() == "→ 1001 text: 对吗? [是]\n"
            print("1001 是", file=process.stdin, flush=True)
            update = bot.post("getUpdates", json={"offset": offset, "timeout": 20}).json()["result"][0]
            assert update["callback_query"]["data"] == "d是"
        process.stdin.close()
        assert process.wait(10) == 0


def _hear(bot: httpx.Client, offset: int) -> int:
    update = bot.post("getUpdates", json={"offset": offset, "timeout": 20}, timeout=30).json()["result"][0]
    assert update["message"]["text"] == "您好"
    number: int = update["update_id"]
    return number + 1
