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
TO_MENU = Phrase("返回菜单", "Back to the menu")
NOTHING_TO_CHANGE = Phrase("不改了", "Nothing")
CHANGED_MEANWHILE = Phrase("情况刚有变化，请再核对一遍。", "Something has changed meanwhile. Please check once more.")

_TITLES = {
    "*change": Phrase("要改哪一项？", "Which one do you want to change?"),
    "action": Phrase("要做的事", "What to do"),
    "as": Phrase("看哪一类", "Which ones"),
    "audience": Phrase("发给谁", "Whom it is for"),
    "board": Phrase("公告榜", "Public board"),
    "body": Phrase("承办单位", "Body"),
    "button": Phrase("按钮", "Button"),
    "category": Phrase("类别", "Category"),
    "company": Phrase("同行的人", "Who came along"),
    "congress": Phrase("报给谁", "To whom"),
    "content": Phrase("建设内容", "Content"),
    "deadline": Phrase("完成期限", "Deadline"),
    "decided": Phrase("批准日期", "Day of the approval"),
    "deputy": Phrase("代表", "Deputy"),
    "document": Phrase("批准文件", "Document"),
    "due": Phrase("期限", "Due date"),
    "effect": Phrase("预期效果", "Effect"),
    "field": Phrase("变更哪一项", "What is changed"),
    "file": Phrase("文件", "File"),
    "files": Phrase("图片和附件", "Files"),
    "heading": Phrase("标题", "Title"),
    "held": Phrase("是否接待", "Whether it was held"),
    "holder": Phrase("哪一位", "Who"),
    "filter": Phrase("看哪些", "Which ones"),
    "format": Phrase("哪一种", "In which form"),
    "how": Phrase("进展", "How it stands"),
    "investment": Phrase("投资", "Investment"),
    "is": Phrase("是不是建议", "Whether it is a proposal"),
    "kind": Phrase("种类", "Kind"),
    "language": Phrase("语言", "Language"),
    "leader": Phrase("负责人", "Leader"),
    "led": Phrase("谁带队", "Who led"),
    "link": Phrase("链接", "Link"),
    "name": Phrase("姓名", "Name"),
    "notices": Phrase("通知", "Notices"),
    "number": Phrase("编号", "Number"),
    "other": Phrase("哪个项目", "Which project"),
    "period": Phrase("哪一段", "Which period"),
    "photos": Phrase("照片", "Photos"),
    "place": Phrase("位置", "Place"),
    "plan": Phrase("计划", "Plan"),
    "planned": Phrase("计划日期", "Planned day"),
    "problems": Phrase("问题", "Problems"),
    "progress": Phrase("进度", "Per cent"),
    "project": Phrase("项目", "Project"),
    "reached": Phrase("完成日期", "Day"),
    "really": Phrase("再次确认", "Whether you are really sure"),
    "reason": Phrase("原因", "Reason"),
    "received": Phrase("接待人数", "How many came"),
    "role": Phrase("身份", "Role"),
    "satisfied": Phrase("评价", "Whether you are satisfied"),
    "severity": Phrase("程度", "Severity"),
    "standing": Phrase("进展", "How it stands"),
    "status": Phrase("状态", "Status"),
    "sure": Phrase("确认", "Whether you are sure"),
    "telephone": Phrase("电话", "Telephone"),
    "text": Phrase("内容", "Text"),
    "title": Phrase("名称", "Title"),
    "urgent": Phrase("紧急", "Urgent"),
    "value": Phrase("新的内容", "New value"),
    "what": Phrase("内容", "What"),
    "when": Phrase("什么时候", "When"),
    "where": Phrase("地点", "Where"),
    "which": Phrase("哪一条", "Which one"),
    "who": Phrase("哪一位", "Who"),
    "why": Phrase("原因", "Why"),
}


def title(name: str) -> Phrase:
    """The short name of a question. Raises KeyError for one that has none yet."""
    return _TITLES[name]


def choose_one(count: int) -> Phrase:
    if count == 1:
        return Phrase("请回复 1。", "Please reply 1.")
    if count == 2:
        return Phrase("请回复 1 或 2。", "Please reply 1 or 2.")
    return Phrase(f"请回复 1 到 {count} 的数字。", f"Please reply with a number from 1 to {count}.")
