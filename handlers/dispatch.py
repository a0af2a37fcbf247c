"""The one way in: a batch of messages of different people becomes one transaction.

Each message is stored and told from a repeat, acted on in a part of its own, and answered; what is open with its
person, and our replies, are written for the whole batch at once. Who calls commits, and only then acknowledges.
"""

import hashlib
import math
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from handlers.enrolment import invited
from handlers.flood import Flood, Judgement
from handlers.messages import LEAST, Agreed, Attachment, Capabilities, Inbound, Kind, Place, Received, Window
from handlers.reading import clean, number, plain, says_little
from handlers.routes import Routes
from handlers.state import State
from handlers.talk import CONFIRM
from handlers.texts import everywhere as texts
from handlers.turn import Turn
from storage.arrivals import Arrivals, Guest, Letter
from storage.audit import Actor
from storage.calendar import Calendar, published
from storage.consents import Consent, Consents
from storage.database import Clock, PartLost, Unit, is_database_fault
from storage.mass_sends import MassSends
from storage.memory import Remembered
from storage.outbox_states import AWAITS_CONTACT
from storage.people import Person
from storage.push_windows import Opened
from storage.responses import Responses
from storage.store import Store

LATE_BY_AT_MOST = timedelta(days=2)  # a platform's clock further off than this is not believed
KEY_LENGTH = 200
# What somebody answers who is told that there is more (see storage.responses).
MORE, MORE_WORDS = 1, {"还有", "rest"}
NAME_LENGTH = 190  # of a file; there is room for 200, and a true extension may be added


@dataclass(slots=True)
class Dispatched:
    """What became of a batch. `received` stands beside the messages; None: its person was busy, hand it in again.

    `mail` are the (channel, account id) for which something waits in the outbox, `prompted` the people with whom
    a conversation is to be begun, `wanted` whether there are files to fetch.
    """

    received: list[Received | None]
    mail: set[tuple[str, int]] = field(default_factory=set)
    prompted: set[int] = field(default_factory=set)
    wanted: bool = False


@dataclass(slots=True)
class _Arrived:
    """One message of the batch on its way."""

    position: int
    inbound: Inbound
    guest: Guest
    message_id: int = 0


class Dispatcher:
    """Acts on messages. `memory` gives what is held of areas and congresses, as of this transaction; `channels` are
    those that are set up, default: all whose `capabilities` are known; `calendar` tells which days are worked;
    `paces` how many messages a second each channel takes; `address` is how people reach our pages."""

    def __init__(
        self,
        *,
        clock: Clock,
        routes: Routes,
        memory: Callable[[Unit], Remembered],
        capabilities: Mapping[str, Capabilities],
        flood: Flood,
        on_fault: Callable[[str, BaseException], None],
        channels: Collection[str] | None = None,
        calendar: Calendar = published,
        paces: Callable[[], Mapping[str, float]] = dict,
        address: str = "",
    ) -> None:
        self._paces, self._address = paces, address
        self._clock, self._routes, self._memory = clock, routes, memory
        self._capabilities, self._flood, self._on_fault = capabilities, flood, on_fault
        self._channels, self._calendar = capabilities.keys() if channels is None else channels, calendar

    def handle(self, unit: Unit, batch: Sequence[Inbound]) -> Dispatched:
        """Act on messages, at most one of each account. Raises only for faults of the database."""
        if not batch:
            return Dispatched([])
        now = self._clock()
        store, arrivals = self._store(unit, now), Arrivals(unit, now)
        done = Dispatched([None] * len(batch))
        said = [(position, _cleaned(one, now)) for position, one in enumerate(batch) if not one.mass]
        self._note_masses(store, batch, done)
        arrived = self._arrive(store, arrivals, said, done) if said else []
        letters: list[Letter] = []
        for one in arrived:
            done.received[one.position] = self._act(store, arrivals, one, letters, done)
        arrivals.save([one.guest for one in arrived])
        arrivals.post(letters)
        done.mail |= {(letter.channel, letter.account_id) for letter in letters}
        return done

    def begin_prompts(self, unit: Unit, person_ids: Sequence[int]) -> Dispatched:
        """Begin the conversations that wait for these people, where they are free."""
        now = self._clock()
        store, arrivals = self._store(unit, now), Arrivals(unit, now)
        done = Dispatched([])
        mine = sorted(arrivals.try_people(person_ids))
        begun: list[Guest] = []
        letters: list[Letter] = []
        for channel, guest in arrivals.guests_of(mine, self._channels).values() if mine else ():
            # Where nothing is pushed, they would answer what they have not been shown: they are asked when they write.
            if self._shows(channel).pushes and self._begin(store, channel, guest, letters, done):
                guest.heard_at, guest.window_from = guest.heard_at or now, guest.window_from or now
                begun.append(guest)
        arrivals.save([replace(guest, reachable=True) for guest in begun])
        arrivals.post(letters)
        done.mail = {(letter.channel, letter.account_id) for letter in letters}
        return done

    def _begin(self, store: Store, channel: str, guest: Guest, letters: list[Letter], done: Dispatched) -> bool:
        """Begin what waits for somebody, unless they are in the middle of something; True when it began."""
        turn = Turn(self._routes, self._capabilities, store, guest, channel)
        try:
            with store.unit.part():
                begun = turn.begin_prompt()
        except Exception as error:  # noqa: BLE001  # whatever a script does, other people are not to suffer
            self._note(error)
            return False
        if begun:
            guest.state = turn.state.dump() if turn.state else None
            letters += turn.speaker.letters
            done.prompted |= turn.prompted
        return begun

    def _shows(self, channel: str) -> Capabilities:
        return self._capabilities.get(channel, LEAST)

    def _store(self, unit: Unit, now: datetime) -> Store:
        held = self._memory(unit)
        return Store(
            unit,
            now,
            held.areas,
            index=held.congresses,
            channels=self._channels,
            calendar=self._calendar,
            paces=self._paces(),
            address=self._address,
        )

    # --- taking in

    def _note_masses(self, store: Store, batch: Sequence[Inbound], done: Dispatched) -> None:
        """What no person has said."""
        for position, inbound in enumerate(batch):
            if inbound.mass:
                MassSends(store.unit, store.now).note(inbound.channel, inbound.mass)
                done.received[position] = Received.ACTED_ON

    def _arrive(
        self, store: Store, arrivals: Arrivals, said: Sequence[tuple[int, Inbound]], done: Dispatched
    ) -> list[_Arrived]:
        """Find or make everybody who writes, store the messages, and leave repeats and busy people out."""
        free, locked = arrivals.try_guests([(inbound.channel, inbound.account) for _, inbound in said])
        mine = [(position, inbound) for position, inbound in said if (inbound.channel, inbound.account) in free]
        addresses = [(inbound.channel, inbound.account) for _, inbound in mine]
        guests = arrivals.guests(addresses)
        arrived: list[_Arrived] = []
        heard: set[int] = set()
        for position, inbound in mine:
            address = inbound.channel, inbound.account
            known = guests.get(address)
            guest = guests[address] = known or self._welcome(store, inbound)
            others = invited(store.people, inbound)
            concerned = {guest.person.id} | others
            # Somebody else acts for this person now: another replica, or this batch through another account.
            if (known and locked is not None and guest.person.id not in locked) or concerned & heard:
                continue
            if others and not arrivals.try_people(others):
                continue
            heard |= concerned
            arrived.append(_Arrived(position, inbound, guest))
        store.proposals.expect(sum(map(self._submits, arrived)))
        ids = arrivals.record([_row(one, store.now) for one in arrived]) if arrived else {}
        for one in arrived:
            one.message_id = ids.get((one.inbound.channel, one.inbound.key), 0)
            if not one.message_id:
                done.received[one.position] = Received.REPEATED
        fresh = [one for one in arrived if one.message_id]
        files = [_file(one.message_id, file) for one in fresh for file in one.inbound.attachments]
        arrivals.attach(files)
        done.wanted = bool(files)
        arrivals.open([_opened(one, opens) for one in fresh if (opens := one.inbound.opens)])
        Consents(store.unit).change([_agreed(one, agreed) for one in fresh for agreed in one.inbound.agreed])
        return fresh

    def _submits(self, one: _Arrived) -> bool:
        """Whether somebody agrees to the summary of a proposal."""
        state, inbound = one.guest.state, one.inbound
        asked = State.asked_in(state) if state and self._routes.proposes(state) else None
        if asked is None or asked.name != CONFIRM:
            return False
        return (asked.tapped(inbound.choice) if inbound.choice else asked.typed(inbound.text)) == "yes"

    def _welcome(self, store: Store, inbound: Inbound) -> Guest:
        """A person who never wrote before."""
        language = "en" if inbound.language.startswith("en") else "zh"
        person_id = store.people.add(language=language)
        address = inbound.address or inbound.account
        why = "" if self._shows(inbound.channel).pushes else AWAITS_CONTACT
        named = person_id, inbound.channel, inbound.account, address
        account_id = store.people.add_account(*named, unreachable=why)
        person = Person(person_id, "", "", language, cell_id=None, notices=True, consented_at=None)
        return Guest(account_id, address, reachable=not why, seen_at=store.now, person=person, why_not=why)

    # --- acting

    def _act(
        self, store: Store, arrivals: Arrivals, one: _Arrived, letters: list[Letter], done: Dispatched
    ) -> Received:
        inbound, guest = one.inbound, one.guest
        if inbound.kind is Kind.BLOCKED:
            store.people.mark_unreachable(guest.account_id, "blocked")
            store.outbox.hold(guest.account_id, "blocked")
            guest.reachable = True  # so that taking the message in does not revive the account
        elif inbound.kind is Kind.HAPPENED:
            guest.reachable = True  # which says nothing of whether they are: what is held stays
        elif not self._shows(inbound.channel).pushes:
            guest.reachable = True  # what is held travels in the response
            if guest.why_not != AWAITS_CONTACT:
                store.people.mark_unreachable(guest.account_id, AWAITS_CONTACT)
        if inbound.kind in (Kind.BLOCKED, Kind.RETURNED, Kind.HAPPENED) or self._asks_for_more(store, one):
            return Received.ACTED_ON
        judgement = self._flood.judge(guest, inbound.at)
        if judgement is Judgement.SILENT:
            guest.heard_at = store.now
            return Received.ACTED_ON
        own = store.on_behalf_of(Actor(guest.person.id, one.message_id))
        consented_at = guest.person.consented_at
        received, turn = self._heard(arrivals, own, one, judgement)
        if guest.heard_at is not None and consented_at is None:
            own.people.consent(guest.person.id)  # was told the last time, and goes on
        is_prompted = guest.is_prompted or guest.person.id in turn.prompted
        is_there = is_prompted and not self._shows(inbound.channel).pushes  # now, and not when it is pushed to them
        if is_there and guest.state and guest.state["conversation"] == "menu":
            turn.speaker.say(texts.SOMETHING_TO_ASK)
            turn.speaker.flush()
        letters += turn.speaker.letters
        done.prompted |= turn.prompted
        if is_there and guest.state is None:
            self._begin(store, inbound.channel, guest, letters, done)
        is_forgotten = consented_at is not None and guest.person.consented_at is None
        guest.heard_at = None if is_forgotten else store.now
        return received

    def _asks_for_more(self, store: Store, one: _Arrived) -> bool:
        """Whether somebody asks for what waits for them, and answers no question: a response before left it over, or
        they write a mere word or number and have not seen yet what we have asked them."""
        if one.inbound.kind is not Kind.TEXT:
            return False
        guest, text, state = one.guest, one.inbound.text, one.guest.state or {}
        may_be_unseen = "prompted" in state and "answers" not in state and says_little(text)
        if may_be_unseen and guest.why_not == AWAITS_CONTACT and self._is_kept(store, guest):
            return True
        by_number, by_word = number(text) == MORE, plain(text) in MORE_WORDS
        if self._shows(one.inbound.channel).pushes or not (may_be_unseen or by_number or by_word):
            return False
        asked = Responses(store.unit, store.now).left_before(guest.account_id, one.message_id)
        return asked is not None and (may_be_unseen or by_word or asked == "by number")

    def _is_kept(self, store: Store, guest: Guest) -> bool:
        """Whether the question that is open could not be pushed to them."""
        asked = State.asked_in(guest.state) if guest.state else None
        if asked is None:
            return False
        kept = store.outbox.keeps(guest.account_id)
        return any(asked.tapped(choices[0][0]) is not None if choices else not asked.options for choices in kept)

    def _heard(self, arrivals: Arrivals, own: Store, one: _Arrived, judgement: Judgement) -> tuple[Received, Turn]:
        """What is said to a message that is not passed over, and what becomes of the guest's state."""
        turn = self._turn(own, one)
        if judgement is not Judgement.HEARD:
            turn.speaker.say(texts.SLOW_DOWN if judgement is Judgement.WARNED else texts.QUIET)
        elif (fault := self._fault(turn, one)) is not None:
            arrivals.fault(one.message_id, self._note(fault))
            turn = self._turn(own, one)
            turn.speaker.say(texts.FAULT)
            return Received.FAULT, turn
        one.guest.state = turn.state.dump() if turn.state else None
        return Received.ACTED_ON, turn

    def _turn(self, own: Store, one: _Arrived) -> Turn:
        turn = Turn(self._routes, self._capabilities, own, one.guest, one.inbound.channel)
        if one.guest.heard_at is None:
            turn.speaker.before(texts.CONSENT)
        return turn

    def _fault(self, turn: Turn, one: _Arrived) -> Exception | None:
        """Let the turn act on the message; what it raised, if that was the message's fault."""
        person = one.guest.person
        try:
            with turn.store.unit.part():
                turn.hear(one.inbound, one.message_id)
        except Exception as error:  # whatever a script does, its neighbours in the batch go on
            if is_database_fault(error) or isinstance(error, PartLost):
                raise
            one.guest.person = person
            return error
        return None

    def _note(self, error: Exception) -> str:
        """The kind and place of a fault, never its text: that may hold what a person wrote."""
        if is_database_fault(error) or isinstance(error, PartLost):
            raise error
        frame = traceback.extract_tb(error.__traceback__)[-1]
        what = f"{type(error).__name__} {Path(frame.filename).name}:{frame.lineno}"
        self._on_fault(what, error)
        return what


def _cleaned(inbound: Inbound, now: datetime) -> Inbound:
    values: dict[str, Any] = {
        "key": stored_key(inbound.key),
        "text": clean(inbound.text),
        "choice": clean(inbound.choice),
        "payload": clean(inbound.payload),
        "group": clean(inbound.group),
        "edits": stored_key(inbound.edits),
        "place": inbound.place if inbound.place and _is_on_earth(inbound.place) else None,
        "at": inbound.at if abs(now - inbound.at) <= LATE_BY_AT_MOST else now,
    }
    changed = {name: value for name, value in values.items() if value != getattr(inbound, name)}
    return inbound._replace(**changed) if changed else inbound


def stored_key(key: str) -> str:
    """The key as it can be stored; no two become the same."""
    if len(key) <= KEY_LENGTH and key == clean(key):
        return key
    return "#" + hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def _opened(one: _Arrived, window: Window) -> Opened:
    return Opened(one.guest.account_id, window.name, window.sends, one.inbound.at + window.lasts)


def _agreed(one: _Arrived, agreed: Agreed) -> Consent:
    return Consent(one.guest.account_id, agreed.template, agreed.more)


def _is_on_earth(place: Place) -> bool:
    degrees = place.latitude, place.longitude
    return all(map(math.isfinite, degrees)) and abs(place.latitude) <= 90 and abs(place.longitude) <= 180


def _row(one: _Arrived, now: datetime) -> dict[str, Any]:
    inbound = one.inbound
    return {
        "direction": "in",
        "channel": inbound.channel,
        "platform_key": inbound.key,
        "account_id": one.guest.account_id,
        "person_id": one.guest.person.id,
        "kind": inbound.kind,
        "text": inbound.text or inbound.choice,
        "latitude": inbound.place.latitude if inbound.place else None,
        "longitude": inbound.place.longitude if inbound.place else None,
        "at": inbound.at,
        "stored_at": now,
    }


def _file(message_id: int, file: Attachment) -> dict[str, Any]:
    return {
        "message_id": message_id,
        "kind": file.kind,
        "platform_id": file.platform_id,
        "name": clean(file.name)[-NAME_LENGTH:],
        "media_type": clean(file.media_type)[:100],
        "size": file.size,
    }
