"""What is said around proposals, to their authors and neighbours."""

from collections.abc import Sequence
from datetime import date

from handlers.texts.phrase import Phrase, lines
from handlers.texts.words import CATEGORY, REASON, STATUS, excerpt
from storage.domain.proposal_status import Reason, Status
from storage.proposals import Event, Proposal

MENU_SUGGEST = Phrase("提建议", "Make a proposal")
MENU_MINE = Phrase("我的建议", "My proposals")
MENU_SUPPORT = Phrase("看看邻居的建议", "What neighbours propose")

SUGGEST_WHAT = Phrase("您想提什么建议？用一两句话说说就行，也可以发语音。", "What do you propose? A sentence or two will do, or a voice message.")
SUGGEST_WHERE = Phrase("在哪里？可以发位置、写地名，或回复数字。", "Where is it? Send a location, name the place, or reply with a number.")
SUGGEST_PHOTOS = Phrase("有照片吗？有就发过来，没有回复 1。", "Do you have photos? Send them, or reply 1 if not.")
SUGGEST_CONGRESS = Phrase("这条建议报给谁？", "To whom should it go?")
BOTH = Phrase("两级都报", "Both")

UNPROMPTED = Phrase("这是想提一条建议吗？", "Is this meant as a proposal?")
UNPROMPTED_FILE = Phrase("收到。要用它提一条建议吗？", "Received. Do you want to make a proposal with it?")
KEPT = Phrase("好的，您的留言已保存。回复“菜单”看全部功能。", "All right, your message is kept. Reply “menu” to see everything.")

MINE_NONE = Phrase("您还没有提过建议。回复“提建议”开始。", "You have made no proposal yet. Reply “suggest” to begin.")
MINE_ACTION = Phrase("要做什么？", "What do you want to do?")
REMARK = Phrase("补充说明", "Add a remark")
WITHDRAW = Phrase("撤回", "Withdraw")
BACK_TO_LIST = Phrase("回到列表", "Back to the list")
LEAVE = Phrase("不用了", "Nothing, thank you")
REMARK_WHAT = Phrase("请写下要补充的内容。", "Please write what you want to add.")
WITHDRAW_SURE = Phrase("确定撤回吗？撤回后不能恢复。", "Withdraw it? This cannot be undone.")

SUPPORT_NONE = Phrase("附近还没有公开的建议。", "There is no public proposal near you yet.")
SUPPORT_WHERE = Phrase("您住在哪里？", "Where do you live?")
SUPPORT_WHICH = Phrase("邻居的建议，觉得需要的请选编号前的数字：", "What neighbours propose. Choose the one you want too:")
ME_TOO = Phrase("我也要", "I want that too")

_PETITIONS: tuple[tuple[tuple[str, ...], Phrase], ...] = (
    (
        ("报警", "打人", "诈骗", "被偷", "偷窃", "抢劫", "吸毒", "赌博", "家暴"),
        Phrase("违法犯罪请立即拨打 110，由公安机关处理。", "For crimes please call 110, the police."),
    ),
    (
        ("法院", "起诉", "诉讼", "判决", "执行案", "打官司", "仲裁", "律师"),
        Phrase("案件请找承办法院或拨打 12368 诉讼服务热线。", "For court cases please ask the court, or call 12368."),
    ),
    (
        ("上访", "信访", "冤", "举报", "贪污", "受贿", "腐败"),
        Phrase(
            "信访事项请到当地信访局或国家信访局网上平台；举报公职人员请拨打 12388。",
            "Petitions go to the petition office; to report officials call 12388.",
        ),
    ),
    (
        ("欠薪", "拖欠工资", "讨薪", "工伤"),
        Phrase("劳动纠纷请拨打 12333 或找人社局劳动监察。", "For labour disputes please call 12333."),
    ),
    (
        ("离婚", "邻居纠纷", "借钱不还", "宅基地纠纷", "遗产"),
        Phrase("个人纠纷请找村（社区）人民调解委员会，或拨打 12348 法律援助热线。", "For personal disputes please ask the mediation committee, or call 12348."),
    ),
)  # fmt: skip


def right_office(text: str) -> Phrase | None:
    """Where something that is no proposal belongs; None when the text does not sound like it.

    Numbers: 110 police, 12368 courts, 12388 discipline inspection, 12333 labour, 12348 legal aid (national hotlines).
    """
    for words, office in _PETITIONS:
        if any(word in text for word in words):
            return office
    return None


def suggest_summary(what: str, where: str, photos: int, congresses: Sequence[str]) -> Phrase:
    return Phrase(
        f"请核对：\n内容：{excerpt(what, 200)}\n地点：{where}\n照片：{photos} 张\n报给：{'、'.join(congresses)}",
        f"Please check:\nWhat: {excerpt(what, 200)}\nWhere: {where}\nPhotos: {photos}\nTo: {', '.join(congresses)}",
    )


def suggest_thanks(numbers: Sequence[int]) -> Phrase:
    listed = "、".join(f"{number}号" for number in numbers)
    return Phrase(
        f"谢谢您！建议已收到，编号 {listed}。有进展会告诉您，回复“我的建议”随时查看。",
        f"Thank you! Received as number {', '.join(map(str, numbers))}. We will tell you how it goes; reply “mine” to look.",
    )


def not_collecting(name: str, first: date, last: date) -> Phrase:
    return Phrase(
        f"{name}的征集时间是 {first:%Y年%-m月%-d日} 至 {last:%Y年%-m月%-d日}，现在不在征集期。您写的已存好。",
        f"{name} collects proposals from {first} to {last}, which is not now. What you wrote is kept.",
    )


KEPT_AS_IT_IS = Phrase("好的，保持不变。", "All right, nothing is changed.")
EDIT_NOTED = Phrase("改动已保存。要改正在填的内容，请回复“修改”。", "Your change is kept. To change an answer, reply “change”.")
NOBODY_COLLECTS = Phrase("这个地方还没有开通征集。您写的已存好。", "Nobody collects proposals for that place yet. What you wrote is kept.")


def option(proposal: Proposal) -> Phrase:
    """A line of a list."""
    status = STATUS[proposal.status]
    text = excerpt(proposal.body, 20)
    return Phrase(f"{proposal.number}号 {text}（{status.zh}）", f"No. {proposal.number} {text} ({status.en})")


def neighbour_option(proposal: Proposal, body: str) -> Phrase:
    text = excerpt(body, 24)
    return Phrase(
        f"{proposal.number}号 {text}（{proposal.supporters} 人也要）",
        f"No. {proposal.number} {text} ({proposal.supporters} more)",
    )


def mine_list(count: int) -> Phrase:
    return Phrase(f"您的建议（{count} 条），回复数字查看：", f"Your proposals ({count}); reply with a number to read one:")


def mine_card(proposal: Proposal, body: str, place: str, history: Sequence[Phrase]) -> Phrase:
    status = STATUS[proposal.status]
    category = CATEGORY[proposal.category]
    head = Phrase(
        f"{proposal.number}号建议（{status.zh}）\n{body}\n地点：{place}\n类别：{category.zh}",
        f"Proposal {proposal.number} ({status.en})\n{body}\nWhere: {place}\nCategory: {category.en}",
    )
    return lines([head, Phrase("经过：", "History:"), *history])


def remarked(number: int) -> Phrase:
    return Phrase(f"已补充到 {number}号建议。", f"Added to proposal {number}.")


def withdrawn(number: int) -> Phrase:
    return Phrase(f"{number}号建议已撤回。", f"Proposal {number} is withdrawn.")


def cannot_withdraw(status: Status) -> Phrase:
    return Phrase(f"这条建议{STATUS[status].zh}，不能撤回了。", f"That proposal is {STATUS[status].en} and can no longer be withdrawn.")


def supported(number: int, count: int) -> Phrase:
    return Phrase(f"记下了！{number}号建议现在有 {count} 人也要。", f"Noted! {count} people want proposal {number} too.")


def supported_before(number: int) -> Phrase:
    return Phrase(f"您已经支持过 {number}号建议。", f"You have supported proposal {number} already.")


def neighbour_card(proposal: Proposal, body: str, place: str) -> Phrase:
    return Phrase(
        f"{proposal.number}号建议\n{body}\n地点：{place}\n{proposal.supporters} 人也要",
        f"Proposal {proposal.number}\n{body}\nWhere: {place}\n{proposal.supporters} people want it too",
    )


def history_line(event: Event, status: Status | None, reason: str, words: str) -> Phrase:
    """A line of the history of a proposal."""
    if event is Event.STATUS and status is Status.RECEIVED:
        return STATUS[status]
    if event is Event.STATUS and status:
        why = Phrase(f"({REASON[Reason(reason)].zh})", f" ({REASON[Reason(reason)].en})") if reason else Phrase("")
        return STATUS[status] + why + (Phrase(f":{words}", f": {words}") if words else Phrase(""))
    name = {
        Event.REMARK: Phrase("补充", "Remark"),
        Event.QUESTION: Phrase("办公室追问", "The office asked"),
        Event.ANSWER: Phrase("办公室回复", "The office answered"),
    }.get(event, Phrase("办公室更正了登记信息", "The office corrected the record"))
    return name + (Phrase(f":{excerpt(words, 100)}", f": {excerpt(words, 100)}") if words else Phrase(""))


# --- what authors are told


def told_status(number: int, status: Status, reason: Reason | None, words: str, into: int | None) -> Phrase:
    """One sentence, and what staff wrote."""
    why_zh = f"，因为{REASON[reason].zh}" if reason else ""
    why_en = f", because {REASON[reason].en}" if reason else ""
    goes_zh, goes_en = STATUS[status].zh, STATUS[status].en
    if into:
        goes_zh, goes_en = f"并入 {into}号建议一起办理", f"merged into proposal {into}"
    head = Phrase(f"您的 {number}号建议{goes_zh}{why_zh}。", f"Your proposal {number} is {goes_en}{why_en}.")
    return lines([head, Phrase(words)])


def told_answer(number: int, words: str) -> Phrase:
    return Phrase(f"人大办公室回复您的 {number}号建议：\n{words}", f"The congress office answers your proposal {number}:\n{words}")


def asked_back(number: int, words: str) -> Phrase:
    return Phrase(f"关于您的 {number}号建议，人大办公室想问：\n{words}\n请直接回复。", f"About your proposal {number}, the congress office asks:\n{words}\nPlease just answer.")


def answered_back(number: int) -> Phrase:
    return Phrase(f"谢谢，已补充到 {number}号建议。", f"Thank you, it is added to proposal {number}.")


def answer_came(number: int, words: str) -> Phrase:
    """Staff are told what the author said."""
    return Phrase(f"{number}号建议，作者回复：\n{words}", f"The author of proposal {number} answered:\n{words}")


def came_by_your_code(number: int) -> Phrase:
    return Phrase(f"有居民扫您的二维码提了 {number}号建议。", f"A resident made proposal {number} through your QR code.")
