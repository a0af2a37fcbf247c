"""What became of files that people sent."""

from handlers.texts.phrase import Phrase
from storage.domain.file_kinds import SIZE_LIMIT, Refusal

_CALLED = {"photo": Phrase("照片", "photo"), "voice": Phrase("语音", "voice message")}
_FILE = Phrase("文件", "file")

_MEGABYTES = SIZE_LIMIT // 2**20

WHY = {
    Refusal.EMPTY: Phrase("里面是空的", "it is empty"),
    Refusal.TOO_LARGE: Phrase(f"太大了，最多 {_MEGABYTES} MB", f"it is too large, at most {_MEGABYTES} MB is taken"),
    Refusal.UNKNOWN: Phrase(
        "这种格式收不了，请发照片、语音、PDF、Word、Excel 或文本",
        "we cannot take that format; please send a photo, voice, PDF, Word, Excel or text",
    ),
    Refusal.OLD_OFFICE: Phrase(
        "是旧版或加了密码的 Office 文件，请另存为不带密码的 docx 或 xlsx",
        "it is an old or locked Office file; please save it as docx or xlsx, without a password",
    ),
    Refusal.MACROS: Phrase("带有宏，请另存为不带宏的文件", "it holds macros; please save it without them"),
    Refusal.DAMAGED: Phrase("内容坏了，打不开", "it is damaged and cannot be opened"),
    Refusal.NOT_A_PICTURE: Phrase("内容不是照片", "it is not a picture"),
    Refusal.NOT_A_SOUND: Phrase("内容不是录音", "it is not a recording"),
    Refusal.MISNAMED: Phrase("内容和文件名对不上", "its content is not what its name says"),
    Refusal.GONE: Phrase("已经过期，取不到了", "it is no longer there to be fetched"),
}


def refused(kind: str, why: Refusal) -> Phrase:
    """A file was not taken, and why."""
    called, reason = _CALLED.get(kind, _FILE), WHY[why]
    return Phrase(
        f"您发的{called.zh}没有收下：{reason.zh}。需要的话请换一个再发。",
        f"The {called.en} you sent was not taken: {reason.en}. Send another one if you like.",
    )


def not_fetched(kind: str) -> Phrase:
    """It could not be had from the platform, however often it was tried."""
    called = _CALLED.get(kind, _FILE)
    return Phrase(
        f"您发的{called.zh}一直没能取到，请再发一次。",
        f"The {called.en} you sent could not be fetched. Please send it again.",
    )
