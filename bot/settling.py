"""What follows from the outcome of a send, for its row, its chat and its channel."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from bot.channels.base import Failure, Knock, NotSent, Outcome, Sent
from storage.audit import Actor, Audit
from storage.channel_faults import ChannelFaults
from storage.consents import Consents
from storage.database import Unit
from storage.outbox import Claimed, Held, Outbox, Settled
from storage.outbox_states import AWAITS_CONTACT
from storage.paces import Paces
from storage.people import People
from storage.push_windows import PushWindows

PAUSE_WHEN_MISCONFIGURED = timedelta(minutes=1)
LONGEST_BACK_OFF = 300  # seconds

_STATES = {
    Failure.RETRY: "waiting",
    Failure.PAUSED: "waiting",
    Failure.MISCONFIGURED: "waiting",
    Failure.WINDOW_CLOSED: "held",
    Failure.ABSENT: "held",
    Failure.UNREACHABLE: "held",
    Failure.REFUSED: "failed",
}

log = structlog.get_logger(__name__)


class Finished(NamedTuple):
    """A row that is no longer in hand since `at`.

    `outcome` is None when it could not leave under its lease; `due_at` is when it is to be tried again.
    """

    row: Claimed
    outcome: Outcome | None
    at: datetime
    due_at: datetime | None = None

    @property
    def sent(self) -> list[tuple[Held, str]]:
        """The row, if it was sent, and those that went along with it, each with the platform's id of the message."""
        if not isinstance(self.outcome, Sent):
            return []
        along = (Held(number, self.row.account_id, self.row.token) for number in self.outcome.along)
        return [(row, self.outcome.platform_id) for row in (self.row, *along)]


def due_at(row: Claimed, outcome: Outcome | None, now: datetime) -> datetime | None:
    """When a row that was not sent is tried again; None: not before something happens."""
    if not isinstance(outcome, NotSent) or _STATES[outcome.failure] != "waiting":
        return None
    if outcome.failure is Failure.MISCONFIGURED:
        return now + PAUSE_WHEN_MISCONFIGURED
    return outcome.retry_at or now + timedelta(seconds=min(2**row.attempts, LONGEST_BACK_OFF))


def settle(unit: Unit, now: datetime, finished: Sequence[Finished], rest: timedelta) -> None:
    """Record what became of one channel's rows, and give their chats back; `rest` after each that was written to."""
    outbox = Outbox(unit, now)
    # Who lost a chat's lease no longer says anything about it.
    failed = [one for one in finished if isinstance(one.outcome, NotSent) and outbox.holds(one.row)]
    outbox.settle([settled for one in finished if one.outcome is not None for settled in _settled(one, one.outcome)])
    for one in failed:
        _heed(unit, outbox, one)
    if any(isinstance(one.outcome, Sent) for one in finished):
        ChannelFaults(unit, now).works(finished[0].row.channel)
    elif any(one.due_at and not _is_notice(one.outcome) for one in failed):
        ChannelFaults(unit, now).fails(finished[0].row.channel)
    resting = [one for one in finished if rest and isinstance(one.outcome, Sent)]
    outbox.rest([(one.row, one.at + rest) for one in resting])
    outbox.release([one.row for one in finished if one not in resting])


def _settled(finished: Finished, outcome: Outcome) -> list[Settled]:
    if isinstance(outcome, NotSent):
        why = _plain(f"{outcome.failure} {outcome.detail}".strip(), 40)
        return [Settled(finished.row, _STATES[outcome.failure], finished.due_at, failure=why)]
    return [
        Settled(row, "sent", platform_id=_plain(key, 100), used=outcome.used if row is finished.row else 0)
        for row, key in finished.sent
    ]


def _heed(unit: Unit, outbox: Outbox, finished: Finished) -> None:
    """What a failure means beyond its row."""
    row, outcome = finished.row, finished.outcome
    assert isinstance(outcome, NotSent)  # noqa: S101  # the caller has looked
    detail = _plain(outcome.detail, 60)
    paces = Paces(unit, outbox.now)
    people = People(unit, outbox.now, Audit(unit, outbox.now, Actor()))
    match outcome.failure:
        case Failure.PAUSED if finished.due_at:
            paces.pause(row.channel, finished.due_at)
        case Failure.MISCONFIGURED if finished.due_at:
            paces.pause(row.channel, finished.due_at, detail)
            log.error("channel_misconfigured", channel=row.channel, detail=detail)
        # No push reaches them: staff see that, and their next message lets go what is held.
        case Failure.UNREACHABLE:
            people.mark_unreachable(row.account_id, detail[:40] or outcome.failure.value)
            outbox.hold(row.account_id, outcome.failure.value)
        case Failure.WINDOW_CLOSED:
            _await_contact(unit, outbox, people, row)
        case Failure.RETRY if _is_notice(outcome):
            _await_contact(unit, outbox, people, row)
        case Failure.ABSENT:
            outbox.hold(row.account_id, outcome.failure.value)
    for knock in outcome.knocks:
        _heed_knock(unit, outbox, row, knock)
    if outcome.moved_to:
        people.move_account(row.account_id, _plain(outcome.moved_to, 128))


def _await_contact(unit: Unit, outbox: Outbox, people: People, row: Claimed) -> None:
    """Nothing more is pushed to the row's person before they write, unless they did so while it was in hand."""
    if PushWindows(unit, outbox.now).close(row.account_id, row.window):
        people.mark_unreachable(row.account_id, AWAITS_CONTACT)
        outbox.hold(row.account_id, AWAITS_CONTACT)
    else:
        outbox.revive(row.channel, [row.external_id])


def _is_notice(outcome: Outcome | None) -> bool:
    """Whether only notices were tried, for somebody with no window: that says nothing of the channel."""
    return isinstance(outcome, NotSent) and bool(outcome.knocks)


def _heed_knock(unit: Unit, outbox: Outbox, row: Claimed, knock: Knock) -> None:
    """What a try to tell somebody of a row means for their consents, and for other such tries."""
    name = f"{row.channel} {knock.kind}"
    if knock.failure is None:
        ChannelFaults(unit, outbox.now).works(name)
    if knock.failure is Failure.MISCONFIGURED:
        misconfigured(unit, outbox.now, name, outbox.now + PAUSE_WHEN_MISCONFIGURED, knock.detail)
    if knock.consent and knock.failure is None:
        Consents(unit).use(row.account_id, knock.consent)
    elif knock.consent and knock.failure is Failure.WINDOW_CLOSED:
        Consents(unit).end(row.account_id, knock.consent)


def misconfigured(unit: Unit, now: datetime, kind: str, until: datetime, detail: str) -> None:
    """A kind of push beside a channel's messages is set up wrong: nothing else is stopped by that; staff hear of it
    once."""
    Paces(unit, now).pause(kind, until, _plain(detail, 60))
    ChannelFaults(unit, now).fails(kind)
    log.error("channel_misconfigured", channel=kind, detail=_plain(detail, 60))


def _plain(text: str, most: int) -> str:
    """What a platform said, so that it can be stored: a row whose outcome cannot would be sent again and again."""
    return "".join(character for character in text if character.isprintable())[:most]
