import json

import pytest

from tests.bench.figures import Comparison, Figures, interleave, json_line


def run_at(turns_per_second: float) -> Figures:
    return Figures(turns=1200, seconds=1200 / turns_per_second, cpu_seconds=2.4)


def test_a_run_tells_its_speed_and_its_cost() -> None:
    figures = Figures(turns=600, seconds=2, cpu_seconds=1.5)

    assert figures.turns_per_second == 300
    assert figures.cpu_milliseconds_per_turn == 2.5


async def test_candidates_run_in_turn() -> None:
    order: list[str] = []

    async def candidate(name: str) -> Figures:
        order.append(name)
        return run_at(100)

    comparison = await interleave({"ours": lambda: candidate("ours"), "usual": lambda: candidate("usual")}, rounds=3)

    assert order == ["ours", "usual"] * 3
    assert len(comparison.runs["ours"]) == len(comparison.runs["usual"]) == 3


def test_a_ratio_compares_runs_that_stood_side_by_side() -> None:
    # The machine slows to a quarter in the second round, for both alike.
    comparison = Comparison(
        {
            "ours": (run_at(600), run_at(150), run_at(660)),
            "usual": (run_at(100), run_at(25), run_at(120)),
        }
    )

    assert comparison.turns_per_second("ours") == pytest.approx(600)
    assert comparison.ratio("ours", against="usual") == pytest.approx(6)


def test_every_figure_is_printed_by_name_on_one_line() -> None:
    comparison = Comparison({"ours": (run_at(600),), "usual": (run_at(100),)})

    line = json_line(comparison.named("ours"))

    assert "\n" not in line
    assert json.loads(line) == {
        "ours_turns_per_second": 600,
        "usual_turns_per_second": 100,
        "ours_cpu_ms_per_turn": 2,
        "usual_cpu_ms_per_turn": 2,
        "ours_over_usual": 6,
    }
