"""A resident who reads what the bot says and answers like a person: taps or types, knows the way home, or does not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from hashlib import blake2b
from typing import Any

from bot.replay_places import Home
from handlers.messages import Inbound, Kind, Place
from handlers.texts import proposals as texts
from handlers.texts import questions
from handlers.texts.titles import MORE, SUBMIT, YES
from storage.replays import Told

HELLO = "提建议"
NOTHING_TO_SAY = "……"
_RECEIVED = texts.suggest_thanks([0]).zh.partition("，")[0]
_LIMIT = re.compile(re.escape(questions.too_long(0).zh).replace("0", r"(\d+)"))


class Manner(Enum):
    """How a resident says where it is, when asked."""

    CHOOSES = 10  # so many of twenty
    SENDS_LOCATION = 5
    NAMES = 3
    DOES_NOT_KNOW = 2


_MANNERS = [manner for manner in Manner for _ in range(manner.value)]


@dataclass(slots=True)
class Visitor:
    """One visit of one resident. All that is left to chance follows from `name`, so that every run is the same."""

    channel: str
    account: str
    name: str
    words: str
    home: Home | None
    _steps: int = 0
    _told_words: bool = False
    _restarted: bool = False
    _told_place: bool = False
    _chance: int = field(init=False)

    def __post_init__(self) -> None:
        self.words = self.words or NOTHING_TO_SAY
        self._chance = int.from_bytes(blake2b(self.name.encode(), digest_size=8).digest())

    @property
    def manner(self) -> Manner:
        return _MANNERS[self._chance % len(_MANNERS)]

    def begins(self, at: datetime) -> Inbound:
        return self._says(HELLO, at)

    def answers(self, told: Sequence[Told], at: datetime) -> Inbound | None:
        """What is said to that; None when the visit is over."""
        text = "\n".join(one.text for one in told)
        options = told[-1].choices if told else ()
        labels = told[-1].labels if told else []
        if not told or _RECEIVED in text:
            return None
        if not options:
            return self._writes(text, at)
        if questions.NOT_SURE.zh in labels:
            return self._says_where(options, labels, at)
        for expected in (SUBMIT.zh, questions.NO_PHOTOS.zh, texts.MENU_SUGGEST.zh, YES.zh):
            if expected in labels:
                return self._picks(options, labels.index(expected), at)
        others = [index for index, label in enumerate(labels) if label != texts.BOTH.zh]
        return self._picks(options, others[self._chance % len(others)] if others else 0, at)

    # --- what is said

    def _writes(self, text: str, at: datetime) -> Inbound | None:
        """The words; in a sentence when they were taken for a command."""
        if limit := _LIMIT.search(text):
            self.words = self.words[: int(limit[1])]
            return self._says(self.words, at)
        if texts.SUGGEST_WHAT.zh in text:
            words = f"我想说：“{self.words}”" if self._told_words else self.words
            self._told_words = True
            return self._says(words, at)
        if self._restarted:
            return None
        self._restarted = True
        return self._says(HELLO, at)

    def _says_where(self, options: Sequence[tuple[str, str]], labels: list[str], at: datetime) -> Inbound:
        named = [index for index, label in enumerate(labels) if label in self.words]
        if len(named) == 1:
            return self._picks(options, named[0], at)
        if self.manner is Manner.DOES_NOT_KNOW:
            return self._picks(options, labels.index(questions.NOT_SURE.zh), at)
        if self.home and not self._told_place:
            self._told_place = True
            if self.manner is Manner.NAMES:
                return self._says(self.home.title, at)
            if self.manner is Manner.SENDS_LOCATION and self.home.point:
                return self._message(Kind.LOCATION, at, place=Place(*self.home.point))
        return self._picks(options, self._way(labels), at)

    def _way(self, labels: list[str]) -> int:
        """Which option leads home, or on, or anywhere."""
        homewards = [index for index, label in enumerate(labels) if self.home and label in self.home.names]
        if homewards:
            return homewards[-1]
        if MORE.zh in labels and self.home:
            return labels.index(MORE.zh)
        places = [index for index, label in enumerate(labels) if label not in (MORE.zh, questions.NOT_SURE.zh)]
        return places[self._chance % len(places)] if places else labels.index(questions.NOT_SURE.zh)

    def _picks(self, options: Sequence[tuple[str, str]], index: int, at: datetime) -> Inbound:
        """Half of the residents tap, the others type the number."""
        if self._chance >> 32 & 1:
            return self._message(Kind.CHOICE, at, choice=options[index][0])
        return self._says(str(index + 1), at)

    def _says(self, text: str, at: datetime) -> Inbound:
        return self._message(Kind.TEXT, at, text=text)

    def _message(self, kind: Kind, at: datetime, **values: Any) -> Inbound:
        self._steps += 1
        key = f"{self.account}:{self.name}.{self._steps}"
        return Inbound(self.channel, self.account, key, kind, at, **values)
