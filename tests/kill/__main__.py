"""`python -m tests.kill`: kills, and other misfortunes, at any length. Its last line is a summary as JSON."""

import argparse
import asyncio
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from math import inf
from pathlib import Path

from tests.kill.backups import Backup, back_up, wrong
from tests.kill.crowd import Size
from tests.kill.misfortunes import fill_disk, lose_servers, stop_each_in_the_midst
from tests.kill.stage import Play, staged
from tests.kill.stories import STEPS_ON_AVERAGE
from tests.kill.summary import summed_up
from tests.kill.verdict import Verdict
from tests.servers import PostgresServer, RedisServer


def main() -> int:
    """0 when every promise was kept."""
    chosen = _arguments().parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a polite end leaves no server behind
    with ExitStack() as servers:
        began = time.monotonic()
        verdict = asyncio.run(_SUFFERED[chosen.suffers](chosen, servers))
    return summed_up(verdict, began, suffers=chosen.suffers, rounds=chosen.rounds)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="half of them on Telegram, half in the web chat")
    parser.add_argument("--messages", type=int, default=2000, help="about so many")
    parser.add_argument(
        "--per-second", type=float, default=inf, help="messages of all of them; else as they are answered"
    )
    parser.add_argument("--suffers", choices=list(_SUFFERED), default="kills", help="what happens meanwhile")
    parser.add_argument("--rounds", type=int, default=5, help="how often it happens; kills: at least so often")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--replicas", type=int, default=1, help="more than one: on PostgreSQL, with Redis and webhook")
    parser.add_argument("--driver", choices=("ptb", "aiogram"), default="ptb")
    parser.add_argument("--webhook", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--patience", type=float, default=3600.0, help="seconds that all of it may take")
    return parser


def _play(chosen: argparse.Namespace, servers: ExitStack) -> Play:
    folder = Path(servers.enter_context(tempfile.TemporaryDirectory(prefix="minsheng-kill-")))
    many = chosen.replicas > 1
    url = f"sqlite:///{folder / 'minsheng.sqlite3'}"
    if many or chosen.database == "postgresql":
        url = servers.enter_context(PostgresServer()).databases.create()
    return _on(chosen, folder, url, servers.enter_context(RedisServer()).url if many else "")


def _on(chosen: argparse.Namespace, folder: Path, database_url: str, redis_url: str) -> Play:
    each = max(1, round(chosen.messages / chosen.people / STEPS_ON_AVERAGE))
    return Play(
        database_url=database_url,
        redis_url=redis_url,
        folder=folder,
        size=Size(
            on_telegram=chosen.people - chosen.people // 2,
            on_web=chosen.people // 2,
            stories=each,
            per_second=chosen.per_second,
        ),
        replicas=chosen.replicas,
        webhook=chosen.webhook or chosen.replicas > 1,
        driver=chosen.driver,
        seed=chosen.seed,
        patience=chosen.patience,
    )


# --- what happens


async def _kills(chosen: argparse.Namespace, servers: ExitStack) -> Verdict:
    async with staged(_play(chosen, servers)) as stage:
        return await stage.perform(stage.kill_at_random(chosen.rounds))


async def _stops(chosen: argparse.Namespace, servers: ExitStack) -> Verdict:
    async with staged(_play(chosen, servers)) as stage:
        return await stage.perform(stop_each_in_the_midst(stage, chosen.rounds))


async def _servers(chosen: argparse.Namespace, servers: ExitStack) -> Verdict:
    folder = Path(servers.enter_context(tempfile.TemporaryDirectory(prefix="minsheng-kill-")))
    postgres, redis = servers.enter_context(PostgresServer()), servers.enter_context(RedisServer())
    async with staged(_on(chosen, folder, postgres.databases.create(), redis.url)) as stage:
        return await stage.perform(lose_servers(stage, postgres, redis, chosen.rounds))


async def _disk(chosen: argparse.Namespace, servers: ExitStack) -> Verdict:
    async with staged(_play(chosen, servers)) as stage:
        return await stage.perform(fill_disk(stage, chosen.rounds))


async def _backups(chosen: argparse.Namespace, servers: ExitStack) -> Verdict:
    taken: list[Backup] = []
    async with staged(_play(chosen, servers)) as stage:
        verdict = await stage.perform(back_up(stage, taken, chosen.rounds))
        for at, backup in enumerate(taken):
            verdict.problems += await wrong(backup, stage.play.folder / f"restored-{at}")
    return verdict


_SUFFERED = {"kills": _kills, "stops": _stops, "servers": _servers, "disk": _disk, "backups": _backups}

if __name__ == "__main__":
    sys.exit(main())
