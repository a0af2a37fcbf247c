"""The questions about when duties come round (see tests.handlers.test_numbers)."""

from handlers.texts import cadences as texts
from storage.cadences import Arranged
from storage.domain.cadence import Cadence, Duty, Owed
from tests.handlers.scenes import Case, Label, Scene


def _arranged(scene: Scene) -> Arranged:
    with scene.town.store() as store:
        return store.cadences.of(scene.place.congress)[Duty.INSPECTION]


def _cadence(scene: Scene) -> Cadence:
    return _arranged(scene).cadence


CADENCE_CASES: dict[str, Case] = {
    "cadences.cadences:which": Case("staff", ("督查安排",), Label("三问"), "柳河镇人大的三问"),
    "cadences.cadences:field": Case("staff", ("督查安排", "1"), Label("截止日"), texts.ASK["due"].zh),
    "cadences.cadences:sure": Case(
        "staff", ("督查安排", "1", texts.TURN_OFF.zh), "1", lambda scene: _arranged(scene).coming is None
    ),
    "cadences.cadences:value": Case(
        "staff", ("督查安排", "1", "6"), Label("轮流报"), lambda scene: _cadence(scene).owed is Owed.TURNS
    ),
}
