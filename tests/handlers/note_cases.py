"""The questions of reports about projects (see tests.handlers.test_numbers)."""

from handlers.messages import Kind
from handlers.texts import inspections as texts
from handlers.texts import note_corrections, note_questions
from storage.domain.cadence import Duty
from storage.domain.roles import Role
from storage.notes import Nearness, Note, Standing
from tests.handlers.scenes import Case, Label, Scene
from tests.supervised import a_duty, a_round

DUE = ("督查", "月督查")
TOLD = (*DUE, "按计划进行", "35", "路基做好了", "没有")
OF_BODY = ("督查", "调度报告")
OF_DAY = ("督查", "代表接待日")
WRITTEN = ("写督查", "第一中心小学食堂", "本月无法督查", "道路不通", "改督查")
WHOLE = ("写督查", "第一中心小学食堂", *TOLD[2:], "跳过", "没有问题", "满意", "提交", "改督查")


def owing(scene: Scene) -> None:
    """An inspection and a report of the body, of the same project, and a reception day."""
    place = scene.place
    with scene.town.store() as store:
        store.people.grant(place.deputy, place.congress, Role.IMPLEMENTING_BODY, group_name="镇村镇建设办")
        for duty in (Duty.INSPECTION, Duty.DISPATCH):
            a_duty(store, a_round(store, place.congress, duty), 1)
        a_duty(store, a_round(store, place.congress, Duty.RECEPTION), None, place.deputy)


def several(scene: Scene) -> None:
    """Two reports by the same deputy."""
    scene.person.says("写督查", "第一中心小学食堂", "本月无法督查", "道路不通")
    scene.person.says("写督查", "别的项目", "柳树湾道路硬化", "本月无法督查", "下大雨")


def _notes(scene: Scene) -> list[Note]:
    with scene.town.store() as store:
        return store.notes.of_author(scene.place.deputy)


def _newest(scene: Scene) -> Note:
    return _notes(scene)[0]


def _shares(scene: Scene) -> list[str]:
    return scene.person.shares(30.005, 120.005)


def _rewrites(scene: Scene) -> None:
    """The sentence of a report that was just made, in the message itself."""
    person = scene.person
    person.says(*WRITTEN[:3])
    person.does(person.message(Kind.TEXT, text=WRITTEN[3], key="said"))
    person.does(person.message(Kind.EDIT, text="道路不通，改天去", edits="said"))


NOTE_CASES: dict[str, Case] = {
    "note_corrections.correct_text:sure": Case(
        "deputy", _rewrites, "1", lambda scene: _newest(scene).text == "道路不通，改天去"
    ),
    "inspections.duties:which": Case("deputy", ("督查",), Label("督查"), texts.far(0, 0).zh, before=owing),
    "inspections.write_note:which": Case("deputy", ("写督查",), Label("第一中心小学食堂"), texts.far(0, 0).zh),
    "inspections.write_note:other": Case(
        "deputy", ("写督查", "别的项目"), Label("柳树湾道路硬化"), "第2号　柳树湾道路硬化"
    ),
    "noting._standing:standing": Case("deputy", DUE, Label("比计划慢"), texts.progress(0, 0).zh, before=owing),
    "noting._standing:how": Case(
        "deputy", (*DUE, "我们几个人一起来的", "就这些人"), Label("停工了"), texts.progress(0, 0).zh, before=owing
    ),
    "noting.company:company": Case("deputy", (*DUE, "我们几个人一起来的", "孙丽"), "1", texts.WHO_LED.zh, before=owing),
    "noting.company:led": Case(
        "deputy",
        (*DUE, "我们几个人一起来的", "孙丽", "就这些人"),
        Label("孙丽"),
        texts.how(Duty.INSPECTION).zh,
        before=owing,
    ),
    "noting.inspect:why": Case(
        "deputy", (*DUE, "本月无法督查"), "3", lambda scene: _newest(scene).text == "3", before=owing
    ),
    "noting._progress:progress": Case(
        "deputy",
        TOLD[:3],
        "3",
        lambda scene: scene.state.answers["progress"] == [3, ""],
        before=owing,
    ),
    "noting.inspect:what": Case("deputy", TOLD[:4], "3米宽", texts.PHOTOS.zh, before=owing),
    "noting.inspect:photos": Case("deputy", TOLD[:5], "1", texts.WHERE.zh, before=owing),
    "noting.inspect:place": Case("deputy", TOLD, _shares, texts.near(Nearness.INSIDE).zh, before=owing),
    "noting.inspect:problems": Case(
        "deputy", (*TOLD, "跳过", "有问题", "护栏松动"), Label("较重"), note_questions.more_problems(1).zh, before=owing
    ),
    "noting.inspect:satisfied": Case(
        "deputy", (*TOLD, "跳过", "没有问题"), Label("不满意"), "评价：不满意", before=owing
    ),
    "noting.inspect:*confirm": Case(
        "deputy",
        (*TOLD, "跳过", "没有问题", "满意"),
        "1",
        lambda scene: (_newest(scene).progress, scene.project(1).progress) == (35, 35),
        before=owing,
    ),
    "noting.body_report:standing": Case("deputy", OF_BODY, Label("比计划慢"), texts.progress(0, 0).zh, before=owing),
    "noting.body_report:what": Case("deputy", (*OF_BODY, "按计划进行", "35"), "3米宽", texts.PHOTOS.zh, before=owing),
    "noting.body_report:photos": Case(
        "deputy", (*OF_BODY, "按计划进行", "35", "路基做好了"), "1", "请核对：", before=owing
    ),
    "noting.body_report:*confirm": Case(
        "deputy",
        (*OF_BODY, "按计划进行", "35", "路基做好了", "没有"),
        "1",
        lambda scene: _newest(scene).kind is Duty.DISPATCH,
        before=owing,
    ),
    "noting.reception:held": Case("deputy", OF_DAY, "1", texts.RECEIVED.zh, before=owing),
    "noting.reception:why": Case(
        "deputy", (*OF_DAY, "没能接待"), "3", lambda scene: _newest(scene).standing is Standing.UNABLE, before=owing
    ),
    "noting.reception:received": Case(
        "deputy", (*OF_DAY, "接待了群众"), "3", texts.what(Duty.RECEPTION, "").zh, before=owing
    ),
    "noting.reception:what": Case("deputy", (*OF_DAY, "接待了群众", "3"), "4个人问修路", texts.PHOTOS.zh, before=owing),
    "noting.reception:photos": Case(
        "deputy", (*OF_DAY, "接待了群众", "3", "都问修路"), "1", "接待：3 人", before=owing
    ),
    "noting.reception:*confirm": Case(
        "deputy",
        (*OF_DAY, "接待了群众", "3", "都问修路", "没有"),
        "1",
        lambda scene: _newest(scene).received == 3,
        before=owing,
    ),
    "note_corrections._own:which": Case(
        "deputy", ("改督查",), Label("第一中心小学食堂"), "情况：道路不通", before=several
    ),
    "note_corrections.correct_note:field": Case(
        "deputy", WRITTEN, Label("情况"), note_corrections.new_value("text").zh
    ),
    "note_corrections._values:what": Case("deputy", (*WRITTEN, "情况"), "3", lambda scene: _newest(scene).text == "3"),
    "note_corrections._standing:standing": Case(
        "deputy", (*WRITTEN, "进展"), Label("停工了"), lambda scene: _newest(scene).standing is Standing.STOPPED
    ),
    "note_corrections._standing:progress": Case(
        "deputy",
        (
            "写督查",
            "第一中心小学食堂",
            "已经完工",
            "都做好了",
            "没有",
            "1",
            "没有",
            "满意",
            "提交",
            "改督查",
            "进展",
            "1",
        ),
        "90",
        lambda scene: scene.project(1).progress == 90,
    ),
    "note_corrections._values:progress": Case(
        "deputy", (*WHOLE, "进度"), "3", lambda scene: scene.project(1).progress == 3
    ),
    "note_corrections._values:satisfied": Case(
        "deputy", (*WHOLE, "评价"), "2", lambda scene: _newest(scene).satisfied is False
    ),
    "note_corrections._values:photos": Case("deputy", (*WHOLE, "补发照片"), "1", note_corrections.CORRECTED.zh),
    "note_corrections._values:received": Case(
        "deputy",
        (*OF_DAY, "接待了群众", "3", "都问修路", "没有", "提交", "改督查", "接待人数"),
        "5",
        lambda scene: _newest(scene).received == 5,
        before=owing,
    ),
    "note_corrections._of_place:place": Case(
        "deputy", (*WHOLE, "位置"), _shares, lambda scene: _newest(scene).nearness is Nearness.INSIDE
    ),
    "note_corrections._of_place:problems": Case("deputy", (*WHOLE, "补报问题"), "2", note_questions.PROBLEM_WHAT.zh),
}
