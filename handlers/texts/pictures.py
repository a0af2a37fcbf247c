"""What stands in pictures: few words, since they are written large."""

from datetime import date

from handlers.texts.phrase import Phrase, many

PROGRESS = Phrase("进度", "Done")
PLANNED = Phrase("计划", "Plan")
AS_PLANNED = Phrase("与计划一致", "as planned")
MONTHS = Phrase("每月督查", "Monthly inspections")
NO_MONTHS = Phrase("还没有督查任务", "No inspections yet")
NO_PROBLEMS = Phrase("没有未解决的问题", "No open problems")
BODY = Phrase("承办单位", "Body")
LEADER = Phrase("负责人", "Leader")
DEADLINE = Phrase("完成期限", "Deadline")
INVESTMENT = Phrase("投资", "Cost")
NOT_GIVEN = Phrase("未填写", "not given")
NO_BOUNDARIES = Phrase("没有网格边界", "No boundaries of grid cells")
PROJECT = Phrase("项目编号", "number of a project")

ANSWERED = Phrase("已督查", "inspected")
LATE = Phrase("迟交", "late")
MISSED = Phrase("未督查", "missed")
OPEN = Phrase("待督查", "due now")
NOT_DUE = Phrase("未到期", "to come")
EXCUSED = Phrase("无法督查", "not possible")


def number(value: int) -> Phrase:
    return Phrase(f"第 {value} 号", f"No. {value}")


def compared(progress: int, planned: int) -> Phrase:
    """How far progress is from the plan, in points of per cent."""
    points = abs(progress - planned)
    if not points:
        return AS_PLANNED
    if progress < planned:
        return Phrase(f"比计划慢 {points} 个百分点", f"{many(points, 'point')} behind plan")
    return Phrase(f"比计划快 {points} 个百分点", f"{many(points, 'point')} ahead of plan")


def problems(count: int, worst: str) -> Phrase:
    """How many problems are open; `worst` is a word in the reader's language, or empty."""
    open_ones = Phrase(f"{count} 个问题未解决", many(count, "open problem"))
    return open_ones + Phrase(f"，最重：{worst}", f", worst: {worst}") if worst else open_ones


def calendar_day(when: date) -> Phrase:
    return Phrase(f"{when.year}年{when.month}月{when.day}日", f"{when.year}-{when.month:02}-{when.day:02}")


def as_of(when: date) -> Phrase:
    return Phrase("截至 ", "As of ") + calendar_day(when)


def money(yuan: int) -> Phrase:
    """In units of ten thousand yuan where it is as much, to the hundredth, as offices write it."""
    chinese = f"{_hundredths(yuan // 100)} 万元" if yuan >= 10_000 else f"{yuan} 元"
    return Phrase(chinese, f"{yuan:,} yuan")


def cells(count: int) -> Phrase:
    return Phrase(f"{count} 个", f"{count}")


def without_boundary(count: int) -> Phrase:
    return Phrase(f"{count} 个网格没有边界", f"{many(count, 'cell')} without a boundary")


def off_the_map(count: int) -> Phrase:
    return Phrase(f"{count} 个项目不在图上", f"{many(count, 'project')} not on the map")


def _hundredths(count: int) -> str:
    whole, rest = divmod(count, 100)
    return f"{whole:,}.{rest:02}".rstrip("0").rstrip(".")
