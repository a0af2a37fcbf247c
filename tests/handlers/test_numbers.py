"""A number or a tap answers the list that was shown: every question of every conversation, while the world moves on.

A question without a case here fails the test that counts them.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import handlers
from handlers.messages import Attachment, Kind
from handlers.reading import tapped_announcement
from handlers.texts import everywhere, ledger_file, questions, titles
from handlers.texts import proposals as texts
from handlers.texts import staff as office
from handlers.texts import welcome as hall
from storage.areas import add_area
from storage.domain.areas import Level
from storage.domain.categories import Category
from storage.domain.proposal_status import Reason, Status
from storage.domain.roles import Role
from storage.proposals import New, Source
from storage.tables import cycles
from tests.conversing import Town, joined
from tests.handlers.announcement_cases import ANNOUNCEMENT_CASES
from tests.handlers.cadence_cases import CADENCE_CASES
from tests.handlers.note_cases import NOTE_CASES
from tests.handlers.observation_cases import OBSERVATION_CASES
from tests.handlers.project_cases import PROJECT_CASES
from tests.handlers.rectification_cases import RECTIFICATION_CASES
from tests.handlers.scenes import WORLD, Case, Label, Scene, prompted
from tests.handlers.supervision_cases import SUPERVISION_CASES
from tests.settlement import Settlement, enrolled, second_congress
from tests.storage.test_projects import a_project


def both_levels(scene: Scene) -> None:
    with scene.town.store() as store:
        county = second_congress(store, scene.place)
        store.people.grant(scene.place.staff, county, Role.STAFF)


def hands_in_a_file(scene: Scene) -> list[str]:
    file = Attachment(Kind.DOCUMENT, "f1", "台账.xlsx")
    return scene.person.does(scene.person.message(Kind.DOCUMENT, attachments=(file,)))


def own_proposal(scene: Scene) -> int:
    author = scene.record.id
    with scene.town.store() as store:
        return len(store.proposals.of_author(author, limit=None))


READ = ("台账", "按编号", "1")
CELL = ["lh1-1", "杨柳村 第一网格", "received", ""]
LEDGER_ROW = [2, 1, ["roads", *CELL], ["safety", *CELL]]
IN_TOWNSHIP = questions.where_inside("柳河镇").zh

CASES: dict[str, Case] = {
    **ANNOUNCEMENT_CASES,
    **NOTE_CASES,
    **OBSERVATION_CASES,
    **PROJECT_CASES,
    **RECTIFICATION_CASES,
    **SUPERVISION_CASES,
    **CADENCE_CASES,
    "deputies._for_resident:name": Case("deputy", ("代提",), "1", office.RESIDENT_TELEPHONE.zh),
    "deputies._for_resident:telephone": Case("deputy", ("代提", "张大爷"), "1", office.RESIDENT_WHAT.zh),
    "ledger_file.load_ledger:file": Case("staff", ("台账", "上传填好的台账"), hands_in_a_file, ledger_file.CHECKING.zh),
    "ledger_file.ledger_arrived:sure": Case(
        "staff",
        prompted("ledger_arrived", congress=1, of=1, faults=[], rows=[LEDGER_ROW]),
        "1",
        lambda scene: scene.proposal(1).category is Category.SAFETY,
    ),
    "proposals.mine:number": Case("resident", ("我的建议",), Label("修路"), "1号建议"),
    "proposals.mine:action": Case("resident", ("我的建议", "1号"), Label("撤回"), texts.WITHDRAW_SURE.zh),
    "proposals._remark:text": Case(
        "resident", ("我的建议", "1号", "补充说明"), "3", lambda scene: _history(scene, 1)[-1] == "3"
    ),
    "proposals._withdraw:sure": Case(
        "resident", ("我的建议", "1号", "撤回"), "1", texts.cannot_withdraw(Status.TAKEN_UP).zh
    ),
    "proposals.support:where": Case("other", ("我也要",), Label("柳河镇"), IN_TOWNSHIP),
    "proposals.support:number": Case("other", ("我也要", "柳树湾"), Label("修路"), "1号建议"),
    "proposals.support:sure": Case(
        "other", ("我也要", "柳树湾", "1号"), "1", lambda scene: scene.proposal(1).supporters == 1
    ),
    "proposals.answer_office:text": Case(
        "resident",
        prompted("answer_office", number=1, question="多长？", asked_by=1),
        "3",
        lambda scene: _history(scene, 1)[-1] == "3",
    ),
    "settings.settings:what": Case("other", ("设置",), Label("通知"), hall.NOTICES_WANTED.zh),
    "settings.settings:where": Case("other", ("设置", "我的网格"), Label("柳河镇"), IN_TOWNSHIP),
    "settings.settings:notices": Case("other", ("设置", "通知"), "2", lambda scene: scene.record.notices is False),
    "settings.settings:language": Case(
        "other", ("设置", "语言"), Label("English"), lambda scene: scene.record.language == "en"
    ),
    "revoking.people:role": Case("staff", ("人员",), Label("人大代表"), "要取消谁的身份"),
    "revoking.people:holder": Case("staff", ("人员", "人大代表"), Label("李强"), "取消 李强 的人大代表身份吗？"),
    "revoking.people:sure": Case(
        "staff",
        ("人员", "人大代表", "李强"),
        "1",
        lambda scene: scene.place.deputy not in _holders(scene, Role.DEPUTY),
    ),
    "settings._forget:sure": Case("resident", ("设置", "忘记我"), "2", texts.KEPT_AS_IT_IS.zh),
    "staff.own_congress:congress": Case(
        "staff",
        ("台账",),
        Label("云川县人大"),
        lambda scene: scene.state.answers == {"congress": "2"} and scene.asked.name == "filter",
        before=both_levels,
    ),
    "staff.ledger:filter": Case("staff", ("台账",), Label("按网格"), office.WHICH_CELL.zh),
    "staff.ledger:which": Case("staff", ("台账", "全部"), Label("修路"), "1号（"),
    "staff.ledger:number": Case("staff", ("台账", "按编号"), "1", "1号（"),
    "staff._filter:where": Case("staff", ("台账", "按网格"), Label("柳河镇"), IN_TOWNSHIP),
    "staff._filter:category": Case("staff", ("台账", "按类别"), Label("教育"), office.NOTHING_FOUND.zh),
    "staff._filter:status": Case("staff", ("台账", "按状态"), Label("已撤回"), office.NOTHING_FOUND.zh),
    "staff.handle:action": Case("staff", READ, Label("不采纳"), office.WHY.zh),
    "staff._answer:text": Case("staff", (*READ, "回复作者"), "3", lambda scene: _history(scene, 1)[-1] == "3"),
    "staff._ask_back:text": Case("staff", (*READ, "追问作者"), "3", "这条建议现在已采纳"),
    "staff._decline:reason": Case("staff", (*READ, "不采纳"), Label("超出本级职权"), office.SAY_MORE.zh),
    "staff._move:text": Case(
        "staff",
        (*READ, "不采纳", "超出本级职权"),
        "1",
        lambda scene: scene.proposal(1).status is Status.DECLINED and Reason.OUTSIDE_POWERS in _reasons(scene, 1),
    ),
    "staff._correct:where": Case("staff", (*READ, "改网格"), Label("柳河镇"), IN_TOWNSHIP),
    "staff._correct:category": Case(
        "staff", (*READ, "改类别"), Label("公共安全"), lambda scene: scene.proposal(1).category is Category.SAFETY
    ),
    "staff._correct:sure": Case(
        "staff",
        ("台账", "按编号", "3", "公开给邻居看"),
        "1",
        lambda scene: scene.proposal(3).cleared_at is not None,
    ),
    "staff.relink:which": Case("staff", (*READ, "看全部留言"), Label("柳树湾修路"), office.TO_WHICH.zh),
    "staff.relink:number": Case("staff", (*READ, "看全部留言", "1"), "2", office.relinked(2).zh),
    "suggesting.propose:what": Case(
        "other", ("提建议",), "3个垃圾桶", lambda scene: scene.state.answers == {"what": "3个垃圾桶"}
    ),
    "suggesting.propose:where": Case("other", ("提建议", "修水渠"), Label("柳河镇"), IN_TOWNSHIP),
    "suggesting.propose:photos": Case(
        "other",
        ("提建议", "柳树湾修水渠"),
        "1",
        lambda scene: scene.state.answers["photos"] == 0 and scene.asked.name == "congress",
    ),
    "suggesting.propose:*confirm": Case(
        "other",
        ("提建议", "柳树湾修水渠", "没有"),
        "1",
        lambda scene: scene.asked.name == "congress" and own_proposal(scene) == 0,  # the county hears it too, by now
    ),
    "suggesting._chosen:congress": Case(
        "other", ("提建议", "柳树湾修水渠", "没有"), Label("柳河镇人大"), "报给：柳河镇人大", before=both_levels
    ),
    "suggesting.unprompted:is": Case("other", ("村口要修路",), "1", texts.SUGGEST_WHERE.zh),
    "welcome.menu:what": Case("other", ("菜单",), Label("设置和我的数据"), hall.SETTINGS.zh),
    "welcome.drafts:which": Case(
        "other",
        ("提建议", "修水渠", "提建议", "修桥洞", "菜单", "继续"),
        "2",
        lambda scene: scene.state.answers == {"what": "修水渠"},
    ),
    "welcome.human:text": Case("other", ("人工",), "3", hall.HUMAN_TELEPHONE.zh),
    "welcome.human:telephone": Case("other", ("人工", "帮帮我"), "1", hall.HUMAN_SENT.zh),
    "welcome.help_wanted:text": Case(
        "staff", prompted("help_wanted", person=1, words="帮帮我", telephone=""), "1", hall.SAVED.zh
    ),
    "talk.change_options:*change": Case(
        "other", ("提建议", "柳树湾修水渠", "没有", "修改"), Label("地点"), texts.SUGGEST_WHERE.zh
    ),
}


def _history(scene: Scene, number: int) -> list[str]:
    with scene.town.store() as store:
        return [row.body for row in store.proposals.history(number)]


def _holders(scene: Scene, role: Role) -> list[int]:
    with scene.town.store() as store:
        return [held.person_id for held in store.people.holders(scene.place.congress, role)]


def _reasons(scene: Scene, number: int) -> list[str]:
    with scene.town.store() as store:
        return [row.reason for row in store.proposals.history(number)]


# --- every question has a case


def questions_asked() -> Iterator[str]:
    """Of each `.ask("name", …)` and `.confirm(…)` in a script: module, function and name."""
    folder = Path(handlers.__file__).parent
    for path in sorted(folder.glob("*.py")):
        yield from _asked_in(ast.parse(path.read_text()), path.stem, "")


def _asked_in(node: ast.AST, module: str, function: str) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef):
        function = node.name
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr == "ask" and isinstance(node.args[0], ast.Constant):
            yield f"{module}.{function}:{node.args[0].value!s}"
        elif node.func.attr == "confirm":
            yield f"{module}.{function}:*confirm"
    for child in ast.iter_child_nodes(node):
        yield from _asked_in(child, module, function)


def test_every_question_of_every_conversation_has_a_case() -> None:
    # What several conversations ask by one script has a case for each: its name, and whose it is.
    cases = {name.partition(" ")[0] for name in CASES}
    assert sorted({*questions_asked(), "talk.change_options:*change"}) == sorted(cases)


def test_every_question_has_a_name_that_people_can_read() -> None:
    for name in CASES:
        assert titles.title(name.partition(" ")[0].split(":")[1].replace("*confirm", "sure")).zh


# --- and each answers what was shown


@pytest.fixture
def scene(request: pytest.FixtureRequest, town: Town, place: Settlement) -> Scene:
    """The case's question is open; an older question's buttons are on the screen above it."""
    case: Case = request.param
    for account in WORLD:
        town.person(account).says("取消")
    for text in ("柳树湾修路", "柳树湾修桥", "柳树湾装路灯"):
        town.person("resident").suggests(text)
    with town.store() as store:
        for number in (1, 2):
            store.proposals.correct(number, cleared_at=town.now)
        for title in ("第一中心小学食堂", "柳树湾道路硬化"):
            a_project(store, place, title=title)
        store.liaisons.assign(1, [place.deputy])
    person = town.person(case.who)
    scene = Scene(town, place, person)
    if case.before:
        case.before(scene)
    person.says("菜单")
    if callable(case.begin):
        person.says("取消")
        case.begin(scene)
    else:
        person.says(*case.begin)
    person.reads()
    return scene


def the_world_moves(scene: Scene) -> None:
    """New places before the others, new proposals, messages, drafts and roles; another congress; a decision."""
    town, place, someone = scene.town, scene.place, scene.record.id
    town.person("another").says("1号建议什么时候修", "不是")
    with town.store() as store:
        unit, audit = store.unit, store.audit
        add_area(unit, audit, place.county, Level.TOWNSHIP, "aa", "新镇")
        add_area(unit, audit, place.village, Level.CELL, "lh1-0", "第零网格")
        cycle = store.congresses.current_cycle(place.congress)
        assert cycle
        (author,) = store.proposals.authors(1)
        for text in ("修学校", "修医院"):
            new = New(place.congress, cycle.id, text, Category.OTHER, place.willow.id, "text", Source.CHAT, (author,))
            store.proposals.correct(store.proposals.add(new), cleared_at=town.now)
        store.proposals.change_status(1, Status.TAKEN_UP)
        a_project(store, place, title="新的项目")
        enrolled(store, "new deputy", "白桦", place.congress, Role.DEPUTY, [place.willow.id])
        if len(store.congresses.all()) == 1:
            second_congress(store, place)
        else:  # both were on the screen: one of them stops
            unit.write(cycles.delete().where(cycles.c.congress_id != place.congress))
        store.conversations.save_draft(someone, {"conversation": "suggest", "version": 1, "answers": {}})
        store.people.grant(someone, place.congress, Role.GRID_WORKER)
        wanted = {"person": author, "words": "有人求助", "telephone": ""}
        store.conversations.prompt(someone, "help_wanted", wanted)
    town.reload()
    with town.store() as store:
        town.dispatcher.begin_prompts(store.unit, [someone])


def answered(scene: Scene, answer: object) -> str:
    """What the answer brings; the prompt that waits may begin behind it."""
    if isinstance(answer, Label):
        answer = scene.number_of(answer)
    return joined(scene.person.says(answer) if isinstance(answer, str) else answer(scene))  # type: ignore[operator]


@pytest.mark.parametrize(("case", "scene"), [(case, case) for case in CASES.values()], ids=CASES, indirect=["scene"])
def test_a_number_answers_what_was_shown_whatever_came_in_between(case: Case, scene: Scene) -> None:
    name = next(name for name, one in CASES.items() if one is case).split(":")[1]
    assert scene.asked.name == name.partition(" ")[0]
    answer = scene.number_of(case.answer) if isinstance(case.answer, Label) else case.answer
    open_question = scene.asked
    the_world_moves(scene)
    assert scene.person.reads() == []  # the prompt waits
    # Those of an announcement lead on at any time.
    old_button = next(value for value, _ in scene.person.buttons() if tapped_announcement(value) is None)
    told = scene.person.does(scene.person.message(Kind.CHOICE, choice=old_button))
    assert joined(told).startswith(everywhere.LATE_TAP.zh)
    assert scene.asked == open_question
    scene.told = answered(scene, answer)
    assert case.follows in scene.told if isinstance(case.follows, str) else case.follows(scene)
    assert scene.town.faults == []


TAPPED = {name: case for name, case in CASES.items() if not callable(case.answer)}


@pytest.mark.parametrize(("case", "scene"), [(case, case) for case in TAPPED.values()], ids=TAPPED, indirect=["scene"])
def test_of_two_taps_at_once_the_first_counts(case: Case, scene: Scene) -> None:
    options = scene.asked.options
    if not options:
        assert scene.person.screen() == scene.asked.text  # nothing to tap
        return
    chosen = int(scene.number_of(case.answer)) - 1 if isinstance(case.answer, Label) else 0
    first, second = f"{scene.asked.id}.{chosen}", f"{scene.asked.id}.{(chosen + 1) % len(options)}"
    the_world_moves(scene)
    scene.person.reads()
    scene.told = joined(scene.person.does(scene.person.message(Kind.CHOICE, choice=first)))
    if isinstance(case.answer, Label) or case.answer == "1":
        assert case.follows in scene.told if isinstance(case.follows, str) else case.follows(scene)
    late = joined(scene.person.does(scene.person.message(Kind.CHOICE, choice=second)))
    assert everywhere.LATE_TAP.said(scene.record.language) in late
    assert scene.town.faults == []
