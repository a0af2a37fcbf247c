"""What a run measured, and how contenders compare that ran in turn."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Figures:
    """One run: user messages handled, wall-clock time, and CPU time of this process (all threads).

    The CPU of servers beside it (Redis, PostgreSQL) is not in `cpu_seconds`.
    """

    turns: int
    seconds: float
    cpu_seconds: float

    @property
    def turns_per_second(self) -> float:
        return self.turns / self.seconds

    @property
    def cpu_milliseconds_per_turn(self) -> float:
        return self.cpu_seconds / self.turns * 1000


Candidate = Callable[[], Awaitable[Figures]]


@dataclass(frozen=True)
class Comparison:
    """The runs of each candidate; the n-th runs of all of them stood side by side in time."""

    runs: Mapping[str, tuple[Figures, ...]]

    def turns_per_second(self, name: str) -> float:
        """The median of a candidate's runs."""
        return median(run.turns_per_second for run in self.runs[name])

    def cpu_milliseconds_per_turn(self, name: str) -> float:
        """The median of a candidate's runs."""
        return median(run.cpu_milliseconds_per_turn for run in self.runs[name])

    def ratio(self, name: str, against: str) -> float:
        """How many times as fast as `against`: the median over the rounds, each round by itself."""
        rounds = zip(self.runs[name], self.runs[against], strict=True)
        return median(run.turns_per_second / other.turns_per_second for run, other in rounds)

    def named(self, subject: str) -> dict[str, float]:
        """Every figure by name, with the ratio of `subject` to each other candidate."""
        speeds = {f"{name}_turns_per_second": self.turns_per_second(name) for name in self.runs}
        costs = {f"{name}_cpu_ms_per_turn": self.cpu_milliseconds_per_turn(name) for name in self.runs}
        others = [name for name in self.runs if name != subject]
        ratios = {f"{subject}_over_{other}": self.ratio(subject, other) for other in others}
        return {**speeds, **costs, **ratios}


async def interleave(candidates: Mapping[str, Candidate], rounds: int) -> Comparison:
    """Run the candidates in turn (A B A B …), so that a slow spell of the machine meets them all."""
    runs: dict[str, list[Figures]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, candidate in candidates.items():
            runs[name].append(await candidate())
    return Comparison({name: tuple(taken) for name, taken in runs.items()})


def json_line(figures: Mapping[str, float]) -> str:
    """All figures by name on one line of JSON, to four decimals."""
    return json.dumps({name: round(value, 4) for name, value in figures.items()})
