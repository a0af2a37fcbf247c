"""Files that are not what they say: refused with a reason, and what they came with goes on."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.webchat_identity import COOKIE
from handlers.texts import proposals as said
from handlers.texts.files import refused
from storage.database import reading
from storage.domain.file_kinds import Refusal
from storage.tables import attachments, messages
from tests.bot_api import Person
from tests.bot_api.files import small_photo
from tests.hostile.siege import PATIENCE, Json, Siege, Visitor, by_webhook, key_of

PAGE = b"<html><script>alert(1)</script></html>" * 10
PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(200)
PDF = b"%PDF-1.4\n" + bytes(100)
MEGABYTE = 1024 * 1024


def packed(*names: str) -> bytes:
    """An archive of small files."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


def file_of(siege: Siege, key: str) -> Any:
    """The row of the file that came with a message, once it is known what it is."""

    def known() -> Any:
        query = select(attachments).join(messages, messages.c.id == attachments.c.message_id)
        known = query.where(messages.c.platform_key == key, attachments.c.state != "wanted")
        with reading(siege.engine) as unit:
            return unit.read(known).one_or_none()

    return siege.eventually(known)


def photo(content: bytes) -> Callable[[Person], Json]:
    return lambda person: person.sends_photo(content)


def document(name: str, content: bytes) -> Callable[[Person], Json]:
    return lambda person: person.sends_document(name, content)


WRONG: dict[str, tuple[Callable[[Person], Json], str, Refusal]] = {
    "a page for a photo": (photo(PAGE), "photo", Refusal.UNKNOWN),
    "a paper for a photo": (photo(PDF), "photo", Refusal.NOT_A_PICTURE),
    "nothing for a photo": (photo(b""), "photo", Refusal.EMPTY),
    "too much for a voice": (lambda person: person.sends_voice(11 * MEGABYTE), "voice", Refusal.TOO_LARGE),
    "a photo for a voice": (lambda person: person.sends_voice(small_photo()), "voice", Refusal.NOT_A_SOUND),
    "a program": (document("修路.exe", PROGRAM), "document", Refusal.UNKNOWN),
    "a program for a paper": (document("修路.pdf", PROGRAM), "document", Refusal.UNKNOWN),
    "a photo for a table": (document("台账.xlsx", small_photo()), "document", Refusal.MISNAMED),
    "an archive for a table": (document("台账.xlsx", packed("a.txt")), "document", Refusal.UNKNOWN),
    "half an archive for a table": (document("台账.xlsx", packed("a.txt")[:40]), "document", Refusal.DAMAGED),
    "macros": (
        document("台账.xlsx", packed("[Content_Types].xml", "xl/workbook.xml", "xl/vbaProject.bin")),
        "document",
        Refusal.MACROS,
    ),
}


@pytest.mark.parametrize(("send", "kind", "why"), WRONG.values(), ids=WRONG)
def test_what_is_not_what_it_says_is_refused_with_the_reason(
    siege: Siege, send: Callable[[Person], Json], kind: str, why: Refusal
) -> None:
    person = siege.person()
    key = key_of(send(person))
    person.wait_for(refused(kind, why).zh, timeout=PATIENCE)
    assert (file_of(siege, key).state, file_of(siege, key).failure) == ("refused", why)


def test_a_proposal_goes_on_without_the_photo_that_was_none(siege: Siege) -> None:
    person = siege.person()
    for words in ("提建议", "修路", "柳树湾"):
        heard = len(person.inbox)
        person.says(words)
        person.wait_for(after=heard, timeout=PATIENCE)
    person.sends_photo(PAGE)
    person.wait_for(refused("photo", Refusal.UNKNOWN).zh, timeout=PATIENCE)
    for words in ("没有", "提交"):
        heard = len(person.inbox)
        person.says(words)
        person.wait_for(after=heard, timeout=PATIENCE)
    person.wait_for(said.suggest_thanks([0]).zh.partition("0")[0], timeout=PATIENCE)


NAMES = {
    "../../etc/passwd": "../../etc/passwd.pdf",
    "fdp\u202eexe.pdf": "fdpexe.pdf",
    "\x00\x1b修路.pdf": "修路.pdf",
    "修路.pdf.exe": "修路.pdf.exe.pdf",
    "<b>.pdf": "<b>.pdf",
    "con": "con.pdf",
    "": "",
}


def test_a_name_becomes_true_and_does_no_harm(siege: Siege) -> None:
    person = siege.person()
    keys = {name: key_of(person.sends_document(name, PDF)) for name in NAMES}
    files = {name: file_of(siege, key) for name, key in keys.items()}
    assert {name: file.name for name, file in files.items()} == NAMES
    assert {(file.state, file.media_type) for file in files.values()} == {("stored", "application/pdf")}


def test_of_a_name_without_end_the_end_is_kept(siege: Siege) -> None:
    person = siege.person()
    true, untrue = (key_of(person.sends_document("修" * 5000 + end, PDF)) for end in (".pdf", ".exe"))
    assert file_of(siege, true).name.endswith("修.pdf")
    assert file_of(siege, untrue).name.endswith("修.exe.pdf")


# --- in the web chat


def upload(siege: Siege, visitor: Visitor, content: bytes, name: str = "photo.jpg") -> Any:
    cookie = {"Cookie": f"{COOKIE}={visitor.cookie}"}
    return siege.http.post("/chat/upload", files={"file": (name, content)}, headers=cookie)


UPLOADS = {
    "a page": (PAGE, 415),
    "a program": (PROGRAM, 415),
    "a paper": (PDF, 415),
    "an archive": (packed("a.txt"), 415),
    "nothing": (b"", 415),
    "too much": (small_photo() + bytes(10 * MEGABYTE), 413),
}


@by_webhook
def test_an_upload_that_is_no_photo_is_refused_with_a_reason(siege: Siege) -> None:
    with siege.visitor() as visitor:
        answers = {name: upload(siege, visitor, content) for name, (content, _) in UPLOADS.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == {
        name: status for name, (_, status) in UPLOADS.items()
    }
    assert all(answer.json()["reason"] for answer in answers.values())


FIELD = b'--x\r\nContent-Disposition: form-data; name="file"'
FORMS: dict[str, tuple[bytes, bytes]] = {
    "no form": (b"text/plain", b"x"),
    "a form without its border": (b"multipart/form-data", b"--x\r\n"),
    "an empty form": (b"multipart/form-data; boundary=x", b""),
    "half a form": (b"multipart/form-data; boundary=x", FIELD),
    "words for a file": (b"multipart/form-data; boundary=x", FIELD + b"\r\n\r\nx\r\n--x--"),
    "junk": (b"multipart/form-data; boundary=\xff", b"\x00\xff" * 50),
}


@by_webhook
def test_a_form_without_a_file_is_refused_with_a_reason(siege: Siege) -> None:
    cookie = f"{COOKIE}={siege.cookie()}".encode()
    for kind, body in FORMS.values():
        answer = siege.http.post("/chat/upload", content=body, headers=[(b"Cookie", cookie), (b"Content-Type", kind)])
        assert (answer.status_code, bool(answer.json()["reason"])) == (400, True), body


@by_webhook
def test_a_paper_is_no_photo_and_anothers_upload_is_not_ours(siege: Siege) -> None:
    with siege.visitor() as owner, siege.visitor() as stranger:
        token = upload(siege, owner, PDF, "paper.pdf").json()["upload"]
        for visitor, kind in ((owner, "photo"), (owner, "voice"), (owner, "program"), (stranger, "document")):
            taken = visitor.sends(type="file", kind=kind, upload=token, name="photo.jpg")
            assert (taken["type"], bool(taken["reason"])) == ("refused", True)


@by_webhook
def test_a_picture_with_a_page_in_it_comes_back_as_a_picture_to_its_owner_only(siege: Siege) -> None:
    with siege.visitor() as owner, siege.visitor() as stranger:
        token = upload(siege, owner, b"GIF89a" + PAGE, "page.html").json()["upload"]
        assert owner.sends(type="file", kind="photo", upload=token, name="../page.html")["type"] == "accepted"
        assert file_of(siege, owner.key).name == "page.html.gif"
        path = f"/chat/file/{siege.stored(owner.key).id}"
        assert siege.http.get(path, headers={"Cookie": f"{COOKIE}={stranger.cookie}"}).status_code == 404
        picture = siege.http.get(path, headers={"Cookie": f"{COOKIE}={owner.cookie}"})
        assert (picture.status_code, picture.headers["content-type"]) == (200, "image/gif")
        assert picture.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in picture.headers["content-security-policy"]
