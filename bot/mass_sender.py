"""Announcements that go to many by one call: what is ready is called for, one at a time whatever the number of
replicas; what nobody told us about is asked about. Whoever goes by which call is decided by storage.broadcasting.

What is to be called for, and for whom, is stored before the call, with its key: who is killed between the call and its
record calls again with the same key, and hears that the platform has it.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from bot.announcer import Do
from bot.channels.base import Asked, Failure, Massing, NotSent
from bot.settling import misconfigured
from handlers.announcement_messages import AnnouncementMessages
from storage.channel_faults import ChannelFaults
from storage.database import Clock, Unit
from storage.holders import new_token
from storage.mass_sends import UNSURE, Errand, MassSends, MassSent, kind_of, tell_author
from storage.paces import Paces
from storage.store import Store

CALL_WITHIN = 40.0  # seconds, a new token included
LEASE = timedelta(seconds=75)  # longer; and a key may not be used again within a minute
AGAIN_AFTER, LONGEST = timedelta(seconds=75), timedelta(hours=1)
PAUSE_WHEN_MISCONFIGURED = timedelta(minutes=10)

log = structlog.get_logger(__name__)


class MassSender:
    """`ways` are the channels on which one call reaches many, `channels` all by which an author may be told; `store`
    opens the records; `on_mail` hears for which chats something waits now."""

    def __init__(
        self,
        do: Do,
        ways: Mapping[str, Massing],
        *,
        clock: Clock,
        store: Callable[[Unit, datetime], Store],
        words: AnnouncementMessages,
        channels: Mapping[str, float],
        on_mail: Callable[[set[tuple[str, int]]], None],
        holder: str = "",
    ) -> None:
        self._do, self._ways, self._clock, self._store, self._words = do, ways, clock, store, words
        self._channels, self._on_mail, self._holder = channels, on_mail, holder

    async def go_on(self) -> None:
        """Call for all that is due now."""
        for name, way in self._ways.items():
            while (errand := await self._do(partial(self._claim, name))) is not None:
                outcome = await self._run(way, errand)
                told = await self._do(partial(self._record, name, errand, outcome))
                self._on_mail(told)

    def _claim(self, channel: str, unit: Unit) -> Errand | None:
        now = self._clock()
        return MassSends(unit, now).claim(channel, new_token(self._holder), LEASE, self._store(unit, now).audiences)

    async def _run(self, way: Massing, errand: Errand) -> Asked | NotSent:
        try:
            async with asyncio.timeout(CALL_WITHIN):
                if errand.number:
                    return await way.mass_became(errand.number)
                return await way.mass_send(errand.key, errand.people, errand.text)
        except Exception as error:  # noqa: BLE001  # whatever a channel did, it is tried again with the same key
            log.warning("mass_send_fault", kind=type(error).__name__)
            return NotSent(Failure.RETRY, type(error).__name__)

    # --- what follows

    def _record(self, channel: str, errand: Errand, outcome: Asked | NotSent, unit: Unit) -> set[tuple[str, int]]:
        now = self._clock()
        sends = MassSends(unit, now)
        if isinstance(outcome, Asked):
            ChannelFaults(unit, now).works(kind_of(channel))
            return self._heard(unit, sends, channel, errand, outcome)
        match outcome.failure:
            case Failure.RETRY:
                sends.again(errand, now + min(AGAIN_AFTER * 2 ** min(errand.tries, 8), LONGEST))
            case Failure.PAUSED:
                until = outcome.retry_at or now + AGAIN_AFTER
                Paces(unit, now).pause(kind_of(channel), until)
                sends.not_now(errand, until)
            case Failure.MISCONFIGURED:
                misconfigured(unit, now, kind_of(channel), now + PAUSE_WHEN_MISCONFIGURED, outcome.detail)
                sends.not_now(errand, now + PAUSE_WHEN_MISCONFIGURED)
            case _ if errand.number:
                sends.again(errand, now + LONGEST)
                sends.note(channel, MassSent(errand.number, UNSURE))
            case _:
                sends.refused(errand, outcome.detail)
        return set()

    def _heard(
        self, unit: Unit, sends: MassSends, channel: str, errand: Errand, outcome: Asked
    ) -> set[tuple[str, int]]:
        """The platform has it, or tells what became of it; the author hears that an administrator has to confirm it."""
        if errand.number:
            sends.again(errand, self._clock() + LONGEST)
            if outcome.became:
                sends.note(channel, MassSent(errand.number, outcome.became))
            return set()
        is_first = sends.is_first(errand)
        if not sends.asked(errand, outcome.number) or not is_first:
            return set()
        one = self._store(unit, self._clock()).announcements.get(errand.announcement)
        assert one is not None  # noqa: S101  # nothing of it is ever deleted
        people = len(errand.people)
        return tell_author(
            unit, self._clock(), one.number, self._channels, lambda language: self._words.massed(one, people, language)
        )
