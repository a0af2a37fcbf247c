"""How deputies stand beside one another by what they reported, where their congress wants that to be seen."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reported:
    """How many reports somebody answered, and in how many days, as the median; None where there is none."""

    answered: int
    days: float | None


def places(reported: Mapping[int, Reported]) -> dict[int, int]:
    """By person, who comes first with the most answers; of as many, with the quicker. Equals share a place, and the one
    after them counts them all. In the order of places."""
    keys = {person: (-one.answered, float("inf") if one.days is None else one.days) for person, one in reported.items()}
    ordered = sorted(keys, key=lambda person: (keys[person], person))
    found: dict[int, int] = {}
    for at, person in enumerate(ordered):
        before = ordered[at - 1] if at else None
        equal = before is not None and keys[before] == keys[person]
        found[person] = found[before] if equal and before is not None else at + 1
    return found
