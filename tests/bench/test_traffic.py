"""What contenders are fed with, and how."""

import asyncio
import json
from collections import defaultdict

import pytest
from aiogram.types import Update

from tests.bench.feeding import feed
from tests.bench.traffic import TURNS_PER_CONVERSATION, conversation, interleaved, person_of


def test_a_conversation_answers_five_questions_in_order() -> None:
    messages = [Update.model_validate_json(update).message for update in conversation(person=3, start=100)]

    kinds = [message.content_type for message in messages if message]
    assert kinds == ["text", "text", "text", "location", "photo", "text"]
    assert len(kinds) == TURNS_PER_CONVERSATION


def test_people_take_turns_message_by_message() -> None:
    people = [person_of(update) for update in interleaved(people=3, rounds=2)]

    assert len(people) == 3 * 2 * TURNS_PER_CONVERSATION
    assert people == people[:3] * (2 * TURNS_PER_CONVERSATION)


def test_no_number_comes_twice_and_one_persons_numbers_and_dates_rise() -> None:
    updates = [json.loads(update) for update in interleaved(people=3, rounds=2)]

    assert len({update["update_id"] for update in updates}) == len(updates)
    for person in {update["message"]["from"]["id"] for update in updates}:
        messages = [update["message"] for update in updates if update["message"]["from"]["id"] == person]
        assert messages == sorted(messages, key=lambda message: (message["date"], message["message_id"]))


@pytest.mark.parametrize("parallel", [1, 2, 5])
async def test_feeding_keeps_a_persons_order_and_the_number_in_parallel(parallel: int) -> None:
    seen: dict[int, list[bytes]] = defaultdict(list)
    busy: set[int] = set()
    most_busy = 0

    async def turn(update: bytes) -> None:
        nonlocal most_busy
        person = person_of(update)
        assert person not in busy
        busy.add(person)
        most_busy = max(most_busy, len(busy))
        await asyncio.sleep(0)
        seen[person].append(update)
        busy.remove(person)

    updates = list(interleaved(people=5, rounds=2))
    await feed(updates, parallel, turn, untimed=10)

    assert sum(map(len, seen.values())) == len(updates)
    assert most_busy == parallel
    for person, taken in seen.items():
        assert taken == [update for update in updates if person_of(update) == person]


async def test_a_failing_turn_stops_the_run() -> None:
    async def turn(_: bytes) -> None:
        raise RuntimeError("refused")

    with pytest.raises(ExceptionGroup) as failure:
        await feed(conversation(person=1, start=1), 1, turn)
    assert failure.group_contains(RuntimeError, match="refused")
