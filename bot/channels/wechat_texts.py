"""What is said around our messages on WeChat: where they travel in the response to somebody's own, and on pages."""

from collections.abc import Mapping

from handlers.messages import NoticeKind
from handlers.texts.phrase import Phrase

FILE_GONE = Phrase(
    "这个文件的链接已过期，请在对话里重新要一次。", "This link has expired: please ask for the file again."
)
FILE_NOT_READY = Phrase(
    "文件还没有准备好，请过一会儿再打开。", "The file is not ready yet: please open the link again in a while."
)


def more(count: int, *, by_word: bool) -> Phrase:
    """What did not fit, and how to get it (see handlers.dispatch), by a word where 1 chooses something else."""
    chinese, english = ("“还有”", "“rest”") if by_word else (" 1 ", "1")
    return Phrase(f"还有 {count} 条消息，回复{chinese}查看。", f"{count} more: reply {english} to read on.")


def file(name: str, address: str) -> str:
    """A file that cannot be sent, as a link to it."""
    return f"{name}：{address}"


# --- a message that waits

WAITING = Phrase("给您的消息", "A message for you")
TO_GO_ON = Phrase("回到公众号发送任意一条消息，就能继续。", "To go on, return to the account and send it any message.")
LINK_UNKNOWN = Phrase(
    "这个链接不对，请从微信的通知里再打开一次。", "This link is not right: please open it from WeChat's notice again."
)
MESSAGE_GONE = Phrase(
    "这个链接已过期。请到公众号发送任意一条消息，等着您的消息都会发来。",
    "This link has expired: send the account any message, and you get all that waits for you.",
)
NOT_READY = Phrase("现在打不开，请过一会儿再试。", "This cannot be opened now: please try again in a while.")

# --- agreeing to notices

AGREE: Mapping[NoticeKind, tuple[Phrase, Phrase, Phrase]] = {  # title, what comes of it, button
    NoticeKind.PROPOSAL: (
        Phrase("建议有进展，通知您", "Hear how your proposal goes"),
        Phrase(
            "您的建议有了进展，微信就给您发一条提醒，只写编号和进展，不写建议的内容。",
            "When something comes of your proposal, WeChat tells you: its number and its state, never what you wrote.",
        ),
        Phrase("允许通知我进展", "Tell me how it goes"),
    ),
    NoticeKind.DUTY: (
        Phrase("有要办的事，提醒您", "Be told what is due"),
        Phrase(
            "到了该视察、该报告、该答复的时候，微信就给您发一条提醒。",
            "When an inspection, a report or an answer of yours is due, WeChat tells you.",
        ),
        Phrase("允许提醒我要办的事", "Tell me what is due"),
    ),
}
FOR_ONCE = Phrase("允许一次，提醒一次。", "Each time that you allow it, you are told once.")
FOR_GOOD = Phrase(
    "允许一次就可以，以后想关，随时可以在微信里关掉。", "Allow it once; you can switch it off in WeChat at any time."
)
OF_AGREEING: Mapping[str, Phrase] = {  # what the page tells of it
    "elsewhere": Phrase("请在手机上用微信打开这个页面。", "Please open this page in WeChat, on a phone."),
    "agreed": Phrase("好了，到时候会提醒您。这个页面可以关了。", "Done: you will be told. You may close this page."),
    "refused": Phrase(
        "您没有允许，就不会提醒您。想允许时，再点一次按钮。",
        "You have not allowed it, so you will not be told. To allow it, tap again.",
    ),
    "off": Phrase(
        "您在微信里关掉了本公众号的通知。请先在本公众号的设置里打开，再点一次按钮。",
        "You have switched off this account's notices in WeChat: switch them on in its settings, then tap again.",
    ),
    "old": Phrase(
        "您的微信显示不了按钮。请把微信更新到最新版，在手机上再打开这个页面。",
        "Your WeChat cannot show the button: please update it, and open this page again on a phone.",
    ),
    "failed": Phrase(
        "没有成功，请过一会儿再打开这个页面。", "This did not work: please open this page again in a while."
    ),
}
NO_NOTICES = Phrase(
    "这个公众号现在没有这种通知，有消息会在对话里告诉您。",
    "This account has no such notices now: you are told in the chat.",
)
