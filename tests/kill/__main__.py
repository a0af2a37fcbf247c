"""`python -m tests.kill`: the kill test at any length. Its last line is a summary as JSON."""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from tests.kill.crowd import Size
from tests.kill.stage import Play, staged
from tests.kill.stories import STEPS_ON_AVERAGE
from tests.kill.verdict import Verdict
from tests.servers import PostgresServer, RedisServer


def main() -> int:
    """0 when every promise was kept."""
    chosen = _arguments().parse_args()
    with ExitStack() as servers:
        play = _play(chosen, servers)
        began = time.monotonic()
        verdict = asyncio.run(_killed(play, chosen.kills))
    for problem in verdict.problems:
        print(problem, file=sys.stderr)
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"summary": asdict(verdict) | {"problems": len(verdict.problems), "seconds": seconds}}))
    return 1 if verdict.problems else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.kill", description=__doc__)
    parser.add_argument("--people", type=int, default=50, help="half of them on Telegram, half in the web chat")
    parser.add_argument("--messages", type=int, default=2000, help="about so many")
    parser.add_argument("--kills", type=int, default=5, help="at least so many")
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
    each = max(1, round(chosen.messages / chosen.people / STEPS_ON_AVERAGE))
    return Play(
        database_url=url,
        redis_url=servers.enter_context(RedisServer()).url if many else "",
        folder=folder,
        size=Size(on_telegram=chosen.people - chosen.people // 2, on_web=chosen.people // 2, stories=each),
        replicas=chosen.replicas,
        webhook=chosen.webhook or many,
        driver=chosen.driver,
        seed=chosen.seed,
        patience=chosen.patience,
    )


async def _killed(play: Play, kills: int) -> Verdict:
    async with staged(play) as stage:
        return await stage.perform(stage.kill_at_random(kills))


if __name__ == "__main__":
    sys.exit(main())
