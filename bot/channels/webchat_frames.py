"""What travels over the web chat's socket: JSON objects, one message each."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from handlers.messages import Choice, Kind

TEXT_LIMIT = 200_000  # characters, of one message of either side
# Bytes. JSON takes at most six for a character (RFC 8259, section 7: \u001f). The server's own limit must not be lower.
FRAME_LIMIT = 6 * TEXT_LIMIT + 4096
_NAME_LIMIT = 100
_VALUE_LIMIT = 200

Frame = Mapping[str, Any]

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
# C0 but for tab and newline, DEL and C1: they show nothing, and PostgreSQL cannot keep a NUL.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# Half of a pair without its other half is no character; it would break every encoder after us.
_HALVES = re.compile("[\ud800-\udfff]")
# Marks that turn the direction of what follows: in a name they can make exe.pdf of fdp.exe.
_TURNS = dict.fromkeys([0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])


class Refused(Exception):
    """A message or request that is not taken. `why` is a word of webchat_texts.

    With `retry_after` (seconds) it would be taken later, as it is.
    """

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Shown:
    """One message of either side as the page shows it.

    `mine` is the visitor's own. `text` of a tap is the button's value; the page shows its label. `file` is the
    name of a file that can be had by the message's id, empty where there is none. `key` of the visitor's own is
    its `Inbound.key`, by which the page knows it again. `edits` is the message whose place it takes, 0: none.
    """

    message_id: int
    mine: bool
    kind: Kind
    text: str
    at: datetime
    choices: tuple[Choice, ...] = ()
    file: str = ""
    key: str = ""
    edits: int = 0

    def frame(self) -> Frame:
        """As the page receives it."""
        return {
            "type": "message",
            "message_id": self.message_id,
            "mine": self.mine,
            "kind": self.kind,
            "text": self.text,
            "at": self.at.isoformat(),
            "choices": [{"value": choice.value, "label": choice.label} for choice in self.choices],
            "file": self.file,
            "id": self.key.partition(":")[2],
            "edits": self.edits,
        }


def written(frame: Frame) -> str:
    """A frame as text."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


def parsed(text: str) -> Frame:
    """A frame from text; raises Refused for anything else than a JSON object."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Refused("unreadable") from error
    if not isinstance(frame, dict):
        raise Refused("unreadable")
    return frame


def refusal_of(refused: Refused, sentences: Mapping[str, str], identity: str = "") -> Frame:
    """What the page is told about a message that was not taken (or, without an id, about its connection)."""
    frame = {"type": "refused", "id": identity, "reason": sentences[refused.why]}
    return frame | {"retry_after": round(refused.retry_after, 1)} if refused.retry_after else frame


def id_of(frame: Frame) -> str:
    """The page's own id of a message, empty where it has no proper one."""
    identity = frame.get("id")
    return identity if isinstance(identity, str) and _ID.fullmatch(identity) else ""


def clean_text(text: str) -> str:
    """What was written, whole, but without what nobody can see; raises Refused for nothing or too much."""
    kept = _without_controls(text)
    if len(kept) > TEXT_LIMIT:
        raise Refused("too_long")
    if not kept.strip():
        raise Refused("empty")
    return kept


def clean_value(value: str) -> str:
    """The value of a button; raises Refused for what no button can carry."""
    if not value or len(value) > _VALUE_LIMIT or value != _without_controls(value):
        raise Refused("unreadable")
    return value


def clean_payload(payload: object) -> str:
    """A deep link's payload; junk is as good as none, so that who scanned it is greeted all the same."""
    return payload if isinstance(payload, str) and _PAYLOAD.fullmatch(payload) else ""


def clean_name(name: object) -> str:
    """A file's name without folders and tricks; its end, which says what it is, is kept."""
    text = name if isinstance(name, str) else ""
    plain = _without_controls(text).translate(_TURNS).replace("\n", " ").replace("\t", " ")
    return re.split(r"[/\\]", plain)[-1].strip()[-_NAME_LIMIT:]


def _without_controls(text: str) -> str:
    whole = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HALVES.sub("\ufffd", _CONTROLS.sub("", whole))
