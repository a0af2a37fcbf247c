"""What follows from each error code."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import Failure, NotSent
from bot.channels.wechat_errors import failure

NOW = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 9, 1, 16, 0, tzinfo=UTC)  # in Beijing

# Every code of the table of decisions; 45002 and 45065 are acted on before (see test_wechat_outbound).
DECISIONS = {
    Failure.RETRY: (-1, 43108, 45066),
    Failure.MISCONFIGURED: (
        *(40001, 40014, 42001, 47003, 48001, 48004, 50002, 40164, 40013, 40125, 99999, 0),
        *(40036, 40037, 43107, 43116),
    ),
    Failure.UNREACHABLE: (40003, 43004, 50005, 43019, 48002),
    Failure.WINDOW_CLOSED: (45015, 45047, 43101),
    Failure.REFUSED: (45002, 40007, 40033, 44004, 40249, 45168),
}


@pytest.mark.parametrize(("kind", "code"), [(kind, code) for kind, codes in DECISIONS.items() for code in codes])
def test_every_code_has_its_decision(kind: Failure, code: int) -> None:
    assert failure(code, NOW) == NotSent(kind, str(code))


def test_a_quota_is_waited_for() -> None:
    assert failure(45011, NOW) == NotSent(Failure.PAUSED, "45011", NOW + timedelta(minutes=1))
    assert failure(45009, NOW) == NotSent(Failure.PAUSED, "45009", MIDNIGHT)


@pytest.mark.parametrize("seconds", [-1, 0, 1])
def test_the_day_ends_at_midnight_in_beijing(seconds: int) -> None:
    now = MIDNIGHT + timedelta(seconds=seconds)
    retry_at = failure(45009, now).retry_at
    assert retry_at == (MIDNIGHT if seconds < 0 else MIDNIGHT + timedelta(days=1))
