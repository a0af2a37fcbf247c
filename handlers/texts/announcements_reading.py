"""What readers of announcements are told: the board, one of them, and how to hear less or more."""

from handlers.texts.announcements import MARK
from handlers.texts.announcements_writing import moment
from handlers.texts.phrase import Phrase, lines
from handlers.texts.words import excerpt
from storage.announcements import Announcement
from storage.domain.announcements import Correction

MENU = Phrase("公告", "Announcements")
LIST = Phrase("现在的公告，回复数字阅读：", "The announcements there are; reply with a number to read one:")
LIST_NONE = Phrase("现在没有公告。", "There is no announcement now.")
WHAT_NEXT = Phrase("接下来：", "What next?")
TO_LIST = Phrase("看其他公告", "Other announcements")
NO_FILES = Phrase("这份公告没有附件。", "It has no files.")

SUBSCRIBED = Phrase(
    "已订阅，有公告和进展会通知您。不想收时回复“退订”。",
    "You are subscribed and hear of announcements and progress. Reply “unsubscribe” to stop that.",
)
UNSUBSCRIBED = Phrase(
    "已退订，不再主动给您发公告和进展；收过的公告有更正，仍会告诉您。想看时回复“公告”，想再收时回复“订阅”。",
    "You are unsubscribed: no more announcements or news of your proposals; you still hear when one that you got is "
    "corrected. Reply “board” to read announcements, “subscribe” to get all of it again.",
)
OFFICIAL = Phrase(
    "您在本级人大有职务，与职务有关的正式公告仍会发给您。",
    "As you hold an office of the congress, its official announcements are still sent to you.",
)


def option(one: Announcement, timezone: str) -> Phrase:
    title, when = excerpt(one.content.title, 24), moment(one.started_at or one.created_at, timezone)
    day = Phrase(when.zh.partition(" ")[0], when.en.partition(" ")[0])
    mark = MARK[one.correction] if one.correction else Phrase("")
    return Phrase(f"{mark.zh}{title}（{day.zh}）", f"{mark.en}{title} ({day.en})")


def whole(one: Announcement, title: str, text: str, congress: str) -> Phrase:
    """All of one; `title` and `text` as this reader gets them."""
    mark = MARK[one.correction] if one.correction else Phrase("")
    return lines(
        [
            mark + Phrase(title) if title else mark,
            Phrase(text),
            Phrase(f"详情：{one.content.link}", f"More: {one.content.link}") if one.content.link else Phrase(""),
            Phrase(f"——{congress}，公告{one.number}", f"-- {congress}, announcement {one.number}"),
        ]
    )


def corrected(number: int, by: Announcement) -> Phrase:
    """Above what took the place of the one that was asked for."""
    if by.correction is Correction.RECALL:
        return Phrase(f"公告{number}已撤回：", f"Announcement {number} was taken back:")
    return Phrase(f"公告{number}已更正，以这份为准：", f"Announcement {number} was corrected; this one counts:")


def files_of(number: int) -> Phrase:
    return Phrase(f"公告{number}的附件：", f"The files of announcement {number}:")
