"""Stopped politely, cut off from Telegram, or started on an empty database, the program loses nothing either."""

import asyncio
from pathlib import Path

from tests.bot_api.faults import holds_before
from tests.kill.crowd import Size
from tests.kill.misfortunes import STOPS_WITHIN, part, stop_in_the_midst
from tests.kill.stage import Play, Stage, staged

SIZE = Size(on_telegram=6, on_web=6, stories=2)


def play_on_sqlite(folder: Path, *, webhook: bool = False) -> Play:
    return Play(database_url=f"sqlite:///{folder / 'minsheng.sqlite3'}", folder=folder, size=SIZE, webhook=webhook)


async def stop_once(stage: Stage) -> None:
    await part(stage, 1, 3)
    await stop_in_the_midst(stage, stage.bots[0])


async def stop_without_an_answer(stage: Stage) -> None:
    """Telegram has messages that it never answers."""
    (bot,) = stage.bots
    await stage.crowd.reach(stage.crowd.all_steps // 3)
    held = stage.stand_in.faults.add(holds_before(), method="sendMessage", times=3)
    await asyncio.to_thread(held.wait_until_hit, 3)
    assert await bot.stop() < STOPS_WITHIN
    bot.start()
    await bot.ready()


async def lose_telegram(stage: Stage) -> None:
    """Telegram is away until half of the people who do not need it are through."""
    await stage.crowd.reach(stage.crowd.all_steps // 4)
    await asyncio.to_thread(stage.stand_in.stop)
    await stage.crowd.reach(stage.crowd.all_steps // 2)
    stage.stand_in.start()


async def test_a_polite_stop_ends_what_is_in_hand(tmp_path: Path) -> None:
    async with staged(play_on_sqlite(tmp_path)) as stage:
        verdict = await stage.perform(stop_once(stage))
    assert verdict.problems[:5] == []
    assert not verdict.doubled


async def test_a_polite_stop_does_not_wait_for_ever(tmp_path: Path) -> None:
    async with staged(play_on_sqlite(tmp_path, webhook=True)) as stage:
        verdict = await stage.perform(stop_without_an_answer(stage))
    assert verdict.problems[:5] == []
    assert not verdict.doubled


async def test_telegram_is_away_for_a_while(tmp_path: Path) -> None:
    async with staged(play_on_sqlite(tmp_path)) as stage:
        verdict = await stage.perform(lose_telegram(stage))
    assert verdict.problems[:5] == []
    assert verdict.doubled <= 1
