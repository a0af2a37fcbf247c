"""First contact, menu, drafts, settings, help by people."""

from datetime import datetime

from handlers.texts.phrase import Phrase

WELCOME = Phrase(
    "您好，这里是民声。您想为家门口办什么实事？直接写给我就行。",
    "Hello, this is Minsheng. What should be done for your neighbourhood? Just write it to me.",
)
MENU = Phrase("请选择：", "Please choose:")
MENU_SETTINGS = Phrase("设置和我的数据", "Settings and my data")
MENU_HUMAN = Phrase("找工作人员", "Ask our staff")
BAD_LINK = Phrase("这个链接认不出来。没关系，直接写您的想法就行。", "That link is not known. Never mind: just write what you wish for.")

DRAFTS_NONE = Phrase("没有没写完的内容。", "There is nothing unfinished.")
DRAFTS_WHICH = Phrase("接着写哪一个？", "Which one do you want to go on with?")
DROP_DRAFTS = Phrase("都不要了", "Drop all")
DRAFTS_DROPPED = Phrase("已清除。", "Dropped.")

SETTINGS = Phrase("要设置什么？", "What do you want to set?")
MY_CELL = Phrase("我的网格", "My cell")
NOTICES = Phrase("通知", "Notices")
LANGUAGE = Phrase("语言 Language", "Language 语言")
MY_DATA = Phrase("导出我的数据", "Export my data")
FORGET_ME = Phrase("忘记我", "Forget me")
WHERE_I_LIVE = Phrase("您住在哪里？可以发位置、写地名，或回复数字。", "Where do you live? Send a location, name the place, or choose a number.")
NOTICES_WANTED = Phrase("您的建议有进展时，要通知您吗？", "Shall we tell you when something happens to your proposals?")
ON = Phrase("要", "Yes")
OFF = Phrase("不要", "No")
CHINESE = Phrase("中文", "中文")
ENGLISH = Phrase("English", "English")
SAVED = Phrase("已保存。", "Saved.")
DATA_EXPORTED = Phrase("这是我们保存的您的全部数据。", "This is everything we keep about you.")
FORGET_SURE = Phrase(
    "将清空您写过的所有文字、照片、姓名和电话，建议的编号和办理结果保留。不能恢复，确定吗？",
    "All you wrote, your photos, name and telephone will be blanked; numbers and results of proposals stay. "
    "This cannot be undone. Are you sure?",
)
FORGOTTEN = Phrase("已清空。您再来信时，我们会像第一次见面一样。", "Done. When you write again we meet as for the first time.")

HUMAN_WHAT = Phrase("请说说您需要什么帮助，工作人员会联系您。", "Please say what you need; our staff will get in touch.")
HUMAN_TELEPHONE = Phrase("方便留个电话吗？不方便就回复 1。", "May we have a telephone number? Reply 1 if not.")
HUMAN_SENT = Phrase("已转给工作人员，请稍候。", "Our staff have been told. Please wait a little.")
HUMAN_NOBODY = Phrase("您的话已保存。这里还没有值班的工作人员。", "Your words are kept. Nobody of the staff is enrolled here yet.")
ANSWERED_BY_PHONE = Phrase("已用其他方式联系", "Already contacted otherwise")
HELP_ANSWERED = Phrase("已转给居民。", "Passed on to the resident.")

INVITE_USED = Phrase("这个邀请码已经用过或过期了，请向办公室要新的。", "That invite has been used or has expired. Please ask the office for a new one.")


def welcome_to(place: str) -> Phrase:
    return Phrase(f"您好，这里是民声。{place}要办什么实事？直接写给我就行。", f"Hello, this is Minsheng. What should be done for {place}? Just write it to me.")


def draft_of(name: Phrase, saved_at: datetime) -> Phrase:
    return Phrase(f"{name.zh}（{saved_at:%-m月%-d日}）", f"{name.en} ({saved_at:%Y-%m-%d})")


def enrolled(name: str, role: Phrase, congress: str) -> Phrase:
    return Phrase(f"{name}，欢迎！您已登记为{congress}的{role.zh}。回复“菜单”看看能做什么。", f"Welcome, {name}! You are enrolled as {role.en} of {congress}. Reply “menu” to see what you can do.")


def help_wanted(words: str, telephone: str) -> Phrase:
    return Phrase(
        f"有居民求助：\n{words}\n电话：{telephone or '未留'}\n请直接回复，会转给居民。",
        f"A resident asks for help:\n{words}\nTelephone: {telephone or 'none'}\nJust answer; it is passed on.",
    )


def staff_answer(words: str) -> Phrase:
    return Phrase(f"工作人员回复您：\n{words}", f"Our staff answer you:\n{words}")


_NAMES = {
    "suggest": Phrase("提建议", "Proposal"),
    "on_behalf": Phrase("代居民提建议", "Proposal for a resident"),
    "paper": Phrase("录入纸质表", "Paper form"),
}


def title_of(conversation: str) -> Phrase:
    """What an unfinished conversation is called in the list of drafts."""
    return _NAMES.get(conversation, Phrase("没写完的内容", "Unfinished"))
