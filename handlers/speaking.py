"""What a turn says, as letters that its person's channel can show."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict

from handlers.messages import LEAST, Capabilities, KeptFile, Recipe
from handlers.notices import Matter
from handlers.rendering import in_chat, parts, shown
from handlers.state import Asked
from handlers.texts.phrase import Phrase
from storage.arrivals import Guest, Letter


class Speaker:
    """Gathers `letters` to one guest, who reads them on `channel` as answers to the message `in_reply_to`.

    What is said `before` stands above whatever is said next, in one message with it. `shown`: whose words and names
    are in what is said from now on.
    """

    def __init__(
        self,
        capabilities: Mapping[str, Capabilities],
        guest: Guest,
        channel: str,
        in_reply_to: int | None,
        shown: Collection[int] = (),
    ) -> None:
        self._known, self._guest, self._channel = capabilities, guest, channel
        self._in_reply_to, self._shown = in_reply_to, shown
        self._before: list[str] = []
        self.letters: list[Letter] = []

    def before(self, text: Phrase) -> None:
        said = self.said(text)
        if said and said not in self._before:
            self._before.append(said)

    def say(self, text: Phrase, files: Sequence[Recipe | KeptFile] = ()) -> None:
        """A text with its files, the first in the same message."""
        if text.zh:
            self._post(self.said(text), [], *files[:1])
        self.letters += [self._letter("", None, file) for file in files[1:]]

    def show(self, asked: Asked) -> None:
        """A question with its options."""
        text = self._in_chat("\n".join([*self._before, asked.text]))
        self._before.clear()
        text, labels = shown(text, [label for _, label in asked.options], self._shows(self._channel))
        self._post(text, [[f"{asked.id}.{index}", label] for index, label in enumerate(labels)])

    def flush(self) -> None:
        """Nothing more follows: what was to stand above it is said by itself."""
        if self._before:
            self._post("", [])

    def tells_of(self, matter: Matter) -> None:
        """What has been said so far is about that: of the first of it, this is told while it waits."""
        notice = matter.notice(self._guest.person.language)._asdict()
        for at, letter in enumerate(self.letters):
            if letter.account_id == self._guest.account_id and letter.in_reply_to is None:
                self.letters[at] = letter._replace(notice=notice)
                break

    def said(self, text: Phrase) -> str:
        return text.said(self._guest.person.language)

    def carry(self, letters: Sequence[Letter]) -> None:
        """Letters to others, each in parts that its channel takes. What is told as long as they wait is told once."""
        for letter in letters:
            channel = self._shows(letter.channel)
            text, whole = in_chat(letter.text, channel)
            pieces = [letter._replace(text="", file=asdict(whole))] if whole else []
            *first, last = parts(text, channel)
            pieces += [letter._replace(text=part, choices=None, file=None) for part in first]
            pieces.append(letter._replace(text=last))
            self.letters += [pieces[0], *(piece._replace(notice=None) for piece in pieces[1:])]

    def _in_chat(self, text: str) -> str:
        """What is said of a text; one that is too long for a chat goes before it as a file."""
        text, whole = in_chat(text, self._shows(self._channel))
        if whole:
            self.letters.append(self._letter("", None, whole))
        return text

    def _post(self, text: str, choices: list[list[str]], file: Recipe | KeptFile | None = None) -> None:
        whole = self._in_chat("\n".join(filter(None, [*self._before, text])))
        self._before.clear()
        *first, last = parts(whole, self._shows(self._channel))
        for part in first:
            self.letters.append(self._letter(part))
        self.letters.append(self._letter(last, choices, file))

    def _shows(self, channel: str) -> Capabilities:
        return self._known.get(channel, LEAST)

    def _letter(
        self, text: str, choices: list[list[str]] | None = None, file: Recipe | KeptFile | None = None
    ) -> Letter:
        return Letter(
            self._channel,
            self._guest.account_id,
            self._guest.person.id,
            text,
            choices or None,
            asdict(file) if file else None,
            self._in_reply_to,
            priority=0 if self._in_reply_to else 1,
            shows=frozenset(self._shown) - {self._guest.person.id},
        )
