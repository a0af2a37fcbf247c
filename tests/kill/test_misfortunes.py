"""Servers that go away, full disks, polite stops and backups, all in the midst of what people write."""

from pathlib import Path

from tests.kill import misfortunes
from tests.kill.backups import Backup, back_up, wrong
from tests.kill.crowd import Size
from tests.kill.stage import Play, staged
from tests.servers import PostgresServer, RedisServer

SIZE = Size(on_telegram=6, on_web=6, stories=3)
BUSY = Size(on_telegram=14, on_web=2, stories=4)  # Telegram's pace gives a replica the time to come back


def on_sqlite(folder: Path) -> Play:
    return Play(database_url=f"sqlite:///{folder / 'minsheng.db'}", folder=folder, size=SIZE)


async def test_servers_that_go_away_are_waited_for(
    tmp_path: Path, postgres_server: PostgresServer, redis_server: RedisServer, postgres_url: str
) -> None:
    play = Play(
        database_url=postgres_url,
        redis_url=redis_server.url,
        folder=tmp_path,
        size=SIZE,
        webhook=True,
        replicas=2,
    )
    async with staged(play) as stage:
        verdict = await stage.perform(misfortunes.lose_servers(stage, postgres_server, redis_server))
    logs = "".join(bot.log for bot in stage.bots)
    assert verdict.problems[:5] == []
    assert verdict.doubled <= misfortunes.CUTS
    assert "database_fault" in logs
    assert "redis_fault" in logs


async def test_replicas_that_stop_finish_what_is_in_hand(tmp_path: Path, postgres_url: str, redis_url: str) -> None:
    play = Play(database_url=postgres_url, redis_url=redis_url, folder=tmp_path, size=BUSY, webhook=True, replicas=2)
    async with staged(play) as stage:
        verdict = await stage.perform(misfortunes.stop_each_in_the_midst(stage))
    assert verdict.problems[:5] == []
    assert not verdict.doubled


async def test_a_full_disk_is_told_and_waited_out(tmp_path: Path) -> None:
    async with staged(on_sqlite(tmp_path)) as stage:
        verdict = await stage.perform(misfortunes.fill_disk(stage))
    assert verdict.problems[:5] == []
    assert not verdict.doubled


async def test_a_backup_amid_messages_starts_and_lacks_nothing(tmp_path: Path) -> None:
    taken: list[Backup] = []
    async with staged(on_sqlite(tmp_path)) as stage:
        verdict = await stage.perform(back_up(stage, taken))
    assert verdict.problems[:5] == []
    assert await wrong(taken[0], tmp_path / "restored") == []
