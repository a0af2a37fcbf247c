"""Start the bot. Ctrl-C stops it and loses nothing; what it does, settings in the environment say."""

import argparse
import asyncio
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import Thread

import uvloop
from sqlalchemy import Engine

from bot.commands.foundation import database, prepare
from bot.commands.office import links
from bot.coordination import holder_at
from bot.refusal import Refused
from bot.serving import CannotListen, listen, serve
from bot.settings import Settings, load_settings, variables
from bot.telegram_name import named
from bot.wiring import Program


@dataclass(frozen=True, slots=True)
class Door:
    """A way in, told when people can write: for whom, what its link brings along, and who they are then."""

    role: str
    payload: str = ""
    name: str = ""


RESIDENTS = Door("居民 Resident")

# Which doors there are. It may put the database in order before anybody comes in.
Doors = Callable[[Settings, Engine], Sequence[Door]]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "settings:\n" + "\n".join(_line(one.name, one.default, one.meaning) for one in variables())


def _line(name: str, default: str, meaning: str) -> str:
    return f"  {name} [{default}]\n      {meaning}" if default else f"  {name}\n      {meaning}"


def run(_: argparse.Namespace) -> None:
    start(load_settings(), lambda *_: [RESIDENTS])


def start(settings: Settings, doors: Doors, advice: str = "") -> None:
    """Run until stopped; `advice` is told with the doors. Raises Refused."""
    try:
        listener = listen(settings.http_host, settings.http_port)
    except CannotListen as error:
        raise Refused(str(error)) from error
    with closing(listener):
        settings = settings.model_copy(update={"http_port": listener.getsockname()[1]})
        prepare(settings)
        with database(settings) as engine:
            found = doors(settings, engine)
        _serve(settings, listener, lambda: _greet(settings, found, advice))


def _greet(settings: Settings, doors: Sequence[Door], advice: str) -> None:
    """Say how to come in by the web chat now, and by Telegram as soon as it tells our name there."""
    print("\n".join(["网页聊天 Web chat:", *_lines(settings, doors, "web"), advice]), flush=True)
    if settings.telegram.token.get_secret_value():
        # Daemonic: whoever stops the program does not wait for Telegram.
        Thread(target=_greet_on_telegram, args=(settings, doors), daemon=True).start()


def _greet_on_telegram(settings: Settings, doors: Sequence[Door]) -> None:
    settings = named(settings)
    if settings.telegram.username:
        print("\n".join(["Telegram:", *_lines(settings, doors, "telegram")]), flush=True)
    else:
        print("Telegram 没有应答，请运行 minsheng doctor。Telegram does not answer: run minsheng doctor.", flush=True)


def _lines(settings: Settings, doors: Sequence[Door], channel: str) -> Iterator[str]:
    for door in doors:
        yield f"  {door.role}:  {links(settings, door.payload)[channel]}   {door.name}".rstrip()


def _serve(settings: Settings, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    async def running() -> None:
        holder = holder_at(settings.http_host, settings.http_port)
        await serve(Program(settings, holder=holder), listener, on_ready)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(running())
