"""The poster of an announcement, from what is stored of it."""

from datetime import date
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine

from bot.pictures.announcement_poster import AnnouncementPoster
from bot.pictures.canvas import SIZE
from bot.recipes.catalogue import Recipes
from bot.recipes.drawings import Drawings
from storage.domain.announcements import Correction, Kind
from tests.conversing import NOW
from tests.office import Office, open_office
from tests.posted import DAY, drafted, posted

ADDRESS = "https://bot.example"


@pytest.fixture
def office(engine: Engine, tmp_path: Path) -> Office:
    return open_office(engine, tmp_path)


@pytest.fixture
def posters(monkeypatch: pytest.MonkeyPatch) -> list[AnnouncementPoster]:
    """What posters are drawn of, in place of drawing them."""
    drawn: list[AnnouncementPoster] = []

    def draw(poster: AnnouncementPoster, _: str) -> bytes:
        drawn.append(poster)
        return b"drawn"

    monkeypatch.setattr("bot.recipes.announcement_poster._kept", Drawings())
    monkeypatch.setattr("bot.recipes.announcement_poster.announcement_poster", draw)
    return drawn


def made(office: Office, number: int, **more: object) -> Path:
    path = office.folder / "poster.png"
    town = office.town
    recipes = Recipes(town.engine, lambda _: town.areas, lambda: town.now, ADDRESS)
    recipes.make({"kind": "announcement_poster", "arguments": {"announcement": number, **more}}, path)
    return path


def test_a_poster_is_a_picture_in_either_language(office: Office) -> None:
    with office.town.store() as store:
        number = posted(store, office.place, NOW, title="<script>=1+1")
    pictures = set()
    for language in ({}, {"language": "en"}):
        path = made(office, number, **language)
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == ("PNG", SIZE)
        pictures.add(path.read_bytes())
    assert len(pictures) == 2


def test_a_poster_tells_what_stands_on_the_board_and_where(office: Office, posters: list[AnnouncementPoster]) -> None:
    with office.town.store() as store:
        number = posted(
            store, office.place, NOW + DAY, kind=Kind.COLLECTING, title="致{姓名}", text="{姓名}：\n请看{别的}。"
        )
    made(office, number)
    made(office, number)
    (poster,) = posters
    assert (poster.congress, poster.kind, poster.title) == ("柳河镇人大", "征集公告", "致各位居民")
    assert poster.text == "各位居民：\n请看{别的}。"
    assert poster.day == date(2026, 9, 2)
    assert poster.address == f"{ADDRESS}/board/{office.congress}/{number}"
    assert poster.invitation.zh == "扫码看全文"


def test_it_can_be_had_before_anybody_hears_of_it(office: Office, posters: list[AnnouncementPoster]) -> None:
    with office.town.store() as store:
        number = drafted(store, office.place)
    made(office, number)
    assert posters[0].day == date(2026, 9, 1)


def test_what_is_not_on_the_board_leads_to_the_chat(office: Office, posters: list[AnnouncementPoster]) -> None:
    with office.town.store() as store:
        number = posted(store, office.place, NOW, on_board=False)
    made(office, number)
    assert (posters[0].address, posters[0].invitation.zh) == (f"{ADDRESS}/chat", "扫码打开民声")


def test_a_correction_says_what_it_is(office: Office, posters: list[AnnouncementPoster]) -> None:
    with office.town.store() as store:
        wrong = posted(store, office.place, NOW)
        right = posted(store, office.place, NOW, corrects=wrong, correction=Correction.REPLACE)
    made(office, right)
    assert posters[0].title == "【更正】接待日通知"


def test_there_is_no_poster_of_what_is_not_there(office: Office) -> None:
    with pytest.raises(KeyError):
        made(office, 9)
