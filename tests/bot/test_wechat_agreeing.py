"""The whole program on WeChat: people agree to notices on its page, refuse them, and read there what waits for them."""

from pathlib import Path

import httpx
import pytest

from bot.channels import wechat_texts as texts
from bot.channels.wechat_ticket import EARLY
from bot.platforms import capabilities_of
from handlers.messages import NoticeKind
from storage.consents import MOST, Consents
from storage.database import reading
from storage.tables import accounts, consents, messages
from tests.bot.program_stage import Township
from tests.bot.wechat_account import Account, account_of
from tests.wechat_api import Template

TEMPLATE = "PlainlyInventedTemplateOfProposals000000001"
CHOSEN = {"notice_proposal": f"{TEMPLATE} thing1=about phrase2=what"}
AGREE = "/wechat/agree"

sqlite_only = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def agreed(account: Account) -> list[str]:
    """The templates that the one person there is lets us push now."""
    with reading(account.program.engine) as unit:
        found = Consents(unit).of(unit.read(accounts.select()).scalars().all())
    return [template for templates in found.values() for template in templates]


def told(account: Account) -> list[str]:
    with reading(account.program.engine) as unit:
        kept = unit.read(messages.select().where(messages.c.kind == "happened").order_by(messages.c.id))
        return [row.text for row in kept]


def address(account: Account, path: str = AGREE) -> str:
    return account.platform.account.url.removesuffix("/wechat") + path


async def test_who_agrees_on_the_page_has_one_notice_more_until_they_refuse(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True, chosen=CHOSEN) as account:
        account.platform.account.templates[TEMPLATE] = Template("建议", "编号：{{thing1.DATA}}\n进展：{{phrase2.DATA}}")
        resident = account.resident()
        await resident.follows()
        page = await resident.opens(address(account))
        assert (page.status, page.asks, page.why) == (200, (TEMPLATE,), "")
        assert agreed(account) == []

        before = account.count(messages, messages.c.direction == "out")
        exchange = await resident.agrees(*page.asks)
        assert (exchange.statuses, exchange.screen) == ((200,), None)
        for _ in range(2):
            await resident.repeats()
        assert agreed(account) == [TEMPLATE]
        assert account.count(consents, consents.c.room == 1) == 1
        account.clock.advance(seconds=1)
        await resident.agrees(*page.asks)
        assert account.count(consents, consents.c.room == 2) == 1

        await resident.is_told_of(TEMPLATE)  # its sender has counted it
        assert account.count(consents, consents.c.room == 2) == 1
        for refuses in (resident.refuses, resident.switches_off, lambda one: resident.is_told_of(one, 43101)):
            account.clock.advance(seconds=1)
            await refuses(TEMPLATE)
            assert agreed(account) == []
            await resident.agrees(TEMPLATE)
            assert agreed(account) == [TEMPLATE]
        assert account.count(messages, messages.c.direction == "out") == before, "nobody is answered"
        assert told(account)[:3] == [
            f"subscribe_msg_popup_event accept {TEMPLATE}",
            f"subscribe_msg_popup_event accept {TEMPLATE}",
            f"subscribe_msg_sent_event success {TEMPLATE}",
        ]


@sqlite_only
async def test_who_agrees_for_good_has_as_many_as_are_counted(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True, chosen=CHOSEN | {"notices_last": True}) as account:
        resident = account.resident()
        await resident.follows()
        page = await resident.opens(address(account))
        assert texts.FOR_GOOD.zh in page.html
        await resident.agrees(*page.asks)
        assert account.count(consents, consents.c.room == MOST) == 1


@sqlite_only
async def test_one_ticket_serves_all_who_look_and_its_loss_is_told(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True, chosen=CHOSEN) as account:
        resident, desk = account.resident(), account.platform.account.pages
        for query in ("", "?from=singlemessage"):
            assert (await resident.opens(address(account, AGREE + query))).asks == (TEMPLATE,)
        assert desk.given == 1
        account.clock.advance(seconds=7200 - EARLY.total_seconds())
        account.platform.account.denied.add("ticket/getticket")
        assert (await resident.opens(address(account))).asks == (TEMPLATE,)
        account.clock.advance(seconds=EARLY.total_seconds())
        page = await resident.opens(address(account))
        assert (page.status, page.asks) == (503, ())
        assert texts.NOT_READY.zh in page.html
        desk.hosts.clear()
        account.platform.account.denied.clear()
        account.clock.advance(minutes=1)
        assert (await resident.opens(address(account))).why == "invalid url domain"


@pytest.mark.parametrize(
    ("active", "chosen"), [(False, {}), (True, {}), (True, {"notice_duty": f"{TEMPLATE} thing1=about"})], ids=str
)
@sqlite_only
async def test_where_there_is_nothing_to_agree_to_nobody_is_sent_there(
    active: bool, chosen: dict[str, str], township: Township, tmp_path: Path
) -> None:
    async with account_of(township, tmp_path, active=active, chosen=chosen) as account:
        page = await account.resident().opens(address(account))
        assert (page.status, texts.NO_NOTICES.zh in page.html) == (404, True)
        assert account.program.channels["wechat"].capabilities.agrees_at == ""
        assert capabilities_of(account.program.settings)["wechat"].agrees_at == ""
        duty = await account.resident().opens(address(account, f"{AGREE}/duty"))
        assert duty.asks == ((TEMPLATE,) if chosen else ())


@sqlite_only
async def test_conversations_know_where_people_agree_and_of_what_we_tell(township: Township, tmp_path: Path) -> None:
    chosen = {**CHOSEN, "template_duty": f"{TEMPLATE} thing1=about"}
    async with account_of(township, tmp_path, active=True, chosen=chosen) as account:
        shows = capabilities_of(account.program.settings)["wechat"]
        assert shows.agrees_at == address(account)
        assert shows.notices == {NoticeKind.PROPOSAL, NoticeKind.DUTY}
        assert account.program.channels["wechat"].capabilities == shows


async def test_what_waits_is_read_on_its_page_for_fourteen_days(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account, httpx.AsyncClient(trust_env=False) as browser:
        resident = account.resident()
        await resident.follows()
        account.clock.advance(minutes=2)
        (number,) = account.waits("第 1 号建议已受理 <明天开工>")
        await account.program.sender.quiet()
        assert account.states([number]) == ["held"]
        wechat = account.program.channels["wechat"]
        link = wechat.waiting_link(number)  # type: ignore[attr-defined]  # which no other channel has
        page = await browser.get(link)
        assert page.status_code == 200
        assert "第 1 号建议已受理 &lt;明天开工&gt;" in page.text
        assert account.states([number]) == ["held"], "reading it does not take it"
        assert (await browser.get(link.replace(f"/{number}/", f"/{number + 1}/"))).status_code == 404
        account.clock.advance(days=14, seconds=-1)
        assert (await browser.get(link)).status_code == 200
        account.clock.advance(seconds=2)
        gone = await browser.get(link)
        assert (gone.status_code, texts.MESSAGE_GONE.zh in gone.text) == (410, True)


@sqlite_only
async def test_what_somebody_wrote_is_none_of_ours_to_show(township: Township, tmp_path: Path) -> None:
    async with account_of(township, tmp_path, active=True) as account, httpx.AsyncClient(trust_env=False) as browser:
        await account.resident().says("提建议")
        with reading(account.program.engine) as unit:
            theirs = unit.read(messages.select().where(messages.c.direction == "in")).one()
        link = account.program.channels["wechat"].waiting_link(theirs.id)  # type: ignore[attr-defined]  # likewise
        assert (await browser.get(link)).status_code == 410
