"""What the kinds of questions say."""

from handlers.texts.phrase import Phrase, many

VOICE = Phrase("（语音留言）", "(voice message)")
WORDS_WANTED = Phrase("请用文字或语音说一说。", "Please say it in words or by voice.")
GREETED = Phrase("您好！请直接说，文字、语音都行。", "Hello! Just say it, in words or by voice.")
THANKED = Phrase("不客气！请直接说，文字、语音都行。", "You are welcome! Just say it, in words or by voice.")
AGREED = Phrase("好的！请直接说，文字、语音都行。", "All right! Just say it, in words or by voice.")
DAY_WANTED = Phrase("请写日期，比如 6月30日，或者“今天”。", "Please write a day, such as 2026-06-30, or “today”.")
DAY_PAST = Phrase("那一天已经过了，请再核对。", "That day is past. Please check it.")
DAY_TOO_LATE = Phrase("日期不能在今天以后。", "That day has not come yet.")
SUM_WANTED = Phrase("请写金额，比如 46万 或 460000元。", "Please write a sum, such as 460000.")
NUMBER_WANTED = Phrase("请回复一个数字，比如 12。", "Please reply with a number, such as 12.")
PHOTO_WANTED = Phrase("请发照片；没有就回复 1。", "Please send a photo, or reply 1 if there is none.")
FILE_WANTED = Phrase("请把文件发过来。", "Please send the file.")
NO_PHOTOS = Phrase("没有照片", "No photos")
ALBUM_RECEIVED = Phrase(
    "照片收到了，可以接着发，发完回复 1。", "Your photos are here. Send more, or reply 1 when done."
)
PLACE_WANTED = Phrase(
    "请发位置、写地名，或回复数字。", "Please send a location, name the place, or reply with a number."
)
PLACE_UNKNOWN = Phrase(
    "没找到这个地名，请换个说法，或回复数字选择。",
    "That place is not known here. Name it differently, or choose a number.",
)
PLACE_GONE = Phrase("这个地方已不在名单里，请重新选择。", "That place is no longer listed. Please choose again.")
OUTSIDE = Phrase(
    "这个位置不在本地范围内，请写地名或回复数字。",
    "That location is outside our area. Name the place or choose a number.",
)
WHICH_OF_THESE = Phrase("您说的是哪里？", "Which of these places is it?")
NOT_SURE = Phrase("不清楚", "Not sure")


def too_long(at_most: int) -> Phrase:
    return Phrase(f"太长了，请控制在 {at_most} 字以内。", f"Please keep it under {at_most} characters.")


def photos_received(count: int) -> Phrase:
    return Phrase(
        f"已收到 {count} 张照片，可以接着发，发完回复 1。",
        f"Received: {many(count, 'photo')}. Send more, or reply 1 when done.",
    )


def my_cell(name: str) -> Phrase:
    return Phrase(f"我的网格：{name}", f"My cell: {name}")


def where_inside(name: str) -> Phrase:
    return Phrase(f"{name}的哪里？也可以直接写地名。", f"Where in {name}? You may also name the place.")
