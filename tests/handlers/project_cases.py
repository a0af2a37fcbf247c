"""The questions about projects (see tests.handlers.test_numbers)."""

from handlers.texts import projects as texts
from handlers.texts.questions import where_inside
from storage.domain.project_stages import Stage
from tests.handlers.scenes import Case, Label, Scene

READ = ("项目", "第一中心小学食堂")
CHANGE = (*READ, "变更项目内容")
STOP = (*READ, "终止")
PROJECT = 1


def _both(scene: Scene) -> None:
    with scene.town.store() as store:
        store.liaisons.assign(2, [scene.place.deputy])


NEW = ("项目", "录入新项目")
TOLD = (*NEW, "敬老院食堂", "改造 200 平方米", "46万", "镇民政办", "何静", "2026-11-30", "方便老人")

PROJECT_CASES: dict[str, Case] = {
    "new_project.new_project:title": Case("staff", NEW, "3", texts.CONTENT_WHAT.zh),
    "new_project.new_project:content": Case("staff", TOLD[:3], "3", texts.INVESTMENT_WHAT.zh),
    "new_project.new_project:investment": Case(
        "staff", TOLD[:4], "1", lambda scene: scene.state.answers["investment"] is None
    ),
    "new_project.new_project:body": Case("staff", TOLD[:5], "3", texts.LEADER_WHAT.zh),
    "new_project.new_project:leader": Case("staff", TOLD[:6], "1", texts.DEADLINE_WHAT.zh),
    "new_project.new_project:deadline": Case(
        "staff", TOLD[:7], lambda scene: scene.person.says("2026-11-30"), texts.EFFECT_WHAT.zh
    ),
    "new_project.new_project:effect": Case("staff", TOLD[:8], "1", where_inside("柳河镇").zh),
    "new_project.new_project:where": Case("staff", TOLD, Label("杨柳村"), where_inside("杨柳村").zh),
    "new_project.new_project:plan": Case("staff", (*TOLD, "柳树湾"), "1", "请核对："),
    "new_project.new_project:*confirm": Case(
        "staff", (*TOLD, "柳树湾", "1"), "1", lambda scene: scene.project(4).description.title == "敬老院食堂"
    ),
    "projects.projects:which": Case("staff", ("项目",), Label("第一中心小学食堂"), "第1号"),
    "projects.project:action": Case("staff", READ, Label("终止"), texts.WHY.zh),
    "project_plans.milestone:which": Case("staff", (*READ, "节点完成"), Label("路基"), texts.REACHED_WHEN.zh),
    "project_plans.milestone:reached": Case(
        "staff",
        (*READ, "节点完成", "路基"),
        lambda scene: scene.person.says("今天"),
        lambda scene: "✓ 路基" in scene.told,
    ),
    "project_plans.replan:plan": Case(
        "staff", (*READ, "调整计划"), lambda scene: scene.person.says("全部 2026-11-01"), texts.WHY.zh
    ),
    "project_plans.replan:why": Case("staff", (*READ, "调整计划", "全部 2026-11-01"), "3", texts.REPLANNED.zh),
    "projects._move:sure": Case(
        "staff", (*READ, "完工"), "1", lambda scene: scene.project(PROJECT).stage is Stage.FINISHED
    ),
    "projects._why:why": Case("staff", STOP, "3", texts.DOCUMENT.zh),
    "projects._why:document": Case("staff", (*STOP, "征地未成"), "3", "哪天批准的"),
    "projects._why:decided": Case(
        "staff",
        (*STOP, "征地未成", "3号"),
        lambda scene: scene.person.says("今天"),
        lambda scene: scene.project(PROJECT).stage is Stage.STOPPED,
    ),
    "projects.change_project:field": Case("staff", CHANGE, Label("完成期限"), texts.new_value("deadline").zh),
    "projects._value:value": Case("staff", (*CHANGE, "负责人"), "3", texts.WHY.zh),
    "projects.group:action": Case("staff", (*READ, "联系代表"), Label("李强"), texts.release_sure("李强").zh),
    "projects._release:sure": Case(
        "staff", (*READ, "联系代表", "不再由 李强 联系"), "1", lambda scene: not scene.group(PROJECT)
    ),
    "projects._somebody:who": Case(
        "staff",
        ("项目", "柳树湾道路硬化", "联系代表", "选别的代表"),
        Label("李强"),
        lambda scene: scene.group(2) == [scene.place.deputy],
    ),
    "projects.my_projects:which": Case("deputy", ("我的项目",), Label("柳树湾道路硬化"), "第2号", before=_both),
    "projects.my_projects:action": Case("deputy", ("我的项目",), Label("我不便联系"), texts.DECLINE_WHY.zh),
    "projects.my_projects:why": Case(
        "deputy", ("我的项目", "我不便联系这个项目"), "3", lambda scene: scene.group(PROJECT) == []
    ),
}
