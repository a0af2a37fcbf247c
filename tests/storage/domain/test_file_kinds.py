"""A file is what its content says, and what is not what it says is not taken."""

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.domain import file_kinds
from storage.domain.file_kinds import KINDS, UNPACKED_LIMIT, Family, FileKind, FileRefused, Refusal, check, decoded

LIMIT = 10_000


def packed(*names: str, size: int = 1) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, b"0" * size)
    return content.getvalue()


WORD = packed("[Content_Types].xml", "word/document.xml")
SHEET = packed("[Content_Types].xml", "xl/workbook.xml")

SAMPLES = {
    "jpg": b"\xff\xd8\xff\xe0..",
    "png": b"\x89PNG\r\n\x1a\n..",
    "gif": b"GIF89a..",
    "webp": b"RIFF\0\0\0\0WEBPVP8 ",
    "heic": b"\0\0\0\x18ftypheic....",
    "ogg": b"OggS..",
    "mp3": b"ID3..",
    "amr": b"#!AMR\n..",
    "m4a": b"\0\0\0\x18ftypM4A ....",
    "wav": b"RIFF\0\0\0\0WAVEfmt ",
    "webm": b"\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1fB\x86\x81\x01B\x82\x84webm",
    "mp4": b"\0\0\0\x18ftypisom....",
    "pdf": b"%PDF-1.7..",
    "docx": WORD,
    "xlsx": SHEET,
    "csv": "内容,地点\n修路,杨柳村\n".encode("gb18030"),
    "txt": "修路".encode(),
}


def why(content: bytes, sent_as: str = "document", name: str = "", media_type: str = "") -> Refusal:
    with pytest.raises(FileRefused) as refused:
        check(content, sent_as, name, media_type, LIMIT)
    return refused.value.why


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.extension)
def test_each_kind_is_known_by_its_content(kind: FileKind) -> None:
    assert check(SAMPLES[kind.extension], "document", f"a.{kind.extension}", "", LIMIT) is kind


@pytest.mark.parametrize("brand", [b"3gp4", b"mp42", b"qt  "])
def test_a_film_of_a_telephone_is_taken(brand: bytes) -> None:
    assert check(b"\0\0\0\x18ftyp" + brand, "document", "", "", LIMIT).media_type == "video/mp4"


@pytest.mark.parametrize("brand", [b"avif", b"....", b""])
def test_an_unknown_container_is_not(brand: bytes) -> None:
    assert why(b"\0\0\0\x18ftyp" + brand) is Refusal.UNKNOWN


def test_a_table_is_known_by_its_media_type_too() -> None:
    assert check(b"a,b", "document", "", "text/csv", LIMIT).extension == "csv"
    assert check(b"a,b", "document", "table", "text/plain", LIMIT).extension == "txt"


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "gif", "heic"])
def test_pictures_are_photos(extension: str) -> None:
    assert check(SAMPLES[extension], "photo", "", "", LIMIT).extension == extension


@pytest.mark.parametrize("extension", ["pdf", "ogg", "mp4", "xlsx"])
def test_nothing_else_is_a_photo(extension: str) -> None:
    assert why(SAMPLES[extension], "photo") is Refusal.NOT_A_PICTURE


@pytest.mark.parametrize("extension", ["ogg", "mp3", "amr", "m4a", "wav", "webm", "mp4"])
def test_recordings_are_voice_messages(extension: str) -> None:
    assert check(SAMPLES[extension], "voice", "", "", LIMIT).family is Family.SOUND


def test_a_voice_in_a_films_container_is_a_voice() -> None:
    assert check(SAMPLES["mp4"], "voice", "voice.m4a", "", LIMIT).media_type == "audio/mp4"
    assert check(SAMPLES["mp4"], "document", "voice.m4a", "", LIMIT).media_type == "video/mp4"


def test_a_picture_is_no_voice_message() -> None:
    assert why(SAMPLES["jpg"], "voice") is Refusal.NOT_A_SOUND


@pytest.mark.parametrize(
    ("content", "name", "media_type", "expected"),
    [
        (b"", "a.jpg", "", Refusal.EMPTY),
        (b"\xff\xd8\xff" + b"." * LIMIT, "a.jpg", "", Refusal.TOO_LARGE),
        (b"MZ\x90\0", "a.exe", "application/octet-stream", Refusal.UNKNOWN),
        (b"<html><script>", "a.html", "", Refusal.UNKNOWN),
        (b"<svg onload='x'>", "a.svg", "image/svg+xml", Refusal.UNKNOWN),
        (b"#!/bin/sh", "", "", Refusal.UNKNOWN),
        (b"a\0b", "a.txt", "", Refusal.UNKNOWN),
        (b"\xff\xff\xff", "a.csv", "text/csv", Refusal.UNKNOWN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1..", "a.xls", "", Refusal.OLD_OFFICE),
        (b"PK\x03\x04 and no archive", "a.xlsx", "", Refusal.DAMAGED),
        (packed("a.txt"), "a.zip", "", Refusal.UNKNOWN),
        (packed("xl/workbook.xml"), "a.xlsx", "", Refusal.UNKNOWN),
        (packed("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin"), "a.xlsx", "", Refusal.MACROS),
        (SAMPLES["pdf"], "a.jpg", "image/jpeg", Refusal.MISNAMED),
        (SAMPLES["jpg"], "台账.xlsx", "", Refusal.MISNAMED),
        (SAMPLES["xlsx"], "a.csv", "", Refusal.MISNAMED),
        (b"\x1a\x45\xdf\xa3 matroska", "a.mkv", "", Refusal.UNKNOWN),
    ],
)
def test_what_is_not_what_it_says_is_refused(content: bytes, name: str, media_type: str, expected: Refusal) -> None:
    assert why(content, "document", name, media_type) is expected


def test_a_small_archive_that_unpacks_into_a_huge_one_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_kinds, "UNPACKED_LIMIT", 100_000)
    assert UNPACKED_LIMIT > 100_000
    assert why(packed("[Content_Types].xml", "xl/workbook.xml", size=60_000)) is Refusal.TOO_LARGE


@pytest.mark.parametrize(
    ("content", "name", "named"),
    [
        (SAMPLES["jpg"], "a.JPEG", "a.JPEG"),
        (SAMPLES["webp"], "a.jpg", "a.jpg.webp"),
        (SAMPLES["jpg"], "a.exe", "a.exe.jpg"),
        (SAMPLES["pdf"], "规划图", "规划图.pdf"),
        (SAMPLES["png"], "", ""),
    ],
)
def test_a_name_ends_with_the_truth(content: bytes, name: str, named: str) -> None:
    assert check(content, "document", name, "", LIMIT).named(name) == named


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_read_as_people_save_it(encoding: str) -> None:
    assert decoded("龙头𠮷\t修路\r\n".encode(encoding)) == "龙头𠮷\t修路\r\n"


@given(
    st.one_of(
        st.binary(max_size=200),
        st.builds(lambda head, rest: head[:12] + rest, st.sampled_from(list(SAMPLES.values())), st.binary(max_size=60)),
    ),
    st.sampled_from(["photo", "voice", "document"]),
    st.text(max_size=20),
    st.sampled_from(["", "text/plain", "image/jpeg", "text/csv"]),
)
def test_whatever_comes_is_taken_or_refused(content: bytes, sent_as: str, name: str, media_type: str) -> None:
    try:
        kind = check(content, sent_as, name, media_type, LIMIT)
    except FileRefused:
        pass
    else:
        assert kind in KINDS
        assert not name or kind.named(name).lower().endswith((kind.extension, *kind.also))
