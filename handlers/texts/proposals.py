"""What is said around proposals, to their authors and neighbours."""

from collections.abc import Sequence
from datetime import date

from handlers.texts.phrase import Phrase, join, lines
from handlers.texts.words import BLANKED, CATEGORY, REASON, STATUS, excerpt, passage
from storage.domain.proposal_status import Reason, Status
from storage.proposals import Event, Proposal

MENU_SUGGEST = Phrase("提建议", "Make a proposal")

SUGGEST_WHAT = Phrase(
    "您想提什么建议？用一两句话说说就行，也可以发语音。",
    "What do you propose? A sentence or two will do, or a voice message.",
)
SUGGEST_WHERE = Phrase(
    "在哪里？可以发位置、写地名，或回复数字。",
    "Where is it? Send a location, name the place, or reply with a number.",
)
SUGGEST_PHOTOS = Phrase("有照片吗？有就发过来，没有回复 1。", "Do you have photos? Send them, or reply 1 if not.")
SUGGEST_CONGRESS = Phrase("这条建议报给谁？", "To whom should it go?")
BOTH = Phrase("两级都报", "Both")

UNPROMPTED = Phrase("这是想提一条建议吗？", "Is this meant as a proposal?")
UNPROMPTED_FILE = Phrase("收到。要用它提一条建议吗？", "Received. Do you want to make a proposal with it?")
ADDED = Phrase("一起记下了。", "That is noted too.")
KEPT = Phrase(
    "好的，您的留言已保存。回复“菜单”看全部功能。",
    "All right, your message is kept. Reply “menu” to see everything.",
)

NOBODY_COLLECTS = Phrase(
    "这个地方还没有开通征集。您写的已存好，开通后回复“继续”就能提交。",
    "Nobody collects proposals for that place yet. What you wrote is kept; reply “resume” when somebody does.",
)

MENU_MINE = Phrase("我的建议", "My proposals")
MENU_SUPPORT = Phrase("看看邻居的建议", "What neighbours propose")

MINE = Phrase("您的建议，回复数字查看：", "Your proposals; reply with a number to read one:")
MINE_NONE = Phrase("您还没有提过建议。回复“提建议”开始。", "You have made no proposal yet. Reply “suggest” to begin.")
REMARK = Phrase("补充说明", "Add a remark")
WITHDRAW = Phrase("撤回", "Withdraw")
WHOLE = Phrase("看全文", "Read all of it")
WHOLE_SENT = Phrase("全文在文件里。", "All of it is in the file.")
LEAVE = Phrase("不用了", "Nothing, thank you")
REMARK_WHAT = Phrase("请写下要补充的内容。", "Please write what you want to add.")
WITHDRAW_SURE = Phrase("确定撤回吗？撤回后不能恢复。", "Withdraw it? This cannot be undone.")

SUPPORT_NONE = Phrase(
    "附近还没有公开的建议。回复“提建议”，提一条自己的。",
    "There is no public proposal near you yet. Reply “suggest” to make one of your own.",
)
SUPPORT_WHERE = Phrase(
    "您住在哪里？可以发位置、写地名，或回复数字。",
    "Where do you live? Send a location, name the place, or reply with a number.",
)
SUPPORT = Phrase(
    "邻居提了这些，您也需要的请回复数字：", "Neighbours propose these; reply with the number of one you want too:"
)
ME_TOO = Phrase("我也要", "I want that too")
ANSWER_OFFICE = Phrase("回答办公室的提问", "Answer the office's question")

KEPT_AS_IT_IS = Phrase(
    "好的，保持不变。回复“菜单”看全部功能。", "All right, nothing is changed. Reply “menu” to see everything."
)
EDIT_NOTED = Phrase("改动已保存。", "Your change is kept.")
EDIT_NOTED_OPEN = Phrase(
    "改动已保存。要改正在填的内容，请回复“修改”。", "Your change is kept. To change an answer, reply “change”."
)


# --- a proposal comes about


def suggest_summary(what: str, where: Phrase, photos: int, congresses: Sequence[str]) -> Phrase:
    return Phrase(
        f"请核对：\n内容：{excerpt(what, 200)}\n地点：{where.zh}\n照片：{photos} 张\n报给：{'、'.join(congresses)}",
        f"Please check:\nWhat: {excerpt(what, 200)}\nWhere: {where.said('en')}\nPhotos: {photos}\n"
        f"To: {', '.join(congresses)}",
    )


def suggest_thanks(numbers: Sequence[int], *, pushes: bool = True) -> Phrase:
    """`pushes`: we may write to the author first."""
    told = Phrase("有进展会告诉您", "We will tell you how it goes")
    if not pushes:
        told = Phrase("有进展，您再来时会看到", "When you write again you will see how it goes")
    listed = join([Phrase(f"{number}号", f"number {number}") for number in numbers])
    return Phrase(
        f"谢谢您！建议已收到，编号是 {listed.zh}。{told.zh}，回复“我的建议”随时查看。",
        f"Thank you! Received as {listed.en}. {told.en}; reply “mine” to look.",
    )


def agree(link: str) -> Phrase:
    """Where it takes a consent to tell somebody anything that they do not ask for."""
    return Phrase(f"点开允许我们通知您进展：{link}", f"Open this to let us tell you how it goes: {link}")


def not_collecting(name: str, first: date, last: date) -> Phrase:
    return Phrase(
        f"{name}的征集时间是 {first:%Y年%-m月%-d日} 至 {last:%Y年%-m月%-d日}，现在不在征集期。"
        "您写的已存好，到时候回复“继续”就能提交。",
        f"{name} collects proposals from {first} to {last}, which is not now. "
        "What you wrote is kept; reply “resume” then to submit it.",
    )


def came_by_your_code(number: int) -> Phrase:
    return Phrase(
        f"有居民扫您的二维码提了 {number}号建议。", f"A resident made proposal {number} through your QR code."
    )


# --- lists and cards


def option(proposal: Proposal) -> Phrase:
    """A line of a list. The proposal's number stands behind, so that nobody takes it for the line's."""
    status = STATUS[proposal.status]
    text = excerpt(proposal.body, 20)
    return Phrase(f"{text}（{proposal.number}号，{status.zh}）", f"{text} (No. {proposal.number}, {status.en})")


def neighbour_option(proposal: Proposal, body: str) -> Phrase:
    text, count = excerpt(body, 24), proposal.supporters
    return Phrase(
        f"{text}（{proposal.number}号，{count} 人也要）", f"{text} (No. {proposal.number}, {count} more want it)"
    )


def mine_card(proposal: Proposal, place: Phrase, history: Sequence[Phrase]) -> Phrase:
    status, category, body = STATUS[proposal.status], CATEGORY[proposal.category], passage(proposal.body)
    head = Phrase(
        f"{proposal.number}号建议（{status.zh}）\n{body.zh}\n地点：{place.zh}\n类别：{category.zh}",
        f"Proposal {proposal.number} ({status.en})\n{body.said('en')}\n"
        f"Where: {place.said('en')}\nCategory: {category.en}",
    )
    return lines([head, Phrase("经过：", "History:"), *history])


def remarked(number: int) -> Phrase:
    return Phrase(
        f"已补充到 {number}号建议。回复“我的建议”可查看。", f"Added to proposal {number}. Reply “mine” to look at it."
    )


def withdrawn(number: int) -> Phrase:
    return Phrase(f"{number}号建议已撤回。", f"Proposal {number} is withdrawn.")


def cannot_withdraw(status: Status) -> Phrase:
    return Phrase(
        f"这条建议{STATUS[status].zh}，不能撤回了。",
        f"That proposal is {STATUS[status].en} and can no longer be withdrawn.",
    )


def supported(number: int, count: int) -> Phrase:
    return Phrase(
        f"记下了！{number}号建议现在有 {count} 人也要。回复“我也要”看其他的。",
        f"Noted! Wanted by {count} more: proposal {number}. Reply “support” to see others.",
    )


def supported_before(number: int) -> Phrase:
    return Phrase(f"您已经支持过 {number}号建议。", f"You have supported proposal {number} already.")


def neighbour_card(proposal: Proposal, body: str, place: Phrase) -> Phrase:
    count, text = proposal.supporters, passage(body)
    return Phrase(
        f"{proposal.number}号建议\n{text.zh}\n地点：{place.zh}\n{count} 人也要",
        f"Proposal {proposal.number}\n{text.said('en')}\nWhere: {place.said('en')}\nWanted by {count} more",
    )


def whole(number: int, body: str, history: Sequence[Phrase]) -> Phrase:
    """All of a proposal, to be read as a file."""
    head = Phrase(f"{number}号建议\n\n{body or BLANKED}", f"Proposal {number}\n\n{body or BLANKED}")
    return lines([head, *(Phrase("\n") + line for line in history)])


QUOTED = 100  # characters of what was said, in a line of the history


def history_line(event: Event, status: Status | None, reason: str, words: str) -> Phrase:
    """A line of the history of a proposal."""
    if event is Event.STATUS and status is Status.RECEIVED:
        return STATUS[status]
    if event is Event.STATUS and status:
        because = REASON[Reason(reason)] if reason else Phrase("")
        why = Phrase(f"\uff08{because.zh}\uff09", f" ({because.en})") if reason else Phrase("")
        return STATUS[status] + why + _quoted(words)
    name = {
        Event.REMARK: Phrase("补充", "Remark"),
        Event.QUESTION: Phrase("办公室追问", "The office asked"),
        Event.ANSWER: Phrase("办公室回复", "The office answered"),
    }.get(event, Phrase("办公室更正了登记信息", "The office corrected the record"))
    return name + _quoted(words)


def _quoted(words: str) -> Phrase:
    short = excerpt(words, QUOTED)
    return Phrase(f"\uff1a{short}", f": {short}") if words else Phrase("")


# --- what authors are told


def told_status(number: int, status: Status, reason: Reason | None, words: str, into: int | None) -> Phrase:
    """One sentence, and what staff wrote."""
    why_zh = f"，因为{REASON[reason].zh}" if reason else ""
    why_en = f", because {REASON[reason].en}" if reason else ""
    goes_zh, goes_en = STATUS[status].zh, STATUS[status].en
    if status is Status.RECEIVED:
        goes_zh, goes_en = "重新列入办理", "open again"
    if into:
        goes_zh, goes_en = f"并入 {into}号建议一起办理", f"merged into proposal {into}"
    head = Phrase(f"您的 {number}号建议{goes_zh}{why_zh}。", f"Your proposal {number} is {goes_en}{why_en}.")
    return lines([head, Phrase(words)])


def told_answer(number: int, words: str) -> Phrase:
    return Phrase(
        f"人大办公室回复您的 {number}号建议：\n{words}", f"The congress office answers your proposal {number}:\n{words}"
    )


def asked_back(number: int, words: str) -> Phrase:
    return Phrase(
        f"关于您的 {number}号建议，人大办公室想问：\n{words}\n请直接回复。",
        f"About your proposal {number}, the congress office asks:\n{words}\nPlease just answer.",
    )


def answered_back(number: int) -> Phrase:
    return Phrase(
        f"谢谢，已记到 {number}号建议，办公室会看到。", f"Thank you, it is added to proposal {number} for the office."
    )


def answer_came(number: int, words: str) -> Phrase:
    """Staff are told what the author said."""
    return Phrase(f"{number}号建议，作者回复：\n{words}", f"The author of proposal {number} answered:\n{words}")
