"""Killed while it tells many people something, the program tells each of them once."""

from pathlib import Path

from tests.kill.telling import Play, tell


async def told(play: Play) -> None:
    """Play it, and find every promise kept."""
    verdict = await tell(play)
    assert verdict.problems[:5] == []
    assert verdict.kills == play.kills


async def test_a_single_process_on_sqlite(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'minsheng.sqlite3'}"
    await told(Play(database_url=url, folder=tmp_path, on_telegram=300, on_web=3, kills=2, per_second=60))


async def test_two_replicas_on_postgresql(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    await told(
        Play(
            database_url=postgres_url,
            folder=tmp_path,
            on_telegram=300,
            on_web=3,
            kills=2,
            redis_url=redis_url,
            replicas=2,
            per_second=60,
        )
    )
