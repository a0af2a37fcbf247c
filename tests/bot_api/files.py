"""Files that people sent or the bot uploaded, by file identifier."""

import io
import mimetypes
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from tests.bot_api.errors import ProtocolError, bad_request
from tests.bot_api.parameters import JsonObject, Parameters

MEGABYTE = 1024 * 1024
LARGEST_PHOTO = 10 * MEGABYTE
LARGEST_UPLOAD = 50 * MEGABYTE
LARGEST_DOWNLOAD = 20 * MEGABYTE
_FOLDERS = {"photo": "photos", "document": "documents", "voice": "voice"}


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One file; `content` may be only a size in bytes, where a test needs no more than that."""

    number: int
    kind: str
    name: str
    content: bytes | int

    @property
    def file_id(self) -> str:
        """What a bot uses to fetch the file or to send it again."""
        return f"AgACAgUAAxk-{self.kind}-{self.number:08d}"

    @property
    def size(self) -> int:
        """Bytes."""
        return self.content if isinstance(self.content, int) else len(self.content)

    @property
    def path(self) -> str:
        """Where `/file/bot<token>/` serves it."""
        ending = "." + self.name.rpartition(".")[2] if "." in self.name else ""
        return f"{_FOLDERS[self.kind]}/file_{self.number}{ending}"

    def read(self) -> bytes:
        """The whole content; zeros where only a size is known."""
        return bytes(self.content) if isinstance(self.content, int) else self.content

    def reference(self) -> JsonObject:
        """The fields that every object about a file shares (Bot API, File)."""
        return {
            "file_id": self.file_id,
            "file_unique_id": f"AQAD{self.number:08d}",
            "file_size": self.size,
        }


class FileStore:
    """All files of one stand-in. `otherwise` is what an identifier stands for that it has not given itself."""

    def __init__(self) -> None:
        self.otherwise: StoredFile | None = None
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def add(self, kind: str, name: str, content: bytes | int) -> StoredFile:
        """Keeps a file and gives it its identifier."""
        stored = StoredFile(len(self._by_id), kind, name, content)
        self._by_id[stored.file_id] = stored
        self._by_path[stored.path] = stored
        return stored

    def by_id(self, file_id: str) -> StoredFile:
        """The file of an identifier; refuses unknown ones (Bot API, getFile)."""
        stored = self._by_id.get(file_id, self.otherwise)
        if stored is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        return stored

    def at_path(self, path: str) -> StoredFile | None:
        """The file that a download asks for."""
        stored = self._by_path.get(path)
        return stored if stored and stored.size <= LARGEST_DOWNLOAD else None

    def taken_from(self, parameters: Parameters, kind: str, reference: str) -> StoredFile:
        """The file that a send names: uploaded with it, or one that Telegram has already.

        `reference` is the parameter's value: `attach://<part>`, a file identifier, or nothing
        when the part bears the parameter's own name (Bot API, "Sending files").
        """
        upload = parameters.upload(kind, reference)
        if upload is None:
            if reference not in self._by_id:
                raise ProtocolError("wrong file identifier/HTTP URL specified")
            return self._by_id[reference]
        check_upload(kind, upload.content)
        return self.add(kind, upload.name or kind, upload.content)


def check_upload(kind: str, content: bytes) -> None:
    """Sizes and dimensions (Bot API, "Sending files" and sendPhoto)."""
    if not content:
        raise ProtocolError("file must be non-empty")
    largest = LARGEST_PHOTO if kind == "photo" else LARGEST_UPLOAD
    if len(content) > largest:
        raise ProtocolError(
            f"file of size {len(content)} bytes is too big for a {kind}; the maximum size is {largest} bytes"
        )
    if kind == "photo":
        width, height = _dimensions(content)
        if width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise ProtocolError("PHOTO_INVALID_DIMENSIONS")


def _dimensions(content: bytes) -> tuple[int, int]:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return image.size
    except UnidentifiedImageError:
        raise ProtocolError("IMAGE_PROCESS_FAILED") from None


def described(stored: StoredFile, store: FileStore) -> JsonObject:
    """The part of a message that carries a file (Bot API, Message: photo, document, voice)."""
    if stored.kind == "photo":
        thumbnail = store.add("photo", "thumbnail.jpg", 1200)
        return {
            "photo": [
                {**thumbnail.reference(), "width": 90, "height": 67},
                {**stored.reference(), "width": 1280, "height": 960},
            ]
        }
    if stored.kind == "voice":
        return {"voice": {**stored.reference(), "duration": 3, "mime_type": "audio/ogg"}}
    mime_type = mimetypes.guess_type(stored.name)[0] or "application/octet-stream"
    return {"document": {**stored.reference(), "file_name": stored.name, "mime_type": mime_type}}


def small_photo() -> bytes:
    """A valid little JPEG, plainly invented."""
    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "#7a9e7e").save(picture, "JPEG")
    return picture.getvalue()
