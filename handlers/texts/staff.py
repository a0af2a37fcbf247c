"""What staff, deputies and grid workers read."""

from collections.abc import Sequence

from handlers.texts.phrase import Phrase, lines
from handlers.texts.words import CATEGORY, STATUS, excerpt
from storage.proposals import Proposal

MENU_LEDGER = Phrase("建议台账", "Ledger of proposals")
MENU_UNLINKED = Phrase("居民留言", "Messages of residents")
MENU_TELEPHONES = Phrase("联系不上的人", "People we cannot reach")
MENU_ON_BEHALF = Phrase("代居民提建议", "Propose for a resident")
MENU_MY_CELLS = Phrase("我网格本周的留言", "This week's messages of my cells")
MENU_PAPER = Phrase("录入纸质表", "Enter a paper form")

WHICH_CONGRESS = Phrase("哪个人大？", "Which congress?")
WHICH_FILTER = Phrase("看哪些建议？", "Which proposals?")
NEW_ONES = Phrase("新收到、还没办的", "New ones")
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
NOTHING_FOUND = Phrase("没有符合的建议。", "No proposal matches.")
LEDGER_FILE = Phrase("台账在这里。类别、网格编码、状态、原因可在表里填好后传回来。", "Here is the ledger. Category, cell code, status and reason may be filled in and loaded back.")
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
MESSAGES = Phrase("看全部留言", "All its messages")
LEAVE = Phrase("回台账", "Back to the ledger")

ANSWER_WHAT = Phrase("请写回复，作者会原样收到。", "Please write your answer; the author gets it as it is.")
ASK_WHAT = Phrase("请写要问的话，作者的回答会记到这条建议上。", "Please write your question; the answer lands on the proposal.")
WHY = Phrase("原因是？", "For which reason?")
SAY_MORE = Phrase("要对作者说点什么吗？", "Anything to say to the author?")
NEW_CELL = Phrase("应该是哪个网格？", "Which cell is right?")
NEW_CATEGORY = Phrase("应该是哪个类别？", "Which category is right?")
CLEAR_SURE = Phrase("电话和身份证号会自动隐去。确定公开吗？", "Telephone and identity numbers are hidden. Show it?")
WHICH_MESSAGE = Phrase("要转到别的建议的，请选：", "Choose one that belongs to another proposal:")
TO_WHICH = Phrase("它说的是几号建议？", "Which proposal does it speak of?")

NO_MESSAGES = Phrase("没有留言。", "There are no messages.")
NO_CELLS = Phrase("还没有给您分配网格，请联系办公室。", "No cells are assigned to you yet. Please ask the office.")
NOBODY_UNREACHABLE = Phrase("都联系得上。", "Everybody can be reached.")
RESIDENT_NAME = Phrase("居民怎么称呼？", "What is the resident's name?")
RESIDENT_TELEPHONE = Phrase("居民的电话？", "The resident's telephone?")


def ledger_list(count: int, shown: int) -> Phrase:
    return Phrase(f"共 {count} 条，下面 {shown} 条，回复数字查看：", f"{count} in all, {shown} here; reply with a number to read one:")


def ledger_option(proposal: Proposal, place: str, days: int) -> Phrase:
    text = excerpt(proposal.body, 16)
    status = STATUS[proposal.status]
    return Phrase(
        f"{proposal.number}号 {text}|{place}|{status.zh}|{days} 天",
        f"No. {proposal.number} {text} | {place} | {status.en} | {days} d",
    )


def card(
    proposal: Proposal, place: str, authors: Sequence[str], files: Sequence[Phrase], history: Sequence[Phrase]
) -> Phrase:
    category, status = CATEGORY[proposal.category], STATUS[proposal.status]
    who = "、".join(authors) or "未留名"
    shown_zh = "已公开" if proposal.cleared_at else "未公开"
    shown_en = "shown" if proposal.cleared_at else "not shown"
    head = Phrase(
        f"{proposal.number}号（{status.zh}，{shown_zh}，{proposal.supporters} 人也要）\n{proposal.body}\n"
        f"地点：{place}\n类别：{category.zh}\n作者：{who}",
        f"No. {proposal.number} ({status.en}, {shown_en}, {proposal.supporters} more)\n{proposal.body}\n"
        f"Where: {place}\nCategory: {category.en}\nAuthor: {who}",
    )
    return lines([head, *files, Phrase("经过：", "History:"), *history, Phrase("要做什么？", "What is to be done?")])


def files(stored: int, wanted: int, failed: int) -> Phrase:
    if not stored + wanted + failed:
        return Phrase("")
    return Phrase(
        f"附件：{stored} 个已保存" + (f"，{wanted} 个正在取" if wanted else "") + (f"，{failed} 个没取到" if failed else ""),
        f"Files: {stored} stored" + (f", {wanted} being fetched" if wanted else "") + (f", {failed} failed" if failed else ""),
    )


def done(number: int) -> Phrase:
    return Phrase(f"{number}号建议已更新，作者会收到通知。", f"Proposal {number} is updated; its author is told.")


def recorded(number: int) -> Phrase:
    return Phrase(f"{number}号建议已更新。", f"Proposal {number} is updated.")


def cannot(proposal: Proposal) -> Phrase:
    status = STATUS[proposal.status]
    return Phrase(f"这条建议现在{status.zh}，不能这样办。", f"That proposal is {status.en} now; this cannot be done.")


def message_option(text: str, day: str) -> Phrase:
    return Phrase(f"{day} {excerpt(text, 24) or '(图片或语音)'}", f"{day} {excerpt(text, 24) or '(picture or voice)'}")


def message_line(place: str, text: str, day: str) -> Phrase:
    return Phrase(f"{day} {place}:{excerpt(text, 60)}", f"{day} {place}: {excerpt(text, 60)}")


def week(count: int) -> Phrase:
    return Phrase(f"本周您网格的 {count} 条留言：", f"{count} messages of your cells this week:")


def unreachable(name: str, telephone: str, day: str) -> Phrase:
    return Phrase(f"{name} {telephone or '无电话'}（自 {day}）", f"{name} {telephone or 'no telephone'} (since {day})")


def relinked(number: int) -> Phrase:
    return Phrase(f"已转到 {number}号建议。", f"It now belongs to proposal {number}.")
