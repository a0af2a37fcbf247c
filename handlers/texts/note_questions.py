"""What the questions that only reports about projects ask say."""

from collections.abc import Sequence

from handlers.texts.phrase import Phrase, many

PER_CENT_WANTED = Phrase("请回复一个百分数，比如 35。", "Please reply with per cent, such as 35.")
BEYOND = Phrase("进度不能超过 100，请再核对。", "It cannot be more than 100 per cent. Please check it.")
OTHER_FIGURE = Phrase("写错了，重新填", "I was wrong")
REASON_WANTED = Phrase("请用一句话说说原因。", "Please say why in one sentence.")

PLACE_WANTED = Phrase(
    "没有收到位置。位置要用“位置”来发，写字不行。", "That was no location: please share one rather than write it."
)
NO_PLACE = Phrase("不发位置", "No location")

NO_PROBLEMS = Phrase("没有问题", "None")
SOME_PROBLEMS = Phrase("有问题", "There is one")
PROBLEM_WHAT = Phrase("什么问题？请用一句话说清楚，也可以发语音。", "What is it? One sentence, or a voice message.")
HOW_BAD = Phrase("这个问题有多重？", "How bad is it?")
PROBLEM_OR_NOT = Phrase("没有问题请回复 1，有问题请回复 2。", "Please reply 1 if there is none, 2 if there is one.")
NO_MORE = Phrase("没有了", "No more")
ONE_MORE = Phrase("还有一个", "One more")

THAT_IS_ALL = Phrase("就这些人", "That is all")
NAMES_WANTED = Phrase(
    "请回复数字或姓名，几个人用顿号隔开；齐了回复 1。", "Please reply with numbers or names, with commas; 1 when done."
)
TOO_MANY_PEOPLE = Phrase("一次最多记 20 个人。", "At most 20 people can be noted.")


def less(last: int, now: int) -> Phrase:
    return Phrase(
        f"上次报的是 {last}%，这次 {now}%，确定变少了吗？确定就用一句话说说原因，写错了回复 1。",
        f"It was {last}% last time and is {now}% now. Are you sure? Then say why in one sentence; else reply 1.",
    )


def more_problems(count: int) -> Phrase:
    return Phrase(f"已记下 {count} 个问题。还有吗？", f"Noted: {many(count, 'problem')}. Are there more?")


def somebody(name: str) -> Phrase:
    return Phrase(name)


def chosen(names: Sequence[str]) -> Phrase:
    return Phrase(
        f"已记下：{'、'.join(names)}。还有谁？没有了回复 1。",
        f"Noted: {', '.join(names)}. Who else? Reply 1 when that is all.",
    )
