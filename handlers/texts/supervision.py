"""What the office reads about supervision, and what deputies read about their own year."""

from collections.abc import Sequence
from datetime import date

from handlers.texts.announcements_writing import moment
from handlers.texts.inspections import report
from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.pictures import calendar_day
from handlers.texts.rectifications import SEVERITY
from handlers.texts.rectifications import STAGE as HANDLING
from handlers.texts.words import AWAITS_CONTACT, excerpt, half_name, month_name, quarter_name
from storage.deputy_records import DeputyRecord
from storage.domain.cadence import Duty
from storage.domain.report_period import ReportPeriod, Span
from storage.nudges import A_ROUND, Debtor, Nudged
from storage.rectifications import Rectification
from storage.supervision import Missing, Overview, Round
from storage.supervision_counts import OfBody, OfDeputy, OfProject
from storage.supervision_findings import Unable
from storage.supervision_tallies import Tally
from storage.supervision_totals import Reports, Totals

MENU = Phrase("督查情况", "Supervision")
MENU_MY_YEAR = Phrase("我的履职", "My year")

MISSING = Phrase("还没报的项目", "Projects not reported of")
LATE = Phrase("已经逾期的", "What is late")
BY_PROJECT = Phrase("按项目看", "By project")
BY_DEPUTY = Phrase("按代表看", "By deputy")
BY_CELL = Phrase("按网格看", "By cell")
BY_BODY = Phrase("按承办单位看", "By implementing body")
PROBLEMS = Phrase("未解决的问题", "Open problems")
UNABLE = Phrase("报“无法督查”的", "Reported as impossible")
TELEPHONES = Phrase("通知不到、要打电话的", "People to be called")
NUDGE = Phrase("催办", "Nudge")
REPORTS = Phrase("报表", "Reports")
MAP = Phrase("网格地图", "Map of the cells")
BACK = Phrase("回督查情况", "Back to supervision")

NO_MISSING = Phrase("没有还没报的项目。", "Nothing is missing.")
NO_LATE = Phrase("没有逾期的。", "Nothing is late.")
NO_SUPERVISED = Phrase(
    "没有正在督查的项目。回复“项目”看全部。", "No project is under supervision. Reply “projects” to see all."
)
NO_DEPUTIES = Phrase("名册上还没有代表。", "There are no deputies on the roster yet.")
NO_PROJECTS = Phrase("还没有项目。回复“项目”录入。", "There are no projects yet. Reply “projects” to enter one.")
NO_PROBLEMS = Phrase("没有未解决的问题。", "No problem is open.")
NO_UNABLE = Phrase("没有报“无法督查”的。", "Nobody reported that nothing could be seen.")
ALL_REACHED = Phrase("该报的人都能收到通知。", "Everybody who owes a report can be written to.")
NOBODY_OWES = Phrase("没有人欠报，不用催。", "Nobody owes a report.")
PROJECT_CHOSEN = Phrase("回复数字看项目：", "Reply with a number to read of the project:")
PROBLEM_CHOSEN = Phrase("回复数字看问题：", "Reply with a number to read of the problem:")

WHOM = Phrase(
    f"催哪一位？每人每天最多催一次，每一期最多催 {A_ROUND} 次。",
    f"Whom? Each once a day at most, and {A_ROUND} times about one period.",
)
EVERYBODY = Phrase("全部都催", "Everybody")
NUDGE_SURE = Phrase(
    f"给所有欠报的人发提醒吗？每人每天最多催一次，每一期最多催 {A_ROUND} 次。",
    f"Remind everybody who owes a report? Each once a day at most, and {A_ROUND} times about one period.",
)

WHICH_PERIOD = Phrase("哪一段的报表？", "Which period?")
WHICH_FORMAT = Phrase("要哪一种？", "In which form?")
AS_SHEETS = Phrase("表格（XLSX）", "Sheets (XLSX)")
AS_PAGE = Phrase("打印页", "A page to be printed")
AS_BOTH = Phrase("两种都要", "Both")
REPORT_SENT = Phrase("报表在这里。打印页用浏览器打开，再打印。", "Here it is. Open the page in a browser to print it.")
MAP_SENT = Phrase("这是各网格的项目情况。", "This is how projects stand in the cells.")
PROJECT_FILE = Phrase("项目", "project-")  # what files are called, before a number or a day
MAP_FILE = Phrase("网格地图", "map")
REPORT_FILE = Phrase("督查报表", "supervision")
CARD = Phrase("进度图", "A picture of it")
CARD_SENT = Phrase("这是这个项目的进度图。", "This is the project at a glance.")

LAST_YEAR = Phrase("看上一年", "The year before")
THIS_YEAR = Phrase("看今年", "This year")
MAP_LEGEND = {
    "on_plan": Phrase("按计划推进", "on plan"),
    "slow": Phrase("进度偏慢", "behind plan"),
    "stopped": Phrase("已停工", "at a standstill"),
    "finished": Phrase("已完工", "finished"),
    "none": Phrase("没有项目", "no project"),
}


# --- at a glance


def overview(congress: str, today: date, found: Overview) -> Phrase:
    """Everything in one message."""
    when = calendar_day(today)
    head = Phrase(f"{congress}督查情况（{when.zh}）", f"{congress}, supervision as of {when.en}")
    count = Phrase(
        f"项目 {found.projects} 个，正在督查 {found.supervised} 个",
        f"{many(found.projects, 'project')}, {found.supervised} under supervision",
    )
    owed = Phrase(
        f"应报 {found.owed} 份，已报 {found.answered} 份，逾期 {found.late} 份",
        f"{found.answered} of {many(found.owed, 'report is', 'reports are')} in, {found.late} late",
    )
    return lines([head, count, owed, *map(_round, found.rounds), unsolved(found.problems, found.overdue)])


def _round(one: Round) -> Phrase:
    name, due = report(one.duty, one.period), short_day(one.due_on)
    return Phrase(
        f"· {name.zh}：{one.answered}/{one.owed}，{due.zh}截止",
        f"· {name.said('en')}: {one.answered}/{one.owed}, due {due.en}",
    )


def unsolved(problems: int, overdue: int) -> Phrase:
    return Phrase(
        f"未解决的问题 {problems} 个，逾期 {overdue} 个", f"{many(problems, 'problem')} open, {overdue} overdue"
    )


def short_day(when: date) -> Phrase:
    return Phrase(f"{when.month}月{when.day}日", f"{when:%Y-%m-%d}")


def digest(congress: str, period: ReportPeriod, totals: Totals) -> Phrase:
    """What came of the last month."""
    name, came = period_name(period), totals.all_reports
    head = Phrase(f"{congress}{name.zh}督查小结", f"{congress}: supervision in {name.en}")
    problems = totals.problems
    found = Phrase(
        f"发现问题 {problems.found} 个，解决 {problems.closed} 个",
        f"{many(problems.found, 'problem')} found, {problems.closed} closed",
    )
    return lines([head, reports(came), found, Phrase("现在的情况：", "As things stand now:")])


def reports(came: Reports) -> Phrase:
    coming = Phrase(f"，未到期 {came.coming} 份", f", {came.coming} not due yet") if came.coming else Phrase("")
    return (
        Phrase(
            f"应报 {came.owed} 份：按时 {came.in_time} 份，迟报 {came.late} 份，未报 {came.missing} 份",
            f"{many(came.owed, 'report')} owed: {came.in_time} in time, {came.late} late, {came.missing} missing",
        )
        + coming
        + Phrase(f"；其中无法督查 {came.unable} 份", f"; {came.unable} of them impossible")
    )


# --- lists


def missing(one: Missing) -> Phrase:
    """A project with what is missing, and whose it is."""
    owed = join(_owed(*what) for what in one.reports)
    title = excerpt(one.title, 20)
    whose = [join(map(_named, one.deputies)) if one.deputies else _NO_GROUP]
    whose = [*(whose if one.is_for_deputies else []), *([Phrase(one.body)] if one.is_for_body else [])]
    who = join(whose)
    return Phrase(
        f"{title}（第{one.number}号）：{owed.zh}；{who.zh}",
        f"{title} (No. {one.number}): {owed.said('en')}; {who.said('en')}",
    )


_NO_GROUP = Phrase("还没有联系代表", "no deputies yet")


def _owed(duty: Duty, period: str, due_on: date) -> Phrase:
    name, due = report(duty, period), short_day(due_on)
    return Phrase(f"{name.zh}（{due.zh}截止）", f"{name.said('en')} (due {due.en})")


def of_project(one: OfProject) -> Phrase:
    name = excerpt(one.title, 20)
    title = Phrase(f"{name}（第{one.number}号）", f"{name} (No. {one.number})")
    done = Phrase(f"进度 {one.progress}%", f"{one.progress}% done")
    return _counted(title, done, one.tally) + _problems(one.tally)


def deputy(one: OfDeputy) -> Phrase:
    charged = Phrase(f"项目 {one.tally.projects} 个", many(one.tally.projects, "project"))
    return _counted(_named(one.name), charged, one.tally)


def cell(place: Phrase, tally: Tally) -> Phrase:
    there = Phrase(f"项目 {tally.projects} 个", many(tally.projects, "project"))
    return _counted(place, there, tally) + _problems(tally)


def body(one: OfBody) -> Phrase:
    there = Phrase(f"项目 {one.tally.projects} 个", many(one.tally.projects, "project"))
    nobody = Phrase("") if one.people else Phrase("，没有登记人员", ", nobody of it is enrolled")
    return _counted(Phrase(one.body), there, one.tally) + _problems(one.tally) + nobody


def _named(name: str) -> Phrase:
    return Phrase(name) if name else Phrase("未留名", "no name")


def _counted(name: Phrase, there: Phrase, tally: Tally) -> Phrase:
    late = Phrase(f"，逾期 {tally.late}", f", {tally.late} late") if tally.late else Phrase("")
    came = Phrase(f"，已报 {tally.answered}/{tally.owed}", f", {tally.answered} of {many(tally.owed, 'report')}") + late
    return Phrase(f"{name.zh}：{there.zh}", f"{name.said('en')}: {there.en}") + (came if tally.owed else Phrase(""))


def _problems(tally: Tally) -> Phrase:
    if not tally.problems:
        return Phrase("")
    return Phrase(f"，问题 {tally.problems}", f", {many(tally.problems, 'problem')}")


def problem(one: Rectification, text: str, today: date) -> Phrase:
    """`text` as it may be shown."""
    due = short_day(one.due_on)
    late = Phrase("，已逾期", ", overdue") if one.due_on < today else Phrase("")
    grave, stage = SEVERITY[one.severity], HANDLING[one.stage]
    short = excerpt(text, 30)
    return (
        Phrase(
            f"{short}（{grave.zh}，{stage.zh}，{due.zh}前）{excerpt(one.title, 16)}",
            f"{short} ({grave.en}, {stage.en}, due {due.en}) {excerpt(one.title, 16)}",
        )
        + late
    )


def unable(one: Unable, reason: str) -> Phrase:
    """`reason` as it may be shown."""
    about, who = excerpt(one.title, 20) if one.project else "", _named(one.name)
    why = excerpt(reason, 60)
    return Phrase(f"{about}（{who.zh}）：{why}", f"{about} ({who.said('en')}): {why}")


def unreached(name: str, telephone: str, since: Phrase | None, *, awaits: bool) -> Phrase:
    """`since` is None for who never wrote to us; `awaits`: they are asked when they write again."""
    why = Phrase("从没登录过", "never enrolled")
    if awaits:
        why = AWAITS_CONTACT
    elif since is not None:
        why = Phrase(f"{since.zh}起联系不上", f"not reached since {since.said('en')}")
    who, number = name or "未留名", telephone or "无电话"
    english = f"{name or 'no name'} {telephone or 'no telephone'}"
    return Phrase(f"{who} {number}（{why.zh}）", f"{english} ({why.said('en')})")


# --- nudging


def debtor(one: Debtor) -> Phrase:
    who = _named(one.name)
    return Phrase(f"{who.zh}（欠 {one.rounds} 期）", f"{who.said('en')} ({many(one.rounds, 'period')})")


def nudged(done: Nudged, timezone: str) -> Phrase:
    """Who hears, and why others do not."""
    until = moment(done.quiet_until, timezone) if done.quiet_until else Phrase("")
    counted = (
        (
            done.later,
            Phrase(
                f"现在是免打扰时间，{until.zh}起提醒 {done.later} 人。",
                f"These are quiet hours: {many(done.later, 'person is', 'people are')} reminded from {until.en} on.",
            ),
        ),
        (len(done.prompted), Phrase(f"已提醒 {len(done.prompted)} 人。", f"{len(done.prompted)} reminded.")),
        (
            done.awaited,
            Phrase(
                f"其中 {done.awaited} 人要等对方下次发消息才看到，急事请打电话。",
                f"{done.awaited} of them see it when they write next: call them if it is urgent.",
            ),
        ),
        (done.today, Phrase(f"{done.today} 人今天已经催过。", f"{done.today} had been nudged today.")),
        (done.often, Phrase(f"{done.often} 人这一期已催够次数。", f"{done.often} had been nudged often enough.")),
        (
            done.unreached,
            Phrase(f"{done.unreached} 人收不到，请打电话。", f"{done.unreached} cannot be reached: please call them."),
        ),
    )
    said = [phrase for count, phrase in counted if count]
    return lines(said) if said else NOBODY_OWES


# --- periods and years


def period_name(period: ReportPeriod) -> Phrase:
    """As people call it: 2026年9月, 2026年第三季度, 2026年上半年, 2026年."""
    match period.span:
        case Span.MONTH:
            return Phrase(f"{period.year}年{period.number}月", month_name(period.key))
        case Span.QUARTER:
            return Phrase(
                f"{period.year}年第{'一二三四'[period.number - 1]}季度", quarter_name(period.year, period.number)
            )
        case Span.HALF_YEAR:
            return Phrase(f"{period.year}年{'上下'[period.number - 1]}半年", half_name(period.year, period.number))
    return Phrase(f"{period.year}年", f"{period.year}")


def record(congress: str, period: ReportPeriod, found: DeputyRecord) -> Phrase:
    """A deputy's own year."""
    name = period_name(period)
    head = Phrase(f"{name.zh}您在{congress}的履职记录：", f"Your {name.en} in {congress}:")
    asked = Phrase(
        f"收到督查任务 {found.prompted} 期，另提醒 {found.reminded} 次",
        f"asked in {many(found.prompted, 'period')}, reminded {many(found.reminded, 'time')}",
    )
    gave = Phrase(
        f"报了 {found.answered} 份，督查记录 {found.notes} 条",
        f"{many(found.answered, 'report')}, {many(found.notes, 'note')}",
    )
    quick = Phrase("")
    if found.days is not None:
        quick = Phrase(
            f"从收到到上报，一般 {found.days:g} 天",
            f"from prompt to report {found.days:g} {'day' if found.days == 1 else 'days'}, as a rule",
        )
    problems = Phrase(
        f"发现问题 {found.found} 个，已解决 {found.closed} 个",
        f"{many(found.found, 'problem')} found, {found.closed} closed",
    )
    return lines([head, asked, gave, quick, problems, _charged(found.projects)])


def _charged(charged: Sequence[tuple[int, str]]) -> Phrase:
    if not charged:
        return Phrase("没有联系的项目", "charged with no project")
    listed = join(
        Phrase(f"{excerpt(title, 20)}（第{number}号）", f"{excerpt(title, 20)} (No. {number})")
        for number, title in charged
    )
    return Phrase(f"联系的项目：{listed.zh}", f"projects: {listed.said('en')}")


def place(mine: int, of: int) -> Phrase:
    return Phrase(f"在 {of} 位代表里排第 {mine}", f"place {mine} of {many(of, 'deputy', 'deputies')}")
