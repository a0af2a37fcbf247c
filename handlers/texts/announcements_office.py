"""What the office reads about its announcements: the list, a card of each, and what follows from each step."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from handlers.texts.announcement_reports import why
from handlers.texts.announcements import KIND, MARK, STATE, STEP
from handlers.texts.announcements_audience import channel
from handlers.texts.announcements_writing import moment
from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.words import excerpt
from storage.announcement_reports import Telephone
from storage.announcements import Announcement, Signed
from storage.audiences import Reach
from storage.domain.announcements import Correction, State

WHICH = Phrase("看哪些公告？", "Which announcements?")
NEW = Phrase("发新公告", "Write a new one")
WAITING = Phrase("等我审核、签发的", "Waiting for me")
DRAFTS = Phrase("草稿", "Drafts")
IN_REVIEW = Phrase("待审核、待签发", "In review")
SCHEDULED = Phrase("待发送", "Scheduled")
RUNNING = Phrase("正在发送", "Being sent")
ENDED = Phrase("已结束", "Ended")
NONE = Phrase("这里没有公告。", "There are no announcements here.")
NONE_WAITING = Phrase("现在没有等您审核或签发的公告。", "No announcement waits for you now.")
WHICH_WAITS = Phrase("这些公告等您审核或签发：", "These announcements wait for your agreement:")

SUBMIT = Phrase("送审", "Submit it")
SIGN_ALONE = Phrase("确定发送", "Send it")
REVIEW = Phrase("审核通过", "It may be approved")
APPROVE = Phrase("签发", "Approve it")
URGENT = Phrase("紧急签发", "Approve it as urgent")
RETURN = Phrase("退回修改", "Send it back")
CHANGE = Phrase("修改", "Change it")
PREVIEW = Phrase("预览", "Preview")
FILES = Phrase("看图片和附件", "Show its files")
PAUSE = Phrase("暂停", "Pause")
RESUME = Phrase("继续发送", "Go on")
STOP = Phrase("停止", "Stop it")
CORRECT = Phrase("更正", "Correct it")
RECALL = Phrase("撤回", "Take it back")
REMIND = Phrase("再提醒没打开的人", "Remind who has not opened it")
REPORT = Phrase("送达报告（XLSX）", "Delivery report (XLSX)")
PICTURE = Phrase("送达情况图", "Delivery card")
TELEPHONES = Phrase("没送到、要打电话的人", "Whom to telephone")
GROUP_TEXT = Phrase("转发到群的短文和海报", "Text and poster for groups")
DISCARD = Phrase("作废", "Discard it")
KEEP = Phrase("存着，回列表", "Keep it, back to the list")
LEAVE = Phrase("回列表", "Back to the list")

FIELD: Mapping[str, Phrase] = {
    "kind": Phrase("种类", "Kind"),
    "heading": Phrase("标题", "Title"),
    "text": Phrase("正文", "Text"),
    "files": Phrase("图片和附件", "Files"),
    "link": Phrase("链接", "Link"),
    "button": Phrase("按钮", "Button"),
    "audience": Phrase("发给谁", "Whom it is for"),
    "when": Phrase("什么时候发", "When"),
    "board": Phrase("公告榜", "Public board"),
    "urgent": Phrase("紧急", "Urgent"),
}
WHICH_FIELD = Phrase("要改哪一项？改后要重新送审。", "What do you want to change? All have to agree anew.")
WHY_RETURNED = Phrase("为什么退回？起草的人会收到。", "Why? Its author reads it.")
WHY_URGENT = Phrase("为什么等不及按程序审核？会记入审核记录。", "Why can it not wait? The reason is kept.")
DISCARD_SURE = Phrase("作废以后不能恢复，确定吗？", "It cannot be brought back. Are you sure?")
STOP_SURE = Phrase(
    "停止以后，还没发出的都不再发，也不能再继续。确定停止吗？",
    "What has not been sent never will be, and it cannot go on. Stop it?",
)
STOP_REALLY = Phrase("请再确认一次：真的停止吗？", "Once more: do you really want to stop it?")
LEFT_ALONE = Phrase("没有改动。", "Nothing is changed.")

NOT_COUNTED = Phrase(
    "发送对象较多，正在统计人数，统计好了会告诉您，之后才能送审。",
    "The audience is large and is being counted. You are told when that is done; it can be submitted then.",
)
NOBODY = Phrase("发送对象里没有人，不能送审，请修改。", "There is nobody in the audience; please change it.")
DISCARDED = Phrase("已作废。", "It is discarded.")
PAUSED = Phrase("已暂停。", "It is paused.")
RESUMED = Phrase("已继续发送。", "It goes on.")
STOPPED = Phrase("已停止，没发出的不再发。", "It is stopped; nothing more is sent.")
REMINDED_ALREADY = Phrase("已经提醒过一次，不再提醒。", "They were reminded once already.")
REPORT_SENT = Phrase("送达报告在这里。", "Here is the report.")
PICTURE_SENT = Phrase("送达情况在这里。", "Here is the card.")
POSTER_SENT = Phrase(
    "上面的短文可以直接转发到群里；海报在这里。", "The text above may be forwarded; here is the poster."
)
NOBODY_TO_CALL = Phrase("没有要打电话的人。", "There is nobody to telephone.")
TO_CALL = Phrase("这些人没有送到，请打电话：", "It did not reach these people; please call them:")
BACK = Phrase("回到这份公告", "Back to the announcement")

REMINDER_TITLE = "请抽空看一看："
REMINDER_TEXT = "您好，前几天发给您的公告还没有打开，请您抽空看一看。打扰了，谢谢。\n\n"


def file_name(kind: str, number: int) -> Phrase:
    """Of a file about one, by the kind of its recipe."""
    what = _FILE[kind]
    return Phrase(f"公告{number}-{what.zh}", f"announcement-{number}-{what.en}")


_FILE = {
    "announcement_report": Phrase("送达报告", "delivery"),
    "announcement_card": Phrase("送达情况", "delivery"),
    "announcement_poster": Phrase("海报", "poster"),
}


def option(one: Announcement, timezone: str) -> Phrase:
    """A line of the list."""
    title, state = excerpt(one.content.title, 20), STATE[one.state]
    when = moment(one.started_at or one.send_at or one.created_at, timezone)
    mark = MARK[one.correction] if one.correction else Phrase("")
    return Phrase(
        f"公告{one.number}　{mark.zh}{title}（{state.zh}，{when.zh}）",
        f"{one.number}: {mark.en}{title} ({state.en}, {when.en})",
    )


def newer(one: Announcement) -> Phrase:
    """The way to what corrects the one that is shown, or takes it back."""
    state, does = STATE[one.state], _DOES[one.correction or Correction.REPLACE]
    return Phrase(
        f"看{does.zh}它的公告{one.number}（{state.zh}）", f"{does.en} by announcement {one.number} ({state.en})"
    )


_DOES = {Correction.REPLACE: Phrase("更正", "Corrected"), Correction.RECALL: Phrase("撤回", "Taken back")}


def head(shown: int) -> Phrase:
    return Phrase(
        f"这一页 {shown} 份公告，回复数字查看：",
        f"{many(shown, 'announcement')} here; reply with a number to read one:",
    )


def card(one: Announcement, said: Phrase, further: Sequence[Phrase]) -> Phrase:
    """Everything about one."""
    state, kind = STATE[one.state], KIND[one.content.kind]
    top = Phrase(
        f"公告{one.number}（第{one.version}版，{state.zh}）",
        f"Announcement {one.number} (version {one.version}, {state.en}; {kind.en})",
    )
    return lines([top, said, *further])


def reach(one: Reach, later: Collection[str], minutes: int | None) -> list[Phrase]:
    """How many people that is, by what way, and how long it takes. By the channels of `later` they get it when they
    write."""
    ways = join(_way(name, count, later=name in later) for name, count in one.channels.items())
    people = Phrase(f"共 {one.people} 人", many(one.people, "person", "people"))
    if one.reachable or not later:
        people += Phrase(f"，现在能送到 {one.reachable} 人", f", {one.reachable} reachable now")
    by = Phrase(f"：{ways.zh}", f": {ways.said('en')}") if one.channels else Phrase("")
    muted = Phrase(f"，退订 {one.muted} 人", f", {one.muted} unsubscribed") if one.muted else Phrase("")
    nowhere = Phrase(f"，没有账号 {one.nowhere} 人", f", {one.nowhere} without account") if one.nowhere else Phrase("")
    lasts = Phrase("")
    if minutes is not None:
        lasts = Phrase(f"发完约需 {minutes} 分钟。", f"It takes about {many(minutes, 'minute')}.")
    return [people + by + muted + nowhere, lasts]


def _way(name: str, count: int, *, later: bool) -> Phrase:
    when = Phrase("（下次来信时收到）", " (when they write next)") if later else Phrase("")
    return channel(name) + Phrase(f" {count} 人", f" {count}") + when


def no_cell(count: int) -> Phrase:
    """Of everybody: who has not said where they live."""
    return Phrase(
        f"其中 {count} 人还没有登记网格，也算在内。",
        f"{many(count, 'person', 'people')} without a cell among them.",
    )


def examples(listed: Sequence[tuple[str, Phrase, str]]) -> Phrase:
    """Some of them: name, place, channel."""
    said = join(_example(*one) for one in listed)
    return Phrase(f"例如：{said.zh}", f"Such as: {said.said('en')}") if listed else Phrase("")


def _example(name: str, place: Phrase, by: str) -> Phrase:
    way = channel(by) if by else why("nowhere")
    who = Phrase(name) if name else Phrase("未留名", "no name")
    return Phrase(f"{who.zh}（{place.zh}，{way.zh}）", f"{who.said('en')} ({place.said('en')}, {way.said('en')})")


def signed(one: Signed, timezone: str) -> Phrase:
    """Who did what to which version, and when."""
    step, when = STEP[one.step], moment(one.at, timezone)
    reason = Phrase(f"：{one.reason}", f": {one.reason}") if one.reason else Phrase("")
    name = one.name or "—"
    return (
        Phrase(
            f"· {when.zh} {name} {step.zh}（第{one.version}版）",
            f"· {when.en} {name} {step.en} (version {one.version})",
        )
        + reason
    )


def written(name: str) -> Phrase:
    return Phrase(f"起草：{name or '—'}", f"Written by {name or '—'}")


def starts_at(at: datetime | None, timezone: str) -> Phrase:
    """`at` is None for at once."""
    if at is None:
        return Phrase("马上开始发送。", "It is sent at once.")
    when = moment(at, timezone)
    return Phrase(f"将于 {when.zh} 开始发送。", f"It is sent from {when.en} on.")


def begun(one: Announcement, timezone: str) -> Phrase:
    """Since when it has been sent, and until when it was; empty where it was stopped before."""
    if one.started_at is None:
        return Phrase("")
    since = moment(one.started_at, timezone)
    said = Phrase(f"开始发送：{since.zh}", f"Sent since {since.en}")
    if one.ended_at is None:
        return said
    until = moment(one.ended_at, timezone)
    return said + Phrase(f"，结束：{until.zh}", f", until {until.en}")


# --- what follows from a step


def submitted(then: State, prompted: int) -> Phrase:
    step = "审核" if then is State.REVIEW else "签发"
    english = "review" if then is State.REVIEW else "approve"
    return Phrase(f"已送审，已请 {prompted} 人{step}。", f"It is submitted; {_asked(prompted)} to {english} it.")


def _asked(count: int) -> str:
    return many(count, "person is asked", "people are asked")


def reviewed(prompted: int) -> Phrase:
    return Phrase(f"已审核通过，已请 {prompted} 人签发。", f"It is reviewed; {_asked(prompted)} to approve it.")


def approved(at: datetime | None, timezone: str) -> Phrase:
    return lines([Phrase("已签发。", "It is approved."), starts_at(at, timezone)])


def returned(number: int) -> Phrase:
    return Phrase(f"公告{number}已退回起草的人。", f"Announcement {number} went back to its author.")


def told_returned(one: Announcement, by: str, reason: str) -> Phrase:
    """To who wrote it."""
    title = excerpt(one.content.title, 20)
    return Phrase(
        f"公告{one.number}“{title}”被{by}退回：{reason}\n回复“公告管理”修改。",
        f"Announcement {one.number} (“{title}”) was sent back by {by}: {reason}\n"
        "Reply “manage announcements” to change it.",
    )


def told_approved(one: Announcement, at: datetime | None, timezone: str) -> Phrase:
    title = excerpt(one.content.title, 20)
    said = Phrase(f"公告{one.number}“{title}”已签发。", f"Announcement {one.number} (“{title}”) is approved. ")
    return said + starts_at(at, timezone)


def too_few(wanted: int, there: int) -> Phrase:
    return Phrase(
        f"送审还要另外 {wanted} 人审核、签发，现在只有 {there} 人；请先邀请工作人员或主席团成员。",
        f"{many(wanted, 'other person has', 'other people have')} to agree, and there {'is' if there == 1 else 'are'} "
        f"{there}. Please invite staff or presidium.",
    )


def preview_head(channels: Sequence[str], *, pushes: bool) -> Phrase:
    """Above what readers on these channels see, who get it only when they write where nothing is pushed."""
    named, later = join(map(channel, channels)), Phrase("")
    if not pushes:
        later = Phrase("（对方下次发消息时收到）", " (when they write next)")
    return Phrase(f"↓ 在{named.zh}这样显示{later.zh}：", f"↓ On {named.said('en')} it looks like this{later.en}:")


def preview_by_mass(channels: Sequence[str]) -> Phrase:
    """Above what those read who get it by one call to many."""
    named = join(map(channel, channels))
    return Phrase(f"↓ 在{named.zh}群发时这样显示：", f"↓ By mass send on {named.said('en')} it looks like this:")


def to_call(one: Telephone) -> Phrase:
    name, number = one.name or "未留名", one.telephone or "未留电话"
    return Phrase(
        f"{name}　{number}（{why(one.why).zh}）",
        f"{one.name or 'no name'} {one.telephone or '-'} ({why(one.why).said('en')})",
    )
