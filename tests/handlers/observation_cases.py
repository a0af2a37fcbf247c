"""The questions about what residents see of projects (see tests.handlers.test_numbers)."""

from collections.abc import Callable

from handlers.texts import observations as texts
from handlers.texts.questions import where_inside
from storage.observations import NewObservation, Observation
from tests.handlers.scenes import Case, Label, Scene

NEAR = ("身边项目", "柳树湾")
ONE = (*NEAR, "柳树湾道路硬化")
SAY = (*ONE, "说说看到的")


def seen(by: str = "resident") -> Callable[[Scene], None]:
    """Two of the projects are spoken of, by somebody."""

    def before(scene: Scene) -> None:
        place, author = scene.place, Scene(scene.town, scene.place, scene.town.person(by)).record.id
        with scene.town.store() as store:
            for project, text in ((1, "有积水"), (2, "路灯坏了")):
                new = NewObservation(place.congress, project, author, text, place.willow.id)
                store.observations.add(new)

    return before


def _newest(scene: Scene) -> Observation:
    author = scene.record.id
    with scene.town.store() as store:
        (newest,) = store.observations.of_author(author, limit=1)
    return newest


def _answer_to(scene: Scene, number: int) -> str | None:
    with scene.town.store() as store:
        one = store.observations.get(number)
    return one.answer if one else None


OBSERVATION_CASES: dict[str, Case] = {
    "observations.nearby:where": Case("other", ("身边项目",), Label("柳河镇"), where_inside("柳河镇").zh),
    "observations.nearby:which": Case("other", NEAR, Label("第一中心小学食堂"), "承办单位：镇村镇建设办"),
    "observations.nearby_project:action": Case("other", ONE, Label("说说看到的"), texts.WHAT.zh),
    "observations.observe:what": Case("other", SAY, "3处积水", texts.PHOTOS.zh),
    "observations.observe:photos": Case("other", (*SAY, "有积水"), "1", texts.PLACE.zh),
    "observations.observe:where": Case(
        "other", (*SAY, "有积水", "没有"), "1", lambda scene: _newest(scene).text == "有积水"
    ),
    "observations.said:which": Case(
        "other", ("我反映的",), Label("路灯坏了"), texts.NO_ANSWER.zh, before=seen("other")
    ),
    "observations.seen:which": Case("staff", ("居民反映",), Label("有积水"), "第1号项目", before=seen()),
    "observations.answer_resident:action": Case(
        "staff", ("居民反映", "有积水"), Label("答复"), texts.ANSWER_WHAT.zh, before=seen()
    ),
    "observations._answer:text": Case(
        "staff",
        ("居民反映", "有积水", "答复"),
        "3",
        lambda scene: _answer_to(scene, 1) == "3",
        before=seen(),
    ),
}
