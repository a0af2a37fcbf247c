"""What the author of an announcement is told of how far it is."""

from collections.abc import Mapping

from handlers.texts import mass_sends
from handlers.texts.announcement_reports import HELD
from handlers.texts.announcements import STATE
from handlers.texts.phrase import Phrase, join, lines, many
from storage.announcement_progress import Progress
from storage.announcements import Announcement

# Why it was not sent to somebody, by the code or its beginning.
_FAILED: Mapping[str, Phrase] = {
    "refused": Phrase("平台拒收", "refused by the platform"),
    "stopped": Phrase("已停发", "stopped"),
    "expired": Phrase("一直联系不上", "never reached"),
    "unsure": Phrase("群发结果不明", "perhaps sent by mass send"),
    "forgotten": Phrase("已要求删除资料", "wished to be forgotten"),
    "merged": Phrase("同一个人的另一份记录", "another record of the same person"),
}
_OTHER = Phrase("其他原因", "other reasons")


def progress(one: Announcement, so_far: Progress, seconds: float | None) -> Phrase:
    """`seconds` until everybody had their turn; None: nobody knows."""
    head = Phrase(
        f"公告 {one.number}\u3010{one.content.title}\u3011", f"Announcement {one.number} “{one.content.title}”"
    )
    return lines([head, how_far(so_far, seconds)])


def how_far(so_far: Progress, seconds: float | None) -> Phrase:
    """The same, where it is clear of which."""
    state = STATE[so_far.state]
    counted = join(
        [
            Phrase(f"已发 {so_far.sent}", f"{so_far.sent} sent"),
            Phrase(f"待发 {so_far.waiting}", f"{so_far.waiting} waiting"),
            *mass_sends.progress(so_far.massed, so_far.asked, so_far.not_massed),
            *_if_any(so_far.held, Phrase(HELD.zh, "waiting for their next contact")),
            *_failures(so_far.failed),
            *_if_any(sum(so_far.skipped.values()), Phrase("不用发", "not to be sent to")),
        ]
    )
    return Phrase(f"{state.zh}\uff1a", f"{state.en}: ".capitalize()) + counted + _left(so_far, seconds)


def _if_any(count: int, what: Phrase) -> list[Phrase]:
    return [Phrase(f"{what.zh} {count}", f"{count} {what.en}")] if count else []


def _failures(failed: Mapping[str, int]) -> list[Phrase]:
    found: dict[Phrase, int] = {}
    for code, count in failed.items():
        why = _FAILED.get(code.split(" ")[0], _OTHER)
        found[why] = found.get(why, 0) + count
    return [phrase for why, count in found.items() for phrase in _if_any(count, why)]


def _left(so_far: Progress, seconds: float | None) -> Phrase:
    if not so_far.waiting or not so_far.is_running or seconds is None:
        return Phrase("\u3002", ".")
    minutes = max(1, round(seconds / 60))
    return Phrase(f"\uff0c大约还要 {minutes} 分钟\u3002", f", about {many(minutes, 'minute')} left.")
