"""People who talk with the bot through the dispatcher, as if on any channel: the harness of the conversation tests."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from handlers.catalogue import ROUTES
from handlers.dispatch import Dispatched, Dispatcher
from handlers.flood import Flood
from handlers.messages import Attachment, Capabilities, Inbound, Kind, Place, Received
from handlers.routes import Routes
from handlers.texts.proposals import SUGGEST_PHOTOS
from storage.area_index import AreaIndex
from storage.database import Unit, reading, transaction
from storage.memory import Memory, Remembered
from storage.store import Store
from storage.tables import accounts, attachments, messages, outbox
from storage.texts import SAID

BUTTONS = Capabilities(buttons=True, text_limit=4096)
TEXT_ONLY = Capabilities(buttons=False, text_limit=600, limit_in_bytes=True)
CAPABILITIES = {"tap": BUTTONS, "plain": TEXT_ONLY, "web": BUTTONS}
NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)


@dataclass
class Town:
    """A database, a clock that tests move, and everybody in it. Channel "tap" has buttons, "plain" has none."""

    engine: Engine
    now: datetime = NOW
    routes: Routes = ROUTES
    flood: Flood = field(default_factory=lambda: Flood(per_minute=10_000))
    faults: list[str] = field(default_factory=list)
    count: int = 0
    channels: Collection[str] | None = None  # that are set up; default: all
    capabilities: Mapping[str, Capabilities] = field(default_factory=lambda: CAPABILITIES)

    def __post_init__(self) -> None:
        self.reload()
        self.dispatcher = Dispatcher(
            clock=lambda: self.now,
            routes=self.routes,
            memory=self._remembered,
            capabilities=self.capabilities,
            flood=self.flood,
            on_fault=lambda what, _: self.faults.append(what),
            channels=self.channels,
        )

    def reload(self) -> None:
        """After a test has changed areas or congresses behind the program's back."""
        self.memory = Memory()
        with reading(self.engine) as unit:
            self.areas: AreaIndex = self.memory.areas(unit)

    def _remembered(self, unit: Unit) -> Remembered:
        return self.memory(unit)

    def passes(self, **time: float) -> None:
        self.now += timedelta(**time)

    def person(self, account: str, channel: str = "tap") -> "Person":
        return Person(self, account, channel)

    def hand_in(self, *batch: Inbound) -> Dispatched:
        """What the writer does: one transaction, then what waits for others."""
        with transaction(self.engine) as unit:
            done = self.dispatcher.handle(unit, batch)
        if done.prompted:
            with transaction(self.engine) as unit:
                self.dispatcher.begin_prompts(unit, sorted(done.prompted))
        return done

    def store(self) -> "_Opened":
        """`with town.store() as store:` for looking and for preparing."""
        return _Opened(self)


class _Opened:
    def __init__(self, town: Town) -> None:
        self._transaction = transaction(town.engine)
        self._town = town

    def __enter__(self) -> Store:
        return Store(self._transaction.__enter__(), self._town.now, self._town.areas)

    def __exit__(self, *error: object) -> None:
        self._transaction.__exit__(*error)  # type: ignore[arg-type]  # as they came


@dataclass
class Person:
    """One account. What it is told comes back from every act, as texts; buttons by their labels from `buttons`."""

    town: Town
    account: str
    channel: str
    heard: int = 0

    def message(self, kind: Kind, **values: Any) -> Inbound:
        self.town.count += 1
        self.town.now += timedelta(seconds=1)
        key = values.pop("key", f"{self.account}:{self.town.count}")
        return Inbound(self.channel, self.account, key, kind, self.town.now, **values)

    def says(self, *texts: str) -> list[str]:
        """Say these one after another; what the bot said to the last."""
        told: list[str] = []
        for text in texts:
            told = self.does(self.message(Kind.TEXT, text=text))
        return told

    def suggests(self, text: str = "村口要修路", where: str = "柳树湾") -> int:
        """Make a proposal without photos and give its number. The place is said where the text does not tell."""
        begun = joined(self.says("提建议", text))
        told = self.says(*([] if SUGGEST_PHOTOS.zh in begun else [where]), "没有", "提交")
        return int(re.findall(r"(\d+)号", told[-1])[-1])

    def does(self, inbound: Inbound) -> list[str]:
        self.reads()
        done = self.town.hand_in(inbound)
        assert done.received == [Received.ACTED_ON], (done.received, self.town.faults)
        return self.reads()

    def starts(self, payload: str = "") -> list[str]:
        return self.does(self.message(Kind.START, payload=payload))

    def shares(self, latitude: float, longitude: float) -> list[str]:
        return self.does(self.message(Kind.LOCATION, place=Place(latitude, longitude)))

    def shows(self, group: str = "", text: str = "") -> list[str]:
        file = Attachment(Kind.PHOTO, f"photo{self.town.count}")
        return self.does(self.message(Kind.PHOTO, attachments=(file,), group=group, text=text))

    def speaks(self) -> list[str]:
        return self.does(self.message(Kind.VOICE, attachments=(Attachment(Kind.VOICE, f"voice{self.town.count}"),)))

    def taps(self, label: str) -> list[str]:
        """Tap the newest button whose label holds these words."""
        return self.does(self.message(Kind.CHOICE, choice=self.button(label)))

    def button(self, label: str) -> str:
        return next(value for value, shown in reversed(self.buttons()) if label in shown)

    def buttons(self) -> list[tuple[str, str]]:
        """Every button ever shown to this account."""
        return [(value, label) for _, choices in self._told() for value, label in choices or ()]

    def screen(self) -> str:
        """The newest message with its buttons, as it is seen."""
        text, choices = self._told()[-1]
        return joined([text, *(label for _, label in choices or ())])

    def sees(self, *texts: str) -> str:
        """What is on the screen after saying these."""
        self.says(*texts)
        return self.screen()

    def told_lately(self, count: int = 6) -> list[tuple[str, list[list[str]] | None]]:
        """The newest messages, each with its buttons."""
        return self._told()[-count:]

    def reads(self) -> list[str]:
        """What was written to this account since it last read."""
        told = self._told()
        fresh, self.heard = told[self.heard :], len(told)
        return [text for text, _ in fresh]

    def _told(self) -> list[tuple[str, list[list[str]] | None]]:
        with reading(self.town.engine) as unit:
            rows = unit.read(
                select(SAID, messages.c.choices)
                .join(outbox, outbox.c.message_id == messages.c.id)
                .join(accounts, accounts.c.id == messages.c.account_id)
                .where(accounts.c.channel == self.channel, accounts.c.external_id == self.account)
                .order_by(outbox.c.message_id)
            )
            return [(text, choices) for text, choices in rows]

    def files(self) -> list[str]:
        """The kinds of the files that this account was sent."""
        with reading(self.town.engine) as unit:
            rows = unit.read(
                select(attachments.c.recipe)
                .join(outbox, outbox.c.message_id == attachments.c.message_id)
                .join(accounts, accounts.c.id == outbox.c.account_id)
                .where(accounts.c.external_id == self.account, attachments.c.recipe.is_not(None))
            )
            return [recipe["kind"] for (recipe,) in rows]


def joined(told: Iterable[str]) -> str:
    return "\n".join(told)


def last(told: list[str]) -> str:
    """The only thing that was said."""
    assert len(told) == 1, told
    return told[0]
