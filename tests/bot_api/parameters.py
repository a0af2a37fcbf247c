"""What a request carries: JSON, urlencoded or multipart, read into one shape and checked for type."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any
from urllib.parse import parse_qsl

from tests.bot_api.errors import ProtocolError
from tests.bot_api.http_server import Request

Json = Any
JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in a multipart body."""

    name: str
    content: bytes


@dataclass(slots=True)
class RawParameters:
    """Parameters as they stood in the request: every value as text, the files apart."""

    values: dict[str, str] = field(default_factory=dict)
    files: dict[str, Upload] = field(default_factory=dict)


class Kind(Enum):
    """What a parameter of the Bot API may be."""

    TEXT = "String"
    INTEGER = "Integer"
    BOOLEAN = "Boolean"
    OBJECT = "Object"
    ARRAY = "Array"
    CHAT = "chat identifier"
    FILE = "file"


def read_parameters(request: Request) -> RawParameters:
    """Reads query string and body in whichever of the three documented ways they came.

    Raises `ProtocolError` for a body that does not parse (Bot API, "Making requests").
    """
    raw = RawParameters()
    try:
        _read_pairs(raw, request.query)
        if request.content_type.startswith("application/json"):
            _read_json(raw, request.body)
        elif request.content_type.startswith("multipart/form-data"):
            _read_multipart(raw, request)
        else:
            _read_pairs(raw, request.body.decode())
    except UnicodeDecodeError:
        raise ProtocolError("strings must be encoded in UTF-8") from None
    return raw


def _read_pairs(raw: RawParameters, encoded: str) -> None:
    raw.values.update(parse_qsl(encoded, keep_blank_values=True, errors="strict"))


def _read_json(raw: RawParameters, body: bytes) -> None:
    try:
        values = json.loads(body or b"{}")
    except json.JSONDecodeError:
        raise ProtocolError("can't parse JSON object") from None
    if not isinstance(values, dict):
        raise ProtocolError("object expected as JSON body")
    for name, value in values.items():
        if value is not None:
            raw.values[name] = value if isinstance(value, str) else json.dumps(value)


def _read_multipart(raw: RawParameters, request: Request) -> None:
    boundary = _header_field(request.content_type, "boundary")
    if not boundary:
        raise ProtocolError("boundary of the multipart body not found")
    # The first delimiter has no line break before it; give it one, so that all are alike.
    parts = (b"\r\n" + request.body).split(b"\r\n--" + boundary.encode())
    if not parts[-1].startswith(b"--"):
        raise ProtocolError("multipart body is not closed")
    for part in parts[1:-1]:
        head, separator, content = part.partition(b"\r\n\r\n")
        disposition = _disposition(head)
        name = _header_field(disposition, "name")
        if not separator or not name:
            raise ProtocolError("part of the multipart body without a name")
        if "filename=" in disposition:
            raw.files[name] = Upload(_header_field(disposition, "filename"), content)
        else:
            raw.values[name] = content.decode()


def _disposition(head: bytes) -> str:
    for line in head.decode().split("\r\n"):
        if line.lower().startswith("content-disposition:"):
            return line
    return ""


def _header_field(header: str, name: str) -> str:
    found = re.search(rf'[;\s]{name}=(?:"((?:\\.|[^"\\])*)"|([^;\s]*))', header)
    if found is None:
        return ""
    return found[2] or re.sub(r"\\(.)", r"\1", found[1] or "")


def _integer(value: str) -> int:
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError(value)
    return int(value)


def _boolean(value: str) -> bool:
    return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[value.lower()]


def _decoded(value: str, shape: type) -> Json:
    decoded = json.loads(value)
    if not isinstance(decoded, shape):
        raise TypeError(value)
    return decoded


def _chat(value: str) -> int | str:
    return value if value.startswith("@") else _integer(value)


_READERS: dict[Kind, Callable[[str], Any]] = {
    Kind.TEXT: str,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.OBJECT: lambda value: _decoded(value, dict),
    Kind.ARRAY: lambda value: _decoded(value, list),
    Kind.CHAT: _chat,
    Kind.FILE: str,
}


class Parameters:
    """The parameters of one call, typed and known; what was left out or empty is absent."""

    def __init__(self, raw: RawParameters, kinds: Mapping[str, Kind]) -> None:
        self.files = raw.files
        self.unclaimed_files = set(raw.files)
        self.values: dict[str, Any] = {}
        for name, value in raw.values.items():
            if name not in kinds:
                raise ProtocolError(f"unknown parameter {name}")
            if value:
                self.values[name] = self._read(name, value, kinds[name])

    @staticmethod
    def _read(name: str, value: str, kind: Kind) -> Any:
        try:
            return _READERS[kind](value)
        except (ValueError, KeyError, TypeError):
            raise ProtocolError(f"can't parse {name}: {kind.value} expected") from None

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        """The text of a parameter, empty if absent."""
        value = self.values.get(name, "")
        assert isinstance(value, str)
        return value

    def integer(self, name: str, default: int = 0) -> int:
        """The number of a parameter, `default` if absent."""
        value = self.values.get(name, default)
        assert isinstance(value, int)
        return value

    def flag(self, name: str) -> bool:
        """Whether a parameter is given and true."""
        return bool(self.values.get(name, False))

    def upload(self, name: str, reference: str) -> Upload | None:
        """The file that a field holds itself or names by `attach://<part>`; None if it names neither.

        Source: Bot API, "Sending files" and InputMedia.
        """
        part = reference.removeprefix("attach://") if reference.startswith("attach://") else name
        self.unclaimed_files.discard(part)
        return self.files.get(part)
