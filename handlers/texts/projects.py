"""What is said about chosen projects, to the office and to their liaison deputies."""

from collections.abc import Sequence
from datetime import date

from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.pictures import calendar_day, money
from handlers.texts.words import excerpt, passage
from storage.domain.project_plan import Milestone
from storage.domain.project_stages import Approver, Refusal, Stage
from storage.liaisons import Left
from storage.projects import Description, Event, Project

STAGE = {
    Stage.CHOSEN: Phrase("已票决", "chosen"),
    Stage.BUILDING: Phrase("实施中", "being built"),
    Stage.FINISHED: Phrase("已完工", "finished"),
    Stage.STOPPED: Phrase("已终止", "stopped"),
}
FIELD = {
    "title": Phrase("名称", "title"),
    "content": Phrase("建设内容", "content"),
    "investment": Phrase("投资", "investment"),
    "body": Phrase("承办单位", "implementing body"),
    "leader": Phrase("负责人", "leader"),
    "deadline": Phrase("完成期限", "deadline"),
    "effect": Phrase("预期效果", "expected effect"),
    "cells": Phrase("建设地点", "where it is"),
}
APPROVER = {
    Approver.STANDING_COMMITTEE: Phrase("人大常委会", "the standing committee"),
    Approver.CONGRESS: Phrase("人民代表大会", "the congress"),
}
REFUSAL = {
    Refusal.NO_SUCH_MOVE: Phrase("这个项目现在不能这样办。", "That cannot follow the stage the project is in."),
    Refusal.NO_REASON: Phrase("需要写明原因。", "A reason is needed."),
    Refusal.NO_APPROVAL: Phrase(
        "票决过的内容要先经批准，请写批准文件。", "What was voted on changes by approval only: name its document."
    ),
    Refusal.WRONG_APPROVER: Phrase("批准的机关不对。", "That is not whose approval it takes."),
    Refusal.APPROVED_LATER: Phrase("批准日期不能在今天以后。", "An approval cannot be of a later day than today."),
}
EVENT = {
    Event.ADDED: Phrase("立项", "entered"),
    Event.STAGE: Phrase("环节", "stage"),
    Event.CHANGE: Phrase("变更", "changed"),
    Event.PLAN: Phrase("计划调整", "planned anew"),
}
LEFT = {
    Left.DECLINED: Phrase("本人辞去", "declined"),
    Left.RELEASED: Phrase("调整", "released"),
    Left.ROLE_ENDED: Phrase("不再是代表", "no longer a deputy"),
}

MENU = Phrase("民生实事项目", "Livelihood projects")
MENU_MINE = Phrase("我联系的项目", "My projects")

LIST = Phrase("回复数字查看：", "Reply with a number to read one:")
NO_PROJECTS = Phrase(
    "还没有项目。可以在这里录入第一个，也可以请运行维护人员用表格导入。",
    "There are no projects yet. Enter the first one here, or let the operator import a table.",
)
NEW = Phrase("录入新项目", "Enter a new project")
NO_CYCLE = Phrase("还没有开始的年度，不能录入项目。", "No year is open, so no project can be entered.")
SAME_TITLE = Phrase("这一年度已有同名项目。", "There is a project of that title this year already.")
TITLE_WHAT = Phrase("项目的名称是？", "What is the project called?")
CONTENT_WHAT = Phrase("建设内容是什么？", "What is to be built?")
INVESTMENT_WHAT = Phrase("投资多少？比如 46万。", "How much does it cost? Such as 460000.")
BODY_WHAT = Phrase("哪个单位承办？", "Which body builds it?")
LEADER_WHAT = Phrase("负责人是谁？没定就回复 1。", "Who leads it? Reply 1 if nobody is named yet.")
DEADLINE_WHAT = Phrase("哪天完成？比如 2026年11月30日。", "By which day? Such as 2026-11-30.")
EFFECT_WHAT = Phrase("预期效果是什么？不写就回复 1。", "What is it to bring? Reply 1 to leave it out.")
PLAN_LATER = Phrase("以后再写", "Later")
GAPS = Phrase("看谁还没有任务", "Who has no task yet")
NO_GAPS = Phrase("每个项目都有联系代表，每位代表都有项目。", "Every project has its deputies, every deputy a project.")

BEGIN = Phrase("开工", "Building begins")
FINISH = Phrase("完工", "It is finished")
STOP = Phrase("终止", "It is stopped")
RESUME = Phrase("恢复实施", "It goes on")
GROUP = Phrase("联系代表", "Liaison deputies")
CHANGE_IT = Phrase("变更项目内容", "Change the project")
MILESTONE = Phrase("节点完成", "A milestone is reached")
REPLAN = Phrase("调整计划", "Plan anew")
WHICH_MILESTONE = Phrase("哪个节点完成了？", "Which one is reached?")
NO_MILESTONES = Phrase("计划里没有未完成的节点。", "No milestone of the plan is still to come.")
REACHED_WHEN = Phrase("哪天完成的？比如 6月30日，或者“今天”。", "On which day? Such as 2026-06-01, or “today”.")
NEW_PLAN = Phrase(
    "请一次写完新的计划，每个节点写名称、日期、占比，比如：\n路基 6月1日 40%；路面 9月30日 90%",
    "Please write the whole plan at once, each milestone with its day and share, such as:\n"
    "roadbed 2026-06-01 40%; surface 2026-09-01 90%",
)
PLAN_WANTED = Phrase("请至少写一个节点，带上日期。", "Please write one milestone at least, with its day.")
REPLANNED = Phrase("计划已调整。", "The plan is changed.")
HISTORY = Phrase("看全部经过", "All that happened")
LEAVE = Phrase("回项目列表", "Back to the list")
TO_PROJECT = Phrase("回到这个项目", "Back to the project")

WHY = Phrase("原因是什么？", "For what reason?")
DOCUMENT = Phrase("批准文件的名称或文号？", "The name or number of the document?")
WHICH_FIELD = Phrase("变更哪一项？", "What is to be changed?")
KEPT = Phrase("没有变化，保持原样。", "That is what it is already.")

OTHERS = Phrase("选别的代表", "Somebody else")
WHICH_DEPUTY = Phrase("哪位代表？回复数字或姓名：", "Which deputy? Reply with a number or a name:")
NO_DEPUTIES = Phrase(
    "名册上没有别的代表了。回复“人员”看名册。", "There is no other deputy on the roster. Reply “people” to see it."
)
FULL = Phrase("每个项目最多 5 位联系代表，请先调整。", "A project has five liaison deputies at most.")
MINE = Phrase("您联系的项目，回复数字查看：", "Your projects; reply with a number to read one:")
MINE_NONE = Phrase("您现在没有联系的项目。", "You are charged with no project now.")
DECLINE = Phrase("我不便联系这个项目", "I cannot take this project")
DECLINE_WHY = Phrase("请说明原因，办公室会收到。", "Please say why; the office will read it.")
DECLINED = Phrase("办公室已收到，会另行安排。", "The office has it, and will ask somebody else.")


def list_head(shown: int) -> Phrase:
    return Phrase(
        f"这一页 {shown} 个项目，回复数字查看：", f"{many(shown, 'project')} here; reply with a number to read one:"
    )


def option(project: Project) -> Phrase:
    title, stage = excerpt(project.description.title, 20), STAGE[project.stage]
    return Phrase(
        f"{title}（第{project.number}号，{stage.zh}，{project.progress}%）",
        f"{title} (No. {project.number}, {stage.en}, {project.progress}%)",
    )


def card(
    project: Project,
    planned: int,
    places: Phrase,
    plan: Sequence[tuple[Milestone, date | None]],
    group: Sequence[tuple[str, str]],
) -> Phrase:
    """Everything about a project. `planned` is in per cent, `group` names and, for the office, telephones."""
    about = project.description
    head = Phrase(f"第{project.number}号　{about.title}", f"No. {project.number}: {about.title}")
    far = Phrase(
        f"{STAGE[project.stage].zh}，进度 {project.progress}%，计划 {planned}%",
        f"{STAGE[project.stage].en}, {project.progress}% done, {planned}% planned",
    )
    members = join(Phrase(f"{name} {telephone}".strip()) for name, telephone in group)
    given = _given(about, places)
    watched = _field(GROUP, members if group else Phrase("还没有", "none yet"))
    milestones = [milestone(one, reached) for one, reached in plan]
    return lines([head, far, *given, watched, *milestones])


def _given(about: Description, places: Phrase) -> list[Phrase]:
    """What the vote was about, as far as it is said."""
    fields = [
        ("content", passage(about.content) if about.content else Phrase("")),
        ("investment", Phrase("") if about.investment is None else money(about.investment)),
        ("body", Phrase(about.body)),
        ("leader", Phrase(about.leader)),
        ("deadline", calendar_day(about.deadline)),
        ("effect", passage(about.effect) if about.effect else Phrase("")),
        ("cells", places),
    ]
    return [_field(FIELD[name], value) for name, value in fields if value.zh]


def _field(name: Phrase, value: Phrase) -> Phrase:
    return Phrase(f"{name.zh}：{value.zh}", f"{name.en}: {value.said('en')}")


def milestone(one: Milestone, reached: date | None) -> Phrase:
    mark = "✓" if reached else "○"
    when = calendar_day(reached or one.planned_on)
    return Phrase(f"{mark} {one.title}：{when.zh}，{one.share}%", f"{mark} {one.title}: {when.en}, {one.share}%")


def places(names: Sequence[Phrase], count: int) -> Phrase:
    """Where a project is built: the first places by name, and how many there are."""
    listed = join(names)
    return listed if count == len(names) else listed + Phrase(f"等 {count} 处", f" and others, {count} in all")


def approved_on(approver: Approver) -> Phrase:
    return Phrase(
        f"{APPROVER[approver].zh}哪天批准的？比如 6月30日，或者“今天”。",
        f"On which day did {APPROVER[approver].en} approve? Such as 2026-06-01, or “today”.",
    )


def new_summary(about: Description, places: Phrase, plan: Sequence[Milestone]) -> Phrase:
    """All of a project that is about to be entered."""
    head = Phrase(f"请核对：\n{about.title}", f"Please check:\n{about.title}")
    return lines([head, *_given(about, places), *(milestone(one, None) for one in plan)])


def entered(number: int) -> Phrase:
    return Phrase(f"已录入，是第{number}号项目。", f"It is entered, as project {number}.")


def finish_sure(project: Project) -> Phrase:
    return Phrase(
        f"第{project.number}号项目已经全部完工了吗？完工后不再每月督查。",
        f"Is all of project {project.number} finished? It is inspected no longer then.",
    )


def reached(milestone: Milestone) -> Phrase:
    return Phrase(f"“{milestone.title}”已记为完成。", f"“{milestone.title}” is reached.")


def beyond(deadline: date) -> Phrase:
    when = calendar_day(deadline)
    return Phrase(
        f"节点不能晚于完成期限{when.zh}；期限要经批准才能变更。",
        f"No milestone may come after the deadline, {when.en}, which changes by approval only.",
    )


def moved(project: Project, then: Stage) -> Phrase:
    return Phrase(
        f"第{project.number}号项目已记为{STAGE[then].zh}。", f"Project {project.number} is {STAGE[then].en} now."
    )


def new_value(field: str) -> Phrase:
    return Phrase(f"新的{FIELD[field].zh}是？", f"What is the {FIELD[field].en} now?")


def changed(project: Project, field: str) -> Phrase:
    return Phrase(
        f"第{project.number}号项目的{FIELD[field].zh}已变更。",
        f"The {FIELD[field].en} of project {project.number} is changed.",
    )


def event(day: Phrase, kind: Event, what: Phrase, why: str, founded: Phrase, who: str) -> Phrase:
    """A line of the history; `who` did it, empty for a file that was imported."""
    said = EVENT[kind] + (Phrase(f"：{what.zh}", f": {what.said('en')}") if what.zh else Phrase(""))
    because = Phrase(f"，原因：{why}", f", because: {why}") if why else Phrase("")
    by = Phrase(f"，依据：{founded.zh}", f", by {founded.said('en')}") if founded.zh else Phrase("")
    name = Phrase(f"（{who}）", f" ({who})") if who else Phrase("")
    return day + Phrase(" ") + said + name + because + by


def founded(approver: Approver, decided_on: date, document: str) -> Phrase:
    when = calendar_day(decided_on)
    return Phrase(f"{APPROVER[approver].zh}{when.zh}{document}", f"{APPROVER[approver].en}, {when.en}, {document}")


def member_history(name: str, since: Phrase, until: Phrase, how: Left | None, why: str) -> Phrase:
    """A line about somebody who is, or was, charged with a project."""
    if how is None:
        return Phrase(f"{since.zh}起 联系代表 {name}", f"{name}, liaison deputy since {since.said('en')}")
    reason = Phrase(f"：{why}", f": {why}") if why else Phrase("")
    left = Phrase(
        f"{since.zh}—{until.zh} {name}（{LEFT[how].zh}",
        f"{name}, {since.said('en')} to {until.said('en')} ({LEFT[how].en}",
    )
    return left + reason + Phrase("）", ")")


def add_proposed(names: Sequence[str]) -> Phrase:
    return Phrase(f"按就近推荐：{'、'.join(names)}", f"As proposed by nearness: {', '.join(names)}")


def release(name: str) -> Phrase:
    return Phrase(f"不再由 {name} 联系", f"{name} no longer")


def release_sure(name: str) -> Phrase:
    return Phrase(
        f"确定不再由 {name} 联系这个项目吗？本人马上会收到通知。",
        f"Is {name} to be charged with it no longer? They are told at once.",
    )


def group_of(project: Project, names: Sequence[str]) -> Phrase:
    listed = "、".join(names) if names else "还没有"
    return Phrase(
        f"第{project.number}号项目的联系代表：{listed}",
        f"Liaison deputies of project {project.number}: {', '.join(names) if names else 'none yet'}",
    )


def charged(project: Project, congress: str) -> Phrase:
    """To somebody who has just been charged with a project."""
    about = project.description
    return Phrase(
        f"{congress}请您联系第{project.number}号项目“{about.title}”（{about.body}承办）。回复“我的项目”查看。",
        f"{congress} charges you with project {project.number}, “{about.title}”. Reply “my projects” to read it.",
    )


def released(project: Project) -> Phrase:
    return Phrase(
        f"第{project.number}号项目“{project.description.title}”改由别的代表联系，感谢您。",
        f"Project {project.number}, “{project.description.title}”, is no longer yours. Thank you.",
    )


def declined_to_office(name: str, project: Project, why: str) -> Phrase:
    return Phrase(
        f"{name} 不便联系第{project.number}号项目“{project.description.title}”：{why}\n回复“项目”另行安排。",
        f"{name} cannot take project {project.number}, “{project.description.title}”: {why}\nReply “projects”.",
    )


def gaps(deputies: Sequence[str], numbers: Sequence[int]) -> Phrase:
    """Which deputies have no project, and which projects too few deputies."""
    idle = Phrase(f"还没有项目的代表：{'、'.join(deputies)}", f"Deputies without a project: {', '.join(deputies)}")
    alone = Phrase(
        f"联系代表不足 2 位的项目：{'、'.join(f'第{number}号' for number in numbers)}",
        f"Projects with fewer than 2 deputies: {', '.join(map(str, numbers))}",
    )
    return lines([idle if deputies else Phrase(""), alone if numbers else Phrase("")])
