"""The questions of which an announcement is made: its words, its files, its link, and when it is sent."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from handlers.cadence_fields import clock
from handlers.days import day
from handlers.messages import Kind
from handlers.questions import Text
from handlers.reading import is_choice, is_no, is_yes, plain
from handlers.state import FILES, Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Talk
from handlers.texts import announcements_writing as texts
from handlers.texts.phrase import Phrase
from handlers.texts.questions import WORDS_WANTED
from handlers.texts.titles import choose_one
from storage.announcement_contents import BLANK
from storage.attachments import State
from storage.congresses import Congress
from storage.domain.announcements import FILES as FILES_AT_MOST
from storage.domain.announcements import NEXT_MORNING, is_link, unknown_variables
from storage.domain.working_days import WorkingDays
from storage.project_values import NotWritten

KeptFiles = tuple[tuple[str, str, str], ...]

_CLOCK = re.compile(
    r"(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*(?:\d{1,2}|[零一二两三四五六七八九十]{1,3})(?:[:点时](?:\d{1,2}|半)?)分?$"
)
_EVENING = re.compile("([今明后])([早晚])上?")  # 今晚: 今天晚上
_NOW = frozenset({"现在", "马上", "立即", "立刻", "now", "at once"})


@dataclass(frozen=True, slots=True)
class Wording:
    """A title or a text. `suggested` may be taken as it was shown; `take` says so."""

    at_most: int
    suggested: str = ""
    take: Phrase = texts.TAKE_IT
    one_line: bool = False

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        is_whole = self.suggested and BLANK not in self.suggested
        options = [Option("take", self.take)] if is_whole else []
        return Again(options, progress=self.suggested)

    def read(self, heard: Heard, asked: Asked, _talk: Talk, /) -> Answered | Again:
        if heard.option == "take":
            return Answered(asked.progress)
        words = " ".join(heard.text.split()) if self.one_line else heard.text
        if not words or is_choice(words):
            raise Misfit(WORDS_WANTED)
        if len(words) > self.at_most:
            raise Misfit(texts.too_long(self.at_most, len(words)))
        if BLANK in words:
            raise Misfit(texts.GAPS_LEFT)
        if unknown := unknown_variables(words):
            raise Misfit(texts.unknown_variables(unknown))
        return Answered(words)

    def load(self, stored: Any, _talk: Talk, /) -> str:
        return str(stored)


@dataclass(frozen=True, slots=True)
class Link:
    """A web address, or none."""

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        return Again([Option("skip", texts.NO_LINK)])

    def read(self, heard: Heard, _asked: Asked, _talk: Talk, /) -> Answered | Again:
        if heard.option == "skip" or is_no(heard.text):
            return Answered("")
        if not is_link(heard.text):
            raise Misfit(texts.LINK_WRONG)
        return Answered(heard.text)

    def load(self, stored: Any, _talk: Talk, /) -> str:
        return str(stored)


@dataclass(frozen=True, slots=True)
class Files:
    """Pictures and documents, one by one or as albums, until "好了". Those that came with earlier answers count.

    `before` are those of an announcement that is changed. What is taken is what has been fetched and found fit; of what
    was refused its sender hears (see bot.attachments).
    """

    before: KeptFiles = ()

    def begin(self, talk: Talk, _explicit: bool, /) -> Answered | Again:
        return self._shown(talk, 0)

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        since: int = asked.progress
        if heard.option == "again":
            return self._shown(talk, heard.message_id)
        if heard.option == "done" or (heard.kind is Kind.TEXT and is_yes(heard.text)):
            ready, waiting = self._arrived(talk, since)
            return self._shown(talk, since) if waiting else Answered([list(file) for file in ready[:FILES_AT_MOST]])
        if heard.kind not in FILES:
            raise Misfit(texts.FILE_WANTED)
        silent = heard.following > 0 if heard.following is not None else heard.of_album(talk.state)
        return self._shown(talk, since, silent=silent)

    def _shown(self, talk: Talk, since: int, *, silent: bool = False) -> Again:
        ready, waiting = self._arrived(talk, since)
        if not ready and not waiting:
            return Again([Option("done", texts.NO_FILES)], progress=since)
        options = [Option("done", texts.FILES_DONE), Option("again", texts.FILES_AGAIN)]
        return Again(options, texts.files_received(len(ready), waiting), progress=since, silent=silent)

    def _arrived(self, talk: Talk, since: int) -> tuple[KeptFiles, int]:
        """What is here of the files sent after that message, and how many are still on their way."""
        sent = [message for message in talk.heard_messages if message > since]
        kept = [one for message in sent for one in talk.store.attachments.of_message(message) if one.kind in FILES]
        ready = tuple(
            (one.digest, one.name, one.media_type) for one in kept if one.digest and one.state is State.STORED
        )
        return (*(() if since else self.before), *ready), sum(one.state is State.WANTED for one in kept)

    def load(self, stored: Any, _talk: Talk, /) -> KeptFiles:
        return tuple((digest, name, media_type) for digest, name, media_type in stored)


@dataclass(frozen=True, slots=True)
class SendAt:
    """When: at once (None), on the next working morning, or at a day and time of the congress's zone."""

    congress: Congress
    days: WorkingDays

    def begin(self, talk: Talk, _explicit: bool, /) -> Answered | Again:
        morning = self._next_morning(talk.now)
        label = texts.next_morning(morning, self.congress.timezone)
        return Again([Option("now", texts.AT_ONCE), Option(f"at:{morning.isoformat()}", label)])

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.option == "now" or plain(heard.text) in _NOW:
            return Answered({"at": None})
        if heard.option:
            return self._answered(datetime.fromisoformat(heard.option.removeprefix("at:")), talk)
        if heard.kind is not Kind.TEXT:
            raise Misfit(choose_one(len(asked.options)))
        return self._written(unicodedata.normalize("NFKC", heard.text[:60]).strip().rstrip("。.整"), asked, talk)

    def _written(self, text: str, asked: Asked, talk: Talk) -> Answered | Again:
        chosen: date | None = date.fromisoformat(asked.progress) if asked.progress else None
        today = self.congress.today(talk.now)
        text = _EVENING.sub(r"\1天\2上", text)
        found = _CLOCK.search(text)
        before = text[: found.start()].strip() if found else text
        try:
            on = day(before, today) if before else chosen or today
            if found is None:
                return self._which_hour(on)
            at = datetime.combine(on, clock(found[0]), ZoneInfo(self.congress.timezone))
            is_midnight = found[0].startswith("晚上") and not at.hour
            return self._answered(at + timedelta(days=is_midnight), talk)
        except (NotWritten, ValueError):
            raise Misfit(texts.WHEN_UNREADABLE) from None

    def _which_hour(self, on: date) -> Again:
        moments = [datetime.combine(on, time(hour), ZoneInfo(self.congress.timezone)) for hour in (9, 15, 19)]
        options = [Option(f"at:{one.isoformat()}", texts.moment(one, self.congress.timezone)) for one in moments]
        return Again(options, texts.WHICH_HOUR, progress=on.isoformat())

    def _answered(self, at: datetime, talk: Talk) -> Answered:
        if at < talk.now:
            raise Misfit(texts.WHEN_PAST)
        return Answered({"at": at.isoformat()})

    def _next_morning(self, now: datetime) -> datetime:
        zone = ZoneInfo(self.congress.timezone)
        there = now.astimezone(zone)
        first = there.date() + timedelta(days=there.time() >= NEXT_MORNING)
        return datetime.combine(self.days.on_or_after(first), NEXT_MORNING, zone)

    def load(self, stored: Any, _talk: Talk, /) -> datetime | None:
        return datetime.fromisoformat(stored["at"]) if stored["at"] else None


class Urgency(Text):
    """Why it cannot wait for all reviews; empty where it can."""

    def read(self, heard: Heard, asked: Asked, talk: Talk, /) -> Answered | Again:
        if heard.option is None and is_yes(heard.text):
            raise Misfit(texts.URGENT_WHY)
        return super().read(heard, asked, talk)


def yes_or_no(yes: Phrase, no: Phrase) -> Sequence[Option]:
    return [Option("yes", yes), Option("no", no)]
