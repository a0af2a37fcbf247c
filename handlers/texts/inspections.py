"""What is said to those who report about projects: what they owe, the questions of a report, and what follows."""

from collections.abc import Mapping, Sequence
from datetime import date

from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.rectifications import SEVERITY
from handlers.texts.words import excerpt, half_name, month_name, passage, quarter_name
from storage.domain.cadence import BY_BODY, Duty
from storage.domain.rectification_stages import Severity
from storage.notes import Nearness, New, Part, Standing
from storage.projects import Project

STANDING = {
    Standing.ON_PLAN: Phrase("按计划进行", "on plan"),
    Standing.SLOW: Phrase("比计划慢", "behind plan"),
    Standing.STOPPED: Phrase("停工了", "at a standstill"),
    Standing.FINISHED: Phrase("已经完工", "finished"),
    Standing.UNABLE: Phrase("本月无法督查", "cannot be inspected this month"),
}
_LOOKED_BACK = {
    Standing.ON_PLAN: Phrase("正常使用", "in good use"),
    Standing.SLOW: Phrase("有毛病", "has its faults"),
    Standing.STOPPED: Phrase("已经停用", "out of use"),
    Standing.UNABLE: Phrase("这次无法去看", "could not be looked at"),
}
REPORT = {
    Duty.INSPECTION: Phrase("督查", "inspection"),
    Duty.DISPATCH: Phrase("调度报告", "quarterly report"),
    Duty.HALF_YEAR: Phrase("半年报告", "half-year report"),
    Duty.PRE_ASSESSMENT: Phrase("年底预评估", "pre-assessment"),
    Duty.QUESTIONS: Phrase("三问", "three questions"),
    Duty.RECEPTION: Phrase("代表接待日", "reception day"),
    Duty.LOOK_BACK: Phrase("回头看", "look back"),
}
NEARNESS = {
    Nearness.INSIDE: Phrase("在项目现场", "at the project"),
    Nearness.NEAR: Phrase("在项目附近", "near the project"),
    Nearness.FAR: Phrase("离项目较远", "far from the project"),
}
PART = {
    Part.LED: Phrase("带队", "leading"),
    Part.CAME: Phrase("同行", "with them"),
    Part.EXPERT: Phrase("专家", "experts"),
}

# --- what is owed

MENU = Phrase("我的督查", "My reports")
DRAFT = Phrase("没写完的督查", "An unfinished report")
WRITE = Phrase("写督查", "Report of an inspection")
NOTHING_OWED = Phrase(
    "您现在没有要报的督查。想主动记一次，请回复“写督查”。",
    "You owe no report now. To make one all the same, reply “inspect”.",
)
NOTHING_OWED_BY_BODY = Phrase(
    "您现在没有要报的。看要整改的问题，请回复“整改”。",
    "You owe no report now. To see what is to be put right, reply “rectifications”.",
)
NOTHING_LEFT = Phrase("这些都已经有人报过了，您不用再报。", "All of these have been reported by now: nothing is left.")
ANSWERED_MEANWHILE = Phrase("这一项刚刚有人报过了。", "That one has just been reported.")
ALL_REPORTED = Phrase("您现在没有要报的了。", "You owe nothing else now.")
WHEN_YOU_LIKE = Phrase("不急，有空再报就行。", "There is no hurry: report when you have the time.")
NO_PROJECTS = Phrase("现在没有实施中的项目。", "No project is being built now.")
OTHER_PROJECTS = Phrase("别的项目", "Another project")
WHICH_PROJECT = Phrase("要写哪个项目？", "Which project is it about?")

# --- the questions

_HOW = Phrase("现在进展怎么样？", "How does it stand?")
TOGETHER = Phrase("我们几个人一起来的", "Several of us came")
COMPANY = Phrase(
    "还有谁一起来？回复数字或姓名，几个人用顿号隔开；专家请写成“专家张三”。",
    "Who came with you? Reply with numbers or names, with commas between them; an expert as “expert:Wang”.",
)
WHO_LED = Phrase("谁带队？", "Who led?")
I_LED = Phrase("我带队", "I did")
UNABLE_WHY = Phrase("请用一句话说说原因，办公室会看到。", "Please say why in one sentence; the office will read it.")
PHOTOS = Phrase(
    "请发现场照片，可以一次发几张；没有就回复 1。", "Please send photos, several at once if you like, or 1."
)
WHERE = Phrase("请发一下您现在的位置，不方便就回复 1。", "Please share your location, or reply 1 to leave it out.")
PROBLEMS = Phrase("发现什么问题没有？", "Did you find any problem?")
SATISFIED = Phrase("到目前为止，您满意吗？", "Are you satisfied so far?")
ARE_SATISFIED = Phrase("满意", "Yes")
NOT_SATISFIED = Phrase("不满意", "No")
HELD = Phrase("接待了群众", "I received residents")
NOBODY_CAME = Phrase("到场了，没有群众来", "I was there, and nobody came")
NOT_HELD = Phrase("这次没能接待", "I could not")
RECEIVED = Phrase("接待了几位群众？回复数字，比如 3。", "How many residents came? Reply with a number such as 3.")
TOO_MANY_RECEIVED = Phrase("人数太多了，请再核对。", "That is too many. Please check it.")

_SAW = Phrase("您看到了什么？写一两句，也可以发语音。", "What did you see? A sentence or two, or a voice message.")
_DID = Phrase(
    "这段时间做了什么，下一步做什么？写一两句，也可以发语音。",
    "What was done, and what comes next? A sentence or two, or a voice message.",
)
_SAID = Phrase("群众说了什么？写一两句，也可以发语音。", "What did they say? A sentence or two, or a voice message.")
_WHAT = {
    Duty.INSPECTION: _SAW,
    Duty.DISPATCH: _DID,
    Duty.HALF_YEAR: _DID,
    Duty.RECEPTION: _SAID,
    Duty.PRE_ASSESSMENT: Phrase(
        "年底能按要求建成吗？质量、效果怎么样？写一两句，也可以发语音。",
        "Will it be done as promised by the end of the year, and how well? A sentence or two, or a voice message.",
    ),
    Duty.LOOK_BACK: Phrase(
        "群众用得上吗？有人管护吗？写一两句，也可以发语音。",
        "Do people use it, and does somebody look after it? A sentence or two, or a voice message.",
    ),
}
# 三问: what is asked in the first months of the year, in its middle and at its end (DOMAIN, step 5).
_QUESTIONS = (
    (
        4,
        Phrase("年初问计划", "questions about the plan"),
        Phrase(
            "计划定了吗？资金和人员到位了吗？写一两句，也可以发语音。",
            "Is the plan made, are money and people there? A sentence or two, or a voice message.",
        ),
    ),
    (
        9,
        Phrase("年中问进度", "questions about progress"),
        Phrase(
            "进度跟得上吗？卡在哪里？写一两句，也可以发语音。",
            "Does it keep up, and what holds it back? A sentence or two, or a voice message.",
        ),
    ),
    (
        12,
        Phrase("年末问结果", "questions about the result"),
        Phrase(
            "结果怎么样？群众认可吗？写一两句，也可以发语音。",
            "What has come of it, and do people approve? A sentence or two, or a voice message.",
        ),
    ),
)
_QUARTERS = "一二三四"

# --- what follows

NO_LONGER_OWED = Phrase(
    "这一期已经有人报过，或者已经截止，您这份也留着，作补充。",
    "That one has been reported meanwhile, or its time is over; yours is kept beside it.",
)
CORRECTABLE = Phrase("写错了不要紧，24 小时内回复“改督查”。", "To correct anything, reply “correct” within 24 hours.")


def report(duty: Duty, period: str) -> Phrase:
    """What a report is called; `period` as 2026-09, or empty for one that nobody asked for."""
    if not period:
        return REPORT[duty]
    month = int(period[5:])
    match duty:
        case Duty.INSPECTION | Duty.RECEPTION:
            return Phrase(f"{month}月{REPORT[duty].zh}", f"{REPORT[duty].en} of {month_name(period)}")
        case Duty.DISPATCH:
            return Phrase(
                f"{_QUARTERS[(month - 1) // 3]}季度{REPORT[duty].zh}",
                f"{REPORT[duty].en}, {quarter_name(period[:4], (month + 2) // 3)}",
            )
        case Duty.HALF_YEAR:
            return Phrase(
                "上半年报告" if month <= 6 else "下半年报告",
                f"{REPORT[duty].en}, {half_name(period[:4], (month + 5) // 6)}",
            )
        case Duty.QUESTIONS:
            return _question(month)[0]
    return REPORT[duty]


def _question(month: int) -> tuple[Phrase, Phrase]:
    return next((name, asked) for until, name, asked in _QUESTIONS if month <= until)


def what(duty: Duty, period: str) -> Phrase:
    """What is to be said in a report, as it is asked."""
    if duty is Duty.QUESTIONS:
        return _question(int(period[5:]))[1] if period else _SAW
    return _WHAT[duty]


def owed_head(count: int) -> Phrase:
    return Phrase(
        f"您现在有 {count} 项要报，回复数字开始：",
        f"You owe {many(count, 'report')} now; reply with a number to begin:",
    )


def owed(about: str, name: Phrase, due_on: date, today: date) -> Phrase:
    """A line of what is owed."""
    title = excerpt(about, 20)
    if due_on < today:
        late = (today - due_on).days
        return Phrase(f"{title}：{name.zh}，已过期 {late} 天", f"{title}: {name.en}, {many(late, 'day')} late")
    when = Phrase(f"{due_on.month}月{due_on.day}日前", f"by {due_on.isoformat()}")
    return Phrase(f"{title}：{name.zh}，{when.zh}", f"{title}: {name.en}, {when.en}")


def choose_due(count: int) -> Phrase:
    numbers = " 1" if count == 1 else f" 1 到 {count} 的数字"
    return Phrase(
        f"请回复{numbers}，一项一项来；要办别的事，请回复“菜单”。",
        f"Please reply with a number, {'1' if count == 1 else f'1 to {count}'}; for anything else, “menu”.",
    )


def about(project: Project, name: Phrase, due_on: date | None) -> Phrase:
    """What a report is about."""
    until = Phrase(f"，{due_on.month}月{due_on.day}日前", f", by {due_on.isoformat()}") if due_on else Phrase("")
    title = project.description.title
    return Phrase(f"第{project.number}号　{title}（{name.zh}", f"No. {project.number}: {title} ({name.en}") + Phrase(
        f"{until.zh}）", f"{until.en})"
    )


def far(planned: int, last: int) -> Phrase:
    return Phrase(f"计划进度 {planned}%，上次报的 {last}%。", f"Planned {planned}%, last reported {last}%.")


def how(duty: Duty) -> Phrase:
    if duty is Duty.LOOK_BACK:
        return Phrase("建成的项目现在怎么样？", "How is it now that it is built?")
    return _HOW


def standings(duty: Duty) -> Mapping[Standing, Phrase]:
    """What may be said of how a project stands."""
    if duty is Duty.LOOK_BACK:
        return _LOOKED_BACK
    return {one: label for one, label in STANDING.items() if one is not Standing.UNABLE or duty not in BY_BODY}


def progress(planned: int, last: int) -> Phrase:
    return Phrase(
        f"完成了百分之几？回复数字，比如 35；没变化就回复“一样”。（计划 {planned}%，上次 {last}%）",
        "How many per cent are done? Reply with a number such as 35, or “same” if nothing changed. "
        f"(Planned {planned}%, last time {last}%.)",
    )


def near(nearness: Nearness | None) -> Phrase:
    """What follows from the place that was shared."""
    match nearness:
        case Nearness.FAR:
            return Phrase(
                "位置收到了，离项目有点远，没关系，照样记下。",
                "Your location is here; it is rather far from the project, which does not matter.",
            )
        case Nearness.INSIDE | Nearness.NEAR:
            where = NEARNESS[nearness]
            return Phrase(f"位置收到了，您{where.zh}。", f"Your location is here: you are {where.en}.")
    return Phrase("")


def with_reason(said: str, less: str) -> Phrase:
    """The words of a report, with the reason why progress is less than it was."""
    return lines([Phrase(said), Phrase(f"进度变少的原因：{less}", f"Why it is less: {less}") if less else Phrase("")])


def reception(congress: str, name: Phrase) -> Phrase:
    return Phrase(f"{congress} {name.zh}：您接待群众了吗？", f"{congress}, {name.en}: did you receive residents?")


def summary(
    project: Project | None,
    new: New,
    photos: int,
    problems: Sequence[tuple[Severity, str]],
    people: Sequence[tuple[Part, str]],
) -> Phrase:
    """All of a report that is about to be made."""
    title = Phrase(project.description.title) if project else REPORT[new.kind]
    head = Phrase(f"请核对：{title.zh}", f"Please check: {title.said('en')}")
    return lines(
        [
            head,
            *findings(new),
            _field(Phrase("照片", "photos"), Phrase(f"{photos} 张", str(photos))),
            *(
                _field(
                    Phrase("问题", "problem"),
                    Phrase(f"{excerpt(text)}（{SEVERITY[severity].zh}）", f"{excerpt(text)} ({SEVERITY[severity].en})"),
                )
                for severity, text in problems
            ),
            *company(people),
        ]
    )


def findings(new: New) -> list[Phrase]:
    """What a report says, as far as it says it, a line each."""
    found = []
    if new.standing:
        found.append(_field(Phrase("进展", "stands"), standings(new.kind).get(new.standing, STANDING[new.standing])))
    if new.progress is not None:
        far = Phrase(f"{new.progress}%")
        if new.planned is not None:
            far += Phrase(f"（计划 {new.planned}%）", f" (planned {new.planned}%)")
        found.append(_field(Phrase("进度", "done"), far))
    if new.received is not None:
        found.append(_field(Phrase("接待", "received"), Phrase(f"{new.received} 人", str(new.received))))
    if new.text:
        found.append(_field(Phrase("情况", "said"), passage(new.text)))
    if new.nearness:
        found.append(_field(Phrase("位置", "place"), NEARNESS[new.nearness]))
    if new.satisfied is not None:
        found.append(_field(Phrase("评价", "satisfied"), ARE_SATISFIED if new.satisfied else NOT_SATISFIED))
    return found


def company(people: Sequence[tuple[Part, str]]) -> list[Phrase]:
    """Who took part, a line for each part."""
    parts = [(part, [name for one, name in people if one is part]) for part in Part]
    return [_field(PART[part], join(map(Phrase, named))) for part, named in parts if named]


def _field(name: Phrase, value: Phrase) -> Phrase:
    return Phrase(f"{name.zh}：{value.zh}", f"{name.en}: {value.said('en')}")


def thanks(project: Project | None, new: New) -> Phrase:
    name = REPORT[new.kind]
    if project is None:
        return Phrase(f"谢谢您！{name.zh}的情况已记下。", f"Thank you! It is noted ({name.en}).")
    title = project.description.title
    return Phrase(f"谢谢您！“{title}”的{name.zh}已记下。", f"Thank you! It is noted: {name.en} of “{title}”.")


def handed_over(count: int) -> Phrase:
    if not count:
        return Phrase("")
    return Phrase(
        f"{count} 个问题已交给承办单位，整改好了会请您确认。",
        f"{many(count, 'problem is', 'problems are')} with the implementing body; "
        "you will be asked to confirm what is solved.",
    )


def ended_meanwhile(project: Project) -> Phrase:
    """The project was finished or stopped while the report was being made."""
    return Phrase(
        f"第{project.number}号项目刚刚结束，您报的进度只记在这份督查里。",
        f"Project {project.number} has just come to its end; the progress you told stands in your report only.",
    )


def to_office(name: str, project: Project | None, new: New) -> Phrase:
    """To the office: what it may have to act on."""
    standing = standings(new.kind).get(new.standing, STANDING[new.standing]) if new.standing else Phrase("")
    title = f"第{project.number}号项目“{project.description.title}”" if project else REPORT[new.kind].zh
    english = f"project {project.number}, “{project.description.title}”" if project else REPORT[new.kind].en
    said = f"：{excerpt(new.text, 100)}" if new.text else ""
    if new.standing is Standing.FINISHED:
        more = Phrase("\n核实以后，请在“项目”里记为完工。", "\nOnce you have checked it, note it under “projects”.")
    else:
        more = Phrase("")
    return Phrase(f"{name} 报告：{title}{standing.zh}{said}", f"{name} reports: {english}: {standing.en}{said}") + more


def named(name: str, project: Project) -> Phrase:
    """To somebody who is said to have come along."""
    title = project.description.title
    return Phrase(
        f"{name} 记下了和您一起督查第{project.number}号项目“{title}”。如果不对，请告诉办公室。",
        f"{name} has noted that you inspected project {project.number}, “{title}”, with them. "
        "If that is wrong, please tell the office.",
    )
