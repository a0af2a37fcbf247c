"""What is said around our messages where they travel in the response to somebody's own."""

from handlers.texts.phrase import Phrase

FILE_GONE = Phrase(
    "这个文件的链接已过期，请在对话里重新要一次。", "This link has expired: please ask for the file again."
)
FILE_NOT_READY = Phrase(
    "文件还没有准备好，请过一会儿再打开。", "The file is not ready yet: please open the link again in a while."
)


def more(count: int) -> Phrase:
    """What did not fit, and how to get it (see MORE in handlers.dispatch)."""
    return Phrase(f"还有 {count} 条消息，回复 1 查看。", f"{count} more: reply 1 to read on.")


def file(name: str, address: str) -> str:
    """A file that cannot be sent, as a link to it."""
    return f"{name}：{address}"
