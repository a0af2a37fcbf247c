"""How we read what people type: numbers in any script, yes and no, commands with or without their full stop."""

import re
import unicodedata
from functools import lru_cache

_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = re.compile(
    r"(?:选|第|选择)?\s*([0-9]{1,9}|[零〇一二两三四五六七八九十百]{1,7})\s*(?:号|个|项|条|张|、|\.|。|\))?"
)

_CHOICE = re.compile(r"[0-9]{1,2}")
_ANNOUNCEMENT = re.compile(r"(?:公告|announcement)\s*第?\s*([0-9]{1,9})\s*号?|第?([0-9]{1,9})号公告")
_ANNOUNCEMENT_TAP = re.compile(r"a([0-9]{1,9})\.(read|go|files)", re.ASCII)

# What is longer is no command, number or label; a text of 200,000 characters is not to be turned over for each of them.
_LONGEST_WORD = 400
# What people type around a word: white space beside a Chinese character, marks and pictures at the end, quotes.
_SPACED = re.compile(r"(?<=[\u3400-\u9fff])[\s\u200b-\u200d\u2060]+|[\s\u200b-\u200d\u2060]+(?=[\u3400-\u9fff])")
_ENDING = re.compile(r"[\s。.!?,~;:、\u20e3\u2600-\u27bf\ufe0f\U0001f000-\U0001faff]+$")
_CLOSED_BY = dict(zip("“‘\"'「『【[(《<", "”’\"'」』】])》>", strict=True))
# The characters of what may be typed here that are written in another way in Hong Kong and Taiwan.
_TRADITIONAL = str.maketrans(
    "議單幫繼續設訂閱閲項進錄紙質網職記鄰報臺賬帳聯繫員數據隱語確認對沒問題謝嗎請個號條張頁開關發圖審簽暫後話誰這裡"
    "選還緊點說見讀過處辦決結農鄉鎮縣區組門時間現無為來會當應該幾樣類寫離兩頭計劃實況標電變準備預覽轉",
    "议单帮继续设订阅阅项进录纸质网职记邻报台账账联系员数据隐语确认对没问题谢吗请个号条张页开关发图审签暂后话谁这里"
    "选还紧点说见读过处办决结农乡镇县区组门时间现无为来会当应该几样类写离两头计划实况标电变准备预览转",
)


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


YES = _words(
    "是 是的 好 好的 好啊 好吧 对 对的 可以 行 行的 要 嗯 嗯嗯 恩 恩恩 确认 确定 提交 没问题 同意 y yes ok okay sure"
)
NO = _words(
    "不 不是 不是的 否 不要 不用 不用了 不必 不需要 不方便 不行 不对 不对的 错了 没有 没有了 没了 没 无 暂无 算了 "
    "n no nope none"
)
# What works anywhere.
BACK = _words("返回 上一步 后退 /back back")
CANCEL = _words("取消 退出 算了 /cancel cancel")
CHANGE = _words("修改 /change change")
HELP = _words("帮助 怎么用 /help help")
RESUME = _words("继续 接着写 /resume resume")
GREETINGS = _words("你好 您好 你们好 大家好 在吗 在不在 早上好 上午好 下午好 晚上好 早 喂 hi hello hey 你好啊 嗨 哈喽")
THANKS = _words(
    "谢谢 谢谢你 谢谢您 多谢 感谢 辛苦了 谢了 谢谢啦 太好了 好的谢谢 知道了 收到 明白 明白了 thanks thx 再见 拜拜"
) | {"thank you"}

# Left in place by some keyboards and copied pages, and able to disturb how others' text is shown beside them.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without control and direction characters; nothing that a reader would see is lost."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _SURROGATE.sub("\ufffd", _UNSEEN.sub("", text)).strip()


def plain(text: str) -> str:
    """A short text for comparison: half-width, lower case, simplified, without quotes, white space beside Chinese
    characters, and what stands at its end besides words. A long one stays as it is."""
    return text if len(text) > _LONGEST_WORD else _plain(text)


@lru_cache(2048)  # a message is compared with many words, and most people choose by the same few
def _plain(text: str) -> str:
    before, text = "", unicodedata.normalize("NFKC", text).translate(_TRADITIONAL).casefold()
    text = _SPACED.sub("", text)
    while text != before:
        before, text = text, _ENDING.sub("", text).strip()
        if text[:1] in _CLOSED_BY and text[-1:] == _CLOSED_BY[text[:1]]:
            text = text[1:-1]
    return text


def number(text: str) -> int | None:
    """The whole number that a short text is: 3, 3, 三, 十二, 第3个, ③; None for anything else."""
    match = None if len(text) > _LONGEST_WORD else _NUMBER.fullmatch(plain(text))
    if not match:
        return None
    digits = match.group(1)
    return int(digits) if digits.isdecimal() else _chinese(digits)


def is_choice(text: str) -> bool:
    """Whether a text is nothing but the number of something on a list: 2, ３."""
    return len(text) <= _LONGEST_WORD and _CHOICE.fullmatch(plain(text)) is not None


def named_announcement(text: str) -> int | None:
    """The announcement that a short text names: 公告12, 第12号公告; None for anything else."""
    found = _ANNOUNCEMENT.fullmatch(plain(text)) if len(text) <= _LONGEST_WORD else None
    return int(found[1] or found[2]) if found else None


def tapped_announcement(choice: str) -> tuple[int, str] | None:
    """Of a button below an announcement: which one, and what was tapped (see handlers.announcement_messages)."""
    found = _ANNOUNCEMENT_TAP.fullmatch(choice)
    return (int(found[1]), found[2]) if found else None


def _chinese(digits: str) -> int | None:
    if not set(digits) & set("十百"):
        return int("".join(str(_DIGITS[digit]) for digit in digits))
    total, pending = 0, 0
    for digit in digits:
        if digit in "十百":
            total += (pending or 1) * (10 if digit == "十" else 100)
            pending = 0
        else:
            pending = _DIGITS[digit]
    return total + pending


def says_little(text: str) -> bool:
    """Whether a text is a mere number, a greeting, thanks, yes or no."""
    return number(text) is not None or any(plain(text) in words for words in (GREETINGS, THANKS, YES, NO))


def is_yes(text: str) -> bool:
    return plain(text) in YES


def is_no(text: str) -> bool:
    return plain(text) in NO
