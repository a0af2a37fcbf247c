"""The questions of the office about supervision, and of deputies about their year (see tests.handlers.test_numbers)."""

from sqlalchemy import select

from handlers.texts import supervision as texts
from storage.domain.roles import Role
from storage.tables import audit
from tests.handlers.scenes import Case, Label, Scene
from tests.settlement import second_congress
from tests.supervised import a_duty, a_round


def _owed(scene: Scene) -> None:
    """Both projects are to be reported of; 李强 is charged with the first."""
    with scene.town.store() as store:
        round_id = a_round(store, scene.place.congress)
        for number in (1, 2):
            a_duty(store, round_id, number)


def _of_both(scene: Scene) -> None:
    with scene.town.store() as store:
        store.people.grant(scene.place.deputy, second_congress(store, scene.place), Role.DEPUTY)


def _nudged(scene: Scene) -> list[int]:
    with scene.town.store() as store:
        return list(store.unit.read(select(audit.c.record_id).where(audit.c.action == "nudge")).scalars())


SUPERVISION_CASES: dict[str, Case] = {
    "supervision.supervision:filter": Case("staff", ("督查情况",), Label(texts.BY_DEPUTY.zh), "李强：项目 1 个"),
    "supervision.supervision:which": Case(
        "staff", ("督查情况", texts.MISSING.zh), Label("柳树湾道路硬化"), "第2号　柳树湾道路硬化", before=_owed
    ),
    "nudging.nudge:who": Case(
        "staff", ("催办",), Label("李强"), lambda scene: _nudged(scene) == [scene.place.deputy], before=_owed
    ),
    "nudging.nudge:sure": Case(
        "staff",
        ("催办", texts.EVERYBODY.zh),
        "1",
        lambda scene: _nudged(scene) == [scene.place.deputy],
        before=_owed,
    ),
    "reporting.reports:period": Case("staff", ("督查报表",), Label("2026年第二季度"), texts.WHICH_FORMAT.zh),
    "reporting.reports:format": Case(
        "staff", ("督查报表", "2026年8月"), "2", lambda scene: scene.person.files() == ["supervision_report"]
    ),
    "my_year.my_year:filter": Case("deputy", ("我的履职",), "1", "2025年您在柳河镇人大的履职记录"),
    "my_year._own:congress": Case(
        "deputy", ("我的履职",), Label("柳河镇人大"), "您在柳河镇人大的履职记录", before=_of_both
    ),
}
