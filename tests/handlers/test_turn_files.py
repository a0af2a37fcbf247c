"""Photos, albums, documents and voice messages, asked for or not."""

import pytest

from handlers.messages import Attachment, Kind
from handlers.texts import proposals as texts
from handlers.texts import questions
from storage.links import Target
from tests.conversing import Person, last

WHAT, WHERE = texts.SUGGEST_WHAT.zh, texts.SUGGEST_WHERE.zh


def album(person: Person, count: int, group: str = "g", text: str = "") -> list[str]:
    return [one for at in range(count) for one in person.shows(group, text if at == 0 else "")]


def test_an_album_gets_one_reply_and_its_button_still_works(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    assert album(resident, 4) == [questions.ALBUM_RECEIVED.zh]
    assert "照片：4 张" in last(resident.taps("好了"))


def test_an_album_whose_end_is_known_is_answered_at_its_end(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    told = []
    for following in (2, 1, 0):
        photo = resident.message(Kind.PHOTO, attachments=(Attachment(Kind.PHOTO, f"p{following}"),), group="g")
        told.append(resident.does(photo._replace(following=following)))
    assert told == [[], [], [questions.photos_received(3).zh]]
    assert "照片：3 张" in last(resident.taps("好了"))


def test_after_an_album_all_photos_are_counted(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    album(resident, 3)
    assert questions.photos_received(3).zh in last(resident.says("这个"))
    assert questions.photos_received(4).zh in last(resident.shows())
    assert album(resident, 2, "another") == [questions.ALBUM_RECEIVED.zh]
    assert "照片：6 张" in last(resident.taps("好了"))


def test_photos_one_by_one_are_each_answered(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾")
    assert questions.photos_received(1).zh in last(anyone.shows())
    assert questions.photos_received(2).zh in last(anyone.shows())
    assert "照片：2 张" in last(anyone.says("好了"))


@pytest.mark.parametrize("word", ["没有了", "好的", "1", "好了", "没了"])
def test_no_more_photos_in_any_words(anyone: Person, word: str) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾")
    anyone.shows()
    assert "照片：1 张" in last(anyone.says(word))


def test_a_yes_before_any_photo_came_does_not_mean_none(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路", "柳树湾")
    assert questions.PHOTO_WANTED.zh in last(anyone.says("好的"))
    assert "照片：0 张" in last(anyone.says("没有"))


def test_an_album_beyond_nine_is_kept_whole_and_goes_on_silently(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    told = album(resident, 12)
    assert len(told) == 2
    assert "照片：9 张" in told[1]
    resident.says("提交")
    with resident.town.store() as store:
        assert len(store.links.files_about(Target.PROPOSAL, 1)) == 12


def test_an_album_where_no_photo_is_asked_for_gets_one_reply_and_is_kept(resident: Person) -> None:
    resident.says("提建议")
    assert album(resident, 3) == [f"{questions.WORDS_WANTED.zh}\n{WHAT}"]
    assert questions.photos_received(3).zh in last(resident.says("柳树湾要修路"))


def test_a_photo_with_words_is_a_suggestion_with_a_photo(resident: Person) -> None:
    assert album(resident, 3, text="柳树湾路灯坏了") == [texts.UNPROMPTED.zh]
    assert questions.photos_received(3).zh in last(resident.says("是"))
    summary = last(resident.says("好了"))
    assert "照片：3 张" in summary
    assert "路灯坏了" in summary


def test_a_voice_message_is_an_answer_in_words(anyone: Person) -> None:
    anyone.says("提建议")
    assert WHERE in last(anyone.speaks())
    assert questions.VOICE.zh in last(anyone.says("柳树湾", "没有"))


def test_a_voice_message_out_of_the_blue_is_a_suggestion(anyone: Person) -> None:
    assert last(anyone.speaks()).startswith(texts.UNPROMPTED_FILE.zh)
    assert WHERE in last(anyone.says("是"))


def test_a_photo_at_a_question_for_a_place_is_told_what_is_wanted_and_counts_as_a_photo(anyone: Person) -> None:
    anyone.says("提建议", "村口要修路")
    assert questions.PLACE_WANTED.zh in last(anyone.shows())
    assert questions.photos_received(1).zh in last(anyone.says("柳树湾"))


def test_a_document_counts_as_a_photo_where_photos_are_asked_for(resident: Person) -> None:
    resident.says("提建议", "村口要修路", "柳树湾")
    picture = Attachment(Kind.DOCUMENT, "d1", "路.jpg", "image/jpeg")
    told = resident.does(resident.message(Kind.DOCUMENT, attachments=(picture,)))
    assert questions.photos_received(1).zh in last(told)
