"""A line on the terminal that tells how far an announcement is, until it has come to its end."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlalchemy import Engine

from handlers.texts.announcements import STATE
from storage.announcement_reports import Totals
from storage.database import Unit, reading
from storage.domain.announcements import ACTIVE, State
from storage.store import Store

BAR = 24  # characters
EVERY = 1.0  # seconds between two looks
_REST = 4  # times as long as it took to count, where that is longer
_AWAITED = frozenset({State.REVIEW, State.APPROVAL, *ACTIVE})  # what may still change by itself, or by others
_REMEMBERED = 30  # looks, by which the pace is known


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen at some moment, in seconds of any clock."""

    at: float
    state: State
    totals: Totals

    @property
    def done(self) -> int:
        """Who has had their turn."""
        return self.totals.audience - self.totals.waiting - self.totals.massed


def follow(
    engine: Engine,
    number: int,
    open_store: Callable[[Unit], Store],
    *,
    pause: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> Iterator[str]:
    """The line anew every second or so, up to the last one; it only reads. Raises KeyError where there is none."""
    looks: deque[_Look] = deque(maxlen=_REMEMBERED)
    while True:
        began = monotonic()
        look = _look(engine, number, open_store, began)
        looks.append(look)
        yield _line(look, _minutes_left(looks))
        if look.state not in _AWAITED:
            return
        pause(max(EVERY, _REST * (monotonic() - began)))


def _look(engine: Engine, number: int, open_store: Callable[[Unit], Store], at: float) -> _Look:
    with reading(engine) as unit:
        store = open_store(unit)
        one = store.announcements.get(number)
        if one is None:
            raise KeyError(number)
        return _Look(at, one.state, store.announcement_reports.totals(number))


def _minutes_left(looks: deque[_Look]) -> int | None:
    """At the pace of the last looks; None where nothing has moved."""
    first, last = looks[0], looks[-1]
    gone = last.done - first.done
    if gone <= 0 or not last.totals.waiting:
        return None
    seconds = last.totals.waiting * (last.at - first.at) / gone
    return max(round(seconds / 60), 1)


def _line(look: _Look, minutes: int | None) -> str:
    totals, state = look.totals, STATE[look.state]
    share = look.done / totals.audience if totals.audience else 0.0
    full = int(BAR * share)
    parts = [
        f"[{'#' * full}{'.' * (BAR - full)}] {int(100 * share)}%",
        f"{state.zh} {state.en}",
        f"已送达 sent {totals.sent:,}",
        f"没送到 failed {sum(totals.failed.values()):,}",
        f"待发 waiting {totals.waiting:,}",
    ]
    others = (
        ("群发中 by mass send", totals.massed),
        ("等上线 held", totals.held),
        ("不用发 skipped", sum(totals.skipped.values())),
    )
    parts += [f"{what} {count:,}" for what, count in others if count]
    if minutes is not None:
        parts.append(f"约 {minutes} 分钟 min left")
    return "，".join(parts)
