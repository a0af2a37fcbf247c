"""One message of one person: which conversation hears it, and what is said.

Everything here works on the guest's state in memory and on the store; the dispatcher commits it.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta

from handlers import reading
from handlers.access import Denied
from handlers.linking import link_unprompted
from handlers.messages import Capabilities, Inbound, Kind
from handlers.routes import Conversation, Routes, everybody
from handlers.speaking import Speaker
from handlers.state import FILES, Asked, Heard, State
from handlers.talk import CHANGING, CONFIRM, Cancelled, Ended, Misfit, Reply, Start, Suspended, Talk, change_options
from handlers.texts import everywhere as texts
from handlers.texts.access import NOT_FOR_YOU
from handlers.texts.phrase import Phrase, lines
from handlers.texts.titles import choose_one, title
from storage.arrivals import Guest
from storage.conversations import Prompt
from storage.people import Person
from storage.store import Store

EXPIRES_AFTER = timedelta(days=3)
IDLE_AFTER = timedelta(minutes=30)
HELP_OFFERED_AFTER = 3
SILENT_AFTER = 12  # answers in a row that do not fit: another program, or somebody who needs a human being


class ScriptFault(Exception):
    """A script wrote before its last question was answered."""


class Turn:
    """What follows from one message. `prompted` are those with whom a conversation is to be begun after the commit."""

    def __init__(
        self, routes: Routes, capabilities: Mapping[str, Capabilities], store: Store, guest: Guest, channel: str
    ) -> None:
        self.store = store
        self._routes, self._guest, self._channel, self._capabilities = routes, guest, channel, capabilities
        store.shown.clear()  # by whoever read before, in a store that several turns share
        self.speaker = Speaker(capabilities, guest, channel, store.actor.message_id, store.shown)
        self.prompted: set[int] = set()
        self.state: State | None = State.load(guest.state) if guest.state else None
        self._first: Talk | None = None  # of those that ran here: what a prompt is about
        self._seed = f"{store.actor.message_id or 0:x}"  # what no other turn names its questions by

    def hear(self, inbound: Inbound, message_id: int) -> None:
        """Act on one message of the guest."""
        heard = Heard.of(inbound, message_id)
        if not self._set_unfit_aside(heard):
            self._hear(inbound, heard)
        self.speaker.flush()
        if self.state is None and self._guest.is_prompted:
            self.prompted.add(self._guest.person.id)

    def _hear(self, inbound: Inbound, heard: Heard) -> None:
        match inbound.kind:
            case Kind.START if not inbound.text:
                self._begin(Start("welcome", {"payload": inbound.payload} if inbound.payload else {}))
            case Kind.EDIT:
                self._edited(inbound, heard)
            case Kind.CHOICE:
                self._tapped(inbound.choice, heard)
            case _ if (command := self._command(heard)) is not None:
                command()
            case _ if self.state:
                self._answer(heard)
            case _:
                self._unprompted(heard)

    def begin_prompt(self) -> bool:
        """Begin what waits for the guest, unless they are in the middle of something; True when it began."""
        heard_at = self._guest.heard_at or self.store.now
        if self.state and self.store.now - heard_at < IDLE_AFTER:
            return False
        if (waiting := self._waiting()) is None:
            return False
        self._make_room()
        self.store.conversations.drop_prompt(waiting.id)
        # By the moment, too: SQLite gives the number of a dropped prompt to the next one.
        self._seed = f"p{waiting.id:x}-{int(self.store.now.timestamp() * 1e6):x}"
        self._begin(Start(waiting.conversation, waiting.arguments), prompted=True)
        self.speaker.flush()
        if self._first and self._first.matter:
            self.speaker.tells_of(self._first.matter)
        return True

    def _waiting(self) -> Prompt | None:
        """The prompt that comes first; those that have nothing to say any more are dropped."""
        waiting = self.store.conversations.next_prompt(self._guest.person.id)
        while waiting and not self._routes.has_more(self.store, self._guest.person.id, waiting.conversation):
            self.store.conversations.drop_prompt(waiting.id)
            waiting = self.store.conversations.next_prompt(self._guest.person.id)
        return waiting

    # --- commands, which work anywhere

    def _command(self, heard: Heard) -> Callable[[], None] | None:
        if heard.kind is not Kind.TEXT or len(heard.text) > 40:
            return None
        asked = self.state.asked if self.state else None
        if asked and (
            asked.labelled(heard.text) is not None or (asked.figure and reading.number(heard.text) is not None)
        ):
            return None  # "我也要" answers the question on the screen before it begins anything
        word = reading.plain(heard.text)
        if word in reading.HELP:
            return lambda: self._repeat(texts.HELP)
        if self.state:
            for words, act in (
                (reading.BACK, self._back),
                (reading.CANCEL, self._cancel),
                (reading.CHANGE, self._change),
                (reading.RESUME, self._go_on),
            ):
                if word in words:
                    return act
        elif word in reading.BACK | reading.CANCEL | reading.CHANGE:
            return lambda: self._nothing_open(texts.NOTHING_OPEN)
        if word in reading.RESUME:
            return lambda: self._begin(Start("drafts"))
        return self._begun_by(heard.text)

    def _begun_by(self, text: str) -> Callable[[], None] | None:
        if (begun := self._routes.begun_by(text)) is not None:
            return lambda: self._begin(Start(begun.name))
        announced, asked = reading.named_announcement(text), self.state.asked if self.state else None
        if announced is None or (asked and asked.named(text) is not None):  # of a list of announcements, one is chosen
            return None
        return lambda: self._announced(announced, "read")

    def _back(self) -> None:
        """To the question's own beginning, else to the answer given last, else to what it was chosen from, or leave."""
        state = self._opened
        asked, conversation = state.asked, self._routes.named(state.conversation)
        if asked and (asked.deeper or asked.name == CHANGING):
            self._run(None)
        elif state.answers:
            state.forget(list(state.answers)[-1], CONFIRM)
            self._run(None)
        elif conversation and conversation.behind:
            self.state = None
            self._begin(conversation.behind(state.arguments))
        else:
            self._cancel()

    def _change(self) -> None:
        """Ask which answer is to be changed, if any was given."""
        if self._opened.answers:
            self._run(None, changing=True)
        else:
            self._repeat(Phrase(""))

    def _cancel(self) -> None:
        self._end(Reply(texts.CANCELLED))

    def _go_on(self) -> None:
        """With what is open, unless that holds nothing and something else was left unfinished."""
        holds = self._routes.keeps(self._opened.dump())
        if holds or not self.store.conversations.drafts(self._guest.person.id):
            self._repeat(Phrase(""))
        else:
            self._begin(Start("drafts"))

    # --- ways through

    @property
    def _opened(self) -> State:
        assert self.state is not None  # noqa: S101  # callers have looked
        return self.state

    def _tapped(self, choice: str, heard: Heard) -> None:
        asked = self.state.asked if self.state else None
        if asked and (option := asked.tapped(choice)) is not None:
            self._answer(heard._replace(option=option))
        elif announced := reading.tapped_announcement(choice):
            self._announced(*announced)
        elif self.state:
            self._repeat(texts.LATE_TAP)
        else:
            self._nothing_open(texts.LATE_TAP)

    def _announced(self, number: int, what: str) -> None:
        """A tap or a word about an announcement. Where it is only shown, whatever is open stays open."""
        opened = self._routes.named(self.state.conversation) if self.state else None
        stays = opened is not None and not opened.gives_way and what != "go"
        show = self._beside if stays else self._begin
        show(Start("read_announcement", {"number": number, "what": what, "open": stays}))
        if stays:
            self._repeat(Phrase(""))

    def _beside(self, start: Start) -> None:
        """Say what a conversation says that asks nothing; whatever is open stays open."""
        before, self.state = self.state, None
        self._begin(start)
        self.state = before or self.state

    def _unprompted(self, heard: Heard) -> None:
        """A message outside any conversation is the start of a suggestion, unless it is plainly something else."""
        word = reading.plain(heard.text)
        if not heard.text and heard.kind in (Kind.TEXT, Kind.UNKNOWN):
            self.speaker.say(texts.EMPTY)
        elif word in reading.GREETINGS:
            self._greet()
        elif word in reading.THANKS:
            self.speaker.say(texts.YOU_ARE_WELCOME)
        elif word in reading.YES | reading.NO:
            self.speaker.say(texts.ALL_RIGHT)
        elif heard.kind is Kind.TEXT and reading.number(heard.text) is not None:
            self._nothing_open(texts.NOTHING_TO_CHOOSE)
        else:
            self._begin_unprompted(heard)

    def _greet(self) -> None:
        """Who comes back is asked what waits for them where that could not be pushed, else shown what there is."""
        shows = self._capabilities.get(self._channel)
        if not (self._guest.is_prompted and shows and not shows.pushes and self.begin_prompt()):
            self._begin(Start("welcome"))

    def _begin_unprompted(self, heard: Heard) -> None:
        place = [heard.place.latitude, heard.place.longitude] if heard.place else None
        what = {"text": heard.text, "place": place, "voice": heard.kind is Kind.VOICE}
        files = sum(attachment.kind in FILES for attachment in heard.attachments)
        self._begin(Start("unprompted", what, [heard.message_id], files))
        if self.state:
            self.state.group = heard.group
        link_unprompted(self.store, heard.message_id, heard.text)

    def _nothing_open(self, text: Phrase) -> None:
        """There is no question to answer; perhaps one was set aside."""
        kept = self.store.conversations.drafts(self._guest.person.id)
        self.speaker.say(lines([text, texts.RESUME_OR_MENU if kept else texts.MENU_OFFERED]))

    def _edited(self, inbound: Inbound, heard: Heard) -> None:
        """Somebody rewrote a message; whatever is open stays open."""
        edit = {"channel": inbound.channel, "key": inbound.edits, "text": inbound.text, "open": self.state is not None}
        self._beside(Start("edited", edit, [heard.message_id]))

    def _answer(self, heard: Heard) -> None:
        state = self._opened
        asked = state.asked
        if asked is None:
            self._run(None)
            return
        if heard.option is None and heard.kind is Kind.TEXT:
            heard = heard._replace(option=asked.typed(heard.text))
        state.hear(heard)
        try:
            if asked.name == CHANGING:
                self._changing(heard, asked)
            else:
                self._run(heard)
        except Misfit as misfit:
            self._misfit(misfit.why, heard)
        state.group = heard.group

    def _changing(self, heard: Heard, asked: Asked) -> None:
        if heard.option is None:
            raise Misfit(choose_one(len(asked.options)))
        if heard.option:
            self._opened.forget(heard.option, CONFIRM)
        self._run(None)

    def _misfit(self, why: Phrase, heard: Heard) -> None:
        state = self._opened
        if heard.of_album(state):
            return  # its first picture was answered
        conversation = self._routes.named(state.conversation)
        is_greeting = heard.greets() and state.conversation == "menu"
        if conversation and conversation.gives_way and (is_greeting or heard.says_something()):
            self.state = None
            self._unprompted(heard)
            return
        if reading.plain(heard.text) in reading.THANKS | reading.GREETINGS:  # which is no misunderstanding
            kind_word = Phrase("") if heard.greets() else texts.YOU_ARE_WELCOME
            self._repeat(kind_word if state.asked and state.asked.options else why)
            return
        state.misfits += 1
        if state.misfits == SILENT_AFTER:
            self.speaker.say(texts.SILENT_FROM_HERE)
        elif state.misfits < SILENT_AFTER:
            self._repeat(lines([why, texts.HELP_OFFERED]) if state.misfits % HELP_OFFERED_AFTER == 0 else why)

    def _begin(self, start: Start, *, prompted: bool = False) -> None:
        """Begin a conversation; what was open becomes a draft."""
        conversation = self._routes.named(start.conversation)
        if conversation is None:
            self.speaker.say(texts.CONVERSATION_GONE)
            return
        self._make_room()
        self.state = conversation.opened(start)
        self.state.prompted = self.state.prompted or prompted
        self._run(None)

    def _run(self, heard: Heard | None, *, changing: bool = False) -> None:
        """Run the open conversation's script from the top."""
        state = self._opened
        conversation = self._routes.named(state.conversation)
        assert conversation is not None  # noqa: S101  # callers have looked
        who = self._guest.person, self._guest.account_id
        talk = Talk(self.store, *who, state, heard, self._channel, self._capabilities)
        talk.matter, self._first = conversation.notice, self._first or talk
        writes = self.store.unit.writes
        try:
            if conversation.allowed is not everybody and not conversation.allowed(talk.holdings):
                raise Denied(NOT_FOR_YOU)
            reply = conversation.script(talk)
        except Suspended as question:
            self._check_unwritten(conversation, writes)
            self._ask(Suspended(CHANGING, title(CHANGING), change_options(talk)) if changing else question)
            return
        except (Denied, Cancelled) as refused:
            self._check_unwritten(conversation, writes)
            talk.matter = None
            reply = Reply(refused.why if isinstance(refused, Denied) else texts.CANCELLED)
        except Ended as ended:
            reply = ended.reply
            if ended.keep:
                self._set_aside()
        self._become(talk.person)
        self.speaker.carry(talk.letters)
        self.prompted |= talk.prompted
        self._end(reply)

    def _become(self, person: Person) -> None:
        """The account's person, as the script left them: somebody else, who has just enrolled, may be in the midst of
        something by another account, as if they had begun something else there."""
        is_other = person.id != self._guest.person.id
        self._guest.person = person
        if is_other and (state := self.store.conversations.opened(person.id)):
            self.state = State.load(state)
            self._make_room()

    def _check_unwritten(self, conversation: Conversation, writes: int) -> None:
        if self.store.unit.writes != writes:
            raise ScriptFault(conversation.name)

    def _end(self, reply: Reply) -> None:
        self.state = None
        if reply.then and not reply.files:
            self.speaker.before(reply.text)
        else:
            self.speaker.say(reply.text, reply.files)
        if reply.then:
            self._begin(reply.then)

    # --- what is asked

    def _ask(self, question: Suspended) -> None:
        state, shown = self._opened, question.shown
        said = self.speaker.said
        options = [[option.value, said(option.label)] for option in shown.options]
        silent = shown.silent and state.asked is not None
        # What is not shown anew is still answered by the buttons of what was shown.
        identity = state.asked.id if silent and state.asked else f"{self._seed}-{len(self.speaker.letters):x}"
        about = options, shown.progress, question.deeper, shown.figure
        state.asked = Asked(identity, question.name, said(question.prompt), *about)
        state.shows = sorted(self.store.shown - {self._guest.person.id})
        if not silent:
            self.speaker.show(state.asked)

    def _repeat(self, first: Phrase) -> None:
        """Say something, and show the open question again as it was shown."""
        if self.state and self.state.asked:
            self.store.shown.update(self.state.shows)
            self.speaker.before(first)
            self.speaker.show(self.state.asked)
        else:
            self.speaker.say(first)

    def _set_unfit_aside(self, heard: Heard) -> bool:
        """Put aside what nobody went on with or what has another version by now. True when that is all to be said."""
        state = self.state
        if state is None:
            return False
        conversation = self._routes.named(state.conversation)
        changed = conversation is None or conversation.version != state.version
        expired = self.store.now - (self._guest.heard_at or self.store.now) >= EXPIRES_AFTER
        if not (changed or expired) or not self._set_aside():
            return False
        self.speaker.before(texts.CONVERSATION_CHANGED if changed else texts.SET_ASIDE)
        # What answered a question that changed just now answers nothing else.
        return changed and heard.kind not in (Kind.START, Kind.EDIT) and self._command(heard) is None

    def _make_room(self) -> None:
        if self._set_aside():
            self.speaker.before(texts.SET_ASIDE)

    def _set_aside(self) -> bool:
        """Keep the open conversation as a draft, when there is something in it; True when it was."""
        state, self.state = self.state, None
        if state is None or not self._routes.keeps(dumped := state.dump()):
            return False
        self.store.conversations.save_draft(self._guest.person.id, dumped)
        return True
