"""Delivery to a webhook: secret, order, repeats after failures, what is dropped."""

import json
import socket
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest

from tests.bot_api import SHORT_BACKOFF, TRUE_BACKOFF, BotApiStandIn, Delivery, Person
from tests.bot_api.conftest import RESIDENT, Asked
from tests.set_clock import SetClock


class Server(ThreadingHTTPServer):
    """Says nothing when the stand-in leaves while it is answered."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Receiver:
    """A bot's web server that notes what comes and answers what the test scripts."""

    def __init__(self) -> None:
        self.updates: list[Any] = []
        self.secrets: list[str | None] = []
        self.statuses: list[int] = []
        self.answer = b""
        self.closes = False
        self.held: dict[str, threading.Event] = {}
        self.meeting = threading.Barrier(1)
        self.counting = threading.Lock()
        self.at_once = self.most_at_once = 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.take(json.loads(body), self.headers["X-Telegram-Bot-Api-Secret-Token"])
                self.send_response(status)
                self.send_header("Content-Length", str(len(receiver.answer)))
                if receiver.closes:
                    self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(receiver.answer)

            def log_message(self, *_: object) -> None:
                """Keeps the test's output clean."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/telegram"

    def take(self, update: Any, secret: str | None) -> int:
        self.updates.append(update)
        self.secrets.append(secret)
        with self.counting:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.meeting.wait(10)
        if held := self.held.get(update.get("message", {}).get("text", "")):
            held.wait(10)
        with self.counting:
            self.at_once -= 1
        return self.statuses.pop(0) if self.statuses else 200

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.updates if "message" in update]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    running = Receiver()
    thread = threading.Thread(target=running.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.server.shutdown()
    thread.join()
    running.server.server_close()


def drained(stand_in: BotApiStandIn) -> None:
    stand_in.wait_until(lambda: stand_in.waiting_updates == 0)


def test_what_waits_and_what_comes_is_delivered_with_the_secret(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    updates = [resident.says("一")]
    ask("setWebhook", url=receiver.url, secret_token="open-sesame")
    updates.append(resident.says("二"))
    drained(stand_in)
    assert receiver.updates == updates
    assert set(receiver.secrets) == {"open-sesame"}
    assert stand_in.deliveries == [Delivery(update["update_id"], 200) for update in updates]
    assert ask("getWebhookInfo")["result"] == {
        "url": receiver.url,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 40,
    }


def test_without_a_secret_no_header(stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver) -> None:
    ask("setWebhook", url=receiver.url)
    resident.says("一")
    drained(stand_in)
    assert receiver.secrets == [None]


def test_what_is_not_accepted_comes_again_before_anything_later(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    receiver.statuses = [500, 404, 302, 503, 403, 429, 200]
    first = resident.says("一")
    resident.says("二")
    ask("setWebhook", url=receiver.url)
    drained(stand_in)
    assert receiver.texts() == ["一"] * 7 + ["二"]
    assert stand_in.times_handed_over(first) == 7
    info = ask("getWebhookInfo")["result"]
    assert info["last_error_message"] == "Wrong response from the webhook: 429 Too Many Requests"


def test_over_tls_nobody_answers(stand_in: BotApiStandIn, ask: Asked, resident: Person) -> None:
    ask("setWebhook", url="https://127.0.0.1/telegram")
    resident.says("一")
    stand_in.wait_until(lambda: stand_in.deliveries)
    assert ask("getWebhookInfo")["result"]["last_error_message"] == "The stand-in delivers over plain HTTP only"


@pytest.mark.parametrize("answer", [b"", b"good morning\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
def test_an_answer_that_breaks_off_is_none(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, answer: bytes
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ask("setWebhook", url=f"http://127.0.0.1:{listener.getsockname()[1]}/telegram?a=1")
        resident.says("一")
        line, _ = listener.accept()
        with line:
            assert line.makefile("rb").readline() == b"POST /telegram?a=1 HTTP/1.1\r\n"
            line.sendall(answer)
        stand_in.wait_until(lambda: stand_in.deliveries)
    assert stand_in.deliveries[0].status == 0
    assert stand_in.waiting_updates == 1
    assert ask("getWebhookInfo")["result"]["last_error_message"]


def test_a_server_that_closes_after_each_answer(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    receiver.closes = True
    ask("setWebhook", url=receiver.url)
    for text in "一二三":
        resident.says(text)
    drained(stand_in)
    assert receiver.texts() == ["一", "二", "三"]


def test_nobody_at_home_is_tried_until_somebody_is(
    clock: SetClock, stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    ask("setWebhook", url="http://127.0.0.1:9/telegram")
    resident.says("一")
    stand_in.wait_until(lambda: len(stand_in.deliveries) > len(SHORT_BACKOFF))
    assert {delivery.status for delivery in stand_in.deliveries} == {0}
    info = ask("getWebhookInfo")["result"]
    assert (info["last_error_date"], info["pending_update_count"]) == (clock.now.timestamp(), 1)
    ask("setWebhook", url=receiver.url)
    drained(stand_in)
    assert receiver.texts() == ["一"]


def test_one_update_of_a_chat_at_a_time_and_presses_overtake(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    neighbour = stand_in.person(2002)
    markup = {"inline_keyboard": [[{"text": "是", "callback_data": "yes"}]]}
    ask("sendMessage", chat_id=RESIDENT, text="?", reply_markup=markup)
    receiver.held["一"] = threading.Event()
    ask("setWebhook", url=receiver.url)
    resident.says("一")
    resident.says("二")
    resident.taps("是")
    neighbour.says("三")
    stand_in.wait_until(lambda: len(stand_in.deliveries) == 2)
    assert sorted(receiver.texts()) == ["一", "三"]
    assert [update["callback_query"]["data"] for update in receiver.updates if "callback_query" in update] == ["yes"]
    receiver.held["一"].set()
    drained(stand_in)
    assert receiver.texts()[-1] == "二"


def test_connections_are_limited(stand_in: BotApiStandIn, ask: Asked, receiver: Receiver) -> None:
    receiver.meeting = threading.Barrier(2)
    ask("setWebhook", url=receiver.url, max_connections=2)
    for number in range(1, 9):
        stand_in.person(number).says("一")
    drained(stand_in)
    assert receiver.most_at_once == 2


def test_malformed_and_repeated_updates_travel_too(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    ask("setWebhook", url=receiver.url)
    stand_in.repeat_every()
    resident.says("一")
    stand_in.inject(lambda update_id: f'{{"update_id": {update_id}}}')
    drained(stand_in)
    assert receiver.texts() == ["一", "一"]
    assert [set(update) for update in receiver.updates].count({"update_id"}) == 1


def test_a_method_in_the_answer_is_a_breach(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    receiver.answer = b'{"method": "sendMessage", "chat_id": 1001, "text": "!"}'
    ask("setWebhook", url=receiver.url)
    resident.says("一")
    drained(stand_in)
    assert stand_in.violations == ["a method call in the answer to a webhook"]
    assert resident.inbox == []


def test_after_deletion_updates_wait_for_polls(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 10_000
    ask("setWebhook", url=receiver.url)
    resident.says("一")
    stand_in.wait_until(lambda: stand_in.deliveries)
    ask("deleteWebhook")
    assert ask("getUpdates")["result"][0]["message"]["text"] == "一"


def test_dropping_what_waits_ends_its_delivery(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    receiver.statuses = [500] * 10_000
    ask("setWebhook", url=receiver.url)
    resident.says("一")
    stand_in.wait_until(lambda: stand_in.deliveries)
    ask("setWebhook", url=receiver.url, drop_pending_updates=True)
    receiver.statuses.clear()
    resident.says("二")
    drained(stand_in)
    assert receiver.texts()[-1] == "二"
    assert stand_in.waiting_updates == 0


def test_an_outage_of_the_platform_loses_nothing(
    stand_in: BotApiStandIn, ask: Asked, resident: Person, receiver: Receiver
) -> None:
    ask("setWebhook", url=receiver.url)
    resident.says("一")
    drained(stand_in)
    stand_in.stop()
    resident.says("二")
    stand_in.start()
    drained(stand_in)
    assert receiver.texts() == ["一", "二"]


def test_the_true_backoff_is_the_platforms() -> None:
    assert TRUE_BACKOFF[0] == SHORT_BACKOFF[0] == 0
    assert all(later == 2 * sooner for sooner, later in pairwise(TRUE_BACKOFF[1:-1]))
