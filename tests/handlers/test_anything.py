"""Whatever people do, in whatever order: never a fault, never a half-written record, and answers to what was shown.

A walk of fixed length, the same each time; `make machine` walks for as long as one likes, each time elsewhere.
"""

from tests.handlers.machine.running import walk
from tests.settlement import Template

STEPS = 1_000


def test_whatever_people_do_nothing_breaks(template: Template) -> None:
    assert walk(template, STEPS, by_chance=False) >= STEPS // 2
