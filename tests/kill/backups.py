"""Backups that are made while people write, and what is in them."""

import asyncio
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, select

from storage.database import open_database, reading
from storage.tables import audit, messages, proposals, texts
from tests.kill.bot_process import PROJECT, BotProcess, environment
from tests.kill.misfortunes import part
from tests.kill.stage import Stage

_KEPT = (messages, texts, proposals, audit)  # tables whose rows stay


@dataclass(frozen=True, slots=True)
class Backup:
    """`certain` are the ids that were committed before it began, by table."""

    file: Path
    certain: dict[str, set[int]]

    def lost(self) -> list[str]:
        """What was committed before and is not in it."""
        engine = open_database(f"sqlite:///{self.file}")
        found = _ids(engine)
        engine.dispose()
        missing = {name: len(ids - found[name]) for name, ids in self.certain.items()}
        return [f"{self.file.name} lacks {count} rows of {name}" for name, count in missing.items() if count]


async def back_up(stage: Stage, taken: list[Backup], rounds: int = 1) -> None:
    """Make so many backups, by the command, evenly over the play."""
    settings = environment({"MINSHENG_DATABASE_URL": stage.play.database_url})
    for at in range(rounds):
        await part(stage, at + 1, rounds + 1)
        backup = Backup(stage.play.folder / f"{at}.backup", await asyncio.to_thread(_ids, stage.engine))
        command = (sys.executable, "-m", "bot", "backup", str(backup.file))
        made = await asyncio.create_subprocess_exec(*command, cwd=PROJECT, env=settings, stdout=asyncio.subprocess.PIPE)
        await made.communicate()
        assert made.returncode == 0
        taken.append(backup)


async def wrong(backup: Backup, folder: Path) -> list[str]:
    """What is wrong with a backup: what it lacks, and what a program complains of that begins with it in the folder."""
    _restore(backup, folder)
    with BotProcess(folder, {"MINSHENG_DATA_DIR": str(folder)}) as bot:
        bot.start()
        await bot.ready()
        await bot.stop()
    # It is started without Telegram, for which some replies wait.
    return backup.lost() + [line for line in bot.complaints if "channel_not_set_up" not in line]


def _restore(backup: Backup, folder: Path) -> None:
    folder.mkdir()
    shutil.copyfile(backup.file, folder / "minsheng.db")


def _ids(engine: Engine) -> dict[str, set[int]]:
    with reading(engine) as unit:
        return {table.name: set(unit.read(select(table.c.id)).scalars()) for table in _KEPT}
