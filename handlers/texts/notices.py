"""What is said of a message that waits, where a platform lets us say no more: a few words, and what they are about."""

from collections.abc import Sequence

from handlers.texts import words
from handlers.texts.phrase import Phrase
from storage.domain.proposal_status import Status

# What somebody owes, or has to look at.
REPORTS = Phrase("督查报告待提交", "Reports are due")
OVERDUE = Phrase("督查报告逾期未交", "Reports are overdue")
REPORTED = Phrase("督查情况请过目", "A report to look at")
RECTIFY = Phrase("整改任务待办理", "Problems to solve")
CONFIRM = Phrase("整改结果待确认", "Please confirm work")
PRESSING = Phrase("整改事项待督办", "Pressing problems")
CLOSED = Phrase("整改已销号", "A problem is closed")
EXPLAINED = Phrase("项目滞后已说明", "A delay is explained")
CHARGED = Phrase("请您联系项目", "A project for you")
RELEASED = Phrase("项目改由他人联系", "No longer yours")
DECLINED = Phrase("项目联系人待安排", "Somebody declined")
DIGEST = Phrase("督查月报", "Monthly digest")
SEEN = Phrase("居民反映待回复", "Residents' remarks")
HELP_WANTED = Phrase("居民求助待答复", "A call for help")
ANSWER_CAME = Phrase("建议人已答复", "An author answered")
ANNOUNCEMENTS = Phrase("公告待审核", "Please review")
RETURNED = Phrase("公告被退回", "Sent back to you")

# How a proposal stands.
ANSWERED = Phrase("已答复", "answered")
STANDS = {**words.STATUS, Status.ASKED: Phrase(words.STATUS[Status.ASKED].zh, "a question for you")}


def proposal(number: int) -> Phrase:
    return Phrase(f"第{number}号建议", f"Proposal {number}")


def announcements(numbers: Sequence[int]) -> Phrase:
    if len(numbers) == 1:
        return Phrase(f"第{numbers[0]}号公告", f"Announcement {numbers[0]}")
    return Phrase(f"{len(numbers)} 条公告", f"{len(numbers)} announcements")


def reports(names: Sequence[str]) -> Phrase:
    """Each by its project, or whatever it is of; of a single one it is said which."""
    return _named(names) or Phrase(f"{len(names)} 份报告", f"{len(names)} reports")


def problems(names: Sequence[str]) -> Phrase:
    """Likewise, each by its project."""
    return _named(names) or Phrase(f"{len(names)} 项整改", f"{len(names)} problems")


def _named(names: Sequence[str]) -> Phrase | None:
    return Phrase(names[0]) if len(names) == 1 else None
