"""What the office reads of announcements that go to many by one call (群发), and what stands in such a message."""

from collections.abc import Mapping

from handlers.texts.announcements_audience import channel
from handlers.texts.phrase import Phrase, join, many
from handlers.texts.words import excerpt
from storage.announcement_reports import MassSend
from storage.announcements import Announcement
from storage.mass_sends import A_MONTH, MOST, SENT, UNSURE, State

TITLE = Phrase("群发", "Mass sends")
MASSED = Phrase("群发中", "By mass send")
BECAME = Phrase("结果", "Result")
CALLED = Phrase("提交时间", "Asked for")
TOTAL = Phrase("微信收到的人数", "Taken by WeChat")
FILTERED = Phrase("准备发送", "To be sent")
REACHED = Phrase("发送成功", "Sent")
FAILED = Phrase("发送失败", "Failed")

_CONFIRM = Phrase(
    "公众号开了群发保护的，管理员要在30分钟内到手机微信上确认，不确认就发不出",
    "Where the account is protected, an administrator has to confirm it on their phone within 30 minutes, else it is "
    "not sent",
)
_COUNTS = Phrase(f"每人每月最多收{A_MONTH}条群发，这算1条", f"it is one of the {A_MONTH} that anybody gets in a month")
# "事件推送群发结果", and codes of the call.
_WHY: Mapping[str, Phrase] = {
    "err(40001)": Phrase("管理员没有同意", "an administrator refused it"),
    "err(40002)": Phrase("管理员没有在30分钟内确认", "no administrator confirmed it within 30 minutes"),
    "err(10001)": Phrase("微信认为涉嫌广告", "WeChat takes it for an advertisement"),
    "err(20001)": Phrase("微信认为涉嫌政治", "WeChat takes it for politics"),
    "err(20002)": Phrase("微信认为涉嫌色情", "WeChat takes it for indecent"),
    "err(20004)": Phrase("微信认为涉嫌社会事件", "WeChat objects to what it is about"),
    "err(20006)": Phrase("微信认为涉嫌违法", "WeChat takes it for unlawful"),
    "err(20008)": Phrase("微信认为涉嫌欺诈", "WeChat takes it for a fraud"),
    "err(20013)": Phrase("微信认为涉嫌版权问题", "WeChat takes it for a breach of copyright"),
    "err(21000)": Phrase("微信审核没有通过", "WeChat does not let it pass"),
    "err(22000)": Phrase("微信认为涉嫌互推", "WeChat takes it for mutual advertising"),
    "45028": Phrase("公众号这个月的群发次数用完了", "the account has no mass send left this month"),
    "deleted": Phrase("在公众平台上被删除了", "it was deleted at the platform"),
    "send fail": Phrase("微信没有发出去", "WeChat failed to send it"),
    UNSURE: Phrase("不知道微信收到没有", "nobody knows whether WeChat has it"),
}
_STATE: Mapping[State, Phrase] = {
    State.GATHERING: Phrase("正在准备", "being prepared"),
    State.READY: Phrase("等着提交", "to be asked for"),
    State.CALLING: Phrase("正在提交", "being asked for"),
    State.ASKED: Phrase("已提交，等微信发出", "asked for, to be sent by WeChat"),
}


def why(became: str) -> Phrase:
    """Why it was not sent."""
    code = Phrase(f"微信没有接受（{became}）", f"WeChat did not take it ({became})")
    return _WHY.get(became, code)


def page(address: str) -> Phrase:
    """The line that tells where all of an announcement stands."""
    return Phrase(f"全文和图片、附件：{address}", f"All of it, with its files: {address}")


# --- before


def to_come(people: Mapping[str, int]) -> Phrase:
    """How many go so at most, by channel."""
    ways = join(channel(name) + Phrase(f"最多 {count} 人", f" up to {count}") for name, count in people.items())
    return Phrase(
        f"其中{ways.zh}，48小时内没来过的用群发：{_CONFIRM.zh}；{_COUNTS.zh}。",
        f"Of these, by {ways.said('en')}: who was not there within 48 hours gets it by mass send. "
        f"{_CONFIRM.said('en')}; {_COUNTS.said('en')}.",
    )


# --- on the way


def asked(one: Announcement, people: int) -> Phrase:
    """The platform has it."""
    several = Phrase("")
    if people >= MOST - 1:
        several = Phrase("人多分批提交，每批都要确认。", " There are several, each to be confirmed.")
    title = excerpt(one.content.title, 20)
    return (
        Phrase(
            f"公告{one.number}“{title}”的群发已提交给微信，{people} 人。{_CONFIRM.zh}；{_COUNTS.zh}。",
            f"Announcement {one.number} (“{title}”): WeChat has the mass send to {many(people, 'person', 'people')}. "
            f"{_CONFIRM.said('en')}; {_COUNTS.said('en')}.",
        )
        + several
    )


def in_vain(one: Announcement, became: str, people: int) -> Phrase:
    """It was not sent, or perhaps was."""
    title, reason = excerpt(one.content.title, 20), why(became)
    what = Phrase("这些人下次来时收到。", "They get it when they are there again.")
    if became == UNSURE:
        what = Phrase(
            "为了不重复，不再发给他们；请到微信公众平台上查看。",
            "So that nobody gets it twice, it is not sent again; please look at the platform.",
        )
    return Phrase(
        f"公告{one.number}“{title}”的群发没有发出（{people} 人）：{reason.zh}。{what.zh}",
        f"Announcement {one.number} (“{title}”), mass send to {many(people, 'person', 'people')}: "
        f"{reason.said('en')}. {what.said('en')}",
    )


def progress(massed: int, asked_for: int, not_massed: Mapping[str, int]) -> list[Phrase]:
    """How many people, for the message that tells how far an announcement is."""
    found = []
    if massed:
        waits = Phrase("")
        if asked_for:
            waits = Phrase(
                f"（{asked_for} 人的已提交，要管理员30分钟内在手机微信上确认）",
                f" ({asked_for} asked for, to be confirmed by an administrator within 30 minutes)",
            )
        found.append(Phrase(f"{MASSED.zh} {massed}{waits.zh}", f"{massed} by mass send{waits.en}"))
    for became, people in not_massed.items():
        reason = why(became)
        found.append(Phrase(f"群发没发出 {people}（{reason.zh}）", f"{people} not massed ({reason.said('en')})"))
    return found


def beyond_recall(people: int) -> Phrase:
    """After one was stopped of which the platform has a part."""
    return Phrase(
        f"已经提交给微信群发的 {people} 人收不回来；内容有误的，请用“更正”或“撤回”。",
        f"WeChat has the mass send to {many(people, 'person', 'people')} already; it cannot be taken back. If it is "
        "wrong, please correct it or take it back.",
    )


def became(one: MassSend) -> Phrase:
    """In the report."""
    if one.became == SENT:
        return Phrase("已发出", "sent")
    return why(one.became) if one.became else _STATE[one.state]
