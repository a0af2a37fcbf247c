"""The whole program behind an Official Account of WeChat's stand-in, and a resident who uses it."""

import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from bot.settings import WeChatSettings
from bot.wiring import Program
from storage.arrivals import Arrivals, Letter
from storage.database import reading, transaction
from storage.tables import accounts, outbox
from tests.bot.program_stage import Township, listening, settings_for
from tests.set_clock import SetClock
from tests.wechat_api import AES_KEY, APP_ID, SECRET, TOKEN, Exchange, Mode, Resident, WeChatStandIn

BODY = "杨柳村一组的机耕路下雨就是一身泥，请修一修"


@dataclass
class Account:
    """An account, the program behind it, and what the platform and the store know."""

    platform: WeChatStandIn
    program: Program
    clock: SetClock

    def resident(self, openid: str = "oResident0001") -> Resident:
        return self.platform.resident(openid, follows=False)

    def waits(self, *texts: str, priority: int = 0, **more: Any) -> list[int]:
        """Put messages to the resident into the outbox; gives their numbers."""
        with transaction(self.program.engine) as unit:
            one = unit.read(select(accounts.c.id, accounts.c.person_id).where(accounts.c.channel == "wechat")).one()
            letters = [Letter("wechat", one.id, one.person_id, text, priority=priority, **more) for text in texts]
            numbers = Arrivals(unit, self.clock()).post(letters)
        self.program.sender.wake([("wechat", one.id)])
        return numbers

    def states(self, numbers: list[int]) -> list[str]:
        """What became of those."""
        with reading(self.program.engine) as unit:
            rows = select(outbox.c.state).where(outbox.c.message_id.in_(numbers)).order_by(outbox.c.message_id)
            return list(unit.read(rows).scalars())

    def count(self, table: Any, *conditions: Any) -> int:
        with reading(self.program.engine) as unit:
            return int(unit.read(select(func.count()).select_from(table).where(*conditions)).scalar_one())


@asynccontextmanager
async def account_of(
    township: Township,
    folder: Path,
    *,
    active: bool = False,
    secret: str = "",
    chosen: Mapping[str, Any] | None = None,
    **console: Any,
) -> AsyncIterator[Account]:
    """`chosen` are more of its settings. A breach of WeChat's rules fails the test."""
    clock = SetClock(datetime.now(UTC))
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with listener, WeChatStandIn(clock=clock, **console) as platform:
        platform.calls_back(f"{address}/wechat")
        platform.account.pages.hosts.add("127.0.0.1")
        key = "" if platform.account.mode is Mode.PLAIN else AES_KEY
        known = {"app_id": APP_ID, "token": TOKEN, "aes_key": key, "secret": SECRET if active else secret}
        wechat = WeChatSettings.model_validate(
            {**known, "api_base": platform.base_url, "active": active, **(chosen or {})}
        )
        settings = settings_for(folder, township.url, wechat=wechat, public_url=address)
        program = Program(settings, clock=clock)
        await program.start()
        try:
            async with listening(program, listener):
                yield Account(platform, program, clock)
        finally:
            await program.stop()
        assert platform.violations == []


def typed(told: str, label: str) -> str:
    """The number that stands before an option."""
    found = re.search(rf"^(\d+) {label}", told, re.MULTILINE)
    assert found, told
    return found[1]


async def proposes(resident: Resident) -> Exchange:
    """All the way from the first word to the number, by numbers typed."""
    assert "您想提什么建议" in (await resident.says("提建议")).text
    exchange = await resident.says(BODY)
    for label in ("没有照片", "云溪镇人大", "提交"):
        exchange = await resident.says(typed(exchange.text, label))
        assert exchange.statuses == (200,)
    assert "建议已收到" in exchange.text
    return exchange
