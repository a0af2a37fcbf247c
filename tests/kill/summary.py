"""What a long run tells in the end."""

import json
import sys
import time
from dataclasses import asdict
from typing import Any, ClassVar, Protocol


class Judged(Protocol):
    """A verdict; its `problems` are empty when every promise was kept."""

    __dataclass_fields__: ClassVar[dict[str, Any]]
    problems: list[str]


def summed_up(verdict: Judged, began: float, **about: object) -> int:
    """Print each problem, and in the last line a summary as JSON; gives what the process ends with. `began`: by the
    monotonic clock."""
    for problem in verdict.problems:
        print(problem, file=sys.stderr)
    seconds = round(time.monotonic() - began, 1)
    print(json.dumps({"summary": {**about, **asdict(verdict), "problems": len(verdict.problems), "seconds": seconds}}))
    return 1 if verdict.problems else 0
