"""Killed at random moments, the program loses nothing and does nothing twice."""

from pathlib import Path

from tests.kill.crowd import Size
from tests.kill.stage import Play, staged

SIZE = Size(on_telegram=8, on_web=8, stories=3)


async def killed(play: Play, kills: int) -> None:
    """Play it, and find every promise kept."""
    async with staged(play) as stage:
        verdict = await stage.perform(stage.kill_at_random(kills))
    assert verdict.problems[:5] == []
    assert verdict.messages == stage.crowd.all_steps
    # What Telegram had taken at a kill and not yet answered may come twice.
    assert verdict.doubled <= verdict.kills


async def test_a_single_process_on_sqlite(tmp_path: Path) -> None:
    play = Play(database_url=f"sqlite:///{tmp_path / 'minsheng.sqlite3'}", folder=tmp_path, size=SIZE, seed=1)
    await killed(play, kills=2)


async def test_a_single_process_on_postgresql(tmp_path: Path, postgres_url: str) -> None:
    play = Play(database_url=postgres_url, folder=tmp_path, size=SIZE, webhook=True, seed=2)
    await killed(play, kills=2)


async def test_two_replicas(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    play = Play(
        database_url=postgres_url, redis_url=redis_url, folder=tmp_path, size=SIZE, webhook=True, replicas=2, seed=3
    )
    await killed(play, kills=2)
