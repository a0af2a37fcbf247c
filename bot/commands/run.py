"""Start the bot. Ctrl-C stops it and loses nothing; what it does, settings in the environment say."""

import argparse
import asyncio
import socket
from collections.abc import Callable, Iterable
from contextlib import closing

import uvloop
from sqlalchemy import Engine

from bot.commands.foundation import address, database, prepare
from bot.coordination import holder_at
from bot.refusal import Refused
from bot.serving import CannotListen, listen, serve
from bot.settings import Settings, load_settings, variables
from bot.wiring import Program

# The lines to print when people can write. It may put the database in order before anybody does.
Greeting = Callable[[Settings, Engine], Iterable[str]]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "settings:\n" + "\n".join(_line(one.name, one.default, one.meaning) for one in variables())


def _line(name: str, default: str, meaning: str) -> str:
    return f"  {name} [{default}]\n      {meaning}" if default else f"  {name}\n      {meaning}"


def run(_: argparse.Namespace) -> None:
    start(load_settings(), lambda settings, _: [f"网页聊天 Web chat: {address(settings)}/chat"])


def start(settings: Settings, greeting: Greeting) -> None:
    """Run until stopped. Raises Refused."""
    try:
        listener = listen(settings.http_host, settings.http_port)
    except CannotListen as error:
        raise Refused(str(error)) from error
    with closing(listener):
        settings = settings.model_copy(update={"http_port": listener.getsockname()[1]})
        prepare(settings)
        with database(settings) as engine:
            lines = list(greeting(settings, engine))
        _serve(settings, listener, lambda: print("\n".join(lines), flush=True))


def _serve(settings: Settings, listener: socket.socket, on_ready: Callable[[], None]) -> None:
    async def running() -> None:
        holder = holder_at(settings.http_host, settings.http_port)
        await serve(Program(settings, holder=holder), listener, on_ready)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(running())
