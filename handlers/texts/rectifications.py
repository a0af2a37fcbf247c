"""What is said about problems that were handed over: to the implementing body, to deputies and to the office."""

from collections.abc import Sequence
from datetime import date

from handlers.texts.phrase import Phrase, lines, many
from handlers.texts.pictures import calendar_day
from handlers.texts.words import excerpt, passage
from storage.domain.project_plan import Milestone
from storage.domain.rectification_stages import Refusal, Severity, Stage
from storage.rectifications import Kind, Rectification

SEVERITY = {
    Severity.MINOR: Phrase("一般", "minor"),
    Severity.SERIOUS: Phrase("较重", "serious"),
    Severity.URGENT: Phrase("紧急", "urgent"),
}
STAGE = {
    Stage.HANDED: Phrase("已交办", "handed over"),
    Stage.ACCEPTED: Phrase("已受理", "accepted"),
    Stage.PLANNED: Phrase("整改中", "being put right"),
    Stage.DONE: Phrase("待确认", "reported done"),
    Stage.SENT_BACK: Phrase("已退回", "sent back"),
    Stage.CLOSED: Phrase("已销号", "closed"),
}
LATE = Phrase("进度滞后，要说明原因、拿出新计划", "late: an explanation and a new plan are owed")
REFUSAL = {
    Refusal.NO_SUCH_MOVE: Phrase("刚有人先办了，请再看一遍。", "Somebody was faster. Please look again."),
    Refusal.NOT_YOURS: Phrase("这一步不归您办。", "That step is not yours."),
    Refusal.NO_WORDS: Phrase("需要写几个字说明。", "A few words are needed."),
    Refusal.NO_DAY: Phrase("需要写明日期。", "A day is needed."),
    Refusal.DAY_PAST: Phrase("那一天已经过了，请再核对。", "That day is past. Please check it."),
    Refusal.BEYOND_DUE: Phrase(
        "不能晚于整改期限；来不及请找人大办公室延期。",
        "It may not come after the due date; ask the congress office to move that.",
    ),
    Refusal.NO_DEPUTY: Phrase("销号要有代表确认。", "A deputy has to confirm it."),
}

MENU = Phrase("问题整改", "Rectifications")
AS_WHOM = Phrase("看哪一类？", "Which ones?")
AS_BODY = Phrase("我单位要办的", "What my body has to put right")
AS_DEPUTY = Phrase("等我确认的", "What I am to confirm")
AS_STAFF = Phrase("全部整改（办公室）", "All of them (office)")

BODY_NONE = Phrase("现在没有要整改的问题。", "There is nothing to put right now.")
DEPUTY_NONE = Phrase("现在没有等您确认的整改。", "Nothing waits for your confirmation now.")
STAFF_NONE = Phrase("没有符合的整改。", "There is no such rectification.")
PRESSING_NONE = Phrase("现在没有要催办的整改。", "No rectification is pressing now.")

ACT = {
    Stage.ACCEPTED: Phrase("受理", "Accept"),
    Stage.PLANNED: Phrase("定完成日期", "Say by which day"),
    Stage.DONE: Phrase("已整改，报请确认", "It is done"),
    Stage.CLOSED: Phrase("确认整改到位，销号", "It is put right: close it"),
    Stage.SENT_BACK: Phrase("退回重办", "Send it back"),
}
RECORD = {
    Stage.ACCEPTED: Phrase("代记：承办单位已受理", "Record: the body accepts it"),
    Stage.PLANNED: Phrase("代记：承办单位定了日期", "Record: the body's day"),
    Stage.DONE: Phrase("代记：承办单位已整改", "Record: the body has done it"),
    Stage.CLOSED: Phrase("代记：代表书面确认销号", "Record: a deputy confirmed it on paper"),
    Stage.SENT_BACK: Phrase("代记：代表退回", "Record: a deputy sends it back"),
}
_MOVED = {
    Stage.ACCEPTED: Phrase("已受理", "is accepted"),
    Stage.PLANNED: Phrase("的完成日期已记下", "has its day"),
    Stage.DONE: Phrase("已报请代表确认", "is reported done; a deputy is asked to confirm it"),
    Stage.CLOSED: Phrase("已销号", "is closed"),
    Stage.SENT_BACK: Phrase("已退回重办", "goes back to the body"),
}
EXPLAIN_ACT = Phrase("说明原因，报新计划", "Explain, and give a new plan")
FILES = Phrase("看照片和附件", "Show photos and files")
HISTORY = Phrase("看全部经过", "All that happened")
LEAVE = Phrase("回列表", "Back to the list")
CHANGE_DUE = Phrase("改整改期限", "Move the due date")
HAND_OVER = Phrase("交办新问题", "Hand over a problem")

ALL_OPEN = Phrase("没办结的", "All open ones")
OVERDUE = Phrase("已超期的", "Overdue ones")
WAITING = Phrase("等代表确认的", "Waiting for a deputy")
BY_PROJECT = Phrase("按项目", "By project")
BY_BODY = Phrase("按承办单位", "By body")
CLOSED_ONES = Phrase("已销号的", "Closed ones")

WHAT_DONE = Phrase("怎么整改的？一句话就行。", "What was done? One sentence will do.")
PHOTOS = Phrase("请发整改后的照片。", "Please send photos of how it is now.")
EXPLAIN = Phrase("为什么没跟上计划？", "Why is it behind its plan?")
SENT_BACK_WHY = Phrase("还有什么没到位？承办单位会收到。", "What is still missing? The body will read it.")
CLOSE_SURE = Phrase("确认已经整改到位，可以销号吗？", "Is it really put right, and may be closed?")
WHICH_DEPUTY = Phrase("哪位代表确认的？回复数字或姓名：", "Which deputy? Reply with a number or a name:")
NO_DEPUTIES = Phrase("名册上没有代表，不能代记确认。", "There is no deputy on the roster who could confirm.")
NEW_DUE = Phrase("期限改到哪天？比如 6月30日。", "By which day now? Such as 2026-06-30.")
DUE_WHY = Phrase("为什么改期？", "For what reason?")
WHICH_PROJECT = Phrase("哪个项目？", "Which project?")
WHICH_BODY = Phrase("哪个单位？", "Which body?")
WHICH_SEVERITY = Phrase("有多重？", "How grave is it?")
PROBLEM_WHAT = Phrase("什么问题？写清哪里、怎么了。", "What is wrong, and where?")
PROBLEM_PHOTOS = Phrase("有照片吗？", "Are there photos?")

EXPLAINED = Phrase("说明和新计划已报人大，等代表确认。", "It is reported; a deputy is asked to confirm it.")
BEYOND_DEADLINE = Phrase(
    "新计划超过了完成期限，先记下；期限要经批准才能变更。",
    "The new plan goes beyond the deadline: it is noted, but the deadline changes by approval only.",
)


def option(one: Rectification, today: date) -> Phrase:
    what = _what(one, 18)
    state, due = STAGE[one.stage], _due(one, today)
    return Phrase(
        f"{what.zh}（第{one.number}号，{SEVERITY[one.severity].zh}，{state.zh}，{due.zh}）",
        f"{what.said('en')} (No. {one.number}, {SEVERITY[one.severity].en}, {state.en}, {due.en})",
    )


def office_option(one: Rectification, today: date) -> Phrase:
    body = excerpt(one.body, 12)
    return Phrase(f"{body}：", f"{body}: ") + option(one, today)


def _what(one: Rectification, most: int) -> Phrase:
    if one.kind is Kind.LATE:
        return Phrase(f"{excerpt(one.title, most)}进度滞后", f"{excerpt(one.title, most)} is late")
    return Phrase(excerpt(one.text, most))


def _due(one: Rectification, today: date) -> Phrase:
    when = Phrase(f"{one.due_on:%-m月%-d日}", f"{one.due_on}")
    if one.stage is Stage.CLOSED:
        return Phrase(f"期限{when.zh}", f"due {when.en}")
    late = (today - one.due_on).days
    if one.is_overdue(today):
        return Phrase(f"期限{when.zh}，超期 {late} 天", f"due {when.en}, {many(late, 'day')} overdue")
    return Phrase(f"期限{when.zh}", f"due {when.en}")


def card(one: Rectification, today: date) -> Phrase:
    """A problem as it stands."""
    severity, stage = SEVERITY[one.severity], STAGE[one.stage]
    head = Phrase(
        f"整改第{one.number}号（{severity.zh}，{stage.zh}）",
        f"Rectification {one.number} ({severity.en}, {stage.en})",
    )
    project = Phrase(f"第{one.project}号项目　{one.title}", f"Project {one.project}: {one.title}")
    body = Phrase(f"承办单位：{one.body}", f"Body: {one.body}")
    is_late = one.kind is Kind.LATE
    said = [LATE if is_late else Phrase(""), passage(one.text) if one.text or not is_late else Phrase("")]
    planned = _until("承办单位定的日期：", "The body's own day: ", one.planned_on)
    return lines([head, project, body, *said, _due(one, today), planned])


def event(
    on: Phrase, stage: Stage, name: str, words: str, planned_on: date | None, due_on: date | None, *, is_due: bool
) -> Phrase:
    """A line of the history. `is_due`: only the due date was moved."""
    what = Phrase("改期", "due date moved") if is_due else STAGE[stage]
    by = Phrase(f"（{name}）", f" ({name})") if name else Phrase("")
    because = Phrase(f"：{words}", f": {words}") if words else Phrase("")
    planned = _until("，定于", ", by ", planned_on)
    return on + Phrase(" ") + what + by + because + planned + _until("，期限", ", due ", due_on)


def _until(chinese: str, english: str, day: date | None) -> Phrase:
    if day is None:
        return Phrase("")
    when = calendar_day(day)
    return Phrase(chinese + when.zh, english + when.en)


def body_list(count: int) -> Phrase:
    return Phrase(
        f"您单位有 {count} 件整改要办，回复数字办理：",
        f"{many(count, 'rectification lies', 'rectifications lie')} with your body; reply with a number:",
    )


def deputy_list(count: int) -> Phrase:
    return Phrase(
        f"有 {count} 件整改报请您确认，回复数字查看：",
        f"{many(count, 'rectification waits', 'rectifications wait')} for you; reply with a number:",
    )


def office_list(shown: int) -> Phrase:
    return Phrase(
        f"这一页 {shown} 件整改，回复数字查看：",
        f"{many(shown, 'rectification')} here; reply with a number to read one:",
    )


def pressing_list(count: int) -> Phrase:
    return Phrase(
        f"有 {count} 件整改要催办，回复数字查看：",
        f"{many(count, 'rectification')} to press; reply with a number:",
    )


def nobody_hears(one: Rectification) -> Phrase:
    """To the office: nobody with whom it lies can be written to."""
    if one.stage is Stage.DONE:
        return Phrase(
            "没有联系得上的代表可以确认，请联系代表，或代记书面确认。",
            "No deputy can be written to about it. Please ask one, or record what they confirm on paper.",
        )
    return Phrase(
        f"“{one.body}”没有联系得上的人，请电话通知，并代记办理情况。",
        f"Nobody of “{one.body}” can be written to. Please call them, and record what they do.",
    )


def planned_when(one: Rectification) -> Phrase:
    due = calendar_day(one.due_on)
    return Phrase(
        f"哪天能整改好？最晚{due.zh}。比如 6月30日，或者“今天”。",
        f"By which day, at the latest {due.en}? Such as 2026-06-30, or “today”.",
    )


def moved(one: Rectification, then: Stage, planned_on: date | None) -> Phrase:
    """After a step; `planned_on` is the body's own day, where it has just told it."""
    until = _until("，定于", ", by ", planned_on)
    return (
        Phrase(f"整改第{one.number}号{_MOVED[then].zh}", f"Rectification {one.number} {_MOVED[then].en}")
        + until
        + Phrase("。", ".")
    )


def due_changed(one: Rectification, due: date) -> Phrase:
    when = calendar_day(due)
    return Phrase(f"整改第{one.number}号的期限改到{when.zh}。", f"Rectification {one.number} is due on {when.en} now.")


def handed_over(one: Rectification) -> Phrase:
    when = calendar_day(one.due_on)
    return Phrase(
        f"已交“{one.body}”整改，是第{one.number}号，期限{when.zh}。",
        f"“{one.body}” has it as rectification {one.number}, due on {when.en}.",
    )


def closed_to_body(one: Rectification) -> Phrase:
    return Phrase(
        f"整改第{one.number}号（{one.title}）代表已确认，销号了。",
        f"A deputy has confirmed rectification {one.number} ({one.title}); it is closed.",
    )


def explained_to_office(one: Rectification, why: str, plan: str, *, beyond: bool) -> Phrase:
    """To the office, which alone may ask for another deadline."""
    head = Phrase(
        f"“{one.body}”说明了第{one.project}号项目“{one.title}”滞后的原因：{why}\n新计划：{plan}",
        f"“{one.body}” explains why project {one.project}, “{one.title}”, is late: {why}\nIts new plan: {plan}",
    )
    return lines([head, BEYOND_DEADLINE if beyond else Phrase("")])


def plan_in_words(plan: Sequence[Milestone]) -> str:
    """As it may be written again."""
    return "；".join(f"{one.title} {one.planned_on} {one.share}%" for one in plan)


def explanation(why: str, plan: str) -> Phrase:
    """What the body says, as it is kept."""
    return Phrase(f"{why}\n新计划：{plan}", f"{why}\nNew plan: {plan}")


def files_shown(count: int) -> Phrase:
    return Phrase(f"{count} 个附件：", f"{many(count, 'file')}:")
