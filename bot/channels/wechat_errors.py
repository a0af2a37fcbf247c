"""What follows from each error code of WeChat's API ("全局返回码", and the pages of the calls that we make).

A code that stands nowhere here is taken for a fault of the account's configuration: the messages are kept and tried
again, and staff see it, for more cannot be known.
"""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.channels.base import Failure, NotSent

BUSY = frozenset({-1, 43108, 45066})
STALE_TOKEN = frozenset({40001, 40014, 42001})
TOO_LONG = 45002
REPEATED = 45065  # the same client id: it was sent before
UNKNOWN_CREDENTIALS = frozenset({40001, 40002, 40013, 40125, 41002, 41004})  # of who asks for a token
NOT_LISTED = 40164
NOT_PERMITTED = 48001
GONE = frozenset({40007})  # a media id that is none (any more)
NO_MENU = frozenset({40200})  # msgmenu is for 服务号: what a 订阅号 is told, as its users report
NO_PICTURE = frozenset({40004, 40005, 40006, 40009, 40137, 45001})  # of a kind, a size or a format that is not taken
# Which speak of the template that was named, or of what was filled in; the other templates may be in order.
OF_TEMPLATE = frozenset({40036, 40037, 43116, 47003})

_FAILURES = {
    **dict.fromkeys(BUSY, Failure.RETRY),
    # Another token was tried, and refused again: the secret is wrong, or somebody else keeps drawing tokens.
    **dict.fromkeys(STALE_TOKEN, Failure.MISCONFIGURED),
    **dict.fromkeys((40003, 43004, 48002, 50005, 43019), Failure.UNREACHABLE),  # unknown, unfollowed, refusing
    **dict.fromkeys((45015, 45047, 43101), Failure.WINDOW_CLOSED),  # closed; used up; no consent to notices left
    45009: Failure.PAUSED,  # the day's quota
    45011: Failure.PAUSED,  # the minute's
    # What this very message says: too long, not UTF-8, nothing, or what WeChat finds illegal.
    **dict.fromkeys((*GONE, TOO_LONG, 40033, 44004, 40249, 45168), Failure.REFUSED),
    # No such template, nothing that it takes, template or notices forbidden.
    **dict.fromkeys((*OF_TEMPLATE, 43107), Failure.MISCONFIGURED),
    **dict.fromkeys((NOT_PERMITTED, 48004, 50002, NOT_LISTED), Failure.MISCONFIGURED),
}
_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
BEIJING = ZoneInfo("Asia/Shanghai")  # at whose midnight quotas begin anew ("接口调用频次限制")


def failure(code: int, now: datetime) -> NotSent:
    """What becomes of a message that was refused with a code."""
    kind = _FAILURES.get(code, Failure.MISCONFIGURED)
    return NotSent(kind, str(code), retry_at=_again_at(code, now))


def _again_at(code: int, now: datetime) -> datetime | None:
    if code == 45011:
        return now + _MINUTE
    if code != 45009:
        return None
    here = now.astimezone(BEIJING)
    midnight = here.replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + _DAY).astimezone(now.tzinfo)
