"""Which files are taken, told by their content and not by what they are called."""

import io
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath

SIZE_LIMIT = 10 * 1024 * 1024  # bytes of a file that somebody sends
UNPACKED_LIMIT = 400 * 1024 * 1024  # bytes that a packed document may hold; a ledger of 100,000 rows has 100 million
_OPENXML = "application/vnd.openxmlformats-officedocument"


class Family(StrEnum):
    """Kinds of files that people take for one another without harm."""

    PICTURE = "picture"
    SOUND = "sound"  # and film: the same containers hold both
    PDF = "pdf"
    WORD = "word"
    SHEET = "sheet"
    TEXT = "text"


class Refusal(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    UNKNOWN = "unknown"
    OLD_OFFICE = "old_office"  # before 2007, or locked by a password
    MACROS = "macros"
    DAMAGED = "damaged"
    NOT_A_PICTURE = "not_a_picture"
    NOT_A_SOUND = "not_a_sound"
    MISNAMED = "misnamed"
    GONE = "gone"  # the platform no longer has it, or never will give it


class FileRefused(Exception):
    """A file is not taken; `why` says the reason."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class FileKind:
    """A kind of file that is taken. `also` are further extensions it goes by."""

    extension: str
    media_type: str
    family: Family
    also: tuple[str, ...] = ()

    def named(self, name: str) -> str:
        """The name with an extension that is true: "a.exe" of a picture becomes "a.exe.jpg"."""
        return name if not name or _extension(name) in (self.extension, *self.also) else f"{name}.{self.extension}"


JPEG = FileKind("jpg", "image/jpeg", Family.PICTURE, ("jpeg",))
PNG = FileKind("png", "image/png", Family.PICTURE)
WEBP = FileKind("webp", "image/webp", Family.PICTURE)
GIF = FileKind("gif", "image/gif", Family.PICTURE)
HEIC = FileKind("heic", "image/heic", Family.PICTURE, ("heif",))
OGG = FileKind("ogg", "audio/ogg", Family.SOUND, ("oga", "opus"))
MP3 = FileKind("mp3", "audio/mpeg", Family.SOUND)
AMR = FileKind("amr", "audio/amr", Family.SOUND)
M4A = FileKind("m4a", "audio/mp4", Family.SOUND)
WAV = FileKind("wav", "audio/wav", Family.SOUND)
WEBM = FileKind("webm", "audio/webm", Family.SOUND)
MP4 = FileKind("mp4", "video/mp4", Family.SOUND, ("m4v", "mov"))
PDF = FileKind("pdf", "application/pdf", Family.PDF)
DOCX = FileKind("docx", f"{_OPENXML}.wordprocessingml.document", Family.WORD)
XLSX = FileKind("xlsx", f"{_OPENXML}.spreadsheetml.sheet", Family.SHEET)
CSV = FileKind("csv", "text/csv", Family.TEXT)
PLAIN = FileKind("txt", "text/plain", Family.TEXT)

KINDS = (JPEG, PNG, WEBP, GIF, HEIC, OGG, MP3, AMR, M4A, WAV, WEBM, MP4, PDF, DOCX, XLSX, CSV, PLAIN)
_BY_EXTENSION = {extension: kind for kind in KINDS for extension in (kind.extension, *kind.also)}

# The first bytes, by the formats' own descriptions (RFC 4867 for AMR, RFC 3533 for Ogg, ISO/IEC 11172-3 for MP3).
_OPENINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"OggS", OGG),
    (b"ID3", MP3),
    (b"\xff\xfb", MP3),
    (b"\xff\xf3", MP3),
    (b"\xff\xf2", MP3),
    (b"#!AMR", AMR),
    (b"%PDF-", PDF),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of Office before 2007, and of locked files since
_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1"})
_MP4_BRANDS = frozenset({b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"dash", b"qt  "})


def check(content: bytes, sent_as: str, name: str, media_type: str, limit: int) -> FileKind:
    """What a file is. `sent_as` is "photo", "voice" or "document"; `name` and `media_type` are what it says it is.

    Raises FileRefused for more than `limit` bytes, for what is not taken, and for what is not what it says.
    """
    if not content:
        raise FileRefused(Refusal.EMPTY)
    if len(content) > limit:
        raise FileRefused(Refusal.TOO_LARGE)
    kind = as_sent(_recognised(content, name, media_type), sent_as)
    said = _BY_EXTENSION.get(_extension(name))
    if said and said.family is not kind.family:
        raise FileRefused(Refusal.MISNAMED)
    return kind


def as_sent(kind: FileKind, sent_as: str) -> FileKind:
    """What a kind of file is to who sends it as a "photo", "voice" or "document". Raises FileRefused."""
    if sent_as == "photo" and kind.family is not Family.PICTURE:
        raise FileRefused(Refusal.NOT_A_PICTURE)
    if sent_as == "voice" and kind.family is not Family.SOUND:
        raise FileRefused(Refusal.NOT_A_SOUND)
    # Some browsers record a voice into a film's container.
    return M4A if sent_as == "voice" and kind is MP4 else kind


def _recognised(content: bytes, name: str, media_type: str) -> FileKind:
    kind = _by_opening(content)
    if kind:
        return kind
    if content.startswith(_OLE):
        raise FileRefused(Refusal.OLD_OFFICE)
    if content.startswith(b"PK\x03\x04"):
        return _packed(content)
    # Nearly anything can be read as some text, so only what is sent as text is looked at as one.
    if _extension(name) in ("csv", "txt") or media_type.startswith("text/"):
        return _text(content, name, media_type)
    raise FileRefused(Refusal.UNKNOWN)


def _by_opening(content: bytes) -> FileKind | None:
    for opening, kind in _OPENINGS:
        if content.startswith(opening):
            return kind
    if content[:4] == b"RIFF":
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(content[8:12])
    if content[4:8] == b"ftyp":
        return _by_brand(content[8:12])
    return WEBM if content.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in content[:64] else None


def _by_brand(brand: bytes) -> FileKind | None:
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand in (b"M4A ", b"M4B "):
        return M4A
    return MP4 if brand in _MP4_BRANDS or brand[:3] == b"3gp" else None


def _packed(content: bytes) -> FileKind:
    """A document of Office since 2007, which is a zip archive (ECMA-376, part 2)."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = {one.filename: one.file_size for one in archive.infolist()}
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        raise FileRefused(Refusal.DAMAGED) from None
    if sum(inside.values()) > UNPACKED_LIMIT:
        raise FileRefused(Refusal.TOO_LARGE)
    if any(part.endswith("vbaProject.bin") for part in inside):
        raise FileRefused(Refusal.MACROS)
    for main, kind in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX)):
        if {"[Content_Types].xml", main} <= inside.keys():
            return kind
    raise FileRefused(Refusal.UNKNOWN)


def _text(content: bytes, name: str, media_type: str) -> FileKind:
    if decoded(content) is None:
        raise FileRefused(Refusal.UNKNOWN)
    return CSV if _extension(name) == "csv" or media_type == "text/csv" else PLAIN


def decoded(content: bytes) -> str | None:
    """The text that some bytes are, in UTF-8 or GB18030; None where they hold what no text does."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if all(character >= " " or character in "\t\r\n\f" for character in text) else None
    return None


def _extension(name: str) -> str:
    return PurePath(name).suffix.lstrip(".").lower()
