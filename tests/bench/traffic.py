"""The Bot API updates that every contender of a benchmark is fed with."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

START = "/suggest"
CONFIRMED = "是"
TURNS_PER_CONVERSATION = 6
"""The command that starts it, then five answers: topic, text, location, photo, confirmation."""

FIRST_PERSON = 1_000_000_000
FIRST_DATE = 1_756_656_000
"""Midnight of 2025-09-01 in Shanghai, from which the messages' dates count up."""
SECONDS_BETWEEN_MESSAGES = 10

TOPICS = ("道路", "路灯", "供水", "校车", "养老", "垃圾清运", "停车", "公园")
PHOTO_SIZES = ((90, 67), (320, 240), (800, 600), (1280, 960))


@dataclass(frozen=True)
class Suggestion:
    """What one person answers in one conversation."""

    topic: str
    text: str
    latitude: float
    longitude: float
    photo: str


def suggestion(person: int, start: int) -> Suggestion:
    """The answers of `person` in the conversation whose first message is number `start`."""
    return Suggestion(
        topic=TOPICS[(person + start) % len(TOPICS)],
        text=f"第{person}号居民第{start}条:村口这一段坑洼不平，下雨天积水很深，老人孩子走路不方便，希望能够修一修。",
        latitude=30.0 + person % 1000 / 10_000,
        longitude=120.0 + start % 1000 / 10_000,
        photo=f"photo-{person}-{start}-1280",
    )


def conversation(person: int, start: int) -> list[bytes]:
    """One conversation of `person`, as the JSON of `TURNS_PER_CONVERSATION` updates.

    Updates and messages are numbered from `start`, which also sets their dates.
    """
    answers = suggestion(person, start)
    contents: list[dict[str, Any]] = [
        {"text": START, "entities": [{"type": "bot_command", "offset": 0, "length": len(START)}]},
        {"text": answers.topic},
        {"text": answers.text},
        {"location": {"latitude": answers.latitude, "longitude": answers.longitude}},
        {"photo": _photo_sizes(f"photo-{person}-{start}")},
        {"text": CONFIRMED},
    ]
    return [_update(person, start + step, content) for step, content in enumerate(contents)]


def interleaved(people: int, rounds: int) -> Iterator[bytes]:
    """The updates of `people` persons, `rounds` conversations each, taking turns message by message.

    Message numbers are unique over all of them, and one person's messages are in order.
    """
    for round_number in range(rounds):
        first = 1 + round_number * people * TURNS_PER_CONVERSATION
        starts = (first + person * TURNS_PER_CONVERSATION for person in range(people))
        conversations = [conversation(person, start) for person, start in enumerate(starts)]
        for step in zip(*conversations, strict=True):
            yield from step


def person_of(update: bytes) -> int:
    """The Telegram id of the person who wrote `update`."""
    return int(json.loads(update)["message"]["from"]["id"])


def _update(person: int, number: int, content: dict[str, Any]) -> bytes:
    account = {"id": FIRST_PERSON + person, "first_name": f"居民{person}"}
    message = {
        "message_id": number,
        "from": {**account, "is_bot": False, "language_code": "zh-hans"},
        "chat": {**account, "type": "private"},
        "date": FIRST_DATE + number * SECONDS_BETWEEN_MESSAGES,
        **content,
    }
    return json.dumps({"update_id": number, "message": message}).encode()


def _photo_sizes(name: str) -> list[dict[str, Any]]:
    return [
        {
            "file_id": f"{name}-{width}",
            "file_unique_id": f"unique-{name}-{width}",
            "width": width,
            "height": height,
            "file_size": width * height // 8,
        }
        for width, height in PHOTO_SIZES
    ]
