"""Words that every conversation shares, and the short name of each question (for "修改")."""

from handlers.texts.phrase import Phrase

SUBMIT = Phrase("提交", "Submit")
CHANGE = Phrase("修改", "Change")
CANCEL = Phrase("取消", "Cancel")
YES = Phrase("是", "Yes")
NO = Phrase("不是", "No")
SKIP = Phrase("跳过", "Skip")
DONE = Phrase("好了", "Done")
MORE = Phrase("下一页", "More")

_TITLES = {
    "*change": Phrase("要改哪一项？", "Which one do you want to change?"),
    "what": Phrase("内容", "What"),
    "where": Phrase("地点", "Where"),
    "photos": Phrase("照片", "Photos"),
    "congress": Phrase("报给谁", "To whom"),
    "name": Phrase("姓名", "Name"),
    "telephone": Phrase("电话", "Telephone"),
    "text": Phrase("内容", "Text"),
    "number": Phrase("编号", "Number"),
    "action": Phrase("要做的事", "What to do"),
    "reason": Phrase("原因", "Reason"),
    "category": Phrase("类别", "Category"),
}


def title(name: str) -> Phrase:
    """The short name of a question."""
    return _TITLES.get(name, Phrase(name))


def number_out_of_range(count: int) -> Phrase:
    return Phrase(f"请回复 1 到 {count} 的数字。", f"Please reply with a number from 1 to {count}.")
