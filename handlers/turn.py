"""One message of one person: which conversation hears it, and what is said.

Everything here works on the guest's state in memory and on the store; the dispatcher commits it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from handlers import reading
from handlers.access import Denied
from handlers.linking import link_unprompted
from handlers.messages import Capabilities, Inbound, Kind, Recipe
from handlers.rendering import numbered, parts, shown
from handlers.routes import Conversation, Routes, everybody
from handlers.talk import (
    CHANGING,
    CONFIRM,
    Again,
    Asked,
    Cancelled,
    Ended,
    Heard,
    Misfit,
    Reply,
    Start,
    State,
    Suspended,
    Talk,
    change_options,
)
from handlers.texts import everywhere as texts
from handlers.texts.access import NOT_FOR_YOU
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import title
from storage.arrivals import Guest, Letter
from storage.store import Store

EXPIRES_AFTER = timedelta(days=3)
IDLE_AFTER = timedelta(minutes=30)
HELP_OFFERED_AFTER = 3

BACK = frozenset({"返回", "上一步", "后退", "/back", "back"})
CANCEL = frozenset({"取消", "退出", "算了", "/cancel", "cancel"})
CHANGE = frozenset({"修改", "/change", "change"})
HELP = frozenset({"帮助", "怎么用", "/help", "help"})
RESUME = frozenset({"继续", "接着写", "/resume", "resume"})


class ScriptFault(Exception):
    """A script wrote before its last question was answered."""


class Turn:
    """What follows from one message. `letters` and `prompted` are what is to be posted and whom to begin with."""

    def __init__(
        self, routes: Routes, capabilities: Mapping[str, Capabilities], store: Store, guest: Guest, channel: str
    ) -> None:
        self.store = store
        self._routes, self._capabilities = routes, capabilities
        self._guest, self._channel = guest, channel
        self.letters: list[Letter] = []
        self.prompted: set[int] = set()
        self.state: State | None = State.load(guest.state) if guest.state else None
        self._ended = False
        self._seed = f"{store.actor.message_id or 0:x}"  # what no other turn names its questions by

    # --- the ways in

    def hear(self, inbound: Inbound, message_id: int) -> None:
        """Act on one message of the guest."""
        self._set_expired_aside()
        heard = Heard(
            message_id, inbound.kind, inbound.text, None, inbound.place, inbound.attachments, inbound.group
        )
        match inbound.kind:
            case Kind.START:
                self._start(inbound, heard)
            case Kind.EDIT:
                edit = {"channel": inbound.channel, "key": inbound.edits, "text": inbound.text}
                self._begin(Start("edited", edit), heard, aside=False)
            case Kind.CHOICE:
                self._tapped(inbound.choice, heard)
            case _ if (command := self._command(inbound)) is not None:
                command(heard)
            case _ if self.state:
                self._answer(heard)
            case _:
                self._unprompted(heard)
        self._begin_prompt()

    def begin_prompt(self) -> bool:
        """Begin what waits for the guest, unless they are in the middle of something; True when it began."""
        self._set_expired_aside()
        if self.state and self.store.now - (self._guest.heard_at or self.store.now) >= IDLE_AFTER:
            self._set_aside()
        self._ended = self.state is None
        return self._begin_prompt()

    def _begin_prompt(self) -> bool:
        if self.state or not self._ended:
            return False
        if not self._guest.is_prompted:
            return False
        waiting = self.store.conversations.next_prompt(self._guest.person.id)
        if not waiting:
            return False
        self.store.conversations.drop_prompt(waiting.id)
        self._seed = f"p{waiting.id:x}"
        self._begin(Start(waiting.conversation, waiting.arguments), None)
        return True

    def open_with(self, first: Phrase) -> None:
        """Say something before everything else."""
        if self.letters:
            letter = self.letters[0]
            text = first.said(self._guest.person.language) + "\n\n" + letter.text
            self.letters[0] = replace(letter, text=text)

    # --- commands, which work anywhere

    def _command(self, inbound: Inbound) -> Callable[[Heard], None] | None:
        if inbound.kind is not Kind.TEXT or len(inbound.text) > 40:
            return None
        word = reading.plain(inbound.text)
        if word in HELP:
            return lambda heard: self._repeat(texts.HELP)
        if word in RESUME:
            return lambda heard: self._begin(Start("drafts"), heard)
        if self.state:
            for words, act in ((BACK, self._back), (CANCEL, self._cancel), (CHANGE, self._change)):
                if word in words:
                    return act
        if (begun := self._routes.begun_by(inbound.text)) is not None:
            return lambda heard: self._begin(Start(begun.name), heard)
        return None

    def _back(self, heard: Heard) -> None:
        """Take the last given answer back; at the first question, leave."""
        state = self._opened
        given = [name for name in state.answers if name not in state.remembered.get("prefilled", ())]
        if not given:
            self._cancel(heard)
            return
        self._forget_answer(given[-1])
        self._run(None)

    def _change(self, heard: Heard) -> None:
        """Ask which answer is to be changed."""
        self._run(None, changing=True)

    def _cancel(self, heard: Heard) -> None:
        self._end(Reply(texts.CANCELLED))

    def _forget_answer(self, name: str) -> None:
        state = self._opened
        state.answers.pop(name, None)
        state.answers.pop(CONFIRM, None)
        if name not in state.explicit:
            state.explicit.append(name)

    # --- ways through

    @property
    def _opened(self) -> State:
        assert self.state is not None  # noqa: S101  # callers have looked
        return self.state

    def _start(self, inbound: Inbound, heard: Heard) -> None:
        self._begin(Start("welcome", {"payload": inbound.payload} if inbound.payload else {}), heard)

    def _tapped(self, choice: str, heard: Heard) -> None:
        asked = self.state.asked if self.state else None
        option = asked.tapped(choice) if asked else None
        if option is None:
            self._repeat(texts.LATE_TAP)
        else:
            self._answer(Heard(heard.message_id, Kind.CHOICE, option=option))

    def _unprompted(self, heard: Heard) -> None:
        """A message outside any conversation is the start of a suggestion, unless it is plainly something else."""
        word = reading.plain(heard.text)
        if word in reading.GREETINGS:
            self._begin(Start("welcome"), heard)
        elif word in reading.THANKS:
            self.say(texts.YOU_ARE_WELCOME)
        elif heard.kind is Kind.TEXT and reading.number(heard.text) is not None:
            self.say(texts.NOTHING_TO_CHOOSE)
        else:
            place = [heard.place.latitude, heard.place.longitude] if heard.place else None
            self._begin(Start("unprompted", {"text": heard.text, "place": place}), heard)
            link_unprompted(self.store, heard.message_id, heard.text)

    def _answer(self, heard: Heard) -> None:
        state, asked = self._opened, self._opened.asked
        conversation = self._routes.named(state.conversation)
        if conversation is None or conversation.version != state.version or asked is None:
            self._set_aside()
            self.say(texts.CONVERSATION_CHANGED)
            return
        try:
            if heard.kind is Kind.TEXT:
                option = asked.typed(heard.text)
                heard = Heard(heard.message_id, heard.kind, heard.text, option)
            if asked.name == CHANGING:
                self._changing(heard)
            else:
                self._run(heard)
        except Misfit as misfit:
            self._misfit(misfit.why)
        state.group = heard.group

    def _changing(self, heard: Heard) -> None:
        if heard.option is None:
            raise Misfit(title(CHANGING))
        self._forget_answer(heard.option)
        self._run(None)

    def _misfit(self, why: Phrase) -> None:
        state = self._opened
        state.misfits += 1
        self._repeat(lines([why, texts.HELP_OFFERED]) if state.misfits % HELP_OFFERED_AFTER == 0 else why)

    def _begin(self, start: Start, heard: Heard | None, *, aside: bool = True) -> None:
        """Begin a conversation; what was open becomes a draft."""
        conversation = self._routes.named(start.conversation)
        if conversation is None:
            self.say(texts.CONVERSATION_CHANGED)
            return
        before = self.state
        if aside and before and self._set_aside():
            self.say(texts.SET_ASIDE)
        self.state = _opening(conversation, start)
        if heard:
            self.state.heard.append(heard.message_id)
        self._run(None)
        if not aside:
            self.state = before

    def _run(self, heard: Heard | None, *, changing: bool = False) -> None:
        """Run the open conversation's script from the top."""
        state = self._opened
        conversation = self._routes.named(state.conversation)
        if conversation is None:
            self.state = None
            return
        talk = Talk(self.store, self._guest.person, self._guest.account_id, state, heard)
        writes = self.store.unit.writes
        try:
            if conversation.allowed is not everybody and not conversation.allowed(talk.holdings):
                raise Denied(NOT_FOR_YOU)
            reply = conversation.script(talk)
        except Suspended as question:
            self._check_unwritten(conversation, writes)
            asks = Suspended(CHANGING, title(CHANGING), change_options(talk)) if changing else question
            self._ask(asks)
            return
        except (Denied, Cancelled) as refused:
            self._check_unwritten(conversation, writes)
            reply = Reply(refused.why if isinstance(refused, Denied) else texts.CANCELLED)
        except Ended as ended:
            reply = ended.reply
            if ended.keep:
                self._set_aside()
        self._guest.person = talk.person
        self.letters += talk.letters
        self.prompted |= talk.prompted
        self._end(reply)

    def _check_unwritten(self, conversation: Conversation, writes: int) -> None:
        if self.store.unit.writes != writes:
            raise ScriptFault(conversation.name)

    def _end(self, reply: Reply) -> None:
        self.state, self._ended = None, True
        self.say(reply.text, reply.file)
        if reply.then:
            self._begin(reply.then, None)

    # --- what is said

    def _ask(self, question: Suspended) -> None:
        language = self._guest.person.language
        options = [[option.value, option.label.said(language)] for option in question.shown.options]
        state = self._opened
        identity = f"{self._seed}-{len(self.letters):x}"
        state.asked = Asked(
            identity, question.name, question.prompt.said(language), options, question.shown.progress
        )
        if not question.shown.silent:
            self._show(state.asked)

    def _repeat(self, first: Phrase) -> None:
        """Say something, and show the open question again as it was shown."""
        if self.state and self.state.asked:
            self._show(self.state.asked, first.said(self._guest.person.language) + "\n")
        else:
            self.say(first)

    def _show(self, asked: Asked, before: str = "") -> None:
        labels = [label for _, label in asked.options]
        choices = [[f"{asked.id}.{index}", label] for index, label in enumerate(numbered(labels))]
        capabilities = self._capabilities[self._channel]
        self._post(shown(before + asked.text, labels, capabilities), choices if capabilities.buttons else [])

    def say(self, text: Phrase, file: Recipe | None = None) -> None:
        if text.zh:
            self._post(text.said(self._guest.person.language), [], file)

    def _post(self, text: str, choices: list[list[str]], file: Recipe | None = None) -> None:
        *first, last = parts(text, self._capabilities[self._channel])
        for part in first:
            self.letters.append(self._letter(part))
        self.letters.append(self._letter(last, choices, file))

    def _letter(self, text: str, choices: list[list[str]] | None = None, file: Recipe | None = None) -> Letter:
        recipe: dict[str, Any] | None = None
        if file:
            recipe = {"kind": file.kind, "name": file.name, "media_type": file.media_type, "arguments": file.arguments}
        return Letter(
            self._channel,
            self._guest.account_id,
            self._guest.person.id,
            text,
            choices or None,
            recipe,
            self.store.actor.message_id,
            priority=0 if self.store.actor.message_id else 1,
        )

    # --- drafts

    def _set_expired_aside(self) -> None:
        heard_at = self._guest.heard_at
        if self.state and heard_at and self.store.now - heard_at >= EXPIRES_AFTER:
            self._set_aside()

    def _set_aside(self) -> bool:
        """Keep the open conversation as a draft, when something was answered in it; True when it was."""
        state, self.state = self.state, None
        if state is None or not state.answers:
            return False
        self.store.conversations.save_draft(self._guest.person.id, state.dump())
        return True


def _opening(conversation: Conversation, start: Start) -> State:
    state = State(conversation.name, conversation.version, dict(start.arguments), dict(start.answers))
    state.heard = list(start.heard)
    if start.answers:
        state.remembered["prefilled"] = list(start.answers)
    return state
