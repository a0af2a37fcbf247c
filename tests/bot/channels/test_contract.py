"""Every channel against the same table."""

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import astuple
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import structlog

from bot.channels.base import NotSent, Sent
from bot.channels.telegram_settings import TelegramDriver, TelegramMode
from handlers.messages import Choice, Earlier, File, Kind, Outbound
from tests.bot.channels.contract import (
    CASES,
    CHANGES,
    FAILURES,
    PAUSE,
    QUESTION,
    SAID,
    Case,
    Change,
    Heard,
    Inbox,
    Joined,
    Misfortune,
    Said,
    Screen,
    Stage,
    assert_sound,
)
from tests.bot.channels.contract_acts import (
    PAPER,
    PAPER_NAME,
    PICTURE,
    VOICE,
    Act,
    Says,
    SendsPaper,
    SendsPictures,
    SendsVoice,
    Taps,
)
from tests.bot.channels.telegram_stage import telegram_stage
from tests.bot.channels.web_stage import web_stage
from tests.bot.channels.wechat_stage import wechat_stage

_LAST = "到此为止,这是最后一句"
_AGAIN = "what could not be stored comes again"
_AFTER = "acknowledged only after the commit"
_FILES: dict[str, tuple[Act, bytes]] = {
    "a photo is fetched": (SendsPictures(), PICTURE),
    "a voice message is fetched": (SendsVoice(), VOICE),
    "a document is fetched": (SendsPaper(), PAPER),
}

_NO_WAY_IN = "nobody can hand anything in: the bot itself asks Telegram"
_TELEGRAM_CANNOT = {Misfortune.AWAY: "Telegram keeps what is sent until the person looks"}
_POLLING_CANNOT = {"a forged message": _NO_WAY_IN, "a body of ten megabytes": _NO_WAY_IN}
_NO_PLATFORM = "no platform stands between us and the page: it takes a message, or it is away and asks for it later"
_NO_BLOCKING = "nobody is written to unless they have opened the page, so there is nothing to block"
_WEB_CANNOT = {
    "a photo with words": "the page has no captions: words are a message of their own",
    "something else": "the page only sends what there is a kind for, and anything else is refused",
    "an edit": "the page changes nothing that was sent",
    "blocking": _NO_BLOCKING,
    "coming back": _NO_BLOCKING,
} | dict.fromkeys(set(Misfortune) - {Misfortune.AWAY}, _NO_PLATFORM)
_OWN_CODES = "only the account itself makes codes with a parameter, so none of them holds junk"
_WECHAT_CANNOT = {
    "a photo with words": "WeChat has no captions: words are a message of their own",
    "an album": "WeChat does not tell which pictures were sent together",
    "an edit": "what was sent on WeChat stays as it is",
    "a link with junk": _OWN_CODES,
    "a link with too long a payload": _OWN_CODES,
    "coming back": "who follows again comes as who follows for the first time: WeChat tells no difference",
} | dict.fromkeys((change.label for change in CHANGES), "what was sent on WeChat stays as it is")
_PASSIVE_CANNOT = _WECHAT_CANNOT | dict.fromkeys(
    ("a tap on the first button", "a tap on the last button", "buttons", "many buttons"),
    "an account that may not push has no menus among its messages: choices are numbered lines",
)
_PASSIVE_CANNOT |= dict.fromkeys(Misfortune, "nothing is sent: what waits travels in the response to what people do")
_ACTIVE_CANNOT: dict[str, str] = _WECHAT_CANNOT | {
    Misfortune.PAUSED: "WeChat pauses us for a minute or until midnight, and tells no time",
    Misfortune.MOVED: "people keep the id by which an account knows them",
    Misfortune.AWAY: "WeChat keeps what is sent until the person looks",
}
JOINED = [
    Joined(
        f"telegram {driver} {mode}",
        partial(telegram_stage, driver, mode),
        _TELEGRAM_CANNOT | (_POLLING_CANNOT if mode is TelegramMode.POLLING else {}),
    )
    for driver in TelegramDriver
    for mode in TelegramMode
] + [
    Joined("web chat", web_stage, _WEB_CANNOT),
    Joined("wechat passive", partial(wechat_stage, active=False, as_json=False), _PASSIVE_CANNOT),
    Joined("wechat active", partial(wechat_stage, active=True, as_json=True), _ACTIVE_CANNOT),
]
_LABELS = {one.label for one in (*CASES, *SAID, *CHANGES)} | set(Misfortune) | {_AGAIN, _AFTER, *_FILES}


class Silence:
    """Watches all logs of a test, ours and the libraries', at any level."""

    def __init__(self, caplog: pytest.LogCaptureFixture, events: list[structlog.typing.EventDict]) -> None:
        self._caplog = caplog
        self._events = events

    def assert_kept(self, stage: Stage, *texts: str) -> None:
        """No secret and none of the texts was logged, in whatever writing."""
        formatter = logging.Formatter("%(name)s %(message)s")
        lines = [repr(event) for event in self._events]
        lines += [formatter.format(record) for record in self._caplog.records]
        words = [*stage.secrets, *(text for text in texts if len(text) > 2)]
        written = {form for word in words for form in (word, repr(word)[1:-1], ascii(word)[1:-1])}
        assert not [line for line in lines if any(word in line for word in written)]


@pytest.fixture
def silence(caplog: pytest.LogCaptureFixture) -> Iterator[Silence]:
    caplog.set_level(logging.DEBUG)
    with structlog.testing.capture_logs() as events:
        yield Silence(caplog, events)


def who_can(label: str) -> list[Joined]:
    return [joined for joined in JOINED if label not in joined.cannot]


def rows(*labels: str) -> list[tuple[str, Joined]]:
    return [(label, joined) for label in labels for joined in who_can(label)]


def named(value: object) -> str | None:
    match value:
        case Joined(name):
            return name
        case Case(label) | Said(label) | Change(label):
            return label
        case str():
            return str(value)
    return None


def out(stage: Stage, text: str, choices: tuple[Choice, ...] = (), file: File | None = None) -> Outbound:
    return Outbound(stage.channel.name, stage.address, "out:1", text, choices, file, message_id=1)


async def stored(said: Said, folder: Path) -> File | None:
    if said.file is None:
        return None
    path = folder / f"{said.label}-{len(said.file)}-{sum(said.file)}"
    await asyncio.to_thread(path.write_bytes, said.file)
    return File(str(path), said.file_name, said.media_type)


def seen(said: Said, text: str) -> Screen:
    is_picture = said.media_type.startswith("image/")
    name = "" if is_picture else said.file_name
    return Screen(text, tuple(choice.label for choice in said.choices), said.file, name, is_picture)


async def play(stage: Stage, case: Case) -> None:
    for act in case.acts:
        if isinstance(act, Taps):
            assert isinstance(await stage.channel.send(out(stage, QUESTION[0], QUESTION[1])), Sent)
            await stage.screens(1)
        await stage.act(act)


@pytest.mark.parametrize(("case", "joined"), [(c, j) for c in CASES for j in who_can(c.label)], ids=named)
async def test_what_is_done_is_understood(case: Case, joined: Joined, silence: Silence) -> None:
    inbox = Inbox()
    async with joined.stage(inbox.receive) as stage:
        await play(stage, case)
        await inbox.wait_for(len(case.heard))
        await stage.act(Says(_LAST))
        await inbox.wait_until(lambda: inbox.inbounds[-1:] != [] and inbox.inbounds[-1].text == _LAST)
    assert inbox.heard() == [*case.heard, Heard(Kind.TEXT, _LAST)]
    for inbound in inbox.inbounds:
        assert_sound(inbound, stage)
    keys = {inbound.key for inbound in inbox.inbounds}
    assert len(keys) == (2 if case.repeats else len(inbox.inbounds))
    assert len({inbound.group for inbound in inbox.inbounds if inbound.group}) <= 1
    silence.assert_kept(stage, _LAST, *(text for act in case.acts for text in astuple(act) if isinstance(text, str)))


@pytest.mark.parametrize(("label", "joined"), rows(*_FILES), ids=named)
async def test_a_file_is_fetched_as_it_was_sent(label: str, joined: Joined, silence: Silence) -> None:
    act, content = _FILES[label]
    inbox = Inbox()
    async with joined.stage(inbox.receive) as stage:
        await stage.act(act)
        await inbox.wait_for(1)
        (attachment,) = inbox.inbounds[0].attachments
        assert (await stage.channel.fetch(attachment.platform_id)).content == content
    assert attachment.size in (None, len(content))
    assert attachment.name == (PAPER_NAME if attachment.kind is Kind.DOCUMENT else attachment.name)
    silence.assert_kept(stage, PAPER_NAME)


@pytest.mark.parametrize(("label", "joined"), rows(_AGAIN), ids=named)
async def test_what_could_not_be_stored_comes_again(label: str, joined: Joined, silence: Silence) -> None:
    inbox = Inbox()
    inbox.faults = 2
    async with joined.stage(inbox.receive) as stage:
        await stage.act(Says(label))
        await inbox.wait_for(1)
        await stage.act(Says(_LAST))
        await inbox.wait_for(2)
    assert inbox.heard() == [Heard(Kind.TEXT, label), Heard(Kind.TEXT, _LAST)]
    silence.assert_kept(stage, label, _LAST)


@pytest.mark.parametrize(("label", "joined"), rows(_AFTER), ids=named)
async def test_nothing_is_acknowledged_before_its_commit(label: str, joined: Joined) -> None:
    inbox = Inbox()
    inbox.gate.clear()
    async with joined.stage(inbox.receive) as stage:
        await stage.act(Says(label))
        await inbox.wait_until(lambda: inbox.arrivals > 0)
        assert stage.still_holds()
        inbox.gate.set()
        await stage.lets_go()
    assert inbox.heard() == [Heard(Kind.TEXT, label)]


@pytest.mark.parametrize(("said", "joined"), [(s, j) for s in SAID for j in who_can(s.label)], ids=named)
async def test_what_is_said_arrives_as_it_was_said(
    said: Said, joined: Joined, silence: Silence, tmp_path: Path
) -> None:
    async with joined.stage(Inbox().receive) as stage:
        limit = stage.channel.capabilities.text_limit
        text = "路" * (limit // 3 if stage.channel.capabilities.limit_in_bytes else limit)
        text = text if said.text is None else said.text
        outcome = await stage.channel.send(out(stage, text, said.choices, await stored(said, tmp_path)))
        assert isinstance(outcome, Sent)
        (screen,) = await stage.screens(1)
    assert screen == seen(said, text)
    silence.assert_kept(stage, text, said.file_name)


@pytest.mark.parametrize(("change", "joined"), [(c, j) for c in CHANGES for j in who_can(c.label)], ids=named)
async def test_what_is_changed_is_seen_in_its_place(
    change: Change, joined: Joined, silence: Silence, tmp_path: Path
) -> None:
    async with joined.stage(Inbox().receive) as stage:
        assert stage.channel.capabilities.edits
        earlier = None
        for number, said in enumerate((change.first, *change.then), start=1):
            message = out(stage, said.text or "", said.choices, await stored(said, tmp_path))
            outcome = await stage.channel.send(message._replace(message_id=number, edits=earlier))
            assert isinstance(outcome, Sent)
            earlier = Earlier(number, outcome.platform_id, said.file is not None)
            earlier = Earlier(77, "77", said.file is not None) if change.is_gone else earlier
        assert isinstance(await stage.channel.send(out(stage, _LAST)._replace(message_id=99)), Sent)
        screens = await stage.screens(3 if change.is_gone else 2)
    assert screens[-1].text == _LAST
    if change.is_gone:
        assert screens[0] == seen(change.first, change.first.text or "")
    assert len(screens) == (3 if change.is_gone else 2)
    assert_shows(screens[-2], change.then[-1])
    silence.assert_kept(stage, *(said.text or "" for said in (change.first, *change.then)))


def assert_shows(screen: Screen, said: Said) -> None:
    """A file that it had may have stayed where it has none."""
    expected = seen(said, said.text or "")
    assert (screen.text, screen.labels) == (expected.text, expected.labels)
    assert said.file is None or screen == expected


@pytest.mark.parametrize(("misfortune", "joined"), [(m, j) for m in Misfortune for j in who_can(m)], ids=named)
async def test_every_failure_of_a_send_has_its_kind(misfortune: Misfortune, joined: Joined, silence: Silence) -> None:
    async with joined.stage(Inbox().receive) as stage:
        await stage.strike(misfortune)
        before = datetime.now(UTC)
        outcome = await stage.channel.send(out(stage, misfortune))
        after = datetime.now(UTC)
    assert isinstance(outcome, NotSent)
    assert outcome.failure is FAILURES[misfortune]
    assert bool(outcome.moved_to) == (misfortune is Misfortune.MOVED)
    assert bool(outcome.retry_at) == (misfortune is Misfortune.PAUSED)
    if outcome.retry_at:
        assert before + PAUSE <= outcome.retry_at <= after + PAUSE
    silence.assert_kept(stage, misfortune)


def test_whoever_cannot_do_something_says_what_and_why() -> None:
    for joined in JOINED:
        assert joined.cannot.keys() <= _LABELS
        assert all(len(reason) > 10 for reason in joined.cannot.values())


def test_the_table_is_worth_its_name() -> None:
    assert len(_LABELS) == len(CASES) + len(SAID) + len(CHANGES) + len(Misfortune) + 2 + len(_FILES)
    assert len(CASES) >= 20
    assert FAILURES.keys() == set(Misfortune)
