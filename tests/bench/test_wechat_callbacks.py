import pytest

from tests.bench.traffic import TURNS_PER_CONVERSATION
from tests.bench.wechat_callbacks import callbacks, speed


def test_people_take_turns_message_by_message() -> None:
    posted = list(callbacks(people=3, rounds=2))

    assert len(set(posted)) == 3 * 2 * TURNS_PER_CONVERSATION
    assert [b"openid=oResident0001&" in one for one in posted[:6]] == [False, True, False] * 2


@pytest.mark.parametrize("pushes", [False, True])
async def test_every_conversation_comes_to_its_end_and_is_measured(pushes: bool) -> None:
    figures = await speed(rounds=1, people=4, pushes=pushes)

    assert len(figures) == 2
    assert all(value > 0 for value in figures.values())
