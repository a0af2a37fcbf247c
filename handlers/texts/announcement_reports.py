"""What stands in the proof that an announcement was delivered: its sheets, and its card."""

from collections.abc import Mapping

from handlers.texts.phrase import Phrase
from handlers.texts.words import AWAITS_CONTACT

TOTALS = Phrase("总体情况", "Overall")
CHANNELS = Phrase("渠道", "Channels")
CELLS = Phrase("网格", "Cells")
REASONS = Phrase("原因", "Reasons")
REVIEWS = Phrase("审核", "Reviews")
TELEPHONES = Phrase("电话名单", "Telephone list")

ITEM = Phrase("事项", "Item")
VALUE = Phrase("内容", "Value")
CHANNEL = Phrase("渠道", "Channel")
CELL = Phrase("网格", "Cell")
AUDIENCE = Phrase("应发人数", "Audience")
SENT = Phrase("已送达", "Reached")
OPENED = Phrase("其中打开", "Of them opened")
WAITING = Phrase("待发", "Waiting")
HELD = Phrase("等对方下次来", "Held until their next contact")
FAILED = Phrase("没送到", "Failed")
SKIPPED = Phrase("不用发", "Not sent")
BECAME = Phrase("结果", "Result")
REASON = Phrase("原因", "Reason")
PEOPLE = Phrase("人数", "People")
VERSION = Phrase("第几版", "Version")
STEP = Phrase("步骤", "Step")
NAME = Phrase("姓名", "Name")
AT = Phrase("时间", "Time")
TELEPHONE = Phrase("电话", "Telephone")

NUMBER = Phrase("公告编号", "Number")
TITLE = Phrase("标题", "Title")
KIND = Phrase("种类", "Kind")
STATE = Phrase("状态", "State")
FOR = Phrase("发给谁", "For")
CONGRESS = Phrase("人大", "Congress")
STARTED = Phrase("开始发送", "Begun")
ENDED = Phrase("结束", "Ended")
AS_OF = Phrase("统计时间", "As of")
SUM = Phrase("各项相加", "Sum")
NO_CELL = Phrase("没登记网格", "no cell")
NO_CHANNEL = Phrase("没有账号", "no account")
REACHED_SHARE = Phrase("已送达", "Reached")
WHY_NOT = Phrase("没送到、不用发的原因", "Why it did not reach them")
EVERYBODY_REACHED = Phrase("没有送不到的人", "Nobody was missed")

_WHY: Mapping[str, Phrase] = {
    "refused": Phrase("平台不收这条消息", "the platform refused it"),
    "unreachable": Phrase("停用、拉黑或注销", "blocked or gone"),
    "window_closed": AWAITS_CONTACT,
    "absent": Phrase("没有打开网页聊天", "web chat not open"),
    "expired": Phrase("等了 14 天没有来", "held for 14 days in vain"),
    "unsure": Phrase("群发了，不知道微信收到没有", "by mass send; nobody knows whether WeChat has it"),
    "stopped": Phrase("公告停止，没有发", "stopped before"),
    "forgotten": Phrase("本人要求删除资料", "forgotten at their wish"),
    "merged": Phrase("同一个人的另一份登记", "the same person as another"),
    "muted": Phrase("本人退订", "opted out"),
    "nowhere": Phrase("没有账号", "no account"),
    "left": Phrase("发送前已退出", "left before it was sent"),
}


def why(code: str) -> Phrase:
    """Why somebody was not reached, as the outbox or the list of recipients has it; a code of a platform behind it is
    left out. What else stands there, such as 403, is what a platform said of an account that is gone."""
    kind = code.split(" ", 1)[0]
    return _WHY.get(kind, _WHY["unreachable"] if kind else Phrase("原因不明", "unknown"))


def heading(number: int, title: str) -> Phrase:
    return Phrase(f"公告 {number} 送达报告：{title}", f"Delivery report of announcement {number}: {title}")


def numbered(number: int) -> Phrase:
    return Phrase(f"公告 {number}", f"No. {number}")


def sums(parts: int, audience: int) -> Phrase:
    """That every person of the audience is in one of the parts, or that they are not."""
    if parts == audience:
        return Phrase(f"{parts:,}，等于应发人数", f"{parts:,}, which is the audience")
    return Phrase(f"{parts:,}，与应发人数 {audience:,} 不符", f"{parts:,}, audience {audience:,}")


def more(count: int) -> Phrase:
    return Phrase(f"只列前 {count:,} 人", f"the first {count:,} only")


def of_audience(sent: int, audience: int) -> Phrase:
    return Phrase(f"{sent:,} / {audience:,} 人", f"{sent:,} of {audience:,}")


def further(kinds: int) -> Phrase:
    """Reasons that there is no room for."""
    return Phrase(f"其他 {kinds} 种原因", f"{kinds} other reasons")
