"""How staff write down when something comes round: months, days, times of the day."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from typing import Any

from handlers.reading import is_no, number
from handlers.state import Asked, Heard
from handlers.talk import Again, Answered, Misfit, Option, Talk
from handlers.texts import cadences as texts
from storage.domain.cadence import (
    ESCALATES_TO,
    BadCadence,
    Cadence,
    Duty,
    Owed,
    QuietHours,
    Wrong,
    check_fits,
)
from storage.domain.roles import Role

_UNITS = re.compile(r"(?:个?工作日|个?月份?|[日号天])$")
_BETWEEN = re.compile(r"[、,;\s和及]+")
_RANGE = re.compile(r"(.+?)(?:-|~|到|至)(.+)")
_LATER = re.compile(r"(?:(下个?月|次月|next)|(\d+)个月后)\s*(.+)")
_CLOCK = re.compile(
    r"(凌晨|早上|上午|中午|下午|傍晚|晚上)?\s*(\d{1,2}|[零一二两三四五六七八九十]{1,3})(?:[:点时](\d{1,2}|半)?)?分?"
)
_TO = re.compile(r"\s*(?:-|~|到|至)+\s*")
_ALL_YEAR = {"每月", "每个月", "全年", "all", "everymonth"}


@dataclass(frozen=True, slots=True)
class Written:
    """One thing of a cadence, as it is written. What contradicts the rest is answered with the sentence why."""

    name: str
    duty: Duty
    cadence: Cadence

    def begin(self, _talk: Talk, _explicit: bool, /) -> Answered | Again:
        chosen = _CHOICES.get(self.name)
        return Again([Option(value, label) for value, label in chosen(self.duty, self.cadence)] if chosen else [])

    def read(self, heard: Heard, asked: Asked, _talk: Talk, /) -> Answered | Again:
        text = asked.named(heard.text) if asked.options and heard.option is None else heard.option or heard.text
        try:
            changed = replace(self.cadence, **_READ[self.name](_plain(text or "")))
            check_fits(self.duty, changed)
        except BadCadence as bad:
            raise Misfit(texts.WHY[bad.why]) from None
        except ValueError:
            raise Misfit(texts.WHY[Wrong.UNREADABLE]) from None
        return Answered(changed.dump())

    def load(self, stored: Any, _talk: Talk, /) -> Cadence:
        return Cadence.load(stored)


def fields_of(duty: Duty, cadence: Cadence) -> list[str]:
    """What there is to change about it."""
    comes_round = "after_finish" if duty is Duty.LOOK_BACK else "months"
    opens = "opens" if cadence.notice is None else "notice"
    rest = ("due", "reminders", "owed", "escalates_after", "escalates_to", "on_working_days", "at", "quiet")
    return [comes_round, opens, *rest]


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().rstrip("。.")


def _several(text: str) -> tuple[int, ...]:
    found: set[int] = set()
    for part in filter(None, _BETWEEN.split(text.removeprefix("每年").removeprefix("第"))):
        both = _RANGE.fullmatch(part)
        if both:
            found |= set(range(_one(both[1]), _one(both[2]) + 1))
        else:
            found.add(_one(part))
    return tuple(sorted(found))


def _one(text: str) -> int:
    found = number(_UNITS.sub("", text.strip()))
    if found is None or found > 1_000:
        raise ValueError(text)
    return found


def _months(text: str) -> dict[str, Any]:
    return {"months": tuple(range(1, 13)) if text.replace(" ", "") in _ALL_YEAR else _several(text)}


def _day(text: str) -> int:
    return 31 if text in ("月底", "月末", "最后一天", "last") else _one(text)


def _due(text: str) -> dict[str, Any]:
    text = text.removesuffix("截止")
    later = _LATER.fullmatch(text)
    if not later:
        return {"due_months_later": 0, "due_day": _day(text)}
    return {"due_months_later": 1 if later[1] else int(later[2]), "due_day": _day(later[3])}


def _reminders(text: str) -> dict[str, Any]:
    return {"reminders": () if _is_none(text) else _several(text)}


def _is_none(text: str) -> bool:
    return is_no(text) or text in ("0", "不设", "不提醒")


def clock(text: str) -> time:
    """A time of the day as people write it: 9点, 下午3点半, 15:30; 晚上12点 is midnight. Raises ValueError."""
    found = _CLOCK.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    half, hour, minute = found.groups()
    hours = _one(hour)
    if (half in ("下午", "傍晚", "晚上") and hours < 12) or (half == "中午" and hours < 3):
        hours += 12
    elif half in ("凌晨", "晚上") and hours == 12:
        hours = 0
    return time(hours, 30 if minute == "半" else int(minute or 0))


def _quiet(text: str) -> dict[str, Any]:
    if _is_none(text):
        return {"quiet": QuietHours(time(), time())}
    since, until = _TO.split(text.removeprefix("从"), maxsplit=1)
    return {"quiet": QuietHours(clock(since), clock(until))}


_READ: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "months": _months,
    "after_finish": lambda text: {"after_finish": _several(text)},
    "opens": lambda text: {"opens_day": _day(text)},
    "notice": lambda text: {"notice": _one(text)},
    "due": _due,
    "reminders": _reminders,
    "escalates_after": lambda text: {"escalates_after": _one(text.removeprefix("第"))},
    "escalates_to": lambda text: {"escalates_to": Role(text)},
    "owed": lambda text: {"owed": Owed(text)},
    "on_working_days": lambda text: {"on_working_days": {"yes": True, "no": False}[text]},
    "at": lambda text: {"at": clock(text)},
    "quiet": _quiet,
}


def _who(duty: Duty, _: Cadence) -> list[tuple[str, Any]]:
    offered = [owed for owed in Owed if duty is not Duty.RECEPTION or owed is not Owed.GROUP]
    return [(owed, texts.BY_WHOM[owed]) for owed in offered]


_CHOICES: Mapping[str, Callable[[Duty, Cadence], list[tuple[str, Any]]]] = {
    "owed": _who,
    "escalates_to": lambda *_: [(role, texts.ESCALATED[role]) for role in ESCALATES_TO],
    "on_working_days": lambda *_: [("yes", texts.SHIFTED), ("no", texts.NOT_SHIFTED)],
}
