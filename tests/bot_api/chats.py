"""Chats as the stand-in keeps them, and messages as the people in them see them."""

from dataclasses import dataclass, field
from typing import Literal

from tests.bot_api import updates
from tests.bot_api.errors import ApiError
from tests.bot_api.files import FileStore
from tests.bot_api.parameters import JsonObject


@dataclass(frozen=True, slots=True)
class Button:
    """A button of an inline keyboard; exactly one of `data` and `url` is set."""

    text: str
    data: str | None = None
    url: str | None = None


@dataclass(eq=False, slots=True)
class Received:
    """A message of the bot as it stands on a person's screen now; an edit changes it in place."""

    raw: JsonObject
    store: FileStore
    keyboard: JsonObject | None = None  # a reply keyboard, which Telegram does not echo
    is_deleted: bool = False
    earlier_texts: list[str] = field(default_factory=list)

    @property
    def message_id(self) -> int:
        """Its number within the chat."""
        number: int = self.raw["message_id"]
        return number

    @property
    def chat_id(self) -> int:
        """The chat it went to."""
        number: int = self.raw["chat"]["id"]
        return number

    @property
    def text(self) -> str:
        """Its text or caption."""
        text: str = self.raw.get("text") or self.raw.get("caption") or ""
        return text

    @property
    def kind(self) -> str:
        """text, photo, document or voice."""
        return next(kind for kind in ("photo", "document", "voice", "text") if kind in self.raw)

    @property
    def album(self) -> str | None:
        """What the messages of one album have in common."""
        return self.raw.get("media_group_id")

    @property
    def rows(self) -> list[list[Button]]:
        """The inline keyboard, row by row."""
        rows = self.raw.get("reply_markup", {}).get("inline_keyboard", [])
        return [[Button(key["text"], key.get("callback_data"), key.get("url")) for key in row] for row in rows]

    @property
    def buttons(self) -> list[Button]:
        """The inline keyboard's buttons in reading order."""
        return [button for row in self.rows for button in row]

    @property
    def file(self) -> bytes:
        """The bytes of its photo (the largest size), document or voice."""
        carried = self.raw[self.kind]
        largest = carried[-1] if self.kind == "photo" else carried
        return self.store.by_id(largest["file_id"]).read()

    @property
    def file_name(self) -> str:
        """The name under which a document came."""
        name: str = self.raw["document"]["file_name"]
        return name


@dataclass(eq=False, slots=True)
class Chat:
    """One chat: a person's, or a group's."""

    id: int
    name: str
    kind: Literal["private", "group", "supergroup"] = "private"
    refusal: ApiError | None = None
    inbox: list[Received] = field(default_factory=list)
    messages: dict[int, JsonObject] = field(default_factory=dict)
    last_message_id: int = 0

    def as_json(self) -> JsonObject:
        """The chat as updates and answers show it."""
        if self.kind == "private":
            return updates.private_chat(self.id, self.name)
        return updates.group_chat(self.id, self.name, self.kind)

    def next_message_id(self) -> int:
        """Numbers run by chat, so that nobody can take one for unique across chats."""
        self.last_message_id += 1
        return self.last_message_id

    def received(self, message_id: int) -> Received | None:
        """The bot's message of that number, unless it was deleted."""
        return next(
            (item for item in reversed(self.inbox) if item.message_id == message_id and not item.is_deleted),
            None,
        )
