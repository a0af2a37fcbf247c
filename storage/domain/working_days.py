"""Working days as China has them: weekends, public holidays, and weekends that are worked instead (调休).

The State Council publishes each year's days in the autumn before. Of a year that is not published only the weekends are
known to be free, and what is computed with it is provisional.
"""

from dataclasses import dataclass
from datetime import date, timedelta

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """`free` are days from Monday to Friday, `worked` Saturdays and Sundays, `published` the years that are known."""

    free: frozenset[date] = frozenset()
    worked: frozenset[date] = frozenset()
    published: frozenset[int] = frozenset()

    def is_working(self, day: date) -> bool:
        """Whether the day is worked, as far as its year is published."""
        return day in self.worked if day.weekday() >= _SATURDAY else day not in self.free

    def is_provisional(self, day: date) -> bool:
        """Whether the day may turn out to be free, or worked, when its year is published."""
        return day.year not in self.published

    def on_or_after(self, day: date) -> date:
        """The day itself if it is worked, else the next one that is."""
        while not self.is_working(day):
            day += _DAY
        return day

    def after(self, day: date, count: int) -> date:
        """The working day that comes so many of them after `day`, which is not counted; 0 is the day itself or the next
        working one."""
        day = self.on_or_after(day) if count == 0 else day
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def between(self, first: date, last: date) -> int:
        """How many working days there are after `first` and until `last`."""
        return sum(self.is_working(first + _DAY * ahead) for ahead in range(1, (last - first).days + 1))
