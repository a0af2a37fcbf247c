from tests.bench.steps import measure


def test_every_step_is_found_and_costs_something() -> None:
    steps = measure(None, people=4)
    assert len(steps) == 10
    assert min(steps.values()) > 0
