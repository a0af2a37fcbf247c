"""Why something is not allowed."""

from handlers.texts.phrase import Phrase

NO_SUCH_PROPOSAL = Phrase("没有这个编号的建议。", "There is no proposal of that number.")
NO_SUCH_PROJECT = Phrase("没有这个编号的项目。", "There is no project of that number.")
NO_SUCH_RECTIFICATION = Phrase(
    "这件整改现在不归您办理。回复“整改”看您的。",
    "That rectification is not yours now. Reply “rectifications” to see what is.",
)
NO_SUCH_OBSERVATION = Phrase(
    "这条反映现在不归您答复。回复“居民反映”看您的。",
    "That is not yours to answer now. Reply “observations” to see what is.",
)
NO_SUCH_ANNOUNCEMENT = Phrase(
    "没有这个编号的公告。回复“公告”看现在的公告。",
    "There is no announcement of that number. Reply “board” to see those there are.",
)
NOT_YOUR_CONGRESS = Phrase("这条建议不归您所在的人大办理。", "That proposal belongs to another congress.")
NOT_YOUR_PROPOSAL = Phrase("您没有这个编号的建议。", "You have no proposal of that number.")
NO_LONGER_SHOWN = Phrase(
    "这条建议已不再公开。回复“我也要”看其他的。", "That proposal is no longer shown. Reply “support” to see others."
)
YOUR_OWN_PROPOSAL = Phrase(
    "这是您自己提的建议。回复“我也要”看其他的。", "That is your own proposal. Reply “support” to see others."
)
NO_SUCH_ROLE = Phrase(
    "这个身份已经不在名册上了。回复“人员”再看一遍。", "That role is no longer there. Reply “people” to look again."
)
DEPUTY_NO_LONGER = Phrase(
    "名册上现在没有您的代表身份，这份没有记下；有疑问请回复“人工”。",
    "You are not on the roster of deputies now, so this is not noted. Reply “human” to ask about it.",
)
BODY_NO_LONGER = Phrase(
    "这个项目现在不由您所在的单位承办，这份没有记下；有疑问请回复“人工”。",
    "The project is not your office's now, so this is not noted. Reply “human” to ask about it.",
)
NOT_YOUR_STAFF = Phrase("您现在不是这个人大的工作人员。", "You are not of the staff of that congress now.")
NOT_YOUR_DEPUTIES = Phrase("您现在不是这个人大的代表。", "You are not a deputy of that congress now.")
NOT_FOR_YOU = Phrase(
    "这个功能不是给您的身份用的。回复“菜单”看您能用的。",
    "That is not for somebody of your role. Reply “menu” to see what is for you.",
)
