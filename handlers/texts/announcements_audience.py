"""Whom an announcement is for, in words, and what is asked while it is put together."""

from collections.abc import Mapping, Sequence

from handlers.texts.phrase import Phrase, join, lines, many
from handlers.texts.words import ROLE
from storage.domain.audience import Reached
from storage.domain.roles import Role

EVERYBODY = Phrase("全体居民和各类人员", "All residents and everybody with a role")
KINDS: Mapping[str, Phrase] = {
    "roles": Phrase("按身份", "By role"),
    "areas": Phrase("按区域、网格", "By area or cell"),
    "groups": Phrase("按代表小组", "By group of deputies"),
    "projects": Phrase("项目所在的网格", "Cells of a project"),
    "proposals": Phrase("建议的提出人和附议人", "Who proposed or supported a proposal"),
}
CHANNELS = Phrase("只发某个渠道", "One channel only")
WITHOUT = Phrase("除外……", "Without …")
TO_THOSE = Phrase("不再除外，回到发给谁", "Back to whom it is for")
CLEAR = Phrase("重新选", "Begin anew")
DONE = Phrase("选好了", "That is all")
BACK = Phrase("回上一级", "Back")

WHICH: Mapping[str, Phrase] = {
    "roles": Phrase("选哪种身份？", "Which role?"),
    "areas": Phrase("选哪里？也可以直接写地名。", "Which area? You may write its name."),
    "groups": Phrase("选哪个代表小组？", "Which group?"),
    "projects": Phrase("选哪个项目？也可以写项目名称。", "Which project? You may write its title."),
    "proposals": Phrase(
        "请写建议的编号，比如 12、15。写“返回”不加。", "Write the numbers of proposals, such as 12, 15, or “back”."
    ),
    "channels": Phrase("只发哪个渠道？", "Which channel?"),
}
NONE_THERE = Phrase("这一类现在没有可选的。", "There is nothing of that kind.")
NOBODY_NAMED = Phrase("还没有选发给谁，请先选。", "Nobody is chosen yet. Please choose first.")
NOBODY_THERE = Phrase("选的范围里没有人，请换一换。", "There is nobody in it. Please choose others.")
PLACE_UNKNOWN = Phrase(
    "没有认出这个地名，请回复数字，或写乡镇、村、网格的名字。",
    "That place is not known. Choose a number, or write the name of a township, village or cell.",
)
NUMBERS_WANTED = Phrase("请写建议的编号，比如 12、15。", "Please write numbers of proposals, such as 12, 15.")
ALL_PEOPLE = Phrase("全体", "everybody")
WHICH_OF_THESE = Phrase("是指哪一处？", "Which of these?")

_CHANNEL: Mapping[str, Phrase] = {
    "telegram": Phrase("Telegram"),
    "web": Phrase("网页聊天", "web chat"),
    "wechat": Phrase("微信公众号", "WeChat"),
    "wechat mass": Phrase("微信群发", "WeChat mass sends"),
    "wechat notice": Phrase("微信订阅通知", "WeChat notices"),
    "wechat template": Phrase("微信模板消息", "WeChat template messages"),
    "wecom": Phrase("企业微信", "WeCom"),
}
_REACHED: Mapping[Reached, tuple[str, str]] = {
    Reached.ALL: ("公告{0}的发送对象", "those whom announcement {0} was for"),
    Reached.SENT: ("收到公告{0}的人", "those who got announcement {0}"),
    Reached.UNOPENED: (
        "收到公告{0}还没打开的人（写、审这份公告的人除外）",
        "those who got announcement {0} and have not opened it, but who wrote or reviewed it",
    ),
}


def channel(name: str) -> Phrase:
    """What people call a channel."""
    return _CHANNEL.get(name, Phrase(name))


def role(one: Role) -> Phrase:
    named = ROLE[one]
    return Phrase(f"全部{named.zh}", f"all of role {named.en}")


def whole(name: str) -> Phrase:
    return Phrase(f"整个{name}", f"All of {name}")


def group(name: str) -> Phrase:
    return Phrase(f"代表小组“{name}”", f"the group of deputies “{name}”")


def project(number: int, title: str) -> Phrase:
    return Phrase(f"第{number}号项目（{title}）所在网格", f"the cells of project {number} ({title})")


def proposal(number: int) -> Phrase:
    return Phrase(f"{number}号建议的提出人和附议人", f"who proposed or supported proposal {number}")


def unknown_proposals(numbers: Sequence[int]) -> Phrase:
    listed = "、".join(map(str, numbers))
    return Phrase(f"没有这些编号的建议：{listed}。", f"There is no proposal of number {listed}.")


def in_words(those: Sequence[Phrase], without: Sequence[Phrase], channels: Sequence[str]) -> Phrase:
    """Whom it is for, in one sentence."""
    if not those:
        return Phrase("还没有人", "nobody yet")
    said = join(those)
    if channels:
        only = join(map(channel, channels))
        said += Phrase(f"（只发{only.zh}）", f" (by {only.said('en')} only)")
    if without:
        left_out = join(without)
        said += Phrase(f"；不发给{left_out.zh}", f"; without {left_out.said('en')}")
    return said


def of_announcement(number: int, reached: Reached) -> Phrase:
    chinese, english = _REACHED[reached]
    return Phrase(chinese.format(number), english.format(number))


def chosen(said: Phrase, counted: Phrase) -> Phrase:
    return Phrase(f"已选：{said.zh}", f"Chosen: {said.said('en')}") + counted


def overview(said: Phrase, counted: Phrase, *, is_without: bool) -> Phrase:
    """What is chosen so far, above what may be added."""
    asked = Phrase("不发给谁？", "Whom shall it not go to?") if is_without else Phrase("发给谁？", "Whom is it for?")
    return lines([chosen(said, counted), asked])


def count(people: int | None, at_most: int) -> Phrase:
    """How many are chosen; None: more than were counted."""
    if people is None:
        return Phrase(f"，超过 {at_most} 人", f", more than {at_most} people")
    return Phrase(f"，共 {people} 人", f", {many(people, 'person', 'people')}")
