"""What happens to chats and messages over time: who may be written to, edits, deletions, presses."""

import json
from typing import Any

import httpx

from tests.bot_api import BotApiStandIn, Person
from tests.bot_api.conftest import RESIDENT, Asked
from tests.bot_api.files import small_photo
from tests.set_clock import SetClock

PRESS = {"text": "是", "callback_data": "yes"}


def inline(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": [list(buttons)]}


def message(**parameters: Any) -> dict[str, Any]:
    return {"chat_id": RESIDENT, "text": "您好", **parameters}


def test_who_may_be_written_to(stand_in: BotApiStandIn, resident: Person, ask: Asked) -> None:
    def refusal() -> str:
        description: str = ask("sendMessage", chat_id=resident.id, text="您好").get("description", "")
        return description

    stand_in.person(2002, has_started=False)
    answer = ask("sendMessage", chat_id=2002, text="您好")
    assert answer["description"] == "Forbidden: bot can't initiate conversation with a user"
    assert answer["error_code"] == 403
    resident.blocks_bot()
    assert refusal() == "Forbidden: bot was blocked by the user"
    resident.unblocks_bot()
    assert refusal() == ""
    resident.deactivates()
    assert refusal() == "Forbidden: user is deactivated"
    assert stand_in.violations == []


def test_a_group_that_moved(stand_in: BotApiStandIn, ask: Asked) -> None:
    group = stand_in.group(-55)
    supergroup = stand_in.upgrade_group(group, -10055)
    assert ask("sendMessage", chat_id=-55, text="您好") == {
        "ok": False,
        "error_code": 400,
        "description": "Bad Request: group chat was upgraded to a supergroup chat",
        "parameters": {"migrate_to_chat_id": -10055},
    }
    assert ask("sendMessage", chat_id=-10055, text="您好")["result"]["chat"]["type"] == "supergroup"
    assert [item.text for item in supergroup.inbox] == ["您好"]


def test_an_edit_must_change_something(resident: Person, ask: Asked) -> None:
    markup = inline(PRESS)
    number = ask("sendMessage", **message(reply_markup=markup))["result"]["message_id"]
    same = ask("editMessageText", **message(message_id=number, reply_markup=markup))
    assert same["description"] == (
        "Bad Request: message is not modified: specified new message content and reply markup are exactly "
        "the same as a current content and reply markup of the message"
    )
    assert ask("editMessageText", **message(message_id=number))["result"]["edit_date"]
    assert resident.inbox[0].buttons == []
    assert ask("editMessageText", **message(message_id=number, text="再见"))["ok"]
    assert resident.inbox[0].text == "再见"
    assert resident.inbox[0].earlier_texts == ["您好", "您好"]


def test_only_own_texts_can_be_edited(client: httpx.Client, resident: Person, ask: Asked) -> None:
    theirs = resident.says("修路")["message"]["message_id"]
    answer = ask("editMessageText", **message(message_id=theirs))
    assert answer["description"] == "Bad Request: message can't be edited"
    sent = client.post("sendPhoto", data={"chat_id": str(RESIDENT)}, files={"photo": small_photo()}).json()
    answer = ask("editMessageText", **message(message_id=sent["result"]["message_id"]))
    assert answer["description"] == "Bad Request: there is no text in the message to edit"


def test_a_caption_changes_below_its_file_and_not_elsewhere(client: httpx.Client, resident: Person, ask: Asked) -> None:
    sent = client.post("sendPhoto", data={"chat_id": str(RESIDENT), "caption": "周三"}, files={"photo": small_photo()})
    number = sent.json()["result"]["message_id"]
    same = ask("editMessageCaption", chat_id=RESIDENT, message_id=number, caption="周三")
    assert same["description"].startswith("Bad Request: message is not modified")
    assert ask("editMessageCaption", chat_id=RESIDENT, message_id=number, reply_markup=inline(PRESS))["ok"]
    (shown,) = resident.inbox
    assert (shown.kind, shown.text, shown.earlier_texts, len(shown.buttons)) == ("photo", "", ["周三"], 1)
    text = ask("sendMessage", **message())["result"]["message_id"]
    answer = ask("editMessageCaption", chat_id=RESIDENT, message_id=text, caption="周四")
    assert answer["description"] == "Bad Request: there is no caption in the message to edit"


def test_a_text_becomes_a_file_and_that_another(
    stand_in: BotApiStandIn, client: httpx.Client, resident: Person, ask: Asked
) -> None:
    number = ask("sendMessage", **message(reply_markup=inline(PRESS)))["result"]["message_id"]

    def becomes(kind: str, name: str, content: bytes) -> Any:
        media = json.dumps({"type": kind, "media": "attach://one", "caption": name})
        said = {"chat_id": str(RESIDENT), "message_id": str(number), "media": media}
        return client.post("editMessageMedia", data=said, files={"one": (name, content)}).json()

    assert becomes("document", "a.pdf", b"%PDF")["result"]["caption"] == "a.pdf"
    assert becomes("photo", "b.jpg", small_photo())["result"]["edit_date"]
    (shown,) = resident.inbox
    assert (shown.kind, shown.text, shown.file, shown.buttons) == ("photo", "b.jpg", small_photo(), [])
    assert shown.earlier_texts == ["您好", "a.pdf"]
    assert stand_in.violations == []
    voice = client.post("sendVoice", data={"chat_id": str(RESIDENT)}, files={"voice": b"OggS"}).json()
    number = voice["result"]["message_id"]
    assert becomes("photo", "b.jpg", small_photo())["description"] == "Bad Request: message can't be edited"


def test_messages_can_be_deleted_for_two_days(clock: SetClock, resident: Person, ask: Asked) -> None:
    theirs = resident.says("修路")["message"]["message_id"]
    own = [ask("sendMessage", **message())["result"]["message_id"] for _ in range(2)]
    clock.advance(hours=48)
    assert all(ask("deleteMessage", chat_id=RESIDENT, message_id=number)["ok"] for number in (theirs, own[0]))
    again = ask("editMessageText", **message(message_id=own[0], text="再见"))
    assert again["description"] == "Bad Request: message to edit not found"
    clock.advance(seconds=1)
    late = ask("deleteMessage", chat_id=RESIDENT, message_id=own[1])
    assert late["description"] == "Bad Request: message can't be deleted for everyone"
    assert [item.is_deleted for item in resident.inbox] == [True, False]


def test_a_press_can_be_answered_for_150_seconds(clock: SetClock, resident: Person, ask: Asked) -> None:
    ask("sendMessage", **message(reply_markup=inline(PRESS)))
    query = resident.taps("是")["callback_query"]["id"]
    clock.advance(seconds=150)
    assert ask("answerCallbackQuery", callback_query_id=query, text="好", show_alert=True)["ok"]
    clock.advance(seconds=1)
    assert ask("answerCallbackQuery", callback_query_id=query)["description"].startswith(
        "Bad Request: query is too old"
    )
    assert [(notice.text, notice.is_alert) for notice in resident.notices] == [("好", True)]
