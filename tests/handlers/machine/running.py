"""Walks as hypothesis plans them."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.handlers.machine.walk import Walk
from tests.settlement import Template

STEPS_OF_A_WALK = 50


def walk(template: Template, steps: int, *, by_chance: bool) -> int:
    """Go about so many steps, other ones each time if it is left to chance; gives how many it were."""
    machine = type("WalkHere", (Walk,), {"template": template, "steps": 0})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, steps // STEPS_OF_A_WALK),
            stateful_step_count=STEPS_OF_A_WALK,
            phases=[Phase.generate] if by_chance else list(Phase),  # a way that is not the shortest is found sooner
            derandomize=not by_chance,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    return int(machine.steps)  # type: ignore[attr-defined]  # a Walk
