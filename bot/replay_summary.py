"""What a replay comes to."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from storage.replays import Tally

LOCATED = ("location", "text", "choice", "open")


@dataclass(frozen=True, slots=True)
class Summary:
    """`messages` were handed in, `duplicates` of them had been before. All else but `seconds` is what the database
    holds of them now, whichever run stored it: so a second run changes nothing but `duplicates`.

    `located` counts the proposals by how their place is known.
    """

    messages: int
    duplicates: int
    acted_on: int
    proposals: int
    located: dict[str, int]
    replies: int
    faults: int
    seconds: float

    def line(self) -> str:
        """As the last line of the output."""
        return json.dumps({"summary": asdict(self)})


def summary_of(messages: int, duplicates: int, tallies: Iterable[Tally], seconds: float) -> Summary:
    found = list(tallies)
    located = Counter[str]()
    for tally in found:
        located.update(tally.located.values())
    return Summary(
        messages=messages,
        duplicates=duplicates,
        acted_on=sum(tally.acted_on for tally in found),
        proposals=located.total(),
        located=dict.fromkeys(LOCATED, 0) | dict(located),
        replies=sum(tally.replies for tally in found),
        faults=sum(tally.faults for tally in found),
        seconds=round(seconds, 2),
    )
