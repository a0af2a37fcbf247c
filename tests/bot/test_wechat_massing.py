"""The whole program where the account may send to many: an announcement to residents who have not written for long."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from storage.announcement_reports import Totals
from storage.announcements import Content
from storage.audit import Actor
from storage.domain.announcements import Kind, Levels, State, Step
from storage.domain.audience import Audience
from storage.domain.roles import Role
from storage.domain.rules import Rules
from storage.store import Store
from storage.tables import accounts, congresses, messages, people
from tests.bot.program_stage import PATIENCE, Township
from tests.bot.wechat_account import Account, account_of
from tests.bot_api.faults import drops_after, holds_after
from tests.wechat_api import Administrator, Mode, Resident

SEND = "message/mass/send"
RULES = Rules(announcement_reviews=Levels.ONE, announcement_quiet_from=8, announcement_quiet_until=8)
TEXT = "明天停水。"


class Announced:
    """Three residents who wrote long ago, and an announcement to all on WeChat."""

    def __init__(self, account: Account, township: Township, residents: list[Resident]) -> None:
        self.account, self.township, self.residents = account, township, residents
        self.administrator = Administrator(account.platform)
        self.number: int = township.reading(self._announce)

    def _announce(self, store: Store) -> int:
        congress, cell = store.congresses.all()[0].id, store.congresses.all()[0].area_id
        while below := store.areas.children(cell):
            cell = below[0].id
        store.unit.write(update(congresses).where(congresses.c.id == congress).values(rules=RULES.dump()))
        theirs = select(accounts.c.person_id).where(accounts.c.channel == "wechat")
        store.unit.write(update(people).where(people.c.id.in_(theirs)).values(cell_id=cell))
        staff = store.people.holders(congress, Role.STAFF)[0].person_id
        mine = store.on_behalf_of(Actor(staff)).announcements
        everybody = Audience(everybody=True, channels=("wechat",))
        number = mine.add(congress, Content(Kind.OTHER, "停水通知", TEXT, everybody))
        mine.sign(number, 1, Step.SUBMIT, RULES)
        return number

    def _state(self, store: Store) -> State | None:
        one = store.announcements.get(self.number)
        return one.state if one else None

    async def asked(self) -> None:
        """Until WeChat has it, and that is recorded."""
        self.account.program.announcer.wake()
        await self.account.platform.wait_until(lambda: self.administrator.asked, PATIENCE)

    async def becomes(self, state: State) -> Totals:
        """Until the announcement is so."""
        async with asyncio.timeout(PATIENCE):
            while self.township.reading(self._state) is not state:
                self.account.program.announcer.wake()
                await self.account.program.writer.do(lambda _: None)
        totals: Totals = self.township.reading(lambda store: store.announcement_reports.totals(self.number))
        assert totals.sums_up
        return totals


@asynccontextmanager
async def announced(township: Township, folder: Path, **console: Any) -> AsyncIterator[Announced]:
    async with account_of(township, folder, active=True, chosen={"mass": True}, **console) as account:
        residents = [account.resident(f"oResident000{number}") for number in range(3)]
        for resident in residents:
            await resident.follows()
        await account.program.sender.quiet()
        account.clock.advance(hours=49)
        yield Announced(account, township, residents)


@pytest.mark.parametrize("mode", [Mode.SECURE, Mode.PLAIN])
async def test_who_has_not_written_for_long_gets_it_when_the_administrator_confirms(
    mode: Mode, township: Township, tmp_path: Path
) -> None:
    async with announced(township, tmp_path, mode=mode, as_json=mode is Mode.PLAIN) as one:
        account = one.account
        await one.asked()
        (mass,) = one.administrator.asked
        known = account.count(people), account.count(messages, messages.c.direction == "in")
        told = await one.administrator.confirms(mass)
        assert told
        assert told.is_taken
        assert not told.text
        assert (await one.becomes(State.FINISHED)).sent == 3
        for resident in one.residents:
            screen = await resident.waits_for(TEXT)
            assert screen.kind == "mass"
            assert f"/board/1/{one.number}" in screen.text
        again = await one.administrator.told(mass)
        assert again
        assert again.is_taken
        assert (account.count(people), account.count(messages, messages.c.direction == "in")) == known, "it is nobody"
        await one.residents[0].says("帮助")
        await account.program.sender.quiet()
        assert sum(TEXT in text for text in one.residents[0].texts) == 1


async def test_what_was_overlooked_comes_at_the_next_contact(township: Township, tmp_path: Path) -> None:
    async with announced(township, tmp_path) as one:
        await one.asked()
        await one.administrator.overlooks(one.administrator.asked[0])
        totals = await one.becomes(State.FINISHED)
        assert (totals.sent, totals.held) == (0, 3)
        progress = township.reading(lambda store: store.broadcasting.progress(one.number))
        assert progress.not_massed == {"err(40002)": 3}
        resident, *others = one.residents
        await resident.says("帮助")
        screen = await resident.waits_for(TEXT)
        assert screen.kind != "mass"
        assert not any(TEXT in text for other in others for text in other.texts)


async def test_an_answer_that_gets_lost_sends_nothing_twice(township: Township, tmp_path: Path) -> None:
    async with announced(township, tmp_path) as one:
        one.account.platform.faults.add(drops_after(), method=SEND)
        await one.asked()
        await one.administrator.confirms(one.administrator.asked[0])
        one.account.clock.advance(minutes=3)
        assert (await one.becomes(State.FINISHED)).sent == 3
        assert [resident.texts.count(resident.texts[-1]) for resident in one.residents] == [1, 1, 1]
        assert len(one.account.platform.account.mass_sends) == 1


async def test_who_writes_while_it_is_called_for_gets_it_once(township: Township, tmp_path: Path) -> None:
    async with announced(township, tmp_path) as one:
        held = one.account.platform.faults.add(holds_after(), method=SEND)
        await one.asked()
        await one.residents[0].says("帮助")
        await one.account.program.sender.quiet()
        assert not any(TEXT in text for text in one.residents[0].texts)
        await one.administrator.confirms(one.administrator.asked[0])
        held.release()
        assert (await one.becomes(State.FINISHED)).sent == 3
        assert sum(TEXT in text for text in one.residents[0].texts) == 1
