"""The words of announcements that everybody shares: kinds, states, steps, buttons, and why something may not be."""

from collections.abc import Mapping

from handlers.texts.phrase import Phrase
from storage.domain.announcements import Correction, Kind, Refusal, State, Step

MENU = Phrase("公告管理", "Manage announcements")
COMPOSE = Phrase("发公告", "New announcement")

KIND: Mapping[Kind, Phrase] = {
    Kind.COLLECTING: Phrase("征集公告", "Collecting proposals"),
    Kind.CANDIDATES: Phrase("候选项目公示", "Candidate projects"),
    Kind.VOTE_RESULT: Phrase("票决结果", "Result of the vote"),
    Kind.PROGRESS: Phrase("进展通报", "Progress"),
    Kind.RECEPTION: Phrase("接待日通知", "Reception day"),
    Kind.OTHER: Phrase("其他通知", "Other"),
}
STATE: Mapping[State, Phrase] = {
    State.DRAFT: Phrase("草稿", "draft"),
    State.REVIEW: Phrase("待审核", "waits for review"),
    State.APPROVAL: Phrase("待签发", "waits for approval"),
    State.SCHEDULED: Phrase("待发送", "scheduled"),
    State.PREPARING: Phrase("正在准备", "being prepared"),
    State.SENDING: Phrase("正在发送", "being sent"),
    State.PAUSED: Phrase("已暂停", "paused"),
    State.STOPPING: Phrase("正在停止", "being stopped"),
    State.STOPPED: Phrase("已停止", "stopped"),
    State.FINISHED: Phrase("已发完", "sent"),
    State.DISCARDED: Phrase("已作废", "discarded"),
}
STEP: Mapping[Step, Phrase] = {
    Step.SUBMIT: Phrase("送审", "submitted"),
    Step.REVIEW: Phrase("审核通过", "reviewed"),
    Step.APPROVE: Phrase("签发", "approved"),
    Step.URGENT: Phrase("紧急签发", "approved as urgent"),
    Step.RETURN: Phrase("退回", "sent back"),
}
REFUSAL: Mapping[Refusal, Phrase] = {
    Refusal.CHANGED: Phrase(
        "这份公告刚刚改过，请看新的一版再定。", "It has just been changed. Please read the new version and decide then."
    ),
    Refusal.NOT_NOW: Phrase("刚有人先办了，请再看一遍。", "Somebody was faster. Please look again."),
    Refusal.SAME_PERSON: Phrase(
        "起草、审核、签发要由不同的人办，您已经办过其中一步。",
        "Author, reviewer and approver have to be different people, and you have had a part already.",
    ),
    Refusal.NOT_URGENT: Phrase("本级人大没有开通紧急签发。", "The congress knows no urgent approval."),
    Refusal.REASON_MISSING: Phrase("需要写明原因。", "A reason is needed."),
    Refusal.CORRECTED: Phrase(
        "已经有一份公告更正它了，请看那一份。", "Another announcement corrects it. Please look at that."
    ),
}

# What the button of an announcement begins, by `Content.button`: the conversation of the same name.
BUTTON: Mapping[str, Phrase] = {
    "suggest": Phrase("我要提建议", "I have a proposal"),
    "nearby": Phrase("身边项目", "Projects near me"),
}
READ = Phrase("阅读全文", "Read it")
FILES = Phrase("附件", "Files")

# What stands before the text of a correction.
MARK: Mapping[Correction, Phrase] = {
    Correction.REPLACE: Phrase("【更正】", "[Correction] "),
    Correction.RECALL: Phrase("【撤回】", "[Taken back] "),
}


def reply_hint(number: int) -> Phrase:
    """On a channel without buttons, below the text."""
    return Phrase(
        f"回复“公告{number}”阅读全文、办理。", f"Reply “announcement {number}” to read it all and go on from there."
    )
