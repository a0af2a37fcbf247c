"""What is asked while an announcement is written, and the summary before it is kept."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from handlers.texts.announcements import BUTTON, KIND, MARK
from handlers.texts.phrase import Phrase, join, lines
from handlers.texts.words import excerpt
from storage.announcement_contents import BLANK
from storage.announcements import Announcement, Content
from storage.domain.announcements import FILES, VARIABLES, Correction
from storage.domain.file_kinds import SIZE_LIMIT

WHICH_KIND = Phrase("发哪一种公告？", "What kind of announcement?")
TAKE_IT = Phrase("就用这个", "Take this")
KEEP_IT = Phrase("不改", "Keep it")
NO_LINK = Phrase("不要链接", "No link")
NO_BUTTON = Phrase("不要按钮", "No button")
NO_FILES = Phrase("不要附件", "No files")
FILES_DONE = Phrase("好了", "Done")
FILES_AGAIN = Phrase("都不要，重新发", "Drop all, send others")
AT_ONCE = Phrase("审完马上发", "At once, when all have agreed")
ON_BOARD = Phrase("上公告榜", "On the public board")
NOT_ON_BOARD = Phrase("不上榜，只发消息", "Messages only")
NOT_URGENT = Phrase("不紧急", "Not urgent")

FILES_WHAT = Phrase(
    f"有图片或附件吗？直接发来，最多 {FILES} 个，每个不超过 {SIZE_LIMIT // 2**20} MB；第一个随公告一起显示。",
    f"Pictures or files? Send them, at most {FILES}, each of at most {SIZE_LIMIT // 2**20} MB. "
    "The first stands above the text.",
)
FILE_WANTED = Phrase("请发图片或文件，发完回复“好了”。", "Please send pictures or files, then “done”.")
LINK_WHAT = Phrase("要带网页链接吗？请发以 http 开头的网址。", "A link? Please send an address that begins with http.")
LINK_WRONG = Phrase(
    "这不是能公开的网址。请发以 http:// 或 https:// 开头、没有空格的网址。",
    "That is no address that can be shown. It has to begin with http:// or https://, without spaces.",
)
BUTTON_WHAT = Phrase("公告下面要放按钮吗？", "A button below it?")
NOTHING_TO_TELL = Phrase(
    "还没有录入民生实事项目，没有进展可以通报。请先录入项目，或者换一个种类。",
    "There are no projects yet, so there is no progress to tell of. Enter projects first, or choose another kind.",
)
AUDIENCE_WHAT = Phrase("发给谁？", "Whom is it for?")
WHEN = Phrase(
    "什么时候发？回复数字，或写日期和钟点，比如 9月3日上午9点。",
    "When? Choose a number, or write a day and hour, such as 2026-09-03 9:00.",
)
WHICH_HOUR = Phrase("几点发？比如 上午9点、15:30。", "At what time? Such as 9:00 or 15:30.")
WHEN_UNREADABLE = Phrase("没有看懂。请这样写：9月3日上午9点。", "I cannot read that. Please write 2026-09-03 9:00.")
WHEN_PAST = Phrase("这个时间已经过了，请换一个。", "That is past. Please choose another moment.")
BOARD_WHAT = Phrase("要同时张贴到公告榜上吗？", "Shall it stand on the public board, too?")
URGENT_WHAT = Phrase(
    "是紧急公告吗？紧急的只要一人签发，夜里也发，请写明原因。",
    "Is it urgent? Then one signature suffices and it is sent at night, too. Please say why.",
)
URGENT_WHY = Phrase(
    "请写明为什么等不及，比如：台风将至。", "Please say why it cannot wait, such as: a typhoon is coming."
)
GAPS_LEFT = Phrase(
    f"里面还有{BLANK}没有填，请填好后整段发来。", f"There is still {BLANK} in it. Please fill that in and send it all."
)
RECALL_WORDS = Phrase(
    "前一份公告有误，现予撤回，请以后续通知为准。", "The earlier announcement was wrong and is taken back."
)

CHANGE_REFUSED = Phrase(
    "刚有人先办了，没有改上；您写的已存好，回复“继续”再看。",
    "Somebody was faster, so it is not changed. What you wrote is kept; reply “resume”.",
)
CORRECTED_MEANWHILE = Phrase(
    "刚有人先写了一份更正或撤回，同一份公告不能有两份；您写的已存好，回复“继续”再看。",
    "Somebody has just begun to correct it or take it back, and there cannot be two. What you wrote is kept; "
    "reply “resume”.",
)


def title_what(at_most: int, suggested: str) -> Phrase:
    return _suggested(
        Phrase(f"标题是什么？最多 {at_most} 字。", f"Its title? At most {at_most} characters."), suggested
    )


def text_what(at_most: int, suggested: str) -> Phrase:
    names = "、".join(f"{{{name}}}" for name in VARIABLES)
    asked = Phrase(
        f"正文是什么？最多 {at_most} 字；可写 {names}，发出时换成各人自己的。",
        f"Its text? At most {at_most} characters; {names} become each reader's name, cell and deputy.",
    )
    return _suggested(asked, suggested)


def _suggested(asked: Phrase, suggested: str) -> Phrase:
    if not suggested:
        return asked
    if BLANK in suggested:
        return lines([asked, Phrase(f"可以照这样写：\n{suggested}", f"You may write it like this:\n{suggested}")])
    return lines([asked, Phrase(f"可以用：\n{suggested}", f"You may take this:\n{suggested}")])


def too_long(at_most: int, written: int) -> Phrase:
    return Phrase(
        f"写了 {written} 字，最多 {at_most} 字，请删短后再发；前面填的都还在。",
        f"That is {written} characters, at most {at_most} fit. Please shorten it; all else is kept.",
    )


def unknown_variables(names: Sequence[str]) -> Phrase:
    unknown = "、".join(f"{{{name}}}" for name in names)
    known = "、".join(f"{{{name}}}" for name in VARIABLES)
    return Phrase(f"没有 {unknown}，只能用 {known}。", f"There is no {unknown}; there are {known}.")


def files_received(count: int, waiting: int) -> Phrase:
    if waiting:
        return Phrase(
            f"已收到 {count} 个，还有 {waiting} 个在接收，请过几秒回复“好了”。",
            f"{count} received, {waiting} on the way. Reply “done” in a few seconds.",
        )
    if count > FILES:
        return Phrase(
            f"收到 {count} 个，只用前 {FILES} 个。回复“好了”继续。",
            f"{count} received, the first {FILES} are taken. Reply “done” to go on.",
        )
    return Phrase(f"已收到 {count} 个。还有就接着发，没有回复“好了”。", f"{count} received. Send more, or “done”.")


def next_morning(at: datetime, timezone: str) -> Phrase:
    when = moment(at, timezone)
    return Phrase(f"下个工作日（{when.zh}）", f"Working morning {when.en}")


def moment(at: datetime, timezone: str) -> Phrase:
    """A moment as people there call it."""
    there = at.astimezone(ZoneInfo(timezone))
    return Phrase(f"{there:%-m月%-d日 %H:%M}", f"{there:%Y-%m-%d %H:%M}")


# --- all of it


def whole(content: Content, audience: Phrase, when: Phrase, correction: tuple[Correction, int] | None) -> Phrase:
    """Everything about an announcement, its text unabridged."""
    head = Phrase(f"种类：{KIND[content.kind].zh}", f"Kind: {KIND[content.kind].en}")
    return lines([head, *_correcting(correction), *_words(content), *_further(content, audience, when)])


def _correcting(correction: tuple[Correction, int] | None) -> list[Phrase]:
    if correction is None:
        return []
    how, number = correction
    said = "更正" if how is Correction.REPLACE else "撤回"
    return [Phrase(f"{said}：公告{number}", f"{MARK[how].en}of announcement {number}")]


def _words(content: Content) -> list[Phrase]:
    return [
        Phrase(f"标题：{content.title}", f"Title: {content.title}"),
        Phrase(f"正文：\n{content.text}", f"Text:\n{content.text}"),
    ]


def _further(content: Content, audience: Phrase, when: Phrase) -> list[Phrase]:
    files = join(Phrase(name) if name else Phrase("图片", "a picture") for _, name, _ in content.files)
    button = BUTTON.get(content.button)
    return [
        Phrase(f"附件：{files.zh}", f"Files: {files.said('en')}") if content.files else Phrase(""),
        Phrase(f"链接：{content.link}", f"Link: {content.link}") if content.link else Phrase(""),
        Phrase(f"按钮：{button.zh}", f"Button: {button.en}") if button else Phrase(""),
        Phrase(f"发给：{audience.zh}", f"For: {audience.said('en')}"),
        Phrase(f"时间：{when.zh}", f"When: {when.said('en')}"),
        Phrase("公告榜：", "Public board: ") + (Phrase("上榜", "yes") if content.on_board else Phrase("不上榜", "no")),
        Phrase(f"紧急：{content.urgent}", f"Urgent: {content.urgent}") if content.urgent else Phrase(""),
    ]


def when(at: datetime | None, allowed: datetime | None, timezone: str) -> Phrase:
    """When it is wanted, and when the quiet hours let it be; `allowed` None where that is the same."""
    if at is None:
        return AT_ONCE
    said = moment(at, timezone)
    if allowed is None:
        return said
    later = moment(allowed, timezone)
    return said + Phrase(f"（免打扰，顺延到{later.zh}）", f" (quiet hours: not before {later.en})")


def check(whole_of_it: Phrase, one: Announcement | None, seen: int) -> Phrase:
    """Above the question whether to keep it."""
    head = Phrase(
        "请核对。提交后存为草稿，可以先预览，再送审。",
        "Please check. It is kept as a draft, to be looked at and submitted.",
    )
    changed = Phrase("")
    if one:
        head = Phrase(
            f"公告{one.number}改成这样。提交后存为新的一版，要重新送审。",
            f"Announcement {one.number} becomes this. It is a new version, to which all have to agree anew.",
        )
        if one.version != seen:
            changed = Phrase(
                f"注意：您修改期间别人改过“{excerpt(one.content.title, 20)}”，提交后以您这份为准。",
                f"Mind: somebody changed it meanwhile (“{excerpt(one.content.title, 20)}”); yours replaces that.",
            )
    return lines([head, changed, whole_of_it])
