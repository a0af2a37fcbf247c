"""Messages in a file, a JSON object a line: {"channel": "web", "account": "r1", "message_id": "m1",
"at": "2026-09-01T09:00:00+08:00", "kind": "text", "text": "提建议"}.

Kinds and what they need: text (`text`), choice (`choice` or `text`: the value or the label of a button that was shown),
location (`latitude`, `longitude`), photo and document (`path`, from the file's folder), voice (`path`, or none), event
(`event`: start with a `payload` or none, blocked, returned, edit with `edits`, the message_id, and `text`).
"""

import json
from collections.abc import Callable, Iterator, Mapping
from mimetypes import guess_type
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import AwareDatetime, BaseModel, Field, ValidationError, field_validator, model_validator

from bot.refusal import Refused
from bot.replay_stage import CAPABILITIES, Account
from handlers.messages import Attachment, Inbound, Kind, Place
from storage.replays import Told

T = TypeVar("T")
FAULTS_SHOWN = 20
_FILES = ("photo", "document", "voice")


class Line(BaseModel):
    """One message as it stands in the file."""

    channel: str
    account: str = Field(min_length=1, max_length=128)
    message_id: str = Field(min_length=1, coerce_numbers_to_str=True)
    at: AwareDatetime
    kind: Literal["text", "choice", "location", "photo", "document", "voice", "event"]
    text: str = ""
    choice: str = ""
    latitude: float | None = Field(default=None, ge=-90, le=90)
    longitude: float | None = Field(default=None, ge=-180, le=180)
    path: str = ""
    event: Literal["start", "blocked", "returned", "edit"] = "start"
    payload: str = ""
    edits: str = Field(default="", coerce_numbers_to_str=True)

    @field_validator("channel")
    @classmethod
    def _is_known(cls, name: str) -> str:
        if name not in CAPABILITIES:
            raise ValueError(f"is one of {', '.join(CAPABILITIES)}")
        return name

    @model_validator(mode="after")
    def _is_whole(self) -> "Line":
        if self.kind == "location" and (self.latitude is None or self.longitude is None):
            raise ValueError("a location needs latitude and longitude")
        if self.kind in ("photo", "document") and not self.path:
            raise ValueError(f"a {self.kind} needs a path")
        return self

    @property
    def sender(self) -> Account:
        return self.channel, self.account

    @property
    def key(self) -> str:
        return self._key(self.message_id)

    def _key(self, message_id: str) -> str:
        # On the web chat and on Telegram, too, a message's own number is told apart by its chat.
        return f"{self.account}:{message_id}"

    def inbound(self, folder: Path, shown: Told) -> Inbound:
        """The message as a channel hands it in; `shown` is what the person saw last with buttons."""
        kind = Kind(self.event if self.kind == "event" else self.kind)
        is_choice = kind is Kind.CHOICE
        return Inbound(
            self.channel,
            self.account,
            self.key,
            kind,
            self.at,
            text="" if is_choice else self.text,
            choice=_value(self.choice or self.text, shown) if is_choice else "",
            payload=self.payload if kind is Kind.START else "",
            place=Place(self.latitude or 0.0, self.longitude or 0.0) if kind is Kind.LOCATION else None,
            attachments=(_attachment(kind, folder / self.path),) if self.path and self.kind in _FILES else (),
            edits=self._key(self.edits) if kind is Kind.EDIT else "",
        )


def _value(said: str, shown: Told) -> str:
    """The value of the button that is meant by its value or label, with or without its number; else what was said."""
    for (value, label), plain in zip(shown.choices, shown.labels, strict=True):
        if said in (value, label, plain):
            return value
    return said


def _attachment(kind: Kind, path: Path) -> Attachment:
    size = path.stat().st_size if path.is_file() else None
    return Attachment(kind, str(path.absolute()), path.name, guess_type(path.name)[0] or "", size)


def read_lines(path: Path, parse: Callable[[Mapping[str, Any]], T]) -> list[T]:
    """Every line of a file of JSON lines, parsed. Raises Refused with the faults, a sentence a line."""
    found, faults = list[T](), list[str]()
    for number, line in _lines(path):
        try:
            found.append(parse(_object(line)))
        except ValidationError as error:
            faults += [f"line {number}: {_sentence(fault)}" for fault in error.errors()]
        except ValueError as error:
            faults.append(f"line {number}: {error}")
    if faults:
        more = [f"and {len(faults) - FAULTS_SHOWN} more"] if len(faults) > FAULTS_SHOWN else []
        raise Refused("\n".join(faults[:FAULTS_SHOWN] + more))
    return found


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as file:
            yield from ((number, line) for number, line in enumerate(file, 1) if line.strip())
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from error


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    if not isinstance(value, dict):
        raise ValueError("is no JSON object")
    return {name: _whole(one) if isinstance(one, str) else one for name, one in value.items()}


def _whole(text: str) -> str:
    """Without halves of characters, which JSON can write and nothing can store."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _sentence(fault: Any) -> str:
    # What was written there is not repeated: it may be what a person wrote.
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}" if where else str(fault["msg"]).removeprefix("Value error, ")
