"""The words of the public board. What stands on it is the congress's own."""

from collections.abc import Mapping

from handlers.texts.phrase import Phrase
from storage.domain.announcements import Step

BOARDS = Phrase("公告榜", "Notice boards")
NEWEST = Phrase("最新公告", "Latest notices")
NO_BOARDS = Phrase("还没有公告。", "There are no notices yet.")
NOTHING = Phrase("这里还没有公告。", "There are no notices here yet.")
NOTHING_OLDER = Phrase("没有更早的公告了。", "There are no earlier notices.")
OLDER = Phrase("更早的公告", "Earlier notices")
LATEST = Phrase("回到最新公告", "Back to the latest notices")
FILES = Phrase("附件", "Files")
LINK = Phrase("链接", "Link")
SCAN = Phrase("扫码看这份公告", "Scan to read this notice")
SCAN_BOARD = Phrase("扫码看全部公告", "Scan to read all notices")
SCAN_ALL = Phrase("扫码看全文", "Scan to read it all")
SCAN_CHAT = Phrase("扫码打开民声", "Scan to open Minsheng")
CHAT = Phrase("我要提建议", "I have a proposal")
TO_PRINT = Phrase("打印张贴", "To print and post")
CORRECTED = Phrase("这份公告已更正，请以更正后的为准。", "This notice was corrected; the correction counts.")
TAKEN_BACK = Phrase("这份公告已撤回，不再有效。", "This notice was taken back and is no longer valid.")
SEE_CORRECTION = Phrase("看更正后的公告", "Read the correction")
SEE_WHY = Phrase("看撤回说明", "Read why")
CORRECTS = Phrase("这份公告更正了", "This notice corrects")
TAKES_BACK = Phrase("这份公告撤回了", "This notice takes back")
NOT_HERE = Phrase("这里没有这份公告", "This notice is not here")
NOT_HERE_WHY = Phrase(
    "地址可能抄错了，或者这份公告还没有张贴。", "The address may be mistyped, or the notice has not been posted yet."
)
TO_BOARDS = Phrase("去看公告榜", "To the notice boards")
OTHER_PROGRAM = Phrase("文件", "file")

# Who had a part in it; their names are not for the public.
ROLE: Mapping[Step, Phrase] = {
    Step.SUBMIT: Phrase("起草", "Drafted"),
    Step.REVIEW: Phrase("审核", "Reviewed"),
    Step.APPROVE: Phrase("签发", "Issued"),
    Step.URGENT: Phrase("紧急签发", "Issued as urgent"),
}


def board_of(congress: str) -> Phrase:
    return Phrase(f"{congress} 公告榜", f"{congress} notice board")


def numbered(number: int) -> Phrase:
    return Phrase(f"第 {number} 号公告", f"Notice No. {number}")


def picture(name: str) -> Phrase:
    """For who cannot see it."""
    return Phrase(f"公告图片：{name}" if name else "公告图片", f"Picture: {name}" if name else "Picture")


def size(count: int) -> Phrase:
    """Of a file, in bytes."""
    return Phrase(f"{count / 2**20:.1f} MB" if count >= 2**20 else f"{max(count // 1024, 1)} KB")
