"""What may be said at any moment, whatever conversation is open."""

from handlers.texts.phrase import Phrase

# Stands above the first answer, with an empty line between.
CONSENT = Phrase(
    "为办理建议，我们会保存您的留言、地点和账号，不作他用；继续使用即表示同意。回复“我的数据”可查看或删除。\n",
    "To handle proposals we keep your messages, places and account, for nothing else; by going on you agree. "
    "Reply “my data” to see or delete it.\n",
)
HELP = Phrase(
    "直接写出您的想法就行，比如“村口要修路”。\n"
    "回复数字选择；“菜单”看全部功能，“返回”改上一步，“取消”退出。\n"
    "说不清楚时回复“人工”，工作人员会联系您。",
    "Just write what you wish for, such as “repair the village road”.\n"
    "Reply with a number to choose; “menu” shows everything, “back” takes the last step back, “cancel” leaves.\n"
    "Reply “human” and our staff will get in touch.",
)
HELP_OFFERED = Phrase(
    "需要帮忙吗？回复“人工”，工作人员会联系您；回复“取消”退出。",
    "Do you need help? Reply “human” and our staff will get in touch; “cancel” leaves.",
)
SILENT_FROM_HERE = Phrase(
    "这个问题先放一放。想好了请回复数字，或回复“人工”找工作人员。",
    "Let us leave this question for now. Reply with a number when you like, or “human” for our staff.",
)
MENU_OFFERED = Phrase("回复“菜单”看全部功能。", "Reply “menu” to see everything.")
RESUME_OR_MENU = Phrase(
    "回复“继续”接着写没写完的，回复“菜单”看全部功能。",
    "Reply “resume” to go on with what is unfinished, or “menu” to see everything.",
)
CANCELLED = Phrase("已取消。回复“菜单”看看还能做什么。", "Cancelled. Reply “menu” to see what else you can do.")
LATE_TAP = Phrase("这个按钮已经过时了。", "That button is out of date.")
YOU_ARE_WELCOME = Phrase("不客气！有想法随时写给我们。", "You are welcome! Write to us any time.")
SOMETHING_TO_ASK = Phrase(
    "我们还有事要问您，回复“您好”就看到。", "We have something to ask you: reply “hello” to see it."
)
ALL_RIGHT = Phrase("好的。有想法随时写给我们。", "All right. Write to us any time.")
NOTHING_OPEN = Phrase("现在没有在办的事。", "Nothing is open now.")
NOTHING_TO_CHOOSE = Phrase("现在没有要选的。", "There is nothing to choose now.")
CONVERSATION_CHANGED = Phrase(
    "这里刚刚更新了，您写的已存好。回复“继续”接着办。",
    "This has just been updated. What you wrote is kept; reply “resume” to go on.",
)
CONVERSATION_GONE = Phrase(
    "这项功能已经没有了，您写的留言都还在。回复“菜单”看看现在能做什么。",
    "That is no longer offered; your messages are kept. Reply “menu” to see what you can do.",
)
SET_ASIDE = Phrase(
    "刚才没写完的已存好，回复“继续”可接着写。", "What you had begun is kept; reply “resume” to go on with it."
)
FAULT = Phrase(
    "抱歉，刚才出了点问题，您的留言已经收到并保存。请稍后再试，或回复“人工”。",
    "Sorry, something went wrong. Your message is kept. Please try again later, or reply “human”.",
)
SLOW_DOWN = Phrase(
    "消息有点多，都已收到，请稍等一分钟再发。", "That was a lot at once. All is received; please wait a minute."
)
QUIET = Phrase("消息太多，一小时后再来办理；发来的都会保存。", "Too many messages: we go on in an hour. All are kept.")
EMPTY = Phrase("没有看到内容，请再发一次。", "There was nothing to read. Please send it again.")
