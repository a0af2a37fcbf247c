"""The questions about announcements (see tests.handlers.test_numbers)."""

from dataclasses import replace

from handlers.texts import announcements_office as office
from handlers.texts import announcements_writing as texts
from handlers.texts.proposals import SUGGEST_WHAT
from storage.audit import Actor
from storage.domain.announcements import State, Step
from storage.domain.roles import Role
from storage.domain.rules import Rules
from tests.handlers.announced import AT_ONCE, EVERYBODY, PLAIN, office_of, rules
from tests.handlers.scenes import Case, Label, Scene
from tests.posted import NOTICE
from tests.settlement import second_congress

WRITE = ("发公告", *PLAIN)


def _office(scene: Scene) -> None:
    office_of(scene.town, scene.place)


def _may_be_urgent(scene: Scene) -> None:
    _office(scene)
    rules(scene.town, scene.place, announcement_urgent=True)


def _written(scene: Scene) -> None:
    office_of(scene.town, scene.place).writes()


def _submitted(scene: Scene) -> None:
    _written(scene)
    scene.person.says("送审")


def _agreed(scene: Scene) -> None:
    one = office_of(scene.town, scene.place)
    one.writes()
    one.agrees()


def _sent(scene: Scene) -> None:
    office_of(scene.town, scene.place).announces(words=(*PLAIN[:5], "我要提建议"))


def _sent_two(scene: Scene) -> None:
    one = office_of(scene.town, scene.place)
    for title in ("停水通知", "停电通知"):
        one.announces(words=(PLAIN[0], title, *PLAIN[2:]))


def _of_two(scene: Scene) -> None:
    """王芳 has written them, and agrees for another congress, too."""
    _written(scene)
    with scene.town.store() as store:
        store.people.grant(scene.place.staff, second_congress(store, scene.place), Role.STAFF)


def _for_staff_to_agree(scene: Scene) -> None:
    """Two that somebody else has written."""
    with scene.town.store() as store:
        own = store.on_behalf_of(Actor(scene.place.deputy)).announcements
        for title in ("停水通知", "停电通知"):
            number = own.add(scene.place.congress, replace(NOTICE, title=title))
            own.sign(number, 1, Step.SUBMIT, Rules())


def _state(scene: Scene, number: int = 1) -> State:
    with scene.town.store() as store:
        found = store.announcements.get(number)
    assert found is not None
    return found.state


def _of(kind: str, *further: str) -> tuple[str, ...]:
    return ("公告管理", kind, "公告1", *further)


ANNOUNCEMENT_CASES: dict[str, Case] = {
    "announcing._content:kind": Case("staff", ("发公告",), Label("其他通知"), texts.title_what(60, "").zh),
    "announcing._content:heading": Case("staff", ("发公告", "其他通知"), "3号楼停水", texts.text_what(3_000, "").zh),
    "announcing._content:text": Case("staff", ("发公告", "其他通知", "停水通知"), "3号楼停水。", texts.FILES_WHAT.zh),
    "announcing._content:files": Case("staff", WRITE[:4], "1", texts.LINK_WHAT.zh),
    "announcing._content:link": Case("staff", WRITE[:5], "1", texts.BUTTON_WHAT.zh),
    "announcing._content:button": Case(
        "staff", WRITE[:6], Label("身边项目"), lambda scene: scene.state.answers["button"] == "nearby"
    ),
    "announcing._audience:audience": Case("staff", WRITE, Label("全体"), "已选：全体"),
    "announcing._content:when": Case("staff", (*WRITE, *EVERYBODY), Label("审完马上发"), texts.BOARD_WHAT.zh),
    "announcing._content:board": Case(
        "staff",
        (*WRITE, *EVERYBODY, "审完马上发"),
        "2",
        lambda scene: scene.state.answers["board"] == "no",
    ),
    "announcing._content:urgent": Case(
        "staff",
        (*WRITE, *EVERYBODY, *AT_ONCE),
        "1",
        lambda scene: scene.state.answers["urgent"] == "",
        before=_may_be_urgent,
    ),
    "announcing.announce:*confirm": Case(
        "staff", (*WRITE, *EVERYBODY, *AT_ONCE), "1", lambda scene: _state(scene) is State.DRAFT, before=_office
    ),
    "announcements._own:congress": Case("staff", ("公告管理",), Label("柳河镇人大"), office.WHICH.zh, before=_of_two),
    "announcements.announcements:filter": Case("staff", ("公告管理",), Label("已结束"), office.NONE.zh),
    "announcements.announcements:which": Case(
        "staff", ("公告管理", "草稿"), Label("停水通知"), "公告1（第1版，草稿）", before=_written
    ),
    "announcements.announcements_waiting:which": Case(
        "staff", ("公告管理", "等我审核"), Label("停电通知"), "标题：停电通知", before=_for_staff_to_agree
    ),
    "announcements.announcement:action": Case(
        "staff", _of("草稿"), Label("修改"), office.WHICH_FIELD.zh, before=_written
    ),
    "announcements._written:field": Case(
        "staff", _of("草稿", "修改"), Label("标题"), texts.title_what(60, "停水通知").zh, before=_written
    ),
    "announcements._telephones:who": Case(
        "staff", _of("已结束", "打电话的人"), "1", "公告1（第1版，已发完）", before=_sent
    ),
    "announcement_steps._reason:why": Case(
        "staff", _of("待审核", "退回修改"), "3", lambda scene: _state(scene) is State.DRAFT, before=_submitted
    ),
    "announcement_steps.discard:sure": Case(
        "staff", _of("草稿", "作废"), "1", lambda scene: _state(scene) is State.DISCARDED, before=_written
    ),
    "announcement_steps._is_sure:sure": Case(
        "staff", _of("待发送", "停止"), "1", office.STOP_REALLY.zh, before=_agreed
    ),
    "announcement_steps._is_sure:really": Case(
        "staff", _of("待发送", "停止", "是"), "1", lambda scene: _state(scene) is State.STOPPING, before=_agreed
    ),
    "reading_announcements.board:which": Case("other", ("公告",), Label("停水通知"), "停水通知", before=_sent_two),
    "reading_announcements.after_announcement:action": Case(
        "other", ("公告1",), Label("我要提建议"), SUGGEST_WHAT.zh, before=_sent
    ),
}
