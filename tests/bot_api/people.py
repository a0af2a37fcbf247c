"""People who chat with the bot, for tests to act as."""

from collections.abc import Sequence

from tests.bot_api import updates
from tests.bot_api.chats import Button, Chat, Received
from tests.bot_api.checks import deep_link_payload
from tests.bot_api.errors import BLOCKED, DEACTIVATED
from tests.bot_api.files import described, small_photo
from tests.bot_api.parameters import JsonObject
from tests.bot_api.world import Notice, Press, World


class Person:
    """Somebody with a private chat with the bot. Every act returns the update it causes.

    `within` names a group to act in, instead of the private chat.
    """

    def __init__(self, world: World, chat: Chat) -> None:
        self._world = world
        self._chat = chat
        self._identity = updates.user(chat.id, chat.name)

    @property
    def id(self) -> int:
        """The number of the person and of their chat."""
        return self._chat.id

    @property
    def inbox(self) -> list[Received]:
        """All messages of the bot, oldest first, deleted ones included."""
        return self._chat.inbox

    @property
    def buttons(self) -> list[Button]:
        """The buttons of the last message that has an inline keyboard."""
        shown = self._last_with_buttons()
        return shown.buttons if shown else []

    @property
    def keys(self) -> list[str]:
        """The labels of the reply keyboard that is shown now."""
        latest = next((item.keyboard for item in reversed(self.inbox) if item.keyboard), {})
        rows = latest.get("keyboard", [])
        return [key if isinstance(key, str) else key["text"] for row in rows for key in row]

    @property
    def notices(self) -> list[Notice]:
        """What popped up after presses, in order."""
        presses = self._world.presses.values()
        return [notice for press in presses if press.person == self.id for notice in press.notices]

    def wait_for(self, text: str = "", *, after: int = 0, timeout: float = 10.0) -> Received:
        """The first message that contains `text`, not counting the `after` oldest ones.

        Blocks until it has come; raises `TimeoutError`.
        """

        def found() -> Received | None:
            return next((item for item in self.inbox[after:] if text in item.text), None)

        with self._world.changed:
            message = self._world.changed.wait_for(found, timeout)
        if message is None:
            raise TimeoutError(f"{len(self.inbox) - after} messages, none of them with {text!r}")
        return message

    def says(self, text: str, *, within: Chat | None = None) -> JsonObject:
        """Writes a text."""
        return self.sends(updates.text_content(text), within=within)

    def starts(self, payload: str = "") -> JsonObject:
        """Opens the bot by a deep link, or by its start button.

        Raises `ValueError` for a payload that no link can carry; type those with `says`.
        """
        return self.says(f"/start {deep_link_payload(payload)}".rstrip())

    def sends_location(self, latitude: float, longitude: float, *, within: Chat | None = None) -> JsonObject:
        """Sends a place, in degrees."""
        return self.sends(updates.location_content(latitude, longitude), within=within)

    def sends_photo(
        self, content: bytes | int | None = None, *, caption: str = "", within: Chat | None = None
    ) -> JsonObject:
        """Sends a picture: its bytes, or only a size, or by default a small valid one."""
        chosen = small_photo() if content is None else content
        return self._sends_file("photo", "photo.jpg", chosen, caption, within=within)

    def sends_album(
        self, photos: Sequence[bytes | int], *, caption: str = "", within: Chat | None = None
    ) -> list[JsonObject]:
        """Sends pictures together: one update each, the caption on the first."""
        chat = within or self._chat
        album = {"media_group_id": f"{chat.id}{chat.last_message_id + 1:06d}"}
        return [
            self._sends_file("photo", "photo.jpg", photo, "" if place else caption, album, within=within)
            for place, photo in enumerate(photos)
        ]

    def sends_voice(self, content: bytes | int = 2000, *, within: Chat | None = None) -> JsonObject:
        """Sends a voice message."""
        return self._sends_file("voice", "voice.oga", content, "", within=within)

    def sends_document(
        self, name: str, content: bytes | int, *, caption: str = "", within: Chat | None = None
    ) -> JsonObject:
        """Sends a file under a name."""
        return self._sends_file("document", name, content, caption, within=within)

    def sends(self, content: JsonObject, *, within: Chat | None = None) -> JsonObject:
        """Sends a message with any content, for kinds without an act of their own."""
        chat = within or self._chat
        with self._world.changed:
            number = chat.next_message_id()
            message = updates.message(number, self._identity, chat.as_json(), self._world.clock(), content)
            chat.messages[number] = message
        return self._world.post("message", message)

    def edits(self, message_id: int, text: str, *, within: Chat | None = None) -> JsonObject:
        """Changes the text of an own message."""
        chat = within or self._chat
        with self._world.changed:
            original = chat.messages[message_id]
            changed = updates.edited(original, self._world.clock(), updates.text_content(text))
            chat.messages[message_id] = changed
        return self._world.post("edited_message", changed)

    def taps(self, label_or_data: str, message: Received | None = None) -> JsonObject:
        """Presses a button, by its label or its data.

        Without `message`, on the last message that has an inline keyboard; a key of the last reply
        keyboard sends its label, as Telegram does. Raises `AssertionError` if there is none.
        """
        shown = message or self._last_with_buttons()
        for button in shown.buttons if shown else []:
            if shown and button.data is not None and label_or_data in (button.text, button.data):
                return self.forges_tap(button.data, shown)
        if message is None and label_or_data in self.keys:
            return self.says(label_or_data)
        raise AssertionError(f"no button {label_or_data!r} to press, only {[button.text for button in self.buttons]}")

    def forges_tap(self, data: str, message: Received) -> JsonObject:
        """Presses what no button of the message says, as a modified application can."""
        world = self._world
        with world.changed:
            query_id = str(4_000_000_000_000 + len(world.presses))
            world.presses[query_id] = Press(self.id, world.clock())
            shown = dict(message.raw)
        return world.post("callback_query", updates.callback_query(query_id, self._identity, shown, data))

    def blocks_bot(self) -> JsonObject:
        """Blocks the bot: it hears of it, and can write no more."""
        self._chat.refusal = BLOCKED
        return self._changes_membership(member=False)

    def unblocks_bot(self) -> JsonObject:
        """Lets the bot in again."""
        self._chat.refusal = None
        return self._changes_membership(member=True)

    def deactivates(self) -> None:
        """Deletes the account; the bot only finds out when it writes."""
        self._chat.refusal = DEACTIVATED

    def _changes_membership(self, *, member: bool) -> JsonObject:
        world = self._world
        change = updates.membership_change(
            world.bot, self._identity, self._chat.as_json(), world.clock(), member=member
        )
        return world.post("my_chat_member", change)

    def _sends_file(
        self,
        kind: str,
        name: str,
        content: bytes | int,
        caption: str,
        extra: JsonObject | None = None,
        *,
        within: Chat | None,
    ) -> JsonObject:
        with self._world.changed:
            stored = self._world.files.add(kind, name, content)
            carried = {**described(stored, self._world.files), **(extra or {})}
        if caption:
            carried["caption"] = caption
        return self.sends(carried, within=within)

    def _last_with_buttons(self) -> Received | None:
        return next((item for item in reversed(self.inbox) if item.buttons and not item.is_deleted), None)
