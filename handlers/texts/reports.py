"""What stands in reports of supervision: their sections, and the headings of the columns."""

from datetime import date

from handlers.texts.inspections import REPORT
from handlers.texts.phrase import Phrase
from handlers.texts.pictures import calendar_day
from handlers.texts.supervision import MAP_LEGEND
from storage.domain.cadence import Duty
from storage.project_standing import Standing

TOTALS = Phrase("总体情况", "Overall")
KINDS = Phrase("各类报告", "Reports by kind")
PROJECTS = Phrase("项目", "Projects")
DEPUTIES = Phrase("代表", "Deputies")
BODIES = Phrase("承办单位", "Bodies")
CELLS = Phrase("网格", "Cells")
PROBLEMS = Phrase("问题", "Problems")
UNABLE = Phrase("无法督查", "Impossible")

ITEM = Phrase("事项", "Item")
COUNT = Phrase("数量", "Count")
KIND = Phrase("种类", "Kind")
NUMBER = Phrase("编号", "No.")
TITLE = Phrase("名称", "Title")
PROJECT = Phrase("项目", "Project")
PROJECT_COUNT = Phrase("项目数", "Projects")
BODY = Phrase("承办单位", "Body")
LEADER = Phrase("负责人", "Leader")
CELL = Phrase("网格", "Cell")
STAGE = Phrase("环节", "Stage")
STANDING = Phrase("进展", "Stands")
PROGRESS = Phrase("进度%", "Done %")
PLANNED = Phrase("计划%", "Plan %")
DEADLINE = Phrase("完成期限", "Deadline")
LIAISONS = Phrase("联系代表", "Deputies")
OWED = Phrase("应报", "Owed")
IN_TIME = Phrase("按时", "In time")
LATE = Phrase("迟报", "Late")
MISSING = Phrase("未报", "Missing")
COMING = Phrase("未到期", "Not due yet")
CANNOT = Phrase("其中无法督查", "Of them impossible")
FOUND = Phrase("发现问题", "Found")
CLOSED = Phrase("已解决", "Closed")
UNSOLVED = Phrase("未解决", "Open")
OVERDUE = Phrase("逾期", "Overdue")
LAST_NOTE = Phrase("最近记录", "Last note")
NAME = Phrase("姓名", "Name")
PROMPTED = Phrase("任务期数", "Asked")
REMINDED = Phrase("提醒次数", "Reminded")
ANSWERED = Phrase("已报", "Reported")
NOTES = Phrase("督查记录", "Notes")
DAYS = Phrase("一般用时（天）", "Days")
PLACE = Phrase("排名", "Place")
SEVERITY = Phrase("程度", "Severity")
TEXT = Phrase("内容", "Text")
REASON = Phrase("原因", "Reason")
FOUND_ON = Phrase("发现日期", "Found on")
DUE_ON = Phrase("期限", "Due")
PLANNED_ON = Phrase("计划日期", "Planned")
CLOSED_ON = Phrase("销号日期", "Closed on")
DAY = Phrase("日期", "Day")

PERIOD = Phrase("报表时段", "Period")
SEEN_ON = Phrase("统计到", "As of")
PROJECTS_IN_ALL = Phrase("项目总数", "Projects")
FINISHED = Phrase("已完工", "Finished")
STOPPED = Phrase("已停工", "At a standstill")
SLOW = Phrase("进度偏慢", "Behind plan")
NOTES_WRITTEN = Phrase("督查记录条数", "Notes")
RECEIVED = Phrase("接待日来访人数", "Residents received")
EXPLANATIONS = Phrase("要求说明进度的次数", "Explanations asked for")
PROBLEMS_FOUND = Phrase("发现问题", "Problems found")
PROBLEMS_CLOSED = Phrase("解决问题", "Problems closed")
PROBLEMS_UNSOLVED = Phrase("现在未解决", "Problems open now")
PROBLEMS_OVERDUE = Phrase("其中逾期", "Of them overdue")

NO_CELL = Phrase("未定地点", "no place")
NOTHING = Phrase("没有", "None")
PRINTED = Phrase("人大办公室", "Office of the congress")


def heading(congress: str, period: Phrase) -> Phrase:
    return Phrase(f"{congress}{period.zh}民生实事项目督查报表", f"{congress}: supervision report, {period.said('en')}")


def as_of(day: date) -> Phrase:
    when = calendar_day(day)
    return Phrase(f"截至{when.zh}", f"As of {when.en}")


def kind(duty: Duty) -> Phrase:
    return REPORT[duty]


def standing(one: Standing) -> Phrase:
    return MAP_LEGEND[one.value]


def map_title(area: str) -> Phrase:
    return Phrase(f"{area}网格项目进展", f"Projects in the cells of {area}")
