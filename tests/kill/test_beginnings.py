"""The first start: on a database that `minsheng migrate` made, and after starts that were killed half way."""

import asyncio
import subprocess
import sys
from functools import partial
from pathlib import Path
from random import Random

from tests.kill.bot_process import PROJECT, BotProcess, environment


def settings(folder: Path, url: str) -> dict[str, str]:
    return {"MINSHENG_DATA_DIR": str(folder / "data"), "MINSHENG_DATABASE_URL": url}


async def test_a_migrated_database_is_enough(tmp_path: Path) -> None:
    chosen = settings(tmp_path, f"sqlite:///{tmp_path / 'minsheng.sqlite3'}")
    command = [sys.executable, "-m", "bot", "migrate"]
    run = partial(subprocess.run, command, cwd=PROJECT, env=environment(chosen), capture_output=True, timeout=30)
    assert not (await asyncio.to_thread(run)).returncode
    with BotProcess(tmp_path, chosen) as bot:
        bot.start()
        await bot.ready()
        assert await bot.stop() < 10
    assert list(bot.complaints) == []


async def test_a_start_that_is_killed_half_way_can_be_repeated(tmp_path: Path, blank_url: str) -> None:
    chance = Random(5)
    with BotProcess(tmp_path, settings(tmp_path, blank_url)) as bot:
        for _ in range(2):
            bot.start()
            await asyncio.sleep(chance.uniform(0.5, 1.5))  # about the time that a start takes
            bot.kill()
        bot.start()
        await bot.ready()
    assert list(bot.complaints) == []
