"""What somebody sees of the account in their WeChat."""

from dataclasses import dataclass
from datetime import datetime

FAULT = "该公众号提供的服务出现故障，请稍后再试"


@dataclass(frozen=True, slots=True)
class Screen:
    """`kind` is text, image, msgmenu (with `choices`: id and content), notice or template (with the `url` that
    a tap on it opens) or fault. `is_answer`: it came in the response to what they did; else it was pushed."""

    kind: str
    at: datetime
    text: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    picture: bytes = b""
    is_answer: bool = False
    url: str = ""
