"""What staff, deputies and grid workers read."""

from collections.abc import Sequence

from handlers.texts.announcements_audience import channel as channel_name
from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.words import AWAITS_CONTACT, CATEGORY, STATUS, excerpt, passage
from storage.proposals import COUNTED, Proposal

MENU_LEDGER = Phrase("建议台账", "Ledger of proposals")
MENU_TELEPHONES = Phrase("联系不上的人", "People we cannot reach")
MENU_ON_BEHALF = Phrase("代居民提建议", "Propose for a resident")
MENU_MY_CELLS = Phrase("我网格本周的留言", "Messages in my cells")
MENU_PAPER = Phrase("录入纸质表", "Enter a paper form")

WHICH_CONGRESS = Phrase("哪个人大？", "Which congress?")
WHICH_FILTER = Phrase("看哪些建议？", "Which proposals?")
NEW_ONES = Phrase("新收到、还没定的", "New ones")
ALL = Phrase("全部", "All")
THIS_WEEK = Phrase("最近 7 天", "The last 7 days")
WAITING_LONG = Phrase("等了 7 天以上的", "Waiting for more than 7 days")
UNLOCATED = Phrase("地点待核实的", "Place to be determined")
BY_CELL = Phrase("按网格", "By cell")
BY_CATEGORY = Phrase("按类别", "By category")
BY_STATUS = Phrase("按状态", "By status")
BY_NUMBER = Phrase("按编号", "By number")
AS_FILE = Phrase("导出台账（XLSX）", "The ledger as XLSX")
LOAD_FILE = Phrase("上传填好的台账", "Load a filled-in ledger")
WHICH_CELL = Phrase("哪个网格？", "Which cell?")
WHICH_CATEGORY = Phrase("哪个类别？", "Which category?")
WHICH_STATUS = Phrase("哪种状态？", "Which status?")
WHICH_NUMBER = Phrase("编号是多少？", "What is its number?")
LEDGER = Phrase("回复数字查看：", "Reply with a number to read one:")
OTHER_FILTER = Phrase("换个条件", "Other proposals")
NOTHING_FOUND = Phrase("没有符合的建议。回复“台账”换个条件。", "No proposal matches. Reply “ledger” for other ones.")
LEDGER_FILE = Phrase(
    "台账在这里。类别、网格编码、状态、原因可在表里填好后传回来。",
    "Here is the ledger. Category, cell code, status and reason may be filled in and loaded back.",
)
SEND_FILE = Phrase("请把填好的台账文件（XLSX）发过来。", "Please send the filled-in ledger (XLSX).")

ANSWER = Phrase("回复作者", "Answer the author")
ASK_BACK = Phrase("追问作者", "Ask the author back")
TAKE_UP = Phrase("采纳", "Take up")
DECLINE = Phrase("不采纳", "Decline")
RESERVE = Phrase("列入储备库", "Keep in reserve")
REOPEN = Phrase("恢复为已收到", "Back to received")
CORRECT_CELL = Phrase("改网格", "Correct the cell")
CORRECT_CATEGORY = Phrase("改类别", "Correct the category")
CLEAR = Phrase("公开给邻居看", "Show it to neighbours")
UNCLEAR = Phrase("不再公开", "Stop showing it")
SHOW_FILES = Phrase("看照片和附件", "Show photos and files")
MESSAGES = Phrase("看全部留言", "All its messages")
LEAVE = Phrase("回台账", "Back to the ledger")
TO_PROPOSAL = Phrase("回到这条建议", "Back to the proposal")

ANSWER_WHAT = Phrase("请写回复，作者会原样收到。", "Please write your answer; the author gets it as it is.")
ASK_WHAT = Phrase(
    "请写要问的话，作者的回答会记到这条建议上。", "Please write your question; the answer lands on the proposal."
)
WHY = Phrase("原因是？", "For which reason?")
SAY_MORE = Phrase("要对作者说点什么吗？", "Anything to say to the author?")
NEW_CELL = Phrase("应该是哪个网格？", "Which cell is right?")
NEW_CATEGORY = Phrase("应该是哪个类别？", "Which category is right?")
CLEAR_SURE = Phrase("电话和身份证号会自动隐去。确定公开吗？", "Telephone and identity numbers are hidden. Show it?")
TO_WHICH = Phrase("它说的是几号建议？", "Which proposal does it speak of?")
WHICH_MESSAGE = Phrase(
    "最近的留言。说的是别的建议的，回复它的数字转过去：",
    "The latest messages. Reply with the number of one that belongs to another proposal:",
)

NO_MESSAGES = Phrase("没有留言。", "There are no messages.")
NO_MESSAGES_THIS_WEEK = Phrase(
    "这一周您的网格没有留言。回复“菜单”看全部功能。",
    "There are no messages of your cells this week. Reply “menu” to see everything.",
)
NO_CELLS = Phrase("还没有给您分配网格，请联系办公室。", "No cells are assigned to you yet. Please ask the office.")
NOBODY_UNREACHABLE = Phrase("登记的人都联系得上。", "Everybody who is enrolled can be reached.")
RESIDENT_NAME = Phrase("居民怎么称呼？不方便说就回复 1。", "What is the resident's name? Reply 1 to leave it out.")
RESIDENT_TELEPHONE = Phrase("居民的电话？没有就回复 1。", "The resident's telephone? Reply 1 if there is none.")
RESIDENT_WHAT = Phrase("居民想提什么建议？请照原话写。", "What does the resident propose? In their own words, please.")


def ledger_list(count: int, shown: int) -> Phrase:
    found = Phrase(f"超过 {COUNTED}", f"more than {COUNTED}") if count > COUNTED else Phrase(str(count))
    return Phrase(
        f"共 {found.zh} 条，这一页 {shown} 条，回复数字查看：",
        f"{found.said('en')} in all, {shown} here; reply with a number to read one:",
    )


def ledger_option(proposal: Proposal, place: Phrase, days: int) -> Phrase:
    text, status = excerpt(proposal.body, 16), STATUS[proposal.status]
    since = Phrase(f"{days} 天", f"{days} d") if days else Phrase("今天", "today")
    return Phrase(
        f"{text}（{proposal.number}号，{place.zh}，{status.zh}，{since.zh}）",
        f"{text} (No. {proposal.number}, {place.said('en')}, {status.en}, {since.en})",
    )


def card(
    proposal: Proposal,
    place: Phrase,
    authors: Sequence[tuple[str, str]],
    files: Sequence[Phrase],
    history: Sequence[Phrase],
) -> Phrase:
    """Everything about a proposal. `authors` are names and telephones, where they are known."""
    category, status, body = CATEGORY[proposal.category], STATUS[proposal.status], passage(proposal.body)
    who = join([_author(name, telephone) for name, telephone in authors]) if authors else _NO_NAME
    shown = Phrase("已公开", "shown") if proposal.cleared_at else Phrase("未公开", "not shown")
    head = Phrase(
        f"{proposal.number}号（{status.zh}，{shown.zh}，{proposal.supporters} 人也要）\n{body.zh}\n"
        f"地点：{place.zh}\n类别：{category.zh}\n作者：{who.zh}",
        f"No. {proposal.number} ({status.en}, {shown.en}, {proposal.supporters} more)\n{body.said('en')}\n"
        f"Where: {place.said('en')}\nCategory: {category.en}\nAuthor: {who.said('en')}",
    )
    return lines([head, *files, Phrase("经过：", "History:"), *history, Phrase("要做什么？", "What is to be done?")])


_NO_NAME = Phrase("未留名", "no name given")


def _author(name: str, telephone: str) -> Phrase:
    who = Phrase(name) if name else _NO_NAME
    return who + Phrase(f" {telephone}") if telephone else who


def files(stored: int, wanted: int, failed: int) -> Phrase:
    counted = [
        Phrase(f"{stored} 个已保存", f"{stored} stored") if stored else Phrase(""),
        Phrase(f"{wanted} 个正在取", f"{wanted} being fetched") if wanted else Phrase(""),
        Phrase(f"{failed} 个没取到", f"{failed} failed") if failed else Phrase(""),
    ]
    told = join(one for one in counted if one.zh)
    return Phrase("附件：", "Files: ") + told if told.zh else told


def files_shown(count: int) -> Phrase:
    return Phrase(f"{count} 个附件：", f"{many(count, 'file')}:")


def done(number: int) -> Phrase:
    return Phrase(f"{number}号建议已更新，作者会收到通知。", f"Proposal {number} is updated; its author is told.")


NOWHERE = Phrase("提出人没有可以联系的账号", "The author has no account that we could write to")
REMINDED = Phrase(
    "现在不能直接发给提出人；会设法提醒，再来信时就会看到",
    "It cannot be sent to the author now; we try to remind them, and they will see it when they write again",
)
AWAY = Phrase(
    "提出人现在收不到消息，再来信时才会看到",
    "No message reaches the author now; they will see it when they write again",
)
QUIET = Phrase("提出人关闭了通知", "The author has turned notices off")


def call_instead(why: Phrase, telephones: Sequence[tuple[str, str]]) -> Phrase:
    """Why no message reaches an author, and whom to call; `telephones` are names and numbers."""
    if not telephones:
        nor = Phrase("，也没有留电话", ", and left no telephone number") if why is not REMINDED else Phrase("")
        return why + nor + Phrase("。", ".")
    who = join([_author(name, telephone) for name, telephone in telephones])
    return why + Phrase("，请电话联系：", "; please call: ") + who + Phrase("。", ".")


def asked(number: int) -> Phrase:
    return Phrase(f"已去问 {number}号建议的作者。", f"The author of proposal {number} is asked.")


def recorded(number: int) -> Phrase:
    return Phrase(f"{number}号建议已更新。", f"Proposal {number} is updated.")


def cannot(proposal: Proposal) -> Phrase:
    status = STATUS[proposal.status]
    return Phrase(f"这条建议现在{status.zh}，不能这样办。", f"That proposal is {status.en} now; this cannot be done.")


def to_which(text: str) -> Phrase:
    """The whole of a message, and where it is to go."""
    return lines([Phrase(text), TO_WHICH])


def message_option(text: str, on: Phrase) -> Phrase:
    short = Phrase(excerpt(text, 60)) if text else Phrase("（图片或语音）", "(picture or voice)")
    return on + Phrase(" ") + short


def message_line(place: Phrase, text: str, on: Phrase) -> Phrase:
    short = excerpt(text, 60)
    return on + Phrase(" ") + place + Phrase(f"\uff1a{short}", f": {short}")


def proposal_line(number: int, place: Phrase, text: str, on: Phrase) -> Phrase:
    return message_line(Phrase(f"{number}号建议 ", f"No. {number} ") + place, text, on)


def week(count: int) -> Phrase:
    return Phrase(f"本周您网格的 {count} 条建议和留言：", f"This week's proposals and messages of your cells: {count}")


def unreachable(name: str, telephone: str, since: Phrase, *, awaits: bool) -> Phrase:
    """`awaits`: what waits for them comes with the answer to their next message."""
    why = AWAITS_CONTACT if awaits else Phrase(f"{since.zh}起联系不上", f"since {since.said('en')}")
    return Phrase(
        f"{name or '未留名'} {telephone or '无电话'}（{why.zh}）",
        f"{name or 'no name'} {telephone or 'no telephone'} ({why.en})",
    )


def cannot_send(channel: str) -> Phrase:
    name = channel_name(channel)
    return Phrase(
        f"{name.zh}现在发不出消息，都先留着。请管理员检查设置。",
        f"{name.said('en')} cannot send now; its messages are kept. "
        "Please ask the administrator to check its settings.",
    )


def relinked(number: int) -> Phrase:
    return Phrase(f"已转到 {number}号建议。", f"It now belongs to proposal {number}.")
