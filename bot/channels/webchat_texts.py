"""The words of the web chat's own page, in both of its languages. What the bot says is not here."""

from typing import Literal

from bot.channels.webchat_frames import TEXT_LIMIT
from handlers.texts.files import WHY
from storage.domain.file_kinds import Refusal

Language = Literal["zh", "en"]


def word_of(why: Refusal) -> str:
    """The word that says why a file is not taken."""
    return f"file_{why}"


# Each: Chinese, English.
_WORDS: dict[str, tuple[str, str]] = {
    # the page
    "title": ("民声", "Minsheng"),
    "subtitle": ("您的建议，我们在听", "We hear your suggestions"),
    "large": ("大字", "Large"),
    "large_hint": ("大字显示", "Large type"),
    "log": ("对话", "Conversation"),
    "newer": ("有新消息", "New messages"),
    "menu": ("菜单", "Menu"),
    "back": ("返回", "Back"),
    "photo": ("照片", "Photo"),
    "file": ("文件", "File"),
    "place": ("位置", "Place"),
    "voice": ("语音", "Voice"),
    "tools": ("快捷操作", "Shortcuts"),
    "input": ("输入消息", "Message"),
    "placeholder": ("在这里写……", "Write here…"),
    "send": ("发送", "Send"),
    "opening": ("正在打开……", "Opening…"),
    "no_script": (
        "这个页面需要浏览器的 JavaScript。请在设置里打开它，或换一个浏览器。",
        "This page needs JavaScript. Please allow it, or use another browser.",
    ),
    "lost": ("网络断开，正在重连……", "Connection lost, reconnecting…"),
    "waiting": ("等待网络，连上后自动发送", "Waiting for the network, will be sent"),
    "sending": ("正在发送……", "Sending…"),
    "not_sent": ("没有发出：", "Not sent: "),
    "i_said": ("我说：", "I said: "),
    "bot_said": ("民声说：", "Minsheng said: "),
    "edited": ("已修改", "Edited"),
    "edited_above": ("上面有一条消息已修改，点这里看。", "A message above was edited. Show it."),
    "choices": ("可以选择", "Choices"),
    "today": ("今天", "Today"),
    "yesterday": ("昨天", "Yesterday"),
    "my_place": ("我的位置", "My place"),
    "my_photo": ("照片", "Photo"),
    "my_voice": ("语音", "Voice message"),
    "download": ("下载", "Download"),
    "locating": ("正在定位……", "Finding your place…"),
    "place_insecure": (
        "这个网址不是 https，浏览器不允许定位。请用文字写下地点。",
        "This address is not https, so the browser does not give your place. Please write where it is.",
    ),
    "place_denied": (
        "没有得到定位的许可。请在浏览器或微信的设置里允许定位，或用文字写下地点。",
        "Your place was not permitted. Please allow it in the browser's settings, or write where it is.",
    ),
    "place_failed": (
        "现在定不了位。请到开阔处再试，或用文字写下地点。",
        "Your place could not be found. Please try again outdoors, or write where it is.",
    ),
    "voice_denied": (
        "没有得到录音的许可。请在浏览器或微信的设置里允许使用麦克风。",
        "Recording was not permitted. Please allow the microphone in the browser's settings.",
    ),
    "recording": ("正在录音", "Recording"),
    "recording_cancel": ("取消", "Cancel"),
    "recording_send": ("说完了，发送", "Done, send"),
    "unsent_files": ("还有文件没有发完。", "Some files have not been sent yet."),
    # refusals
    "unreadable": ("这条消息读不懂，没有收下。", "This message could not be read and was not taken."),
    "empty": ("这条消息没有内容。", "This message is empty."),
    "too_long": (
        f"一条消息最多 {TEXT_LIMIT // 10_000} 万字。请分成几条发送。",
        f"A message may have at most {TEXT_LIMIT:,} characters. Please send it in parts.",
    ),
    "place_unreadable": ("这个位置读不懂。请再发一次。", "This place could not be read. Please send it again."),
    "too_fast": ("发得太快了，请稍等一会儿。", "That was too fast, please wait a moment."),
    "too_many_tabs": (
        "这个聊天打开得太多了。请关掉几个页面再试。",
        "This chat is open too many times. Please close some pages.",
    ),
    "too_many_visitors": (
        "从这个网络来的新访客太多，请过一会儿再打开。",
        "Too many new visitors from this network, please come back a little later.",
    ),
    "unknown_visitor": ("认不出这个页面了，请重新打开。", "This page is no longer known, please open it again."),
    "foreign_page": ("这个请求来自别的网站，没有接受。", "This request came from another site and was refused."),
    "upload_unknown": ("没有找到这个文件，请重新选择。", "This file was not found, please choose it again."),
    "upload_missing": ("没有收到文件，请重新选择。", "No file arrived, please choose it again."),
    "disk_full": ("现在存不下文件，请过一会儿再发。", "There is no room for files just now, please try later."),
}


_WORDS |= {word_of(why): (f"{reason.zh}。", f"{reason.en}.") for why, reason in WHY.items()}


def words(language: Language) -> dict[str, str]:
    """Every word of the page in that language, by name."""
    column = 0 if language == "zh" else 1
    return {name: both[column] for name, both in _WORDS.items()}


def language_of(accept_language: str) -> Language:
    """The page's language: Chinese, unless the first one that the browser asks for is another."""
    first = accept_language.partition(",")[0].strip().lower()
    return "zh" if not first or first.startswith(("zh", "*")) else "en"
