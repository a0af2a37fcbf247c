"""The questions about problems that were handed over (see tests.handlers.test_numbers)."""

from collections.abc import Callable
from datetime import date

from handlers.texts import rectifications as texts
from storage.domain.rectification_stages import Move, Part, Severity, Stage
from storage.domain.roles import Role
from storage.rectifications import Kind, NewRectification, Rectification
from tests.handlers.scenes import Case, Label, Scene
from tests.rectified import BODY, found

READ = ("整改", "路边缺护栏")
DONE = (*READ, "已整改，报请确认")
LATE = ("整改", "进度滞后", "说明原因，报新计划")
CONFIRM = ("整改", "裂缝")
OFFICE = ("整改", "没办结的")
MOVE_DUE = (*OFFICE, "路边缺护栏", "改整改期限")
NEW = ("整改", "交办新问题")


def raised(kind: Kind = Kind.PROBLEM, *, done: bool = False) -> Callable[[Scene], None]:
    """Problems of the first project, whose body the resident called other works for."""

    def before(scene: Scene) -> None:
        place, person = scene.place, scene.record.id
        with scene.town.store() as store:
            if scene.person.account == "other":
                store.people.grant(person, place.congress, Role.IMPLEMENTING_BODY, group_name=BODY)
            for text in ("裂缝", "路边缺护栏") if kind is Kind.PROBLEM else ("慢",):
                new = NewRectification(place.congress, 1, None, Severity.URGENT, text, place.deputy, kind)
                number = store.rectifications.raise_(new)
                if done:
                    store.rectifications.move(number, Move(Stage.DONE, Part.STAFF, "修好了"))

    return before


def both(scene: Scene) -> None:
    """A deputy who works for a body, too."""
    with scene.town.store() as store:
        store.people.grant(scene.place.deputy, scene.place.congress, Role.IMPLEMENTING_BODY, group_name=BODY)


def overdue(scene: Scene) -> None:
    raised()(scene)
    scene.town.passes(days=6)


def _one(scene: Scene, number: int = 2) -> Rectification:
    with scene.town.store() as store:
        return found(store, number)


def _is(stage: Stage) -> Callable[[Scene], bool]:
    return lambda scene: _one(scene).stage is stage


def _press(scene: Scene) -> None:
    with scene.town.store() as store:
        store.conversations.prompt_once([scene.place.staff], "pressing")
    with scene.town.store() as store:
        scene.town.dispatcher.begin_prompts(store.unit, [scene.place.staff])


RECTIFICATION_CASES: dict[str, Case] = {
    "rectifications.rectifications:as": Case(
        "deputy", ("整改",), Label("等我确认的"), texts.DEPUTY_NONE.zh, before=both
    ),
    "rectification_steps.pick:which (body)": Case(
        "other", ("整改",), Label("路边缺护栏"), "整改第2号（紧急，已交办）", before=raised()
    ),
    "rectifications._handled:action (body)": Case("other", READ, Label("受理"), _is(Stage.ACCEPTED), before=raised()),
    "rectification_steps._asked:planned": Case(
        "other",
        (*READ, "定完成日期"),
        lambda scene: scene.person.says("今天"),
        _is(Stage.PLANNED),
        before=raised(),
    ),
    "rectification_steps._asked:what": Case("other", DONE, "3", texts.PHOTOS.zh, before=raised()),
    "rectification_steps._asked:photos": Case("other", (*DONE, "修好了"), "1", _is(Stage.DONE), before=raised()),
    "rectification_steps._asked:plan": Case(
        "other",
        (*LATE, "下雨"),
        lambda scene: scene.person.says("全部 2026-11-01"),
        texts.EXPLAINED.zh,
        before=raised(Kind.LATE),
    ),
    "rectification_steps.pick:which (deputy)": Case(
        "deputy", ("整改",), Label("裂缝"), "整改第1号（紧急，待确认）", before=raised(done=True)
    ),
    "rectifications._handled:action (deputy)": Case(
        "deputy", CONFIRM, Label("退回重办"), texts.SENT_BACK_WHY.zh, before=raised(done=True)
    ),
    "rectification_steps._asked:why": Case(
        "deputy",
        (*CONFIRM, "退回重办"),
        "3",
        lambda scene: _one(scene, 1).stage is Stage.SENT_BACK,
        before=raised(done=True),
    ),
    "rectification_steps._asked:sure": Case(
        "deputy",
        (*CONFIRM, "确认整改到位，销号"),
        "1",
        lambda scene: _one(scene, 1).stage is Stage.CLOSED,
        before=raised(done=True),
    ),
    "problems.problems:filter": Case("staff", ("整改",), Label("按项目"), texts.WHICH_PROJECT.zh),
    "problems.problems:which": Case("staff", OFFICE, Label("裂缝"), "整改第1号（紧急", before=raised()),
    "problems._only:body": Case("staff", ("整改", "按承办单位"), Label(BODY), "这一页 2 件整改", before=raised()),
    "problems._project:project": Case("staff", NEW, Label("第一中心小学食堂"), texts.WHICH_SEVERITY.zh),
    "problems.problem:action": Case("staff", (*OFFICE, "裂缝"), Label("改整改期限"), texts.NEW_DUE.zh, before=raised()),
    "problems._deputy:deputy": Case(
        "staff",
        (*OFFICE, "裂缝", "代记：代表书面确认销号"),
        Label("李强"),
        texts.CLOSE_SURE.zh,
        before=raised(done=True),
    ),
    "problems._move_due:due": Case(
        "staff", MOVE_DUE, lambda scene: scene.person.says("2026-09-30"), texts.DUE_WHY.zh, before=raised()
    ),
    "problems._move_due:why": Case(
        "staff",
        (*MOVE_DUE, "2026-09-30"),
        "3",
        lambda scene: _one(scene).due_on == date(2026, 9, 30),
        before=raised(),
    ),
    "problems.hand_over:severity": Case("staff", (*NEW, "食堂"), Label("紧急"), texts.PROBLEM_WHAT.zh),
    "problems.hand_over:what": Case("staff", (*NEW, "食堂", "紧急"), "3", texts.PROBLEM_PHOTOS.zh),
    "problems.hand_over:photos": Case(
        "staff", (*NEW, "食堂", "紧急", "漏水"), "1", lambda scene: _one(scene, 1).text == "漏水"
    ),
    "rectification_steps.pick:which (office)": Case(
        "staff",
        _press,
        Label("裂缝"),
        "整改第1号（紧急",
        before=overdue,
    ),
}
