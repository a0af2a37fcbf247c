"""Which days are worked: what the package knows, and what an office's own file says."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage.calendar import BadYearFile, calendar_of, check_year_file, published, with_years

NEXT_YEAR = """\
# 示例
2027-01-01 休
2027-01-03 班   # Sunday

2027-02-08 free
2027-02-14 worked
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "working_days.txt"


def test_the_package_knows_public_holidays_and_make_up_days() -> None:
    days = published()
    january = [date(2026, 1, 1) + timedelta(days=ahead) for ahead in range(6)]
    assert [day.day for day in january if days.is_working(day)] == [4, 5, 6], "Sunday the 4th is worked"
    national = [date(2025, 9, 27) + timedelta(days=ahead) for ahead in range(17)]
    assert [day.day for day in national if days.is_working(day)] == [28, 29, 30, 9, 10, 11, 13]
    assert not days.is_provisional(date(2026, 12, 31))
    assert days.is_provisional(date(2036, 1, 1))


def test_a_year_of_the_file_counts_in_place_of_the_packages(file: Path) -> None:
    file.write_text(NEXT_YEAR + "2025-10-01 休\n", encoding="utf-8-sig")
    days = with_years(published(), file)
    assert not days.is_provisional(date(2027, 6, 1))
    assert [day.day for ahead in range(5) if days.is_working(day := date(2027, 1, 1) + timedelta(days=ahead))] == [
        3,
        4,
        5,
    ]
    assert not days.is_working(date(2027, 2, 8))
    assert days.is_working(date(2027, 2, 14))
    assert days.is_working(date(2025, 10, 2)), "the file says all of 2025"
    assert days.is_working(date(2026, 1, 4)), "the package still says all of 2026"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("2027-13-01 休", "line 1: 2027-13-01 is no day"),
        ("\n元旦 休", "line 2: 元旦 is no day"),
        ("2027-01-01", "line 1: after the day comes 休"),
        ("2027-01-01 maybe", "line 1: after the day comes 休"),
        ("2027-01-01 休 班", "line 1: after the day comes 休"),
        ("2027-01-01 休\n" * 10_000, "longer than a file of days can be"),
    ],
)
def test_a_line_that_is_wrong_is_named(file: Path, text: str, says: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadYearFile, match=says):
        check_year_file(file)


def test_what_is_no_text_is_said_to_be_none(file: Path) -> None:
    file.write_bytes("2027-01-01 休".encode("gb18030"))
    with pytest.raises(BadYearFile, match="no text in UTF-8"):
        check_year_file(file)
    with pytest.raises(BadYearFile, match="cannot be read"):
        check_year_file(file.parent)


def test_a_file_is_read_when_it_comes_and_when_it_changes(file: Path) -> None:
    calendar = calendar_of(file)
    check_year_file(file)
    assert calendar() is published()
    file.write_text("2027-01-01 休\n")
    assert not calendar().is_working(date(2027, 1, 1))
    assert calendar() is calendar()
    _rewrite(file, "2027-01-01 nonsense\n")
    assert not calendar().is_working(date(2027, 1, 1)), "what was read last counts"
    _rewrite(file, "2027-01-04 休\n")
    assert calendar().is_working(date(2027, 1, 1))
    file.unlink()
    assert calendar() is published()
    file.write_text("nonsense\n")
    assert calendar_of(file)() is published()


def _rewrite(file: Path, text: str) -> None:
    before = file.stat().st_mtime_ns
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(before + 1, before + 1))


def test_nobody_who_counts_no_days_loads_the_package() -> None:
    loads = "import sys, bot.wiring; sys.exit('chinese_calendar' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0
