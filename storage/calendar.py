"""Which days are worked: as the package chinesecalendar knows them, and as a year file says.

The package holds what the State Council has published, from 2004 on, and comes out anew each autumn. Until it is
renewed the office itself may write the next year into a file, one day a line. A year that has a line in it is
published, and what the package says of it does not count:

    # 国务院办公厅关于2027年部分节假日安排的通知
    2027-01-01 休
    2027-01-03 班
"""

from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from storage.domain.working_days import WorkingDays

FREE, WORKED = frozenset({"休", "free"}), frozenset({"班", "worked"})
LARGEST = 100_000  # bytes; a year has some forty lines

# Asked for whenever days are counted, for a file may change.
Calendar = Callable[[], WorkingDays]


class BadYearFile(Exception):
    """The sentence says which line is wrong, and what it may be."""


@cache
def published() -> WorkingDays:
    """What the package knows."""
    from chinese_calendar import holidays, workdays  # not before somebody counts days

    return _of(dict.fromkeys(holidays, False) | dict.fromkeys(workdays, True))


def calendar_of(path: Path) -> Calendar:
    """What the package knows, and the file, if it is there: read again when it has changed. Where it cannot be read any
    more, what was read last counts; `check_year_file` tells why."""
    read_at: int | None = None
    days: WorkingDays | None = None

    def calendar() -> WorkingDays:
        nonlocal read_at, days
        changed_at = _changed_at(path)
        if days is None or changed_at != read_at:
            read_at = changed_at
            try:
                days = with_years(published(), path) if changed_at else published()
            except BadYearFile:
                days = days or published()
        return days

    return calendar


def check_year_file(path: Path) -> None:
    """Raises BadYearFile, but not for a file that is not there."""
    if path.exists():
        with_years(published(), path)


def with_years(known: WorkingDays, path: Path) -> WorkingDays:
    """What is known, with the years of a file in place of its own. Raises BadYearFile."""
    read = _of(dict(_lines(_text(path))))
    return WorkingDays(
        read.free | {day for day in known.free if day.year not in read.published},
        read.worked | {day for day in known.worked if day.year not in read.published},
        read.published | known.published,
    )


def _of(days: dict[date, bool]) -> WorkingDays:
    """From each day that is said to be free or, True, worked: what differs from the weekends matters."""
    return WorkingDays(
        frozenset(day for day, is_worked in days.items() if not is_worked and day.weekday() < 5),
        frozenset(day for day, is_worked in days.items() if is_worked and day.weekday() >= 5),
        frozenset(day.year for day in days),
    )


def _changed_at(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise BadYearFile(f"{path}: longer than a file of days can be")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise BadYearFile(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise BadYearFile(f"{path}: is no text in UTF-8; save it as that") from None


def _lines(text: str) -> Iterator[tuple[date, bool]]:
    for number, line in enumerate(text.splitlines(), 1):
        day, *word = line.partition("#")[0].split()[:3] or [""]
        if not day:
            continue
        try:
            read = date.fromisoformat(day)
        except ValueError:
            raise BadYearFile(f"line {number}: {day} is no day; write it as 2027-01-01") from None
        if len(word) != 1 or word[0] not in FREE | WORKED:
            raise BadYearFile(f"line {number}: after the day comes 休 (free) or 班 (worked), and nothing else")
        yield read, word[0] in WORKED
