"""What staff and residents ask of a store, turn by turn: each a transaction, with claim and settlement of replies."""

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Engine

from bot.channels.webchat_room import PAGE
from handlers.catalogue import ROUTES
from handlers.dispatch import Dispatcher
from handlers.flood import Flood
from handlers.messages import Attachment, Capabilities, Inbound, Kind, Place, Received
from storage.database import open_database, reading, transaction
from storage.memory import Memory
from storage.messages import Messages
from storage.outbox import Claimed, Outbox, Settled
from tests.bench.scale_rows import NOW, Size
from tests.bench.scale_store import village_name

BUTTONS = Capabilities(buttons=True, text_limit=4096)
LEASE = timedelta(seconds=30)


class Program:
    """What stands between a channel and the store, on a store of some size."""

    def __init__(self, url: str, size: Size, seed: int = 1) -> None:
        self.engine: Engine = open_database(url)
        self.size, self.chance = size, random.Random(seed)
        self._count, self._now = 0, NOW
        self._sent: list[Claimed] = []
        self._dispatcher = Dispatcher(
            clock=lambda: self._now,
            routes=ROUTES,
            memory=Memory(),
            capabilities={"tap": BUTTONS, "web": BUTTONS},
            flood=Flood(per_minute=10**9),
            on_fault=_raise,
        )

    def hears(self, account: str, said: str | Kind) -> None:
        """One message, acted on, its reply claimed; the reply before it is settled."""
        self._count += 1
        self._now += timedelta(seconds=1)
        inbound = self._inbound(account, said)
        with transaction(self.engine) as unit:
            outbox = Outbox(unit, self._now)
            outbox.settle([Settled(row, "sent") for row in self._sent])
            outbox.release(self._sent)
            done = self._dispatcher.handle(unit, [inbound])
            self._sent = outbox.claim(inbound.channel, 32, LEASE).rows
        assert done.received == [Received.ACTED_ON], done.received

    def _inbound(self, account: str, said: str | Kind) -> Inbound:
        channel = "web" if account[0] == "r" and int(account[1:]) % 2 == 0 else "tap"
        key = f"asked-{self._count}"
        if not isinstance(said, Kind):
            return Inbound(channel, account, key, Kind.TEXT, self._now, text=said)
        if said is Kind.LOCATION:
            return Inbound(channel, account, key, said, self._now, place=self.place())
        return Inbound(channel, account, key, said, self._now, attachments=(Attachment(said, key),))

    def history(self, account: str) -> None:
        """What the web chat shows to who comes again."""
        with reading(self.engine) as unit:
            assert len(Messages(unit, self._now).history("web", account, 0, PAGE)) == PAGE

    # --- who asks, and for what

    def author(self) -> str:
        return f"r{self.chance.randrange(self.size.authors)}"

    def resident(self) -> str:
        return f"r{self.chance.randrange(self.size.people)}"

    def chatty(self) -> str:
        return f"r{self.chance.randrange(0, self.size.chatty, 2)}"

    def cell(self) -> str:
        village = village_name(self.chance.randrange(self.size.villages))
        return f"{village}{self.chance.randint(1, self.size.cells)}网格"

    def place(self) -> Place:
        row = self.chance.randrange(self.size.villages)
        number = self.chance.randrange(self.size.cells)
        return Place(20.005 + number * 0.01, 100.005 + row * 0.01)

    def number(self) -> str:
        return str(1_001 + self.chance.randrange(self.size.proposals))


Act = Callable[[Program], None]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked; `leading` leads there and is not measured. Who asks is drawn anew each time."""

    who: Callable[[Program], str]
    leading: Sequence[str | Callable[[Program], str]]
    asked: Sequence[str | Kind | Callable[[Program], str]]

    def lead(self, program: Program) -> Act:
        """Come to the point; gives what is to be measured."""
        account = self.who(program)
        program.hears(account, "菜单")
        for said in self.leading:
            program.hears(account, _said(said, program))
        asked = [one if isinstance(one, Kind) else _said(one, program) for one in self.asked]

        def ask(program: Program) -> None:
            for one in asked:
                program.hears(account, one)

        return ask


@dataclass(frozen=True, slots=True)
class History:
    """The page of the web chat is opened, and then again: as with questions, what lies near has been read before."""

    def lead(self, program: Program) -> Act:
        account = program.chatty()
        program.history(account)
        return lambda program: program.history(account)


def _said(said: str | Callable[[Program], str], program: Program) -> str:
    return said if isinstance(said, str) else said(program)


def _staff(_: Program) -> str:
    return "staff"


def _ledger(*leading: str | Callable[[Program], str]) -> Question:
    return Question(_staff, ["台账", *leading[:-1]], [leading[-1]])


SUGGESTION = ("提建议", "村口要修路，下雨天积水", Kind.LOCATION, Kind.PHOTO, "1", "1")

QUESTIONS: Mapping[str, Question | History] = {
    "suggest": Question(Program.resident, [], SUGGESTION),
    "unprompted": Question(Program.resident, [lambda program: program.cell() + "要修路，积水很深"], ["不是"]),
    "ledger_new": _ledger("新收到"),
    "ledger_waiting": _ledger("7 天以上"),
    "ledger_week": _ledger("最近 7 天"),
    "ledger_unlocated": _ledger("待核实"),
    "ledger_cell": _ledger("按网格", Program.cell),
    "ledger_category": _ledger("按类别", "道路"),
    "ledger_status": _ledger("按状态", "已采纳"),
    "ledger_all": _ledger("全部"),
    "ledger_next_page": _ledger("全部", "下一页"),
    "ledger_card": _ledger("按编号", Program.number),
    "ledger_messages": _ledger("按编号", Program.number, "看全部留言"),
    "roster": Question(_staff, ["人员"], ["人大代表"]),
    "telephones": Question(_staff, [], ["联系不上"]),
    "my_cells": Question(lambda _: "deputy", [], ["我的网格留言"]),
    "mine": Question(Program.author, [], ["我的建议"]),
    "mine_card": Question(Program.author, ["我的建议"], ["1"]),
    "neighbours": Question(Program.resident, [], ["我也要"]),
    "neighbours_card": Question(Program.resident, ["我也要"], ["1"]),
    "history": History(),
}


@dataclass
class Cost:
    """What one question cost at each time that it was asked: seconds by the clock and of this process's CPU."""

    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)

    def measure(self, question: Question | History, program: Program) -> None:
        ask = question.lead(program)
        began, cpu_began = time.perf_counter(), time.process_time()
        ask(program)
        self.cpu_seconds.append(time.process_time() - cpu_began)
        self.seconds.append(time.perf_counter() - began)


def compared(small: Program, large: Program, rounds: int) -> Iterator[tuple[str, Cost, Cost]]:
    """Every question, asked of both in turn, so that a slow spell of the machine meets both."""
    for name, question in QUESTIONS.items():
        costs = Cost(), Cost()
        for _ in range(rounds):
            for cost, program in ((costs[0], small), (costs[1], large)):
                cost.measure(question, program)
        yield name, *costs


def _raise(what: str, error: BaseException) -> None:
    raise RuntimeError(what) from error
