"""First contact, menu, drafts, settings, help by people."""

from datetime import datetime

from handlers.texts.phrase import Phrase
from handlers.texts.words import day

WELCOME = Phrase(
    "您好，这里是民声。您想为家门口办什么实事？", "Hello, this is Minsheng. What should be done for your neighbourhood?"
)
MENU = Phrase("请回复数字选择，或直接写出您的想法：", "Reply with a number, or just write what you wish for:")
MENU_SETTINGS = Phrase("设置和我的数据", "Settings and my data")
MENU_HUMAN = Phrase("找工作人员", "Ask our staff")
BAD_LINK = Phrase(
    "这个链接认不出来。没关系，直接写您的想法就行。",
    "That link is not known. Never mind: just write what you wish for.",
)

UNFINISHED = Phrase("没写完的内容", "Unfinished")
DRAFTS_NONE = Phrase(
    "没有没写完的内容。回复“菜单”看全部功能。", "There is nothing unfinished. Reply “menu” to see everything."
)
DRAFT_GONE = Phrase("这一份已经不在了。回复“继续”看还有哪些。", "That one is gone. Reply “resume” to see what is left.")
DRAFTS_WHICH = Phrase("接着写哪一个？", "Which one do you want to go on with?")
DROP_DRAFTS = Phrase("都不要了", "Drop all")
DRAFTS_DROPPED = Phrase("已清除。回复“菜单”看全部功能。", "Dropped. Reply “menu” to see everything.")

SETTINGS = Phrase("要设置什么？", "What do you want to set?")
MY_CELL = Phrase("我的网格", "My cell")
NOTICES = Phrase("通知", "Notices")
LANGUAGE = Phrase("语言 Language", "Language 语言")
MY_DATA = Phrase("导出我的数据", "Export my data")
FORGET_ME = Phrase("忘记我", "Forget me")
WHERE_I_LIVE = Phrase(
    "您住在哪里？可以发位置、写地名，或回复数字。",
    "Where do you live? Send a location, name the place, or choose a number.",
)
NOTICES_WANTED = Phrase(
    "有公告、您的建议有进展时，要通知您吗？", "Shall we send you announcements, and news of your proposals?"
)
ON = Phrase("要", "Yes")
OFF = Phrase("不要", "No")
CHINESE = Phrase("中文", "中文")
ENGLISH = Phrase("English", "English")
SAVED = Phrase("已保存。回复“菜单”看全部功能。", "Saved. Reply “menu” to see everything.")
DATA_EXPORTED = Phrase("这是我们保存的您的全部数据。", "This is everything we keep about you.")
FORGET_SURE = Phrase(
    "将清空您写过的所有文字、照片、姓名和电话，建议的编号和办理结果保留。清空后不能恢复，确定吗？",
    "All you wrote, your photos, name and telephone will be blanked; numbers and results of proposals stay. "
    "This cannot be undone. Are you sure?",
)
FORGOTTEN = Phrase(
    "已清空。您再来信时，我们会像第一次见面一样。", "Done. When you write again we meet as for the first time."
)

HUMAN_WHAT = Phrase(
    "请说说您需要什么帮助，工作人员会联系您。", "Please say what you need; our staff will get in touch."
)
HUMAN_TELEPHONE = Phrase("方便留个电话吗？不方便就回复 1。", "May we have a telephone number? Reply 1 if not.")
HUMAN_SENT = Phrase("已转给工作人员，有回复会发给您。", "Passed on to our staff; their answer will come here.")
HUMAN_KEPT = Phrase(
    "已记下，工作人员看到后会回复；过后您再发一条消息就能看到。",
    "Noted; our staff answer when they have read it. Send another message later to see their answer.",
)
HUMAN_NOBODY = Phrase(
    "您的话已保存，但现在没有能在这里回复的工作人员，请到乡镇人大办公室问问。",
    "Your words are kept, but nobody of the staff can answer here now. Please ask at the congress office.",
)
HELP_WANTED = Phrase("居民求助", "A resident asks for help")
ANSWERED_BY_PHONE = Phrase("已用其他方式联系", "Already contacted otherwise")
HELP_ANSWERED = Phrase("已转给居民。", "Passed on to the resident.")

INVITE_USED = Phrase(
    "这个邀请码已经用过或过期了，请向办公室要新的。",
    "That invite has been used or has expired. Please ask the office for a new one.",
)


def welcome_to(name: str) -> Phrase:
    """Before the first question: a cell, a station or a deputy is known by the link."""
    return Phrase(f"您好，这里是民声（{name}）。", f"Hello, this is Minsheng ({name}).")


def draft_of(name: Phrase, saved_at: datetime) -> Phrase:
    saved = day(saved_at)
    return Phrase(f"{name.zh}（{saved.zh}）", f"{name.en} ({saved.en})")


def enrolled(name: str, role: Phrase, congress: str) -> Phrase:
    return Phrase(
        f"{name}，欢迎！您已登记为{congress}的{role.zh}。",
        f"Welcome, {name}! You are enrolled as {role.en} of {congress}.",
    )


def help_wanted(words: str, telephone: str) -> Phrase:
    return Phrase(
        f"有居民求助：\n{words}\n电话：{telephone or '未留'}\n请直接回复，会转给居民。",
        f"A resident asks for help:\n{words}\nTelephone: {telephone or 'none'}\nJust answer; it is passed on.",
    )


def help_unheard(telephone: str) -> Phrase:
    """The answer waits; `telephone` may be empty."""
    kept = Phrase(
        "回复已记下；居民现在收不到消息，再来时会看到。",
        "Your answer is kept; no message reaches the resident now, they read it when they come back.",
    )
    if not telephone:
        return kept
    return kept + Phrase(f"急事请打电话：{telephone}。", f" If it is urgent, please call {telephone}.")


def staff_answer(words: str) -> Phrase:
    return Phrase(f"工作人员回复您：\n{words}", f"Our staff answer you:\n{words}")
