"""One person of the crowd, who acts out stories and remembers everything; and such a person on Telegram."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tests.bot_api import Person
from tests.bot_api.parameters import JsonObject
from tests.kill.stories import THANKS, Act, Locates, Says, Shows, Story, Taps

_NUMBER = re.compile(re.escape(THANKS) + r"(\d+)号")


@dataclass
class Memory:
    """What somebody did and heard. `sent` is the key of each message, and the text where it is one."""

    sent: dict[str, str | None] = field(default_factory=dict)
    told: list[list[str]] = field(default_factory=list)  # the keys of each story
    heard: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Of the proposals that the bot thanked for."""
        found = (_NUMBER.search(text) for text in self.heard)
        return list(dict.fromkeys(int(match[1]) for match in found if match))


@dataclass(frozen=True)
class Part:
    """What somebody acts out, and how.

    `hasty` people do not wait for an answer before they go on; `thinks` says for how many seconds they think before
    they begin a story, or go on with one; `on_answer` hears of every answer.
    """

    stories: Sequence[Story]
    hasty: bool
    thinks: Callable[[], float]
    on_answer: Callable[[], None]


class Resident(ABC):
    """Plays a part; remembers everything."""

    channel: str

    def __init__(self, account: str, part: Part) -> None:
        self.account, self.stories = account, part.stories
        self.memory = Memory()
        self._part = part
        self._unread: asyncio.Queue[str] = asyncio.Queue()

    async def live(self) -> None:
        """Act out all stories."""
        for story in self.stories:
            self.memory.told.append([])
            if self._part.hasty:
                await asyncio.sleep(sum(self._part.thinks() for _ in story.steps))
                for step in story.steps:
                    await self._act(step.act)
            for step in story.steps:
                if not self._part.hasty:
                    await asyncio.sleep(self._part.thinks())
                    await self._act(step.act)
                await self._hear(step.words)

    def take(self, text: str) -> None:
        """The bot wrote."""
        self.memory.heard.append(text)
        self._unread.put_nowait(text)

    async def _act(self, act: Act) -> None:
        key, text = await self._do(act)
        self.memory.sent[key] = text
        self.memory.told[-1].append(key)

    async def _hear(self, words: Sequence[str]) -> None:
        """Read on to a message with all these words."""
        text = ""
        while not all(word in text for word in words):
            text = await self._unread.get()
        self._part.on_answer()

    @abstractmethod
    async def _do(self, act: Act) -> tuple[str, str | None]:
        """Act; gives the key that the platform knows the message by, and its text if it is one."""


class TelegramResident(Resident):
    """Acts through the stand-in of the Bot API."""

    channel = "telegram"

    def __init__(self, person: Person, bot_id: int, part: Part) -> None:
        super().__init__(str(person.id), part)
        self._person, self._bot_id = person, bot_id

    async def _do(self, act: Act) -> tuple[str, str | None]:
        match act:
            case Taps(label):
                button = next(button for button in self._person.buttons if label in button.text)
                assert button.data
                return f"cb:{self._person.taps(button.data)['callback_query']['id']}", button.data
            case Says(text):
                return self._key(self._person.says(text)), text
            case Locates(latitude, longitude):
                return self._key(self._person.sends_location(latitude, longitude)), None
            case Shows():
                return self._key(self._person.sends_photo()), None

    def _key(self, update: JsonObject) -> str:
        return f"{self._bot_id}:{self._person.id}:{update['message']['message_id']}"
