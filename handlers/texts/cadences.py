"""What the office reads about how duties come round, and what whoever a duty is escalated to reads about it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from handlers.texts.inspections import REPORT, report
from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.pictures import calendar_day
from handlers.texts.words import excerpt
from storage.cadences import Arranged
from storage.domain.cadence import BY_BODY, Cadence, Duty, Owed, Wrong
from storage.domain.roles import Role
from storage.overdue import Late

MENU = Phrase("督查安排", "When reports are due")
LIST = Phrase("督查安排如下，回复数字修改：", "When each report is due. Reply with a number to change it:")
TURN_ON = Phrase("开启", "Turn it on")
TURN_OFF = Phrase("关闭", "Turn it off")
BACK = Phrase("回督查安排", "Back to the list")
TURNED_ON = Phrase("已开启。", "It is turned on.")
TURNED_OFF = Phrase("已关闭，不再提醒。", "It is turned off, and nobody is reminded.")
SHIFTED = Phrase("顺延到下一个工作日", "the next working day instead")
NOT_SHIFTED = Phrase("不顺延", "that day all the same")
NO_OVERDUE = Phrase("现在没有逾期未报的。", "Nothing is overdue now.")
NOBODY_CHARGED = Phrase("还没有人负责", "nobody is charged with it")

FIELD = {
    "months": Phrase("哪几个月", "Months"),
    "after_finish": Phrase("完工后第几个月", "Months after the finish"),
    "opens": Phrase("开始日", "Opens"),
    "notice": Phrase("提前几天通知", "Notice"),
    "due": Phrase("截止日", "Due"),
    "reminders": Phrase("提醒", "Reminders"),
    "escalates_after": Phrase("逾期几天上报", "Escalated after"),
    "escalates_to": Phrase("逾期报给谁", "Escalated to"),
    "owed": Phrase("由谁报", "Owed by"),
    "on_working_days": Phrase("遇到休息日", "On days off"),
    "at": Phrase("几点发出", "At"),
    "quiet": Phrase("免打扰时间", "Quiet hours"),
}
ASK = {
    "months": Phrase(
        "每年哪几个月？比如 3、6、9、12，或者“每月”。", "In which months? Such as 3, 6, 9, 12, or “1-12”."
    ),
    "after_finish": Phrase("完工后第几个月回头看？比如 6。", "How many months after the finish? Such as 6."),
    "opens": Phrase(
        "每期从几号开始？比如 1；31 就是月底。", "On which day does it open? Such as 1; 31 is the last day."
    ),
    "notice": Phrase("提前几天通知？比如 7。", "How many days ahead is notice given? Such as 7."),
    "due": Phrase(
        "几号截止？比如 25，或者“次月10”。", "On which day is it due? Such as 25, or “next 10” for the next month."
    ),
    "reminders": Phrase(
        "开始后第几个工作日提醒？比如 5、10；不提醒回复“不用”。",
        "How many working days after the opening are reminders sent? Such as 5, 10; “no” for none.",
    ),
    "escalates_after": Phrase("截止后第几个工作日上报？比如 1。", "How many working days after it was due? Such as 1."),
    "escalates_to": Phrase("逾期没报的，告诉谁？", "Who hears of what is overdue?"),
    "owed": Phrase("由谁报？", "Who owes the report?"),
    "on_working_days": Phrase("遇到周末和节假日怎么办？", "What if the day is not worked?"),
    "at": Phrase("几点发出？比如 9:00。", "At what time are messages sent? Such as 9:00."),
    "quiet": Phrase(
        "几点到几点不打扰？比如 21:00 到 8:00；不设回复“不用”。",
        "From when to when is nobody disturbed? Such as 21:00-8:00; “no” for never.",
    ),
}
# Why what was meant cannot be; see storage.domain.cadence.
WHY = {
    Wrong.UNREADABLE: Phrase("没有看懂，请照例子写。", "That is not understood: please write it as in the example."),
    Wrong.WHEN: Phrase(
        "要么按月份，要么按完工后的月数，只能选一种。", "It comes round by months, or after a finish: one."
    ),
    Wrong.MONTHS: Phrase("月份是 1 到 12。", "Months are 1 to 12."),
    Wrong.AFTER_FINISH: Phrase("完工后的月数是 1 到 120。", "Months after the finish are 1 to 120."),
    Wrong.DAY: Phrase("日子是 1 到 31。", "A day of the month is 1 to 31."),
    Wrong.DUE_MONTHS_LATER: Phrase("最多过 11 个月截止。", "It is due at most 11 months later."),
    Wrong.DUE_BEFORE_OPEN: Phrase("截止日不能早于开始日。", "It cannot be due before it opens."),
    Wrong.NOTICE: Phrase("提前通知是 0 到 60 天。", "The notice is 0 to 60 days."),
    Wrong.NOTICE_AFTER_FINISH: Phrase(
        "回头看按日子开始，不能提前通知。", "A look back opens on its day, without notice."
    ),
    Wrong.REMINDERS: Phrase(
        "提醒是开始后第 1 到 250 个工作日。", "Reminders come 1 to 250 working days after the opening."
    ),
    Wrong.REMINDED_TOO_LATE: Phrase(
        "有的提醒总在截止之后：请先减少提醒，或者推迟截止。",
        "A reminder would always come after it is due: remind earlier, or let it be due later.",
    ),
    Wrong.ESCALATES_AFTER: Phrase("截止后 0 到 250 个工作日上报。", "It is escalated after 0 to 250 working days."),
    Wrong.ESCALATES_TO: Phrase("只能报给工作人员、主席团或管理员。", "Staff, presidium or administrator hear of it."),
    Wrong.OPEN_TWICE: Phrase(
        "上一期还没截止，下一期就开始了：请提早截止，或者少报几期。",
        "A period would open before the one before it is due: let it be due earlier, or come round less often.",
    ),
    Wrong.QUIET: Phrase("发出的时间正在免打扰时间里。", "Messages would be sent in the quiet hours."),
    Wrong.ONLY_LOOK_BACK: Phrase("只有回头看按完工后的月数。", "Only the look back comes round after a finish."),
    Wrong.RECEPTION_OF_GROUP: Phrase(
        "接待日由每位代表负责，或者轮流，不能一人代替全体。", "Deputies receive each, or by turns."
    ),
}
BY_WHOM = {
    Owed.GROUP: Phrase("任何一人报了就算", "any one of them for all"),
    Owed.EACH: Phrase("每人都要报", "each of them"),
    Owed.TURNS: Phrase("轮流报", "by turns"),
}
ESCALATED = {
    Role.STAFF: Phrase("工作人员", "staff"),
    Role.PRESIDIUM: Phrase("主席团", "the presidium"),
    Role.ADMINISTRATOR: Phrase("管理员", "the administrator"),
}


def line(one: Arranged) -> Phrase:
    """How a duty comes round, in one line."""
    name, cadence = REPORT[one.duty], one.cadence
    if one.coming is None:
        return Phrase(f"{name.zh}：未开启", f"{name.en}: turned off")
    parts = [_opening(cadence), due(cadence), _reminders(cadence), who(one.duty, cadence)]
    return Phrase(
        f"{name.zh}：{'，'.join(part.zh for part in parts)}",
        f"{name.en}: {', '.join(part.said('en') for part in parts)}",
    )


def card(one: Arranged, congress: str) -> Phrase:
    """All of it, and when it comes round next."""
    name = REPORT[one.duty]
    head = Phrase(f"{congress}的{name.zh}", f"{name.en} of {congress}")
    return lines([head, _coming(one), Phrase("回复数字修改一项：", "Reply with a number to change one thing:")])


def field(name: str, duty: Duty, cadence: Cadence) -> Phrase:
    """What is to be changed, and how it is now."""
    value = _value(name, duty, cadence)
    return Phrase(f"{FIELD[name].zh}：{value.zh}", f"{FIELD[name].en}: {value.said('en')}")


def off_sure(duty: Duty) -> Phrase:
    """Before a duty is turned off."""
    name = REPORT[duty]
    return Phrase(
        f"要关闭{name.zh}吗？关闭以后不再提醒，也不用再报。",
        f"Turn it off ({name.en})? Nobody is reminded and nothing is owed any more.",
    )


def changed(one: Arranged) -> Phrase:
    return lines([Phrase("已改好，从下一期起按新的安排。", "It is changed, from the next period on."), _coming(one)])


def _coming(one: Arranged) -> Phrase:
    if one.coming is None:
        return Phrase("现在没有开启。", "It is turned off.")
    opens, ends = calendar_day(one.coming.opens_on), calendar_day(one.coming.due_on)
    sure = Phrase("（暂定）", " (provisional)") if one.provisional else Phrase("")
    said = Phrase(f"下一期{opens.zh}开始，{ends.zh}截止", f"The next one opens on {opens.en} and is due on {ends.en}")
    return said + sure + Phrase("。", ".")


def _value(name: str, duty: Duty, cadence: Cadence) -> Phrase:
    return who(duty, cadence) if name == "owed" else _VALUE[name](cadence)


def _after_finish(cadence: Cadence) -> Phrase:
    return Phrase(_listed(cadence.after_finish), _listed_in_english(cadence.after_finish))


def _escalates_after(cadence: Cadence) -> Phrase:
    return Phrase(f"第{cadence.escalates_after}个工作日", f"{cadence.escalates_after} working days")


def _quiet(cadence: Cadence) -> Phrase:
    if cadence.quiet.since == cadence.quiet.until:
        return Phrase("不设", "none")
    since, until = f"{cadence.quiet.since:%H:%M}", f"{cadence.quiet.until:%H:%M}"
    return Phrase(f"{since} 到 {until}", f"{since}-{until}")


def _months(cadence: Cadence) -> Phrase:
    if len(cadence.months) == 12:
        return Phrase("每月", "every month")
    return Phrase(f"每年{_listed(cadence.months)}月", f"in months {_listed_in_english(cadence.months)}")


def _opening(cadence: Cadence) -> Phrase:
    if cadence.after_finish:
        months = _listed(cadence.after_finish), _listed_in_english(cadence.after_finish)
        round_ = Phrase(f"完工后第{months[0]}个月", f"{months[1]} months after the finish")
    else:
        round_ = _months(cadence)
    if cadence.notice is not None:
        return round_ + Phrase(f"，提前{cadence.notice}天通知", f", {many(cadence.notice, 'day')} ahead")
    day = _day(cadence.opens_day)
    return round_ + Phrase(f"{day.zh}开始", f", opens on {day.said('en')}")


def due(cadence: Cadence) -> Phrase:
    """On which day it is due."""
    day = _day(cadence.due_day)
    match cadence.due_months_later:
        case 0:
            return Phrase(f"{day.zh}截止", f"due on {day.said('en')}")
        case 1:
            return Phrase(f"次月{day.zh}截止", f"due on {day.said('en')} of the next month")
        case later:
            return Phrase(f"{later}个月后{day.zh}截止", f"due on {day.said('en')}, {later} months later")


def _day(day: int) -> Phrase:
    return Phrase("月底", "the last day") if day == 31 else Phrase(f"{day}日", f"day {day}")


def _reminders(cadence: Cadence) -> Phrase:
    if not cadence.reminders:
        return Phrase("不提醒", "no reminders")
    days = _listed(cadence.reminders), _listed_in_english(cadence.reminders)
    return Phrase(f"第{days[0]}个工作日提醒", f"reminders {days[1]} working days later")


def who(duty: Duty, cadence: Cadence) -> Phrase:
    """Who owes it."""
    if duty in BY_BODY:
        charged = Phrase("承办单位的人", "people of the implementing body")
    else:
        charged = Phrase("代表", "deputies") if duty is Duty.RECEPTION else Phrase("联系代表", "liaison deputies")
    owed = BY_WHOM[cadence.owed]
    return Phrase(f"{charged.zh}{owed.zh}", f"{charged.en}: {owed.en}")


def _listed(numbers: Sequence[int]) -> str:
    return "、".join(map(str, numbers))


def _listed_in_english(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


_VALUE: Mapping[str, Callable[[Cadence], Phrase]] = {
    "months": _months,
    "after_finish": _after_finish,
    "opens": lambda cadence: _day(cadence.opens_day),
    "notice": lambda cadence: Phrase(f"{cadence.notice}天", many(cadence.notice or 0, "day")),
    "due": due,
    "reminders": _reminders,
    "escalates_after": _escalates_after,
    "escalates_to": lambda cadence: ESCALATED[cadence.escalates_to],
    "on_working_days": lambda cadence: SHIFTED if cadence.on_working_days else NOT_SHIFTED,
    "at": lambda cadence: Phrase(f"{cadence.at:%H:%M}"),
    "quiet": _quiet,
}


# --- what is overdue


def overdue_head(count: int) -> Phrase:
    return Phrase(f"逾期没报的有 {count} 项：", f"{many(count, 'report is', 'reports are')} overdue:")


def overdue(one: Late, congress: str, today: date) -> Phrase:
    """A line about one of them: what, since when, and who owes it, with the numbers of those whom nothing reached."""
    days = (today - one.due_on).days
    number = Phrase(
        "" if one.project is None else f"第{one.project}号", "" if one.project is None else f"No. {one.project} "
    )
    about = number + Phrase(excerpt(one.title, 20) if one.project is not None else congress)
    what = report(one.duty, one.period)
    people = join(_person(*person) for person in one.owing) if one.owing else NOBODY_CHARGED
    return Phrase(
        f"{about.zh}（{what.zh}，逾期 {days} 天）：{people.zh}",
        f"{about.said('en')} ({what.said('en')}, {many(days, 'day')} late): {people.said('en')}",
    )


def _person(name: str, telephone: str, is_reached: bool) -> Phrase:
    known = Phrase(name) if name else Phrase("未留名", "no name")
    if is_reached:
        return known
    call = telephone or "没有电话"
    return Phrase(f"{known.zh}（通知不到，{call}）", f"{known.said('en')} (not reached, {telephone or 'no telephone'})")


def more_overdue(count: int) -> Phrase:
    return Phrase(f"还有 {count} 项，回复“督查情况”查看。", f"And {count} more: reply “supervision”.")


OVERDUE_NEXT = Phrase("回复“督查情况”查看和催办。", "Reply “supervision” to look closer, and to nudge.")
